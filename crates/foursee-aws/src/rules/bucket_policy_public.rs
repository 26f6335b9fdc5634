//! The rule `aws-bucket-policy-public`.

use super::pins;
use crate::authorize::{Caller, Decision, Layers, Request, authorize};
use crate::data;
use crate::facts::Facts;
use crate::policy::{ActionPattern, Clause, Context, Effect, Principal, Statement};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Rung, Severity, Verb};

foursee_core::rule! {
    /// A bucket's policy lets everyone in.
    ///
    /// ## Why
    /// Whoever knows or guesses the bucket's name reads, or changes, what is in it, without an account. Unless Block
    /// Public Access is on for the bucket or the account, which the policy does not show.
    ///
    /// ## Evidence
    /// The statement that allows `*` without a condition that fixes accounts, organisations, networks or sources.
    ///
    /// ## Fix
    /// Name the accounts or roles, or ask for aws:PrincipalOrgID or a fixed network; serve what is to be public through
    /// a distribution that the policy names. Turn on Block Public Access.
    pub BucketPolicyPublic: "aws-bucket-policy-public", High, needs ["bucket-policy"]
}

impl Rule<Facts> for BucketPolicyPublic {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for bucket in &see.facts.buckets {
            let Some(policy) = &bucket.policy else { continue };
            for statement in policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
                let everyone = statement.principals.as_ref().is_some_and(|all| {
                    all.not || all.list.iter().any(|one| matches!(one, Principal::Everyone))
                });
                if !everyone || statement.conditions.iter().any(pins) {
                    continue;
                }
                let Some(decision) = anonymous(see.facts, statement, &bucket.name) else {
                    continue;
                };
                let changes = statement.actions.not
                    || statement.actions.list.iter().any(|one| {
                        one.all()
                            || one.whole_service().is_some()
                            || !matches!(data::verb(one.text()), Verb::Read | Verb::List)
                    });
                let name = if statement.sid.is_empty() {
                    statement.label()
                } else {
                    format!("statement {}", statement.sid)
                };
                let conditions: Vec<String> = statement.conditions.iter().map(Clause::to_string).collect();
                let says = if conditions.is_empty() {
                    "Principal `*`".to_owned()
                } else {
                    format!("Principal `*` under {}", conditions.join(" and "))
                };
                let arn = format!("{}{}", see.facts.s3(), bucket.name);
                out.push(
                    Finding::new(
                        &Self::META,
                        format!("{name} in the policy of bucket {}", bucket.name),
                        statement.place,
                        says,
                    )
                    .severity(if changes {
                        Severity::Critical
                    } else {
                        Severity::High
                    })
                    .certainty(if decision == Decision::Allowed {
                        Certainty::Certain
                    } else {
                        Certainty::Conditional
                    })
                    .on_rung(Rung::Broad, Rung::Narrow)
                    .resource("bucket", &arn),
                );
            }
        }
    }
}

/// What an anonymous caller gets by the policy as a whole, denies and all; none where nothing.
fn anonymous(facts: &Facts, statement: &Statement, bucket: &str) -> Option<Decision> {
    let object = format!("{}{bucket}/object", facts.s3());
    let named = statement
        .resources
        .iter()
        .flat_map(|all| &all.list)
        .map(|one| one.text().replace('*', "object").replace('?', "o"));
    let resources: Vec<String> = named.chain([object, format!("{}{bucket}", facts.s3())]).collect();
    let mut actions: Vec<String> = statement
        .actions
        .list
        .iter()
        .map(ActionPattern::text)
        .filter(|one| !one.contains(['*', '?']))
        .map(str::to_owned)
        .collect();
    actions.extend(["s3:GetObject", "s3:PutObject", "s3:ListBucket"].map(str::to_owned));
    let mut best = None;
    for action in actions
        .iter()
        .filter(|action| statement.actions.matches(&action.to_ascii_lowercase()))
    {
        for resource in &resources {
            let mut layers = Layers::default();
            facts.add_resource(action, resource, &mut layers);
            let context = Context::default();
            let request = Request {
                caller: &Caller::Anonymous,
                action,
                resource,
                owner: facts.account(),
                context: &context,
            };
            match authorize(&request, &layers).decision {
                Decision::Allowed => return Some(Decision::Allowed),
                Decision::Possible => best = Some(Decision::Possible),
                Decision::ExplicitDeny | Decision::ImplicitDeny => {}
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::found;

    const RULE: &str = "aws-bucket-policy-public";

    fn policy(statements: &str) -> String {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        serde_json::to_string(&std::collections::BTreeMap::from([("Policy", text)])).unwrap()
    }

    const PUBLIC: &str = r#"{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;

    #[test]
    fn a_star_fires_and_writing_is_worse() {
        let all = found(RULE, &[("b.json", &policy(PUBLIC))]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].cause, "statement Open in the policy of bucket b");
        let write = PUBLIC.replace("s3:GetObject", "s3:*");
        assert_eq!(
            found(RULE, &[("b.json", &policy(&write))])[0].severity,
            foursee_core::model::Severity::Critical
        );
    }

    #[test]
    fn a_named_role_is_silent() {
        let one = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;
        assert!(found(RULE, &[("b.json", &policy(one))]).is_empty());
    }

    #[test]
    fn the_twins_that_are_pinned_or_denied_are_silent() {
        let pinned = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}"#;
        let denied = format!(
            r#"{PUBLIC},{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}}"#
        );
        for statements in [pinned, &denied] {
            assert!(
                found(RULE, &[("b.json", &policy(statements))]).is_empty(),
                "{statements}"
            );
        }
    }

    #[test]
    fn the_twin_over_a_network_of_everyone_fires() {
        let wide = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}}"#;
        assert_eq!(found(RULE, &[("b.json", &policy(wide))]).len(), 1);
    }
}
