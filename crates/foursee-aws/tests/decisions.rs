//! Decisions, one a line of `data/decisions.jsonl`: which part of AWS's rules, why, the question, and what is wanted.
//!
//! The parts are those of AWS's documentation: 4a layers, 4b which grant bypasses which implicit deny, 4c conditions and
//! variables, 4d grammar, 4e services' own rules.

#![expect(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

use foursee_aws::{Aws, Facts};
use foursee_core::layer::Layer;
use serde_json::Value;

pub fn ask(question: &str) -> Value {
    let mut answer = Vec::new();
    Aws.decide(&Facts::default(), question, &mut answer)
        .unwrap_or_else(|error| panic!("{error}: {question}"));
    serde_json::from_slice(&answer).unwrap()
}

#[test]
fn every_row_is_decided_as_documented() {
    let mut wrong = Vec::new();
    for line in include_str!("data/decisions.jsonl").lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let answer = ask(&row["question"].to_string());
        let result = &answer["EvaluationResults"][0];
        let why = format!("{} {}", row["rule"], row["why"]);
        let specific = &result["ResourceSpecificResults"][0];
        if result["Decision"] != row["want"] || specific["Decision"] != row["want"] {
            wrong.push(format!(
                "{why}: wanted {}, got {}",
                row["want"], result["Decision"]
            ));
        }
        // AWS has three words: what is possible is an implicit deny with missing values.
        let word = if row["want"] == "possible" {
            "implicitDeny"
        } else {
            row["want"].as_str().unwrap()
        };
        if result["EvalDecision"] != word || specific["EvalResourceDecision"] != word {
            wrong.push(format!("{why}: AWS's word is {}", result["EvalDecision"]));
        }
        if let Some(missing) = row.get("missing")
            && &specific["MissingContextValues"] != missing
        {
            wrong.push(format!("{why}: missing {}", specific["MissingContextValues"]));
        }
        if let Some(matched) = row.get("matched") {
            let ids: Vec<&Value> = specific["MatchedStatements"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| &one["SourcePolicyId"])
                .collect();
            if ids != matched.as_array().unwrap().iter().collect::<Vec<_>>() {
                wrong.push(format!("{why}: matched {ids:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn answers_have_the_shape_that_aws_prints() {
    let answer = ask(
        r#"{"PolicyInputList":["{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::b/*\"}]}"],
        "ActionNames":["s3:GetObject","s3:PutObject"],"ResourceArns":["arn:aws:s3:::b/k","arn:aws:s3:::c/k"],"CallerArn":"arn:aws:iam::111122223333:user/ann",
        "OrderedOrganizationPolicyInputList":[{"ServiceControlPolicyInputList":[{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}]}],
        "PermissionsBoundaryPolicyInputList":[{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}]}"#,
    );
    let results = answer["EvaluationResults"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0]["EvalActionName"], "s3:GetObject");
    assert_eq!(
        results[0]["EvalDecision"], "implicitDeny",
        "the aggregate is the most restrictive"
    );
    let each = results[0]["ResourceSpecificResults"].as_array().unwrap();
    assert_eq!(each[0]["EvalResourceName"], "arn:aws:s3:::b/k");
    assert_eq!(
        (&each[0]["EvalResourceDecision"], &each[1]["EvalResourceDecision"]),
        (&"allowed".into(), &"implicitDeny".into())
    );
    assert_eq!(each[0]["MatchedStatements"][0]["SourcePolicyType"], "IAM Policy");
    assert_eq!(
        each[0]["MatchedStatements"][0]["StartPosition"],
        serde_json::json!({"Line": 1, "Column": 38})
    );
    assert_eq!(each[0]["EvalDecisionDetails"], serde_json::json!({}));
    assert_eq!(
        results[0]["OrganizationsDecisionDetail"]["AllowedByOrganizations"],
        true
    );
    assert_eq!(
        results[0]["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"],
        true
    );
    assert_eq!(answer["IsTruncated"], false);
}

#[test]
fn a_question_that_is_none_says_what_to_do() {
    let mut out = Vec::new();
    for (question, says) in [
        ("{", "EOF"),
        ("{}", "ActionNames"),
        (
            r#"{"ActionNames":["s3:*"],"PolicyInputList":[]}"#,
            "not one action",
        ),
        (r#"{"ActionNames":["s3:GetObject"]}"#, "PolicyInputList"),
        (
            r#"{"ActionNames":["s3:GetObject"],"PolicyInputList":["nonsense"]}"#,
            "PolicyInputList.1",
        ),
        (
            r#"{"ActionNames":["s3:GetObject"],"PolicySourceArn":"arn:aws:iam::111122223333:user/none"}"#,
            "user/none",
        ),
    ] {
        let error = Aws
            .decide(&Facts::default(), question, &mut out)
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{question}: {error}");
    }
}
