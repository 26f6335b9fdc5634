//! Kafka's own `StandardAuthorizer`, asked in a JVM, against this crate's: random policies and questions, as `decide`
//! takes them.
//!
//! tests/servers/kafka/install gets the class. `FOURSEE_ANCHOR_SEED` and `FOURSEE_ANCHOR_POLICIES` (200 questions each)
//! choose another sample, or a larger one.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use foursee_core::document::{Document, Head, Notes};
use foursee_core::layer::Layer;
use foursee_core::model::{DocId, ScopeId};
use foursee_kafka::Kafka;
use foursee_kafka::facts::Facts;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// The version of the class: tests/servers/kafka/anchor/pom.xml.
const VERSION: &str = "4.4.0";

fn variable(name: &str, otherwise: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(otherwise, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is no number"))
    })
}

/// A policy as the documents that say it.
fn read(supers: &str, everyone: &str, acls: &[serde_json::Value]) -> Facts {
    let list = serde_json::json!({"acls": acls, "version": VERSION}).to_string();
    let broker = format!("super.users={supers}\nallow.everyone.if.no.acl.found={everyone}\n");
    let mut all = Facts::default();
    for (number, (name, text)) in [("acls.json", list), ("server.properties", broker)]
        .into_iter()
        .enumerate()
    {
        let kind = Kafka.recognise(&Head::new(name, &text)).unwrap().kinds[0];
        let document = Document {
            id: DocId(u32::try_from(number).unwrap()),
            name: Arc::from(name),
            scope: ScopeId(0),
            kind,
            text: Arc::new(text),
        };
        let mut notes = Notes::default();
        let part = Kafka.parse(&document, &mut notes);
        assert!(notes.gaps.is_empty(), "{:?}", notes.gaps);
        Kafka.merge(&mut all, part);
    }
    Kafka.seal(&mut all, &[]);
    all
}

#[test]
fn the_class_itself_agrees_on_random_questions() {
    let class = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/servers/kafka/anchor");
    assert!(
        class.join("Anchor.class").is_file(),
        "Kafka's authorizer is not there: tests/servers/kafka/install gets it"
    );
    let seed = variable("FOURSEE_ANCHOR_SEED", 20_261_128);
    let policies = variable("FOURSEE_ANCHOR_POLICIES", 200);
    let path = format!("{0}:{0}/*", class.display());
    let output = Command::new("java")
        .args([
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            &path,
            "Anchor",
            "sample",
        ])
        .args([seed.to_string(), policies.to_string()])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (mut supers, mut everyone) = (String::new(), String::new());
    let mut acls = Vec::new();
    let mut sealed: Option<Facts> = None;
    let (mut asked, mut any, mut allowed, mut wrong) = (0_u64, 0_u64, 0_u64, Vec::new());
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let f: Vec<&str> = line.split('\t').collect();
        match f[0] {
            "new" => {
                (supers, everyone) = (f[1].to_owned(), f[2].to_owned());
                acls.clear();
                sealed = None;
            }
            "acl" => acls.push(
                serde_json::json!({"resourceType": f[1], "patternType": f[2], "resourceName": f[3],
                "principal": f[4], "host": f[5], "operation": f[6], "permissionType": f[7]}),
            ),
            _ => {
                let facts = sealed.get_or_insert_with(|| read(&supers, &everyone, &acls));
                let mut question = serde_json::json!({"principal": format!("{}:{}", f[1], f[2]), "host": f[3],
                    "operation": f[4], "resourceType": f[5]});
                if f[0] == "ask" {
                    question["resourceName"] = f[6].into();
                } else {
                    any += 1;
                }
                let mut answer = Vec::new();
                Kafka.decide(facts, &question.to_string(), &mut answer).unwrap();
                let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
                let theirs = *f.last().unwrap() == "ALLOWED";
                asked += 1;
                allowed += u64::from(theirs);
                if answer["allowed"] != theirs || !answer["undefined"].is_null() {
                    wrong.push(format!("{line}: {answer}\n{acls:?}"));
                }
            }
        }
    }
    println!(
        "seed {seed}: {asked} questions ({any} by resource type), {allowed} allowed, {} disagreements",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{:#?}", &wrong[..wrong.len().min(3)]);
    assert_eq!(asked, policies * 200);
    assert!(
        allowed * 10 > asked && allowed * 10 < asked * 9,
        "{allowed} of {asked}"
    );
}
