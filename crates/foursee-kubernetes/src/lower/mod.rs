//! Facts as edges, grants, credentials: statements, not answers.
//!
//! A role where it is bound is one grant node; holders are members of it. What needs several rights (bind and a
//! binding's write, escalate and a role's) is joined for one holder, in [`delegate`].

pub(crate) mod cloud;
mod control_plane;
mod delegate;
mod exposed;
mod facing;
mod grants;
mod identities;
mod joined;
mod nodes;
mod pods;
mod rows;
mod secrets;
mod unlisted;

pub(crate) use cloud::{aws_auth_counts, irsa, never_matches, web_identities};
pub(crate) use control_plane::{WEBHOOK_CONDITION, certifies, rewrites, rewrites_by_policy};
pub(crate) use delegate::{Target, delegates, steps};
pub(crate) use facing::internal;
pub(crate) use grants::{
    allows, ask_condition, aws_auth_written, exec_condition, grant_name, in_group_of, workload_patterns,
};
pub(crate) use identities::{subject_node, user_node};
pub(crate) use joined::{condition as joined_condition, ways as joined_ways};
pub(crate) use nodes::{control_plane as keeps_keys, kubelet_name, mounted, way};
pub(crate) use pods::{given, subject};
pub(crate) use rows::{attainable, rung};
pub(crate) use secrets::{BOOTSTRAP_CONDITION, BOOTSTRAPPERS, makes_bootstrap_tokens, minted, refills};

use crate::facts::{Facts, NetworkPolicy, RoleKind};
use crate::gateway;
use crate::network;
use foursee_core::estate::Lowering;
use foursee_core::model::{Gap, Reason};

/// Writes the cluster's statements.
pub(crate) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    identities::lower(facts, out);
    grants::lower(facts, out);
    delegate::lower(facts, out);
    joined::lower(facts, out);
    pods::lower(facts, out);
    exposed::lower(facts, out);
    cloud::lower(facts, out);
    nodes::lower(facts, out);
    gaps(facts, out);
    unlisted::write(facts, out);
}

/// What a cluster always has: where a capture lacks the kind, something is hidden.
const EXPECTED: &[(&str, &str, &str)] = &[
    (
        "ServiceAccount",
        "which accounts exist, whether they mount their tokens, and which cloud roles they are annotated with",
        "kubectl get serviceaccounts -A -o json",
    ),
    (
        "ClusterRoleBinding",
        "who holds roles in the whole cluster",
        "kubectl get clusterrolebindings -o json",
    ),
    (
        "RoleBinding",
        "who holds roles in namespaces",
        "kubectl get rolebindings -A -o json",
    ),
    (
        "Pod",
        "which workloads run where, and with which tokens",
        "kubectl get pods -A -o json",
    ),
    (
        "Service",
        "which workloads the internet reaches",
        "kubectl get services,ingresses -A -o json",
    ),
    (
        "NetworkPolicy",
        "which pods are kept from the metadata service of their nodes, and which ports of pods are shut",
        "kubectl get networkpolicies -A -o json",
    ),
    (
        "Secret",
        "which Secrets exist, and which hold tokens of accounts",
        "kubectl get secrets -A -o json",
    ),
    ("Node", "which nodes there are", "kubectl get nodes -o json"),
    (
        "Namespace",
        "labels of namespaces, and the cluster's own name",
        "kubectl get namespaces -o json",
    ),
];

/// Policies as conditions name them: the first few.
fn policies(all: &[&NetworkPolicy]) -> String {
    const NAMED: usize = 3;
    let mut names: Vec<String> = all.iter().take(NAMED).map(|one| one.meta.full_name()).collect();
    let more = all.len().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    format!("NetworkPolicy {}", names.join(", "))
}

fn gaps(facts: &Facts, out: &mut Lowering<'_>) {
    if facts
        .kinds
        .iter()
        .any(|(kind, live)| *live && &**kind != "Cluster")
    {
        for (kind, hides, closes) in EXPECTED {
            // A chart's manifests beside a server's listings are no listing: what else there is, they do not say.
            let facet = match facts.kinds.get(*kind) {
                Some(true) => continue,
                Some(false) => "those of the server: only manifests hold some",
                None => "",
            };
            out.gap(
                Gap::new(Reason::NotCaptured, format!("objects of kind {kind}"))
                    .facet(facet)
                    .hides(*hides)
                    .closes(*closes),
            );
        }
    }
    for gap in gateway::gaps(facts) {
        out.gap(gap);
    }
    let others: Vec<&str> = facts
        .kinds
        .keys()
        .map(|kind| &**kind)
        .filter(|kind| network::other_kind(kind))
        .collect();
    if !others.is_empty() {
        out.gap(
            Gap::new(Reason::Unsupported, "policies of the network plugin")
                .facet(format!("objects of kind {}", others.join(", ")))
                .hides("what they keep pods from or let in, beside NetworkPolicies: they are not evaluated")
                .closes("nothing: this version of foursee does not read the kinds"),
        );
    }
    if !facts.index.chain.whole {
        out.gap(
            Gap::new(Reason::Inherent, "the API server's authorizer chain")
                .facet("authorizers beside Node and RBAC")
                .hides("what webhooks or a cloud's own authorizer allow or refuse beside Node and RBAC")
                .closes("the API server's own pod in kube-system, where the cluster runs one; else nothing that the API exports: its --authorization-mode or AuthorizationConfiguration says it"),
        );
    }
    if !facts.namespaces.is_empty() || !facts.workloads.is_empty() {
        out.gap(
            Gap::new(Reason::Inherent, "Pod Security's own configuration")
                .facet("defaults of namespaces without labels, and exemptions")
                .hides("whether the server refuses by default, and which users, namespaces and runtime classes it exempts: none are assumed")
                .closes("nothing that the API exports: the server's --admission-control-config-file says it"),
        );
    }
    let named = facts.bindings.first().map(|one| one.meta.place);
    if let (Some(place), None) = (named, crate::version::server(facts)) {
        out.gap(
            Gap::new(Reason::NotCaptured, "the server's version")
                .hides("what depends on it: get on pods/exec (before 1.35), constrained impersonation and MutatingAdmissionPolicies (from 1.36) ...; what any version gives is assumed")
                .closes("kubectl version -o json")
                .at(place),
        );
    }
    if facts.bindings.iter().any(|one| {
        one.subjects
            .iter()
            .any(|subject| &*subject.kind == "Group" && !subject.name.starts_with("system:"))
    }) {
        out.gap(
            Gap::new(Reason::Inherent, "members of groups")
                .facet("users of the identity provider")
                .hides("which people are in the groups that bindings name")
                .closes("the identity provider's own groups; aws-auth where it maps them"),
        );
    }
    if facts.issuers.is_empty() && !(facts.accounts.is_empty() && facts.workloads.is_empty()) {
        out.gap(
            Gap::new(Reason::NotCaptured, "the issuer of service accounts' tokens")
                .hides("which clouds and services trust this cluster's tokens")
                .closes("kubectl get --raw /.well-known/openid-configuration"),
        );
    }
    for (issuer, place) in facts.issuers.iter().skip(1) {
        out.gap(
            Gap::new(Reason::Ambiguous, "the issuer of service accounts' tokens")
                .facet(format!("a second issuer {issuer}"))
                .hides("which of them tokens name")
                .closes("one kubectl get --raw /.well-known/openid-configuration of this cluster")
                .at(*place),
        );
    }
    for (what, place) in &facts.index.conflicts {
        out.gap(
            Gap::new(Reason::Ambiguous, what.clone())
                .facet("two documents describe it differently")
                .hides("which of the two is true: the first is read")
                .closes("one export of one moment")
                .at(*place),
        );
    }
    for eks in &facts.eks {
        if &*eks.authentication_mode != "API" && !facts.kinds.contains_key("ConfigMap") {
            out.gap(
                Gap::new(Reason::NotCaptured, "ConfigMap kube-system/aws-auth")
                    .hides("which AWS principals enter the cluster as which users and groups")
                    .closes("kubectl get configmap -n kube-system aws-auth -o json")
                    .at(eks.place),
            );
        }
    }
    for gap in facts.usage().gaps() {
        out.gap(gap);
    }
    // Roles that bindings name, of a kind that nobody listed.
    for kind in [RoleKind::Role, RoleKind::ClusterRole] {
        let unread = facts
            .bindings
            .iter()
            .enumerate()
            .find(|(at, one)| &*one.role_kind == kind.as_str() && facts.index.role_of(*at).is_none());
        if let Some((_, binding)) = unread
            && !facts.listed(kind.as_str())
        {
            out.gap(
                Gap::new(
                    Reason::NotCaptured,
                    format!("{} that bindings name", kind.resource()),
                )
                .facet("their rules")
                .hides("what the subjects of these bindings may do")
                .closes(format!("kubectl get {} -A -o json", kind.resource()))
                .at(binding.meta.place),
            );
        }
    }
}
