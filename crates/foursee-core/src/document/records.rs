//! What a document of events is made of: lines, or the members of the lists that an export wraps them in.

use super::Head;

/// One record: where it begins, its text, whether it came to its end, and what it is.
pub(super) struct Record<'t> {
    pub(super) at: usize,
    pub(super) text: &'t str,
    pub(super) whole: bool,
    pub(super) sort: Sort,
}

/// What a record is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sort {
    /// It may be one.
    Open,
    /// A word among JSON texts that JSON does not have.
    NoJson,
    /// JSON that is no object: no event, where others are objects.
    NoObject,
    /// What is around the record before it, with which it broke off.
    Around,
}

/// Gives every record of a text, in order.
pub(super) fn records<'t>(text: &'t str, wraps: &[&str], mut each: impl FnMut(Record<'t>)) {
    if wrapped(text, wraps) {
        Texts { text, at: 0 }.walk(wraps, &mut each);
        return;
    }
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim();
        let other = !wraps.is_empty() && !line.is_empty() && !line.starts_with('{');
        each(Record {
            at,
            text: whole.trim_end_matches(['\n', '\r']),
            whole: whole.ends_with('\n'),
            sort: if other && is_json(line) {
                Sort::NoObject
            } else {
                Sort::Open
            },
        });
        at += whole.len();
    }
}

/// How a list ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// By its bracket.
    Closed,
    /// Within the last record that it gave.
    Within,
    /// Between two of them.
    Between,
}

/// Whether the first JSON text holds a list of events, or stands on several lines.
fn wrapped(text: &str, wraps: &[&str]) -> bool {
    let start = text.len() - text.trim_start().len();
    if wraps.is_empty() || !matches!(text.as_bytes().get(start), Some(b'{' | b'[')) {
        return false;
    }
    let head = Head::new("", text);
    if wraps.iter().any(|key| head.has_key(key)) || text.as_bytes().get(start) == Some(&b'[') {
        return true;
    }
    let first = text
        .get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let (end, whole) = value_end(first, 0);
    // A first line that breaks off is a break, where the next begins anew.
    let next = text.get(start + first.len()..).unwrap_or_default().trim_start();
    !whole && end >= first.trim_end().len() && !next.starts_with('{')
}

/// JSON texts, one behind the other.
struct Texts<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Texts<'t> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, these: &[u8]) {
        while self.byte().is_some_and(|byte| these.contains(&byte)) {
            self.at += 1;
        }
    }

    fn walk(mut self, wraps: &[&str], each: &mut impl FnMut(Record<'t>)) {
        loop {
            self.skip(b" \t\r\n,");
            match self.byte() {
                None => return,
                Some(b'{') => self.object(wraps, each),
                Some(b'[') => {
                    let begin = self.at;
                    if self.list(each) == End::Between {
                        each(Record {
                            at: begin,
                            text: "[",
                            whole: false,
                            sort: Sort::NoJson,
                        });
                    }
                }
                Some(_) => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    let line = rest.lines().next().unwrap_or_default();
                    each(Record {
                        at: self.at,
                        text: line,
                        whole: true,
                        sort: word(line),
                    });
                    self.at += line.len().max(1);
                }
            }
        }
    }

    /// An object: the members of its lists that hold events, or itself where it has none.
    fn object(&mut self, wraps: &[&str], each: &mut impl FnMut(Record<'t>)) {
        let begin = self.at;
        let (mut held, mut end_of_list) = (false, End::Closed);
        self.at += 1;
        let whole = loop {
            self.skip(b" \t\r\n,");
            match self.byte() {
                Some(b'}') => {
                    self.at += 1;
                    break true;
                }
                Some(b'"') => {}
                _ => break false,
            }
            let key_at = self.at + 1;
            let (end, ended) = value_end(self.text, self.at);
            let key = self.text.get(key_at..end.saturating_sub(1)).unwrap_or_default();
            self.at = end;
            self.skip(b" \t\r\n:");
            if !ended {
                break false;
            }
            if wraps.contains(&key) && self.byte() == Some(b'[') {
                held = true;
                end_of_list = self.list(each);
                continue;
            }
            let (end, ended) = value_end(self.text, self.at);
            let value = self.text.get(self.at..end).unwrap_or_default();
            self.at = end;
            if !ended || !is_json(value) {
                break false;
            }
        };
        if !held || !whole {
            // What broke off behind its events is a break all the same.
            self.at = if whole { self.at } else { self.text.len() };
            each(Record {
                at: begin,
                text: if held {
                    "{"
                } else {
                    self.text.get(begin..self.at).unwrap_or_default()
                },
                whole,
                sort: match end_of_list {
                    End::Within => Sort::Around,
                    End::Closed | End::Between => Sort::Open,
                },
            });
        }
    }

    fn list(&mut self, each: &mut impl FnMut(Record<'t>)) -> End {
        self.at += 1;
        let mut ended = End::Between;
        loop {
            self.skip(b" \t\r\n,");
            match self.byte() {
                None => return ended,
                Some(b']') => {
                    self.at += 1;
                    return End::Closed;
                }
                Some(_) => {}
            }
            let (end, whole) = value_end(self.text, self.at);
            let end = end.max(self.at + 1);
            let text = self.text.get(self.at..end).unwrap_or_default();
            each(Record {
                at: self.at,
                text,
                whole,
                sort: word(text),
            });
            ended = if whole { End::Between } else { End::Within };
            self.at = end;
        }
    }
}

/// What a JSON text among others is; whoever is given an object reads it whole.
fn word(text: &str) -> Sort {
    match text.starts_with('{') {
        true => Sort::Open,
        false if is_json(text) => Sort::NoObject,
        false => Sort::NoJson,
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Where the JSON value that begins at a byte ends, and whether it does.
fn value_end(text: &str, from: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut quoted) = (from, 0usize, false);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if quoted {
            match byte {
                b'\\' => at += 1,
                b'"' => quoted = false,
                _ => continue,
            }
            if depth == 0 && !quoted {
                return (at.min(text.len()), true);
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return (at - 1, true),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return (at, true);
                }
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return (at - 1, true),
            _ => {}
        }
    }
    (text.len(), depth == 0 && !quoted)
}

#[cfg(test)]
mod tests {
    use super::{Sort, records};

    fn of(text: &str) -> Vec<(&str, bool)> {
        let mut all = Vec::new();
        records(text, &["items", "events"], |one| {
            assert!(text[one.at..].starts_with(one.text));
            all.push((one.text, one.whole));
        });
        all
    }

    #[test]
    fn lines_are_records_and_so_are_members_of_lists() {
        assert_eq!(
            of("{\"a\":1}\n{\"b\":"),
            [("{\"a\":1}", true), ("{\"b\":", false)]
        );
        assert_eq!(
            of("{\"a\":\n{\"b\":2}\n"),
            [("{\"a\":", true), ("{\"b\":2}", true)]
        );
        let list = "{\"kind\":\"L\",\"items\":[{\"a\":\"]}\\\"\"},\n {\"b\":[1]}],\"next\":{}}\n{\"events\":[{\"c\":3}]} {\"d\":4}";
        assert_eq!(
            of(list),
            [
                ("{\"a\":\"]}\\\"\"}", true),
                ("{\"b\":[1]}", true),
                ("{\"c\":3}", true),
                ("{\"d\":4}", true)
            ]
        );
        assert_eq!(
            of("{\n \"a\": 1\n}\n{\n \"b\": 2\n}"),
            [("{\n \"a\": 1\n}", true), ("{\n \"b\": 2\n}", true)]
        );
        assert_eq!(of("[{\"a\":1},\n2]"), [("{\"a\":1}", true), ("2", true)]);
    }

    #[test]
    fn words_that_json_does_not_have_are_no_records() {
        let of = |text: &str| {
            let mut all = Vec::new();
            records(text, &["events"], |one| {
                all.push((one.text.to_owned(), one.whole && one.sort != Sort::NoJson))
            });
            all
        };
        let said = |all: &[(&str, bool)]| {
            all.iter()
                .map(|(text, ok)| ((*text).to_owned(), *ok))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of("{\"events\":[{},NaN,null]}"),
            said(&[("{}", true), ("NaN", false), ("null", true)])
        );
        assert_eq!(
            of("{\"events\":[{}],\"more\":--1}"),
            said(&[("{}", true), ("{", false)])
        );
        assert_eq!(
            of("{\"events\":[{}],\"more\":[01]}"),
            said(&[("{}", true), ("{", false)])
        );
        assert_eq!(of("{\"events\":[{}]} x"), said(&[("{}", true), ("x", false)]));
        assert_eq!(of("{\"events\":[{}],\"more\":[1,{}]}"), said(&[("{}", true)]));
    }

    #[test]
    fn what_is_around_a_record_that_breaks_off_is_told_apart() {
        let of = |text: &str| {
            let mut all = Vec::new();
            records(text, &["items"], |one| all.push((one.at, one.whole, one.sort)));
            all
        };
        // Within a record; between two of them; behind them.
        assert_eq!(
            of("{\"items\":[{},{\"b\":"),
            [
                (10, true, Sort::Open),
                (13, false, Sort::Open),
                (0, false, Sort::Around)
            ]
        );
        assert_eq!(
            of("{\"items\":[{},"),
            [(10, true, Sort::Open), (0, false, Sort::Open)]
        );
        assert_eq!(
            of("{\"items\":[{}],"),
            [(10, true, Sort::Open), (0, false, Sort::Open)]
        );
        assert_eq!(of("[{},{\"b\":"), [(1, true, Sort::Open), (4, false, Sort::Open)]);
        assert_eq!(of("[{},"), [(1, true, Sort::Open), (0, false, Sort::NoJson)]);
        assert_eq!(of("[{}]"), [(1, true, Sort::Open)]);
        assert_eq!(of("[{},5]"), [(1, true, Sort::Open), (4, true, Sort::NoObject)]);
    }

    #[test]
    fn lines_of_json_that_are_no_objects_are_told_apart() {
        let of = |text: &str, wraps: &[&str]| {
            let mut all = Vec::new();
            records(text, wraps, |one| all.push(one.sort));
            all
        };
        let lines = "{}\nnull\n [1]\n\nword 1\n1 word\n\"x\"\n";
        let wanted = [
            Sort::Open,
            Sort::NoObject,
            Sort::NoObject,
            Sort::Open,
            Sort::Open,
            Sort::Open,
            Sort::NoObject,
        ];
        assert_eq!(of(lines, &["items"]), wanted);
        // Logs of other platforms have lines of their own.
        assert_eq!(of(lines, &[]), [Sort::Open; 7]);
    }

    #[test]
    fn what_breaks_off_says_so() {
        assert_eq!(
            of("{\"items\":[{\"a\":1},{\"b\":"),
            [("{\"a\":1}", true), ("{\"b\":", false), ("{", false)]
        );
        assert_eq!(of("{\"items\":[{\"a\":1}]"), [("{\"a\":1}", true), ("{", false)]);
        // Nothing that is broken is walked twice, or without end.
        for text in [
            "{\"items\":[}]",
            "{\"items\":[,,",
            "{\"items\" 1",
            "{\"items\":[\"\\",
            "{\"items\":[]}x\u{e9}\n]",
        ] {
            of(text);
        }
    }
}
