//! The rule `kubernetes-binding-dangling`.

use super::common::{binding_name, with_subjects};
use crate::facts::Facts;
use crate::techniques::SERVICEACCOUNT;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A binding names a role or a service account that does not exist.
    ///
    /// ## Why
    /// Whoever may create something of that name inherits the binding, and nobody would see a change of rights. Such
    /// bindings are left over from what was uninstalled.
    ///
    /// ## Evidence
    /// The binding. It is reported only where the objects of the kind that is missing were listed by the server, so
    /// that what is not there does not exist; manifests alone say nothing about it.
    ///
    /// ## Fix
    /// Remove the binding or the subject, or create what it names.
    pub BindingDangling: "kubernetes-binding-dangling", Medium, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings", "serviceaccounts"]
}

impl Rule<Facts> for BindingDangling {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for (at, binding) in facts.bindings.iter().enumerate() {
            if !binding.meta.live {
                continue;
            }
            if facts.index.role_of(at).is_none()
                && facts.listed(&binding.role_kind)
                && !binding.subjects.is_empty()
            {
                let role = format!("{} {}", binding.role_kind, binding.role_name);
                let finding = Finding::new(
                    &Self::META,
                    format!("{} to {role}", binding_name(binding)),
                    binding.meta.place,
                    format!("roleRef: {role}"),
                )
                .title(format!(
                    "{} refers to {role}, which does not exist",
                    binding_name(binding)
                ));
                out.push(with_subjects(finding, binding));
            }
        }
        for (at, which, name) in crate::rightsize::dangling(facts) {
            let Some(binding) = facts.bindings.get(at) else {
                continue;
            };
            let Some(subject) = binding.subjects.get(which) else {
                continue;
            };
            out.push(
                Finding::new(
                    &Self::META,
                    format!("{} for serviceaccount {name}", binding_name(binding)),
                    subject.place,
                    format!("subjects: ServiceAccount {name}"),
                )
                .title(format!(
                    "{} is for service account {name}, which does not exist",
                    binding_name(binding)
                ))
                .identity(SERVICEACCOUNT.name, &name),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::causes;

    const RULE: &str = "kubernetes-binding-dangling";

    fn world(role: &str, account: &str, uid: &str) -> String {
        format!(
            "apiVersion: v1
kind: List
items:
- {{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{name: reader, namespace: shop{uid}}}, rules: []}}
- {{apiVersion: v1, kind: ServiceAccount, metadata: {{name: web, namespace: shop{uid}}}}}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {{name: b, namespace: shop{uid}}}
  roleRef: {{kind: Role, name: {role}}}
  subjects: [{{kind: ServiceAccount, name: {account}}}]
"
        )
    }

    #[test]
    fn a_missing_role_and_a_missing_account_fire() {
        assert_eq!(
            causes(RULE, &world("gone", "web", ", uid: u")),
            ["RoleBinding shop/b to Role gone"]
        );
        assert_eq!(
            causes(RULE, &world("reader", "gone", ", uid: u")),
            ["RoleBinding shop/b for serviceaccount shop/gone"]
        );
    }

    #[test]
    fn what_is_there_is_silent() {
        assert!(causes(RULE, &world("reader", "web", ", uid: u")).is_empty());
    }

    #[test]
    fn a_manifest_says_nothing_about_what_is_elsewhere() {
        assert!(causes(RULE, &world("gone", "gone", "")).is_empty());
    }
}
