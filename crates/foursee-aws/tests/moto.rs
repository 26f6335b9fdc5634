//! What moto, which answers as AWS does, prints of an account that it made itself: read whole, and decided as AWS would.
//! The account is tests/servers/aws/estate.py's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use foursee_aws::Aws;
use foursee_core::conformance;
use foursee_core::layer::{Holds, Who};
use foursee_core::model::{Gap, Reason};
use foursee_servers::Server;
use std::process::Command;

fn exports() -> Vec<(String, String)> {
    let server = Server::start("aws", &["managed"]).unwrap();
    let to = server.folder().join("exports");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/servers/aws/estate");
    let ran = Command::new(script)
        .arg(server.folder())
        .arg(&to)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let mut all: Vec<(String, String)> = std::fs::read_dir(to)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    all.sort();
    all
}

fn word(holds: &Holds) -> &'static str {
    match holds {
        Holds::Yes => "yes",
        Holds::If(_) => "if",
        Holds::No(_) => "no",
        Holds::Unknown(_) => "unknown",
    }
}

#[test]
fn what_moto_makes_is_read_and_decided() {
    let texts = exports();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert_eq!(texts.len(), 5);
    let (opened, mapped) = conformance::opened(Aws, &texts).unwrap();
    let known = |gap: &&Gap| gap.reason != Reason::Inherent;
    let gaps: Vec<String> = opened
        .gaps()
        .iter()
        .chain(&mapped.estate.gaps)
        .filter(known)
        .map(|gap| format!("{:?} {}: {}", gap.reason, gap.target, gap.facet))
        .collect();
    assert_eq!(gaps, Vec::<String>::new());
    let scopes: Vec<&str> = mapped.estate.scopes.iter().map(|one| &*one.name).collect();
    assert_eq!(scopes, ["123456789012"]);
    let loaded = opened.loaded().first().unwrap();
    let account = "arn:aws:iam::123456789012:";
    let orders = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders";
    for (kind, name, action, resource, answer) in [
        // Through the group, whose policy is AWS's own. No service control policy binds the management account.
        ("user", "user/alice", "ec2:RunInstances", "*", "yes"),
        ("user", "user/alice", "cloudtrail:StopLogging", "*", "yes"),
        (
            "user",
            "user/bob",
            "s3:GetObject",
            "arn:aws:s3:::shop/images/a.jpg",
            "yes",
        ),
        (
            "user",
            "user/bob",
            "s3:PutObject",
            "arn:aws:s3:::shop/images/kept/a.jpg",
            "no",
        ),
        (
            "user",
            "user/bob",
            "s3:GetObject",
            "arn:aws:s3:::shop/other",
            "no",
        ),
        // By the bucket's own policy alone.
        (
            "user",
            "user/carol",
            "s3:GetObject",
            "arn:aws:s3:::shop/public/a",
            "yes",
        ),
        (
            "user",
            "user/carol",
            "s3:GetObject",
            "arn:aws:s3:::shop/images/a",
            "no",
        ),
        // The default version, and no longer the first.
        ("role", "role/app", "dynamodb:GetItem", orders, "yes"),
        ("role", "role/app", "dynamodb:PutItem", orders, "no"),
        // All of S3, within a boundary that only reads.
        (
            "role",
            "role/worker",
            "s3:GetObject",
            "arn:aws:s3:::shop/other",
            "yes",
        ),
        (
            "role",
            "role/worker",
            "s3:PutObject",
            "arn:aws:s3:::shop/other",
            "no",
        ),
        ("role", "role/worker", "ec2:DescribeInstances", "*", "no"),
    ] {
        let name = format!("{account}{name}");
        let who = Who { kind, name: &name };
        let holds = loaded.may(&who, action, resource);
        assert_eq!(word(&holds), answer, "{name} {action} {resource}: {holds}");
    }
    // Who may become whom, and the key that is bob's.
    let edges: Vec<String> = mapped
        .estate
        .edges
        .iter()
        .map(|edge| {
            let technique = mapped.estate.technique(edge.technique).unwrap();
            let (from, to) = (mapped.estate.show(edge.from), mapped.estate.show(edge.to));
            format!("{from} -{}-> {to}", technique.id)
        })
        .collect();
    let member = format!("user {account}user/alice -core-member-> group {account}group/admins");
    assert!(edges.contains(&member), "{edges:#?}");
    let keys = mapped
        .estate
        .accepted
        .iter()
        .filter(|one| &*one.kind == "aws-access-key")
        .count();
    assert_eq!(keys, 1);
}
