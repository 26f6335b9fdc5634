//! Grants that no request can ever use, and why.

use crate::data;
use crate::facts::{Binding, Facts, PolicyRule, Subject};

/// A part of a binding that gives nothing.
pub(super) struct Dead {
    pub binding: usize,
    /// The role, and the rule of it; none where the binding gives nothing whatever the rule.
    pub rule: Option<(usize, usize)>,
    /// The subject that stands for nobody.
    pub subject: Option<usize>,
    pub why: &'static str,
}

/// Every dead grant, in the order of bindings.
pub(super) fn dead(facts: &Facts) -> Vec<Dead> {
    let mut all = Vec::new();
    for (at, binding) in facts.bindings.iter().enumerate() {
        let mut push = |rule, subject, why| {
            all.push(Dead {
                binding: at,
                rule,
                subject,
                why,
            });
        };
        if binding.subjects.is_empty() {
            push(None, None, "it names no subject");
        }
        for (which, subject) in binding.subjects.iter().enumerate() {
            if let Some(why) = nobody(subject, binding) {
                push(None, Some(which), why);
            }
        }
        let Some(role) = facts.index.role_of(at) else {
            let cluster = &*binding.role_kind == "ClusterRole";
            let kind = if cluster { "ClusterRole" } else { "Role" };
            push(
                None,
                None,
                match (&*binding.role_kind, binding.meta.namespace.is_empty()) {
                    ("Role", true) => "a ClusterRoleBinding cannot refer to a Role",
                    ("Role" | "ClusterRole", _) if facts.listed(kind) => "its role does not exist",
                    ("Role" | "ClusterRole", _) => "its role is in no document",
                    _ => "its roleRef is neither a Role nor a ClusterRole",
                },
            );
            continue;
        };
        for (number, (rule, _)) in facts.rules_of(role).enumerate() {
            if let Some(why) = without_effect(rule, binding) {
                push(Some((role, number)), None, why);
            }
        }
    }
    all
}

/// Why a subject stands for nobody; none where it may stand for somebody.
fn nobody(subject: &Subject, binding: &Binding) -> Option<&'static str> {
    match &*subject.kind {
        "User" | "Group" => None,
        "ServiceAccount" => subject
            .account_namespace(&binding.meta.namespace)
            .is_none()
            .then_some("a ServiceAccount without a namespace in a ClusterRoleBinding is nobody"),
        _ => Some("RBAC knows no subject of that kind"),
    }
}

/// Why a rule grants nothing where it is bound; none where it grants something.
pub(crate) fn without_effect(rule: &PolicyRule, binding: &Binding) -> Option<&'static str> {
    let within = !binding.meta.namespace.is_empty();
    if rule.verbs.is_empty() {
        return Some("names no verb");
    }
    if rule.resources.is_empty() {
        return if rule.urls.is_empty() {
            Some("names neither resources nor URLs")
        } else {
            within.then_some("names URLs, which a RoleBinding never grants")
        };
    }
    if rule.groups.is_empty() {
        return Some("names no API group; the core group is \"\"");
    }
    if rule.resources.iter().all(|one| one.ends_with("/*")) {
        return Some("names subresources by `/*`, which is a literal that no request has");
    }
    let unnameable = |verb: &str| matches!(verb, "create" | "deletecollection");
    if !rule.names.is_empty()
        && !rule.names.iter().any(|name| name.is_empty())
        && rule.verbs.iter().all(|verb| unnameable(verb))
        && rule
            .resources
            .iter()
            .all(|one| !one.contains('/') && one.as_ref() != "*")
    {
        return Some("limits creates to names, which no create of a collection has");
    }
    let cluster_scoped = |resource: &str| {
        let plural = resource.split_once('/').map_or(resource, |(plural, _)| plural);
        let own = data::group_of(plural);
        data::cluster_scoped(plural)
            && plural != "namespaces"
            && rule.groups.iter().all(|group| **group == *own)
    };
    (within && rule.resources.iter().all(|one| cluster_scoped(one)))
        .then_some("names what is cluster-scoped, which a RoleBinding never grants")
}
