//! The rule `aws-trust-any-principal`.

use super::pins;
use crate::facts::Facts;
use crate::policy::{Clause, Context, Effect, Principal, Tri};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Severity};
use std::collections::BTreeSet;

foursee_core::rule! {
    /// A role's trust lets everyone in.
    ///
    /// ## Why
    /// `*` in a trust is every account of AWS, not every identity of this one. Whoever has an account of their own, and
    /// one is free, assumes the role. A condition on an external id alone is a shared secret, not a name.
    ///
    /// ## Evidence
    /// The trust statement.
    ///
    /// ## Fix
    /// Name the accounts or roles that are to assume it, or ask for aws:PrincipalOrgID.
    pub TrustAnyPrincipal: "aws-trust-any-principal", Critical, needs ["gaad"]
}

impl Rule<Facts> for TrustAnyPrincipal {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for role in &see.facts.roles {
            for statement in role
                .trust
                .statements
                .iter()
                .filter(|one| one.effect == Effect::Allow)
            {
                let everyone = statement.principals.as_ref().is_some_and(|all| {
                    all.not || all.list.iter().any(|one| matches!(one, Principal::Everyone))
                });
                let pinned = statement.conditions.iter().any(pins);
                let nobody = statement
                    .conditions
                    .iter()
                    .any(|one| one.holds(&Context::default(), &mut BTreeSet::new()) == Tri::No);
                if !everyone || pinned || nobody || !statement.actions.matches("sts:assumerole") {
                    continue;
                }
                let conditions: Vec<String> = statement.conditions.iter().map(Clause::to_string).collect();
                let conditional = !conditions.is_empty() || !statement.flaws.is_empty();
                let cause = format!("trust of {}: {}", role.arn, statement.label());
                let says = if conditional {
                    format!("Principal `*` under {}", conditions.join(" and "))
                } else {
                    "Principal `*`".to_owned()
                };
                out.push(
                    Finding::new(&Self::META, cause, statement.place, says)
                        .certainty(if conditional {
                            Certainty::Conditional
                        } else {
                            Certainty::Certain
                        })
                        .severity(if conditional {
                            Severity::High
                        } else {
                            Severity::Critical
                        })
                        .identity("role", &role.arn),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{LAMBDA, LIST, found, role};

    const RULE: &str = "aws-trust-any-principal";

    #[test]
    fn a_star_fires_in_both_spellings() {
        for principal in [
            r#""*""#,
            r#"{"AWS":"*"}"#,
            r#"{"AWS":["arn:aws:iam::111122223333:root","*"]}"#,
        ] {
            let trust = format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#);
            assert_eq!(
                found(RULE, &[("gaad.json", &role(&trust, LIST))]).len(),
                1,
                "{principal}"
            );
        }
    }

    #[test]
    fn an_external_id_alone_still_fires() {
        let trust = r#"{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}"#;
        assert_eq!(found(RULE, &[("gaad.json", &role(trust, LIST))]).len(), 1);
    }

    #[test]
    fn a_service_is_silent() {
        assert!(found(RULE, &[("gaad.json", &role(LAMBDA, LIST))]).is_empty());
    }

    #[test]
    fn the_twins_that_name_who_are_silent() {
        for trust in [
            r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole"}"#,
            r#"{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-example"}}}"#,
            r#"{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}"#,
        ] {
            assert!(
                found(RULE, &[("gaad.json", &role(trust, LIST))]).is_empty(),
                "{trust}"
            );
        }
    }
}
