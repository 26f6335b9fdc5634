//! The rule `kubernetes-authorization-always-allow`.

use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// The API server allows every request of whoever authenticates.
    ///
    /// ## Why
    /// With AlwaysAllow among its authorizers, which is its default where `--authorization-mode` is not said, no role
    /// matters: every service account is cluster admin. (Anonymous requests are then switched off by the server itself.)
    ///
    /// ## Evidence
    /// The arguments of the API server's static pod.
    ///
    /// ## Fix
    /// `--authorization-mode=Node,RBAC`.
    pub AuthorizationAlwaysAllow: "kubernetes-authorization-always-allow", Critical, needs [], reads ["pods"]
}

impl Rule<Facts> for AuthorizationAlwaysAllow {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        if !see.facts.index.chain.always {
            return;
        }
        let Some(server) = see.facts.api_servers.first() else {
            return;
        };
        out.push(
            Finding::new(
                &Self::META,
                "authorization-mode AlwaysAllow",
                server.place,
                format!("--authorization-mode={}", server.modes.join(",")),
            )
            .title("The API server allows every request of whoever authenticates")
            .severity(Severity::Critical)
            .identity("group", "system:authenticated")
            .rung(Rung::Unbounded, Rung::Narrow),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::causes;

    const RULE: &str = "kubernetes-authorization-always-allow";

    fn server(arguments: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: kube-apiserver-n1, namespace: kube-system, uid: a, labels: {{component: kube-apiserver}}}}\nspec: {{nodeName: n1, containers: [{{name: kube-apiserver, image: i, command: [kube-apiserver{arguments}]}}]}}\n"
        )
    }

    #[test]
    fn said_or_by_default_it_fires() {
        for arguments in [
            ", --authorization-mode=AlwaysAllow",
            ", '--authorization-mode=RBAC,AlwaysAllow'",
            "",
        ] {
            assert_eq!(causes(RULE, &server(arguments)).len(), 1, "{arguments}");
        }
    }

    #[test]
    fn node_and_rbac_are_silent() {
        assert!(causes(RULE, &server(", '--authorization-mode=Node,RBAC'")).is_empty());
    }

    #[test]
    fn a_file_that_is_in_no_export_and_another_pod_say_nothing() {
        assert!(causes(RULE, &server(", --authorization-config=/etc/a.yaml")).is_empty());
        let other = server("").replace("component: kube-apiserver", "component: proxy");
        assert!(causes(RULE, &other).is_empty());
    }
}
