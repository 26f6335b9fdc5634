//! Reach: all positions that can be got to from some, or from which some can be got to.

use super::{Graph, Position};
use crate::estate::Estate;
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
        let mut search = Search::new(self, &starts);
        while let Some((vertex, mask)) = search.next() {
            for (_, edge) in self.statements(estate, vertex) {
                if edge.certainty > worst {
                    break;
                }
                search.add(edge.to.0, self.step(edge).forward(mask));
            }
            for (head, _) in self.spreads.of(vertex) {
                search.add(head, mask);
            }
            self.implied(vertex, true, |head| search.add(head, mask));
        }
        search.reach(self)
    }

    /// Every position from which one of the nodes can be got to, at whatever foothold.
    #[must_use]
    pub fn reached_from(&self, goals: &[NodeId], worst: Certainty) -> Reach {
        let goals: Vec<(u32, u8)> = goals.iter().map(|goal| (goal.0, 0b1_1111)).collect();
        let mut search = Search::new(self, &goals);
        while let Some((vertex, mask)) = search.next() {
            for (tail, class) in self.backward.of(vertex) {
                let step = usize::from(class)
                    .checked_sub(1)
                    .and_then(|at| self.classes.get(at));
                match step {
                    None => search.add(tail, mask),
                    Some((certainty, _)) if *certainty > worst => break,
                    Some((_, step)) => search.add(tail, step.backward(mask)),
                }
            }
            self.implied(vertex, false, |tail| search.add(tail, mask));
        }
        search.reach(self)
    }
}

/// The footholds known so far, by vertex, and the vertices of which more became known.
struct Search {
    seen: Vec<u8>,
    work: Vec<u32>,
}

impl Search {
    fn new(graph: &Graph, starts: &[(u32, u8)]) -> Self {
        let mut search = Self {
            seen: vec![0u8; 5 * graph.nodes as usize + graph.sources.len()],
            work: Vec::new(),
        };
        for (vertex, mask) in starts {
            search.add(*vertex, *mask);
        }
        search
    }

    fn add(&mut self, vertex: u32, mask: u8) {
        if let Some(slot) = self.seen.get_mut(vertex as usize)
            && *slot | mask != *slot
        {
            *slot |= mask;
            self.work.push(vertex);
        }
    }

    fn next(&mut self) -> Option<(u32, u8)> {
        let vertex = self.work.pop()?;
        Some((vertex, self.seen.get(vertex as usize).copied().unwrap_or(0)))
    }

    fn reach(mut self, graph: &Graph) -> Reach {
        self.seen.truncate(graph.nodes as usize);
        Reach(self.seen)
    }
}
