//! What container engines say about who may do what, exactly what it means, and what is wrong with it. No network client.
//!
//! Read are `docker inspect` of containers, images and volumes (lists, objects, one a line), `docker info` as JSON, daemon.json,
//! and the same of Podman. Nothing is run inside a container, and no escape is ever tried.

pub mod authorize;
pub mod data;
pub mod facts;
mod ladder;
mod lower;
pub mod parse;
pub mod rules;
pub mod techniques;

pub use lower::{CONTAINER, HOST, HOST_PATH, IMAGE};

use facts::Facts;
use foursee_core::document::{Document, Head, Notes};
use foursee_core::estate::Lowering;
use foursee_core::layer::{Asked, Claim, DocumentKind, Holds, Hop, Layer, QuestionError, Rule, Who};
use foursee_core::model::Ladder;

/// The layer of container engines: Docker and Podman.
#[derive(Clone, Copy, Default, Debug)]
pub struct Container;

impl Layer for Container {
    type Facts = Facts;

    fn id(&self) -> &'static str {
        "container"
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
        authorize::questions::may(facts, who.kind, who.name, action, resource)
    }

    fn decide(&self, facts: &Facts, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError> {
        authorize::questions::decide(facts, question, answer)
    }

    fn rules(&self) -> Vec<Box<dyn Rule<Facts>>> {
        rules::all()
    }

    fn ladder(&self) -> Ladder {
        ladder::LADDER
    }

    fn kinds(&self) -> &'static [DocumentKind] {
        &[
            DocumentKind {
                name: "containers",
                made_by: "docker inspect $(docker ps -aq)",
            },
            DocumentKind {
                name: "images",
                made_by: "docker image inspect $(docker images -q)",
            },
            DocumentKind {
                name: "volumes",
                made_by: "docker volume inspect $(docker volume ls -q)",
            },
            DocumentKind {
                name: "info",
                made_by: "docker info --format '{{json .}}'",
            },
            DocumentKind {
                name: "daemon",
                made_by: "cat /etc/docker/daemon.json",
            },
        ]
    }
}

#[cfg(test)]
mod tests;
