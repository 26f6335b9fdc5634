//! The rule `kubernetes-secrets-read-all`.

use super::common::causes;
use crate::authorize::{Attributes, rule_allows};
use crate::facts::{Facts, PolicyRule};
use crate::reach::is_admin;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Rung;

foursee_core::rule! {
    /// A role that is bound to the whole cluster reads every Secret.
    ///
    /// ## Why
    /// Secrets of every namespace: passwords of databases, keys of clouds, TLS keys, what Helm installed, tokens of
    /// service accounts. `list` and `watch` give the contents, as `get` does.
    ///
    /// ## Evidence
    /// The rule entry, and each ClusterRoleBinding through which it counts.
    ///
    /// ## Fix
    /// Bind the role in the namespaces whose Secrets are needed, or name the Secrets in `resourceNames`.
    pub SecretsReadAll: "kubernetes-secrets-read-all", High, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

fn reads(rule: &PolicyRule) -> bool {
    ["get", "list", "watch"].iter().any(|verb| {
        rule_allows(
            rule,
            &Attributes::Resource {
                verb,
                group: "",
                resource: "secrets",
                subresource: "",
                name: "",
                namespace: "",
            },
        )
    })
}

impl Rule<Facts> for SecretsReadAll {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let found = causes(see.facts, |rule, binding| {
            binding.meta.namespace.is_empty() && !is_admin(rule) && reads(rule)
        });
        for cause in found {
            for finding in cause.findings(&Self::META, "reads the Secrets of every namespace") {
                // A list cannot name what it lists; a get can.
                let lists = ["list", "watch", "*"]
                    .iter()
                    .any(|verb| cause.rule.verbs.iter().any(|one| &**one == *verb));
                let tightest = if lists { Rung::Scoped } else { Rung::Narrow };
                let stands = finding.rung.unwrap_or(Rung::Broad);
                out.push(finding.resource("secret", "*").rung(stands, tightest.max(stands)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-secrets-read-all";

    #[test]
    fn any_of_the_three_verbs_fires() {
        for verb in ["get", "list", "watch", "'*'"] {
            let all = role_and_binding(
                &format!("{{verbs: [{verb}], apiGroups: [''], resources: [secrets]}}"),
                "",
            );
            assert_eq!(causes(RULE, &all).len(), 1, "{verb}");
        }
    }

    #[test]
    fn one_namespace_and_named_secrets_are_silent() {
        let all = role_and_binding("{verbs: [get], apiGroups: [''], resources: [secrets]}", "shop");
        assert!(causes(RULE, &all).is_empty());
        let named = "{verbs: [get], apiGroups: [''], resources: [secrets], resourceNames: [tls]}";
        assert!(causes(RULE, &role_and_binding(named, "")).is_empty());
    }

    #[test]
    fn secrets_of_another_group_are_silent() {
        let all = role_and_binding(
            "{verbs: [get], apiGroups: [vault.example.com], resources: [secrets]}",
            "",
        );
        assert!(causes(RULE, &all).is_empty());
    }
}
