//! The rule `kafka-acl-topic-delete`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may delete topics.
    ///
    /// ## Why
    /// DELETE removes topics and records for good. A program that reads or writes does not need it.
    ///
    /// ## Evidence
    /// The ALLOW that gives the right.
    ///
    /// ## Fix
    /// Leave DELETE to whoever administers the topics.
    pub AclTopicDelete: "kafka-acl-topic-delete", Medium, needs ["acls"]
}

impl Rule<Facts> for AclTopicDelete {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::Topic || !matches!(one.acl.operation, Operation::Delete | Operation::All) || one.acl.operation == Operation::All {
                continue;
            }
            let (principal, resource) = (facts.word(one.acl.principal), facts.resource(one.acl));
            out.push(about(&Self::META, facts, one.acl).title(format!("{principal} may delete {resource}")).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-topic-delete";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DELETE TOPIC t"]))]), ["ACL ALLOW DELETE on TOPIC t for User:a from any host"]);
    }

    #[test]
    fn other_rights_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a ALLOW WRITE TOPIC t"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY DELETE TOPIC t", "User:b ALLOW ALL TOPIC u", "User:c ALLOW DELETE GROUP g"]))]).is_empty());
    }
}
