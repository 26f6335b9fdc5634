//! Exit codes, streams and flags. One line of the contract a test.

use crate::{Folder, audit, code, foursee, shop, text};

#[test]
fn findings_and_gaps_alone_end_with_0_and_nothing_is_on_stderr() {
    let ran = audit(&[]);
    assert_eq!((code(&ran), text(&ran.stderr)), (0, String::new()));
    let out = text(&ran.stdout);
    for part in [
        "Audited", "Not seen", "Worst", "Spectrum", "Owned by", "Ways in", "asked 3",
    ] {
        assert!(out.contains(part), "{part}:\n{out}");
    }
}

#[test]
fn a_matching_gate_ends_with_1_and_one_that_does_not_match_with_0() {
    assert_eq!(code(&audit(&["--fail-on", "high", "--quiet"])), 1);
    let folder = Folder::new();
    let report = folder.file("report.json", &text(&audit(&["--format", "json"]).stdout));
    let unchanged = audit(&["--fail-on", "new:high", "--baseline", &report, "--quiet"]);
    assert_eq!(code(&unchanged), 0, "{}", text(&unchanged.stdout));
    // One that was less bad in the baseline has changed: the gate sees it.
    let mut milder: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&report).unwrap()).unwrap();
    milder["findings"][0]["severity"] = "low".into();
    let milder = folder.file("milder.json", &milder.to_string());
    assert_eq!(
        code(&audit(&[
            "--fail-on",
            "new:high",
            "--baseline",
            &milder,
            "--quiet"
        ])),
        1
    );
    // A baseline without findings: everything is new.
    let mut empty: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&report).unwrap()).unwrap();
    empty["findings"] = serde_json::json!([]);
    let empty = folder.file("empty.json", &empty.to_string());
    assert_eq!(
        code(&audit(&[
            "--fail-on",
            "new:high",
            "--baseline",
            &empty,
            "--quiet"
        ])),
        1
    );
}

#[test]
fn usage_configuration_and_baseline_end_with_2_before_any_work() {
    let folder = Folder::new();
    let bad = folder.file("foursee.toml", "[targets.production]\ndefault = 9\n");
    let broken = folder.file("report.json", "{\"schema_version\": 1}");
    for (args, says) in [
        (vec!["--fail-on", "terrible"], "terrible"),
        (vec!["--layer", "cobol"], "cobol"),
        (vec!["--fail-on", "new:high"], "--baseline"),
        (vec!["--config", &bad], "a rung is 0 to 5"),
        (vec!["--config", "/nonexistent/foursee.toml"], "foursee.toml"),
        (vec!["--baseline", &broken], "not a foursee report"),
    ] {
        let ran = audit(&args);
        assert_eq!((code(&ran), text(&ran.stdout)), (2, String::new()), "{args:?}");
        assert!(
            text(&ran.stderr).contains(says),
            "{args:?}: {}",
            text(&ran.stderr)
        );
    }
}

#[test]
fn a_named_path_that_gave_nothing_ends_with_3_and_the_rest_is_audited() {
    let ran = audit(&["/nonexistent/exports", "--format", "json"]);
    assert_eq!(code(&ran), 3);
    assert!(text(&ran.stderr).contains("/nonexistent/exports"));
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(
        report["summary"]["outcome"]["nothing_from"],
        serde_json::json!(["/nonexistent/exports"])
    );
    assert!(!report["findings"].as_array().unwrap().is_empty());
}

#[test]
fn coverage_below_what_is_required_ends_with_3_and_with_a_failed_gate_1_and_the_report_says_both() {
    let ran = audit(&["--require-coverage", "100", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let coverage = report["summary"]["outcome"]["coverage"].as_f64().unwrap();
    let (want, word) = if coverage < 100.0 {
        (3, "below")
    } else {
        (0, "met")
    };
    assert_eq!(
        (code(&ran), report["summary"]["outcome"]["coverage_gate"].as_str()),
        (want, Some(word))
    );
    let both = audit(&["/nonexistent/exports", "--fail-on", "high", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&both.stdout).unwrap();
    assert_eq!(
        (code(&both), report["summary"]["outcome"]["gate"].as_str()),
        (1, Some("failed"))
    );
    assert_eq!(
        report["summary"]["outcome"]["nothing_from"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn bad_input_names_itself_and_the_rest_is_audited() {
    let folder = Folder::new();
    let broken = folder.file("broken.json", "{\"items\": [");
    folder.file("notes.txt", "Dear all,\n");
    let ran = audit(&[folder.0.to_str().unwrap(), "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let gaps = report["gaps"].as_array().unwrap();
    let named = |name: &str| {
        gaps.iter()
            .any(|gap| gap["target"].as_str().unwrap().contains(name) && gap["closes"] != "")
    };
    assert!(named("broken.json") && named("notes.txt"), "{broken}");
    assert!(!report["findings"].as_array().unwrap().is_empty());
}

#[test]
fn equal_input_gives_equal_bytes_in_every_format() {
    for format in ["text", "json", "jsonl"] {
        let (one, other) = (audit(&["--format", format]), audit(&["--format", format]));
        assert!(one.stdout == other.stdout && !one.stdout.is_empty(), "{format}");
    }
}

#[test]
fn severity_and_layer_narrow_what_is_printed() {
    let high: serde_json::Value =
        serde_json::from_slice(&audit(&["--min-severity", "high", "--format", "json"]).stdout).unwrap();
    let all: serde_json::Value = serde_json::from_slice(&audit(&["--format", "json"]).stdout).unwrap();
    let severities = |report: &serde_json::Value| -> Vec<String> {
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["severity"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(
        severities(&high)
            .iter()
            .all(|one| one == "high" || one == "critical")
    );
    assert!(severities(&high).len() < severities(&all).len());
    let kafka: serde_json::Value =
        serde_json::from_slice(&audit(&["--layer", "kafka", "--format", "json"]).stdout).unwrap();
    assert!(
        kafka["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["layer"] == "kafka")
    );
}

#[test]
fn the_tables_are_written_as_csv() {
    let folder = Folder::new();
    let out = folder.0.join("tables");
    assert_eq!(code(&audit(&["--out", out.to_str().unwrap(), "--quiet"])), 0);
    for table in [
        "findings",
        "identities",
        "resources",
        "privileges",
        "edges",
        "paths",
        "gaps",
    ] {
        let text = std::fs::read_to_string(out.join(format!("{table}.csv"))).unwrap();
        assert!(text.lines().count() > 1, "{table}");
    }
    assert_eq!(
        std::fs::read_dir(&out).unwrap().count(),
        7,
        "no half-written file stays"
    );
}

#[test]
fn a_baseline_says_what_is_resolved() {
    let folder = Folder::new();
    let report = text(&audit(&["--format", "json"]).stdout);
    let mut past: serde_json::Value = serde_json::from_str(&report).unwrap();
    let mut gone = past["findings"][0].clone();
    gone["fingerprint"] = "00000000000000000000000000000000".into();
    past["findings"].as_array_mut().unwrap().push(gone);
    let baseline = folder.file("past.json", &past.to_string());
    let now: serde_json::Value =
        serde_json::from_slice(&audit(&["--baseline", &baseline, "--format", "json"]).stdout).unwrap();
    let (resolved, unknown) = (
        now["resolved"].as_array().unwrap(),
        now["unknown"].as_array().unwrap(),
    );
    assert_eq!(resolved.len() + unknown.len(), 1);
    assert!(
        now["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["since"] == "unchanged")
    );
}

#[test]
fn questions_have_answers() {
    let shop = shop();
    let shop = shop.to_str().unwrap();
    let explain = foursee(&["explain", "core-credential-dormant"], "");
    assert!(code(&explain) == 0 && text(&explain.stdout).contains("## Why"));
    let unknown = foursee(&["explain", "core-credential-dorment"], "");
    assert!(code(&unknown) == 2 && text(&unknown.stderr).contains("core-credential-dormant"));
    let rules = foursee(&["rules", "--json"], "");
    let rules: serde_json::Value = serde_json::from_slice(&rules.stdout).unwrap();
    assert!(rules.as_array().unwrap().len() > 10);
    let documents = text(&foursee(&["rules", "--documents"], "").stdout);
    assert!(documents.contains("kafka-acls"));
    let nobody = foursee(&["path", "nobody-of-that-name", "--in", shop], "");
    assert!(code(&nobody) == 3 && text(&nobody.stderr).contains("nobody-of-that-name"));
    let decided = foursee(
        &["decide", "kafka"],
        "{\"principal\":\"User:a\",\"host\":\"10.0.0.1\",\"operation\":\"READ\",\"resourceType\":\"TOPIC\",\"resourceName\":\"t\"}\n",
    );
    let answer: serde_json::Value = serde_json::from_slice(&decided.stdout).unwrap();
    assert_eq!((code(&decided), answer["allowed"].as_bool()), (0, Some(false)));
    let bad = foursee(&["decide", "kafka"], "{\"principle\":1}\n");
    assert!(code(&bad) == 2 && text(&bad.stderr).contains("question 1"));
}

#[test]
fn results_that_cannot_be_written_end_with_4() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_foursee"))
        .args(["audit", shop().to_str().unwrap()])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(code(&ran), 4);
    assert!(
        text(&ran.stderr).contains("cannot write the results"),
        "{}",
        text(&ran.stderr)
    );
}

#[test]
fn what_is_bad_is_named_with_its_place_and_what_to_do() {
    let folder = Folder::new();
    let config = folder.file("foursee.toml", "[targets.production]\nkafka = 3\nkafak = 3\n");
    let ran = audit(&["--config", &config]);
    let says = text(&ran.stderr);
    assert!(
        code(&ran) == 2
            && says.contains("foursee.toml")
            && says.contains("kafak")
            && says.contains("postgres, kafka"),
        "{says}"
    );
    let config = folder.file("typo.toml", "[targets.production]\ndefault = = 3\n");
    let says = text(&audit(&["--config", &config]).stderr);
    assert!(says.contains("typo.toml") && says.contains("line 2"), "{says}");
    let baseline = folder.file("half.json", "{\"schema_version\": 1,\n \"findings\": [");
    let says = text(&audit(&["--baseline", &baseline]).stderr);
    assert!(says.contains("half.json") && says.contains("line 2"), "{says}");
    folder.file(
        "roles.json",
        "{\"kind\": \"RoleList\", \"apiVersion\": \"rbac.authorization.k8s.io/v1\", \"items\": [{\"kind\": ",
    );
    let ran = foursee(
        &[
            "audit",
            folder.0.to_str().unwrap(),
            "--format",
            "json",
            "--config",
            &shop_config(),
        ],
        "",
    );
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let gaps = report["gaps"].as_array().unwrap();
    let cut = gaps
        .iter()
        .find(|gap| gap["target"].as_str().unwrap().contains("roles.json"))
        .unwrap();
    assert!(
        cut["closes"] != "" && cut["place"]["document"] == "roles.json" && cut["place"]["line"] == 1,
        "{cut}"
    );
}

fn shop_config() -> String {
    shop().join("foursee.toml").to_str().unwrap().to_owned()
}

#[test]
fn quiet_is_the_summary_and_verbose_is_everything() {
    let [quiet, plain, verbose] = [&["-q"][..], &[], &["-v"]].map(|more| text(&audit(more).stdout));
    assert!(plain.starts_with(&quiet) && quiet.lines().count() < plain.lines().count() / 3);
    assert!(verbose.lines().count() > plain.lines().count());
    assert!(plain.contains("more: -v, or --format json") && !verbose.contains("more: -v"));
    assert_eq!(code(&audit(&["-q", "-v"])), 2);
}

#[test]
fn the_readme_shows_the_summary() {
    let readme = std::fs::read_to_string(shop().join("../../README.md")).unwrap();
    let shop = shop();
    let args = [
        "audit",
        shop.to_str().unwrap(),
        "-q",
        "--as-of",
        "2026-11-28T12:00:00Z",
    ];
    let summary = text(&foursee(&args, "").stdout);
    assert!(summary.lines().count() > 20, "{summary}");
    for line in summary.lines().filter(|line| !line.is_empty()) {
        assert!(
            readme.contains(&format!("\n    {line}\n")),
            "README.md lacks: {line}"
        );
    }
}

#[test]
fn a_layer_keeps_its_gaps_and_loses_no_way() {
    let report: serde_json::Value =
        serde_json::from_slice(&audit(&["--layer", "kafka", "--format", "json"]).stdout).unwrap();
    let all: serde_json::Value = serde_json::from_slice(&audit(&["--format", "json"]).stdout).unwrap();
    let gaps = report["gaps"].as_array().unwrap();
    assert!(
        !gaps.is_empty()
            && gaps
                .iter()
                .all(|one| one["layer"] == "kafka" || one["layer"] == "")
    );
    assert_eq!(report["paths"], all["paths"]);
}

#[test]
fn severities_that_are_not_printed_still_count() {
    let high = text(&audit(&["--min-severity", "high"]).stdout);
    let all = text(&audit(&[]).stdout);
    let worst = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("Worst"))
            .unwrap()
            .to_owned()
    };
    let (high, all) = (worst(&high), worst(&all));
    assert_eq!(high.split(';').next(), all.split(';').next());
    assert_eq!(
        code(&audit(&["--min-severity", "critical", "--fail-on", "low", "-q"])),
        1
    );
}

#[test]
fn progress_is_for_terminals() {
    assert_eq!(text(&audit(&[]).stderr), "");
    assert_eq!(text(&audit(&["--no-progress"]).stderr), "");
}

#[test]
fn standard_input_is_a_path() {
    let acls = std::fs::read_to_string(shop().join("kafka/acls.txt")).unwrap();
    let ran = foursee(&["audit", "-", "--format", "json"], &acls);
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(
        (code(&ran), &report["scopes"][0]["layer"]),
        (0, &serde_json::json!("kafka"))
    );
}

#[test]
fn decide_compares_with_what_is_expected() {
    let folder = Folder::new();
    let question = "{\"container\": \"ci-runner\"}\n";
    let shop = shop();
    let args = ["decide", "container", shop.to_str().unwrap()];
    let answer = foursee(&args, question);
    let expected = folder.file("expected.jsonl", &text(&answer.stdout));
    let compare = |question: &str| {
        code(&foursee(
            &[&args[..], &["--expect", &expected]].concat(),
            question,
        ))
    };
    assert_eq!(
        (
            compare(question),
            compare("{\"container\": \"backup\"}\n"),
            compare("")
        ),
        (0, 1, 1)
    );
}
