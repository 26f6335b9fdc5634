//! Text: bytes of an export to UTF-8, up to the first byte that is none.

use crate::sniff::Encoding;
use std::io::{self, Read};

/// What is wrong with a text, and where, in bytes of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// From here on it is not the encoding that it began with.
    Invalid(u64),
    /// It ends within a character.
    Cut(u64),
}

/// What was read of a text.
#[derive(Default, Debug)]
pub(crate) struct Text {
    /// The text, as far as it is one.
    pub(crate) text: String,
    /// How many bytes the file gave.
    pub(crate) bytes: u64,
    pub(crate) fault: Option<Fault>,
    /// The source's error, after which no more came.
    pub(crate) error: Option<io::Error>,
    /// It is larger than the limit; then `text` is empty.
    pub(crate) too_large: bool,
}

/// Reads a text of at most `limit` bytes of UTF-8, behind a mark of `mark` bytes. `expected` is how many bytes
/// will come, where that is known: a file's size, or what a header says, which may be anything.
pub(crate) fn read(
    source: &mut dyn Read,
    encoding: Encoding,
    mark: usize,
    limit: u64,
    expected: Option<Expected>,
) -> Text {
    let mut skipped = [0; 4];
    if let Err(error) = source.read_exact(skipped.get_mut(..mark).unwrap_or_default()) {
        return Text {
            error: Some(error),
            ..Text::default()
        };
    }
    match encoding {
        Encoding::Utf8 => utf8(source, mark as u64, limit, expected),
        Encoding::Utf16Le => utf16(source, u16::from_le_bytes, mark as u64, limit),
        Encoding::Utf16Be => utf16(source, u16::from_be_bytes, mark as u64, limit),
    }
}

/// How many bytes will come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// The size of the file that they come from.
    OfFile(u64),
    /// What a header says.
    Said(u64),
}

/// What a header says is believed up to here, and later up to so many times what has come.
const BELIEVED: u64 = 64 << 20;
const TIMES: u64 = 4;

/// Bytes are looked at in pieces that stay in the processor's cache, and only what is text is kept.
const PIECE: usize = 128 << 10;

fn utf8(source: &mut dyn Read, mark: u64, limit: u64, expected: Option<Expected>) -> Text {
    let (expected, room) = match expected {
        Some(Expected::OfFile(size)) => (size, size),
        Some(Expected::Said(size)) => (size, size.min(BELIEVED)),
        None => (0, 0),
    };
    let mut out = Text {
        bytes: mark,
        ..Text::default()
    };
    // Where there is no such room, the text is given some as it comes.
    let room = usize::try_from(room.min(limit)).unwrap_or(0);
    let _ = out.text.try_reserve_exact(room.saturating_add(1));
    let mut source = source.take(limit.saturating_add(1));
    let mut piece = vec![0; PIECE];
    // The bytes of a character that goes on in the next piece.
    let mut open = 0;
    loop {
        let got = match source.read(piece.get_mut(open..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                out.error = Some(error);
                break;
            }
        };
        out.bytes += got as u64;
        if out.fault.is_some() {
            continue;
        }
        if out.text.capacity() - out.text.len() < PIECE {
            // Room for all that is to come, once: each move of a large text costs as much as reading it.
            let come = out.text.len() as u64;
            let rest = expected.min(limit).min(come * TIMES).saturating_sub(come);
            if rest > PIECE as u64 {
                out.text.reserve_exact(usize::try_from(rest).unwrap_or(0) + 1);
            }
        }
        let filled = open + got;
        let bytes = piece.get(..filled).unwrap_or_default();
        let valid = match std::str::from_utf8(bytes) {
            Ok(text) => {
                out.text.push_str(text);
                filled
            }
            Err(invalid) => {
                let valid = invalid.valid_up_to();
                let text = bytes.get(..valid).map(std::str::from_utf8);
                out.text.push_str(text.and_then(Result::ok).unwrap_or_default());
                if invalid.error_len().is_some() {
                    out.fault = Some(Fault::Invalid(mark + out.text.len() as u64));
                }
                valid
            }
        };
        piece.copy_within(valid..filled, 0);
        open = filled - valid;
    }
    if out.bytes - mark > limit {
        return Text {
            bytes: out.bytes,
            too_large: true,
            ..Text::default()
        };
    }
    if open > 0 && out.fault.is_none() {
        out.fault = Some(Fault::Cut(mark + out.text.len() as u64));
    }
    if out.text.capacity() / 8 * 7 > out.text.len() {
        out.text.shrink_to_fit();
    }
    out
}

fn utf16(source: &mut dyn Read, unit: fn([u8; 2]) -> u16, mark: u64, limit: u64) -> Text {
    let mut out = Text {
        bytes: mark,
        ..Text::default()
    };
    let mut chunk = vec![0; 64 << 10];
    let mut units: Vec<u16> = Vec::with_capacity(chunk.len() / 2 + 1);
    // Bytes and units of a character that goes on in the next chunk, and where the decoded text ends in the file.
    let mut odd: Option<u8> = None;
    let mut decoded = mark;
    loop {
        let got = match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                out.error = Some(error);
                break;
            }
        };
        out.bytes += got as u64;
        for byte in chunk.iter().take(got) {
            match odd.take() {
                Some(first) => units.push(unit([first, *byte])),
                None => odd = Some(*byte),
            }
        }
        let open = units.pop_if(|last| (0xd800..0xdc00).contains(last));
        for one in char::decode_utf16(units.iter().copied()) {
            let Ok(one) = one else {
                out.fault = Some(Fault::Invalid(decoded));
                return out;
            };
            decoded += 2 * one.len_utf16() as u64;
            out.text.push(one);
        }
        units.clear();
        units.extend(open);
        if out.text.len() as u64 > limit {
            return Text {
                bytes: out.bytes,
                too_large: true,
                ..Text::default()
            };
        }
    }
    if odd.is_some() || !units.is_empty() {
        out.fault = Some(Fault::Cut(decoded));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], encoding: Encoding, mark: usize, limit: u64) -> (String, Option<Fault>, bool) {
        let mut source = bytes;
        let text = read(&mut source, encoding, mark, limit, None);
        assert!(text.error.is_none());
        (text.text, text.fault, text.too_large)
    }

    #[test]
    fn a_text_is_kept_up_to_the_first_byte_that_is_none() {
        let all = 1 << 20;
        assert_eq!(
            of(b"a\r\nb", Encoding::Utf8, 0, all),
            ("a\r\nb".into(), None, false)
        );
        assert_eq!(
            of(b"\xef\xbb\xbf{}", Encoding::Utf8, 3, all),
            ("{}".into(), None, false)
        );
        assert_eq!(
            of(b"ab\xe9 c", Encoding::Utf8, 0, all),
            ("ab".into(), Some(Fault::Invalid(2)), false)
        );
        assert_eq!(
            of(b"\xef\xbb\xbfab\xe9 c", Encoding::Utf8, 3, all),
            ("ab".into(), Some(Fault::Invalid(5)), false)
        );
        assert_eq!(
            of(b"ab\xe2\x82", Encoding::Utf8, 0, all),
            ("ab".into(), Some(Fault::Cut(2)), false)
        );
        assert_eq!(of(b"abcd", Encoding::Utf8, 0, 4), ("abcd".into(), None, false));
        assert_eq!(of(b"abcde", Encoding::Utf8, 0, 4), (String::new(), None, true));
    }

    #[test]
    fn characters_may_lie_across_pieces() {
        for before in PIECE - 4..PIECE + 2 {
            let text = "x".repeat(before) + &"\u{1f512}é€".repeat(30_000);
            assert_eq!(
                of(text.as_bytes(), Encoding::Utf8, 0, 1 << 20),
                (text.clone(), None, false)
            );
            let bad = [text.as_bytes(), b"\xff", text.as_bytes()].concat();
            let fault = Some(Fault::Invalid(text.len() as u64));
            assert_eq!(of(&bad, Encoding::Utf8, 0, 1 << 20), (text, fault, false));
            assert!(of(&bad, Encoding::Utf8, 0, bad.len() as u64 - 1).2);
        }
    }

    #[test]
    fn a_large_text_is_given_room_once_and_no_more_than_promised() {
        let large = BELIEVED + (BELIEVED >> 2) + 7;
        let whole = "0123456789abcde\n".repeat(usize::try_from(large).unwrap() / 16 + 1);
        // The room that so many bytes are given where so many were promised.
        let room = |come: u64, promised: Expected, limit: u64| {
            let come = &whole[..usize::try_from(come).unwrap()];
            let text = read(&mut come.as_bytes(), Encoding::Utf8, 0, limit, Some(promised));
            assert!(text.error.is_none() && text.fault.is_none() && !text.too_large);
            assert_eq!(text.bytes, come.len() as u64);
            assert!(text.text == come, "{} bytes of {}", text.text.len(), come.len());
            text.text.capacity() as u64
        };
        let all = 1 << 40;
        for come in [0, 1, PIECE as u64, 3 * PIECE as u64 + 5, BELIEVED, large] {
            for promised in [Expected::OfFile(come), Expected::Said(come)] {
                let room = room(come, promised, all);
                assert!((come..=come + 1).contains(&room), "{promised:?}: {room}");
            }
        }
        // What was promised and does not come leaves no room behind, nor does too small a promise.
        for (come, promised) in [
            (1_000, Expected::Said(u64::MAX)),
            (large, Expected::Said(u64::MAX)),
            (large, Expected::Said(10 * large)),
            (large, Expected::Said(0)),
            (large, Expected::Said(1_000)),
            // Files grow and shrink while they are read.
            (large, Expected::OfFile(1_000)),
            (1_000, Expected::OfFile(large)),
        ] {
            let room = room(come, promised, all);
            assert!(room <= come * 8 / 7 + 8, "{come} of {promised:?}: {room}");
        }
        // No more is given than the limit.
        let limit = 4 * PIECE as u64;
        for promised in [Expected::OfFile(u64::MAX), Expected::Said(u64::MAX)] {
            assert!(room(limit, promised, limit) <= limit + 1, "{promised:?}");
        }
    }

    #[test]
    fn utf16_of_either_order_is_decoded_in_chunks() {
        let words = "{\u{feff}\"k\u{e9}y\": \"\u{1f512}\"}\r\n".repeat(20_001);
        for (encoding, order) in [
            (Encoding::Utf16Le, u16::to_le_bytes as fn(u16) -> [u8; 2]),
            (Encoding::Utf16Be, u16::to_be_bytes),
        ] {
            let bytes: Vec<u8> = words.encode_utf16().flat_map(order).collect();
            assert_eq!(of(&bytes, encoding, 0, 1 << 30), (words.clone(), None, false));
            let cut = bytes.len() as u64 - 2;
            let (text, fault, _) = of(&bytes[..bytes.len() - 1], encoding, 0, 1 << 30);
            assert_eq!((text.len(), fault), (words.len() - 1, Some(Fault::Cut(cut))));
            assert_eq!(of(&bytes, encoding, 0, 1_000), (String::new(), None, true));
        }
        assert_eq!(
            of(b"a\0\0\xdcb\0", Encoding::Utf16Le, 0, 99),
            ("a".into(), Some(Fault::Invalid(2)), false)
        );
        assert_eq!(
            of(b"a\0\x3d\xd8", Encoding::Utf16Le, 0, 99),
            ("a".into(), Some(Fault::Cut(2)), false)
        );
    }
}
