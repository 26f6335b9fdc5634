//! The rule `kafka-acl-topic-alter-configs`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may alter topics' configuration.
    ///
    /// ## Why
    /// retention.ms=0 deletes what a topic holds, and other settings stop its writers: ALTER_CONFIGS is
    /// administration, which a program that reads or writes does not need.
    ///
    /// ## Evidence
    /// The ALLOW that gives the right.
    ///
    /// ## Fix
    /// Leave ALTER_CONFIGS to whoever administers the topics.
    pub AclTopicAlterConfigs: "kafka-acl-topic-alter-configs", Medium, needs ["acls"]
}

impl Rule<Facts> for AclTopicAlterConfigs {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::Topic || !matches!(one.acl.operation, Operation::AlterConfigs | Operation::All) || one.acl.operation == Operation::All {
                continue;
            }
            let (principal, resource) = (facts.word(one.acl.principal), facts.resource(one.acl));
            out.push(about(&Self::META, facts, one.acl).title(format!("{principal} may alter the configuration of {resource}")).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-topic-alter-configs";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALTER_CONFIGS TOPIC t"]))]), ["ACL ALLOW ALTER_CONFIGS on TOPIC t for User:a from any host"]);
    }

    #[test]
    fn other_rights_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a ALLOW WRITE TOPIC t"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY ALTER_CONFIGS TOPIC t", "User:b ALLOW ALL TOPIC u", "User:c ALLOW ALTER_CONFIGS GROUP g"]))]).is_empty());
    }
}
