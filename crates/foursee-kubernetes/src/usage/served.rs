//! Whether somebody's use could have been served by a rule.

use super::{Request, Seen, Sort, Usage};
use crate::authorize::rule_allows;
use crate::facts::{Binding, PolicyRule, Subject};

/// A subject as the authorizer looks for it: whether a group, and the name. None where it never matches.
pub(crate) fn key(subject: &Subject, namespace: &str) -> Option<(bool, String)> {
    match &*subject.kind {
        "User" => Some((false, subject.name.to_string())),
        "Group" => Some((true, subject.name.to_string())),
        "ServiceAccount" => subject
            .account_namespace(namespace)
            .map(|of| (false, format!("system:serviceaccount:{of}:{}", subject.name))),
        _ => None,
    }
}

/// Verbs that others ask for the server, or ask it about, so that their use leaves no event of its own.
pub(crate) fn unseen(verb: &str, group: &str, resource: &str, subresource: &str) -> bool {
    let kubelet = resource == "nodes"
        && matches!(
            subresource,
            "proxy" | "metrics" | "stats" | "log" | "spec" | "checkpoint" | "configz" | "healthz" | "pods"
        );
    kubelet && group.is_empty() || verb == "use"
}

impl Usage {
    /// Whether a subject of a binding used what a rule of it gives.
    #[must_use]
    pub fn serves(&self, binding: &Binding, rule: &PolicyRule) -> bool {
        let namespace = &*binding.meta.namespace;
        binding
            .subjects
            .iter()
            .filter_map(|subject| key(subject, namespace))
            .any(|(group, name)| {
                self.of(group, &name)
                    .flat_map(|(_, requests)| requests)
                    .any(|(what, seen)| {
                        (namespace.is_empty() || *what.namespace == *namespace) && gives(rule, what, seen)
                    })
            })
    }
}

/// Whether a rule gives some of what was asked.
fn gives(rule: &PolicyRule, what: &Request, seen: &Seen) -> bool {
    if matches!(what.sort, Sort::Passed | Sort::Elsewhere) {
        return false;
    }
    match seen.names() {
        Some(names) if what.sort != Sort::AsHeld => {
            names.keys().any(|name| rule_allows(rule, &what.attributes(name)))
        }
        // One of names that nobody kept.
        _ if what.resource.is_empty() => {
            rule.verbs
                .iter()
                .any(|verb| **verb == *what.verb || &**verb == "*")
                && !rule.urls.is_empty()
        }
        _ => {
            let any = PolicyRule {
                names: Vec::new(),
                ..rule.clone()
            };
            rule_allows(&any, &what.attributes(""))
        }
    }
}
