//! Steps: what a technique makes of footholds, worked out once for every set of them.

use crate::estate::TechniqueRow;
use crate::model::{Foothold, Footholds};

/// One technique, seen from both of its ends. Sets of footholds are bits by number.
pub(super) struct Step {
    /// What each foothold is answered with, if the technique is open to it.
    gives: [Option<Foothold>; 5],
    /// What each set of footholds leads to, with all that it includes.
    onward: [u8; 32],
    /// From what each set of footholds can be got to.
    back: [u8; 32],
}

impl Step {
    pub(super) fn new(row: &TechniqueRow) -> Self {
        let member = *row.id == *crate::link::MEMBER.id;
        let gives = Foothold::ALL.map(|at| {
            if member {
                as_member(at)
            } else {
                at.includes().has(row.needs).then_some(row.gives)
            }
        });
        // Sets hold all that their footholds include, so what is given is given to each of them alone.
        let ways = || Foothold::ALL.into_iter().zip(gives);
        let (mut onward, mut back) = ([0; 32], [0; 32]);
        for ((set, onward), back) in (0u8..).zip(&mut onward).zip(&mut back) {
            for (at, gives) in ways() {
                let Some(gives) = gives else { continue };
                if Footholds(set).has(at) {
                    *onward |= gives.includes().0;
                }
                if set & gives.includes().0 != 0 {
                    *back |= 1 << at as u8;
                }
            }
        }
        Self { gives, onward, back }
    }

    /// The foothold that it gives to somebody who stands at that one, if it is open to them.
    pub(super) fn gives(&self, at: Foothold) -> Option<Foothold> {
        self.gives.get(at as usize).copied().flatten()
    }

    /// The footholds that it leads to from a set, or from which it leads into the set.
    pub(super) fn spread(&self, set: u8, forward: bool) -> u8 {
        let table = if forward { &self.onward } else { &self.back };
        table.get(usize::from(set)).copied().unwrap_or(0)
    }
}

/// What somebody who stands at that foothold has of a group's or grant's: to act as it, or to query as it.
fn as_member(at: Foothold) -> Option<Foothold> {
    [Foothold::Acts, Foothold::Queries]
        .into_iter()
        .find(|one| at.includes().has(*one))
}
