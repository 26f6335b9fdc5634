//! JSON as far as redaction needs it: where its strings stand, what they say, whole or broken.

use std::ops::Range;

/// A part of a JSON text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token {
    /// A string, without its quotes; `key` where a colon follows.
    Text {
        /// Where.
        inside: Range<usize>,
        /// Whether it is a key.
        key: bool,
    },
    /// What stands between strings: brackets, numbers, words.
    Between(Range<usize>),
}

/// Every byte of a text, quotes aside. A string that is not closed ends with the text.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let open = memchr(b'"', bytes, at);
        if open > at {
            tokens.push(Token::Between(at..open));
        }
        if open == bytes.len() {
            break;
        }
        let mut end = open + 1;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        let end = end.min(bytes.len());
        let after = bytes.get(end + 1..).unwrap_or_default();
        let key = after.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b':');
        tokens.push(Token::Text {
            inside: open + 1..end,
            key,
        });
        at = end + 1;
    }
    tokens
}

fn memchr(needle: u8, bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|byte| *byte == needle)
        .map_or(bytes.len(), |at| from + at)
}

/// What a part of a string says, and for each of its bytes (and its end) where that stands in the part.
#[must_use]
pub fn decode(raw: &str) -> (String, Vec<usize>) {
    let mut out = String::with_capacity(raw.len());
    let mut map = Vec::with_capacity(raw.len() + 1);
    let mut chars = raw.char_indices();
    while let Some((at, one)) = chars.next() {
        let said = if one == '\\' { escape(&mut chars) } else { one };
        out.push(said);
        map.resize(out.len(), at);
    }
    map.push(raw.len());
    (out, map)
}

fn escape(chars: &mut std::str::CharIndices<'_>) -> char {
    match chars.next() {
        Some((_, 'n')) => '\n',
        Some((_, 't')) => '\t',
        Some((_, 'r')) => '\r',
        Some((_, 'b')) => '\u{8}',
        Some((_, 'f')) => '\u{c}',
        Some((_, 'u')) => {
            let first = unit(chars);
            if !(0xd800..0xdc00).contains(&first) {
                return char::from_u32(first).unwrap_or('\u{fffd}');
            }
            let mut ahead = chars.clone();
            if ahead.next().map(|one| one.1) == Some('\\') && ahead.next().map(|one| one.1) == Some('u') {
                let second = unit(&mut ahead);
                if (0xdc00..0xe000).contains(&second) {
                    *chars = ahead;
                    return char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
                        .unwrap_or('\u{fffd}');
                }
            }
            '\u{fffd}'
        }
        Some((_, other)) => other,
        None => '\\',
    }
}

/// Four hexadecimal digits.
fn unit(chars: &mut std::str::CharIndices<'_>) -> u32 {
    let mut value = 0;
    for _ in 0..4 {
        let mut ahead = chars.clone();
        let Some(digit) = ahead.next().and_then(|(_, one)| one.to_digit(16)) else {
            break;
        };
        value = value * 16 + digit;
        *chars = ahead;
    }
    value
}
