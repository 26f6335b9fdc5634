//! Several exports in one file: where one ends and the next begins.

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

/// A file whose first so many JSON texts are of one sort is one document (a log in JSON lines).
const LOOKED_AT: usize = 1_000;
/// How many keys of an object tell its sort.
const KEYS: usize = 256;
/// Keys that only say how a listing goes on: a last page lacks them.
const PAGING: &[&str] = &[
    "IsTruncated",
    "Marker",
    "NextMarker",
    "NextToken",
    "nextToken",
    "Position",
    "ResponseMetadata",
    "StartingToken",
];

/// Cuts a file in which several exports stand one after the other (`cat a.json b.json > all.json`) into one text a
/// sort, in order. Nothing but white space and byte-order marks between them is lost.
///
/// JSON texts are of one sort if they are both objects or both arrays, do not name two values of `kind`, and share at
/// least half of the fewer top-level keys (of an array: of its first item's), those for paging aside. So pages, JSON
/// lines and Kubernetes listings of one kind stay together. Lines that are no JSON between two JSON texts (the error
/// of a command) are a text of their own. Whatever does not begin as a JSON object, or as an array of objects, is one
/// text, and so is what follows a JSON text that does not parse.
///
/// ```
/// use foursee_capture::split;
/// assert_eq!(split(r#"{"Roles":[]} {"Roles":[]} {"Users":[]}"#), [r#"{"Roles":[]} {"Roles":[]}"#, r#"{"Users":[]}"#]);
/// ```
#[must_use]
pub fn split(text: &str) -> Vec<&str> {
    let whole = vec![text];
    if !opens_json(text) || !goes_on(text) {
        return whole;
    }
    let mut starts: Vec<(usize, Sort)> = Vec::new();
    let mut texts = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let trimmed = rest.trim_start_matches(is_between);
        if trimmed.is_empty() {
            break;
        }
        let start = text.len() - trimmed.len();
        let (sort, len) = next(trimmed);
        at = start + len;
        texts += 1;
        match starts.last_mut() {
            Some((_, last)) if last.is_like(&sort) && !text.get(..start).is_some_and(ends_marked) => {
                last.learn(sort)
            }
            _ => starts.push((start, sort)),
        }
        if texts == LOOKED_AT && starts.len() == 1 {
            return whole;
        }
    }
    if starts.len() < 2 {
        return whole;
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([text.len()]);
    let parts = starts
        .iter()
        .zip(ends)
        .filter_map(|((start, _), end)| text.get(*start..end));
    parts.map(|part| part.trim_end_matches(is_between)).collect()
}

/// What may stand between two texts.
fn is_between(one: char) -> bool {
    matches!(one, ' ' | '\t' | '\r' | '\n' | '\u{feff}')
}

/// A byte-order mark stands right before: a parser of JSON would not pass it.
fn ends_marked(before: &str) -> bool {
    before
        .trim_end_matches([' ', '\t', '\r', '\n'])
        .ends_with('\u{feff}')
}

/// Whether a text begins as an object, or as an array of objects: not as a section of a settings file.
fn opens_json(text: &str) -> bool {
    let space = [' ', '\t', '\r', '\n'];
    let text = text.trim_start_matches(space);
    match (text.strip_prefix('{'), text.strip_prefix('[')) {
        (Some(inside), _) => inside.trim_start_matches(space).starts_with(['"', '}']),
        (_, Some(inside)) => inside.trim_start_matches(space).starts_with(['{', ']']),
        _ => false,
    }
}

/// Whether something may follow the first JSON text: outside of every string a bracket closes, and what comes next
/// could not stand in JSON. Exact up to the end of the first JSON text, and much cheaper than reading it.
fn goes_on(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut strings = Strings { at: 0, inside: false };
    memchr::memchr2_iter(b'}', b']', bytes).any(|at| {
        let mut rest = bytes.get(at + 1..).unwrap_or_default();
        while let [b' ' | b'\t' | b'\r' | b'\n', after @ ..] | [0xef, 0xbb, 0xbf, after @ ..] = rest {
            rest = after;
        }
        !matches!(rest, [] | [b',' | b'}' | b']', ..]) && !strings.hold(bytes, at)
    })
}

/// Which bytes stand in a string. No string of JSON goes over the end of its line.
struct Strings {
    at: usize,
    inside: bool,
}

impl Strings {
    /// Whether byte `end` does, which lies behind those that were asked for before.
    fn hold(&mut self, bytes: &[u8], end: usize) -> bool {
        let mut rest = bytes.get(self.at..end).unwrap_or_default();
        if let Some(line) = memchr::memrchr(b'\n', rest) {
            self.inside = false;
            rest = rest.get(line + 1..).unwrap_or_default();
        }
        while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
            let escapes = rest.get(at) == Some(&b'\\');
            self.inside ^= !escapes;
            rest = rest.get(at + 1 + usize::from(escapes)..).unwrap_or_default();
        }
        self.at = self.at.max(end);
        self.inside
    }
}

/// What the text that begins here is, and how long.
fn next(text: &str) -> (Sort, usize) {
    if opens_json(text) {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Sort>();
        return match stream.next() {
            Some(Ok(sort)) => (sort, stream.byte_offset()),
            _ => {
                // It is cut off: what could be read of it still tells its sort.
                let mut sort = Sort::default();
                let _ = Looking(&mut sort).deserialize(&mut serde_json::Deserializer::from_str(text));
                (sort, text.len())
            }
        };
    }
    // Lines up to the next that begins as JSON.
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && opens_json(line) && line.starts_with(['{', '[']) {
            break;
        }
        at += line.len();
    }
    (
        Sort {
            form: Form::Words,
            ..Sort::default()
        },
        at,
    )
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Form {
    #[default]
    Object,
    Array,
    Words,
    Scalar,
}

/// What tells texts of different exports apart.
#[derive(PartialEq, Eq, Debug, Default)]
struct Sort {
    form: Form,
    kind: Option<String>,
    keys: BTreeSet<String>,
}

impl Sort {
    fn is_like(&self, other: &Self) -> bool {
        if self.form != other.form {
            return false;
        }
        if let (Some(one), Some(two)) = (&self.kind, &other.kind)
            && one != two
        {
            return false;
        }
        let fewer = self.keys.len().min(other.keys.len());
        2 * self.keys.intersection(&other.keys).count() >= fewer
    }

    /// A text that says nothing (`[]`) leaves it to the next to say what sort they are.
    fn learn(&mut self, other: Self) {
        if self.keys.is_empty() {
            *self = other;
        }
    }
}

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut sort = Self::default();
        Looking(&mut sort).deserialize(deserializer)?;
        Ok(sort)
    }
}

/// Fills in a sort while reading, so that it is there even if the reading fails.
struct Looking<'a>(&'a mut Sort);

impl Looking<'_> {
    fn scalar<E>(self) -> Result<(), E> {
        self.0.form = Form::Scalar;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Looking<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Looking<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON text")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.form = Form::Object;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let is_kind = key == "kind";
            if !PAGING.contains(&&*key) && self.0.keys.len() < KEYS {
                self.0.keys.insert(key.into_owned());
            }
            if is_kind {
                self.0.kind = map.next_value::<Word>()?.0;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let first = seq.next_element_seed(Looking(&mut *self.0));
        self.0.form = Form::Array;
        first?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        self.scalar()
    }
    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.scalar()
    }
    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        self.scalar()
    }
    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        self.scalar()
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        self.scalar()
    }
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.scalar()
    }
}

/// A text, or nothing where the value is none.
struct Word(Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Word;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Word, E> {
                Ok(Word(Some(text.to_owned())))
            }
            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Word, E> {
                Ok(Word(None))
            }
            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Word, E> {
                Ok(Word(None))
            }
            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Word, E> {
                Ok(Word(None))
            }
            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Word, E> {
                Ok(Word(None))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Word, E> {
                Ok(Word(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Word, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Word(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Word, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Word(None))
            }
        }
        deserializer.deserialize_any(Reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_one_sort_stay_together() {
        for text in [
            "",
            "{}",
            "{\"a\":\"} {\"}",
            "{\"a\":1}\n{\"a\":2}\n",
            "[]\n[{\"Id\":\"a\",\"Created\":1}]\n[{\"Id\":\"b\"}]",
            "{\"Roles\":[],\"IsTruncated\":true,\"Marker\":\"x\"}\n{\"Roles\":[],\"IsTruncated\":false}",
            "{\"kind\":\"Event\",\"a\":1,\"b\":2,\"c\":3}\n{\"kind\":\"Event\",\"a\":1,\"b\":2,\"d\":3}",
            "kind: Role\n---\nkind: Pod\n",
            "[section]\nkey = [1]\n[other]\nkey = {}\n",
            "[2026-11-25 08:00:00] LOG: {\"a\":1}\n[2026-11-25 08:00:01] LOG: {\"b\":1}\n",
            "{=c/postgres}\n{\"a\":1}\n{\"b\":1}",
            "{\"a\":1, \"broken\": [1 2]}\n{\"b\":1}",
            "{\"a\":1}\n{\"a\":2",
        ] {
            assert_eq!(split(text), [text], "{text}");
        }
        let log = "{\"a\":1}\n".repeat(LOOKED_AT) + "{\"b\":1}";
        assert_eq!(split(&log), [&log]);
    }

    #[test]
    fn what_stands_in_strings_does_not_go_on() {
        for text in [
            "{\"a\":\"} x\"}",
            "{\"a\":\"\\\"} x\",\"b\":\"\\\\\"}",
            "{\"a\":\"{\\\"b\\\":{}}\\n\",\n\"c\":\"{}\\n\"}\n \u{feff}\n",
            "[{\"a\":\"[] [] {} {}\"}, [\"] x\"], {}]",
        ] {
            assert!(!goes_on(text), "{text}");
        }
        for text in [
            "{\"a\":\"}\"} x",
            "{\"a\":\"\\\"}\"}\n{}",
            "[\"\\\\\"]x",
            "{}\u{feff}{}",
        ] {
            assert!(goes_on(text), "{text}");
        }
    }

    #[test]
    fn texts_of_different_sorts_are_cut() {
        let cases: [(&str, &[&str]); 8] = [
            (
                "{\"Roles\":[]}{\"Users\":[]}",
                &["{\"Roles\":[]}", "{\"Users\":[]}"],
            ),
            (
                " {\"Roles\":[],\"IsTruncated\":false}\r\n{\"Users\":[],\"IsTruncated\":false}\r\n",
                &[
                    "{\"Roles\":[],\"IsTruncated\":false}",
                    "{\"Users\":[],\"IsTruncated\":false}",
                ],
            ),
            ("[{\"Id\":1}]\n{\"ID\":2}", &["[{\"Id\":1}]", "{\"ID\":2}"]),
            (
                "{\"a\":1}\n{\"b\":1}\n{\"b\":2}\n{\"a\":2}",
                &["{\"a\":1}", "{\"b\":1}\n{\"b\":2}", "{\"a\":2}"],
            ),
            (
                "{\"apiVersion\":\"v1\",\"kind\":\"Role\"}\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}",
                &[
                    "{\"apiVersion\":\"v1\",\"kind\":\"Role\"}",
                    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}",
                ],
            ),
            (
                "{\"a\":1}\nAn error occurred (AccessDenied)\nwhen calling {x}\n{\"a\":2}\n",
                &[
                    "{\"a\":1}",
                    "An error occurred (AccessDenied)\nwhen calling {x}",
                    "{\"a\":2}",
                ],
            ),
            ("{\"a\":1}\n\u{feff}{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"]),
            ("{\"a\":1}\n{\"b\":2", &["{\"a\":1}", "{\"b\":2"]),
        ];
        for (text, want) in cases {
            assert_eq!(split(text), want, "{text}");
        }
    }
}
