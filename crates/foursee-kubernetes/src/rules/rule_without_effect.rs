//! The rule `kubernetes-rule-without-effect`.

use super::common::causes;
use crate::authorize::without_effect;
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An entry of a role can never allow anything.
    ///
    /// ## Why
    /// Somebody believes to have granted, or to have limited, something: `pods/*` is a literal that no request has; a
    /// create or deletecollection of a collection carries no name that `resourceNames` could match; what is
    /// cluster-scoped, and a URL, is never granted by a RoleBinding.
    ///
    /// ## Evidence
    /// The entry, and the bindings through which it stands.
    ///
    /// ## Fix
    /// Remove the entry, or write what was meant: list the subresources, drop `resourceNames` from creates, bind by a
    /// ClusterRoleBinding.
    pub RuleWithoutEffect: "kubernetes-rule-without-effect", Info, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

impl Rule<Facts> for RuleWithoutEffect {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        // Dead only where every binding leaves it dead.
        for cause in causes(see.facts, |_, _| true) {
            if cause.role.shipped {
                continue;
            }
            let why: Option<Vec<&str>> = cause
                .bindings
                .iter()
                .map(|one| without_effect(cause.rule, one))
                .collect();
            if let Some(says) = why.and_then(|all| all.first().copied()) {
                for finding in cause.findings(&Self::META, says) {
                    out.push(finding);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-rule-without-effect";

    #[test]
    fn what_no_request_matches_fires() {
        for (rule, namespace) in [
            ("{verbs: [get], apiGroups: [''], resources: ['pods/*']}", ""),
            (
                "{verbs: [create], apiGroups: [''], resources: [pods], resourceNames: [a]}",
                "",
            ),
            (
                "{verbs: [get, list], apiGroups: [''], resources: [nodes]}",
                "shop",
            ),
            (
                "{verbs: [impersonate], apiGroups: [''], resources: [users, groups]}",
                "shop",
            ),
            ("{verbs: [get], nonResourceURLs: ['/metrics']}", "shop"),
        ] {
            assert_eq!(
                causes(RULE, &role_and_binding(rule, namespace)).len(),
                1,
                "{rule}"
            );
        }
    }

    #[test]
    fn what_grants_something_is_silent() {
        for (rule, namespace) in [
            ("{verbs: [get], apiGroups: [''], resources: ['pods/*', pods]}", ""),
            (
                "{verbs: [create], apiGroups: [''], resources: [pods/exec], resourceNames: [a]}",
                "",
            ),
            (
                "{verbs: [create, patch], apiGroups: [''], resources: [pods], resourceNames: [a]}",
                "",
            ),
            ("{verbs: [get, list], apiGroups: [''], resources: [nodes]}", ""),
            (
                "{verbs: [patch], apiGroups: [''], resources: [namespaces]}",
                "shop",
            ),
            ("{verbs: [get], apiGroups: ['*'], resources: ['*']}", "shop"),
        ] {
            assert!(
                causes(RULE, &role_and_binding(rule, namespace)).is_empty(),
                "{rule}"
            );
        }
    }

    #[test]
    fn nodes_of_another_group_are_not_known_to_be_cluster_scoped() {
        let twin = "{verbs: [get], apiGroups: [metrics.k8s.io], resources: [nodes]}";
        assert!(causes(RULE, &role_and_binding(twin, "shop")).is_empty());
    }
}
