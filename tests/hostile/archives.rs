//! Archives that climb out, lie, repeat, nest, or unpack to a terabyte, read by a child with little memory.

use crate::limited::{Folder, ROOM, Said, audited_within};
use std::io::Write;

const BLOCK: usize = 512;

/// A header of ustar with these fields as they are, and its checksum.
fn header(name: &[u8], size: &[u8], kind: u8, link: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &name[..name.len().min(100)]);
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, size);
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, &[kind]);
    put(157, &link[..link.len().min(100)]);
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn octal(size: u64) -> Vec<u8> {
    format!("{size:011o}\0").into_bytes()
}

fn entry(name: &str, content: &[u8]) -> Vec<u8> {
    let mut all = header(name.as_bytes(), &octal(content.len() as u64), b'0', b"").to_vec();
    all.extend(content);
    all.resize(all.len().next_multiple_of(BLOCK), 0);
    all
}

fn closed(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut all = parts.concat();
    all.extend([0; 2 * BLOCK]);
    all
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn audited(name: &str, bytes: &[u8]) -> Said {
    let folder = Folder::new();
    let path = folder.file(name, bytes);
    audited_within(ROOM, &[&path])
}

const ACLS: &[u8] =
    b"Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=t, patternType=LITERAL)`:\n\
    \t(principal=User:a, host=*, operation=READ, permissionType=ALLOW)\n";

#[test]
fn names_that_climb_out_and_links_are_gaps_that_name_them() {
    let marker = std::env::temp_dir().join("foursee-climbed-out");
    let names = [
        "../foursee-climbed-out",
        "/foursee-climbed-out",
        "a/../../foursee-climbed-out",
        "..",
        "a/..",
        "./../b",
    ];
    let mut parts = vec![entry("good.txt", ACLS)];
    parts.extend(names.iter().map(|name| entry(name, ACLS)));
    for (kind, target) in [
        (b'1', "/etc/passwd"),
        (b'2', "../../etc/passwd"),
        (b'2', "good.txt"),
        (b'3', ""),
        (b'6', ""),
    ] {
        parts.push(
            header(
                format!("special-{}", char::from(kind)).as_bytes(),
                &octal(0),
                kind,
                target.as_bytes(),
            )
            .to_vec(),
        );
    }
    let said = audited("t.tar", &closed(&parts));
    assert_eq!(said.count("documents "), 1, "{:?}", said.lines);
    for name in names {
        assert!(said.gap(&[name]), "{name}: {:?}", said.lines);
    }
    for name in ["special-1", "special-2", "special-3", "special-6"] {
        assert!(said.gap(&[name]), "{name}: {:?}", said.lines);
    }
    assert!(!marker.exists());
}

#[test]
fn sizes_that_lie_end_the_archive_with_a_gap() {
    let base256 = |first: u8, rest: [u8; 11]| -> Vec<u8> { std::iter::once(first).chain(rest).collect() };
    let sizes = [
        (octal(8 << 30), "eight gigabytes in octal"),
        (b"77777777777\0".to_vec(), "the most in octal"),
        (b"-0000000001\0".to_vec(), "negative in octal"),
        (b"9999999999x\0".to_vec(), "no octal"),
        (base256(0x80, [0xff; 11]), "the most in base 256"),
        (base256(0xff, [0xff; 11]), "minus one in base 256"),
        (
            base256(0x80, [0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            "2^64 - 1",
        ),
    ];
    for (size, what) in sizes {
        let mut bytes = entry("good.txt", ACLS);
        bytes.extend(header(b"liar.txt", &size, b'0', b""));
        bytes.extend(ACLS);
        let said = audited("t.tar", &bytes);
        assert!(
            said.gap(&["t.tar"]) || said.gap(&["liar.txt"]),
            "{what}: {:?}",
            said.lines
        );
        assert!(said.count("documents ") <= 2, "{what}");
    }
}

#[test]
fn extended_headers_of_absurd_length_end_the_archive_with_a_gap() {
    // Names: a megabyte of GNU long name, a gigabyte that is not there, a pax path without end, a size of 2^63.
    let long = vec![b'n'; 1 << 20];
    let with = |kind: u8, content: &[u8], said: u64| -> Vec<u8> {
        let mut all = header(b"././@LongLink", &octal(said), kind, b"").to_vec();
        all.extend(content);
        all.resize(all.len().next_multiple_of(BLOCK), 0);
        all.extend(entry("x.txt", ACLS));
        closed(&[all])
    };
    let pax = |record: &str| {
        format!(
            "{} {record}\n",
            record.len() + 2 + (record.len() + 4).to_string().len()
        )
    };
    let size = pax("size=9223372036854775808");
    let path = pax(&format!("path={}", "p/".repeat(400_000)));
    for (bytes, what) in [
        (with(b'L', &long, long.len() as u64), "a long name"),
        (with(b'L', &long, 1 << 30), "a longer name than there is"),
        (
            with(b'x', path.as_bytes(), path.len() as u64),
            "a path without end",
        ),
        (with(b'x', size.as_bytes(), size.len() as u64), "a size of 2^63"),
        (with(b'x', b"999999999999 path=x\n", 20), "a record that lies"),
        (with(b'g', &long, long.len() as u64), "a global header"),
    ] {
        let said = audited("t.tar", &bytes);
        assert!(said.count("gaps ") > 0, "{what}: {:?}", said.lines);
    }
    // A sparse file of a terabyte: 512 bytes of map, one of content.
    let mut sparse = header(b"sparse.txt", &octal(512), b'S', b"");
    sparse[482] = 0;
    sparse[483..495].copy_from_slice(&octal(1 << 32));
    sparse[148..156].copy_from_slice(b"        ");
    let sum: u32 = sparse.iter().map(|byte| u32::from(*byte)).sum();
    sparse[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let bytes = closed(&[sparse.to_vec(), vec![b'x'; BLOCK], entry("after.txt", ACLS)]);
    let said = audited("t.tar", &bytes);
    assert!(said.gap(&["sparse.txt"]), "{:?}", said.lines);
    assert_eq!(said.count("documents "), 1, "{:?}", said.lines);
}

#[test]
fn what_unpacks_to_a_terabyte_is_given_up() {
    // A zstd frame of 8,388,608 blocks of 128 KiB of one letter each: 2^40 bytes in 32 MiB.
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for _ in 0..8 << 20 {
        bomb.extend(&((131_072_u32 << 3) | 2).to_le_bytes()[..3]);
        bomb.push(b' ');
    }
    bomb.extend([1, 0, 0]);
    let said = audited("bomb.zst", &bomb);
    assert!(said.gap(&["too-large", "bomb.zst"]), "{:?}", said.lines);

    // Gzip in gzip in gzip, of a gigabyte of blanks: each layer is a thousandth of what it holds.
    let blanks = gzip(&vec![b' '; 64 << 20]);
    let members: Vec<u8> = blanks.repeat(16);
    let nested = gzip(&gzip(&members));
    let said = audited("bomb.gz", &nested);
    assert!(said.gap(&["bomb.gz"]), "{:?}", said.lines);
    let deep = (0..40).fold(b"{}".to_vec(), |inner, _| gzip(&inner));
    assert!(audited("deep.gz", &deep).gap(&["deep.gz"]));
    let tars = (0..40).fold(b"{}".to_vec(), |inner, _| closed(&[entry("t.tar", &inner)]));
    assert!(audited("deep.tar", &tars).gap(&["t.tar"]));
}

#[test]
fn the_same_name_a_thousand_times_is_one_document_and_a_gap() {
    let parts: Vec<Vec<u8>> = (0..1_000).map(|_| entry("acls.txt", ACLS)).collect();
    let said = audited("t.tar", &closed(&parts));
    assert_eq!(said.count("documents "), 1);
    assert!(
        said.gap(&["acls.txt", "1000"]) || said.gap(&["acls.txt", "999"]),
        "{:?}",
        said.lines
    );
}

#[test]
fn a_folder_in_a_folder_without_end_and_links_in_circles_end() {
    let folder = Folder::new();
    folder.file("acls.txt", ACLS);
    let mut deep = folder.path().to_owned();
    for _ in 0..300 {
        deep.push("d");
    }
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join("x.json"), "{}").unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("out.txt")).unwrap();
    std::os::unix::fs::symlink("self", folder.path().join("self")).unwrap();
    let said = audited_within(ROOM, &[folder.path()]);
    assert_eq!(said.count("documents "), 1, "{:?}", said.lines);
    for name in ["out.txt", "self", "d/d/d"] {
        assert!(said.gap(&[name]), "{name}: {:?}", said.lines);
    }
}
