//! The rule `kubernetes-wildcard-group`.

use super::common::causes;
use crate::facts::{Facts, PolicyRule};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A role names resources of every API group.
    ///
    /// ## Why
    /// An operator installed tomorrow may have a kind of the same plural, which the role then grants too.
    ///
    /// ## Evidence
    /// The entry, and the bindings through which it counts. Entries with `*` verbs or resources are
    /// `kubernetes-wildcard-verbs-or-resources` instead.
    ///
    /// ## Fix
    /// Name the group: `""` for pods, Secrets and services, `apps` for Deployments.
    pub WildcardGroup: "kubernetes-wildcard-group", Low, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

fn only_the_group(rule: &PolicyRule) -> bool {
    let wild = |all: &[Box<str>]| all.iter().any(|one| &**one == "*");
    wild(&rule.groups) && !rule.resources.is_empty() && !wild(&rule.resources) && !wild(&rule.verbs)
}

impl Rule<Facts> for WildcardGroup {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for cause in causes(see.facts, |rule, _| only_the_group(rule)) {
            if cause.role.shipped {
                continue;
            }
            for finding in cause.findings(&Self::META, "names resources of every API group") {
                out.push(finding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-wildcard-group";

    #[test]
    fn every_group_fires() {
        let all = role_and_binding("{verbs: [get], apiGroups: ['*'], resources: [pods]}", "shop");
        assert_eq!(causes(RULE, &all).len(), 1);
    }

    #[test]
    fn a_named_group_is_silent() {
        let all = role_and_binding("{verbs: [get], apiGroups: [''], resources: [pods]}", "shop");
        assert!(causes(RULE, &all).is_empty());
    }

    #[test]
    fn wider_wildcards_are_another_rules_matter() {
        let all = role_and_binding("{verbs: ['*'], apiGroups: ['*'], resources: [pods]}", "shop");
        assert!(causes(RULE, &all).is_empty());
    }
}
