//! The rule `kubernetes-binding-empty`.

use super::common::binding_name;
use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A binding without subjects, or with subjects that can be nobody.
    ///
    /// ## Why
    /// It grants nothing. Whoever may change it, and may bind its role, adds themselves where nobody looks.
    ///
    /// ## Evidence
    /// The binding. A service account without a namespace in a ClusterRoleBinding, and a subject of a kind that RBAC
    /// does not know, match nobody.
    ///
    /// ## Fix
    /// Remove it, or name who is meant.
    pub BindingEmpty: "kubernetes-binding-empty", Low, needs [], reads ["rolebindings", "clusterrolebindings"]
}

impl Rule<Facts> for BindingEmpty {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for binding in &see.facts.bindings {
            let anybody = binding.subjects.iter().any(|one| match &*one.kind {
                "User" | "Group" => true,
                "ServiceAccount" => one.account_namespace(&binding.meta.namespace).is_some(),
                _ => false,
            });
            if anybody || binding.shipped {
                continue;
            }
            let name = binding_name(binding);
            let says = match binding.subjects.first() {
                None => "subjects: []".to_owned(),
                Some(one) => format!("subjects: {} {}", one.kind, one.name),
            };
            out.push(
                Finding::new(&Self::META, name.clone(), binding.meta.place, says)
                    .title(format!("{name} is for nobody")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::causes;

    const RULE: &str = "kubernetes-binding-empty";

    fn binding(subjects: &str, labels: &str) -> String {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: b{labels}}}\nroleRef: {{kind: ClusterRole, name: view}}\nsubjects: {subjects}\n"
        )
    }

    #[test]
    fn nobody_fires() {
        for subjects in [
            "[]",
            "[{kind: ServiceAccount, name: web}]",
            "[{kind: Robot, name: r}]",
        ] {
            assert_eq!(
                causes(RULE, &binding(subjects, "")),
                ["ClusterRoleBinding b"],
                "{subjects}"
            );
        }
    }

    #[test]
    fn somebody_and_the_servers_own_are_silent() {
        assert!(causes(RULE, &binding("[{kind: User, name: alice}]", "")).is_empty());
        let own = binding("[]", "")
            .replace("name: b", "name: 'system:node'")
            .replace("name: view", "name: 'system:node'");
        assert!(causes(RULE, &own).is_empty());
        let labelled = binding("[]", ", labels: {kubernetes.io/bootstrapping: rbac-defaults}");
        assert_eq!(causes(RULE, &labelled).len(), 1, "anybody may set the label");
    }

    #[test]
    fn an_account_with_its_namespace_is_somebody() {
        assert!(
            causes(
                RULE,
                &binding("[{kind: ServiceAccount, name: web, namespace: shop}]", "")
            )
            .is_empty()
        );
    }
}
