//! EKS: access entries and their policies, beside RBAC.

use super::lowering::{has, lacks, members_hold};
use super::{decide, document, read};
use crate::Kubernetes;
use foursee_core::conformance::{check, opened};
use foursee_core::document::Notes;
use foursee_core::layer::{Holds, Layer, Who};
use foursee_core::model::Certainty;
use serde_json::{Value, json};

pub(super) const ACCOUNT: &str = "111122223333";

pub(super) fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

pub(super) fn cluster(mode: &str) -> String {
    json!({"cluster": {"name": "prod", "arn": format!("arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/prod"), "version": "1.33",
        "identity": {"oidc": {"issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/A"}},
        "accessConfig": {"authenticationMode": mode}}})
    .to_string()
}

pub(super) fn entry(principal: &str, sort: &str, username: Option<&str>, groups: &[&str]) -> String {
    json!({"accessEntry": {"clusterName": "prod", "principalArn": principal, "kubernetesGroups": groups,
        "accessEntryArn": "arn:aws:eks:eu-west-1:111122223333:access-entry/prod/x", "username": username, "type": sort}})
    .to_string()
}

/// (policy, namespaces; none for the cluster)
pub(super) fn policies(principal: &str, all: &[(&str, Option<&[&str]>)]) -> String {
    let all: Vec<Value> = all
        .iter()
        .map(|(name, within)| {
            let scope = match within {
                None => json!({"type": "cluster", "namespaces": []}),
                Some(namespaces) => json!({"type": "namespace", "namespaces": namespaces}),
            };
            json!({"policyArn": format!("arn:aws:eks::aws:cluster-access-policy/{name}"), "accessScope": scope})
        })
        .collect();
    json!({"clusterName": "prod", "principalArn": principal, "associatedAccessPolicies": all}).to_string()
}

/// A cluster that lets role/team/dev in, with policies.
pub(super) fn world(all: &[(&str, Option<&[&str]>)]) -> Vec<String> {
    let dev = role("team/dev");
    vec![
        cluster("API_AND_CONFIG_MAP"),
        json!({"accessEntries": [dev]}).to_string(),
        entry(&dev, "STANDARD", None, &["devs"]),
        policies(&dev, all),
    ]
}

pub(super) fn ask(texts: &[String], question: &Value) -> Value {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    decide(&read(&texts).0, &question.to_string())
}

pub(super) fn request(principal: &str, verb: &str, group: &str, resource: &str, namespace: &str) -> Value {
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    json!({"user": "dev", "groups": ["system:authenticated"], "principal": principal, "resourceAttributes":
        {"verb": verb, "group": group, "resource": resource, "subresource": subresource, "namespace": namespace}})
}

#[test]
fn the_commands_outputs_are_recognised_and_nothing_like_them_is() {
    let kinds = |text: &str| {
        let claim = Kubernetes.recognise(&foursee_core::document::Head::new("x", text));
        claim.map(|claim| claim.kinds)
    };
    let dev = role("dev");
    assert_eq!(
        kinds(&entry(&dev, "STANDARD", None, &[])),
        Some(vec!["eks-access-entries"])
    );
    assert_eq!(
        kinds(r#"{"accessEntries": []}"#),
        Some(vec!["eks-access-entries"])
    );
    assert_eq!(kinds(&policies(&dev, &[])), Some(vec!["eks-access-policies"]));
    assert_eq!(
        kinds(r#"{"associations": [ ]}"#),
        Some(vec!["eks-pod-identities"])
    );
    let described =
        r#"{"association":{"associationArn":"arn:aws:eks:eu-west-1:1:podidentityassociation/prod/a-1"}}"#;
    assert_eq!(kinds(described), Some(vec!["eks-pod-identities"]));
    for other in [
        r#"{"accessEntry": {"name": "x"}}"#,
        r#"{"associations": [{"name": "ssm"}]}"#,
        r#"{"association": "x"}"#,
    ] {
        assert_eq!(kinds(other), None, "{other}");
    }
}

#[test]
fn a_policy_allows_its_principal_and_says_why() {
    let texts = world(&[("AmazonEKSClusterAdminPolicy", None)]);
    let dev = role("team/dev");
    let answer = ask(&texts, &request(&dev, "delete", "", "nodes", ""));
    assert_eq!(answer["allowed"], true);
    assert_eq!(answer["authorizer"], "EKS");
    assert_eq!(answer["incomplete"], true);
    assert_eq!(answer["accessPolicy"]["principal"], dev);
    assert_eq!(
        answer["reason"],
        format!(
            "EKS Access Policy: allowed by ClusterRoleBinding \"{dev}+arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy\" of ClusterRole \"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy\" to User \"{dev}\""
        )
    );
    // A session is its role; another principal, or the same user name without one, has nothing.
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/dev/ann");
    assert_eq!(
        ask(&texts, &request(&session, "delete", "", "nodes", ""))["allowed"],
        true
    );
    for other in [
        "",
        &role("team/ops"),
        "arn:aws:iam::444455556666:role/team/dev",
        &format!("arn:aws:iam::{ACCOUNT}:user/dev"),
    ] {
        assert_eq!(
            ask(&texts, &request(other, "delete", "", "nodes", ""))["allowed"],
            false,
            "{other}"
        );
    }
    // As the server's own review carries it.
    let review = json!({"spec": {"user": "x", "extra": {"canonicalArn": [role("dev")]},
        "nonResourceAttributes": {"verb": "get", "path": "/metrics"}}});
    assert_eq!(ask(&texts, &review)["allowed"], true);
    let who = json!({"whoCan": {"verb": "delete", "resource": "nodes"}});
    assert_eq!(
        ask(&texts, &who)["subjects"][0],
        json!({"kind": "AccessEntry", "name": dev})
    );
}

#[test]
fn a_scope_is_the_cluster_or_namespaces_by_pattern() {
    let texts = world(&[("AmazonEKSEditPolicy", Some(&["shop", "dev-*"]))]);
    let dev = role("team/dev");
    let may = |verb: &str, group: &str, resource: &str, namespace: &str| {
        ask(&texts, &request(&dev, verb, group, resource, namespace))["allowed"] == true
    };
    for namespace in ["shop", "dev-a", "dev-"] {
        assert!(may("create", "apps", "deployments", namespace), "{namespace}");
        assert!(may("impersonate", "", "serviceaccounts", namespace));
    }
    for namespace in ["", "shop2", "dev", "predev-a"] {
        assert!(!may("create", "apps", "deployments", namespace), "{namespace}");
    }
    for (verb, resource) in [
        ("create", "serviceaccounts/token"),
        ("create", "pods/eviction"),
        ("create", "rolebindings"),
    ] {
        assert!(!may(verb, "", resource, "shop"), "{verb} {resource}");
    }
    let url = json!({"user": "dev", "principal": dev, "nonResourceAttributes": {"verb": "get", "path": "/metrics"}});
    assert_eq!(
        ask(&world(&[("AmazonEKSClusterAdminPolicy", Some(&["*"]))]), &url)["allowed"],
        false
    );
}

#[test]
fn what_it_gives_counts_for_no_escalation_and_for_no_impersonated_request() {
    let texts = world(&[("AmazonEKSAdminPolicy", None)]);
    let dev = role("team/dev");
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": "b", "namespace": "shop"}, "roleRef": {"kind": "ClusterRole", "name": "r"},
        "subjects": [{"kind": "User", "name": "x"}]});
    let mut with_role = texts.clone();
    with_role.push("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: [{verbs: [get], apiGroups: [''], resources: [pods]}]\n".to_owned());
    let written = ask(
        &with_role,
        &json!({"user": "dev", "principal": dev, "write": binding}),
    );
    assert_eq!(
        (&written["authorized"], &written["escalation"]),
        (&json!(true), &json!(false))
    );
    let acting = ask(
        &texts,
        &json!({"user": "dev", "principal": dev, "impersonate": {"user": "system:serviceaccount:shop:web"}}),
    );
    assert_eq!(acting["allowed"], true);
    // The one who is impersonated is asked for without the principal.
    let as_account = json!({"user": "system:serviceaccount:shop:web", "resourceAttributes": {"verb": "get", "resource": "secrets", "namespace": "shop"}});
    assert_eq!(ask(&texts, &as_account)["allowed"], false);
    let can = ask(
        &texts,
        &json!({"user": "dev", "principal": dev, "can": {"namespace": "shop"}}),
    );
    assert_eq!(can["rules"], json!([]));
    assert_eq!(
        can["accessPolicies"][0]["policy"],
        "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy"
    );
}

#[test]
fn what_aws_contradicts_or_does_not_publish_is_open() {
    let dev = role("team/dev");
    let view = world(&[("AmazonEKSAdminViewPolicy", None)]);
    assert_eq!(
        ask(&view, &request(&dev, "get", "", "secrets", "shop"))["allowed"],
        true
    );
    for resource in ["pods/exec", "pods/portforward", "nodes/proxy"] {
        let answer = ask(&view, &request(&dev, "get", "", resource, "shop"));
        assert_eq!(answer["allowed"], false, "{resource}");
        assert!(
            answer["unknown"].as_str().unwrap().contains("#1116"),
            "{resource}"
        );
    }
    assert!(ask(&view, &request(&dev, "create", "", "pods", "shop"))["unknown"].is_null());
    for policy in ["AmazonEKSAutoNodePolicy", "AmazonEKSOfTomorrowPolicy"] {
        let texts = world(&[(policy, None)]);
        let answer = ask(&texts, &request(&dev, "get", "", "pods", "shop"));
        assert_eq!(answer["allowed"], false);
        assert!(answer["unknown"].as_str().unwrap().contains(policy), "{answer}");
        assert!(gaps(&texts).iter().any(|gap| gap.contains(policy)), "{policy}");
    }
    // Without the listing of its policies nothing is known of it.
    let texts = world(&[]);
    let silent = &texts[..3];
    let answer = ask(silent, &request(&dev, "get", "", "pods", "shop"));
    assert!(
        answer["unknown"]
            .as_str()
            .unwrap()
            .contains("list-associated-access-policies")
    );
    assert!(
        gaps(silent)
            .iter()
            .any(|gap| gap.starts_with("access policies of"))
    );
    assert!(
        !gaps(&texts)
            .iter()
            .any(|gap| gap.starts_with("access policies of"))
    );
}

#[test]
fn a_type_that_is_newer_than_the_rows_is_a_gap() {
    let of = |sort: &str| {
        let texts = [cluster("API"), entry(&role("pods"), sort, None, &[])];
        gaps(&texts).iter().any(|gap| gap.contains("its type"))
    };
    assert!(of("HYPERPOD_LINUX"));
    for known in ["STANDARD", "EC2", "EC2_LINUX", "FARGATE_LINUX", "ec2_linux"] {
        assert!(!of(known), "{known}");
    }
}

pub(super) fn gaps(texts: &[String]) -> Vec<String> {
    let named: Vec<(String, &str)> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (format!("prod/{at}"), text.as_str()))
        .collect();
    let borrowed: Vec<(&str, &str)> = named.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let (opened, mapped) = opened(Kubernetes, &borrowed).unwrap();
    let of_parsing = opened
        .gaps()
        .iter()
        .map(|gap| format!("{} {}", gap.target, gap.facet));
    let of_lowering = mapped
        .estate
        .gaps
        .iter()
        .map(|gap| format!("{} {}", gap.target, gap.facet));
    of_parsing.chain(of_lowering).collect()
}

#[test]
fn aws_auth_alone_knows_no_entries_and_hides_its_creator() {
    let mut texts = world(&[("AmazonEKSClusterAdminPolicy", None)]);
    texts[0] = cluster("CONFIG_MAP");
    let dev = role("team/dev");
    assert_eq!(
        ask(&texts, &request(&dev, "delete", "", "nodes", ""))["allowed"],
        false
    );
    assert!(
        gaps(&texts)
            .iter()
            .any(|gap| gap.starts_with("the cluster's creator"))
    );
    lacks(&edges(&texts), "accessentry");
    texts[0] = cluster("API");
    assert!(
        !gaps(&texts)
            .iter()
            .any(|gap| gap.starts_with("the cluster's creator"))
    );
    assert!(
        gaps(&[cluster("API")])
            .iter()
            .any(|gap| gap.starts_with("EKS access entries"))
    );
    assert!(
        !gaps(&texts)
            .iter()
            .any(|gap| gap.starts_with("EKS access entries"))
    );
}

pub(super) fn edges(texts: &[String]) -> Vec<String> {
    let named: Vec<(String, &str)> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (format!("{at}"), text.as_str()))
        .collect();
    let borrowed: Vec<(&str, &str)> = named.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let (_, mapped) = opened(Kubernetes, &borrowed).unwrap();
    let estate = &mapped.estate;
    estate
        .edges
        .iter()
        .map(|edge| {
            format!(
                "{} -{}-> {}",
                estate.show(edge.from),
                estate.technique(edge.technique).unwrap().id,
                estate.show(edge.to)
            )
        })
        .collect()
}

const OBJECTS: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: dev-a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {serviceAccountName: web}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n";

#[test]
fn entries_are_identities_with_their_names_groups_and_policies() {
    let mut texts = world(&[
        ("AmazonEKSEditPolicy", Some(&["shop", "dev-*"])),
        ("AmazonEKSClusterAdminPolicy", None),
    ]);
    texts.push(OBJECTS.to_owned());
    texts.push(entry(
        &role("nodes"),
        "EC2_LINUX",
        Some("system:node:{{EC2PrivateDNSName}}"),
        &["system:nodes"],
    ));
    texts.push(entry(&role("fargate"), "FARGATE_LINUX", None, &[]));
    let ann = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    texts.push(entry(&ann, "STANDARD", None, &[]));
    let all = edges(&texts);
    let dev = role("team/dev");
    has(&all, &format!("accessentry {dev} -core-member-> group devs"));
    has(
        &all,
        &format!("accessentry {dev} -core-member-> grant */AccessPolicy/AmazonEKSClusterAdminPolicy"),
    );
    has(
        &all,
        "grant */AccessPolicy/AmazonEKSClusterAdminPolicy -kubernetes-admin-> cluster cluster",
    );
    has(
        &all,
        &format!("accessentry {dev} -core-member-> grant shop/AccessPolicy/AmazonEKSEditPolicy"),
    );
    has(&all, &format!("accessentry {ann} -core-member-> user {ann}"));
    has(
        &all,
        &format!(
            "accessentry {} -core-member-> group system:node-proxier",
            role("fargate")
        ),
    );
    assert!(all.iter().any(|edge| {
        edge.starts_with("grant shop/AccessPolicy/AmazonEKSEditPolicy -kubernetes-read-secret-> ")
    }));
    assert!(
        all.iter()
            .any(|edge| edge.starts_with("grant dev-a/AccessPolicy/AmazonEKSEditPolicy -kubernetes-exec-> "))
    );

    let named: Vec<(String, &str)> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (format!("{at}"), text.as_str()))
        .collect();
    let borrowed: Vec<(&str, &str)> = named.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let wrong = check(&Kubernetes, &borrowed).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let (opened, mapped) = opened(Kubernetes, &borrowed).unwrap();
    members_hold(&opened, &mapped);
    let accepted: Vec<String> = mapped
        .estate
        .accepted
        .iter()
        .map(|one| one.subject.to_string())
        .collect();
    assert!(accepted.contains(&dev) && accepted.contains(&ann), "{accepted:?}");
    let may = |name: &str, action: &str, resource: &str| {
        opened.loaded()[0].may(
            &Who {
                kind: "accessentry",
                name,
            },
            action,
            resource,
        )
    };
    assert_eq!(may(&dev, "delete nodes", "n1"), Holds::Yes);
    assert!(matches!(may(&ann, "delete nodes", "n1"), Holds::Unknown(_)));
    assert!(matches!(
        may(&role("fargate"), "delete nodes", "n1"),
        Holds::Unknown(_) | Holds::No(_)
    ));
}

#[test]
fn reading_everything_is_sure_and_reaching_into_pods_is_not() {
    let mut texts = world(&[("AmazonEKSAdminViewPolicy", None)]);
    texts.push(OBJECTS.to_owned());
    let named: Vec<(String, &str)> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (format!("{at}"), text.as_str()))
        .collect();
    let borrowed: Vec<(&str, &str)> = named.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let (opened, mapped) = opened(Kubernetes, &borrowed).unwrap();
    let estate = &mapped.estate;
    let certainty = |id: &str| {
        estate.edges.iter().find_map(|edge| {
            let of_policy = estate.show(edge.from).contains("AccessPolicy");
            (of_policy && &*estate.technique(edge.technique)?.id == id).then_some(edge.certainty)
        })
    };
    assert_eq!(certainty("kubernetes-read-secret"), Some(Certainty::Certain));
    assert_eq!(certainty("kubernetes-node-proxy"), Some(Certainty::Unknown));
    assert_eq!(certainty("kubernetes-exec"), Some(Certainty::Unknown));
    assert_eq!(certainty("kubernetes-attach"), None);
    members_hold(&opened, &mapped);
}

#[test]
fn documents_of_another_cluster_or_that_contradict_each_other_are_gaps() {
    let dev = role("team/dev");
    let mut texts = world(&[("AmazonEKSViewPolicy", None)]);
    texts.push(entry(&dev, "STANDARD", Some("other"), &[]));
    texts.push(entry(&role("stranger"), "STANDARD", None, &[]).replace("\"prod\"", "\"staging\""));
    let all = gaps(&texts);
    assert!(
        all.contains(&format!(
            "access entry {dev} two documents describe it differently"
        )),
        "{all:?}"
    );
    assert!(all.contains(&format!(
        "access entry {} it is of cluster staging",
        role("stranger")
    )));
    lacks(&edges(&texts), "stranger");
    // Whatever is broken is a gap, and never a panic.
    for text in [
        r#"{"accessEntry": {"principalArn": "arn:aws:iam::1:role/x", "kubernetesGroups": "devs"}}"#,
        r#"{"accessEntry": {"principalArn": "arn:aws:iam::1:role/x", "kubernetesGroups": [7]}}"#,
        r#"{"accessEntries": [7]}"#,
        r#"{"accessEntries": ["arn:aws:iam::1:role/x"], "nextToken": "abc"}"#,
        r#"{"associatedAccessPolicies": [{}]}"#,
        r#"{"associatedAccessPolicies": [{"policyArn": "x", "accessScope": {"type": "galaxy"}}], "principalArn": "y"}"#,
        r#"{"associations": [{"associationArn": "arn:aws:eks:x:1:podidentityassociation/prod/a-1"}]}"#,
    ] {
        let mut notes = Notes::default();
        drop(Kubernetes.parse(&document(0, text), &mut notes));
        assert!(!notes.gaps.is_empty() || text.contains("\"devs\""), "{text}");
    }
}
