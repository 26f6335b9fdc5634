//! The rule `kubernetes-cluster-admin-binding`.

use super::common::{binding_name, bindings_of_role, role_name, with_subjects};
use crate::facts::{Binding, Facts};
use crate::reach::is_admin;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// A binding makes somebody cluster admin.
    ///
    /// ## Why
    /// Every verb on every resource of the whole cluster: every Secret, every workload, every node, and the right to
    /// give all of it to others. Whoever takes one of the subjects has the cluster.
    ///
    /// ## Evidence
    /// The ClusterRoleBinding, and the rule of its role that grants everything. The binding of `cluster-admin` to
    /// `system:masters`, which every cluster has, is quiet.
    ///
    /// ## Fix
    /// Bind a role that lists what the subjects use, in the namespaces where they use it; keep cluster-admin for one
    /// group that is used in emergencies.
    pub ClusterAdminBinding: "kubernetes-cluster-admin-binding", Critical, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

/// The binding that the API server makes at its start.
fn default(binding: &Binding) -> bool {
    &*binding.meta.name == "cluster-admin"
        && binding
            .subjects
            .iter()
            .all(|one| &*one.kind == "Group" && &*one.name == crate::authorize::MASTERS)
}

impl Rule<Facts> for ClusterAdminBinding {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for (at, role) in see.facts.roles.iter().enumerate() {
            let Some((_, rule)) = see.facts.rules_of(at).find(|(rule, _)| is_admin(rule)) else {
                continue;
            };
            for binding in bindings_of_role(see.facts, at) {
                if !binding.meta.namespace.is_empty() || binding.subjects.is_empty() || default(binding) {
                    continue;
                }
                let everyone = binding.subjects.iter().any(|one| {
                    matches!(
                        &*one.name,
                        "system:anonymous"
                            | "system:unauthenticated"
                            | "system:authenticated"
                            | "system:serviceaccounts"
                    )
                });
                let who = if everyone { "everybody" } else { "its subjects" };
                let finding = Finding::new(
                    &Self::META,
                    binding_name(binding),
                    binding.meta.place,
                    format!("roleRef: {}", role_name(role)),
                )
                .title(format!("{} makes {who} cluster admin", binding_name(binding)))
                .severity(Severity::Critical)
                .resource("cluster", "cluster")
                .rung(Rung::Unbounded, Rung::Narrow)
                .evidence(rule, "verbs: [*], resources: [*], apiGroups: [*]");
                out.push(with_subjects(finding, binding));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::causes;

    const ROLE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: everything}
rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]
---
";

    fn binding(kind: &str, name: &str, role: &str, subject: &str) -> String {
        let namespace = if kind == "RoleBinding" {
            ", namespace: shop"
        } else {
            ""
        };
        format!(
            "{ROLE}apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: {name}{namespace}}}\nroleRef: {{kind: ClusterRole, name: {role}}}\nsubjects: [{subject}]\n"
        )
    }

    #[test]
    fn a_role_of_another_name_fires() {
        let all = binding(
            "ClusterRoleBinding",
            "ci",
            "everything",
            "{kind: ServiceAccount, name: ci, namespace: build}",
        );
        assert_eq!(
            causes("kubernetes-cluster-admin-binding", &all),
            ["ClusterRoleBinding ci"]
        );
    }

    #[test]
    fn the_same_role_in_one_namespace_is_silent() {
        let all = binding(
            "RoleBinding",
            "ci",
            "everything",
            "{kind: ServiceAccount, name: ci}",
        );
        assert!(causes("kubernetes-cluster-admin-binding", &all).is_empty());
    }

    #[test]
    fn the_default_binding_is_silent_and_its_twin_is_not() {
        let masters = |name| {
            binding(
                "ClusterRoleBinding",
                name,
                "everything",
                "{kind: Group, name: 'system:masters'}",
            )
        };
        assert!(causes("kubernetes-cluster-admin-binding", &masters("cluster-admin")).is_empty());
        assert_eq!(
            causes("kubernetes-cluster-admin-binding", &masters("again")).len(),
            1
        );
        let devs = binding(
            "ClusterRoleBinding",
            "cluster-admin",
            "everything",
            "{kind: Group, name: devs}",
        );
        assert_eq!(causes("kubernetes-cluster-admin-binding", &devs).len(), 1);
    }
}
