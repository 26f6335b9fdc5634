//! What of the roles and bindings is Kubernetes' own, and which roles are as a vendor ships them: by their content, and
//! not by a name or label that anybody may give.

use crate::authorize::missing;
use crate::data::shipped::{self, FIRST, LAST, vendors};
use crate::facts::{Binding, Facts, PolicyRule, Role, RoleKind, Subject};
use crate::version;

/// The versions that the cluster may be of, as bits; none where the tables do not know them.
fn mask(facts: &Facts) -> Option<u16> {
    match version::server(facts) {
        None => Some(u16::MAX),
        Some(minor) if (FIRST..=LAST).contains(&minor) => Some(1 << (minor - FIRST)),
        Some(_) => None,
    }
}

/// How a role or binding of Kubernetes' own differs from what Kubernetes makes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Drift {
    /// Rights, or subjects, that it has beyond.
    pub added: Vec<String>,
    /// Rights that it lacks.
    pub lacks: Vec<String>,
}

/// What differs in a role; none where it is none of Kubernetes' own, or its version is not known.
pub(crate) fn role_drift(facts: &Facts, at: usize) -> Option<Drift> {
    let role = facts.roles.get(at)?;
    let own = shipped::role(role.kind, &role.meta.namespace, &role.meta.name)?;
    let mask = mask(facts)?;
    if own.aggregated {
        return role.aggregation.is_some().then(Drift::default);
    }
    let has: Vec<&PolicyRule> = role.rules.iter().map(|(rule, _)| rule).collect();
    let allowed: Vec<&PolicyRule> = own
        .rights
        .iter()
        .filter(|one| one.allowed & mask != 0)
        .map(|one| &one.rule)
        .collect();
    // Where the version is not known, what every version has must be there.
    let required: Vec<&PolicyRule> = own
        .rights
        .iter()
        .filter(|one| {
            let known = mask.count_ones() == 1;
            (known && one.required & mask != 0) || one.required == u16::MAX
        })
        .map(|one| &one.rule)
        .collect();
    let say = |all: Vec<PolicyRule>| all.iter().map(crate::rules::rule_text).collect();
    Some(Drift {
        added: say(missing(&allowed, has.iter().copied())),
        lacks: say(missing(&has, required.into_iter())),
    })
}

/// A subject as the tables write it.
fn subject_word(subject: &Subject) -> String {
    if subject.namespace.is_empty() {
        format!("{}:{}", subject.kind, subject.name)
    } else {
        format!("{}:{}/{}", subject.kind, subject.namespace, subject.name)
    }
}

/// What differs in a binding; none where it is none of Kubernetes' own.
pub(crate) fn binding_drift(facts: &Facts, binding: &Binding) -> Option<Drift> {
    let own = shipped::binding(binding.kind(), &binding.meta.namespace, &binding.meta.name)?;
    let mask = mask(facts)?;
    let mut added: Vec<String> = binding
        .subjects
        .iter()
        .map(subject_word)
        .filter(|word| {
            !own.subjects
                .iter()
                .any(|(subject, versions)| subject == word && versions & mask != 0)
        })
        .collect();
    if (own.role_kind, own.role_name) != (&*binding.role_kind, &*binding.role_name) {
        added.push(format!("{} {}", binding.role_kind, binding.role_name));
    }
    Some(Drift {
        added,
        lacks: Vec::new(),
    })
}

/// Whether the server says that it made the object: a label, which anybody may set.
fn labelled(meta: &crate::facts::Meta) -> bool {
    meta.label("kubernetes.io/bootstrapping") == Some("rbac-defaults")
}

/// Marks what is Kubernetes' own and gives no more than that. Of versions that the tables do not know the label is
/// believed, for the names that they know.
pub(crate) fn seal(facts: &mut Facts) {
    let known = mask(facts).is_some();
    let roles: Vec<bool> = (0..facts.roles.len())
        .map(|at| match role_drift(facts, at) {
            Some(drift) => drift.added.is_empty(),
            None => !known && facts.roles.get(at).is_some_and(named),
        })
        .collect();
    let bindings: Vec<bool> = facts
        .bindings
        .iter()
        .map(|one| match binding_drift(facts, one) {
            Some(drift) => drift.added.is_empty(),
            None => {
                !known
                    && labelled(&one.meta)
                    && shipped::binding(one.kind(), &one.meta.namespace, &one.meta.name).is_some()
            }
        })
        .collect();
    for (role, own) in facts.roles.iter_mut().zip(roles) {
        role.shipped = own;
        let rules = role.rules.iter().map(|(rule, _)| rule);
        role.vendor = vendors::of(role.kind, &role.meta.name, rules)
            .filter(|_| !own)
            .map(|one| format!("{} ({})", one.vendor, one.versions.replace(',', ", ")).into());
    }
    for (binding, own) in facts.bindings.iter_mut().zip(bindings) {
        binding.shipped = own;
    }
}

fn named(role: &Role) -> bool {
    let namespace = match role.kind {
        RoleKind::Role => &*role.meta.namespace,
        RoleKind::ClusterRole => "",
    };
    labelled(&role.meta) && shipped::role(role.kind, namespace, &role.meta.name).is_some()
}
