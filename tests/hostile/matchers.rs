//! Patterns that make a matcher go back again and again: 100,000 characters against 100,000. By their product each of
//! these would take 10^10 steps, hours in a test's build: that they end at all is what is tested.

use crate::limited::{Folder, ROOM, child};
use foursee::core::model::{Pattern, glob};
use serde_json::json;

const LONG: usize = 100_000;

/// (pattern, name, whether it matches).
fn cases() -> Vec<(String, String, bool)> {
    let name = "a".repeat(LONG);
    vec![
        (format!("*{}b*", "a".repeat(LONG / 2)), name.clone(), false),
        (format!("*{}*", "a".repeat(LONG / 2)), name.clone(), true),
        ("a*".repeat(LONG / 2) + "b", name.clone(), false),
        ("a*".repeat(LONG / 2), name.clone(), true),
        ("*".repeat(LONG) + "b", name.clone(), false),
        (
            format!("*{}c", "ab".repeat(LONG / 4)),
            "ab".repeat(LONG / 2),
            false,
        ),
        (format!("*{}b*", "?".repeat(1_000)), name, false),
    ]
}

#[test]
fn patterns_of_selectors_owners_targets_and_files() {
    for (pattern, name, want) in cases() {
        assert_eq!(glob(&pattern, &name), want, "{pattern:.12}");
        assert_eq!(Pattern::from_glob(&pattern).matches(&name), want, "{pattern:.12}");
    }
}

fn answers(layer: &str, documents: &[(&str, String)], question: &serde_json::Value) {
    let folder = Folder::new();
    let mut arguments = vec!["question".to_owned(), layer.to_owned()];
    for (name, text) in documents {
        arguments.push(folder.file(name, text).to_str().unwrap().to_owned());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let question = question.to_string();
    let said = child(ROOM, &arguments, &mut |input| {
        input.write_all(question.as_bytes()).unwrap()
    });
    assert!(
        said.lines.iter().any(|line| line.starts_with("answer ")),
        "{:?}",
        said.lines
    );
}

#[test]
fn patterns_of_iam() {
    for (pattern, name, _) in cases() {
        let action = format!("svc:{}", pattern.replace('?', "a"));
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": format!("arn:aws:svc:::{pattern}")},
            {"Effect": "Deny", "Action": "*", "Resource": format!("arn:aws:svc:::${{aws:username}}{pattern}"),
             "Condition": {"StringLike": {"aws:username": pattern}, "ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::1:{pattern}")}}}]});
        answers(
            "aws",
            &[],
            &json!({"PolicyInputList": [policy], "ActionNames": [format!("svc:{name}")],
            "ResourceArns": [format!("arn:aws:svc:::{name}")],
            "ContextEntries": [{"ContextKeyName": "aws:username", "ContextKeyType": "string", "ContextKeyValues": [name]}]}),
        );
    }
}

#[test]
fn patterns_of_kubernetes_and_kafka() {
    let (stars, name) = ("*".repeat(LONG), "a".repeat(LONG));
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"},
        "rules": [{"nonResourceURLs": [format!("/{name}{stars}"), stars], "verbs": ["get"]}]});
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "b"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "r"},
        "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "u"}]});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [role, binding]}).to_string();
    answers(
        "kubernetes",
        &[("list.json", list)],
        &json!({"spec": {"user": "u",
        "nonResourceAttributes": {"path": format!("/{name}/{stars}"), "verb": "get"}}}),
    );
    // A prefix of a prefix of a prefix: each of 2,000 ACLs covers the name.
    let acls: String = (1..2_000)
        .map(|len| {
            format!(
                "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name={}, patternType=PREFIXED)`:\n\
                 \t(principal=User:{len}, host=*, operation=READ, permissionType=DENY)\n",
                "a".repeat(len)
            )
        })
        .collect();
    answers(
        "kafka",
        &[("acls.txt", acls)],
        &json!({"principal": "User:x", "host": "10.0.0.1", "operation": "READ",
        "resourceType": "TOPIC", "resourceName": name}),
    );
}
