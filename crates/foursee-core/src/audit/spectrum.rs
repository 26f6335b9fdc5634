//! Where each identity stands: on the rung of its widest effective grant.

use super::members::Members;
use crate::estate::Estate;
use crate::model::{NodeId, Rung};

/// Where the nodes stand, and the tightest that their grants could be.
pub(crate) struct Spectrum {
    standing: Vec<u8>,
    attainable: Vec<u8>,
}

const NONE: u8 = u8::MAX;

impl Spectrum {
    /// What is granted to a group, a grant node or a selector stands for each of its members.
    pub(crate) fn new(estate: &Estate, members: &Members) -> Self {
        let spread = |number: &dyn Fn(&crate::estate::Privilege) -> Rung| {
            let mut best = vec![NONE; estate.nodes.len()];
            for rung in Rung::ALL {
                let mut work: Vec<NodeId> = estate
                    .privileges
                    .iter()
                    .filter(|row| number(row) == rung)
                    .map(|row| row.holder)
                    .collect();
                while let Some(node) = work.pop() {
                    match best.get_mut(node.index()) {
                        Some(slot) if *slot == NONE => *slot = rung.number(),
                        _ => continue,
                    }
                    work.extend(members.of(node));
                }
            }
            best
        };
        Self {
            standing: spread(&|row| row.rung),
            attainable: spread(&|row| row.attainable),
        }
    }

    /// Where a node stands; none where nothing is granted to it.
    pub(crate) fn rung(&self, node: NodeId) -> Option<Rung> {
        Rung::from_number(*self.standing.get(node.index())?)
    }

    /// The tightest that its grants could be: as wide as the one that cannot be said more tightly.
    pub(crate) fn attainable(&self, node: NodeId) -> Option<Rung> {
        Rung::from_number(*self.attainable.get(node.index())?)
    }
}
