//! Places, shown: from a byte of a document to its JSON pointer and line, found only when it is printed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// A place as people and reports see it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Shown {
    /// The document's name.
    pub document: String,
    /// The JSON pointer of the innermost value that holds the byte; empty for text that is not JSON.
    pub pointer: String,
    /// The line, from 1; 0 where it is not known, because the text is not held.
    pub line: u32,
    /// The column in bytes, from 1; 0 with the line.
    pub column: u32,
}

/// Where items of a document's lists begin: a pointer is found by reading from the nearest one before it.
#[derive(Clone, Default, Debug)]
pub struct Landmarks {
    lists: Vec<String>,
    /// (offset of the item's first byte, its list, its index), in the order of offsets.
    items: Vec<(u32, u16, u32)>,
    /// Of a document of events, whose text is not held: what is left of it.
    folded: Option<Folded>,
}

/// What is left of a text whose lines were folded.
#[derive(Clone, Debug)]
struct Folded {
    bytes: u64,
    /// (offset, line) of the lines that something is said of, in the order of offsets.
    lines: Vec<(u32, u32)>,
}

impl Landmarks {
    /// Those of a text that is not held any more: how long it was, and where the lines begin that something is said of.
    pub(crate) fn folded(bytes: u64, lines: Vec<(u32, u32)>) -> Self {
        Self {
            folded: Some(Folded { bytes, lines }),
            ..Self::default()
        }
    }

    /// How long the text was, if it is not held any more.
    pub(crate) fn bytes_of_folded(&self) -> Option<u64> {
        self.folded.as_ref().map(|one| one.bytes)
    }

    /// Of a text that is not held any more, the line that begins at a byte, if that was noted.
    pub(crate) fn folded_line(&self, at: u32) -> Option<Option<u32>> {
        let lines = &self.folded.as_ref()?.lines;
        let found = lines.binary_search_by_key(&at, |line| line.0).ok();
        Some(found.and_then(|found| Some(lines.get(found)?.1)))
    }

    /// Notes that item `index` of the list at JSON pointer `list` ("/items") begins at byte `at`. Items are noted in
    /// the order in which they stand in the document.
    pub fn item(&mut self, list: &str, index: usize, at: u32) {
        let known = self.lists.iter().rposition(|one| one == list);
        let number = known.unwrap_or_else(|| {
            self.lists.push(list.to_owned());
            self.lists.len() - 1
        });
        if let (Ok(number), Ok(index)) = (u16::try_from(number), u32::try_from(index)) {
            self.items.push((at, number, index));
        }
    }

    fn before(&self, at: u32) -> (usize, String) {
        let behind = self.items.partition_point(|item| item.0 <= at);
        match behind.checked_sub(1).and_then(|last| self.items.get(last)) {
            Some((from, list, index)) => {
                let list = self.lists.get(usize::from(*list)).map_or("", String::as_str);
                (*from as usize, format!("{list}/{index}"))
            }
            None => (0, String::new()),
        }
    }
}

/// Where readings for a pointer were, so that the next one in the same long item goes on from there.
#[derive(Default)]
pub(crate) struct Waypoints(Mutex<BTreeMap<usize, Waypoint>>);

struct Waypoint {
    /// The landmark that it was read from.
    from: usize,
    pointer: String,
    open: Vec<(usize, Option<usize>)>,
    keyed: bool,
}

/// How many bytes are read between two waypoints.
const APART: usize = 64 * 1024;
/// Where a pointer is longer than this, there is none.
const LONGEST: usize = 4 * 1024;

/// The JSON pointer of the innermost value or key that holds byte `at` of `text`; empty for text that is not JSON.
pub(crate) fn pointer(text: &str, landmarks: &Landmarks, waypoints: &Waypoints, at: u32) -> String {
    let (from, base) = landmarks.before(at);
    // A landmark is an item of JSON, of whatever sort; without one, a scalar at the top has the empty pointer anyway.
    let begins = text.trim_start().bytes().next();
    if base.is_empty() && !matches!(begins, Some(b'{' | b'[')) {
        return String::new();
    }
    let mut scan = Scan::new(text, from, base);
    let at = at as usize;
    let mut known = waypoints.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((offset, waypoint)) = known.range(..=at).next_back().filter(|(_, one)| one.from == from) {
        scan.at = *offset;
        scan.pointer.clone_from(&waypoint.pointer);
        scan.open.clone_from(&waypoint.open);
        scan.keyed = waypoint.keyed;
    }
    let mut last = scan.offset();
    while let Some(_event) = scan.step() {
        if scan.offset() > at {
            break;
        }
        if scan.offset() > last + APART && scan.pointer().len() < LONGEST {
            last = scan.offset();
            known.insert(
                last,
                Waypoint {
                    from,
                    pointer: scan.pointer.clone(),
                    open: scan.open.clone(),
                    keyed: scan.keyed,
                },
            );
        }
    }
    scan.pointer().to_owned()
}

/// How many lines begin before each block of a text, and where the last of them does: a line is found without counting
/// from the top, and its column without going back to its beginning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines(Vec<(u32, usize)>);

/// The bytes of a block.
const BLOCK: usize = 4 * 1024;

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let mut before = (0u32, 0);
        let blocks = text.as_bytes().chunks(BLOCK).enumerate().map(|(number, block)| {
            let own = before;
            before.0 = before.0.saturating_add(breaks(block));
            if let Some(last) = last_break(block) {
                before.1 = number * BLOCK + last + 1;
            }
            own
        });
        Self(blocks.collect())
    }

    /// The line and column, from 1, of a byte.
    pub(crate) fn line(&self, text: &str, at: u32) -> (u32, u32) {
        let bytes = text.as_bytes();
        let at = (at as usize).min(bytes.len());
        let block = (at / BLOCK).min(self.0.len().saturating_sub(1));
        let (lines, begin) = self.0.get(block).copied().unwrap_or_default();
        let before = bytes.get(block * BLOCK..at).unwrap_or_default();
        let line = lines.saturating_add(breaks(before));
        let begin = last_break(before).map_or(begin, |last| block * BLOCK + last + 1);
        (
            line.saturating_add(1),
            u32::try_from(at - begin + 1).unwrap_or(u32::MAX),
        )
    }
}

fn breaks(bytes: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}

fn last_break(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\n', bytes)
}

/// A tolerant reader of JSON that says where it is. It takes anything: what is not JSON it steps over.
pub(crate) struct Scan<'a> {
    text: &'a str,
    at: usize,
    pointer: String,
    /// Where the innermost containers' own pointers end, and for lists the index of the current item.
    open: Vec<(usize, Option<usize>)>,
    /// The last thing read was a key and its colon: a value follows.
    keyed: bool,
}

/// One step of [`Scan`].
#[derive(Default)]
pub(crate) struct Event<'a> {
    /// How many containers enclose what was read.
    pub depth: usize,
    /// A key of an object.
    pub key: Option<Cow<'a, str>>,
    /// A scalar; texts without their quotes.
    pub scalar: Option<Cow<'a, str>>,
    /// A container ended.
    pub closed: bool,
}

/// Deeper containers than this are stepped over without pointers: no real export nests so.
const DEEPEST: usize = 512;

impl<'a> Scan<'a> {
    pub(crate) fn new(text: &'a str, at: usize, base: String) -> Self {
        Self {
            text,
            at,
            pointer: base,
            open: Vec::new(),
            keyed: false,
        }
    }

    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }

    pub(crate) fn step(&mut self) -> Option<Event<'a>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let first = rest.bytes().next()?;
            match first {
                b' ' | b'\t' | b'\r' | b'\n' | b':' => self.at += 1,
                b',' => {
                    self.at += 1;
                    self.keyed = false;
                    if let Some((_, Some(index))) = self.open.last_mut() {
                        *index += 1;
                    }
                }
                b'{' | b'[' => {
                    self.enter_value();
                    self.at += 1;
                    self.keyed = false;
                    if self.open.len() < DEEPEST {
                        self.open.push((self.pointer.len(), (first == b'[').then_some(0)));
                    }
                    return Some(Event {
                        depth: self.open.len().saturating_sub(1),
                        ..Event::default()
                    });
                }
                b'}' | b']' => {
                    self.at += 1;
                    self.keyed = false;
                    let (end, _) = self.open.pop().unwrap_or((0, None));
                    self.pointer.truncate(end);
                    return Some(Event {
                        depth: self.open.len(),
                        closed: true,
                        ..Event::default()
                    });
                }
                b'"' => {
                    let inside = rest.get(1..).unwrap_or_default();
                    let len = text_end(inside);
                    let raw = inside.get(..len).unwrap_or_default();
                    self.at += (len + 2).min(rest.len());
                    let in_object = matches!(self.open.last(), Some((_, None)));
                    if in_object && !self.keyed {
                        let key = unescape(raw);
                        self.back_to_container();
                        self.pointer.push('/');
                        if key.contains(['~', '/']) {
                            self.pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                        } else {
                            self.pointer.push_str(&key);
                        }
                        self.keyed = true;
                        return Some(Event {
                            depth: self.open.len(),
                            key: Some(key),
                            ..Event::default()
                        });
                    }
                    self.enter_value();
                    self.keyed = false;
                    return Some(Event {
                        depth: self.open.len(),
                        scalar: Some(unescape(raw)),
                        ..Event::default()
                    });
                }
                _ => {
                    self.enter_value();
                    let ends = |byte: u8| b",}] \n\r\t:\"".contains(&byte);
                    let len = rest.bytes().position(ends).unwrap_or(rest.len()).max(1);
                    let len = (len..=rest.len())
                        .find(|len| rest.is_char_boundary(*len))
                        .unwrap_or(rest.len());
                    self.at += len;
                    self.keyed = false;
                    let raw = rest.get(..len).unwrap_or_default();
                    return Some(Event {
                        depth: self.open.len(),
                        scalar: Some(Cow::Borrowed(raw)),
                        ..Event::default()
                    });
                }
            }
        }
    }

    fn back_to_container(&mut self) {
        let end = self.open.last().map_or(0, |open| open.0);
        self.pointer.truncate(end);
    }

    /// The pointer of a value about to be read: its key is there already, its index is not.
    fn enter_value(&mut self) {
        if let Some((_, Some(index))) = self.open.last().copied() {
            self.back_to_container();
            self.pointer.push('/');
            let _ = write!(self.pointer, "{index}");
        }
    }
}

/// How many bytes the text goes on before its closing quote.
fn text_end(inside: &str) -> usize {
    let bytes = inside.as_bytes();
    let mut from = 0;
    while let Some(at) = bytes
        .get(from..)
        .and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
    {
        let at = from + at;
        if bytes.get(at) == Some(&b'"') {
            return at;
        }
        // What stands behind a backslash is a part of the text.
        from = at + 2;
    }
    inside.len()
}

/// Longer texts stay as they are written: no key is that long, and nobody asks a head for such a value.
const UNESCAPED: usize = 64 * 1024;

fn unescape(raw: &str) -> Cow<'_, str> {
    if raw.len() > UNESCAPED || !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    serde_json::from_str::<String>(&format!("\"{raw}\"")).map_or(Cow::Borrowed(raw), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "{\n \"items\": [\n  {\"a/b\": \"x\", \"n\": [1, 22, {\"k\": true}]},\n  {\"z\": null}\n ]\n}";

    #[test]
    fn a_byte_has_the_pointer_of_its_innermost_value() {
        for (needle, want) in [
            ("\"x\"", "/items/0/a~1b"),
            ("22", "/items/0/n/1"),
            ("true", "/items/0/n/2/k"),
            ("null", "/items/1/z"),
            ("{\"z\"", "/items/1"),
        ] {
            let at = u32::try_from(TEXT.find(needle).unwrap()).unwrap();
            assert_eq!(
                pointer(TEXT, &Landmarks::default(), &Waypoints::default(), at),
                want,
                "{needle}"
            );
            let mut landmarks = Landmarks::default();
            for (index, item) in ["{\"a/b\"", "{\"z\""].iter().enumerate() {
                landmarks.item("/items", index, u32::try_from(TEXT.find(item).unwrap()).unwrap());
            }
            assert_eq!(
                pointer(TEXT, &landmarks, &Waypoints::default(), at),
                want,
                "{needle} from a landmark"
            );
        }
        assert_eq!(
            Lines::of(TEXT).line(TEXT, u32::try_from(TEXT.find("22").unwrap()).unwrap()),
            (3, 25)
        );
    }

    #[test]
    fn a_text_ends_at_its_own_quote() {
        for (inside, want) in [
            (r#"ab"c"#, 2),
            (r#"a\"b""#, 4),
            (r#"a\\"b"#, 3),
            (r#"\\\"" "#, 4),
            (r#"é\u00e9\"""#, 10),
            ("", 0),
            ("ab", 2),
            ("a\\", 2),
            ("a\\\"", 3),
        ] {
            assert_eq!(text_end(inside), want, "{inside}");
        }
    }

    #[test]
    fn waypoints_change_no_pointer() {
        let item = |n: usize| format!("{{\"name\":\"c{n}\",\"env\":[\"é{n}\",{{\"k\":{n}}}]}}");
        let all: Vec<String> = (0..8_000).map(item).collect();
        let text = format!("{{\"spec\":{{\"containers\":[{}]}}}}", all.join(","));
        let waypoints = Waypoints::default();
        for step in [40_009, 29_989] {
            for at in (0..text.len()).rev().step_by(step) {
                let at = u32::try_from(at).unwrap();
                let fresh = pointer(&text, &Landmarks::default(), &Waypoints::default(), at);
                assert_eq!(
                    pointer(&text, &Landmarks::default(), &waypoints, at),
                    fresh,
                    "{at}"
                );
            }
        }
        assert!(waypoints.0.lock().unwrap().len() > 3);
    }

    #[test]
    fn scalars_have_pointers_in_lists_and_at_the_top() {
        let text = "{\"n\": [10, true, null, -1.5e3, \"s\", [7]]}";
        let items = ["10", "true", "null", "-1.5e3", "\"s\"", "[7]"];
        let mut landmarks = Landmarks::default();
        for (index, item) in items.iter().enumerate() {
            landmarks.item("/n", index, u32::try_from(text.find(item).unwrap()).unwrap());
        }
        for (index, item) in items.iter().enumerate() {
            let at = text.find(item).unwrap();
            for (at, how) in [(at, "its first byte"), (at + item.len() - 1, "its last byte")] {
                let at = u32::try_from(at).unwrap();
                let want = match (*item, how) {
                    ("[7]", "its last byte") => "/n/5".to_owned(),
                    _ => format!("/n/{index}"),
                };
                assert_eq!(
                    pointer(text, &landmarks, &Waypoints::default(), at),
                    want,
                    "{item} {how}"
                );
                assert_eq!(
                    pointer(text, &Landmarks::default(), &Waypoints::default(), at),
                    want,
                    "{item} {how}, from the top"
                );
            }
        }
        assert_eq!(
            pointer("[1, 22]", &Landmarks::default(), &Waypoints::default(), 4),
            "/1"
        );
        // The whole document is what the empty pointer means.
        for text in ["17", "true", " null", "\"text\""] {
            assert_eq!(
                pointer(text, &Landmarks::default(), &Waypoints::default(), 1),
                "",
                "{text}"
            );
        }
        // Text that is not JSON has none, whatever stands in it.
        assert_eq!(
            pointer("host: [1, 2]", &Landmarks::default(), &Waypoints::default(), 8),
            ""
        );
    }

    #[test]
    fn lines_are_those_that_counting_finds() {
        let text = "é\nab\n\n".repeat(20_000);
        let lines = Lines::of(&text);
        for at in (0..=text.len()).step_by(997).chain([0, text.len()]) {
            let before = &text.as_bytes()[..at];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let column = at
                - before
                    .iter()
                    .rposition(|byte| *byte == b'\n')
                    .map_or(0, |last| last + 1)
                + 1;
            let want = (u32::try_from(line).unwrap(), u32::try_from(column).unwrap());
            assert_eq!(lines.line(&text, u32::try_from(at).unwrap()), want, "{at}");
        }
        assert_eq!(Lines::of("").line("", 9), (1, 1));
    }

    #[test]
    fn anything_is_stepped_over() {
        for text in [
            "",
            "{",
            "{\"a",
            "{\"a\"",
            "[[[",
            "}}]]",
            "nonsense é: [",
            "{\"a\":\"\\u12",
            "\"\\",
            "[é,é]",
        ] {
            for at in 0..=text.len() {
                let _ = pointer(
                    text,
                    &Landmarks::default(),
                    &Waypoints::default(),
                    u32::try_from(at).unwrap(),
                );
            }
            let mut scan = Scan::new(text, 0, String::new());
            let mut steps = 0;
            while scan.step().is_some() {
                steps += 1;
                assert!(steps <= text.len() + 1, "{text}");
            }
        }
        let deep = "[".repeat(100_000);
        assert!(pointer(&deep, &Landmarks::default(), &Waypoints::default(), 99_999).len() < 2_000);
    }
}
