//! Captures: folders and archives with a manifest.

use super::*;

const MANIFEST: &str = r#"{
  "foursee_capture": 1, "created": "2026-11-25T08:00:00Z", "context": "prod", "complete": true, "added-later": [1],
  "documents": [
    {"file": "aws/roles.json", "layer": "aws", "kind": "roles", "scope": "111122223333", "bytes": 7,
     "sha256": "015ABD7F5CC57A2DD94B7590F04AD8084273905EE33EC5CEBEAE62276A97F862"},
    {"file": "k/pods.json", "layer": "kubernetes", "kind": "pods", "scope": "uid-1", "context": "blue", "bytes": 7}
  ],
  "gaps": [
    {"layer": "kafka", "scope": "k1", "target": "acls", "facet": "all", "reason": "denied",
     "hides": "who may read topics", "closes": "Describe on Cluster"}
  ]
}"#;

fn capture(manifest: &str) -> Vec<(&str, &[u8])> {
    vec![
        ("aws/roles.json", b"{\"a\":1}"),
        ("foursee-capture.json", manifest.as_bytes()),
        ("k/pods.json", b"{\"a\":2}"),
        ("mine.json", b"{}"),
    ]
}

fn folder(manifest: &str) -> Folder {
    capture(manifest)
        .into_iter()
        .fold(Folder::new(), |folder, (name, content)| {
            folder.with(name, content)
        })
}

fn scopes(reading: &Reading) -> Vec<(&str, Option<&str>, Option<&str>)> {
    reading
        .inputs
        .iter()
        .map(|one| (one.name.as_str(), one.scope.as_deref(), one.context.as_deref()))
        .collect()
}

#[test]
fn a_manifest_says_whose_documents_are_and_what_is_not_there() {
    let tape = tar(&capture(MANIFEST));
    for reading in [
        folder(MANIFEST).read(&[""], &Limits::default()),
        read_file("c.tar", &tape, &Limits::default()),
        read_file("c.tar.zst", zstd(&tape), &Limits::default()),
    ] {
        assert_eq!(
            scopes(&reading),
            [
                ("aws/roles.json", Some("111122223333"), Some("prod")),
                ("k/pods.json", Some("uid-1"), Some("blue")),
                ("mine.json", None, None),
            ]
        );
        assert_eq!(reading.inputs[0].created.as_deref(), Some("2026-11-25T08:00:00Z"));
        assert_eq!(gaps(&reading), ["denied: acls (scope k1): all"]);
        assert_eq!(
            (&*reading.gaps[0].layer, &*reading.gaps[0].closes),
            ("kafka", "Describe on Cluster")
        );
    }
}

#[test]
fn what_was_lost_on_the_way_is_a_gap() {
    let folder = folder(MANIFEST).with("k/pods.json", "{\"a\"");
    fs::remove_file(folder.path("aws/roles.json")).unwrap();
    let reading = folder.read(&[""], &Limits::default());
    assert_eq!(
        gaps(&reading)[..2],
        [
            "not-captured: aws/roles.json: is listed in the manifest, and is not there",
            "truncated: k/pods.json: has 4 bytes where the manifest says 7",
        ]
    );
    assert_eq!(
        (&*reading.gaps[0].layer, &*reading.gaps[0].hides),
        ("aws", "all that `roles` says")
    );
}

#[test]
fn what_was_changed_since_it_was_collected_is_a_gap_and_is_read() {
    let edited: Vec<(&str, &[u8])> = capture(MANIFEST)
        .into_iter()
        .map(|(name, text)| {
            (
                name,
                if name == "aws/roles.json" {
                    &b"{\"a\":9}"[..]
                } else {
                    text
                },
            )
        })
        .collect();
    let tape = tar(&edited);
    // The manifest may stand behind what it lists.
    let last = tar(&[edited[0], edited[2], edited[3], edited[1]]);
    for reading in [
        folder(MANIFEST)
            .with("aws/roles.json", "{\"a\":9}")
            .read(&[""], &Limits::default()),
        read_file("c.tar", &tape, &Limits::default()),
        read_file("c.tar", &last, &Limits::default()),
        read_file("c.tar.zst", zstd(&tape), &Limits::default()),
    ] {
        assert_eq!(
            gaps(&reading)[..1],
            [
                "malformed: aws/roles.json: its SHA-256 is not the one in the manifest: it was changed after it was collected"
            ]
        );
        assert_eq!(&*reading.gaps[0].layer, "aws");
        assert_eq!(reading.inputs[0].text, "{\"a\":9}");
    }
}

#[test]
fn a_capture_that_did_not_end_says_so() {
    for manifest in [
        r#"{"foursee_capture":1,"complete":false}"#,
        r#"{"foursee_capture":1}"#,
    ] {
        let reading = folder(manifest).read(&[""], &Limits::default());
        assert_eq!(reading.inputs.len(), 3);
        assert_eq!(
            gaps(&reading),
            ["not-captured: foursee-capture.json: the capture does not say that it is complete"]
        );
    }
}

#[test]
fn a_manifest_that_is_not_read_leaves_the_folder_as_one_without() {
    for (manifest, gap) in [
        (
            r#"{"foursee_capture":2,"complete":false}"#,
            "unsupported: foursee-capture.json: is a manifest of version 2; this foursee reads version 1",
        ),
        (
            "{\"foursee_capture\":1,",
            "malformed: foursee-capture.json: is no manifest: ",
        ),
        ("[]", "malformed: foursee-capture.json: is no manifest: "),
    ] {
        let reading = folder(manifest).read(&[""], &Limits::default());
        assert_eq!(reading.inputs.len(), 3);
        assert!(reading.inputs.iter().all(|input| input.scope.is_none()));
        assert_eq!(gaps(&reading).len(), 1);
        assert!(gaps(&reading)[0].starts_with(gap), "{:?}", gaps(&reading));
    }
}

#[test]
fn captures_may_stand_beside_one_another() {
    let folder = ["a", "b"].into_iter().fold(Folder::new(), |folder, one| {
        let manifest = format!(
            "{{\"foursee_capture\":1,\"complete\":true,\"documents\":[{{\"file\":\"roles.json\",\"scope\":\"{one}\"}}]}}"
        );
        folder.with(&format!("{one}/foursee-capture.json"), manifest).with(&format!("{one}/roles.json"), "{}")
    });
    let want = [
        ("a/roles.json", Some("a"), None),
        ("b/roles.json", Some("b"), None),
    ];
    let reading = folder.read(&[""], &Limits::default());
    assert_eq!((scopes(&reading), reading.gaps.len()), (want.to_vec(), 0));
    let reading = folder.read(&["a", "b"], &Limits::default());
    assert_eq!((scopes(&reading), reading.gaps.len()), (want.to_vec(), 0));
    let reading = folder.read(&["a/foursee-capture.json"], &Limits::default());
    assert_eq!(reading.missing.len(), 1);
    assert_eq!(
        gaps(&reading),
        ["not-captured: foursee-capture.json: is the manifest of a capture, not one of its documents"]
    );
}

#[test]
fn a_manifest_reaches_the_parts_of_its_files() {
    let manifest = r#"{"foursee_capture":1,"complete":true,"documents":[
        {"file":"all.json","scope":"s"},{"file":"packed","scope":"t"}]}"#;
    let folder = Folder::new()
        .with("foursee-capture.json", manifest)
        .with("all.json", "{\"a\":1}{\"b\":1}")
        .with("packed", gzip(tar(&[("x/y.json", b"{}")])));
    let reading = folder.read(&[""], &Limits::default());
    let want = [
        ("all.json#1", Some("s"), None),
        ("all.json#2", Some("s"), None),
        ("packed/x/y.json", Some("t"), None),
    ];
    assert_eq!((scopes(&reading), reading.gaps.len()), (want.to_vec(), 0));
}
