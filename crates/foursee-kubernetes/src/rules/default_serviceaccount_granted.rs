//! The rule `kubernetes-default-serviceaccount-granted`.

use super::common::{binding_name, platform};
use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A namespace's `default` service account is granted a role.
    ///
    /// ## Why
    /// Every pod that does not name an account runs as `default`, so that every such pod of the namespace, those of
    /// other people's charts too, has what was meant for one.
    ///
    /// ## Evidence
    /// The subject of the binding.
    ///
    /// ## Fix
    /// Give the workload that needs the role a service account of its own, and bind that.
    pub DefaultServiceaccountGranted: "kubernetes-default-serviceaccount-granted", High, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

impl Rule<Facts> for DefaultServiceaccountGranted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for (at, binding) in see.facts.bindings.iter().enumerate() {
            let role = see
                .facts
                .index
                .role_of(at)
                .and_then(|role| see.facts.roles.get(role).zip(Some(role)));
            if let Some((role, number)) = role
                && (platform(role, binding) || see.facts.rules_of(number).next().is_none())
            {
                continue;
            }
            for subject in &binding.subjects {
                let Some(namespace) = subject.account_namespace(&binding.meta.namespace) else {
                    continue;
                };
                if (&*subject.kind, &*subject.name) != ("ServiceAccount", "default") {
                    continue;
                }
                let account = format!("{namespace}/default");
                out.push(
                    Finding::new(
                        &Self::META,
                        format!("{} for serviceaccount {account}", binding_name(binding)),
                        subject.place,
                        format!("subjects: ServiceAccount {account}"),
                    )
                    .title(format!(
                        "{} gives {} {} to every pod of namespace {namespace} that names no account",
                        binding_name(binding),
                        binding.role_kind,
                        binding.role_name
                    ))
                    .identity("serviceaccount", &account),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-default-serviceaccount-granted";
    const READ: &str = "{verbs: [get], apiGroups: [''], resources: [pods]}";

    #[test]
    fn the_default_account_fires() {
        let all = role_and_binding(READ, "shop").replace("name: web", "name: default");
        assert_eq!(
            causes(RULE, &all),
            ["RoleBinding shop/b for serviceaccount shop/default"]
        );
    }

    #[test]
    fn an_account_of_its_own_is_silent() {
        assert!(causes(RULE, &role_and_binding(READ, "shop")).is_empty());
    }

    #[test]
    fn a_user_called_default_is_silent() {
        let all = role_and_binding(READ, "shop")
            .replace("kind: ServiceAccount, name: web", "kind: User, name: default");
        assert!(causes(RULE, &all).is_empty());
    }
}
