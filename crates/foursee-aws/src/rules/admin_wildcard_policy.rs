//! The rule `aws-admin-wildcard-policy`.

use super::{bounded, cause, sites};
use crate::facts::Facts;
use crate::lower::rung_of;
use crate::policy::{ActionPattern, ResourcePattern};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Rung};

foursee_core::rule! {
    /// A policy allows every action on every resource.
    ///
    /// ## Why
    /// Whoever holds it is an administrator of the account: every other limit is one call away from being lifted.
    /// Where nothing but people with a second factor is meant to have that, a workload or an old role that has it
    /// too is the shortest way through the account.
    ///
    /// ## Evidence
    /// The statement, and where its policy is attached. Holders whose permissions boundary does not allow everything
    /// are left out.
    ///
    /// ## Fix
    /// Name the actions and resources that the holders use; service last accessed data says which services. Keep
    /// administration in one role that people assume with a second factor.
    pub AdminWildcardPolicy: "aws-admin-wildcard-policy", High, needs ["gaad"]
}

impl Rule<Facts> for AdminWildcardPolicy {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for site in sites(see.facts) {
            let statement = site.statement;
            let everything = !statement.actions.not
                && statement.actions.list.iter().any(ActionPattern::all)
                && statement
                    .resources
                    .as_ref()
                    .is_some_and(|all| !all.not && all.list.iter().any(ResourcePattern::all));
            let holders: Vec<_> = site
                .holders
                .iter()
                .filter(|holder| !bounded(see.facts, holder))
                .collect();
            if !everything || holders.is_empty() || rung_of(statement) != Rung::Unbounded {
                continue;
            }
            let certainty = if statement.conditions.is_empty() && statement.flaws.is_empty() {
                Certainty::Certain
            } else {
                Certainty::Conditional
            };
            let mut finding = Finding::new(
                &Self::META,
                cause(&site),
                statement.place,
                "Action `*` on Resource `*`",
            )
            .certainty(certainty)
            .rung(Rung::Unbounded, Rung::Narrow);
            for place in &site.attached {
                finding = finding.evidence(*place, "attached here");
            }
            for holder in holders {
                finding = finding.identity(holder.kind(), holder.arn());
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{LAMBDA, LIST, found, role};

    const RULE: &str = "aws-admin-wildcard-policy";

    #[test]
    fn everything_fires_with_its_holder() {
        let text = role(
            LAMBDA,
            r#"{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}"#,
        );
        let all = found(RULE, &[("gaad.json", &text)]);
        assert_eq!(all.len(), 1);
        assert_eq!(
            all[0].cause,
            "statement All in inline policy own of arn:aws:iam::111122223333:role/app"
        );
        assert_eq!(&*all[0].identities[0].name, "arn:aws:iam::111122223333:role/app");
    }

    #[test]
    fn listing_a_bucket_is_silent() {
        assert!(found(RULE, &[("gaad.json", &role(LAMBDA, LIST))]).is_empty());
    }

    #[test]
    fn the_twin_that_denies_everything_is_silent() {
        let text = role(LAMBDA, r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#);
        assert!(found(RULE, &[("gaad.json", &text)]).is_empty());
    }

    #[test]
    fn the_twin_in_many_words_fires() {
        let text = role(
            LAMBDA,
            r#"{"Effect":"Allow","Action":["s3:Get*","*:*"],"Resource":["arn:aws:s3:::b","*"]}"#,
        );
        assert_eq!(found(RULE, &[("gaad.json", &text)]).len(), 1);
    }
}
