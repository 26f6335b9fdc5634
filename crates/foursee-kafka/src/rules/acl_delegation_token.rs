//! The rule `kafka-acl-delegation-token`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may see a delegation token.
    ///
    /// ## Why
    /// DESCRIBE on a DELEGATION_TOKEN shows the token's owner, renewers and lifetime to somebody who is
    /// neither.
    ///
    /// ## Evidence
    /// The ALLOW that gives the right.
    ///
    /// ## Fix
    /// Remove the ACL: owners and renewers need none.
    pub AclDelegationToken: "kafka-acl-delegation-token", Low, needs ["acls"]
}

impl Rule<Facts> for AclDelegationToken {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::DelegationToken || !matches!(one.acl.operation, Operation::Describe | Operation::All) {
                continue;
            }
            let (principal, resource) = (facts.word(one.acl.principal), facts.resource(one.acl));
            out.push(about(&Self::META, facts, one.acl).title(format!("{principal} may see {resource}")).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-delegation-token";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:b ALLOW DESCRIBE DELEGATION_TOKEN tok1"]))]), ["ACL ALLOW DESCRIBE on DELEGATION_TOKEN tok1 for User:b from any host"]);
    }

    #[test]
    fn other_rights_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:b ALLOW DESCRIBE TOPIC tok1"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:b DENY DESCRIBE DELEGATION_TOKEN tok1", "User:c ALLOW WRITE DELEGATION_TOKEN literal:tok2", "User:c DENY DESCRIBE DELEGATION_TOKEN tok2"]))]).is_empty());
    }
}
