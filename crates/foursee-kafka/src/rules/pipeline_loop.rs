//! The rule `kafka-pipeline-loop`.

use super::{about, given};
use crate::authorize::Outcome;
use crate::facts::{EVERYBODY, Facts, Operation, ResourceType};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Rung;
use std::collections::{BTreeMap, BTreeSet};

foursee_core::rule! {
    /// A principal reads all that another's pipeline reads, and may write what that pipeline keeps for itself.
    ///
    /// ## Why
    /// Kafka Streams keeps an application's state in topics that begin with its id and end in `-changelog` or
    /// `-repartition`, and trusts what stands in them. Whoever writes there, and knows the inputs, makes the
    /// application compute what he likes, and its own restarts carry it on: a loop that no input explains.
    ///
    /// ## Evidence
    /// The ALLOW that gives WRITE on the internal topic; the application's group, in which the principal has no READ,
    /// and whose topics it may read.
    ///
    /// ## Fix
    /// Allow WRITE on the application's internal topics to its own principal alone.
    pub PipelineLoop: "kafka-pipeline-loop", Medium, needs ["acls", "topics", "groups"]
}

/// How the names of an application's own topics end.
const INTERNAL: [&str; 2] = ["-changelog", "-repartition"];

impl Rule<Facts> for PipelineLoop {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut inputs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in facts.groups.iter().filter(|row| !facts.word(row.topic).is_empty()) {
            inputs.entry(facts.word(row.group)).or_default().insert(facts.word(row.topic));
        }
        let internal: Vec<(&str, &str)> = facts
            .topics
            .iter()
            .map(|topic| facts.word(topic.name))
            .filter(|name| INTERNAL.iter().any(|end| name.ends_with(end)))
            .filter_map(|name| Some((name, application(name, &inputs)?)))
            .collect();
        for one in given(facts).filter(|one| one.acl.kind == ResourceType::Topic) {
            let name = facts.word(one.acl.principal);
            if name == EVERYBODY || facts.is_super(name) {
                continue;
            }
            let may = |operation, kind, resource: &str| facts.outcome(name, operation, kind, resource) != Outcome::Never;
            let fed = internal.iter().find(|(topic, group)| {
                // What it keeps for itself is an input of every such application, too.
                let read = inputs.get(group).into_iter().flatten().filter(|input| !own(input, group));
                one.gives_over(Operation::Write, topic)
                    && !may(Operation::Read, ResourceType::Group, group)
                    && read.clone().next().is_some()
                    && read.clone().all(|input| may(Operation::Read, ResourceType::Topic, input))
            });
            if let Some((topic, group)) = fed {
                let title = format!("{name} may write {topic}, which {group} keeps for itself, and read all that {group} reads");
                out.push(about(&Self::META, facts, one.acl).title(title).on_rung(one.rung, Rung::Narrow));
            }
        }
    }
}

/// The application whose topic it is: the longest group that it begins with.
fn application<'f>(topic: &str, groups: &BTreeMap<&'f str, BTreeSet<&'f str>>) -> Option<&'f str> {
    groups.keys().copied().filter(|group| own(topic, group)).max_by_key(|group| group.len())
}

fn own(topic: &str, group: &str) -> bool {
    let rest = topic.strip_prefix(group).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some() && INTERNAL.iter().any(|end| topic.ends_with(end))
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-pipeline-loop";
    const TOPICS: &str = "__consumer_offsets\ncount-store-changelog\norders\n";
    const GROUPS: &str = "GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID\ncount orders 0 1 1 0 - - -\ncount count-by-key-repartition 0 1 1 0 - - -\n";

    fn with(lines: &[&str]) -> Vec<String> {
        causes(RULE, &[("acls.json", &*acls(lines)), ("topics.txt", TOPICS), ("groups.txt", GROUPS)])
    }

    #[test]
    fn a_stranger_who_writes_the_state_and_reads_the_inputs_fires() {
        assert_eq!(with(&["User:x ALLOW WRITE TOPIC count-*", "User:x ALLOW READ TOPIC orders"]), ["ACL ALLOW WRITE on TOPIC count-* (prefixed) for User:x from any host"]);
    }

    #[test]
    fn the_application_itself_is_silent() {
        assert!(with(&["User:count ALLOW ALL TOPIC count-*", "User:count ALLOW READ TOPIC orders", "User:count ALLOW READ GROUP count"]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(with(&["User:x ALLOW WRITE TOPIC count-*"]).is_empty());
        assert!(with(&["User:x ALLOW READ TOPIC count-*", "User:x ALLOW READ TOPIC orders"]).is_empty());
        assert!(with(&["User:x ALLOW WRITE TOPIC other-changelog", "User:x ALLOW READ TOPIC orders"]).is_empty());
    }
}
