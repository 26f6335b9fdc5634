//! What a document of events is made of: lines, or the members of the lists that an export wraps them in.

use super::Head;

/// One record: where it begins, its text, whether it came to its end, and whether it may be one: a word among JSON texts
/// that JSON does not have is none.
pub(super) struct Record<'t> {
    pub(super) at: usize,
    pub(super) text: &'t str,
    pub(super) whole: bool,
    pub(super) json: bool,
}

/// Gives every record of a text, in order.
pub(super) fn records<'t>(text: &'t str, wraps: &[&str], mut each: impl FnMut(Record<'t>)) {
    if wrapped(text, wraps) {
        Texts { text, at: 0 }.walk(wraps, &mut each);
        return;
    }
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        each(Record {
            at,
            text: whole.trim_end_matches(['\n', '\r']),
            whole: whole.ends_with('\n'),
            json: true,
        });
        at += whole.len();
    }
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
                Some(b'[') => self.list(each),
                Some(_) => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    let line = rest.lines().next().unwrap_or_default();
                    each(Record {
                        at: self.at,
                        text: line,
                        whole: true,
                        json: is_json(line),
                    });
                    self.at += line.len().max(1);
                }
            }
        }
    }

    /// An object: the members of its lists that hold events, or itself where it has none.
    fn object(&mut self, wraps: &[&str], each: &mut impl FnMut(Record<'t>)) {
        let begin = self.at;
        let mut held = false;
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
                self.list(each);
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
                json: true,
            });
        }
    }

    fn list(&mut self, each: &mut impl FnMut(Record<'t>)) {
        self.at += 1;
        loop {
            self.skip(b" \t\r\n,");
            match self.byte() {
                None => return,
                Some(b']') => {
                    self.at += 1;
                    return;
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
                // Whoever is given an object reads it whole.
                json: text.starts_with('{') || is_json(text),
            });
            self.at = end;
        }
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
    use super::records;

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
                all.push((one.text.to_owned(), one.whole && one.json))
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
