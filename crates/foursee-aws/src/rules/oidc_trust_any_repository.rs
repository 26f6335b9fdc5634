//! The rule `aws-oidc-trust-any-repository`.

use crate::facts::Facts;
use crate::lower::claims::{Claims, issuer_of};
use crate::policy::{Effect, Principal};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Pattern};

foursee_core::rule! {
    /// A role trusts every tenant of a public token issuer.
    ///
    /// ## Why
    /// Anybody may sign up at github.com, gitlab.com and the like and have tokens made out by the issuer that the role
    /// trusts. If the trust does not ask for the organisation or project, each of them may become the role: no
    /// account, no key and no insider is needed.
    ///
    /// ## Evidence
    /// The trust statement, and what it asks of the token's subject. A pattern such as `repo:acme*` is open as well:
    /// anybody may found an organisation called acme-2.
    ///
    /// ## Fix
    /// Ask with StringEquals for the subject of the one repository and branch or environment that is meant, as in
    /// `repo:ORGANISATION/REPOSITORY:ref:refs/heads/main`, and for the audience `sts.amazonaws.com`.
    pub OidcTrustAnyRepository: "aws-oidc-trust-any-repository", Critical, needs ["gaad"]
}

impl Rule<Facts> for OidcTrustAnyRepository {
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
                if !statement.actions.matches("sts:assumerolewithwebidentity") {
                    continue;
                }
                for principal in statement.principals.iter().flat_map(|all| &all.list) {
                    let Principal::Federated(provider) = principal else {
                        continue;
                    };
                    let claims = Claims::of(statement, issuer_of(provider));
                    let Some(public) = claims.anybody() else { continue };
                    let asked = if claims.asks_subject {
                        let subjects = claims.subjects.iter().map(Pattern::to_string).collect::<Vec<_>>();
                        format!("its subject may be {}", subjects.join(" or "))
                    } else {
                        "nothing is asked of its subject".to_owned()
                    };
                    let cause = format!("trust of {} in {}: {asked}", role.arn, claims.issuer);
                    let certainty = if claims.others.is_empty() {
                        Certainty::Certain
                    } else {
                        Certainty::Conditional
                    };
                    out.push(
                        Finding::new(&Self::META, cause, statement.place, asked.clone())
                            .title(format!(
                                "Anyone on {} may become the role {}: {asked}",
                                public.site, role.name
                            ))
                            .certainty(certainty)
                            .identity("role", &role.arn),
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{LIST, found, role};

    const RULE: &str = "aws-oidc-trust-any-repository";

    fn trust(condition: &str) -> String {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}},
            "Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}"#
        );
        role(&statement, LIST)
    }

    #[test]
    fn a_missing_or_open_subject_fires() {
        for condition in [
            r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#,
            r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*"}}"#,
            r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"*"}}"#,
            r#"{"StringLike":{"Token.Actions.GithubUserContent.com:SUB":["repo:acme/app:*","repo:acme*"]}}"#,
        ] {
            assert_eq!(
                found(RULE, &[("gaad.json", &trust(condition))]).len(),
                1,
                "{condition}"
            );
        }
    }

    #[test]
    fn a_service_is_silent() {
        assert!(found(RULE, &[("gaad.json", &role(crate::rules::testing::LAMBDA, LIST))]).is_empty());
    }

    #[test]
    fn the_twins_that_name_the_tenant_are_silent() {
        for condition in [
            r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}"#,
            r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:acme/app:ref:refs/heads/main"}}"#,
            r#"{"StringEquals":{"token.actions.githubusercontent.com:repository_owner_id":"12345"}}"#,
            // A star is a letter here: nobody has that subject.
            r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:*"}}"#,
        ] {
            assert!(
                found(RULE, &[("gaad.json", &trust(condition))]).is_empty(),
                "{condition}"
            );
        }
    }

    #[test]
    fn the_twin_of_a_private_issuer_is_silent() {
        let statement = r#"{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/X"},"Action":"sts:AssumeRoleWithWebIdentity"}"#;
        assert!(found(RULE, &[("gaad.json", &role(statement, LIST))]).is_empty());
    }
}
