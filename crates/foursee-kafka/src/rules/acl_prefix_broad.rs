//! The rule `kafka-acl-prefix-broad`.

use super::{about, given};
use crate::facts::{Facts, PatternType, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A prefix covers more than a team's names.
    ///
    /// ## Why
    /// A PREFIXED name of one or two characters, or one that covers half of all topics, is a wildcard by
    /// another name: it covers what others create tomorrow.
    ///
    /// ## Evidence
    /// The ALLOW with the prefix.
    ///
    /// ## Fix
    /// Use the prefix that the team owns, with its separator: `orders.`
    pub AclPrefixBroad: "kafka-acl-prefix-broad", Medium, needs ["acls"]
}

impl Rule<Facts> for AclPrefixBroad {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let topics: Vec<&str> = facts.topics.iter().map(|topic| facts.word(topic.name)).filter(|name| !name.starts_with("__")).collect();
        for one in given(facts) {
            let acl = one.acl;
            if acl.pattern != PatternType::Prefixed || acl.kind == ResourceType::Cluster {
                continue;
            }
            let name = facts.word(acl.name);
            // `User:` is the type, and no part of the name.
            let own = if acl.kind == ResourceType::User { name.strip_prefix("User:").unwrap_or(name) } else { name };
            let covered = topics.iter().filter(|topic| topic.starts_with(name)).count();
            let half = acl.kind == ResourceType::Topic && topics.len() >= 10 && covered * 2 >= topics.len();
            let title = if own.chars().count() <= 2 {
                format!("The prefix {name} is too short to be anybody's own")
            } else if half {
                format!("The prefix {name} covers half of all topics or more")
            } else {
                continue;
            };
            out.push(about(&Self::META, facts, acl).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes, found};

    const RULE: &str = "kafka-acl-prefix-broad";

    #[test]
    fn a_short_prefix_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC o*"]))]), ["ACL ALLOW READ on TOPIC o* (prefixed) for User:a from any host"]);
    }

    #[test]
    fn a_teams_prefix_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders.*"]))]).is_empty());
    }

    #[test]
    fn its_twin_as_a_name_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC o", "User:b DENY READ TOPIC o*"]))]).is_empty());
    }

    #[test]
    fn half_of_all_topics_fires() {
        let topics = format!("__consumer_offsets\n{}", (0..10).map(|at| format!("shop.t{at}\n")).collect::<String>());
        assert_eq!(found(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC shop.*"])), ("topics.txt", &topics)]).len(), 1);
    }
}
