//! The rule `kafka-acl-describe-tokens`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may see another's delegation tokens.
    ///
    /// ## Why
    /// DESCRIBE_TOKENS on a USER resource shows the tokens of that user: ids, renewers and lifetimes. Everybody
    /// sees their own without any ACL.
    ///
    /// ## Evidence
    /// The ALLOW that gives the right.
    ///
    /// ## Fix
    /// Remove the ACL, where nobody administers the user's tokens.
    pub AclDescribeTokens: "kafka-acl-describe-tokens", Low, needs ["acls"]
}

impl Rule<Facts> for AclDescribeTokens {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::User || !matches!(one.acl.operation, Operation::DescribeTokens | Operation::All) || one.acl.operation == Operation::All || one.acl.name == one.acl.principal {
                continue;
            }
            let (principal, resource) = (facts.word(one.acl.principal), facts.resource(one.acl));
            out.push(about(&Self::META, facts, one.acl).title(format!("{principal} may see the tokens of {resource}")).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-describe-tokens";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:b ALLOW DESCRIBE_TOKENS USER User:a"]))]), ["ACL ALLOW DESCRIBE_TOKENS on USER User:a for User:b from any host"]);
    }

    #[test]
    fn other_rights_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:b ALLOW CREATE_TOKENS USER User:a"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE_TOKENS USER User:a", "User:b DENY DESCRIBE_TOKENS USER User:a"]))]).is_empty());
    }
}
