//! The rule `kubernetes-aggregates-into-default-role`.

use super::PERMISSIONS;
use super::common::{role_name, rule_text};
use crate::facts::{Facts, RoleKind};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// A ClusterRole adds strong rights to `view`, `edit` or `admin`.
    ///
    /// ## Why
    /// The label `rbac.authorization.k8s.io/aggregate-to-...` puts its rules into the default role, and with it into
    /// the hands of everybody who is bound to that role in any namespace. They gain it silently, when an operator is
    /// installed.
    ///
    /// ## Evidence
    /// The entry, and the label. Only entries that are medium or worse by a rule of their own are named; what `admin`
    /// and `edit` have anyway is quiet for these.
    ///
    /// ## Fix
    /// Take the label off, and bind the role to those who need it.
    pub AggregatesIntoDefaultRole: "kubernetes-aggregates-into-default-role", Medium, needs ["clusterroles"]
}

/// What `edit` and `admin` have by themselves.
const EDIT_HAS: &[&str] = &[
    "kubernetes-pods-exec",
    "kubernetes-pods-attach",
    "kubernetes-pods-portforward",
    "kubernetes-pods-proxy",
    "kubernetes-pods-change",
    "kubernetes-workloads-create",
    "kubernetes-workloads-change",
    "kubernetes-impersonate-serviceaccounts",
    "kubernetes-token-request",
    "kubernetes-token-secret-mint",
    "kubernetes-secrets-read-namespace",
    "kubernetes-secrets-write",
    "kubernetes-serviceaccounts-write",
    "kubernetes-configmaps-write",
    "kubernetes-ingresses-write",
    "kubernetes-networkpolicies-write",
    "kubernetes-scale",
];

impl Rule<Facts> for AggregatesIntoDefaultRole {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for role in &see.facts.roles {
            if role.kind != RoleKind::ClusterRole || role.shipped {
                continue;
            }
            let label = |name: &str| {
                role.meta
                    .label(&format!("rbac.authorization.k8s.io/aggregate-to-{name}"))
                    == Some("true")
            };
            // `view` feeds `edit`, which feeds `admin`.
            let Some(into) = ["view", "edit", "admin"].into_iter().find(|name| label(name)) else {
                continue;
            };
            for (rule, place) in &role.rules {
                let worst = PERMISSIONS
                    .iter()
                    .filter(|one| into == "view" || !EDIT_HAS.contains(&one.meta.id))
                    // Bound in a namespace, which is where the default roles are.
                    .filter_map(|one| Some((one.in_namespace(rule)?, one)))
                    .max_by_key(|(worst, one)| (*worst, std::cmp::Reverse(one.meta.id)));
                let Some((worst, one)) = worst.filter(|(worst, _)| *worst >= Severity::Medium) else {
                    continue;
                };
                let text = rule_text(rule);
                out.push(
                    Finding::new(
                        &Self::META,
                        format!("{}: {text}", role_name(role)),
                        *place,
                        text.clone(),
                    )
                    .title(format!(
                        "{} adds to {into}, for everybody who is bound to it: {}",
                        role_name(role),
                        one.says
                    ))
                    .severity(worst.min(Severity::High))
                    .evidence(role.meta.place, format!("aggregate-to-{into}: true")),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::causes;

    const RULE: &str = "kubernetes-aggregates-into-default-role";

    fn role(into: &str, rule: &str) -> String {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: op\n  labels: {{rbac.authorization.k8s.io/aggregate-to-{into}: 'true'}}\nrules: [{rule}]\n"
        )
    }

    const SECRETS: &str = "{verbs: [get], apiGroups: [''], resources: [secrets]}";

    #[test]
    fn secrets_for_view_and_an_operators_objects_for_edit_fire() {
        assert_eq!(causes(RULE, &role("view", SECRETS)).len(), 1);
        let apps = "{verbs: [create], apiGroups: [argoproj.io], resources: [applications]}";
        assert_eq!(causes(RULE, &role("edit", apps)).len(), 1);
    }

    #[test]
    fn what_edit_has_anyway_and_harmless_reads_are_silent() {
        assert!(causes(RULE, &role("edit", SECRETS)).is_empty());
        assert!(
            causes(
                RULE,
                &role(
                    "view",
                    "{verbs: [get], apiGroups: [example.com], resources: [widgets]}"
                )
            )
            .is_empty()
        );
    }

    #[test]
    fn a_label_that_aggregates_elsewhere_is_silent() {
        assert!(causes(RULE, &role("monitoring", SECRETS)).is_empty());
    }

    #[test]
    fn what_edit_has_are_rules_that_there_are() {
        for id in super::EDIT_HAS {
            assert!(super::PERMISSIONS.iter().any(|one| one.meta.id == *id), "{id}");
        }
    }
}
