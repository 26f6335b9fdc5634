//! What PostgreSQL says about who may do what, exactly what it means, and what is wrong with it.
//!
//! It reads the JSON documents that `sql/capture.sql` ([`CAPTURE`]) prints, one for each database of a cluster.
//! [`authorize`] answers as `has_*_privilege` and `pg_has_role` of 13 to 18 do; lowering writes grants and memberships
//! down as statements. pg_hba.conf beside them says who is let in, and how. There is
//! no client here, and no SQL parser.
//!
//! The rooms, in the order in which data walks through them: `parse`, [`facts`], [`authorize`], `lower`,
//! [`techniques`], `rules`.

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

use facts::Facts;
use foursee_core::document::{Document, Head, Notes};
use foursee_core::estate::Lowering;
use foursee_core::layer::{Asked, Claim, DocumentKind, Holds, Hop, Layer, QuestionError, Rule, Who};
use foursee_core::model::Ladder;

/// The layer's name.
pub const ID: &str = "postgres";

/// The script that makes a document: run it with psql in each database.
pub const CAPTURE: &str = include_str!("../sql/capture.sql");

/// The PostgreSQL layer.
#[derive(Clone, Copy, Default, Debug)]
pub struct Postgres;

impl Layer for Postgres {
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
        authorize::may(facts, who, action, resource)
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
