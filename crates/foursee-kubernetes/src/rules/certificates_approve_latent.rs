//! The rule `kubernetes-certificates-approve-latent`.

use super::common::causes;
use super::common::permission::held;
use crate::authorize::{Attributes, rule_allows};
use crate::facts::{Binding, Facts, PolicyRule};
use crate::reach::is_admin;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A role approves certificate requests, for a signer that nobody gave it.
    ///
    /// ## Why
    /// Admission asks `approve` on the signer beside the write of the approval, and refuses today. Whoever adds that
    /// half later may not know that the other is there.
    ///
    /// ## Evidence
    /// The entry, and the bindings of whose subjects none holds `approve` on any signer.
    ///
    /// ## Fix
    /// Take the right out, or add `approve` on the one signer that is meant.
    pub CertificatesApproveLatent: "kubernetes-certificates-approve-latent", Low, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

const GROUP: &str = "certificates.k8s.io";

fn approves(rule: &PolicyRule) -> bool {
    let literal = rule
        .resources
        .iter()
        .any(|one| &**one == "certificatesigningrequests/approval");
    literal
        && ["update", "patch"].iter().any(|verb| {
            let asked = Attributes::Resource {
                verb,
                group: GROUP,
                resource: "certificatesigningrequests",
                subresource: "approval",
                name: "",
                namespace: "",
            };
            rule_allows(rule, &asked)
        })
}

/// Whether a rule approves for some signer, whichever.
fn signs(rule: &PolicyRule) -> bool {
    let has = |all: &[Box<str>], one: &str| all.iter().any(|entry| **entry == *one || &**entry == "*");
    has(&rule.verbs, "approve") && has(&rule.groups, GROUP) && has(&rule.resources, "signers")
}

impl Rule<Facts> for CertificatesApproveLatent {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let latent = |binding: &Binding| {
            binding.subjects.iter().all(|subject| {
                let rules = held(facts, subject, &binding.meta.namespace);
                !rules.iter().any(|rule| signs(rule))
            })
        };
        let found = causes(facts, |rule, binding| {
            binding.meta.namespace.is_empty() && !is_admin(rule) && approves(rule) && latent(binding)
        });
        for cause in found.iter().filter(|cause| !cause.role.shipped) {
            for finding in cause.findings(&Self::META, "approves certificate requests of no signer yet") {
                out.push(finding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-certificates-approve-latent";
    const HALF: &str = "{verbs: [update], apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests/approval]}";

    #[test]
    fn half_of_it_fires() {
        assert_eq!(causes(RULE, &role_and_binding(HALF, "")).len(), 1);
    }

    #[test]
    fn with_a_signer_it_is_silent_and_in_a_namespace_it_is_dead() {
        let signer = "{verbs: [approve], apiGroups: [certificates.k8s.io], resources: [signers], resourceNames: [example.com/*]}";
        assert!(causes(RULE, &role_and_binding(&format!("{HALF}, {signer}"), "")).is_empty());
        assert!(causes(RULE, &role_and_binding(HALF, "shop")).is_empty());
    }

    #[test]
    fn the_write_of_requests_is_another_right() {
        let twin = HALF.replace("/approval", "/status");
        assert!(causes(RULE, &role_and_binding(&twin, "")).is_empty());
    }
}
