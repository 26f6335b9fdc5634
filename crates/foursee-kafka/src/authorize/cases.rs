//! Cases by hand: the measured corrections, questions as JSON, and rows' words.

use super::{Client, Question};
use crate::facts::{Operation, ResourceType};
use crate::testing::facts;
use foursee_core::layer::Holds;

#[test]
fn the_measured_corrections_and_quirks() {
    let ask = |acls: &[&str], version: &str, host: &str, name: &str| {
        let acls = crate::testing::acls(acls).replacen('{', &format!("{{\"version\":\"{version}\","), 1);
        let (facts, _) = facts(&[("acls.json", &acls)]);
        let client = Client::new(host);
        let operation = Operation::Read;
        facts.decide(&Question {
            principal: "User:a",
            client: &client,
            operation,
            kind: ResourceType::Group,
            name,
        })
    };
    // (a) the wildcard does not match a name that begins with a star.
    let starred = ["User:a DENY READ GROUP *", "User:a ALLOW READ GROUP **"];
    assert!(!ask(&starred, "4.3.1", "127.0.0.1", "x").allowed);
    assert!(ask(&starred, "4.3.1", "127.0.0.1", "*x").allowed);
    // (b) blocks since 4.4.0.
    let block = ["User:a ALLOW READ GROUP g from 10.0.0.0/8"];
    assert!(!ask(&block, "4.3.1", "10.0.0.1", "g").allowed);
    assert!(ask(&block, "4.4.0", "10.0.0.1", "g").allowed);
    // (c) names that begin below the star, beside an ACL of the same beginning.
    let low = ["User:a ALLOW READ GROUP *", "User:b ALLOW READ GROUP !zz"];
    assert_eq!(ask(&low, "4.3.1", "10.0.0.1", "!a").why, super::Why::Undefined);
    assert!(ask(&low, "4.3.1", "10.0.0.1", "a").allowed);
    // ALL before 3.2.
    let all = ["User:a ALLOW ALL GROUP g"];
    assert!(ask(&all, "3.2.0", "10.0.0.1", "g").allowed && !ask(&all, "3.1.2", "10.0.0.1", "g").allowed);
}

#[test]
fn questions_and_answers_are_json() {
    let acls = crate::testing::acls(&[
        "User:alice ALLOW READ TOPIC orders*",
        "User:alice DENY READ TOPIC orders-pii",
    ]);
    let (facts, _) = facts(&[
        ("acls.json", &acls),
        ("server.properties", "super.users=User:admin\n"),
    ]);
    let answer = |question: &str| {
        let mut out = Vec::new();
        super::decide(&facts, question, &mut out).map_err(|error| error.to_string())?;
        Ok::<serde_json::Value, String>(serde_json::from_slice(&out).unwrap())
    };
    let ask = |principal: &str, name: &str| {
        answer(&serde_json::json!({"principal": principal, "host": "10.0.0.1", "operation": "READ", "resourceType": "TOPIC", "resourceName": name}).to_string()).unwrap()
    };
    let yes = ask("User:alice", "orders-eu");
    assert_eq!(yes["allowed"], true);
    assert_eq!(
        yes["acl"],
        serde_json::json!({"principal": "User:alice", "host": "*", "operation": "READ",
        "permissionType": "ALLOW", "resourceType": "TOPIC", "resourceName": "orders", "patternType": "PREFIXED"})
    );
    let no = ask("User:alice", "orders-pii");
    assert_eq!(
        (&no["allowed"], &no["acl"]["permissionType"]),
        (&serde_json::json!(false), &serde_json::json!("DENY"))
    );
    let none = ask("User:bob", "x");
    assert_eq!(
        (&none["allowed"], &none["acl"]),
        (&serde_json::json!(false), &serde_json::Value::Null)
    );
    assert_eq!(
        ask("User:admin", "x")["reason"],
        "the principal is in super.users"
    );
    let any =
        answer(r#"{"principal":"User:alice","host":"10.0.0.1","operation":"Read","resourceType":"Topic"}"#)
            .unwrap();
    assert_eq!(any["allowed"], true);
    assert!(answer("{}").unwrap_err().contains("principal"));
    assert!(
        answer(r#"{"principal":"User:a","operation":"FLY","resourceType":"TOPIC"}"#)
            .unwrap_err()
            .contains("FLY")
    );
    assert!(answer("[").is_err());
    // And over nothing at all.
    let (empty, _) = crate::testing::facts(&[]);
    let mut out = Vec::new();
    super::decide(
        &empty,
        r#"{"principal":"User:a","operation":"READ","resourceType":"TOPIC","resourceName":"t"}"#,
        &mut out,
    )
    .unwrap();
    assert!(
        String::from_utf8(out)
            .unwrap()
            .starts_with(r#"{"allowed":false,"acl":null"#)
    );
}

#[test]
fn may_answers_for_the_rows_words() {
    let acls = crate::testing::acls(&[
        "User:a ALLOW READ TOPIC orders*",
        "User:a DENY READ TOPIC orders-pii from 10.9.9.9",
        "User:b ALLOW ALL TOPIC t",
        "User:c ALLOW DELETE CLUSTER kafka-cluster",
        "User:d ALLOW READ GROUP app",
        "User:e ALLOW READ TOPIC t from 10.1.2.3",
    ]);
    let (facts, _) = facts(&[("acls.json", &acls)]);
    let may = |who: &str, action: &str, resource: &str| super::may(&facts, who, action, resource);
    assert_eq!(may("User:a", "READ", "topic:orders"), Holds::Yes);
    assert_eq!(
        may("User:a", "READ", "orders-pii"),
        Holds::If("not from host 10.9.9.9".to_owned())
    );
    assert_eq!(may("User:b", "*", "topic:t"), Holds::Yes);
    assert!(matches!(may("User:a", "ALL", "topic:orders"), Holds::No(_)));
    assert_eq!(may("User:c", "DELETE", "topic:anything"), Holds::Yes);
    assert_eq!(may("User:d", "READ", "app"), Holds::Yes);
    assert_eq!(
        may("User:e", "READ", "topic:t"),
        Holds::If("from host 10.1.2.3".to_owned())
    );
    // What is no operation is refused, to super users too, although some word of the documents is spelled so.
    for action in ["FLY", "s3:GetObject", "orders", "User:a", ""] {
        assert!(
            matches!(may("User:e", action, "topic:t"), Holds::No(_)),
            "{action}"
        );
    }
}
