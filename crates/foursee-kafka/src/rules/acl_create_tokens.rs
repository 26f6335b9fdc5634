//! The rule `kafka-acl-create-tokens`.

use super::{about, given};
use crate::facts::{Facts, Operation, PatternType, ResourceType};
use crate::lower::tokens;
use foursee_core::model::{Rung, Severity};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may make out another's delegation token.
    ///
    /// ## Why
    /// A delegation token acts as its owner, with the owner's ACLs, and as a super user where the owner is one.
    /// CREATE_TOKENS on a USER resource makes out tokens of that user.
    ///
    /// ## Evidence
    /// The ALLOW on the USER resource.
    ///
    /// ## Fix
    /// Remove the ACL: everybody may make out tokens of their own without any.
    pub AclCreateTokens: "kafka-acl-create-tokens", High, needs ["acls"]
}

impl Rule<Facts> for AclCreateTokens {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::User || !one.gives(Operation::CreateTokens) {
                continue;
            }
            let (name, principal) = (facts.word(one.acl.name), facts.word(one.acl.principal));
            if one.acl.pattern == PatternType::Literal && name == principal {
                continue;
            }
            let over_super = facts.super_users().iter().any(|(name, _)| one.gives_over(Operation::CreateTokens, name));
            let (severity, whose) = match (tokens(facts), over_super) {
                (None, _) => (Severity::Low, "; tokens are off as long as delegation.token.secret.key is not set"),
                (_, true) => (Severity::Critical, ", a super user's among them"),
                _ => (Severity::High, ""),
            };
            let title = format!("{principal} may make out tokens of {}{whose}", facts.resource(one.acl));
            out.push(about(&Self::META, facts, one.acl).severity(severity).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes, found};

    const RULE: &str = "kafka-acl-create-tokens";

    #[test]
    fn anothers_tokens_fire() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:b ALLOW CREATE_TOKENS USER User:a"]))]), ["ACL ALLOW CREATE_TOKENS on USER User:a for User:b from any host"]);
    }

    #[test]
    fn no_tokens_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:b ALLOW DESCRIBE_TOKENS USER User:a"]))]).is_empty());
    }

    #[test]
    fn its_twin_for_oneself_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW CREATE_TOKENS USER User:a"]))]).is_empty());
    }

    #[test]
    fn a_super_users_token_is_critical_where_tokens_are_on() {
        let list = acls(&["User:b ALLOW CREATE_TOKENS USER *"]);
        let severity = |broker: &str| found(RULE, &[("acls.json", &*list), ("server.properties", broker)])[0].severity.as_str();
        assert_eq!(severity("super.users=User:admin\ndelegation.token.secret.key=x\n"), "critical");
        assert_eq!(severity("super.users=User:admin\n"), "low");
    }
}
