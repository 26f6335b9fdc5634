//! Compressed files: real ones of the zstd command, members, frames, and what is left of damaged ones.

use super::*;

/// `zstd` of 133 bytes of JSON: Huffman-coded literals, sequences, a checksum.
const ROLES: &str = "28b52ffd2485750200a204101690a73a15028064908810e85b9a1ca74f9258ecfa07258dd03c968d65a2b990614d52cfcc4444\
                     bcbbfb8f962fa6474a7d2305b07021bef7686070af3549e042030081500efbeac00e0509dfa89b48";
/// `zstd` of 40,000 lines `{"a":1}`: three blocks.
const LINES: &str = "28b52ffda400e20400840000407b2261223a317d0a0100f5ffcb0b174c0000087b0100fcff3910024d0000087b0100fc611d08\
                     01a4c461ab";
/// `zstd -19` of a ustar archive that holds the same JSON as `k/roles.json`.
const TAPE: &str = "28b52ffd6400277d04006206161880cf018bd13ad10c061b05b8b9e75290dd22044b242625031999d8382b88c3736304f3d40f43\
                    abf97dbf4734d0c751563775b2b04227b9a25752eebf9bdf14ac72816c076bc4e6a6b16c378be2d87c0e21013ac97f88021520\
                    b06e28ec067785995cb32040397e0736013607da80045c07287650cbd0244d055804863860f841c91b2e21e0a00196a6f9055a\
                    8b017f";

const JSON: &str = "{\"Roles\":[{\"RoleName\":\"ci\",\"Arn\":\"arn:aws:iam::111122223333:role/ci\"},\
                    {\"RoleName\":\"web\",\"Arn\":\"arn:aws:iam::111122223333:role/web\"}]}";

#[test]
fn what_the_zstd_command_makes_is_read() {
    assert_eq!(
        texts(&read_file("r", unhex(ROLES), &Limits::default())),
        [("r", JSON)]
    );
    assert_eq!(
        texts(&read_file("r", unhex(TAPE), &Limits::default())),
        [("k/roles.json", JSON)]
    );
    let lines = "{\"a\":1}\n".repeat(40_000);
    assert_eq!(
        texts(&read_file("r", unhex(LINES), &Limits::default())),
        [("r", lines.as_str())]
    );
}

#[test]
fn all_members_and_frames_are_read() {
    let two = [gzip("{\"a\":1}\n"), gzip("{\"a\":2}\n")].concat();
    assert_eq!(
        texts(&read_file("x", two, &Limits::default())),
        [("x", "{\"a\":1}\n{\"a\":2}\n")]
    );
    let skippable = [0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9];
    let frames = [
        &skippable[..],
        &unhex(ROLES),
        &skippable,
        &zstd("\n"),
        &unhex(ROLES),
    ]
    .concat();
    assert_eq!(
        texts(&read_file("x", frames, &Limits::default())),
        [("x", format!("{JSON}\n{JSON}").as_str())]
    );
}

/// Cuts a compressed file at every byte: it gives a beginning of its text, a gap, and no panic.
fn cut_everywhere(whole: &[u8], text: &str) {
    // Fewer bytes do not tell yet what it is.
    for len in 4..whole.len() {
        let reading = read_file("x", &whole[..len], &Limits::default());
        let got = reading.inputs.first().map_or("", |input| input.text.as_str());
        assert!(text.starts_with(got), "{len}");
        assert_eq!(reading.gaps.len(), 1, "{len}: {:?}", reading.gaps);
        assert_eq!(
            reading.missing.len(),
            usize::from(reading.inputs.is_empty()),
            "{len}"
        );
    }
}

#[test]
fn a_cut_stream_keeps_what_came_before() {
    cut_everywhere(&gzip(JSON), JSON);
    cut_everywhere(&unhex(ROLES), JSON);
    cut_everywhere(&unhex(LINES), &"{\"a\":1}\n".repeat(40_000));
    let reading = read_file("x", &unhex(LINES)[..45], &Limits::default());
    assert_eq!(reading.inputs[0].text.len(), 262_144, "two of three blocks");
    assert_eq!(
        gaps(&reading),
        ["truncated: x: its zstd stream ends after 262144 unpacked bytes, before its end"]
    );
    let long = (0..20_000)
        .map(|n| format!("{{\"n\":{n}}}\n"))
        .collect::<String>();
    let packed = gzip(&long);
    let reading = read_file("x", &packed[..packed.len() / 2], &Limits::default());
    assert!(reading.inputs[0].text.len() > long.len() / 3 && long.starts_with(&reading.inputs[0].text));
}

#[test]
fn a_damaged_stream_is_a_gap() {
    let mut bytes = gzip(JSON);
    let at = bytes.len() - 6;
    bytes[at] ^= 1;
    let reading = read_file("x", bytes, &Limits::default());
    assert_eq!(texts(&reading), [("x", JSON)]);
    assert!(
        gaps(&reading)[0].starts_with("malformed: x: its gzip stream is damaged after 133 unpacked bytes: ")
    );
    let mut bytes = unhex(ROLES);
    let at = bytes.len() - 1;
    bytes[at] ^= 1;
    let reading = read_file("x", bytes, &Limits::default());
    assert_eq!(texts(&reading), [("x", JSON)]);
    assert_eq!(
        gaps(&reading),
        [
            "malformed: x: its zstd stream is damaged after 133 unpacked bytes: its zstd checksum does not match its content"
        ]
    );
    let reading = read_file("x", [&unhex(ROLES)[..], b"more"].concat(), &Limits::default());
    assert_eq!(
        gaps(&reading),
        [
            "malformed: x: its zstd stream is damaged after 133 unpacked bytes: bytes that are no zstd frame follow the last one"
        ]
    );
}

#[test]
fn any_byte_may_be_wrong() {
    for whole in [
        gzip(JSON),
        unhex(ROLES),
        unhex(LINES),
        gzip(tar(&[("a/b.json", JSON.as_bytes())])),
        unhex(TAPE),
    ] {
        for at in 0..whole.len() {
            for bits in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= bits;
                let mut none = |_| {};
                let mut reader = crate::read::Reader::new(&Limits::default(), &mut none);
                reader.source(&crate::read::At::argument(0, "x"), &mut &bytes[..], None);
                let reading = reader.finish(&["x".into()]);
                assert!(
                    reading.missing.is_empty() || !reading.gaps.is_empty(),
                    "{at} {bits}"
                );
            }
        }
    }
}

#[test]
fn a_window_or_dictionary_that_is_not_read_says_so() {
    let window = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x90, 1, 0, 0];
    let reading = read_file("x", window, &Limits::default());
    assert_eq!(
        gaps(&reading),
        [
            "unsupported: x: zstd that is not read: its window is 268435456 bytes, more than the 134217728 that are read"
        ]
    );
    let dictionary = [0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x38, 7, 1, 0, 0];
    let reading = read_file("x", dictionary, &Limits::default());
    assert_eq!(
        gaps(&reading),
        ["unsupported: x: zstd that is not read: it was compressed with dictionary 7, which is not in it"]
    );
}

#[test]
fn a_cut_archive_says_where_it_ends_and_what_it_lost() {
    let text = (0..30_000)
        .map(|n| format!("{{\"n\":{n}}}\n"))
        .collect::<String>();
    let tape = tar(&[("a.json", b"{}"), ("b.json", text.as_bytes()), ("c.json", b"{}")]);
    let reading = read_file("t.tar", &tape[..10_000], &Limits::default());
    assert_eq!(names(&reading), ["a.json", "b.json"]);
    assert_eq!(
        gaps(&reading),
        ["truncated: t.tar: the archive ends at byte 10000, in `b.json`, without an end mark"]
    );
    // At the border of an entry, the missing end mark still tells.
    let reading = read_file("t.tar", &tape[..1024], &Limits::default());
    assert_eq!(names(&reading), ["a.json"]);
    assert_eq!(
        gaps(&reading),
        ["truncated: t.tar: the archive ends at byte 1024, without an end mark"]
    );
    // The compression ends early: it is said once, with the document that is cut.
    let packed = gzip(&tape);
    let reading = read_file("t.tgz", &packed[..packed.len() / 2], &Limits::default());
    assert_eq!(names(&reading), ["a.json", "b.json"]);
    let gaps = gaps(&reading);
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(
        gaps[0].starts_with("truncated: t.tgz: its gzip stream ends after "),
        "{gaps:?}"
    );
    assert!(
        gaps[0].ends_with(" unpacked bytes, in `b.json`, before its end"),
        "{gaps:?}"
    );
}

#[test]
fn a_broken_file_within_an_archive_costs_only_itself() {
    let packed = gzip((0..1_000).map(|n| format!("{{\"n\":{n}}}\n")).collect::<String>());
    let tape = tar(&[
        ("a.json", b"{}"),
        ("b.json.gz", &packed[..packed.len() / 2]),
        ("c.json", b"{}"),
    ]);
    let reading = read_file("t.tar", tape, &Limits::default());
    assert_eq!(names(&reading), ["a.json", "b.json.gz", "c.json"]);
    assert_eq!(reading.gaps.len(), 1);
    assert_eq!(reading.gaps[0].target, "b.json.gz");
}
