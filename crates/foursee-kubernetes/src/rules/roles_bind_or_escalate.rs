//! The rule `kubernetes-roles-bind-or-escalate`.

use super::common::causes;
use crate::facts::{Facts, PolicyRule};
use crate::lower::{Target, delegates, steps, subject_node};
use crate::reach::is_admin;
use foursee_core::document::Place;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;
use std::collections::BTreeMap;

foursee_core::rule! {
    /// A role lets its holders give themselves other roles.
    ///
    /// ## Why
    /// `bind` with the write of a binding gives any role that may be bound; `escalate` with the write of a role that
    /// one holds gives any right at all. Without these verbs the API server lets nobody give more than they hold, so
    /// who only writes roles and bindings is not reported here.
    ///
    /// ## Evidence
    /// The role's entry, the bindings through which it counts, and how far each holder gets, asked as the API server
    /// would: the verb, the write that it needs, and the namespace in which both are held. An entry whose other half
    /// nobody holds is low.
    ///
    /// ## Fix
    /// Name the roles that may be bound in `resourceNames`; take `escalate` out.
    pub RolesBindOrEscalate: "kubernetes-roles-bind-or-escalate", Critical, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

/// How bad a target is, and how it is said.
fn worth(target: &Target) -> (Severity, String) {
    match target {
        Target::Cluster => (Severity::Critical, "cluster admin".to_owned()),
        Target::Namespaces => (Severity::Critical, "everything in every namespace".to_owned()),
        Target::Namespace(one) if one == "kube-system" => (
            Severity::Critical,
            "everything in namespace kube-system".to_owned(),
        ),
        Target::Namespace(one) => (Severity::High, format!("everything in namespace {one}")),
        Target::Role(namespace, kind, role) if namespace.is_empty() => (
            Severity::High,
            format!("{} {role} in the whole cluster", kind.as_str()),
        ),
        Target::Role(namespace, kind, role) => (
            Severity::Medium,
            format!("{} {role} in namespace {namespace}", kind.as_str()),
        ),
        Target::Roles(namespace) => (Severity::Medium, format!("any Role of namespace {namespace}")),
    }
}

/// Whether a rule says bind or escalate itself, and not by `*`.
fn says_it(rule: &PolicyRule) -> bool {
    let has = |all: &[Box<str>], words: &[&str]| all.iter().any(|one| words.contains(&&**one));
    has(&rule.verbs, &["bind", "escalate"])
        && has(&rule.resources, &["roles", "clusterroles"])
        && delegates(rule)
}

impl Rule<Facts> for RolesBindOrEscalate {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let found = causes(facts, |rule, _| !is_admin(rule) && says_it(rule));
        let mut reached: BTreeMap<Place, (Severity, String)> = BTreeMap::new();
        let mut asked = std::collections::BTreeSet::new();
        for (subject, binding) in found
            .iter()
            .flat_map(|cause| &cause.bindings)
            .flat_map(|binding| binding.subjects.iter().map(move |one| (one, binding)))
        {
            let Some((kind, name)) = subject_node(subject, &binding.meta.namespace) else {
                continue;
            };
            if !asked.insert((kind.name, name.clone())) {
                continue;
            }
            for step in steps(facts, kind.name, &name) {
                let worst = worth(&step.target);
                let slot = reached.entry(step.place).or_insert_with(|| worst.clone());
                if worst > *slot {
                    *slot = worst;
                }
            }
        }
        for cause in found.iter().filter(|cause| !cause.role.shipped) {
            let (severity, says) = match reached.get(&cause.place) {
                Some((severity, what)) => (*severity, format!("lets its holders give themselves {what}")),
                None => (
                    Severity::Low,
                    "grants bind or escalate, whose other half nobody holds".to_owned(),
                ),
            };
            for finding in cause.findings(&Self::META, &says) {
                out.push(finding.severity(severity));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, found, role_and_binding};
    use foursee_core::model::Severity;

    const RULE: &str = "kubernetes-roles-bind-or-escalate";
    const BIND: &str = "{verbs: [bind], apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles]}";
    const WRITE: &str = "{verbs: [create], apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings, clusterrolebindings]}";

    #[test]
    fn bind_with_a_bindings_write_is_cluster_admin_or_the_namespace() {
        let both = format!("{BIND}, {WRITE}");
        assert_eq!(
            found(RULE, &role_and_binding(&both, ""))[0].severity,
            Severity::Critical
        );
        let within = &found(RULE, &role_and_binding(&both, "shop"))[0];
        assert_eq!(within.severity, Severity::High);
        assert!(
            within
                .title
                .ends_with("give themselves everything in namespace shop"),
            "{}",
            within.title
        );
    }

    #[test]
    fn half_of_it_is_low() {
        assert_eq!(
            found(RULE, &role_and_binding(BIND, ""))[0].severity,
            Severity::Low
        );
    }

    #[test]
    fn writing_bindings_alone_is_silent_and_so_is_the_verb_on_another_group() {
        assert!(causes(RULE, &role_and_binding(WRITE, "")).is_empty());
        let twin = BIND.replace("rbac.authorization.k8s.io", "example.com");
        assert!(causes(RULE, &role_and_binding(&format!("{twin}, {WRITE}"), "")).is_empty());
    }

    #[test]
    fn escalate_on_ones_own_role_is_everything() {
        let own = "{verbs: [escalate, update], apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [r]}";
        assert_eq!(
            found(RULE, &role_and_binding(own, ""))[0].severity,
            Severity::Critical
        );
        let other = own.replace("[r]", "[other]");
        assert_eq!(
            found(RULE, &role_and_binding(&other, ""))[0].severity,
            Severity::Low
        );
    }
}
