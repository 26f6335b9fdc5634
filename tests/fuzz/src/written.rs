//! What is written: every format reads back, nothing in it acts on a terminal or a spreadsheet, and no secret is in it.

use crate::{Choices, documents};
use foursee::core::judge::Policy;
use foursee::core::registry::Registry;
use foursee::core::report::Report;
use foursee::report::tables::{Cell, TABLES};
use foursee::report::{csv as tables_csv, json as report_json, jsonl, plain, text};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// All five layers.
pub(crate) fn built_in() -> &'static Registry {
    static ALL: OnceLock<Registry> = OnceLock::new();
    ALL.get_or_init(|| foursee::built_in().expect("foursee's own layers"))
}

/// A report as its JSON.
pub(crate) fn json(report: &Report) -> String {
    let mut out = Vec::new();
    report_json::write(report, &mut out).expect("a buffer takes all");
    String::from_utf8(out).expect("JSON is UTF-8")
}

fn acts(one: char) -> bool {
    let hides = matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    one != '\n' && (one.is_control() || hides)
}

/// Writes a report in every format and reads each back.
pub(crate) fn check(report: &Report) {
    let whole = json(report);
    let value: Value = serde_json::from_str(&whole).expect("the report is JSON");
    assert_eq!(
        value["findings"].as_array().map(Vec::len),
        Some(report.findings.len())
    );
    let baseline = report_json::baseline(&whole).expect("a report is a baseline");
    assert!(baseline.findings.len() <= report.findings.len());

    let mut out = Vec::new();
    jsonl::write(report, &mut out).expect("a buffer takes all");
    let lines = String::from_utf8(out).expect("UTF-8");
    assert!(
        lines
            .lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok())
    );

    let style = text::Style {
        all: true,
        ..text::Style::default()
    };
    let mut out = Vec::new();
    text::write(report, style, &mut out).expect("a buffer takes all");
    let printed = String::from_utf8(out).expect("UTF-8");
    assert_eq!(
        printed.chars().find(|one| acts(*one)),
        None,
        "the text acts on a terminal"
    );

    for table in &TABLES {
        let mut out = Vec::new();
        tables_csv::write(table, report, &mut out).expect("a buffer takes all");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&*out);
        let mut read = reader.records();
        let heading = read.next().expect("a heading").expect("CSV");
        assert_eq!(heading.len(), table.columns.len());
        table.rows(report, |row| {
            let record = read.next().expect("as many lines as rows").expect("CSV");
            assert_eq!(
                (record.len(), row.len()),
                (table.columns.len(), table.columns.len())
            );
            for (cell, given) in record.iter().zip(&row) {
                assert_eq!(cell.chars().find(|one| acts(*one) || *one == '\n'), None);
                if let Cell::Text(given) = given {
                    let bare = cell.strip_prefix('\'').unwrap_or(cell);
                    assert!(
                        cell == plain(given) || bare == plain(given),
                        "{cell:?} for {given:?}"
                    );
                    assert!(
                        !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                        "a formula: {cell:?}"
                    );
                }
            }
        });
        assert!(read.next().is_none(), "more lines than rows");
    }
}

/// Documents of all layers in which the names are the fuzzer's.
pub fn names(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut name = || {
        let word = choices.text(24);
        if word.is_empty() { "x".to_owned() } else { word }
    };
    let (a, b, c, d) = (name(), name(), name(), name());
    let arn = format!("arn:aws:iam::111122223333:role/{a}");
    let everything = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": c, "Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]});
    let gaad = json!({"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [
        {"Path": "/", "RoleName": a, "RoleId": "AROAEXAMPLE", "Arn": arn, "CreateDate": "2026-01-01T00:00:00Z",
         "AssumeRolePolicyDocument": trust, "RolePolicyList": [{"PolicyName": b, "PolicyDocument": everything}],
         "AttachedManagedPolicies": [], "InstanceProfileList": [], "Tags": [{"Key": "owner", "Value": d}]}]});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": a},
         "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": b},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": a},
         "subjects": [{"kind": "User", "name": c, "apiGroup": "rbac.authorization.k8s.io"},
                      {"kind": "ServiceAccount", "name": d, "namespace": c}]},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": b, "namespace": c, "labels": {"team": d}},
         "spec": {"serviceAccountName": d, "containers": [
            {"name": a, "image": d, "securityContext": {"privileged": true}, "env": [{"name": b, "value": c}]}]}}]});
    let inspected = json!([{"Id": "0123456789abcdef", "Name": format!("/{a}"), "Image": "sha256:0",
        "Config": {"Image": b, "User": c, "Env": [format!("{d}={a}")], "Labels": {"owner": d}},
        "HostConfig": {"Privileged": true, "NetworkMode": "host", "Binds": [format!("/:/{c}")]},
        "Mounts": [{"Type": "bind", "Source": format!("/var/{d}"), "Destination": "/x", "RW": true}]}]);
    let acls = json!({"acls": [{"principal": format!("User:{a}"), "host": "*", "operation": "ALL",
        "permissionType": "ALLOW", "resourceType": "TOPIC", "resourceName": b, "patternType": "LITERAL"}]});
    let texts = [gaad, list, inspected, acls].map(|one| one.to_string());
    let named = [
        format!("{c}.json"),
        b.clone(),
        "containers.json".to_owned(),
        format!("k/{d}"),
    ];
    let mut texts: Vec<(String, String)> = named.into_iter().zip(texts).collect();
    let line = |one: &str| one.replace(['\n', '\r'], " ");
    texts.push((
        "acls.txt".to_owned(),
        format!(
            "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name={}, patternType=PREFIXED)`:\n\
             \t(principal=User:{}, host={}, operation=ALL, permissionType=ALLOW)\n",
            line(&a),
            line(&b),
            line(&c)
        ),
    ));
    check(&documents::report(built_in(), &texts, &Policy::default()));
}

/// What must be nowhere.
const PLANTED: &str = "pL4nt3d-s3cr3t";

/// Documents with secrets where secrets stand, between the fuzzer's texts.
pub fn secrets(data: &[u8]) {
    let mut choices = Choices::new(data);
    let letters: Vec<char> = "ab_-.:/@=&?%$(){}[]\"'\\ ,;\n\té\u{202e}0159ABU"
        .chars()
        .collect();
    let url_letters: Vec<char> = "ab_-.09AZé".chars().collect();
    let (before, after) = (choices.word(&letters, 12), choices.word(&letters, 12));
    let (user, host) = (choices.word(&url_letters, 8), choices.word(&url_letters, 8));
    let scheme = choices.pick(&[
        "postgres",
        "postgresql",
        "amqp",
        "https",
        "redis",
        "mongodb+srv",
        "jdbc:postgresql",
    ]);
    let url = format!("{scheme}://{user}:{PLANTED}@{host}/db");
    let key = choices.pick(&[
        "DB_PASSWORD",
        "API_TOKEN",
        "SECRET_KEY",
        "PGPASSWORD",
        "AWS_SECRET_ACCESS_KEY",
    ]);
    let own = choices.word(&letters, 10).replace(['=', '\0'], "");
    let secret = format!("{before}{PLANTED}{after}");
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n", "annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": json!({"spec": {"containers": [
                {"name": "c", "env": [{"name": key, "value": secret}]}]}}).to_string()}},
        "spec": {"containers": [{"name": "c", "image": "i", "env": [
            {"name": key, "value": secret}, {"name": "DATABASE_URL", "value": url}]}]}});
    let encoded = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"},
        "type": "Opaque", "data": {own.clone(): secret}, "stringData": {"x": secret}});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [encoded, pod]});
    let inspected = json!([{"Id": "0123456789abcdef", "Name": "/c", "Image": "sha256:0",
        "Config": {"Image": "i", "Env": [format!("{key}={secret}"), format!("DATABASE_URL={url}"), format!("{key}_{own}={secret}")]},
        "HostConfig": {"Privileged": choices.once_in(2)}, "Mounts": []}]);
    let flat = |text: &str| text.replace(['\n', '\\'], " ");
    let properties = format!(
        "process.roles=broker\nauthorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n\
         listeners=SASL_SSL://:9092\nssl.keystore.password={}\n\
         sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
         username=\"u\" password=\"{PLANTED}\" user_u=\"{PLANTED}\";\n",
        flat(&secret)
    );
    let texts = [
        ("list.json".to_owned(), list.to_string()),
        ("containers.json".to_owned(), inspected.to_string()),
        ("server.properties".to_owned(), properties),
    ];
    let report = documents::report(built_in(), &texts, &Policy::default());
    assert!(!json(&report).contains(PLANTED), "the JSON shows a secret");
    let style = text::Style {
        all: true,
        ..text::Style::default()
    };
    let mut out = Vec::new();
    text::write(&report, style, &mut out).expect("a buffer takes all");
    assert!(
        !String::from_utf8_lossy(&out).contains(PLANTED),
        "the text shows a secret"
    );
    for table in &TABLES {
        table.rows(&report, |row| {
            for cell in row {
                if let Cell::Text(text) = cell {
                    assert!(!text.contains(PLANTED), "{}: a secret", table.name);
                }
            }
        });
    }
    for document in report.library.documents() {
        assert!(
            !document.text.contains(PLANTED),
            "{} keeps a secret",
            document.name
        );
    }
}
