//! The rule `kubernetes-role-unbound`.

use super::common::role_name;
use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A role that nobody is bound to.
    ///
    /// ## Why
    /// It grants nothing today; whoever may bind it, or writes it, decides what it grants tomorrow. It is left over
    /// from what was uninstalled, or was never used.
    ///
    /// ## Evidence
    /// The role. It is reported only where bindings were listed by the server. Roles that the API server keeps, and
    /// ClusterRoles that aggregate into others, are quiet.
    ///
    /// ## Fix
    /// Remove it, or bind it where it is meant.
    pub RoleUnbound: "kubernetes-role-unbound", Low, needs ["rolebindings"], reads ["roles", "clusterroles", "clusterrolebindings"]
}

impl Rule<Facts> for RoleUnbound {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for at in crate::rightsize::unbound(facts) {
            let Some(role) = facts.roles.get(at) else { continue };
            let name = role_name(role);
            out.push(
                Finding::new(
                    &Self::META,
                    name.clone(),
                    role.meta.place,
                    format!("metadata.name: {}", role.meta.name),
                )
                .title(format!("{name} is bound to nobody")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::causes;

    const RULE: &str = "kubernetes-role-unbound";

    fn world(bound: &str, labels: &str, uid: &str) -> String {
        let meta = |name: &str| format!("{{name: {name}, namespace: shop, uid: '{uid}'{labels}}}");
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {}\nrules: []\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {}\nroleRef: {{kind: Role, name: {bound}}}\nsubjects: [{{kind: User, name: alice}}]\n",
            meta("reader"),
            meta("b")
        )
    }

    #[test]
    fn a_role_without_a_binding_fires() {
        assert_eq!(causes(RULE, &world("other", "", "1")), ["Role shop/reader"]);
    }

    #[test]
    fn a_bound_one_and_the_servers_own_are_silent() {
        assert!(causes(RULE, &world("reader", "", "1")).is_empty());
        let own = world("other", "", "1").replace(
            "name: reader, namespace: shop",
            "name: 'system:controller:token-cleaner', namespace: kube-system",
        );
        assert!(causes(RULE, &own).is_empty());
    }

    #[test]
    fn manifests_alone_say_nothing_about_it() {
        assert!(causes(RULE, &world("other", "", "")).is_empty());
    }
}
