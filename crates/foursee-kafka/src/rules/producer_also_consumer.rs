//! The rule `kafka-producer-also-consumer`.

use super::{Given, about, given};
use crate::facts::{Acl, EVERYBODY, Facts, Operation, PatternType, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may write a topic that it reads.
    ///
    /// ## Why
    /// A consumer that may also write its own input can forge what it and the topic's other readers act on, and
    /// hide what it did among the producers' messages. Where producer and consumer are two programs, nobody
    /// needs both. A stream processor or mirror that reads and writes one topic is the exception.
    ///
    /// ## Evidence
    /// The ALLOW that gives WRITE, and the one that gives READ on the same names.
    ///
    /// ## Fix
    /// Remove WRITE from the consumer, or READ from the producer; where one program does both, give each task
    /// its own principal.
    pub ProducerAlsoConsumer: "kafka-producer-also-consumer", Low, needs ["acls"]
}

impl Rule<Facts> for ProducerAlsoConsumer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for writer in given(facts).filter(|one| one.acl.kind == ResourceType::Topic && one.gives(Operation::Write)) {
            let principal = facts.word(writer.acl.principal);
            if principal == EVERYBODY || facts.is_super(principal) {
                continue;
            }
            let mut meeting = facts.meeting(writer.acl.principal, writer.acl);
            meeting.sort_unstable_by_key(|at| (facts.acls.get(*at).map(|acl| acl.operation), *at));
            let reader = meeting.into_iter().filter_map(|at| Given::of(facts, at)).find(|reader| {
                reader.gives(Operation::Read)
                    && (facts.overlap(writer.acl, reader.acl).is_some() || facts.overlap(reader.acl, writer.acl).is_some())
                    && meet(facts, &writer, reader)
            });
            let Some(reader) = reader else { continue };
            let title = format!("{principal} may write {}, which it may read", facts.resource(writer.acl));
            let mut finding = about(&Self::META, facts, writer.acl).title(title).on_rung(writer.rung, Rung::Narrow);
            if reader.at != writer.at {
                finding = finding.evidence(reader.acl.place, facts.binding(reader.acl));
            }
            out.push(finding);
        }
    }
}

/// Whether some name is left to both: names that one of the two ACLs names, or a topic that there is.
fn meet(facts: &Facts, writer: &Given<'_>, reader: &Given<'_>) -> bool {
    let both = |name: &str| writer.gives_over(Operation::Write, name) && reader.gives_over(Operation::Read, name);
    let named = |acl: &Acl| match facts.wild(acl) {
        // Whatever comes: any name that no exception takes.
        true => both("topic\u{0}"),
        false if acl.pattern == PatternType::Prefixed => both(&format!("{}\u{0}", facts.word(acl.name))),
        false => both(facts.word(acl.name)),
    };
    named(writer.acl) || named(reader.acl) || facts.topics.iter().any(|topic| both(facts.word(topic.name)))
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-producer-also-consumer";

    #[test]
    fn a_consumer_that_may_write_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:worker ALLOW READ TOPIC uploads", "User:worker ALLOW WRITE TOPIC uploads", "User:web ALLOW WRITE TOPIC uploads"]))]), ["ACL ALLOW WRITE on TOPIC uploads for User:worker from any host"]);
    }

    #[test]
    fn a_prefix_that_covers_the_input_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:worker ALLOW READ TOPIC uploads", "User:worker ALLOW WRITE TOPIC up*"]))]), ["ACL ALLOW WRITE on TOPIC up* (prefixed) for User:worker from any host"]);
    }

    #[test]
    fn input_and_output_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:worker ALLOW READ TOPIC uploads", "User:worker ALLOW WRITE TOPIC results"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:web ALLOW WRITE TOPIC uploads", "User:worker ALLOW READ TOPIC uploads", "User:x ALLOW READ TOPIC a", "User:x ALLOW WRITE TOPIC a", "User:x DENY WRITE TOPIC a", "User:y ALLOW READ TOPIC b", "User:y ALLOW WRITE TOPIC b*", "User:y DENY WRITE TOPIC b", "User:z ALLOW READ GROUP c", "User:z ALLOW WRITE TRANSACTIONAL_ID c"]))]).is_empty());
    }
}
