//! Reach: all positions that can be got to from some, or from which some can be got to.

use super::{Graph, NO_EDGE, Position};
use crate::estate::{Edge, Estate};
use crate::model::{Certainty, Foothold, Footholds, NodeId};

/// The footholds reached, by node.
#[derive(Clone, Debug, Default)]
pub struct Reach(Vec<u8>);

impl Reach {
    /// The footholds reached in a node.
    #[must_use]
    pub fn of(&self, node: NodeId) -> Footholds {
        Footholds(self.0.get(node.index()).copied().unwrap_or(0))
    }

    /// The nodes reached, in the order of ids.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let ids = 0u32..;
        ids.zip(&self.0)
            .filter(|(_, mask)| **mask != 0)
            .map(|(id, _)| NodeId(id))
    }
}

/// What is known of a step along an edge.
pub(super) fn step(estate: &Estate, edge: &Edge) -> (Foothold, Foothold, bool) {
    let row = estate.technique(edge.technique);
    let member = row.is_some_and(|row| *row.id == *crate::link::MEMBER.id);
    row.map_or((Foothold::Acts, Foothold::Acts, false), |row| {
        (row.needs, row.gives, member)
    })
}

/// What somebody who stands at that foothold has of a group's or grant's: to act as it, or to query as it.
pub(super) fn as_member(at: Foothold) -> Option<Foothold> {
    [Foothold::Acts, Foothold::Queries]
        .into_iter()
        .find(|one| at.includes().has(*one))
}

/// The footholds from which that one is included.
fn including(one: Foothold) -> u8 {
    Foothold::ALL
        .into_iter()
        .filter(|other| other.includes().has(one))
        .fold(0, |mask, other| mask | 1 << other as u8)
}

impl Graph {
    /// Everything that can be got to from the starts, by edges no less certain than `worst`. Edges that must be asked
    /// about count as possible, so only a reach over certain edges is exact.
    #[must_use]
    pub fn reach(&self, estate: &Estate, starts: &[Position], worst: Certainty) -> Reach {
        let starts: Vec<(u32, u8)> = starts
            .iter()
            .map(|start| (start.node.0, start.foothold.includes().0))
            .collect();
        self.spread(estate, &starts, worst, true)
    }

    /// Every position from which one of the nodes can be got to, at whatever foothold.
    #[must_use]
    pub fn reached_from(&self, estate: &Estate, goals: &[NodeId], worst: Certainty) -> Reach {
        let goals: Vec<(u32, u8)> = goals.iter().map(|goal| (goal.0, 0b1_1111)).collect();
        self.spread(estate, &goals, worst, false)
    }

    fn spread(&self, estate: &Estate, starts: &[(u32, u8)], worst: Certainty, forward: bool) -> Reach {
        let table = if forward { &self.forward } else { &self.backward };
        let mut seen = vec![0u8; 5 * self.nodes as usize + self.sources.len()];
        let mut work: Vec<u32> = Vec::new();
        let add = |seen: &mut Vec<u8>, work: &mut Vec<u32>, vertex: u32, mask: u8| {
            if let Some(slot) = seen.get_mut(vertex as usize)
                && *slot | mask != *slot
            {
                *slot |= mask;
                work.push(vertex);
            }
        };
        for (vertex, mask) in starts {
            add(&mut seen, &mut work, *vertex, *mask);
        }
        while let Some(vertex) = work.pop() {
            let mask = seen.get(vertex as usize).copied().unwrap_or(0);
            for (head, number) in table.of(vertex) {
                if *number == NO_EDGE {
                    add(&mut seen, &mut work, *head, mask);
                    continue;
                }
                let Some(edge) = estate.edges.get(*number as usize) else {
                    continue;
                };
                if edge.certainty > worst {
                    break;
                }
                let (needs, gives, member) = step(estate, edge);
                let passes = mask & (1 << Foothold::Acts as u8 | 1 << Foothold::Queries as u8);
                let next = match (member, forward) {
                    (true, true) => passes,
                    (true, false) => Footholds(passes).iter().fold(0, |all, one| all | including(one)),
                    (false, true) if mask & (1 << needs as u8) != 0 => gives.includes().0,
                    (false, false) if mask & gives.includes().0 != 0 => including(needs),
                    _ => 0,
                };
                if next != 0 {
                    add(&mut seen, &mut work, *head, next);
                }
            }
            self.implied(vertex, forward, |head| add(&mut seen, &mut work, head, mask));
        }
        seen.truncate(self.nodes as usize);
        Reach(seen)
    }
}
