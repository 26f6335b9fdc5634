//! Reach: all positions that can be got to from some, or from which some can be got to.

use super::{Graph, Position};
use crate::estate::{Edge, Estate};
use crate::model::{Certainty, Footholds, NodeId};

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
        let mut seen = vec![0u8; self.vertices()];
        let mut work: Vec<u32> = Vec::new();
        let add = |seen: &mut [u8], work: &mut Vec<u32>, vertex: u32, mask: u8| {
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
            let mut along = |edge: &Edge| {
                if edge.certainty > worst {
                    return;
                }
                let next = self.step(edge).map_or(0, |step| step.spread(mask, forward));
                let end = if forward { edge.to.0 } else { self.tail(edge) };
                add(&mut seen, &mut work, end, next);
            };
            if forward {
                let leaving = self.leaving(vertex);
                let edges = estate.edges.get(leaving.start as usize..leaving.end as usize);
                edges.unwrap_or_default().iter().for_each(&mut along);
            } else {
                let entering = self.backward.of(vertex).iter();
                entering
                    .filter_map(|number| estate.edges.get(*number as usize))
                    .for_each(&mut along);
            }
            self.implied(vertex, forward, |head| add(&mut seen, &mut work, head, mask));
        }
        seen.truncate(self.nodes as usize);
        Reach(seen)
    }
}
