//! Archives as they are meant to be.

use super::*;

#[test]
fn archives_are_known_by_content_and_named_from_within() {
    let tape = tar(&[
        ("./k/roles.json", b"{\"a\":1}"),
        ("k/pods.yaml", b"kind: Pod"),
        ("README.md", b"x"),
        (".git/x", b"x"),
    ]);
    let want = [("k/roles.json", "{\"a\":1}"), ("k/pods.yaml", "kind: Pod")];
    for content in [tape.clone(), gzip(&tape), zstd(&tape), zstd(gzip(&tape))] {
        let reading = read_file("export.txt", &content, &Limits::default());
        assert_eq!(texts(&reading), want);
        assert!(reading.gaps.is_empty(), "{:?}", reading.gaps);
        let folder = Folder::new().with("x/export.txt", &content);
        assert_eq!(
            names(&folder.read(&[""], &Limits::default())),
            ["x/export.txt/k/roles.json", "x/export.txt/k/pods.yaml"]
        );
    }
    for content in [gzip("{\"a\":1}"), zstd("{\"a\":1}"), gzip(zstd("{\"a\":1}"))] {
        assert_eq!(
            texts(&read_file("roles.json.gz", content, &Limits::default())),
            [("roles.json.gz", "{\"a\":1}")]
        );
    }
}

#[test]
fn archives_within_archives_are_read_up_to_a_depth() {
    let mut content = b"{\"a\":1}".to_vec();
    for depth in 1..=5 {
        content = gzip(tar(&[("x", &content)]));
        let reading = read_file("a", &content, &Limits::default());
        if depth <= 3 {
            assert_eq!(names(&reading), [vec!["x"; depth].join("/")]);
            assert!(reading.gaps.is_empty());
        } else {
            assert_eq!(
                gaps(&reading),
                ["too-large: x/x/x: an archive deeper than 3 within one another"]
            );
            assert_eq!(reading.missing.len(), 1);
        }
    }
    let bare = tar(&[("x", &tar(&[("x", &tar(&[("x", &tar(&[("x", b"{}")]))]))]))]);
    assert_eq!(
        gaps(&read_file("a", bare, &Limits::default())),
        ["too-large: x/x/x: an archive deeper than 3 within one another"]
    );
    // One that is too deep costs nothing but itself.
    let reading = read_file(
        "a",
        tar(&[("deep", &gzip(gzip(gzip("{}")))), ("z", b"{}")]),
        &Limits::default(),
    );
    assert_eq!(names(&reading), ["z"]);
}

#[test]
fn long_names_of_gnu_and_pax_are_whole() {
    let long = format!("{}/roles.json", "n".repeat(180));
    assert_eq!(
        names(&read_file("a", tar(&[(&long, b"{}")]), &Limits::default())),
        [&long]
    );
    let mut tape = tar::Builder::new(Vec::new());
    tape.append_pax_extensions([("path", long.as_bytes()), ("mtime", b"1.5")])
        .unwrap();
    tape.append(&header("short", tar::EntryType::Regular, 2), &b"{}"[..])
        .unwrap();
    assert_eq!(
        names(&read_file("a", tape.into_inner().unwrap(), &Limits::default())),
        [&long]
    );
}

#[test]
fn a_name_that_comes_twice_is_read_as_tar_would_leave_it() {
    let reading = read_file(
        "a",
        tar(&[("x.json", b"{\"a\":1}"), ("y", b"{}"), ("x.json", b"{\"a\":2}")]),
        &Limits::default(),
    );
    assert_eq!(texts(&reading), [("y", "{}"), ("x.json", "{\"a\":2}")]);
    assert_eq!(
        gaps(&reading),
        ["ambiguous: x.json: is in the archive 2 times: the last one was read, as tar would leave it"]
    );
}

#[test]
fn archives_that_were_joined_are_read_to_the_last() {
    let joined = [tar(&[("a", b"{}")]), tar(&[("b", b"{}")])].concat();
    let reading = read_file("x", joined, &Limits::default());
    assert_eq!((names(&reading), reading.gaps.len()), (vec!["a", "b"], 0));
}

#[test]
fn binaries_and_empty_files_in_an_archive_are_gaps() {
    let reading = read_file(
        "a.tar",
        tar(&[("e.json", b""), ("b", b"\0\x01"), ("p.png", b"\x89PNG\r\n\x1a\n")]),
        &Limits::default(),
    );
    assert_eq!(
        gaps(&reading),
        [
            "not-captured: e.json: an empty file where an export belongs",
            "unsupported: b: is a binary file of an unknown form, which is not read",
        ]
    );
    assert_eq!(reading.missing.len(), 1);
}
