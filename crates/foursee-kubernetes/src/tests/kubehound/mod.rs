//! KubeHound's 26 edges, one row each: by which techniques foursee draws it, worlds in which it opens, and worlds in which
//! a precondition that is missing keeps it shut.
//!
//! Source: DataDog/KubeHound, pkg/kubehound/graph/edge and docs/reference/attacks of 2025-11. What upstream really needs
//! stands beside each row where KubeHound's own answer is another.

mod escapes;
mod rights;
mod workloads;

use super::lowering::{edges, has, lacks, members_hold, open, role};
use super::read;
use crate::Kubernetes;
use crate::facts::PolicyRule;
use crate::lower::rewrites_by_policy;
use crate::techniques::ALL;
use foursee_core::conformance::check;
use foursee_core::layer::Layer;
use std::collections::BTreeSet;

/// The ids of KubeHound's attacks.
const EDGES: [&str; 26] = [
    "CE_MODULE_LOAD",
    "CE_NSENTER",
    "CE_PRIV_MOUNT",
    "CE_SYS_PTRACE",
    "CE_UMH_CORE_PATTERN",
    "CE_VAR_LOG_SYMLINK",
    "CONTAINER_ATTACH",
    "ENDPOINT_EXPLOIT",
    "EXPLOIT_CONTAINERD_SOCK",
    "EXPLOIT_HOST_READ",
    "EXPLOIT_HOST_TRAVERSE",
    "EXPLOIT_HOST_WRITE",
    "IDENTITY_ASSUME",
    "IDENTITY_IMPERSONATE",
    "PERMISSION_DISCOVER",
    "POD_ATTACH",
    "POD_CREATE",
    "POD_EXEC",
    "POD_PATCH",
    "ROLE_BIND",
    "SHARE_PS_NAMESPACE",
    "TOKEN_BRUTEFORCE",
    "TOKEN_LIST",
    "TOKEN_STEAL",
    "VOLUME_ACCESS",
    "VOLUME_DISCOVER",
];

/// One of them.
pub(in crate::tests) struct Row {
    pub(in crate::tests) id: &'static str,
    /// What foursee answers otherwise, and why; empty where it is the same.
    differs: &'static str,
    /// Worlds, and an edge that each has.
    pub(in crate::tests) opens: Vec<(String, &'static str)>,
    /// Worlds, and what no edge of each says.
    shuts: Vec<(String, &'static str)>,
}

/// A pod that runs on node n1: settings of its spec, and of its one container.
pub(in crate::tests) fn pod(spec: &str, container: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: shop, uid: u}}\nspec: {{nodeName: n1, serviceAccountName: web, {spec}containers: [{{name: c, image: i{container}}}]}}\n"
    )
}

/// A pod with a path of its node, mounted so, in a container with these settings.
fn path(path: &str, mount: &str, container: &str) -> String {
    pod(
        &format!("volumes: [{{name: v, hostPath: {{path: {path}}}}}], "),
        &format!(", volumeMounts: [{{name: v, mountPath: /m{mount}}}]{container}"),
    )
}

fn context(text: &str) -> String {
    format!(", securityContext: {{{text}}}")
}

fn escape(spec: &str, text: &str) -> String {
    pod(spec, &context(text))
}

/// A pod with a projected token for the API server, in its one container or (not `mounted`) in none.
pub(in crate::tests) fn with_token(audience: &str, mounted: bool) -> String {
    let mount = if mounted {
        ", volumeMounts: [{name: t, mountPath: /t}]"
    } else {
        ""
    };
    pod(
        &format!(
            "volumes: [{{name: t, projected: {{sources: [{{serviceAccountToken: {{path: t{audience}}}}}]}}}}], "
        ),
        mount,
    )
}

fn alice(rules: &str, namespace: &str) -> String {
    role("r", rules, namespace, "{kind: User, name: alice}")
}

fn rule(verbs: &str, group: &str, resources: &str) -> String {
    format!("{{verbs: [{verbs}], apiGroups: ['{group}'], resources: [{resources}]}}")
}

fn namespace(level: &str) -> String {
    let labels = if level.is_empty() {
        String::new()
    } else {
        format!(", labels: {{pod-security.kubernetes.io/enforce: {level}}}")
    };
    format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, uid: u1{labels}}}\n")
}

fn secret(extra: &str, kind: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Secret\ntype: {kind}\nmetadata: {{name: web-token-x, namespace: shop, uid: s, annotations: {{kubernetes.io/service-account.name: web}}{extra}}}\n"
    )
}

fn service(sort: &str, app: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{type: {sort}, selector: {{app: {app}}}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{{name: c, image: i}}]}}}}}}\n"
    )
}

const TOKEN: &str = "kubernetes.io/service-account-token";
const LOCKED: &str = "runAsUser: 1000, allowPrivilegeEscalation: false";
const OUT: &str = "pod shop/p -kubernetes-escape-> node n1";
const RBAC: &str = "rbac.authorization.k8s.io";

pub(in crate::tests) fn rows() -> Vec<Row> {
    let mut all = escapes::rows();
    all.extend(workloads::rows());
    all.extend(rights::rows());
    all
}

#[test]
fn all_26_are_there_once() {
    let rows = rows();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, BTreeSet::from(EDGES));
    assert_eq!(rows.len(), EDGES.len());
    let entry = "ENDPOINT_EXPLOIT";
    for row in rows.iter().filter(|row| row.id != entry) {
        assert!(!row.opens.is_empty() && !row.shuts.is_empty(), "{}", row.id);
    }
    assert!(rows.iter().filter(|row| !row.differs.is_empty()).count() > 20);
}

#[test]
fn each_opens_where_it_should_and_stays_shut_where_it_should() {
    for row in rows() {
        for (world, line) in &row.opens {
            let all = edges(world);
            assert!(
                all.iter().any(|one| one == line),
                "{}: no `{line}` in\n{}\n{world}",
                row.id,
                all.join("\n")
            );
            let technique = line
                .split(" -")
                .nth(1)
                .and_then(|rest| rest.split("->").next())
                .unwrap();
            assert!(
                technique.starts_with("core-") || ALL.iter().any(|one| one.id == technique),
                "{technique}"
            );
        }
        for (world, part) in &row.shuts {
            let all = edges(world);
            assert!(
                !all.iter().any(|one| one.contains(part)),
                "{}: `{part}` in\n{}\n{world}",
                row.id,
                all.join("\n")
            );
        }
    }
}

/// Every edge of every world is confirmed, for every member; the whole contract is kept by one world of each row.
#[test]
fn every_world_keeps_the_contract() {
    for row in rows() {
        for (world, _) in row.opens.iter().chain(&row.shuts) {
            let (opened, mapped) = open(world);
            members_hold(&opened, &mapped);
        }
        if let Some((world, _)) = row.opens.last() {
            let wrong = check(&Kubernetes, &[("world.yaml", world)]).unwrap();
            assert!(wrong.is_empty(), "{}: {}\n{world}", row.id, wrong.join("\n"));
        }
    }
}

#[test]
fn an_endpoint_is_an_entry_where_the_internet_reaches_it() {
    let entries = |world: &str| -> Vec<String> {
        let (_, mapped) = open(world);
        let estate = &mapped.estate;
        estate
            .entries
            .iter()
            .map(|one| format!("{} {} {}", estate.show(one.node), one.foothold.as_str(), one.why))
            .collect()
    };
    assert_eq!(
        entries(&service("LoadBalancer", "web")),
        ["pod shop/web runs internet-facing service shop/web"]
    );
    for shut in [service("ClusterIP", "web"), service("LoadBalancer", "other")] {
        assert_eq!(entries(&shut), Vec::<String>::new());
    }
}

#[test]
fn the_control_plane_rewrites_and_enrols() {
    let admission = "admissionregistration.k8s.io";
    let policies = rule(
        "create",
        admission,
        "mutatingadmissionpolicies, mutatingadmissionpolicybindings",
    );
    let line = "grant */ClusterRole/r -kubernetes-mutating-admission-policy-> cluster cluster (conditional)";
    has(&edges(&alice(&policies, "")), line);
    for (version, rewrites) in [("1.35", false), ("1.36", true)] {
        let (mut facts, _) = read(&[&alice(&policies, "")]);
        Kubernetes.assume(&mut facts, version).unwrap();
        let rules: Vec<&PolicyRule> = facts.roles[0].rules.iter().map(|one| &one.0).collect();
        assert_eq!(
            rewrites_by_policy(&facts, &rules).is_some(),
            rewrites,
            "{version}"
        );
    }
    lacks(&edges(&alice(&policies, "shop")), "mutating-admission-policy");
    // Half of it does nothing.
    let half = rule("create", admission, "mutatingadmissionpolicies");
    lacks(&edges(&alice(&half, "")), "mutating-admission-policy");
    has(
        &edges(&alice(&rule("patch", admission, "mutatingadmissionpolicies"), "")),
        line,
    );
    let certificates = "certificates.k8s.io";
    let enrols = rule(
        "create",
        certificates,
        "certificatesigningrequests, certificatesigningrequests/nodeclient",
    );
    let line = "user alice -kubernetes-node-certificate-> any user system:node:* (conditional)";
    has(&edges(&alice(&enrols, "")), line);
    // As kubeadm has it: the halves in two roles, for who has a bootstrap token; and who makes these.
    let group = "{kind: Group, name: 'system:bootstrappers:kubeadm:default-node-token'}";
    let request = rule("create", certificates, "certificatesigningrequests");
    let approved = rule("create", certificates, "certificatesigningrequests/nodeclient");
    let halves = role("a", &request, "", group) + &role("b", &approved, "", group);
    let makes = alice(&rule("create", "", "secrets"), "kube-system");
    let all = edges(&(halves.clone() + &makes));
    has(
        &all,
        &line.replace(
            "user alice",
            "group system:bootstrappers:kubeadm:default-node-token",
        ),
    );
    has(
        &all,
        "grant kube-system/ClusterRole/r -kubernetes-bootstrap-token-> any group system:bootstrappers* (conditional)",
    );
    lacks(
        &edges(&alice(&rule("create", "", "secrets"), "shop")),
        "bootstrap-token",
    );
    lacks(&edges(&role("a", &request, "", group)), "node-certificate");
    let wrong = check(&Kubernetes, &[("world.yaml", &(halves + &makes))]).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let own = enrols.replace("nodeclient", "selfnodeclient");
    lacks(&edges(&alice(&own, "")), "node-certificate");
}

#[test]
fn a_server_that_allows_all_is_everybodys() {
    let server = |mode: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: kube-apiserver-n1, namespace: kube-system, uid: a, labels: {{component: kube-apiserver}}}}\nspec: {{nodeName: n1, containers: [{{name: kube-apiserver, image: i, command: [kube-apiserver, '--authorization-mode={mode}']}}]}}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: web, namespace: shop}}\n"
        )
    };
    let all = edges(&server("AlwaysAllow"));
    has(
        &all,
        "group system:authenticated -kubernetes-admin-> cluster cluster",
    );
    has(
        &all,
        "any serviceaccount * -core-member-> group system:authenticated",
    );
    // Its keys stand on its node.
    has(&all, "node n1 -kubernetes-control-plane-keys-> cluster cluster");
    let all = edges(&server("Node,RBAC"));
    lacks(&all, "kubernetes-admin");
    lacks(&edges(&pod("", "")), "control-plane-keys");
    let labelled = "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1, uid: u1, labels: {node-role.kubernetes.io/control-plane: ''}}\n";
    has(
        &edges(labelled),
        "node n1 -kubernetes-control-plane-keys-> cluster cluster (conditional)",
    );
    let wrong = check(&Kubernetes, &[("world.yaml", &server("AlwaysAllow"))]).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The patch that makes an existing token Secret another account's.
#[test]
fn a_token_secret_that_exists_is_refilled() {
    let line = "grant shop/ClusterRole/r -kubernetes-mint-token-secret-> any serviceaccount shop/*";
    let named = |verbs: &str, name: &str| {
        format!("{{verbs: [{verbs}], apiGroups: [''], resources: [secrets], resourceNames: [{name}]}}")
    };
    let account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: admin, namespace: shop}\n";
    let there = secret("", TOKEN) + account;
    has(
        &edges(&(alice(&named("get, patch", "web-token-x"), "shop") + &there)),
        line,
    );
    let wide = alice(&rule("list, update", "", "secrets"), "") + &there;
    has(
        &edges(&wide),
        "grant */ClusterRole/r -kubernetes-mint-token-secret-> any serviceaccount * (ask)",
    );
    for shut in [
        alice(&named("get, patch", "web-token-x"), "shop"),
        alice(&named("get, patch", "other"), "shop") + &there,
        alice(&named("patch", "web-token-x"), "shop") + &there,
        alice(&named("get, patch", "web-token-x"), "shop") + &secret("", "Opaque"),
    ] {
        lacks(&edges(&shut), "mint-token");
    }
    let wrong = check(&Kubernetes, &[("world.yaml", &wide)]).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
