//! The rule `kubernetes-token-secret-kept`.

use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A Secret holds a service account's token that never expires.
    ///
    /// ## Why
    /// Tokens of pods live for an hour and end with their pod. This one is good until the Secret is deleted: whoever
    /// read it once, from the Secret, a backup or a CI variable, is the account for ever.
    ///
    /// ## Evidence
    /// The Secret's type.
    ///
    /// ## Fix
    /// Let the caller request tokens (`kubectl create token`, or a projected volume), then delete the Secret.
    pub TokenSecretKept: "kubernetes-token-secret-kept", Medium, needs ["secrets"]
}

impl Rule<Facts> for TokenSecretKept {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for secret in &see.facts.secrets {
            if &*secret.sort != "kubernetes.io/service-account-token" {
                continue;
            }
            let name = secret.meta.full_name();
            let finding = Finding::new(
                &Self::META,
                format!("secret {name}"),
                secret.meta.place,
                format!("type: {}", secret.sort),
            )
            .resource("secret", &name);
            let account = secret.meta.annotation("kubernetes.io/service-account.name");
            out.push(match account {
                Some(account) => {
                    let account = format!("{}/{account}", secret.meta.namespace);
                    finding
                        .title(format!(
                            "Secret {name} holds a token of service account {account} that never expires"
                        ))
                        .identity("serviceaccount", &account)
                }
                None => finding.title(format!("Secret {name} holds a token that never expires")),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::found;

    const RULE: &str = "kubernetes-token-secret-kept";

    fn secret(sort: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: ci-token\n  namespace: shop\n  annotations: {{kubernetes.io/service-account.name: ci}}\ntype: {sort}\n"
        )
    }

    #[test]
    fn a_token_fires_and_names_its_account() {
        let all = found(RULE, &secret("kubernetes.io/service-account-token"));
        assert_eq!(all.len(), 1);
        assert_eq!(&*all[0].identities[0].name, "shop/ci");
    }

    #[test]
    fn another_secret_is_silent() {
        assert!(found(RULE, &secret("Opaque")).is_empty());
    }

    #[test]
    fn a_bootstrap_token_is_no_accounts() {
        assert!(found(RULE, &secret("bootstrap.kubernetes.io/token")).is_empty());
    }
}
