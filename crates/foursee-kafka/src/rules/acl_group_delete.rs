//! The rule `kafka-acl-group-delete`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may delete consumer groups.
    ///
    /// ## Why
    /// DELETE on a group removes its positions, or some of them: its consumers begin again from one end.
    ///
    /// ## Evidence
    /// The ALLOW that gives the right.
    ///
    /// ## Fix
    /// Leave DELETE to whoever administers the group.
    pub AclGroupDelete: "kafka-acl-group-delete", Medium, needs ["acls"]
}

impl Rule<Facts> for AclGroupDelete {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::Group || !matches!(one.acl.operation, Operation::Delete | Operation::All) || one.acl.operation == Operation::All {
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

    const RULE: &str = "kafka-acl-group-delete";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DELETE GROUP g"]))]), ["ACL ALLOW DELETE on GROUP g for User:a from any host"]);
    }

    #[test]
    fn other_rights_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ GROUP g"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY DELETE GROUP g", "User:b ALLOW DELETE TOPIC g", "User:c ALLOW ALL GROUP h"]))]).is_empty());
    }
}
