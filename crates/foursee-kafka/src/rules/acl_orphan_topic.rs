//! The rule `kafka-acl-orphan-topic`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use crate::parse::legal_topic;
use foursee_core::model::{Rung, Severity};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL is for a topic that does not exist.
    ///
    /// ## Why
    /// A right that waits: whoever creates the name next, by mistake or by intent, gets its readers and writers
    /// with it. Such ACLs are left behind when topics are deleted.
    ///
    /// ## Evidence
    /// The ALLOW, and the list of topics that does not hold its name.
    ///
    /// ## Fix
    /// Remove the ACL, if the topic is not about to be created.
    pub AclOrphanTopic: "kafka-acl-orphan-topic", Low, needs ["acls", "topics"]
}

impl Rule<Facts> for AclOrphanTopic {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        if !facts.topics_listed {
            return;
        }
        for one in given(facts) {
            let acl = one.acl;
            let creates = acl.operation == Operation::Create;
            if acl.kind != ResourceType::Topic || facts.wild(acl) || creates || !legal_topic(facts.word(acl.name)) {
                continue;
            }
            let name = facts.word(acl.name);
            if facts.has_topic(acl.pattern, name) || !facts.listed_whole(acl.kind, acl.pattern, name) {
                continue;
            }
            let severity = if one.gives(Operation::Write) { Severity::Medium } else { Severity::Low };
            let title = format!("{} is for a topic that does not exist", facts.binding(acl));
            out.push(about(&Self::META, facts, acl).severity(severity).title(title).on_rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-orphan-topic";

    #[test]
    fn a_topic_that_is_gone_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC gone", "User:b ALLOW WRITE TOPIC old.*"])), ("topics.txt", "__consumer_offsets\norders\n")]), ["ACL ALLOW READ on TOPIC gone for User:a from any host", "ACL ALLOW WRITE on TOPIC old.* (prefixed) for User:b from any host"]);
    }

    #[test]
    fn topics_that_exist_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders", "User:b ALLOW WRITE TOPIC ord*"])), ("topics.txt", "__consumer_offsets\norders\n")]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW CREATE TOPIC new", "User:b ALLOW READ GROUP gone", "User:c DENY READ TOPIC gone"])), ("topics.txt", "__consumer_offsets\norders\n")]).is_empty());
    }

    #[test]
    fn what_the_reader_may_not_see_is_not_called_gone() {
        let list = r#"{"clusterId":"c","readBy":"User:r","topics":[]}"#;
        let broker = "super.users=User:s\nauthorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n";
        let with = |own: &str| causes(RULE, &[("acls.json", &*acls(&[own, "User:a ALLOW READ TOPIC gone"])), ("list.json", list), ("server.properties", broker)]).iter().filter(|cause| cause.contains("gone")).count();
        assert_eq!(with("User:r ALLOW DESCRIBE TOPIC other"), 0);
        assert_eq!(with("User:r ALLOW DESCRIBE TOPIC *"), 1);
    }
}
