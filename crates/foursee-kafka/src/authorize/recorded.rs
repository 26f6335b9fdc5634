//! Answers of the real class, recorded: Kafka's own `StandardAuthorizer` of three versions was asked in process.
//!
//! A line of the questions is `new SUPER_USERS ALLOW_EVERYONE`, `acl TYPE PATTERN NAME PRINCIPAL HOST OPERATION PERMISSION`,
//! `ask TYPE NAME ADDRESS OPERATION RESOURCE_TYPE RESOURCE` or `any` (the same without a resource), with tabs between.

use super::{Client, Question, Why};
use crate::facts::{Facts, Operation, ResourceType};
use crate::testing::facts;

const QUESTIONS: &str = include_str!("../../tests/data/authorizer-questions.tsv");
const ANSWERS: &str = include_str!("../../tests/data/authorizer-answers.txt");

/// One policy as documents of the version.
fn read(version: &str, supers: &str, everyone: &str, acls: &[Vec<&str>]) -> Facts {
    let list: Vec<serde_json::Value> = acls
        .iter()
        .map(|f| {
            serde_json::json!({"resourceType": f[1], "patternType": f[2], "resourceName": f[3], "principal": f[4],
                "host": f[5], "operation": f[6], "permissionType": f[7]})
        })
        .collect();
    let acls = serde_json::json!({"acls": list, "version": version}).to_string();
    let broker = format!("super.users={supers}\nallow.everyone.if.no.acl.found={everyone}\n");
    facts(&[("acls.json", &acls), ("server.properties", &broker)]).0
}

fn compare(questions: &str, answers: &str, version: &str) -> usize {
    let (mut supers, mut everyone) = ("", "");
    let mut acls: Vec<Vec<&str>> = Vec::new();
    let mut sealed: Option<Facts> = None;
    let mut answers = answers.bytes();
    let mut asked = 0;
    for line in questions.lines().filter(|line| !line.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields[0] {
            "new" => {
                (supers, everyone) = (fields[1], fields[2]);
                acls.clear();
                sealed = None;
            }
            "acl" => {
                acls.push(fields);
                sealed = None;
            }
            _ => {
                let facts = sealed.get_or_insert_with(|| read(version, supers, everyone, &acls));
                let principal = format!("{}:{}", fields[1], fields[2]);
                let client = Client::new(fields[3]);
                let operation = Operation::parse(fields[4]).unwrap();
                let kind = ResourceType::parse(fields[5]).unwrap();
                let decision = match fields.get(6) {
                    Some(name) => facts.decide(&Question {
                        principal: &principal,
                        client: &client,
                        operation,
                        kind,
                        name,
                    }),
                    None => facts.decide_any(&principal, &client, operation, kind, facts.quirks()),
                };
                let answer = answers.next().unwrap();
                assert_eq!(decision.allowed, answer == b'A', "{version}: {line}\n{acls:?}");
                // It ended in an error, or hung.
                let undefined = matches!(answer, b'E' | b'H');
                assert_eq!(
                    decision.why == Why::Undefined,
                    undefined,
                    "{version}: {line}\n{acls:?}"
                );
                asked += 1;
            }
        }
    }
    assert!(answers.next().is_none());
    asked
}

#[test]
fn decisions_are_those_of_the_real_class() {
    let mut versions = 0;
    for line in ANSWERS.lines().filter(|line| !line.starts_with('#')) {
        let (version, answers) = line.split_once(' ').unwrap();
        assert_eq!(compare(QUESTIONS, answers, version), answers.len());
        versions += 1;
    }
    assert_eq!(versions, 3);
}
