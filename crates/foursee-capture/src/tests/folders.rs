//! Folders, arguments, texts and names.

use super::*;
use foursee_core::model::Reason;

#[test]
fn a_folder_is_read_in_the_order_of_its_names() {
    let folder = Folder::new()
        .with("b.json", "{\"b\":1}")
        .with("a/z.yaml", "kind: Role\n---\nkind: Pod\n")
        .with("a/A.json", "[1]")
        .with("a.json", "{\"a\":1}");
    let mut seen = Vec::new();
    let reading = read(&[folder.path("")], &Limits::default(), &mut |one| {
        seen.push((one.name, one.documents))
    });
    let want = ["a/A.json", "a/z.yaml", "a.json", "b.json"];
    assert_eq!(names(&reading), want);
    assert_eq!(texts(&reading)[1].1, "kind: Role\n---\nkind: Pod\n");
    assert_eq!(
        seen,
        want.iter()
            .zip(1..)
            .map(|(name, count)| ((*name).to_owned(), count))
            .collect::<Vec<_>>()
    );
    assert!(reading.gaps.is_empty() && reading.missing.is_empty());
}

#[test]
fn what_is_none_of_ours_is_passed_over_and_other_binaries_are_gaps() {
    let folder = Folder::new()
        .with(".git/config", "x")
        .with(".DS_Store", "x")
        .with("foursee.toml", "x")
        .with("README.md", "x")
        .with("LICENSE", "x")
        .with("diagram", b"\x89PNG\r\n\x1a\n\0\0")
        .with("roles.json", "{}")
        .with("x.bin", b"\x01\0\x02")
        .with("x.zip", b"PK\x03\x04\x01\0");
    let reading = folder.read(&[""], &Limits::default());
    assert_eq!(names(&reading), ["roles.json"]);
    assert_eq!(
        gaps(&reading),
        [
            "unsupported: x.bin: is a binary file of an unknown form, which is not read",
            "unsupported: x.zip: is a zip archive, which is not read",
        ]
    );
    // Named, nothing is passed over in silence.
    let reading = folder.read(&["diagram", "README.md"], &Limits::default());
    assert_eq!(names(&reading), ["README.md"]);
    assert_eq!(
        gaps(&reading),
        ["unsupported: diagram: is a picture, which is not read"]
    );
    assert_eq!(reading.missing, [folder.path("diagram")]);
}

#[test]
fn texts_of_windows_are_decoded_and_keep_their_line_ends() {
    let le = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let be = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
    let text = "{\r\n\"name\": \"\u{e9}\u{1f512}\"}\r\n";
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [&b"\xff\xfe"[..], &le(text)].concat(),
        [&b"\xfe\xff"[..], &be(text)].concat(),
        le(text),
        be(text),
    ] {
        let reading = read_file("x", &bytes, &Limits::default());
        assert_eq!(texts(&reading), [("x", text)]);
        assert!(reading.gaps.is_empty());
        assert_eq!(
            texts(&read_file("x", gzip(&bytes), &Limits::default())),
            [("x", text)]
        );
    }
}

#[test]
fn a_text_that_stops_being_one_is_kept_up_to_there() {
    let reading = read_file("x.json", b"\xef\xbb\xbf{\"a\":\"\xe9\"}", &Limits::default());
    assert_eq!(texts(&reading), [("x.json", "{\"a\":\"")]);
    assert_eq!(
        gaps(&reading),
        ["malformed: x.json: is neither UTF-8 nor UTF-16 from byte 9 on"]
    );
    let reading = read_file("x.json", b"{\"a\":\"\xe2\x82", &Limits::default());
    assert_eq!(
        gaps(&reading),
        ["truncated: x.json: ends within a character at byte 6"]
    );
    // Nothing of it is text: nothing is read, and the gap says why.
    let reading = read_file("x.json", b"\xe9\xe9\xe9", &Limits::default());
    assert_eq!(
        (reading.inputs.len(), reading.missing.len(), reading.gaps.len()),
        (0, 1, 1)
    );
}

#[test]
fn an_empty_file_is_a_gap() {
    for content in [
        &b""[..],
        b" \r\n",
        b"\xef\xbb\xbf",
        b"\xff\xfe\r\0\n\0",
        &gzip(""),
    ] {
        let reading = read_file("roles.json", content, &Limits::default());
        assert_eq!(
            gaps(&reading),
            ["not-captured: roles.json: an empty file where an export belongs"]
        );
        assert_eq!(reading.missing.len(), 1);
    }
    let folder = Folder::new().with("a.json", "").with("b.json", "{}");
    let reading = folder.read(&[""], &Limits::default());
    assert_eq!((names(&reading), reading.missing.len()), (vec!["b.json"], 0));
    assert_eq!(
        gaps(&reading),
        ["not-captured: a.json: an empty file where an export belongs"]
    );
}

#[test]
fn a_path_that_gives_nothing_is_missing_and_says_why() {
    let folder = Folder::new().with("empty/.keep", "").with("full/a.json", "{}");
    let reading = folder.read(&["empty", "nowhere", "full"], &Limits::default());
    assert_eq!(reading.missing, [folder.path("empty"), folder.path("nowhere")]);
    let gaps = gaps(&reading);
    assert!(gaps[0].ends_with("/empty: no document is in it"), "{gaps:?}");
    assert!(
        gaps[1].ends_with("/nowhere: there is no such file or folder"),
        "{gaps:?}"
    );
}

#[test]
fn exports_of_different_sorts_in_one_file_are_parts() {
    let text = "{\"Roles\":[]}\r\n{\"Users\":[]}\r\n{\"Users\":[1]}\r\n";
    let reading = read_file("all.json", text, &Limits::default());
    let want = [
        ("all.json#1", "{\"Roles\":[]}"),
        ("all.json#2", "{\"Users\":[]}\r\n{\"Users\":[1]}"),
    ];
    assert_eq!(texts(&reading), want);
    let lines = "{\"a\":1}\n{\"a\":2}\n";
    assert_eq!(
        texts(&read_file("log", lines, &Limits::default())),
        [("log", lines)]
    );
}

#[test]
fn names_of_several_arguments_do_not_collide() {
    let folder = Folder::new()
        .with("x/prod/roles.json", "{\"a\":1}")
        .with("x/prod/empty.json", "")
        .with("x/dev/roles.json", "{\"a\":2}")
        .with("y/dev/roles.json", "{\"a\":3}")
        .with("z/other.json", "{\"a\":4}");
    let read = |names: &[&str]| folder.read(names, &Limits::default());
    let shown = |reading: &Reading| {
        let root = folder.path("").to_string_lossy().into_owned();
        reading
            .inputs
            .iter()
            .map(|input| input.name.replace(&root, "R"))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&read(&["x/prod", "z"])), ["roles.json", "other.json"]);
    let reading = read(&["x/prod", "x/dev", "z"]);
    assert_eq!(
        shown(&reading),
        ["prod/roles.json", "dev/roles.json", "other.json"]
    );
    assert_eq!(
        gaps(&reading),
        ["not-captured: prod/empty.json: an empty file where an export belongs"]
    );
    assert_eq!(
        reading
            .inputs
            .iter()
            .map(|input| input.argument)
            .collect::<Vec<_>>(),
        [0, 1, 2]
    );
    assert_eq!(
        shown(&read(&["x/dev", "y/dev"])),
        ["R/x/dev/roles.json", "R/y/dev/roles.json"]
    );
    let files = ["x/dev/roles.json", "y/dev/roles.json"];
    assert_eq!(shown(&read(&files)), ["R/x/dev/roles.json", "R/y/dev/roles.json"]);
    assert_eq!(
        shown(&read(&["x/prod", "x/dev/roles.json"])),
        ["prod/roles.json", "roles.json"]
    );
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = Folder::new().with("a/x.json", "{}");
    for names in [["a", "a/x.json"], ["a", "a"], ["a/x.json", "a"], ["a", "a/../a"]] {
        let reading = folder.read(&names, &Limits::default());
        assert_eq!(
            (reading.inputs.len(), reading.missing.len(), reading.gaps.len()),
            (1, 0, 0),
            "{names:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_of_a_folder() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new()
        .with("out/secret.json", "{}")
        .with("in/a.json", "{}")
        .with("in/..v1/b.json", "{\"b\":1}");
    for (target, link) in [
        ("../out/secret.json", "in/l-file.json"),
        ("../out", "in/l-folder"),
        ("nowhere", "in/l-dangling"),
        ("a.json", "in/l-same.json"),
        (".", "in/l-loop"),
        ("..v1", "in/..data"),
        ("..data/b.json", "in/b.json"),
        ("..data", "in/l-hidden"),
    ] {
        symlink(target, folder.path(link)).unwrap();
    }
    let reading = folder.read(&["in"], &Limits::default());
    // As Kubernetes mounts a ConfigMap: b.json is a link to a hidden file of the same folder.
    assert_eq!(names(&reading), ["a.json", "b.json"]);
    assert_eq!(
        gaps(&reading),
        [
            "unsupported: l-dangling: a symbolic link to what is not there",
            "unsupported: l-file.json: a symbolic link that leads out of the folder is not followed",
            "unsupported: l-folder: a symbolic link that leads out of the folder is not followed",
            "unsupported: l-hidden: a symbolic link to a hidden folder is not followed",
        ]
    );
    // The argument itself may be a link.
    symlink("out", folder.path("named")).unwrap();
    assert_eq!(
        names(&folder.read(&["named"], &Limits::default())),
        ["secret.json"]
    );
    symlink("out/secret.json", folder.path("named.json")).unwrap();
    assert_eq!(
        names(&folder.read(&["named.json"], &Limits::default())),
        ["named.json"]
    );
}

#[cfg(unix)]
#[test]
fn sockets_in_a_folder_are_not_opened() {
    let folder = Folder::new().with("a.json", "{}");
    let _socket = std::os::unix::net::UnixListener::bind(folder.path("engine.sock")).unwrap();
    let reading = folder.read(&[""], &Limits::default());
    assert_eq!(names(&reading), ["a.json"]);
    assert_eq!(
        gaps(&reading),
        ["unsupported: engine.sock: a pipe, socket or device in a folder is not opened"]
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_a_gap() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new()
        .with("a.json", "{}")
        .with("b.json", "{}")
        .with("c/d.json", "{}");
    fs::set_permissions(folder.path("b.json"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(folder.path("c"), fs::Permissions::from_mode(0o000)).unwrap();
    // Whoever may read everything (root) sees no difference.
    let reads_all = fs::File::open(folder.path("b.json")).is_ok();
    let reading = folder.read(&[""], &Limits::default());
    fs::set_permissions(folder.path("c"), fs::Permissions::from_mode(0o700)).unwrap();
    if reads_all {
        assert_eq!(names(&reading), ["a.json", "b.json", "c/d.json"]);
    } else {
        assert_eq!(names(&reading), ["a.json"]);
        assert_eq!(
            reading.gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(),
            [Reason::Denied; 2]
        );
    }
    let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert_eq!(
        crate::gaps::unreadable("b.json", &denied).1.reason,
        Reason::Denied
    );
}

#[test]
fn standard_input_is_a_stream_like_any() {
    let mut none = |_| {};
    for content in [b"{\"a\":1}".to_vec(), gzip("{\"a\":1}")] {
        let mut reader = crate::read::Reader::new(&Limits::default(), &mut none);
        reader.source(&crate::read::At::argument(0, "stdin"), &mut &content[..], None);
        assert_eq!(texts(&reader.finish(&["-".into()])), [("stdin", "{\"a\":1}")]);
    }
    let mut reader = crate::read::Reader::new(&Limits::default(), &mut none);
    let content = tar(&[("a/b.json", b"{}")]);
    reader.source(&crate::read::At::argument(0, "stdin"), &mut &content[..], None);
    assert_eq!(names(&reader.finish(&["-".into()])), ["a/b.json"]);
}

#[test]
fn a_source_that_fails_keeps_what_it_gave() {
    struct Failing(usize);
    impl std::io::Read for Failing {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            if self.0 == 0 {
                return Err(std::io::Error::other("the disk is gone"));
            }
            let got = self.0.min(buf.len());
            buf[..got].fill(b'7');
            self.0 -= got;
            Ok(got)
        }
    }
    for len in [0, 5, 100_000] {
        let mut none = |_| {};
        let mut reader = crate::read::Reader::new(&Limits::default(), &mut none);
        reader.source(&crate::read::At::argument(0, "pipe"), &mut Failing(len), None);
        let reading = reader.finish(&["pipe".into()]);
        assert_eq!(
            reading.inputs.iter().map(|input| input.text.len()).sum::<usize>(),
            len
        );
        assert_eq!(
            gaps(&reading),
            ["truncated: pipe: reading it failed: the disk is gone"]
        );
    }
}
