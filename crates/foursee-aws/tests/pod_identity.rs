//! Whose sessions of EKS Pod Identity a role's trust lets in.
#![expect(clippy::unwrap_used, reason = "a failing test should stop here")]

use foursee_aws::Aws;
use foursee_core::conformance::opened;

const CLUSTER: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/prod";

fn export(statements: &str) -> String {
    format!(
        r#"{{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[{{"Path":"/","RoleName":"web","RoleId":"AROAEXAMPLE",
        "Arn":"arn:aws:iam::111122223333:role/web","CreateDate":"2026-01-01T00:00:00Z","InstanceProfileList":[],"RolePolicyList":[],
        "AttachedManagedPolicies":[],"Tags":[],"AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{statements}]}}}}]}}"#
    )
}

fn statement(actions: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{{"Service":"pods.eks.amazonaws.com"}},"Action":[{actions}],"Condition":{{{condition}}}}}"#
    )
}

const BOTH: &str = r#""sts:AssumeRole","sts:TagSession""#;

/// (subject, audiences, condition) of what the role accepts.
fn accepted(statements: &str) -> Vec<(String, Vec<String>, String)> {
    let text = export(statements);
    let (_, mapped) = opened(Aws, &[("gaad.json", &text)]).unwrap();
    let estate = &mapped.estate;
    estate
        .accepted
        .iter()
        .filter(|one| &*one.kind == "eks-pod-identity")
        .map(|one| {
            (
                one.subject.to_string(),
                one.audience.iter().map(ToString::to_string).collect(),
                estate.condition(one.condition).to_owned(),
            )
        })
        .collect()
}

fn some(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

#[test]
fn without_conditions_every_association_is_let_in() {
    assert_eq!(
        accepted(&statement(BOTH, "")),
        [("*".to_owned(), some(&["tagged", "untagged"]), String::new())]
    );
    // A session with tags needs sts:TagSession too, in whichever statement.
    assert_eq!(
        accepted(&statement(r#""sts:AssumeRole""#, "")),
        [("*".to_owned(), some(&["untagged"]), String::new())]
    );
    let apart = [
        statement(r#""sts:AssumeRole""#, ""),
        statement(r#""sts:TagSession""#, ""),
    ]
    .join(",");
    assert_eq!(accepted(&apart)[0].1, some(&["tagged", "untagged"]));
    assert!(accepted(&statement(r#""sts:TagSession""#, "")).is_empty());
}

#[test]
fn tags_tell_accounts_apart() {
    let asked = format!(
        r#""StringEquals":{{"aws:RequestTag/eks-cluster-arn":"{CLUSTER}","aws:RequestTag/kubernetes-namespace":["shop","ops"]}},
           "StringLike":{{"aws:RequestTag/kubernetes-service-account":"web-*"}}"#
    );
    assert_eq!(
        accepted(&statement(BOTH, &asked)),
        [
            (
                format!("{CLUSTER} namespace/ops serviceaccount/web-*"),
                some(&["tagged"]),
                String::new()
            ),
            (
                format!("{CLUSTER} namespace/shop serviceaccount/web-*"),
                some(&["tagged"]),
                String::new()
            ),
        ]
    );
    let name = r#""StringEquals":{"aws:RequestTag/eks-cluster-name":"prod"}"#;
    assert_eq!(
        accepted(&statement(BOTH, name))[0].0,
        "*:cluster/prod namespace/* serviceaccount/*"
    );
    // What the subject does not say stays a condition.
    let pod = r#""StringLike":{"aws:RequestTag/kubernetes-pod-name":"web-0"}"#;
    let found = &accepted(&statement(BOTH, pod))[0];
    assert_eq!((&*found.0, &found.1), ("*", &some(&["tagged"])));
    assert!(found.2.contains("kubernetes-pod-name"), "{found:?}");
}

#[test]
fn a_literal_wildcard_is_no_name_and_too_many_are_asked_again() {
    let literal = r#""StringEquals":{"aws:RequestTag/kubernetes-namespace":"*"}"#;
    let found = accepted(&statement(BOTH, literal));
    assert!(
        found
            .iter()
            .all(|one| one.0 == "*" && one.2.contains("kubernetes-namespace")),
        "{found:?}"
    );
    let many: Vec<String> = (0..40).map(|one| format!("\"n{one}\"")).collect();
    let many = many.join(",");
    let asked = format!(
        r#""StringEquals":{{"aws:RequestTag/kubernetes-namespace":[{many}],"aws:RequestTag/kubernetes-service-account":[{many}]}}"#
    );
    assert_eq!(accepted(&statement(BOTH, &asked))[0].0, "*");
    // Another service's trust is none of it.
    let other = statement(BOTH, "").replace("pods.eks", "ec2");
    assert!(accepted(&other).is_empty());
}
