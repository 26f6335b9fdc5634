//! What Kafka says about who may do what, exactly what it means, and what is wrong with it.
//!
//! It reads lists of ACLs (`kafka-acls --list` of every version, and JSON), brokers' server.properties, and listings
//! of topics, groups and the cluster's id. [`authorize`] decides as Kafka's own `StandardAuthorizer` does; lowering writes
//! the ACLs down as statements after denies. There is no network client here, and no other authorizer than Kafka's.
//!
//! The rooms, in the order in which data walks through them: `parse`, [`facts`], [`authorize`], `lower`,
//! [`techniques`], `rules`; [`usage`] folds the authorizer's log.

pub mod authorize;
pub mod facts;
mod ladder;
mod lower;
mod parse;
mod rules;
pub mod techniques;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod usage;

use facts::Facts;
use foursee_core::document::{Document, Head, Notes};
use foursee_core::estate::Lowering;
use foursee_core::layer::{Asked, Claim, DocumentKind, Holds, Hop, Layer, QuestionError, Rule, Who};
use foursee_core::model::Ladder;

/// The layer's name.
pub const ID: &str = "kafka";

/// The Kafka layer.
#[derive(Clone, Copy, Default, Debug)]
pub struct Kafka;

impl Layer for Kafka {
    type Facts = Facts;

    fn id(&self) -> &'static str {
        ID
    }

    fn recognise(&self, head: &Head<'_>) -> Option<Claim> {
        parse::recognise(head)
    }

    fn parse(&self, document: &Document, notes: &mut Notes) -> Facts {
        parse::parse(document, notes)
    }

    fn merge(&self, into: &mut Facts, part: Facts) {
        into.merge(part);
    }

    fn observe(&self, line: &str, facts: &mut Facts) -> Result<(), &'static str> {
        usage::observe(line, facts)
    }

    fn seal(&self, facts: &mut Facts, _texts: &[Document]) {
        facts.seal();
    }

    fn lower(&self, facts: &Facts, out: &mut Lowering<'_>) {
        lower::lower(facts, out);
    }

    fn holds(&self, facts: &Facts, hop: &Hop<'_>) -> Holds {
        lower::confirm::holds(facts, hop)
    }

    fn concerns(&self, action: &str, asked: &Asked<'_>) -> bool {
        foursee_core::layer::acts(action, asked.action)
    }

    fn may(&self, facts: &Facts, who: &Who<'_>, action: &str, resource: &str) -> Holds {
        if who.kind == lower::STRANGER.name {
            return Holds::No("without a login it does nothing but connect".to_owned());
        }
        let principal = if who.kind == lower::EVERYONE.name {
            ""
        } else {
            who.name
        };
        authorize::may(facts, principal, action, resource)
    }

    fn spell(&self, kind: &str, name: &str) -> String {
        // A topic and a group may have one name; a principal's has its type in it.
        if kind == lower::PRINCIPAL.name {
            name.to_owned()
        } else {
            format!("{kind}:{name}")
        }
    }

    fn decide(&self, facts: &Facts, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError> {
        authorize::decide(facts, question, answer)
    }

    fn rules(&self) -> Vec<Box<dyn Rule<Facts>>> {
        rules::all()
    }

    fn ladder(&self) -> Ladder {
        ladder::LADDER
    }

    fn kinds(&self) -> &'static [DocumentKind] {
        parse::KINDS
    }
}
