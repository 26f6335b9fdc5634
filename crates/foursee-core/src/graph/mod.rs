//! The graph: compressed adjacency over the finished estate, reach and path.
//!
//! INVARIANT (ids): every vertex and edge number in this folder comes from the estate that the graph was built of.
//! Selectors cost no membership edges: a range of ids is at most 2 log2(n) nodes of an implicit tree over the ids,
//! whose positions never leave this folder.

mod csr;
mod path;
mod reach;
#[cfg(test)]
mod tests;

pub use path::{Confirm, Path, PathHop};
pub use reach::Reach;

use crate::estate::{Edge, Estate};
use crate::model::{Foothold, NodeId};
use csr::Csr;
use hashbrown::HashMap;

/// A node and where in it somebody stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// The node.
    pub node: NodeId,
    /// The foothold.
    pub foothold: Foothold,
}

/// The estate's edges, to be searched in both directions.
#[derive(Default)]
pub struct Graph {
    nodes: u32,
    forward: Csr,
    backward: Csr,
    /// The side of a selector from which edges start, by its node.
    sources: HashMap<u32, u32>,
}

/// What a vertex of the adjacency stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Vertex {
    Node(u32),
    /// A position of the tree that spreads from selectors to their members.
    Down(u32),
    /// A position of the tree that gathers members to the selectors that edges start from.
    Up(u32),
    /// A selector, seen from its members.
    Source,
}

/// An arc that is no statement: a selector and its members.
const NO_EDGE: u32 = u32::MAX;

impl Graph {
    /// The graph of a finished estate.
    #[must_use]
    pub fn new(estate: &Estate) -> Self {
        let nodes = u32::try_from(estate.nodes.len()).unwrap_or(u32::MAX / 8);
        let mut graph = Self {
            nodes,
            ..Self::default()
        };
        let mut arcs: Vec<(u32, u32, u32)> = Vec::with_capacity(estate.edges.len());
        let mut targets: Vec<u32> = Vec::new();
        for (number, edge) in estate.edges.iter().enumerate() {
            let tail = if estate.node(edge.from).is_some_and(|node| node.selector) {
                let next = 5 * nodes + u32::try_from(graph.sources.len()).unwrap_or(0);
                *graph.sources.entry(edge.from.0).or_insert(next)
            } else {
                edge.from.0
            };
            if estate.node(edge.to).is_some_and(|node| node.selector) {
                targets.push(edge.to.0);
            }
            arcs.push((tail, edge.to.0, u32::try_from(number).unwrap_or(NO_EDGE)));
        }
        targets.sort_unstable();
        targets.dedup();
        let tree_of = |id: u32| {
            let selector = estate.selectors.get(&NodeId(id));
            selector
                .map(|one| crate::estate::runs(estate, NodeId(id), one))
                .unwrap_or_default()
        };
        for id in targets {
            for run in tree_of(id) {
                cover(nodes, run, |at| arcs.push((id, nodes + at, NO_EDGE)));
            }
        }
        let mut sources: Vec<(u32, u32)> = graph.sources.iter().map(|(id, vertex)| (*id, *vertex)).collect();
        sources.sort_unstable();
        for (id, vertex) in sources {
            for run in tree_of(id) {
                cover(nodes, run, |at| arcs.push((3 * nodes + at, vertex, NO_EDGE)));
            }
        }
        let vertices = 5 * nodes as usize + graph.sources.len();
        let certainty = |edge: u32| {
            estate
                .edges
                .get(edge as usize)
                .map_or(0, |edge: &Edge| edge.certainty as u8)
        };
        graph.forward = Csr::new(vertices, arcs.iter().copied(), certainty);
        graph.backward = Csr::new(
            vertices,
            arcs.iter().map(|(a, b, edge)| (*b, *a, *edge)),
            certainty,
        );
        graph
    }

    fn vertex(&self, at: u32) -> Vertex {
        match at.checked_div(self.nodes).unwrap_or(0) {
            0 => Vertex::Node(at),
            1 | 2 => Vertex::Down(at - self.nodes),
            3 | 4 => Vertex::Up(at - 3 * self.nodes),
            _ => Vertex::Source,
        }
    }

    /// The neighbours that follow from a vertex's place in the implicit trees, in the direction of edges.
    fn implied(&self, at: u32, forward: bool, mut found: impl FnMut(u32)) {
        let n = self.nodes;
        match (self.vertex(at), forward) {
            (Vertex::Node(node), true) if !self.sources.is_empty() => found(4 * n + node),
            (Vertex::Node(node), false) => found(2 * n + node),
            (Vertex::Down(i), true) | (Vertex::Up(i), false) => {
                let base = if forward { n } else { 3 * n };
                if i >= n {
                    found(i - n);
                } else if i > 0 {
                    found(base + 2 * i);
                    found(base + 2 * i + 1);
                }
            }
            (Vertex::Down(i), false) if i > 1 => found(n + i / 2),
            (Vertex::Up(i), true) if i > 1 => found(3 * n + i / 2),
            _ => {}
        }
    }
}

/// The positions of the implicit tree over `n` ids that together stand for exactly the ids of a run.
fn cover(n: u32, run: std::ops::Range<u32>, mut found: impl FnMut(u32)) {
    let (mut low, mut high) = (
        u64::from(run.start) + u64::from(n),
        u64::from(run.end) + u64::from(n),
    );
    let mut give = |at: u64| found(u32::try_from(at).unwrap_or(0));
    while low < high {
        if low & 1 == 1 {
            give(low);
            low += 1;
        }
        if high & 1 == 1 {
            high -= 1;
            give(high);
        }
        low >>= 1;
        high >>= 1;
    }
}
