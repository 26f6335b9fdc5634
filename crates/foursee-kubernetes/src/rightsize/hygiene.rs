//! What does nothing, or would do something for who takes a name: removed without any evidence of use.

use super::change::Change;
use super::subject::Key;
use crate::facts::{Facts, RoleKind};
use crate::lower::subject_node;

/// Roles that the server holds, that nobody is bound to and that aggregate into nothing.
pub(crate) fn unbound(facts: &Facts) -> Vec<usize> {
    if !facts.listed("RoleBinding") {
        return Vec::new();
    }
    let alone = |(at, role): &(usize, &crate::facts::Role)| {
        // A ClusterRole may be bound by either kind.
        let known = role.kind == RoleKind::Role || facts.listed("ClusterRoleBinding");
        let aggregates = || {
            role.meta
                .labels
                .iter()
                .any(|(key, _)| key.starts_with("rbac.authorization.k8s.io/aggregate-to-"))
                || facts.roles.iter().any(|other| {
                    other.aggregation.iter().flatten().any(|selector| {
                        role.kind == RoleKind::ClusterRole && selector.matches(&role.meta.labels)
                    })
                })
        };
        known
            && role.meta.live
            && !role.shipped
            && facts.index.bindings_of_role(*at).next().is_none()
            && !aggregates()
    };
    facts
        .roles
        .iter()
        .enumerate()
        .filter(alone)
        .map(|one| one.0)
        .collect()
}

/// Subjects that are service accounts which do not exist: (binding, which subject, "namespace/name").
pub(crate) fn dangling(facts: &Facts) -> Vec<(usize, usize, String)> {
    if !facts.listed("ServiceAccount") {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (at, binding) in facts.bindings.iter().enumerate() {
        // The default binding of a controller that this cluster does not run is the platform's own.
        if !binding.meta.live || binding.meta.name.starts_with("system:") {
            continue;
        }
        for (which, subject) in binding.subjects.iter().enumerate() {
            if &*subject.kind != "ServiceAccount" {
                continue;
            }
            let Some((_, name)) = subject_node(subject, &binding.meta.namespace) else {
                continue;
            };
            let there = name
                .split_once('/')
                .is_some_and(|(namespace, own)| facts.index.account(namespace, own).is_some());
            if !there {
                all.push((at, which, name));
            }
        }
    }
    all
}

/// Bindings that the server holds, to a role that does not exist.
fn to_nothing(facts: &Facts) -> Vec<usize> {
    let all = facts.bindings.iter().enumerate();
    all.filter(|(at, one)| {
        let own = one.shipped || one.meta.name.starts_with("system:");
        one.meta.live && !own && facts.index.role_of(*at).is_none() && facts.listed(&one.role_kind)
    })
    .map(|one| one.0)
    .collect()
}

/// Each of them as a change of its own.
pub(super) fn changes(facts: &Facts) -> Vec<Change> {
    let mut all = Vec::new();
    for role in unbound(facts) {
        let Some(row) = facts.roles.get(role) else {
            continue;
        };
        all.push(Change {
            title: format!(
                "{} {} is bound to nobody",
                row.kind.as_str(),
                row.meta.full_name()
            ),
            roles: vec![role],
            ..Change::default()
        });
    }
    let named = |at: usize| {
        facts
            .bindings
            .get(at)
            .map(|one| format!("{} {}", one.kind(), one.meta.full_name()))
            .unwrap_or_default()
    };
    let broken = to_nothing(facts);
    for (at, which, name) in dangling(facts) {
        if broken.contains(&at) {
            continue;
        }
        let (namespace, own) = name.split_once('/').unwrap_or(("", &name));
        all.push(Change {
            title: format!(
                "{} is for service account {name}, which does not exist",
                named(at)
            ),
            key: Some(Key {
                group: false,
                name: format!("system:serviceaccount:{namespace}:{own}"),
            }),
            out: vec![(at, which)],
            ..Change::default()
        });
    }
    for at in broken {
        let Some(binding) = facts.bindings.get(at) else {
            continue;
        };
        all.push(Change {
            title: format!(
                "{} refers to {} {}, which does not exist",
                named(at),
                binding.role_kind,
                binding.role_name
            ),
            out: (0..binding.subjects.len()).map(|which| (at, which)).collect(),
            empty: if binding.subjects.is_empty() {
                vec![at]
            } else {
                Vec::new()
            },
            ..Change::default()
        });
    }
    for (at, binding) in facts.bindings.iter().enumerate() {
        let own = binding.shipped || binding.meta.name.starts_with("system:");
        let there = facts.index.role_of(at).is_some();
        if binding.meta.live && !own && there && binding.subjects.is_empty() {
            all.push(Change {
                title: format!("{} has no subjects", named(at)),
                empty: vec![at],
                ..Change::default()
            });
        }
    }
    all
}
