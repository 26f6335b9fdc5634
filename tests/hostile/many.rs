//! Very much of something: documents, gaps, items, keys, references; and a gigabyte in one value.

use crate::limited::{Folder, ROOM, audited_alone, audited_within, child};
use serde_json::{Value, json};

#[test]
fn a_million_empty_documents_in_one_file() {
    let said = audited_alone("many.json", &"{}\n".repeat(1_000_000));
    assert!(said.gap(&["many.json"]), "{:?}", said.lines);
    let said = audited_alone("other.json", &"{\"a\":1}[{\"b\":2}]".repeat(20_000));
    assert!(said.gap(&["other.json"]), "{:?}", said.lines.len());
}

#[test]
fn two_thousand_files_each_of_another_scope() {
    let folder = Folder::new();
    for at in 0..2_000 {
        let arn = format!("arn:aws:iam::{:012}:role/r", 100_000_000_000_u64 + at);
        let text = format!(
            "{{\"UserDetailList\":[],\"GroupDetailList\":[],\"Policies\":[],\"RoleDetailList\":[{{\"RoleName\":\"r\",\"Arn\":\"{arn}\"}}]}}"
        );
        folder.file(&format!("{at}.json"), text);
    }
    let said = audited_within(ROOM, &[folder.path()]);
    assert_eq!(said.count("documents "), 2_000);
}

#[test]
fn very_many_gaps_are_counted_and_not_held() {
    let items = |kind: &str| {
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"{kind}\",\"items\":[{}{{}}]}}",
            "{},".repeat(200_000)
        )
    };
    for (name, text) in [
        ("list.json", items("List")),
        ("pods.json", items("PodList")),
        ("roles.json", items("ClusterRoleList")),
        (
            "gaad.json",
            format!(
                "{{\"UserDetailList\":[],\"GroupDetailList\":[],\"Policies\":[],\"RoleDetailList\":[{}{{}}]}}",
                "{},".repeat(200_000)
            ),
        ),
        (
            "containers.json",
            format!(
                "[{{\"Id\":\"0123456789abcdef\",\"Name\":\"/c\",\"Config\":{{}},\"HostConfig\":{{}}}}{}]",
                ",{}".repeat(200_000)
            ),
        ),
        (
            "acls.json",
            format!("{{\"acls\":[{}{{}}]}}", "{},".repeat(200_000)),
        ),
        ("acls.txt", "Current ACLs for resource `\n".repeat(100_000)),
    ] {
        let said = audited_alone(name, &text);
        assert!(
            said.gap(&[name]) || said.count("documents ") == 1,
            "{name}: {:?}",
            said.lines
        );
        assert!(
            said.count("gaps ") < 20_000,
            "{name}: {} gaps",
            said.count("gaps ")
        );
    }
}

#[test]
fn one_item_with_very_many_findings_on_one_line() {
    let containers: Vec<Value> = (0..3_000)
        .map(|at| {
            json!({"name": format!("c{at}"), "image": "i", "securityContext": {"privileged": true},
            "env": [{"name": "A", "value": "$(B)$(C)$(A)"}]})
        })
        .collect();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n"},
        "spec": {"containers": containers}});
    let said = audited_alone("pod.json", &pod.to_string());
    assert_eq!(said.count("documents "), 1);
}

#[test]
fn settings_that_refer_to_each_other() {
    let mut env: Vec<Value> = (0..10_000)
        .map(|at| json!({"name": format!("V{at}"), "value": "x"}))
        .collect();
    env.extend((0..100).map(|at| json!({"name": format!("R{at}"), "value": "$(NONE)".repeat(300)})));
    env.extend(
        (0..200).map(|at| json!({"name": format!("D{}", at + 1), "value": format!("$(D{at})").repeat(9)})),
    );
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n"},
        "spec": {"containers": [{"name": "c", "image": "i", "env": env}]}});
    assert_eq!(audited_alone("pod.json", &pod.to_string()).count("documents "), 1);
    let env: Vec<String> = (0..3_000)
        .map(|at| format!("V{at}=postgres://u:p@h{at}:5432/d?host=$(V{})", at + 1))
        .collect();
    let inspected = json!([{"Id": "0123456789abcdef", "Name": "/c", "Config": {"Image": "i", "Env": env}, "HostConfig": {}}]);
    assert_eq!(
        audited_alone("containers.json", &inspected.to_string()).count("documents "),
        1
    );
}

/// A long key stands in the pointer of everything below it.
#[test]
fn long_keys_over_many_values() {
    let text = format!(
        "{{\"{}\":[{}0],\"apiVersion\":\"v1\",\"kind\":\"Pod\"}}",
        "k".repeat(200_000),
        "0,".repeat(25_000)
    );
    let said = audited_alone("keys.json", &text);
    assert!(said.count("gaps ") > 0);
    let nested = (0..400).fold("1".to_owned(), |inner, _| {
        format!("{{\"{}\":{inner}}}", "k".repeat(500))
    });
    assert!(audited_alone("nested.json", &nested).count("gaps ") > 0);
}

/// Names whose weak hashes are all equal: of Java's String, and of sums of letters.
#[test]
fn names_that_collide() {
    let twins = |bits: u32| -> Vec<String> {
        (0..1_u32 << bits)
            .map(|word| {
                (0..bits)
                    .map(|at| if word >> at & 1 == 0 { "Aa" } else { "BB" })
                    .collect()
            })
            .collect()
    };
    let accounts: Vec<Value> = twins(12)
        .into_iter()
        .map(|name| json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "n"}}))
        .collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": accounts}).to_string();
    assert_eq!(audited_alone("list.json", &list).count("documents "), 1);
}

#[test]
fn keys_that_stand_twice_are_read_one_way_and_never_panic() {
    let twice = |key: &str, first: &str, last: &str| format!("\"{key}\":{first},\"{key}\":{last}");
    let role = format!(
        "{{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",{},{}}}",
        twice("metadata", "{\"name\":\"a\"}", "{\"name\":\"b\"}"),
        twice(
            "rules",
            "[]",
            "[{\"apiGroups\":[\"*\"],\"resources\":[\"*\"],\"verbs\":[\"*\"]}]"
        )
    );
    let said = audited_alone("role.json", &role);
    // Read by one of them, or a gap: never as nothing at all.
    assert!(said.count("documents ") + said.count("gaps ") > 0);
    let inspected = format!(
        "[{{\"Id\":\"0123456789abcdef\",\"Name\":\"/c\",\"Config\":{{}},{}}}]",
        twice("HostConfig", "{\"Privileged\":true}", "{\"Privileged\":false}")
    );
    let said = audited_alone("containers.json", &inspected);
    assert!(
        said.gap(&["containers.json"]) || said.gap(&["twice"]) || said.gap(&["duplicate"]),
        "{:?}",
        said.lines
    );
}

#[test]
fn a_gigabyte_in_one_value_through_standard_input() {
    let letters = vec![b'a'; 1 << 20];
    let said = child(5 * 1_024, &["-"], &mut |input| {
        input.write_all(b"{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n\",\"annotations\":{\"a\":\"").unwrap();
        for _ in 0..1_024 {
            input.write_all(&letters).unwrap();
        }
        input.write_all(b"\"}}}").unwrap();
    });
    assert!(
        said.count("documents ") == 1 || said.gap(&["stdin"]),
        "{:?}",
        said.lines
    );
}
