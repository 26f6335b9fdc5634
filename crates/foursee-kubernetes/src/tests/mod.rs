//! The layer as a whole: what it recognises and parses, the authorizer against a slow one, lowering and its contract.

mod answers;
mod authorizer;
mod cloud;
mod documents;
mod eks;
mod eks_joins;
mod footholds;
mod gateways;
mod kubehound;
mod lowering;
mod network;
mod node_secrets;

use crate::Kubernetes;
use crate::facts::Facts;
use foursee_core::document::{Document, Notes};
use foursee_core::layer::Layer;
use foursee_core::model::{DocId, ScopeId};
use std::sync::Arc;

/// A document of a test.
pub(crate) fn document(number: u32, text: &str) -> Document {
    Document {
        id: DocId(number),
        name: format!("{number}").into(),
        scope: ScopeId(0),
        kind: "",
        text: Arc::new(text.to_owned()),
    }
}

/// The sealed facts of some texts, and what parsing noted of each.
pub(crate) fn read(texts: &[&str]) -> (Facts, Vec<Notes>) {
    let mut all = Facts::default();
    let mut notes = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let mut noted = Notes::default();
        let part = Kubernetes.parse(&document(u32::try_from(number).unwrap(), text), &mut noted);
        Kubernetes.merge(&mut all, part);
        notes.push(noted);
    }
    Kubernetes.seal(&mut all, &[]);
    (all, notes)
}

/// The answer to a question.
pub(crate) fn decide(facts: &Facts, question: &str) -> serde_json::Value {
    let mut out = Vec::new();
    Kubernetes.decide(facts, question, &mut out).unwrap();
    assert!(!out.contains(&b'\n'));
    serde_json::from_slice(&out).unwrap()
}

/// Numbers that only look random.
pub(crate) struct Dice(pub u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    pub(crate) fn some<'a>(&mut self, from: &[&'a str], most: usize) -> Vec<&'a str> {
        (0..self.roll(most + 1) + usize::from(self.roll(4) > 0))
            .map(|_| self.pick(from))
            .collect()
    }
}
