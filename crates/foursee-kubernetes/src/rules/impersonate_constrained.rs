//! The rule `kubernetes-impersonate-constrained`.

use super::common::causes;
use super::common::permission::held;
use crate::data::versions::CONSTRAINED_IMPERSONATION;
use crate::facts::{Facts, PolicyRule};
use crate::reach::is_admin;
use crate::version;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A role impersonates by the constrained verbs, for some requests.
    ///
    /// ## Why
    /// From 1.36 on by default, `impersonate:user-info`, `impersonate:serviceaccount`, `impersonate:arbitrary-node`
    /// and `impersonate:associated-node` let somebody act as another, for the verbs and resources of the
    /// `impersonate-on:...` rights that they hold beside it. Rules that look for `impersonate` do not see these.
    ///
    /// ## Evidence
    /// The entry, and the bindings whose subjects hold the other half of the same mode in the same place.
    ///
    /// ## Fix
    /// Name whom it may impersonate in `resourceNames`, and keep the `impersonate-on:` verbs to reads.
    pub ImpersonateConstrained: "kubernetes-impersonate-constrained", Medium, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

const GROUP: &str = "authentication.k8s.io";

/// The modes that a rule names.
fn modes(rule: &PolicyRule) -> Vec<&str> {
    let speaks = rule.groups.iter().any(|group| matches!(&**group, GROUP | "*"));
    rule.verbs
        .iter()
        .filter(|_| speaks && !rule.resources.is_empty())
        .filter_map(|verb| verb.strip_prefix("impersonate:"))
        .collect()
}

impl Rule<Facts> for ImpersonateConstrained {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        if !version::may(see.facts, &CONSTRAINED_IMPERSONATION) {
            return;
        }
        let found = causes(see.facts, |rule, binding| {
            let modes = modes(rule);
            !is_admin(rule)
                && !modes.is_empty()
                && binding.subjects.iter().any(|subject| {
                    let rules = held(see.facts, subject, &binding.meta.namespace);
                    rules.iter().flat_map(|rule| &rule.verbs).any(|verb| {
                        verb.strip_prefix("impersonate-on:")
                            .and_then(|rest| rest.split_once(':'))
                            .is_some_and(|(mode, _)| modes.contains(&mode))
                    })
                })
        });
        for cause in found {
            let says = format!(
                "impersonates by {}, for some requests",
                modes(cause.rule).join(", ")
            );
            for finding in cause.findings(&Self::META, &says) {
                out.push(finding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-impersonate-constrained";
    const WHO: &str =
        "{verbs: ['impersonate:user-info'], apiGroups: [authentication.k8s.io], resources: [users]}";

    fn on(mode: &str) -> String {
        format!("{{verbs: ['impersonate-on:{mode}:get'], apiGroups: [''], resources: [pods]}}")
    }

    #[test]
    fn both_halves_fire() {
        let all = format!("{WHO}, {}", on("user-info"));
        assert_eq!(causes(RULE, &role_and_binding(&all, "")).len(), 1);
    }

    #[test]
    fn one_half_is_silent() {
        assert!(causes(RULE, &role_and_binding(WHO, "")).is_empty());
        assert!(causes(RULE, &role_and_binding(&on("user-info"), "")).is_empty());
    }

    #[test]
    fn the_halves_of_two_modes_do_not_fit() {
        let all = format!("{WHO}, {}", on("serviceaccount"));
        assert!(causes(RULE, &role_and_binding(&all, "")).is_empty());
    }
}
