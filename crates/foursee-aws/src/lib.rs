//! What AWS IAM says about who may do what, exactly what it means, and what is wrong with it. No network client.
//!
//! Reads what the AWS CLI prints: account authorization details, the credential report, organisation policies and
//! bucket policies. One scope is one account.
//!
//! - [`policy`]: a policy document, compiled.
//! - [`authorize`]: may this caller do this action to this resource, and which layers say so.
//! - [`facts`]: the tables of one account.
//! - [`data`]: what is known of actions, and what a policy cannot say.
//! - [`techniques`]: the ways by which one identity uses, becomes or empowers another.
//!
//! Deliberately absent: a network client (foursee-collect-aws), ACLs of S3 objects, KMS grants, session tags that are
//! not stated, and every service's own rules beyond IAM, STS, S3 and KMS.

pub mod authorize;
pub mod data;
pub mod facts;
mod ladder;
mod lower;
mod parse;
pub mod policy;
mod rules;
pub mod techniques;

pub use facts::Facts;

use foursee_core::document::{Document, Head, Notes};
use foursee_core::estate::Lowering;
use foursee_core::layer::{Asked, Claim, DocumentKind, Granted, Holds, Hop, Layer, QuestionError, Rule, Who};
use foursee_core::model::Ladder;

/// The layer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Aws;

impl Layer for Aws {
    type Facts = Facts;

    fn id(&self) -> &'static str {
        "aws"
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
        lower::holds(facts, hop)
    }

    fn concerns(&self, action: &str, asked: &Asked<'_>) -> bool {
        foursee_core::layer::acts(action, asked.action)
    }

    fn may(&self, facts: &Facts, who: &Who<'_>, action: &str, resource: &str) -> Holds {
        lower::may(facts, who, action, resource)
    }

    fn covers(&self, row: &Granted<'_>, asked: &Asked<'_>) -> bool {
        // What is over a `resource` is over any kind: the statement does not say which.
        let kind =
            asked.kinds.is_empty() || asked.kinds.contains(&row.kind) || row.kind == lower::RESOURCE.name;
        kind && row.acts(asked.action) && row.holds(asked.resource)
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

    fn names_are_global(&self) -> bool {
        true
    }

    fn kinds(&self) -> &'static [DocumentKind] {
        &parse::KINDS
    }
}
