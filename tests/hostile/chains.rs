//! Roles in roles, groups in groups: 100,000 deep, and in circles.

use crate::limited::{Folder, ROOM, audited_alone, child};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A PostgreSQL document with these roles and memberships, and a table that the last role may read.
fn cluster(roles: usize, memberships: &[(usize, usize)]) -> String {
    let mut text = String::from(
        r#"{"foursee_postgres":1,"server_version_num":150018,"server_version":"15.18","current_database":"shop","current_user":"audit","system_identifier":"77","roles":[{"name":"postgres","oid":10,"super":true,"inherit":true,"login":true}"#,
    );
    for at in 0..roles {
        let _ = write!(
            text,
            ",{{\"name\":\"r{at}\",\"oid\":{},\"super\":false,\"inherit\":true,\"login\":true}}",
            16_384 + at
        );
    }
    text.push_str(r#"],"memberships":[{"role":"r0","member":"postgres"}"#);
    for (member, role) in memberships {
        let _ = write!(
            text,
            ",{{\"role\":\"r{role}\",\"member\":\"r{member}\",\"admin\":false}}"
        );
    }
    let last = roles - 1;
    let rest = json!({"databases": [{"name": "shop", "owner": "postgres", "acl": null, "allow_connections": true}],
        "tablespaces": [], "schemas": [{"name": "app", "owner": "postgres", "acl": [format!("r{last}=U/postgres")]}],
        "relations": [{"schema": "app", "name": "t", "kind": "r", "oid": 16500, "owner": "postgres",
            "acl": [format!("r{last}=r/postgres")], "columns": ["id"]}],
        "columns": [], "functions": [], "languages": [], "types": [], "foreign_data_wrappers": [], "foreign_servers": [],
        "parameters": [], "default_acls": [], "policies": [], "inheritance": [], "view_uses": [], "extensions": [],
        "settings": {}, "denied": []})
    .to_string();
    text.push_str("],");
    text.push_str(&rest[1..]);
    text
}

fn chain(roles: usize) -> String {
    let all: Vec<(usize, usize)> = (1..roles).map(|at| (at - 1, at)).collect();
    cluster(roles, &all)
}

#[test]
fn a_chain_of_100_000_database_roles() {
    // The first may read what the last may, 100,000 memberships on.
    let folder = Folder::new();
    let path = folder.file("shop.json", chain(100_000));
    let question =
        json!({"database": "shop", "role": "r0", "kind": "table", "object": "app.t", "privilege": "SELECT"});
    let said = child(
        ROOM,
        &["question", "postgres", path.to_str().unwrap()],
        &mut |input| {
            input.write_all(question.to_string().as_bytes()).unwrap();
        },
    );
    assert!(
        said.count("answer ") > 1_000_000,
        "the chain is its reason: {:?}",
        said.lines
    );
    assert_eq!(audited_alone("shop.json", &chain(5_000)).count("documents "), 1);
}

#[test]
fn circles_of_database_roles() {
    // One ring through all, one pair each way, one member of itself.
    let mut circle: Vec<(usize, usize)> = (0..1_000).map(|at| (at, (at + 1) % 1_000)).collect();
    circle.extend([(5, 5), (7, 6), (999, 3)]);
    let said = audited_alone("shop.json", &cluster(1_000, &circle));
    assert_eq!(said.count("documents "), 1);
}

fn aggregated(name: &str, label: &str, selects: &str, rules: &Value) -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": name, "labels": {label: "true"}},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {selects: "true"}}]}, "rules": rules})
}

#[test]
fn chains_and_circles_of_aggregated_roles() {
    let rule = |at: usize| json!([{"apiGroups": [""], "resources": [format!("r{at}")], "verbs": ["get"]}]);
    let mut items: Vec<Value> = (0..10_000)
        .map(|at| {
            aggregated(
                &format!("c{at:05}"),
                &format!("l{at}"),
                &format!("l{}", at + 1),
                &json!([]),
            )
        })
        .collect();
    let mut last = aggregated("last", "l3000", "none", &rule(0));
    last.as_object_mut().unwrap().remove("aggregationRule");
    items.push(last);
    items.extend((0..300).map(|at| {
        aggregated(
            &format!("ring{at}"),
            &format!("m{at}"),
            &format!("m{}", (at + 1) % 300),
            &rule(at),
        )
    }));
    items.push(aggregated("own", "own", "own", &rule(1)));
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let said = audited_alone("list.json", &list);
    assert_eq!(said.count("documents "), 1);
}

#[test]
fn groups_users_and_roles_that_assume_each_other_in_circles() {
    let account = "111122223333";
    let roles: Vec<Value> = (0..500)
        .map(|at| {
            let next = format!("arn:aws:iam::{account}:role/r{}", (at + 1) % 500);
            let policy = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": next}]});
            let before = format!("arn:aws:iam::{account}:role/r{}", (at + 499) % 500);
            let trust = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": before}}]});
            json!({"Path": "/", "RoleName": format!("r{at}"), "RoleId": format!("AROA{at}"),
                "Arn": format!("arn:aws:iam::{account}:role/r{at}"), "CreateDate": "2026-01-01T00:00:00Z",
                "AssumeRolePolicyDocument": trust, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy}],
                "AttachedManagedPolicies": [], "InstanceProfileList": []})
        })
        .collect();
    let gaad = json!({"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": roles})
        .to_string();
    let said = audited_alone("gaad.json", &gaad);
    assert_eq!(said.count("documents "), 1);
}
