//! The rule `kubernetes-pod-identity-shadowed`.

use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A service account is given one AWS role by its annotation and another by EKS Pod Identity.
    ///
    /// ## Why
    /// AWS's SDKs ask for the web identity of the annotation first, and never get to the association: the pods work with
    /// the older role, whatever the association was narrowed to. Code in the pods can use both.
    ///
    /// ## Evidence
    /// The annotation `eks.amazonaws.com/role-arn` of the account, and the association that names it.
    ///
    /// ## Fix
    /// Remove the annotation once the association's role is what the pods need, then make the pods anew; or remove the
    /// association.
    pub PodIdentityShadowed: "kubernetes-pod-identity-shadowed", Low, needs ["serviceaccounts"]
}

impl Rule<Facts> for PodIdentityShadowed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in &facts.aws.pod_identities {
            let account = one
                .account
                .split_once('/')
                .and_then(|(namespace, name)| facts.index.account(namespace, name))
                .and_then(|at| facts.accounts.get(at));
            let Some((account, role)) =
                account.and_then(|row| Some((row, row.meta.annotation("eks.amazonaws.com/role-arn")?)))
            else {
                continue;
            };
            if role.is_empty() || one.role.as_deref() == Some(role) {
                continue;
            }
            out.push(
                Finding::new(
                    &Self::META,
                    format!("serviceaccount {}", one.account),
                    account.meta.place,
                    format!("eks.amazonaws.com/role-arn: {role}"),
                )
                .title(format!(
                    "serviceaccount {} is annotated with {role}, which comes before its Pod Identity association",
                    one.account
                ))
                .evidence(one.place, format!("association {}", one.arn))
                .identity("serviceaccount", &one.account),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Kubernetes;
    use foursee_core::conformance::findings;
    use foursee_core::model::Time;

    fn causes(account: &str, association: &str) -> Vec<String> {
        let (all, _) = findings(
            Kubernetes,
            &[("account.yaml", account), ("association.json", association)],
            Time::default(),
        )
        .unwrap();
        all.into_iter()
            .filter(|one| one.rule.id == "kubernetes-pod-identity-shadowed")
            .map(|one| one.cause)
            .collect()
    }

    fn account(annotations: &str) -> String {
        format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: web, namespace: shop, annotations: {{{annotations}}}}}\n"
        )
    }

    fn association(account: &str, role: &str) -> String {
        format!(
            r#"{{"association": {{"clusterName": "prod", "namespace": "shop", "serviceAccount": "{account}", "roleArn": "{role}",
                "associationArn": "arn:aws:eks:eu-west-1:111122223333:podidentityassociation/prod/a-1", "associationId": "a-1"}}}}"#
        )
    }

    const OLD: &str = "eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/old'";
    const NEW: &str = "arn:aws:iam::111122223333:role/new";

    #[test]
    fn two_roles_fire() {
        assert_eq!(
            causes(&account(OLD), &association("web", NEW)),
            ["serviceaccount shop/web"]
        );
    }

    #[test]
    fn one_of_them_is_silent() {
        assert!(causes(&account(""), &association("web", NEW)).is_empty());
        assert!(causes(&account(OLD), &association("api", NEW)).is_empty());
    }

    #[test]
    fn the_same_role_twice_is_silent() {
        assert!(
            causes(
                &account(OLD),
                &association("web", "arn:aws:iam::111122223333:role/old")
            )
            .is_empty()
        );
    }
}
