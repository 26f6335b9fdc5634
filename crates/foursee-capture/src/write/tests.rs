use super::*;
use crate::tests::{Folder, gaps, texts};
use crate::{Limits, Memory, read};

fn document(file: &str, text: &str) -> Collected {
    Collected::new(file, "roles", text).scope("s")
}

fn begin(path: &Path) -> Writer {
    Writer::create(path, Options::created("2026-11-28T04:00:00Z").context("prod")).unwrap()
}

fn denied(target: &str) -> NotCollected {
    NotCollected {
        target: target.into(),
        reason: "denied".into(),
        hides: "h".into(),
        closes: "c".into(),
        ..NotCollected::default()
    }
}

fn manifest(path: &Path) -> Manifest {
    Manifest::read(&fs::read_to_string(path.join(manifest::NAME)).unwrap()).unwrap()
}

fn every_file(path: &Path) -> Vec<PathBuf> {
    let mut all = vec![path.to_owned()];
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(every_file(&path));
        } else {
            all.push(path);
        }
    }
    all
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it_at_any_time() {
    let folder = Folder::new();
    let path = folder.path("deep/capture");
    let writer = begin(&path);
    let sink = writer.sink("postgres", "db:5432");
    sink.document(document("a/b.json", "{}")).unwrap();
    let check = || {
        for one in every_file(&path) {
            assert_eq!(mode(&one), if one.is_dir() { 0o700 } else { 0o600 }, "{one:?}");
        }
    };
    check();
    writer.finish(true).unwrap();
    check();
    let archive = folder.path("capture.tar.zst");
    let writer = begin(&archive);
    assert_eq!(mode(&folder.path("capture.tar.zst.partial")), 0o700);
    writer.finish(true).unwrap();
    assert_eq!(mode(&archive), 0o600);
}

#[test]
fn folder_archive_and_memory_read_the_same() {
    let folder = Folder::new();
    let several = "{\"a\":1}\n{\"b\":2}\n";
    let large: String = (0..300_000_u64)
        .map(|number| format!("{{\"n\":{}}}\n", number * 7919 % 100_003))
        .collect();
    let fill = |sink: &dyn Sink| {
        sink.document(document("docker/all.json", several)).unwrap();
        sink.document(document("docker/large.json", &large)).unwrap();
        sink.document(document(&format!("x/{}.json", "long".repeat(90)), "{\"c\":1}"))
            .unwrap();
        sink.gap(denied("volumes"));
    };
    let memory = Memory::new(Options::created("2026-11-28T04:00:00Z").context("prod"));
    fill(&memory.sink("container", "unix:///docker.sock"));
    let want = memory.finish(true);
    assert_eq!(want.inputs.len(), 4);
    assert_eq!(want.gaps.len(), 1);
    for name in ["capture", "capture.tar.zst"] {
        let path = folder.path(name);
        let writer = begin(&path);
        fill(&writer.sink("container", "unix:///docker.sock"));
        let written = writer.finish(true).unwrap();
        assert_eq!((written.documents, written.kept, written.gaps), (3, 0, 1));
        let reading = read(std::slice::from_ref(&path), &Limits::default(), &mut |_| {});
        assert_eq!(reading.gaps, want.gaps);
        assert!(reading.inputs == want.inputs, "{name} differs");
    }
    assert!(!folder.path("capture.tar.zst.partial").exists());
    let packed = fs::metadata(folder.path("capture.tar.zst")).unwrap().len();
    assert!(
        packed * 2 < large.len() as u64,
        "{packed} bytes of {}",
        large.len()
    );
}

#[test]
fn a_manifest_says_what_was_written() {
    let folder = Folder::new();
    let path = folder.path("c");
    let writer = begin(&path);
    writer
        .sink("kafka", "b:9092")
        .document(document("acls.txt", "abc"))
        .unwrap();
    writer.finish(true).unwrap();
    let manifest = manifest(&path);
    assert_eq!(
        (manifest.complete, manifest.created.as_deref()),
        (Some(true), Some("2026-11-28T04:00:00Z"))
    );
    let listed = &manifest.documents[0];
    assert_eq!(
        (&*listed.file, &*listed.layer, listed.bytes),
        ("kafka/b%3a9092/acls.txt", "kafka", Some(3))
    );
    assert_eq!(
        listed.sha256.as_deref(),
        Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    );
    assert_eq!(every_file(&path).len(), 5);
}

#[test]
fn whatever_interrupts_it_leaves_a_capture_that_reads_and_goes_on() {
    for name in ["c", "c.tar.zst"] {
        let folder = Folder::new();
        let path = folder.path(name);
        let left = if name == "c" {
            path.clone()
        } else {
            folder.path("c.tar.zst.partial")
        };
        let writer = begin(&path);
        assert_eq!(manifest(&left).complete, Some(false));
        let sink = writer.sink("aws", "1");
        for number in 0..20 {
            sink.document(document(&format!("{number}.json"), "{\"a\":1}"))
                .unwrap();
        }
        let reading = read(std::slice::from_ref(&left), &Limits::default(), &mut |_| {});
        assert_eq!(reading.inputs.len(), 20, "what a killed process leaves");
        let incomplete = "not-captured: foursee-capture.json: the capture does not say that it is complete";
        assert_eq!(gaps(&reading), [incomplete]);
        drop(writer);
        assert_eq!(manifest(&left).documents.len(), 20);
        assert_eq!(manifest(&left).complete, Some(false));

        let writer = begin(&path);
        let sink = writer.sink("aws", "1");
        for number in 0..19 {
            let text = if number == 3 { "{\"a\":2}" } else { "{\"a\":1}" };
            sink.document(document(&format!("{number}.json"), text)).unwrap();
        }
        let written = writer.finish(true).unwrap();
        assert_eq!((written.documents, written.kept, written.removed), (19, 18, 1));
        let reading = read(std::slice::from_ref(&path), &Limits::default(), &mut |_| {});
        assert_eq!((reading.inputs.len(), reading.gaps.len()), (19, 0));
        assert!(texts(&reading).contains(&("aws/1/3.json", "{\"a\":2}")));
    }
}

#[test]
fn what_was_killed_before_its_manifest_grew_is_still_its_own() {
    let folder = Folder::new();
    let path = folder.path("c");
    let writer = begin(&path);
    let sink = writer.sink("aws", "1");
    for number in 0..40 {
        sink.document(document(&format!("{number}.json"), "{}")).unwrap();
    }
    assert!(
        manifest(&path).documents.len() < 40,
        "the manifest grows in steps"
    );
    // As a killed process: nothing is dropped, only its lock goes.
    let copy = folder.path("killed");
    for one in every_file(&path) {
        let to = copy.join(one.strip_prefix(&path).unwrap());
        if one.is_dir() {
            fs::create_dir_all(to).unwrap()
        } else {
            fs::copy(one, to).map(drop).unwrap()
        }
    }
    let writer = begin(&copy);
    let sink = writer.sink("aws", "1");
    for number in 0..40 {
        sink.document(document(&format!("{number}.json"), "{\"new\":1}"))
            .unwrap();
    }
    assert_eq!(writer.finish(true).unwrap().documents, 40);
}

#[test]
fn other_targets_stay_as_they_are() {
    let folder = Folder::new();
    let path = folder.path("c");
    let writer = begin(&path);
    for target in ["one", "two"] {
        let sink = writer.sink("postgres", target);
        sink.document(document("roles.json", "{}")).unwrap();
        sink.gap(denied(&format!("pg_authid of {target}")));
    }
    writer.finish(true).unwrap();
    let writer = begin(&path);
    writer
        .sink("postgres", "two")
        .document(document("other.json", "{}"))
        .unwrap();
    let written = writer.finish(true).unwrap();
    assert_eq!((written.documents, written.removed, written.gaps), (2, 1, 1));
    let manifest = manifest(&path);
    let files: Vec<&str> = manifest.documents.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(files, ["postgres/one/roles.json", "postgres/two/other.json"]);
    assert_eq!(manifest.gaps[0].target, "pg_authid of one");
    assert_eq!(manifest.gaps[0].from.as_deref(), Some("one"));
    assert!(!path.join("postgres/two/roles.json").exists());
}

#[test]
fn what_is_not_its_own_is_never_written_over() {
    let folder = Folder::new()
        .with("mine/notes.txt", "n")
        .with("file", "f")
        .with("a.tar.zst", "z");
    for (name, want) in [
        ("mine", "holds files"),
        ("file", "is there already"),
        ("a.tar.zst", "is there already"),
    ] {
        let error = Writer::create(&folder.path(name), Options::default()).unwrap_err();
        assert!(error.to_string().contains(want), "{error}");
    }
    let newer = folder.with("newer/foursee-capture.json", "{\"foursee_capture\":9}");
    assert!(matches!(
        Writer::create(&newer.path("newer"), Options::default()),
        Err(WriteError::Manifest { .. })
    ));
    let climbs =
        r#"{"foursee_capture":1,"documents":[{"file":"../mine/notes.txt","layer":"aws","target":"1"}]}"#;
    let climbs = newer.with("climbs/foursee-capture.json", climbs);
    assert!(matches!(
        Writer::create(&climbs.path("climbs"), Options::default()),
        Err(WriteError::Foreign(_))
    ));

    let path = climbs.path("c");
    begin(&path).finish(true).unwrap();
    let with = climbs.with("c/aws/1/mine.json", "{}");
    let writer = begin(&path);
    let sink = writer.sink("aws", "1");
    let error = sink.document(document("mine.json", "{\"x\":1}")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "mine.json: a file that is not of this capture is in its place"
    );
    sink.document(document("yours.json", "{}")).unwrap();
    let twice = sink.document(document("yours.json", "{}")).unwrap_err();
    assert_eq!(twice.to_string(), "yours.json: two documents of this name");
    let busy = Writer::create(&path, Options::default()).unwrap_err();
    assert!(matches!(busy, WriteError::Io { .. }), "{busy}");
    writer.finish(true).unwrap();
    assert_eq!(fs::read_to_string(with.path("c/aws/1/mine.json")).unwrap(), "{}");
    assert_eq!(fs::read_to_string(with.path("mine/notes.txt")).unwrap(), "n");
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    let folder = Folder::new().with("outside/x.json", "{}");
    let path = folder.path("c");
    begin(&path).finish(true).unwrap();
    fs::create_dir(path.join("aws")).unwrap();
    std::os::unix::fs::symlink(folder.path("outside"), path.join("aws/1")).unwrap();
    let writer = begin(&path);
    assert!(
        writer
            .sink("aws", "1")
            .document(document("y.json", "{}"))
            .is_err()
    );
    assert_eq!(fs::read_dir(folder.path("outside")).unwrap().count(), 1);
}

#[test]
fn strangers_names_end_no_capture() {
    let folder = Folder::new();
    let path = folder.path("c");
    let writer = begin(&path);
    let sink = writer.sink("postgres", "../..");
    let names = [
        "x",
        "x/y",
        "x/y/z",
        "../../../x",
        "README.md",
        "X",
        "",
        "a\n\u{1b}[31m",
        "foursee-capture.json",
    ];
    for name in names {
        sink.document(document(name, "{\"a\":1}")).unwrap();
    }
    assert_eq!(writer.finish(true).unwrap().documents, names.len());
    let reading = read(&[path], &Limits::default(), &mut |_| {});
    assert_eq!((reading.inputs.len(), reading.gaps.len()), (names.len(), 0));
    assert!(reading.inputs.iter().all(|one| one.scope.as_deref() == Some("s")));
    assert_eq!(fs::read_dir(folder.path("")).unwrap().count(), 1);
}

#[test]
fn targets_write_in_parallel() {
    let folder = Folder::new();
    let writer = begin(&folder.path("c"));
    std::thread::scope(|scope| {
        for target in 0..4 {
            let sink = writer.sink("aws", &target.to_string());
            scope.spawn(move || {
                for number in 0..50 {
                    sink.document(document(&format!("a/{number}.json"), "{}"))
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(writer.finish(true).unwrap().documents, 200);
}
