//! The rule `kubernetes-default-role-cluster-wide`.

use super::common::{binding_name, with_subjects};
use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// ClusterRole `admin` or `edit` is bound to the whole cluster.
    ///
    /// ## Why
    /// They are made for one namespace. Cluster-wide, `edit` reads every Secret, impersonates every service account
    /// and runs commands in every pod, those of kube-system too: it is a short way from cluster admin.
    ///
    /// ## Evidence
    /// The ClusterRoleBinding.
    ///
    /// ## Fix
    /// Bind the role by RoleBindings in the namespaces that its holders own.
    pub DefaultRoleClusterWide: "kubernetes-default-role-cluster-wide", High, needs ["clusterrolebindings"]
}

impl Rule<Facts> for DefaultRoleClusterWide {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for binding in &see.facts.bindings {
            if !binding.meta.namespace.is_empty()
                || &*binding.role_kind != "ClusterRole"
                || !matches!(&*binding.role_name, "admin" | "edit")
                || binding.subjects.is_empty()
            {
                continue;
            }
            let finding = Finding::new(
                &Self::META,
                format!("{} to ClusterRole {}", binding_name(binding), binding.role_name),
                binding.meta.place,
                format!("roleRef: ClusterRole {}", binding.role_name),
            )
            .title(format!(
                "{} gives {} in every namespace, kube-system too",
                binding_name(binding),
                binding.role_name
            ))
            .severity(Severity::High)
            .rung(Rung::Broad, Rung::Narrow);
            out.push(with_subjects(finding, binding));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-default-role-cluster-wide";

    fn binding(role: &str, namespace: &str) -> String {
        role_and_binding("{verbs: [get], apiGroups: [''], resources: [pods]}", namespace)
            .replace("name: r}", &format!("name: {role}}}"))
    }

    #[test]
    fn admin_and_edit_fire() {
        assert_eq!(
            causes(RULE, &binding("edit", "")),
            ["ClusterRoleBinding b to ClusterRole edit"]
        );
        assert_eq!(causes(RULE, &binding("admin", "")).len(), 1);
    }

    #[test]
    fn one_namespace_and_view_are_silent() {
        assert!(causes(RULE, &binding("edit", "shop")).is_empty());
        assert!(causes(RULE, &binding("view", "")).is_empty());
    }

    #[test]
    fn a_role_with_a_name_like_it_is_silent() {
        assert!(causes(RULE, &binding("editor", "")).is_empty());
    }
}
