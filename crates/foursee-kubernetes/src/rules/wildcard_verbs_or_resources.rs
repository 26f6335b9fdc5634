//! The rule `kubernetes-wildcard-verbs-or-resources`.

use super::PERMISSIONS;
use super::common::causes;
use crate::facts::{Facts, PolicyRule};
use crate::reach::is_admin;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// A role that somebody holds grants `*` verbs or `*` resources.
    ///
    /// ## Why
    /// `*` as a verb is also bind, escalate, impersonate and every verb that is still to come; `*` as a resource is
    /// also Secrets, and every kind that an operator will add. Nobody decided to grant these.
    ///
    /// ## Evidence
    /// The rule entry, and each binding through which it counts. Roles that nobody is bound to, and the platform's
    /// own, are quiet. A role of every verb on everything that is bound to the whole cluster is
    /// `kubernetes-cluster-admin-binding` instead. How bad it is, is how bad the worst is that the `*` covers.
    ///
    /// ## Fix
    /// List the verbs and resources that are used: the audit log of the last 90 days says which. An operator needs
    /// the kinds that it owns, by name.
    pub WildcardVerbsOrResources: "kubernetes-wildcard-verbs-or-resources", High, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

fn wild(all: &[Box<str>]) -> bool {
    all.iter().any(|one| &**one == "*")
}

/// Whether every group is one that somebody's own custom resources are in.
fn custom_groups(rule: &PolicyRule) -> bool {
    !rule.groups.is_empty()
        && rule
            .groups
            .iter()
            .all(|group| group.contains('.') && !group.ends_with(".k8s.io"))
}

impl Rule<Facts> for WildcardVerbsOrResources {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let found = causes(see.facts, |rule, binding| {
            let cluster_wide = binding.meta.namespace.is_empty();
            !rule.resources.is_empty()
                && (wild(&rule.verbs) || wild(&rule.resources))
                && !(cluster_wide && is_admin(rule))
        });
        for cause in found {
            let rule = cause.rule;
            let cluster_wide = cause.bindings.iter().any(|one| one.meta.namespace.is_empty());
            let reads = rule
                .verbs
                .iter()
                .all(|verb| matches!(&**verb, "get" | "list" | "watch"));
            let severity = match (wild(&rule.verbs), wild(&rule.resources)) {
                _ if custom_groups(rule) || !rule.names.is_empty() => Severity::Low,
                (true, true) => Severity::High,
                _ if reads => Severity::Medium,
                _ if cluster_wide => Severity::High,
                _ => Severity::Medium,
            };
            let says = match (wild(&rule.verbs), wild(&rule.resources)) {
                (true, true) => "grants every verb on every resource",
                (true, false) => "grants every verb",
                _ => "grants every resource",
            };
            let worst = PERMISSIONS
                .iter()
                .filter_map(|one| {
                    let worst = cause
                        .bindings
                        .iter()
                        .filter_map(|binding| one.by_wildcard(rule, &binding.meta.namespace))
                        .max()?;
                    Some((worst, one))
                })
                .max_by_key(|(worst, one)| (*worst, std::cmp::Reverse(one.meta.id)));
            let (severity, says) = match worst {
                Some((worst, one)) if worst >= Severity::Medium => {
                    (severity.max(worst), format!("{says}: among them it {}", one.says))
                }
                _ => (severity, says.to_owned()),
            };
            for finding in cause.findings(&Self::META, &says) {
                out.push(finding.severity(severity));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-wildcard-verbs-or-resources";

    #[test]
    fn a_star_fires() {
        let all = role_and_binding("{verbs: ['*'], apiGroups: [''], resources: [pods]}", "shop");
        assert_eq!(
            causes(RULE, &all),
            ["ClusterRole r: verbs: [*], resources: [pods], apiGroups: [\"\"]"]
        );
        let all = role_and_binding("{verbs: [get], apiGroups: ['*'], resources: ['*']}", "");
        assert_eq!(causes(RULE, &all).len(), 1);
    }

    #[test]
    fn named_verbs_and_resources_are_silent() {
        let all = role_and_binding(
            "{verbs: [get, list], apiGroups: ['*'], resources: [pods]}",
            "shop",
        );
        assert!(causes(RULE, &all).is_empty());
    }

    #[test]
    fn the_literal_pods_star_grants_nothing_and_is_silent() {
        let all = role_and_binding("{verbs: [get], apiGroups: [''], resources: ['pods/*']}", "shop");
        assert!(causes(RULE, &all).is_empty());
    }

    #[test]
    fn everything_cluster_wide_is_another_rules_matter_and_in_a_namespace_is_not() {
        let rule = "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}";
        assert!(causes(RULE, &role_and_binding(rule, "")).is_empty());
        assert_eq!(causes(RULE, &role_and_binding(rule, "shop")).len(), 1);
    }
}
