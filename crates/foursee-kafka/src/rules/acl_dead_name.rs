//! The rule `kafka-acl-dead-name`.

use super::about;
use crate::facts::{CLUSTER_NAME, Facts, PatternType, ResourceType};
use crate::parse::legal_topic;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL names what cannot exist.
    ///
    /// ## Why
    /// A topic's name has at most 249 characters of `a-z A-Z 0-9 . _ -`; the cluster's name is kafka-cluster.
    /// Brokers store other names and never ask for them.
    ///
    /// ## Evidence
    /// The ACL with that name.
    ///
    /// ## Fix
    /// Correct the name, or remove the ACL.
    pub AclDeadName: "kafka-acl-dead-name", Low, needs ["acls"]
}

impl Rule<Facts> for AclDeadName {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for acl in &facts.acls {
            let name = facts.word(acl.name);
            let dead = match (acl.kind, acl.pattern) {
                _ if facts.wild(acl) => false,
                // A star is told by another rule.
                (ResourceType::Topic, PatternType::Literal) => !legal_topic(name) && !name.contains('*'),
                (ResourceType::Topic, PatternType::Prefixed) => {
                    !legal_topic(name) && !name.contains('*') && !matches!(name, "." | "..")
                }
                (ResourceType::Cluster, PatternType::Literal) => name != CLUSTER_NAME,
                (ResourceType::Cluster, PatternType::Prefixed) => !CLUSTER_NAME.starts_with(name),
                _ => false,
            };
            if dead {
                let title = format!("{} is for a name that cannot exist", facts.binding(acl));
                out.push(about(&Self::META, facts, acl).title(title));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-dead-name";

    #[test]
    fn impossible_names_fire() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC my/topic", "User:a ALLOW ALTER CLUSTER prod"]))]), ["ACL ALLOW ALTER on CLUSTER prod for User:a from any host", "ACL ALLOW READ on TOPIC my/topic for User:a from any host"]);
    }

    #[test]
    fn possible_names_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC my-topic_1.x", "User:a ALLOW ALTER CLUSTER kafka-cluster"]))]).is_empty());
    }

    #[test]
    fn its_twin_of_another_type_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ GROUP my/group", "User:a ALLOW ALTER CLUSTER kafka*"]))]).is_empty());
    }
}
