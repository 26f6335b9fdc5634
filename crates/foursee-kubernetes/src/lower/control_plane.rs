//! What gives the whole cluster from its own control plane: certificates of others, and what rewrites all that is made.

use crate::authorize::{Attributes, rule_allows};
use crate::data::versions::MUTATING_POLICY;
use crate::facts::{Facts, PolicyRule};
use crate::techniques::*;
use crate::version;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::model::{NodeId, Pattern};

fn asks(rule: &PolicyRule, verb: &str, group: &str, resource: &str, subresource: &str, name: &str) -> bool {
    rule_allows(
        rule,
        &Attributes::Resource {
            verb,
            group,
            resource,
            subresource,
            name,
            namespace: "",
        },
    )
}

fn approves(rule: &PolicyRule) -> bool {
    ["update", "patch"].iter().any(|verb| {
        asks(
            rule,
            verb,
            CERTIFICATES,
            "certificatesigningrequests",
            "approval",
            "",
        )
    })
}

/// Whether rules that are bound to the whole cluster make out client certificates of whomever they choose.
pub(crate) fn certifies(rules: &[&PolicyRule]) -> bool {
    let creates =
        |rule: &PolicyRule| asks(rule, "create", CERTIFICATES, "certificatesigningrequests", "", "");
    let signs = |rule: &PolicyRule| {
        ["kubernetes.io/kube-apiserver-client", "kubernetes.io/*"]
            .iter()
            .any(|signer| asks(rule, "approve", CERTIFICATES, "signers", "", signer))
    };
    rules.iter().any(|rule| creates(rule))
        && rules.iter().any(|rule| signs(rule))
        && rules.iter().any(|rule| approves(rule))
}

/// Whether a rule that is bound to the whole cluster writes webhooks that rewrite what is admitted.
pub(crate) fn rewrites(rule: &PolicyRule) -> bool {
    ["create", "update", "patch"]
        .iter()
        .any(|verb| asks(rule, verb, ADMISSION, "mutatingwebhookconfigurations", "", ""))
}

pub(super) const CERTIFICATES: &str = "certificates.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
/// Under which condition a webhook gives the cluster.
pub(crate) const WEBHOOK_CONDITION: &str = "the API server reaches a webhook of its choice";

/// Under which condition such a policy gives the cluster.
pub(crate) const POLICY_CONDITION: &str = "something is created that it rewrites, such as a pod";
/// The same, where the version is not known.
pub(crate) const POLICY_VERSION_CONDITION: &str =
    "the API server is 1.36 or newer, and something is created that the policy rewrites, such as a pod";
/// Whether rules that are bound to the whole cluster put a policy of their own into force, and then under which
/// condition that gives the cluster.
pub(crate) fn rewrites_by_policy(facts: &Facts, rules: &[&PolicyRule]) -> Option<&'static str> {
    let may = |verbs: &[&str], resource: &str| {
        rules.iter().any(|rule| {
            verbs
                .iter()
                .any(|verb| asks(rule, verb, ADMISSION, resource, "", ""))
        })
    };
    // One of its own with its binding, or another's that is bound already.
    let own = may(&["create"], "mutatingadmissionpolicies")
        && may(&["create", "update", "patch"], "mutatingadmissionpolicybindings");
    if !own && !may(&["update", "patch"], "mutatingadmissionpolicies") {
        return None;
    }
    match version::on(facts, &MUTATING_POLICY) {
        Some(false) => None,
        Some(true) => Some(POLICY_CONDITION),
        None => Some(POLICY_VERSION_CONDITION),
    }
}

fn writes_policies(rule: &PolicyRule) -> bool {
    ["create", "update", "patch"]
        .iter()
        .any(|verb| asks(rule, verb, ADMISSION, "mutatingadmissionpolicies", "", ""))
}

/// Certificates of others, webhooks and policies.
pub(super) fn control_plane(
    facts: &Facts,
    holder: NodeId,
    rules: &[(&PolicyRule, Place)],
    out: &mut Lowering<'_>,
) {
    let bare: Vec<&PolicyRule> = rules.iter().map(|one| one.0).collect();
    if certifies(&bare)
        && let Some((_, place)) = rules.iter().find(|(rule, _)| approves(rule))
    {
        let masters = [Pattern::Exact(crate::authorize::MASTERS.into())];
        for (kind, except) in [(&USER, [].as_slice()), (&GROUP, masters.as_slice())] {
            let to = out.select(Over {
                kind,
                pattern: &Pattern::Any,
                except,
            });
            out.edge(holder, &APPROVE, to, *place);
        }
    }
    let cluster = out.node(&CLUSTER, "cluster");
    if cluster == holder {
        return;
    }
    if let Some((_, place)) = rules.iter().find(|(rule, _)| rewrites(rule)) {
        let condition = out.condition(WEBHOOK_CONDITION);
        out.edge(holder, &WEBHOOK, cluster, *place).when(condition);
    }
    if let Some(condition) = rewrites_by_policy(facts, &bare)
        && let Some((_, place)) = rules.iter().find(|(rule, _)| writes_policies(rule))
    {
        let condition = out.condition(condition);
        out.edge(holder, &MUTATING, cluster, *place).when(condition);
    }
}
