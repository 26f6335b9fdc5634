//! EKS: what an access policy allowed is no role's use, and what it allows too is said.

use super::*;
use crate::usage::Sort;

const DEV: &str = "arn:aws:iam::111122223333:role/dev";
const ANN: &str = "arn:aws:sts::111122223333:assumed-role/dev/ann";

/// A binding of the entry's group, or of a session's user name, to a role that reads and deletes.
fn state(subject: Value) -> String {
    list(json!([
        role(
            "shop",
            "r",
            json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "delete"]}])
        ),
        binding("shop", "b", "Role/r", json!([subject])),
    ]))
}

fn group() -> Value {
    json!({"kind": "Group", "name": "devs"})
}

fn entry() -> String {
    json!({"accessEntry": {"clusterName": "prod", "principalArn": DEV, "kubernetesGroups": ["devs"], "type": "STANDARD"}})
        .to_string()
}

fn policy(name: &str, namespace: &str) -> String {
    json!({"clusterName": "prod", "principalArn": DEV, "associatedAccessPolicies": [
        {"policyArn": format!("arn:aws:eks::aws:cluster-access-policy/{name}"),
         "accessScope": {"type": "namespace", "namespaces": [namespace]}}]})
    .to_string()
}

/// A session's event, as EKS writes it; the reason as its policies give it, or as RBAC does.
fn by(reason: &str, at: &str) -> Value {
    let mut one = get("secrets", "db", at);
    one["user"] = json!({"username": ANN, "uid": "aws-iam-authenticator:111122223333:AROAEXAMPLE",
        "groups": ["devs", "system:authenticated"],
        "extra": {"accessKeyId": ["ASIAEXAMPLE"], "arn": [ANN], "canonicalArn": [DEV],
            "principalId": ["AROAEXAMPLE"], "sessionName": ["ann"]}});
    one["annotations"]["authorization.k8s.io/reason"] = json!(reason);
    one
}

const RBAC: &str = "RBAC: allowed by RoleBinding \"b/shop\" of Role \"r\" to Group \"devs\"";
const EKS: &str = "EKS Access Policy: allowed by RoleBinding \"arn:aws:iam::111122223333:role/dev+arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy\" of ClusterRole \"arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy\" to User \"AROAEXAMPLE\"";

fn read(texts: &[String], events: &[Value]) -> Facts {
    let mut all = Facts::default();
    for (number, text) in (0..).zip(texts) {
        let part = Kubernetes.parse(&document(number, text), &mut Notes::default());
        Kubernetes.merge(&mut all, part);
    }
    for one in events {
        Kubernetes.observe(&one.to_string(), &mut all).unwrap();
    }
    Kubernetes.seal(&mut all, &[]);
    all
}

#[test]
fn use_is_known_by_principal_and_by_who_allowed_it() {
    let texts = [state(group()), entry(), policy("AmazonEKSEditPolicy", "shop")];
    let facts = read(&texts, &[by(RBAC, "01-01"), by(EKS, "02-20")]);
    let all: Vec<_> = facts.usage().everybody().collect();
    let [(who, requests)] = all.as_slice() else {
        panic!("{all:#?}")
    };
    assert_eq!((&*who.user, &*who.principal), (ANN, DEV));
    let sorts: Vec<Sort> = requests.keys().map(|one| one.sort).collect();
    assert_eq!(sorts, [Sort::Asked, Sort::Elsewhere]);
    // Whoever is impersonated is without the principal, whatever the event says of them.
    let mut acting = by(RBAC, "01-01");
    acting["impersonatedUser"] = json!({"username": "bob", "extra": {"canonicalArn": [DEV]}});
    let facts = read(&texts, &[acting]);
    let principals: Vec<(&str, &str)> = facts
        .usage()
        .everybody()
        .map(|(who, _)| (&*who.user, &*who.principal))
        .collect();
    assert_eq!(principals, [(ANN, DEV), ("bob", "")]);
}

#[test]
fn what_a_policy_allowed_is_no_use_of_a_role() {
    let texts = [state(group()), entry(), policy("AmazonEKSEditPolicy", "shop")];
    let of = |reasons: [&str; 2]| {
        let facts = read(&texts, &[by(reasons[0], "01-01"), by(reasons[1], "02-20")]);
        propose(&facts).proposals.remove(0)
    };
    let used = of([RBAC, RBAC]);
    assert_eq!(
        used.grants,
        ["in shop: verbs: [get], resources: [secrets], apiGroups: [\"\"], resourceNames: [db]"]
    );
    assert!(!used.notes.iter().any(|note| note.contains("another authorizer")));
    let not = of([EKS, EKS]);
    assert_eq!(not.grants, Vec::<String>::new());
    assert!(
        not.notes.iter().any(|note| note.contains("another authorizer")),
        "{:?}",
        not.notes
    );
    // What no authorizer put its name to may have been RBAC's.
    assert_eq!(of(["", ""]).grants, used.grants);
}

#[test]
fn a_role_serves_what_rbac_allowed_alone() {
    let serves = |reason: &str| {
        let facts = read(&[state(group()), entry()], &[by(reason, "01-01")]);
        facts
            .usage()
            .serves(&facts.bindings[0], &facts.roles[0].rules[0].0)
    };
    assert!(serves(RBAC) && serves(""));
    assert!(!serves(EKS) && !serves("a webhook's own words"));
}

#[test]
fn a_proposal_says_that_an_access_policy_allows_it_too() {
    let session = json!({"kind": "User", "name": ANN});
    let says = |subject: &Value, documents: &[String]| {
        let mut texts = vec![state(subject.clone())];
        texts.extend_from_slice(documents);
        let facts = read(&texts, &[by(RBAC, "01-01"), by(RBAC, "02-20")]);
        let one = propose(&facts).proposals.remove(0);
        assert!(
            one.drops.iter().any(|line| line.contains("delete")),
            "{:?}",
            one.drops
        );
        let note = format!("{DEV} may do some of that still, by access policy AmazonEKSEditPolicy");
        one.notes.iter().any(|one| one.starts_with(&note))
    };
    for subject in [group(), session] {
        // As the entry says it, and as the log alone does.
        assert!(says(&subject, &[entry(), policy("AmazonEKSEditPolicy", "shop")]));
        assert!(says(&subject, &[policy("AmazonEKSEditPolicy", "sh*")]));
        // It deletes no Secrets, or not there.
        assert!(!says(&subject, &[entry(), policy("AmazonEKSViewPolicy", "shop")]));
        assert!(!says(
            &subject,
            &[entry(), policy("AmazonEKSEditPolicy", "other")]
        ));
        assert!(!says(&subject, &[entry()]));
    }
}
