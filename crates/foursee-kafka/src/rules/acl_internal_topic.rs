//! The rule `kafka-acl-internal-topic`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL reaches a topic that the platform keeps its own state in.
    ///
    /// ## Why
    /// `__consumer_offsets` and `__transaction_state` hold everybody's positions and transactions, Connect's
    /// topics the secrets of its connectors, `_schemas` every schema. Who writes them changes what others read;
    /// who reads them learns what others hide.
    ///
    /// ## Evidence
    /// The ALLOW that covers the topic.
    ///
    /// ## Fix
    /// Leave these topics to the program that owns them; narrow the prefix so that it does not cover them.
    pub AclInternalTopic: "kafka-acl-internal-topic", High, needs ["acls"]
}

impl Rule<Facts> for AclInternalTopic {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let known = ["__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata", "_schemas"];
        for one in given(facts) {
            // Every name at once is told by another rule.
            if one.acl.kind != ResourceType::Topic || facts.wild(one.acl) {
                continue;
            }
            let touches = |name: &str| {
                [Operation::Read, Operation::Write, Operation::AlterConfigs].iter().any(|op| one.gives_over(*op, name))
            };
            let there = facts.topics.iter().map(|topic| facts.word(topic.name)).filter(|name| internal(name));
            let own = Some(facts.word(one.acl.name)).filter(|name| internal(name));
            let mut names: Vec<&str> = known.into_iter().chain(there).chain(own).filter(|name| touches(name)).collect();
            names.sort_unstable();
            names.dedup();
            if names.is_empty() {
                continue;
            }
            let operation = one.acl.operation.as_str(&facts.words);
            let title = format!("{} has {operation} on {}", facts.word(one.acl.principal), names.join(", "));
            out.push(about(&Self::META, facts, one.acl).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

/// Whether a topic is one in which a platform or a framework keeps its own state.
fn internal(name: &str) -> bool {
    matches!(name, "_schemas" | "connect-configs" | "connect-offsets" | "connect-status")
        || name.starts_with("__")
        || name.starts_with("_confluent")
        || name.ends_with("-changelog")
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-internal-topic";

    #[test]
    fn an_internal_topic_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC __consumer_offsets", "User:b ALLOW WRITE TOPIC _*"]))]), ["ACL ALLOW READ on TOPIC __consumer_offsets for User:a from any host", "ACL ALLOW WRITE on TOPIC _* (prefixed) for User:b from any host"]);
    }

    #[test]
    fn others_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE TOPIC __consumer_offsets", "User:b ALLOW READ GROUP __consumer_offsets", "User:c ALLOW READ TOPIC consumer_offsets"]))]).is_empty());
    }
}
