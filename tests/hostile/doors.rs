//! The other doors: questions, foursee.toml, baselines, manifests, values that programs push.

use crate::DEEP;
use crate::limited::Folder;
use foursee::core::audit::{Documents, open};
use foursee::core::judge::Policy;
use foursee_capture::manifest::Manifest;
use foursee_capture::{Limits, read};
use foursee_tests::{json, report, root, shop};
use std::collections::BTreeMap;

const LAYERS: [&str; 5] = ["aws", "kubernetes", "container", "postgres", "kafka"];

#[test]
fn questions_that_are_none_are_errors_in_words() {
    let mut documents = Documents::new();
    for one in shop() {
        documents.push_scoped(one.name, one.text, one.scope);
    }
    let registry = foursee::built_in().unwrap();
    let opened = open(documents, &registry, &Policy::default(), 1);
    let deep = [
        format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP)),
        format!("{}1{}", "{\"spec\":".repeat(DEEP), "}".repeat(DEEP)),
        format!("{{\"pod\":{}1{}}}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP)),
        format!("{{\"PolicyInputList\":[{}]}}", "[".repeat(DEEP)),
        format!("{{\"principal\":\"{}\"}}", "User:".repeat(DEEP)),
    ];
    let plain = [
        "",
        " ",
        "null",
        "true",
        "7",
        "1e400",
        "-0",
        "18446744073709551616",
        "NaN",
        "\"",
        "\"x\"",
        "[]",
        "{}",
        "{\"a\":1}",
        "{\"spec\":{}}",
        "{\"spec\":[]}",
        "{\"container\":{}}",
        "{\"container\":\"\\u001b[2J\\u202e\"}",
        "{\"role\":\"a\\nb\",\"kind\":\"table\",\"object\":\"..\",\"privilege\":\",,\"}",
        "{\"principal\":1}",
        "{\"ActionNames\":[\"s3:*\"]}",
        "{\"ActionNames\":[],\"PolicyInputList\":[\"\"]}",
        "{\"\\ud800\":1}",
        "{\"a\":1}{\"b\":2}",
        "{\"role\":\"x\",\"role\":\"y\",\"kind\":\"table\",\"object\":\"t\",\"privilege\":\"SELECT\"}",
    ];
    let (mut asked, mut refused) = (0, 0);
    for layer in LAYERS {
        let names: Vec<String> = opened
            .scopes()
            .iter()
            .filter(|one| *one.layer == *layer)
            .map(|one| one.name.to_string())
            .collect();
        for question in deep.iter().map(String::as_str).chain(plain) {
            for scope in names
                .iter()
                .map(String::as_str)
                .map(Some)
                .chain([None, Some("\u{1b}nowhere")])
            {
                let mut answer = Vec::new();
                asked += 1;
                match opened.decide(&registry, layer, scope, question, &mut answer) {
                    Ok(()) => assert!(
                        serde_json::from_slice::<serde_json::Value>(&answer).is_ok(),
                        "{layer} {question:.60}"
                    ),
                    Err(error) => {
                        refused += 1;
                        assert!(!error.to_string().is_empty());
                    }
                }
            }
        }
    }
    assert!(refused * 10 > asked * 9, "{refused} of {asked}");
    assert!(
        opened
            .decide(&registry, "no such layer", None, "{}", &mut Vec::new())
            .is_err()
    );
}

#[test]
fn configurations_that_are_none_are_errors_that_name_the_place() {
    let parse = |text: &str| foursee::config::parse(text, &LAYERS);
    let whole = std::fs::read_to_string(root().join("examples/shop/foursee.toml")).unwrap();
    for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
        if let Err(error) = parse(&whole[..end]) {
            assert!(!error.to_string().is_empty());
        }
    }
    let deep = [
        format!("a = {}{}", "[".repeat(DEEP), "]".repeat(DEEP)),
        format!("a = {}1{}", "{a = ".repeat(DEEP), "}".repeat(DEEP)),
        format!("[{}]", "a.".repeat(DEEP) + "a"),
        format!("{} = 1", "a.".repeat(DEEP) + "a"),
        "[".repeat(DEEP),
        format!("[scope.\"x\"]\nfiles = [\"{}", "*a".repeat(DEEP)),
    ];
    for text in deep {
        assert!(parse(&text).is_err(), "{text:.30}");
    }
    for (text, says) in [
        ("[targets.production]\ndefault = 9", "a rung is 0 to 5"),
        ("[targets.production]\ndefault = -1", "a rung is 0 to 5"),
        ("[targets.production]\ndefault = 9223372036854775808", "line 2"),
        ("[targets.production]\ndefault = nan", "line 2"),
        ("[targets.production]\nmoon = 3", "no such layer"),
        ("[scope.\"x\"]\n[scope.\"x\"]\n", "line 2"),
        ("[scope.\"x\"]\ntitle = 1\n", "line 2"),
        ("[prizes]\ntags = [\"x\"]", "key=value"),
        ("\u{0}", "line 1"),
        ("[scope.\"x\"]\nsecret = \"y\"\n", "line 2"),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text:?}: {error}");
    }
}

#[test]
fn a_configuration_that_is_no_text_names_its_file() {
    let folder = Folder::new();
    let path = folder.file("foursee.toml", b"\xff\xfe\0");
    let said = foursee::Audit::new().config(&path).err().unwrap().to_string();
    assert!(said.contains("foursee.toml"), "{said}");
    let path = folder.file("other.toml", b"[scope]\nx = 1\n");
    let said = foursee::Audit::new().config(&path).err().unwrap().to_string();
    assert!(said.contains("other.toml") && said.contains("line 2"), "{said}");
}

#[test]
fn baselines_and_manifests_cut_anywhere_are_errors() {
    let whole = json(&report(&shop()[..8], &Policy::default()));
    for end in (0..whole.len() - 1)
        .step_by(1_024)
        .filter(|end| whole.is_char_boundary(*end))
    {
        let error = foursee::report::json::baseline(&whole[..end]).unwrap_err();
        assert!(error.to_string().contains("not a foursee report"), "{error}");
    }
    let deep = format!("{{\"schema_version\":1,\"findings\":{}", "[".repeat(DEEP));
    assert!(foursee::report::json::baseline(&deep).is_err());
    for version in ["2147483648", "-1", "1e9", "null", "\"1\"", "99999999999999999999"] {
        assert!(
            foursee::report::json::baseline(&format!("{{\"schema_version\":{version}}}")).is_err(),
            "{version}"
        );
    }

    let manifest = r#"{"foursee_capture":1,"complete":true,"documents":[{"file":"../../etc/passwd","kind":"x","bytes":18446744073709551615},{"file":"/etc/passwd"},{"file":"a.json","scope":"s","bytes":1}],"gaps":[{"target":"\u001b[2J","reason":"\u202e"}]}"#;
    assert!(Manifest::read(manifest).is_ok());
    for end in 0..manifest.len() {
        if manifest.is_char_boundary(end) {
            assert!(Manifest::read(&manifest[..end]).is_err(), "{end}");
        }
    }
    let folder = Folder::new();
    folder.file("foursee-capture.json", manifest);
    folder.file("a.json", "{}");
    let reading = read(&[folder.path().to_owned()], &Limits::default(), &mut |_| {});
    assert_eq!(
        reading.inputs.len(),
        1,
        "what a manifest names is never fetched: {:?}",
        reading.inputs
    );
    for listed in ["etc/passwd", "a.json"] {
        assert!(
            reading.gaps.iter().any(|gap| gap.target.contains(listed)),
            "{listed}: {:?}",
            reading.gaps
        );
    }
}

#[test]
fn values_that_are_no_json_are_refused_with_their_name() {
    let mut documents = Documents::new();
    let no_json = BTreeMap::from([((1, 2), 3)]);
    let error = documents
        .push("controller.json", &no_json)
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("controller.json"), "{error}");
    assert!(
        documents.push("n.json", &f64::NAN).is_ok(),
        "JSON has a word for none: null"
    );
    assert!(
        documents
            .push("\u{1b}[2J\n", &serde_json::json!({"kind": "Pod"}))
            .is_ok()
    );
    let found = report(documents.inputs(), &Policy::default());
    assert_eq!(
        found
            .gaps
            .iter()
            .filter(|gap| gap.target.contains("n.json"))
            .count(),
        1
    );
}
