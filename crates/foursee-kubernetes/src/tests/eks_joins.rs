//! EKS: what needs two rights, one by RBAC and the other by an access policy.

use super::eks::{ask, edges, role, world};
use super::lowering::{has, lacks, members_hold};
use crate::Kubernetes;
use foursee_core::conformance::{check, opened};
use serde_json::json;

/// A role of these rules, bound to the group of role/team/dev in a namespace, or ("") cluster-wide; and namespaces.
fn bound(rules: &str, namespace: &str) -> String {
    let (kind, of) = if namespace.is_empty() {
        ("ClusterRoleBinding", String::new())
    } else {
        ("RoleBinding", format!(", namespace: {namespace}"))
    };
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: half}}
rules: [{rules}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: half{of}}}
roleRef: {{kind: ClusterRole, name: half}}
subjects: [{{kind: Group, name: devs}}]
---
apiVersion: v1
kind: Namespace
metadata: {{name: shop, labels: {{pod-security.kubernetes.io/enforce: baseline}}}}
---
apiVersion: v1
kind: Node
metadata: {{name: n1}}
"
    )
}

fn beside(policies: &[(&str, Option<&[&str]>)], rules: &str, namespace: &str) -> Vec<String> {
    let mut texts = world(policies);
    texts.push(bound(rules, namespace));
    texts
}

const SHOP: Option<&[&str]> = Some(&["shop"]);

/// The edges, which hold when they are asked again.
fn held(texts: &[String]) -> Vec<String> {
    let names: Vec<String> = (0..texts.len()).map(|at| at.to_string()).collect();
    let named: Vec<(&str, &str)> = names
        .iter()
        .zip(texts)
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let wrong = check(&Kubernetes, &named).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let (opened, mapped) = opened(Kubernetes, &named).unwrap();
    members_hold(&opened, &mapped);
    edges(texts)
}

#[test]
fn labels_by_rbac_and_pods_by_a_policy_turn_pod_security_off() {
    let labels = "{verbs: [patch], apiGroups: [''], resources: [namespaces]}";
    let turns_off = format!(
        "accessentry {} -kubernetes-turn-off-pod-security-> ",
        role("team/dev")
    );
    for within in [SHOP, Some(&["sh*"]), None] {
        let all = held(&beside(&[("AmazonEKSEditPolicy", within)], labels, ""));
        assert!(all.iter().any(|edge| edge.starts_with(&turns_off)), "{all:#?}");
    }
    // One half alone, or each in another namespace.
    let other: Option<&[&str]> = Some(&["other"]);
    lacks(
        &held(&beside(&[("AmazonEKSViewPolicy", SHOP)], labels, "")),
        &turns_off,
    );
    lacks(
        &held(&beside(&[("AmazonEKSEditPolicy", other)], labels, "shop")),
        &turns_off,
    );
    let neither = "{verbs: [get], apiGroups: [''], resources: [namespaces]}";
    lacks(
        &held(&beside(&[("AmazonEKSEditPolicy", SHOP)], neither, "")),
        &turns_off,
    );
}

#[test]
fn volumes_by_rbac_and_claims_by_a_policy_are_the_nodes_files() {
    let volumes = "{verbs: [create], apiGroups: [''], resources: [persistentvolumes]}";
    let reads = format!(
        "accessentry {} -kubernetes-persistent-volume-path-> ",
        role("team/dev")
    );
    let all = held(&beside(&[("AmazonEKSEditPolicy", SHOP)], volumes, ""));
    assert!(all.iter().any(|edge| edge.starts_with(&reads)), "{all:#?}");
    lacks(
        &held(&beside(&[("AmazonEKSViewPolicy", SHOP)], volumes, "")),
        &reads,
    );
}

#[test]
fn bind_by_rbac_and_a_bindings_write_by_a_policy_is_the_namespace() {
    let bind = "{verbs: [bind], apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles, roles]}";
    let binds = format!(
        "accessentry {} -kubernetes-bind-role-> namespace shop",
        role("team/dev")
    );
    for (within, namespace) in [(SHOP, "shop"), (SHOP, ""), (None, "shop")] {
        let all = held(&beside(&[("AmazonEKSAdminPolicy", within)], bind, namespace));
        has(&all, &binds);
    }
    // AmazonEKSEditPolicy writes no bindings.
    lacks(
        &held(&beside(&[("AmazonEKSEditPolicy", SHOP)], bind, "shop")),
        "-kubernetes-bind-role-> namespace shop",
    );
}

/// "Already held" looks at RBAC alone: what a policy gives cannot be passed on, what a role gives can, by the write that a
/// policy gives.
#[test]
fn covers_counts_what_rbac_gives_and_not_what_a_policy_gives() {
    let pods = "{verbs: [get], apiGroups: [''], resources: [pods]}";
    let mut texts = beside(&[("AmazonEKSAdminPolicy", SHOP)], pods, "shop");
    texts.push("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: more}\nrules: [{verbs: [get], apiGroups: [''], resources: [secrets]}]\n".to_owned());
    let written = |name: &str| {
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "b", "namespace": "shop"}, "roleRef": {"kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "User", "name": "x"}]});
        let question = json!({"user": "dev", "groups": ["devs", "system:authenticated"],
            "principal": role("team/dev"), "write": binding});
        let answer = ask(&texts, &question);
        assert_eq!(answer["authorized"], true, "{answer}");
        answer["escalation"].clone()
    };
    assert_eq!(written("half"), true);
    // The policy reads Secrets, and that does not count.
    assert_eq!(written("more"), false);
    lacks(&held(&texts), "-kubernetes-bind-role->");
    lacks(&held(&texts), "-kubernetes-escalate-role->");
}
