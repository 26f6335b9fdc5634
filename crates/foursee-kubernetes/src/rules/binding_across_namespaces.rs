//! The rule `kubernetes-binding-across-namespaces`.

use super::common::{binding_name, platform};
use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// A RoleBinding gives a role to a service account of another namespace.
    ///
    /// ## Why
    /// Whoever creates workloads in the other namespace acts in this one. Neither namespace's own people see it.
    ///
    /// ## Evidence
    /// The binding's subject. Accounts of kube-system, where the cluster's own controllers live, are quiet.
    ///
    /// ## Fix
    /// Run what needs the role in the namespace itself, or say in the binding why it is so.
    pub BindingAcrossNamespaces: "kubernetes-binding-across-namespaces", Low, needs [], reads ["rolebindings", "roles", "clusterroles"]
}

impl Rule<Facts> for BindingAcrossNamespaces {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for (at, binding) in see.facts.bindings.iter().enumerate() {
            let home = &*binding.meta.namespace;
            if home.is_empty() {
                continue;
            }
            let own = see
                .facts
                .index
                .role_of(at)
                .and_then(|role| see.facts.roles.get(role));
            if own.is_some_and(|role| platform(role, binding)) {
                continue;
            }
            for subject in binding
                .subjects
                .iter()
                .filter(|one| &*one.kind == "ServiceAccount")
            {
                let Some(of) = subject.account_namespace(home) else {
                    continue;
                };
                if of == home || of == "kube-system" {
                    continue;
                }
                let account = format!("{of}/{}", subject.name);
                let severity = if home == "kube-system" {
                    Severity::Medium
                } else {
                    Severity::Low
                };
                out.push(
                    Finding::new(
                        &Self::META,
                        format!("{} for serviceaccount {account}", binding_name(binding)),
                        subject.place,
                        format!("subjects: ServiceAccount {account}"),
                    )
                    .title(format!(
                        "{} gives {} {} of namespace {home} to service account {account}",
                        binding_name(binding),
                        binding.role_kind,
                        binding.role_name
                    ))
                    .severity(severity)
                    .identity("serviceaccount", &account),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, found, role_and_binding};
    use foursee_core::model::Severity;

    const RULE: &str = "kubernetes-binding-across-namespaces";
    const READ: &str = "{verbs: [get], apiGroups: [''], resources: [pods]}";

    #[test]
    fn an_account_of_another_namespace_fires() {
        assert_eq!(
            causes(RULE, &role_and_binding(READ, "billing")),
            ["RoleBinding billing/b for serviceaccount shop/web"]
        );
        let system = found(RULE, &role_and_binding(READ, "kube-system"));
        assert_eq!(system[0].severity, Severity::Medium);
    }

    #[test]
    fn its_own_namespace_is_silent() {
        assert!(causes(RULE, &role_and_binding(READ, "shop")).is_empty());
    }

    #[test]
    fn a_cluster_wide_binding_is_in_no_namespace() {
        assert!(causes(RULE, &role_and_binding(READ, "")).is_empty());
    }
}
