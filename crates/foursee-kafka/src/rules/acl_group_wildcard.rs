//! The rule `kafka-acl-group-wildcard`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may join every consumer group.
    ///
    /// ## Why
    /// READ on every group joins other programs' groups: it takes partitions from them, and commits positions
    /// for them, so that they skip or repeat records.
    ///
    /// ## Evidence
    /// The ALLOW that gives the right.
    ///
    /// ## Fix
    /// Allow READ on the one group, or on the prefix that the principal's groups begin with.
    pub AclGroupWildcard: "kafka-acl-group-wildcard", Medium, needs ["acls"]
}

impl Rule<Facts> for AclGroupWildcard {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::Group || !matches!(one.acl.operation, Operation::Read | Operation::All) || !facts.wild(one.acl) {
                continue;
            }
            let (principal, resource) = (facts.word(one.acl.principal), facts.resource(one.acl));
            out.push(about(&Self::META, facts, one.acl).title(format!("{principal} may join every consumer group ({resource})")).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-group-wildcard";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ GROUP *"]))]), ["ACL ALLOW READ on GROUP * for User:a from any host"]);
    }

    #[test]
    fn other_rights_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ GROUP app", "User:b ALLOW READ GROUP app-*"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE GROUP *", "User:b ALLOW READ TOPIC *", "User:c DENY READ GROUP *"]))]).is_empty());
    }
}
