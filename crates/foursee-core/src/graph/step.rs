//! What an edge's technique does to a foothold.

use crate::estate::TechniqueRow;
use crate::model::{Foothold, Footholds};

/// Which foothold a technique needs, and which it gives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Step {
    needs: Foothold,
    gives: Foothold,
    /// It says that somebody is of a group: acting and querying pass on, and nothing else.
    member: bool,
}

impl Step {
    /// Of an edge whose technique is not known.
    pub(super) const UNKNOWN: Self = Self {
        needs: Foothold::Acts,
        gives: Foothold::Acts,
        member: false,
    };

    pub(super) fn of(row: &TechniqueRow) -> Self {
        Self {
            needs: row.needs,
            gives: row.gives,
            member: *row.id == *crate::link::MEMBER.id,
        }
    }

    /// The foothold that it gives to somebody who stands at that one, if it is open to them.
    pub(super) fn from(self, foothold: Foothold) -> Option<Foothold> {
        if self.member {
            [Foothold::Acts, Foothold::Queries]
                .into_iter()
                .find(|one| foothold.includes().has(*one))
        } else {
            foothold.includes().has(self.needs).then_some(self.gives)
        }
    }

    /// The footholds that it gives to somebody who has these, with all that they include.
    pub(super) fn forward(self, mask: u8) -> u8 {
        if self.member {
            mask & PASSING
        } else if mask & bit(self.needs) != 0 {
            self.gives.includes().0
        } else {
            0
        }
    }

    /// The footholds from which it leads to one of these, or to what includes it.
    pub(super) fn backward(self, mask: u8) -> u8 {
        if self.member {
            Footholds(mask & PASSING)
                .iter()
                .fold(0, |all, one| all | including(one))
        } else if mask & self.gives.includes().0 != 0 {
            including(self.needs)
        } else {
            0
        }
    }
}

/// What passes from a member to a group.
const PASSING: u8 = bit(Foothold::Acts) | bit(Foothold::Queries);

const fn bit(one: Foothold) -> u8 {
    1 << one as u8
}

/// The footholds that include that one.
fn including(one: Foothold) -> u8 {
    Foothold::ALL
        .into_iter()
        .filter(|other| other.includes().has(one))
        .fold(0, |mask, other| mask | bit(other))
}
