//! Questions about principals of an export: SimulatePrincipalPolicy, and `may`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use foursee_aws::{Aws, Facts};
use foursee_core::document::{Document, Notes};
use foursee_core::layer::{Holds, Layer, Who};
use foursee_core::model::{DocId, ScopeId};
use serde_json::Value;
use std::sync::Arc;

const TEXT: &str = r#"{"UserDetailList":[
 {"UserName":"ann","UserId":"AIDAANN","Arn":"arn:aws:iam::111122223333:user/ann","GroupList":["ops"],"Tags":[{"Key":"team","Value":"red"}],
  "UserPolicyList":[{"PolicyName":"own","PolicyDocument":{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::${aws:PrincipalTag/team}/*"},
    {"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}}],
  "AttachedManagedPolicies":[],
  "PermissionsBoundary":{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/edge"}}],
 "GroupDetailList":[{"GroupName":"ops","GroupId":"AGPAOPS","Arn":"arn:aws:iam::111122223333:group/ops","GroupPolicyList":[],
  "AttachedManagedPolicies":[{"PolicyName":"queues","PolicyArn":"arn:aws:iam::111122223333:policy/queues"}]}],
 "RoleDetailList":[{"RoleName":"app","RoleId":"AROAAPP","Arn":"arn:aws:iam::111122223333:role/app","RolePolicyList":[],"AttachedManagedPolicies":[],
  "AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"AIDAANN"},"Action":"sts:AssumeRole"}]}}],
 "Policies":[
 {"PolicyName":"queues","PolicyId":"ANPA1","Arn":"arn:aws:iam::111122223333:policy/queues","DefaultVersionId":"v2","PolicyVersionList":[
   {"VersionId":"v2","IsDefaultVersion":true,"Document":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","ec2:*"],"Resource":"*"}]}},
   {"VersionId":"v1","IsDefaultVersion":false,"Document":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}]},
 {"PolicyName":"edge","PolicyId":"ANPA2","Arn":"arn:aws:iam::111122223333:policy/edge","DefaultVersionId":"v1","PolicyVersionList":[
   {"VersionId":"v1","IsDefaultVersion":true,"Document":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","sqs:*","sts:*"],"Resource":"*"}]}}]}],
 "IsTruncated":false}"#;

fn facts() -> Facts {
    let document = Document {
        id: DocId(0),
        name: "x".into(),
        scope: ScopeId(0),
        kind: "gaad",
        text: Arc::new(TEXT.to_owned()),
    };
    let mut notes = Notes::default();
    let mut facts = Aws.parse(&document, &mut notes);
    assert!(notes.gaps.is_empty(), "{:?}", notes.gaps);
    Aws.seal(&mut facts, &[document]);
    facts
}

fn ask(fields: &str) -> Value {
    let mut out = Vec::new();
    let question = format!(r#"{{"PolicySourceArn":"arn:aws:iam::111122223333:user/ann",{fields}}}"#);
    Aws.decide(&facts(), &question, &mut out)
        .unwrap_or_else(|error| panic!("{error}: {question}"));
    let answer: Value = serde_json::from_slice(&out).unwrap();
    answer["EvaluationResults"][0].clone()
}

#[test]
fn a_principal_has_its_groups_policies_and_its_boundary() {
    let queue =
        r#""ActionNames":["sqs:SendMessage"],"ResourceArns":["arn:aws:sqs:eu-west-1:111122223333:q"]"#;
    let answer = ask(queue);
    assert_eq!(answer["EvalDecision"], "allowed");
    assert_eq!(answer["MatchedStatements"][0]["SourcePolicyId"], "queues");
    let bounded = ask(r#""ActionNames":["ec2:DescribeInstances"]"#);
    assert_eq!(bounded["EvalDecision"], "implicitDeny");
    assert_eq!(
        bounded["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"],
        false
    );
    assert_eq!(bounded["BlockedBy"], serde_json::json!(["boundary"]));
    let without = ask(
        r#""ActionNames":["ec2:DescribeInstances"],"PolicyExclusionList":[{"PolicyType":"permission-boundary"}]"#,
    );
    assert_eq!(without["EvalDecision"], "allowed");
    let excluded = ask(&format!(
        r#"{queue},"PolicyExclusionList":[{{"PolicyArn":"arn:aws:iam::111122223333:policy/queues"}}]"#
    ));
    assert_eq!(excluded["EvalDecision"], "implicitDeny");
    let another = ask(
        r#""ActionNames":["ec2:DescribeInstances"],"PermissionsBoundaryPolicyInputList":[{"Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}]"#,
    );
    assert_eq!(another["EvalDecision"], "allowed");
    let more = ask(
        r#""ActionNames":["sts:AssumeRole"],"ResourceArns":["arn:aws:iam::111122223333:role/x"],"PolicyInputList":[{"Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}]"#,
    );
    assert_eq!(more["EvalDecision"], "allowed");
}

#[test]
fn its_tags_are_known_and_its_second_factor_is_not() {
    let tagged = |bucket: &str| {
        ask(&format!(
            r#""ActionNames":["s3:GetObject"],"ResourceArns":["arn:aws:s3:::{bucket}/k"]"#
        ))
    };
    assert_eq!(tagged("red")["EvalDecision"], "allowed");
    assert_eq!(tagged("blue")["EvalDecision"], "implicitDeny");
    let put = ask(r#""ActionNames":["s3:PutObject"],"ResourceArns":["arn:aws:s3:::b/k"]"#);
    assert_eq!(
        (&put["EvalDecision"], &put["Decision"]),
        (&"implicitDeny".into(), &"possible".into())
    );
    assert_eq!(
        put["MissingContextValues"],
        serde_json::json!(["aws:MultiFactorAuthPresent"])
    );
    assert_eq!(
        put["Conditions"],
        serde_json::json!(["Bool aws:MultiFactorAuthPresent [true]"])
    );
}

#[test]
fn may_says_yes_no_and_under_which_condition() {
    let facts = facts();
    let ann = Who {
        kind: "user",
        name: "arn:aws:iam::111122223333:user/ann",
    };
    assert_eq!(
        Aws.may(&facts, &ann, "s3:GetObject", "arn:aws:s3:::red/k"),
        Holds::Yes
    );
    assert_eq!(
        Aws.may(&facts, &ann, "s3:PutObject", "arn:aws:s3:::b/k"),
        Holds::If("Bool aws:MultiFactorAuthPresent [true]".to_owned())
    );
    assert_eq!(
        Aws.may(&facts, &ann, "ec2:RunInstances", "*"),
        Holds::No("implicitDeny by boundary".to_owned())
    );
    // An id in a trust is the identity that still has it.
    assert_eq!(
        Aws.may(
            &facts,
            &ann,
            "sts:AssumeRole",
            "arn:aws:iam::111122223333:role/app"
        ),
        Holds::Yes
    );
    let nobody = Who {
        kind: "user",
        name: "arn:aws:iam::111122223333:user/none",
    };
    assert!(matches!(
        Aws.may(&facts, &nobody, "s3:GetObject", "*"),
        Holds::Unknown(_)
    ));
    assert!(matches!(Aws.may(&facts, &ann, "read", "*"), Holds::No(_)));
}
