//! The rule `aws-pass-role-any`.

use super::{cause, sites};
use crate::facts::Facts;
use crate::policy::{ActionPattern, ResourcePattern};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Rung};

foursee_core::rule! {
    /// A policy lets every role be passed to every service.
    ///
    /// ## Why
    /// Whoever may pass a role to a service in which it may launch something runs code as that role. Where every role
    /// may be passed, that is the account's most powerful role that trusts such a service.
    ///
    /// ## Evidence
    /// The statement that allows iam:PassRole on every role, without the condition iam:PassedToService.
    ///
    /// ## Fix
    /// Name the roles that are to be passed, or the path that they stand under, and the service in the condition
    /// iam:PassedToService.
    pub PassRoleAny: "aws-pass-role-any", High, needs ["gaad"]
}

impl Rule<Facts> for PassRoleAny {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for site in sites(see.facts) {
            let statement = site.statement;
            // Every action at once is another rule's cause.
            let everything = statement.actions.not || statement.actions.list.iter().any(ActionPattern::all);
            if everything || !statement.actions.matches("iam:passrole") {
                continue;
            }
            let any = statement
                .resources
                .as_ref()
                .is_some_and(|all| !all.not && all.list.iter().any(every_role));
            let named = statement.conditions.iter().any(|clause| {
                !clause.negated && !clause.if_exists && clause.key.eq_ignore_ascii_case("iam:PassedToService")
            });
            if !any || named {
                continue;
            }
            let certainty = if statement.conditions.is_empty() {
                Certainty::Certain
            } else {
                Certainty::Conditional
            };
            let mut finding = Finding::new(
                &Self::META,
                cause(&site),
                statement.place,
                "iam:PassRole on every role",
            )
            .certainty(certainty)
            .rung(Rung::Broad, Rung::Narrow);
            for holder in &site.holders {
                finding = finding.identity(holder.kind(), holder.arn());
            }
            out.push(finding);
        }
    }
}

fn every_role(pattern: &ResourcePattern) -> bool {
    let (text, _) = pattern.loose();
    let rest = text.splitn(6, ':').nth(5).unwrap_or_default();
    pattern.all() || (text.contains(":iam:") && matches!(rest, "*" | "role/*" | "role*"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{LAMBDA, LIST, found, role};

    const RULE: &str = "aws-pass-role-any";

    #[test]
    fn every_role_fires() {
        for resource in ["*", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/*"] {
            let policy = format!(
                r#"{{"Effect":"Allow","Action":["ec2:RunInstances","iam:Pass*"],"Resource":"{resource}"}}"#
            );
            assert_eq!(
                found(RULE, &[("gaad.json", &role(LAMBDA, &policy))]).len(),
                1,
                "{resource}"
            );
        }
    }

    #[test]
    fn nothing_passed_is_silent() {
        assert!(found(RULE, &[("gaad.json", &role(LAMBDA, LIST))]).is_empty());
    }

    #[test]
    fn the_twins_that_name_role_or_service_are_silent() {
        let named = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/lambda/*"}"#;
        let service = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}"#;
        for policy in [named, service] {
            assert!(
                found(RULE, &[("gaad.json", &role(LAMBDA, policy))]).is_empty(),
                "{policy}"
            );
        }
    }
}
