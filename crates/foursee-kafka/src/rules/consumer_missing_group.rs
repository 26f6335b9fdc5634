//! The rule `kafka-consumer-missing-group`.

use crate::facts::{EVERYBODY, Facts, Operation, ResourceType};
use super::{Given, given};
use std::collections::BTreeMap;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may read topics, and no consumer group.
    ///
    /// ## Why
    /// A consumer that commits its position needs READ on its group as well. Without it the client fails, or
    /// somebody gives it more than it needs in a hurry; a client that takes partitions by itself does without.
    ///
    /// ## Evidence
    /// The ALLOW that gives READ on the topic.
    ///
    /// ## Fix
    /// Allow READ on the one group that it uses; or remove READ on the topic, where nobody consumes.
    pub ConsumerMissingGroup: "kafka-consumer-missing-group", Info, needs ["acls"]
}

impl Rule<Facts> for ConsumerMissingGroup {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut readers: BTreeMap<&str, Given<'_>> = BTreeMap::new();
        for one in given(facts) {
            if one.acl.kind == ResourceType::Topic && one.gives(Operation::Read) {
                readers.entry(facts.word(one.acl.principal)).or_insert(one);
            }
        }
        for (principal, one) in readers {
            if principal == EVERYBODY || facts.reads_a_group(principal) {
                continue;
            }
            out.push(
                Finding::new(&Self::META, format!("groups of {principal}"), one.acl.place, facts.binding(one.acl))
                    .title(format!("{principal} may read topics, and no consumer group"))
                    .identity("principal", principal),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-consumer-missing-group";

    #[test]
    fn a_reader_without_group_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a ALLOW DESCRIBE GROUP g"]))]), ["groups of User:a"]);
    }

    #[test]
    fn a_reader_with_a_group_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a ALLOW READ GROUP g*"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW WRITE TOPIC t", "User:b ALLOW READ TOPIC t", "User:* ALLOW READ GROUP *", "User:c ALLOW READ TOPIC t", "User:c ALLOW READ GROUP h from 10.0.0.1"]))]).is_empty());
    }
}
