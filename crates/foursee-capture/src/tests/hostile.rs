//! Archives that mean harm.

use super::*;
use tar::EntryType;

#[test]
fn names_that_climb_and_links_are_named_and_never_followed() {
    let mut tape = tar::Builder::new(Vec::new());
    for (name, kind) in [
        ("../../etc/cron.d/x", EntryType::Regular),
        ("/etc/passwd", EntryType::Regular),
        ("a/../../b", EntryType::Regular),
        ("c:\\windows\\x", EntryType::Regular),
        ("null", EntryType::Char),
        ("disk", EntryType::Block),
        ("pipe", EntryType::Fifo),
        ("odd", EntryType::new(b'Z')),
    ] {
        tape.append(&header(name, kind, 2), &b"{}"[..]).unwrap();
    }
    for (name, kind) in [("sym", EntryType::Symlink), ("hard", EntryType::Link)] {
        let mut header = header(name, kind, 0);
        header.set_link_name_literal("/etc/shadow").unwrap();
        header.set_cksum();
        tape.append(&header, &b""[..]).unwrap();
    }
    tape.append(&header("good.json", EntryType::Regular, 2), &b"{}"[..])
        .unwrap();
    let mut bytes = tape.into_inner().unwrap();
    // Of a device or a pipe, no content follows whatever its header says: these three blocks were put there.
    let mut clean = bytes[..4 * 1024].to_vec();
    for entry in 4..7 {
        clean.extend(&bytes[entry * 1024..entry * 1024 + 512]);
    }
    clean.extend(bytes.drain(7 * 1024..));
    let reading = read_file("evil.tar", clean, &Limits::default());
    assert_eq!(names(&reading), ["good.json"]);
    assert_eq!(
        gaps(&reading),
        [
            "unsupported: ../../etc/cron.d/x: a name that climbs out of the archive by `..`, which is not followed",
            "unsupported: /etc/passwd: an absolute name, which is not followed",
            "unsupported: a/../../b: a name that climbs out of the archive by `..`, which is not followed",
            "unsupported: c:\\windows\\x: an absolute name, which is not followed",
            "unsupported: null: a device, which is not opened",
            "unsupported: disk: a device, which is not opened",
            "unsupported: pipe: a pipe, which is not opened",
            "unsupported: odd: an entry of type 'Z', which is not read",
            "unsupported: sym: a symbolic link to `/etc/shadow`, which is not followed",
            "unsupported: hard: a hard link to `/etc/shadow`, which is not followed",
        ]
    );
}

/// 1 GiB of one byte in about a megabyte of gzip: 128 members of 8 MiB each.
fn gigabyte(byte: u8) -> Vec<u8> {
    gzip(vec![byte; 8 << 20]).repeat(128)
}

#[test]
fn a_gigabyte_of_nothing_stops_at_the_limit() {
    let bomb = gigabyte(b' ');
    let limits = Limits {
        total: 10 << 20,
        ..Limits::default()
    };
    let folder = Folder::new()
        .with("a.json", "{}")
        .with("b.gz", &bomb)
        .with("c.json", "{}")
        .with("z/d.json", "{}");
    let reading = folder.read(&["", "z"], &limits);
    assert_eq!(names(&reading), ["a.json"]);
    let gaps_of = gaps(&reading);
    assert_eq!(
        gaps_of[0],
        "too-large: b.gz: reading stopped here: more than 10485760 bytes in all were given"
    );
    assert!(gaps_of[1].ends_with("reading had stopped at a limit before it came to this path"));
    assert_eq!(reading.missing, [folder.path("z")]);
    // A document's own limit costs only the document.
    let limits = Limits {
        document: 1 << 20,
        ..Limits::default()
    };
    let reading = Folder::new()
        .with("b.gz", &bomb)
        .with("c.json", "{}")
        .read(&[""], &limits);
    assert_eq!(names(&reading), ["c.json"]);
    assert_eq!(
        gaps(&reading),
        ["too-large: b.gz: is larger than the 1048576 bytes that one document may have"]
    );
    // So does what it unpacks to, against its size.
    let limits = Limits {
        ratio: 100,
        ..Limits::default()
    };
    let tape = tar(&[("b.gz", &bomb), ("c.json", b"{}")]);
    let reading = read_file("t.tar", tape, &limits);
    assert_eq!(names(&reading), ["c.json"]);
    assert_eq!(gaps(&reading).len(), 1);
    assert!(gaps(&reading)[0].starts_with("too-large: b.gz: unpacks to more than 100 times its own size"));
}

#[test]
fn a_gigabyte_of_zeros_is_no_text_at_all() {
    let limits = Limits {
        total: 1 << 20,
        ..Limits::default()
    };
    let reading = read_file("zeros.gz", gigabyte(0), &limits);
    assert_eq!(
        gaps(&reading),
        ["unsupported: zeros.gz: is a binary file of an unknown form, which is not read"]
    );
}

#[test]
fn a_frame_of_repeated_blocks_stops_at_its_ratio() {
    // Each block is four bytes that stand for 131,072.
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for _ in 0..10_000 {
        bomb.extend(&((131_072_u32 << 3) | 2).to_le_bytes()[..3]);
        bomb.push(b' ');
    }
    bomb.extend([1, 0, 0]);
    let reading = read_file("bomb.zst", &bomb, &Limits::default());
    assert!(
        gaps(&reading)[0].starts_with("too-large: bomb.zst: unpacks to more than 1000 times its own size")
    );
    assert!(reading.inputs.is_empty() && reading.missing.len() == 1);
}

#[test]
fn entries_are_counted() {
    let many: Vec<(String, &[u8])> = (0..5_000).map(|n| (format!("f{n}.json"), &b"{}"[..])).collect();
    let many: Vec<(&str, &[u8])> = many
        .iter()
        .map(|(name, content)| (name.as_str(), *content))
        .collect();
    let tape = tar(&many);
    let reading = read_file("many.tar", &tape, &Limits::default());
    assert_eq!((reading.inputs.len(), reading.gaps.len()), (5_000, 0));
    let limits = Limits {
        entries: 100,
        ..Limits::default()
    };
    let reading = read_file("many.tar", &tape, &limits);
    assert_eq!(reading.inputs.len(), 100);
    assert_eq!(
        gaps(&reading),
        ["too-large: many.tar: reading stopped here: more than 100 entries were given"]
    );
    let folder = (0..20).fold(Folder::new(), |folder, n| folder.with(&format!("f{n:02}"), "{}"));
    let reading = folder.read(
        &[""],
        &Limits {
            entries: 10,
            ..Limits::default()
        },
    );
    assert_eq!(
        gaps(&reading),
        ["too-large: f10: reading stopped here: more than 10 entries were given"]
    );
    let parts = "{\"a\":1}{\"b\":1}".repeat(100);
    let reading = read_file(
        "parts",
        parts,
        &Limits {
            entries: 10,
            ..Limits::default()
        },
    );
    assert_eq!((reading.inputs.len(), reading.gaps.len()), (10, 1));
}

#[test]
fn gaps_are_counted() {
    let mut tape = tar::Builder::new(Vec::new());
    for n in 0..3_000 {
        let mut header = header(&format!("l{n}"), EntryType::Symlink, 0);
        header.set_link_name_literal("/etc/shadow").unwrap();
        header.set_cksum();
        tape.append(&header, &b""[..]).unwrap();
    }
    let reading = read_file("links.tar", tape.into_inner().unwrap(), &Limits::default());
    assert_eq!(reading.gaps.len(), 1_001);
    assert!(gaps(&reading)[1_000].ends_with("/links.tar: 2000 more gaps of the same sort: symbolic link"));
}

#[test]
fn headers_that_lie_about_sizes_end_the_archive() {
    for size in [u64::MAX, u64::MAX - 511, 1 << 62, 1 << 40] {
        let bytes = [
            &header("a.json", EntryType::Regular, size).as_bytes()[..],
            &[b'x'; 1024],
        ]
        .concat();
        let reading = read_file("t.tar", bytes, &Limits::default());
        assert!(
            reading.inputs.is_empty() && !reading.gaps.is_empty(),
            "{size}: {:?}",
            reading.gaps
        );
        assert!(reading.gaps.len() <= 2, "{size}: {:?}", reading.gaps);
    }
    for kind in [EntryType::GNULongName, EntryType::XHeader, EntryType::GNULongLink] {
        let bytes = [&header("a", kind, 1 << 33).as_bytes()[..], &[b'x'; 4096]].concat();
        let reading = read_file("t.tar", bytes, &Limits::default());
        assert!(
            gaps(&reading)[0]
                .contains("cannot be read from byte 0 on: an extended header of 8589934592 bytes")
        );
    }
    let bytes = [
        &header("a", EntryType::XHeader, 8).as_bytes()[..],
        b"nonsense",
        &[0; 504],
        &[0; 1024],
    ]
    .concat();
    assert_eq!(
        gaps(&read_file("t.tar", bytes, &Limits::default())),
        [
            "malformed: t.tar: the archive cannot be read from byte 0 on: an extended header is no list of records"
        ]
    );
}

#[test]
fn what_follows_a_damaged_header_is_not_guessed() {
    let mut tape = tar(&[("a.json", b"{}"), ("b.json", b"{}")]);
    tape[1024] ^= 1;
    let reading = read_file("t.tar", &tape, &Limits::default());
    assert_eq!(names(&reading), ["a.json"]);
    assert_eq!(
        gaps(&reading),
        ["malformed: t.tar: the archive cannot be read from byte 1024 on: no entry begins there"]
    );
}

#[test]
fn sparse_entries_are_gaps_and_the_next_is_found() {
    let mut sparse = header("s", EntryType::GNUSparse, 512);
    sparse.as_gnu_mut().unwrap().set_is_extended(true);
    sparse.set_cksum();
    let bytes = [
        &sparse.as_bytes()[..],
        &[0; 512],
        &[b'x'; 512],
        &tar(&[("z.json", b"{}")]),
    ]
    .concat();
    let reading = read_file("t.tar", bytes, &Limits::default());
    assert_eq!(names(&reading), ["z.json"]);
    assert_eq!(
        gaps(&reading),
        ["unsupported: s: a sparse entry, which is not read"]
    );
}

#[test]
fn sparse_entries_of_pax_go_by_their_own_name() {
    let mut tape = tar::Builder::new(Vec::new());
    let records: [(&str, &[u8]); 3] = [
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.name", b"k/s.json"),
        ("GNU.sparse.realsize", b"5"),
    ];
    tape.append_pax_extensions(records).unwrap();
    tape.append(
        &header("k/GNUSparseFile.1/s.json", EntryType::Regular, 2),
        &b"{}"[..],
    )
    .unwrap();
    let reading = read_file("t.tar", tape.into_inner().unwrap(), &Limits::default());
    assert_eq!(
        gaps(&reading),
        ["unsupported: k/s.json: a sparse entry, which is not read"]
    );
}

#[test]
fn content_without_a_file_name_is_a_gap() {
    let mut tape = tar::Builder::new(Vec::new());
    tape.append(&header("old/", EntryType::Regular, 0), &b""[..])
        .unwrap();
    tape.append(&header("k/", EntryType::Regular, 2), &b"{}"[..])
        .unwrap();
    tape.append(&header("z.json", EntryType::Regular, 2), &b"{}"[..])
        .unwrap();
    let reading = read_file("t.tar", tape.into_inner().unwrap(), &Limits::default());
    assert_eq!(names(&reading), ["z.json"]);
    assert_eq!(
        gaps(&reading),
        ["unsupported: k/: an entry without a file name, which is not read"]
    );
}

#[test]
fn a_document_is_refused_before_it_is_held() {
    let limits = Limits {
        document: 1_000,
        ..Limits::default()
    };
    let big = "x".repeat(1_001);
    let reading = read_file(
        "t.tar",
        tar(&[("big", big.as_bytes()), ("fits", &big.as_bytes()[..1_000])]),
        &limits,
    );
    assert_eq!(names(&reading), ["fits"]);
    assert_eq!(
        gaps(&reading),
        ["too-large: big: is larger than the 1000 bytes that one document may have"]
    );
    assert_eq!(
        gaps(&read_file("big", &big, &limits)),
        ["too-large: big: is larger than the 1000 bytes that one document may have"]
    );
}
