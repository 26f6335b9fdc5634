//! Bytes that are no text, or not of the encoding that they began with, at any place of a document.

use crate::limited::Folder;
use foursee_capture::{Limits, Reading, read};
use foursee_tests::shop;

fn reading(bytes: &[u8]) -> Reading {
    let folder = Folder::new();
    let path = folder.file("d.json", bytes);
    read(&[path], &Limits::default(), &mut |_| {})
}

/// The gap that names the file, and what of the text is kept before it.
fn cut(bytes: &[u8], what: &str) -> String {
    let reading = reading(bytes);
    let named = reading.gaps.iter().any(|gap| gap.target.contains("d.json"));
    assert!(named, "{what}: {:?}", reading.gaps);
    reading.inputs.into_iter().map(|input| input.text).collect()
}

#[test]
fn invalid_utf8_anywhere_is_a_gap_and_the_text_before_it_is_kept() {
    for input in shop().into_iter().step_by(7) {
        let whole = input.text.as_bytes();
        for bad in [
            &[0xff][..],
            &[0xc0, 0x80],
            &[0xed, 0xa0, 0x80],
            &[0xf4, 0x90, 0x80, 0x80],
            &[0xe2, 0x82],
        ] {
            for at in [1, whole.len() / 2, whole.len()] {
                let at = (at..=whole.len())
                    .find(|at| input.text.is_char_boundary(*at))
                    .unwrap();
                let bytes = [&whole[..at], bad, &whole[at..]].concat();
                let kept = cut(&bytes, &format!("{} at {at}", input.name));
                assert!(input.text.starts_with(kept.trim_end()), "{} at {at}", input.name);
            }
        }
    }
    // Where the very first byte is none, there is nothing before it.
    assert_eq!(cut(b"\xff{\"a\":1}", "first"), "");
}

#[test]
fn lone_surrogates_of_utf16_are_gaps() {
    let text = shop().swap_remove(0).text;
    let units: Vec<u16> = text.encode_utf16().collect();
    for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
        let bytes = |units: &[u16]| -> Vec<u8> {
            let mark = order(0xfeff);
            mark.into_iter()
                .chain(units.iter().copied().flat_map(order))
                .collect()
        };
        assert_eq!(reading(&bytes(&units)).inputs[0].text, text);
        for lone in [0xd800, 0xdbff, 0xdc00, 0xdfff] {
            for at in [1, units.len() / 2, units.len()] {
                let mut units = units.clone();
                units.insert(at, lone);
                let kept = cut(&bytes(&units), &format!("{lone:x} at {at}"));
                assert!(text.starts_with(&kept), "{lone:x} at {at}");
            }
        }
        // Cut within a unit.
        let whole = bytes(&units);
        cut(&whole[..whole.len() - 1], "half a unit");
    }
}

#[test]
fn marks_in_the_middle_nul_bytes_and_other_encodings_are_no_silence() {
    for (bytes, what) in [
        (&b"{\"a\":\"\0\"}"[..], "a NUL byte"),
        (b"\xff\xfe\0\0{\0\0\0", "UTF-32"),
        (b"+/v8-{}\x80", "UTF-7 and a stray byte"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "gzip without content"),
    ] {
        let reading = reading(bytes);
        assert!(!reading.gaps.is_empty(), "{what}: {:?}", reading.inputs);
    }
    let texts = reading("{\"a\":1}\n\u{feff}{\"b\":2}\n\u{feff}".as_bytes());
    assert!(!texts.inputs.is_empty());
}
