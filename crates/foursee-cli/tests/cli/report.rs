//! The report's contract. One line of it a test.

use crate::{Folder, audit, code, foursee, shop, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn report(more: &[&str]) -> Value {
    let mut args = vec!["--format", "json"];
    args.extend(more);
    serde_json::from_slice(&audit(&args).stdout).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn findings(report: &Value) -> &Vec<Value> {
    report["findings"].as_array().unwrap()
}

#[test]
fn a_report_has_these_parts() {
    let report = report(&[]);
    let parts = [
        "schema_version",
        "as_of",
        "summary",
        "scopes",
        "findings",
        "resolved",
        "unknown",
        "paths",
        "gaps",
    ];
    assert_eq!(keys(&report), BTreeSet::from(parts));
    assert_eq!(
        (&report["schema_version"], &report["as_of"]),
        (&json!(1), &json!("2026-11-25T00:00:00Z"))
    );
    let outcome = keys(&report["summary"]["outcome"]);
    assert!(
        outcome.is_superset(&BTreeSet::from(["gate", "coverage", "oldest_document_days"])),
        "{outcome:?}"
    );
}

#[test]
fn a_finding_has_these_parts_and_says_them_in_these_words() {
    let parts = [
        "rule",
        "layer",
        "scope",
        "severity",
        "confidence",
        "rung",
        "attainable",
        "target",
        "status",
        "since",
        "title",
        "cause",
        "identities",
        "resource",
        "owner",
        "evidence",
        "fix",
        "fingerprint",
    ];
    let report = report(&[]);
    let in_words = |one: &Value, field: &str, words: &[&str]| {
        let word = one[field].as_str().unwrap();
        assert!(words.contains(&word), "{field}: {word}");
    };
    for one in findings(&report) {
        assert_eq!(keys(one), BTreeSet::from(parts));
        in_words(one, "severity", &["info", "low", "medium", "high", "critical"]);
        in_words(one, "confidence", &["possible", "likely", "certain"]);
        in_words(
            one,
            "status",
            &["open", "at-target", "intended", "waived", "waiver-expired"],
        );
        assert_eq!(
            one["identities"]["count"].as_u64().unwrap(),
            one["identities"]["list"].as_array().unwrap().len() as u64
        );
        let places = one["evidence"].as_array().unwrap();
        assert!(
            !places.is_empty() && places.iter().all(|place| place["says"] != ""),
            "{one}"
        );
        assert!(one["owner"].is_null() || one["owner"]["read_from"] != "", "{one}");
        assert!(
            one["fix"] != "" && one["title"] != "" && one["cause"] != "",
            "{one}"
        );
    }
}

#[test]
fn a_finding_is_one_cause_under_one_rule() {
    let report = report(&[]);
    let all = findings(&report);
    let prints: BTreeSet<&str> = all
        .iter()
        .map(|one| one["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!(prints.len(), all.len());
    let causes: BTreeSet<String> = all
        .iter()
        .map(|one| {
            format!(
                "{} {} {} {}",
                one["rule"], one["scope"], one["cause"], one["resource"]
            )
        })
        .collect();
    assert_eq!(causes.len(), all.len());
}

#[test]
fn findings_come_the_worst_first() {
    let report = report(&[]);
    let rank = |one: &Value| {
        let words = ["critical", "high", "medium", "low", "info"];
        words.iter().position(|word| one["severity"] == *word).unwrap()
    };
    assert!(findings(&report).is_sorted_by_key(rank));
}

#[test]
fn rules_fire_whatever_the_target_which_sets_the_status_alone() {
    let folder = Folder::new();
    let lax = folder.file("lax.toml", "[targets.\"*\"]\ndefault = 0\n");
    let strict = folder.file("strict.toml", "[targets.\"*\"]\ndefault = 5\n");
    let (lax, strict) = (report(&["--config", &lax]), report(&["--config", &strict]));
    let prints = |report: &Value| -> BTreeSet<String> {
        let all = findings(report).iter();
        all.map(|one| format!("{} {}", one["rule"], one["cause"]))
            .collect()
    };
    assert_eq!(prints(&lax), prints(&strict));
    let at_target = |report: &Value| {
        findings(report)
            .iter()
            .filter(|one| one["status"] == "at-target")
            .count()
    };
    assert!(at_target(&lax) > at_target(&strict));
}

#[test]
fn only_open_findings_count_for_a_gate() {
    let report = report(&["--fail-on", "info"]);
    let open = findings(&report)
        .iter()
        .filter(|one| one["status"] == "open")
        .count() as u64;
    assert_eq!(report["summary"]["outcome"]["gate_findings"], json!(open));
    assert!(
        open < findings(&report).len() as u64,
        "the shop has some at their target"
    );
    let by_severity: u64 = report["summary"]["open"]
        .as_object()
        .unwrap()
        .values()
        .map(|one| one.as_u64().unwrap())
        .sum();
    assert_eq!(by_severity, open);
}

#[test]
fn readers_ignore_fields_that_they_do_not_know_and_refuse_a_newer_form() {
    let folder = Folder::new();
    let mut later = report(&[]);
    later["later"] = json!({ "x": 1 });
    later["findings"][0]["later"] = json!([1]);
    let known = folder.file("later.json", &later.to_string());
    assert!(
        findings(&report(&["--baseline", &known]))
            .iter()
            .all(|one| one["since"] == "unchanged")
    );
    later["schema_version"] = json!(2);
    let newer = folder.file("newer.json", &later.to_string());
    let ran = audit(&["--baseline", &newer]);
    assert_eq!(code(&ran), 2);
    assert!(text(&ran.stderr).contains("schema_version is 2") && text(&ran.stderr).contains("newer.json"));
}

#[test]
fn what_is_gone_is_resolved_only_if_its_documents_were_read() {
    let folder = Folder::new();
    let all = folder.file("all.json", &report(&[]).to_string());
    let part = |name: &str| {
        let path = shop().join(name);
        let config = shop().join("foursee.toml");
        let args = [
            "audit",
            path.to_str().unwrap(),
            "--config",
            config.to_str().unwrap(),
            "--as-of",
            "2026-11-25",
            "--baseline",
            &all,
            "--format",
            "json",
        ];
        serde_json::from_slice::<Value>(&foursee(&args, "").stdout).unwrap()
    };
    let kafka = part("kafka");
    assert_eq!(kafka["resolved"], json!([]), "nothing of what was not read");
    assert!(
        kafka["unknown"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["layer"] == "aws")
    );
    // Everything that the rule declares was read, and the cause is not there: resolved.
    let mut past = report(&[]);
    let gone = findings(&past)
        .iter()
        .find(|one| one["rule"] == "kafka-acl-wildcard-principal")
        .unwrap()
        .clone();
    let mut gone = gone;
    gone["fingerprint"] = json!("0".repeat(32));
    past["findings"] = json!([gone]);
    let past = folder.file("past.json", &past.to_string());
    let now = report(&["--baseline", &past]);
    assert_eq!(
        (now["resolved"].as_array().unwrap().len(), &now["unknown"]),
        (1, &json!([]))
    );
}

#[test]
fn a_line_a_thing() {
    let out = text(&audit(&["--format", "jsonl"]).stdout);
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let whole = report(&[]);
    for (part, word) in [
        ("findings", "finding"),
        ("gaps", "gap"),
        ("paths", "path"),
        ("scopes", "scope"),
    ] {
        let count = lines.iter().filter(|one| one["type"] == word).count();
        assert_eq!(count, whole[part].as_array().unwrap().len(), "{word}");
    }
}

#[test]
fn a_capture_says_how_old_its_documents_are() {
    let folder = Folder::new();
    let old = r#"{"foursee_capture": 1, "created": "2026-11-20T12:00:00Z", "complete": true,
        "documents": [{"file": "acls.txt", "layer": "kafka"}]}"#;
    folder.file("foursee-capture.json", old);
    std::fs::copy(shop().join("kafka/acls.txt"), folder.0.join("acls.txt")).unwrap();
    let args = [
        "audit",
        folder.0.to_str().unwrap(),
        "--as-of",
        "2026-11-25",
        "--format",
    ];
    let json = foursee(&[&args[..], &["json"]].concat(), "");
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["summary"]["outcome"]["oldest_document_days"], json!(4));
    let shown = text(&foursee(&[&args[..], &["text"]].concat(), "").stdout);
    assert!(shown.contains("the oldest 4 days old"), "{shown}");
    assert_eq!(
        report(&[])["summary"]["outcome"]["oldest_document_days"],
        Value::Null,
        "the shop does not say"
    );
}
