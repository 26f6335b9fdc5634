//! The graph: compressed adjacency over the finished estate, reach, condensation and path.
//!
//! INVARIANT (ids): every vertex and edge number in this folder comes from the estate that the graph was built of.
//! Selectors cost no membership edges: a range of ids is at most 2 log2(n) nodes of an implicit tree over the ids,
//! whose positions never leave this folder.

mod condense;
mod csr;
mod path;
mod reach;
mod step;
#[cfg(test)]
mod tests;

pub use condense::{Condensed, Reaches};
pub use path::{Confirm, Path, PathHop};
pub use reach::Reach;

use crate::estate::{Edge, Estate};
use crate::model::{Foothold, NodeId};
use csr::Csr;
use std::ops::Range;
use step::Step;

/// A node and where in it somebody stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// The node.
    pub node: NodeId,
    /// The foothold.
    pub foothold: Foothold,
}

/// The estate's edges, to be searched in both directions. Forward an edge costs nothing: the estate keeps edges in the
/// order of their holders. Backward it costs its number, 4 bytes.
#[derive(Default)]
pub struct Graph {
    nodes: u32,
    steps: Vec<Step>,
    /// Where each node's edges begin in the estate's, and where the last one's end.
    begins: Vec<u32>,
    /// Each node's edges that lead to it.
    backward: Csr,
    /// Which nodes are selectors: statements from them start at their members.
    selectors: Vec<bool>,
    /// The selectors from which edges start, in order; each has a vertex of its own.
    sources: Vec<u32>,
    /// Selectors to the positions of the tree that spreads to their members, and back.
    spread: Both,
    /// Positions of the tree that gathers members to the selectors that edges start from, and back.
    gather: Both,
}

/// A table and its reverse.
#[derive(Default)]
struct Both {
    forward: Csr,
    backward: Csr,
}

impl Both {
    fn new(tails: usize, heads: usize, pairs: &[(u32, u32)]) -> Self {
        Self {
            forward: Csr::new(tails, pairs.iter().copied()),
            backward: Csr::new(heads, pairs.iter().map(|(tail, head)| (*head, *tail))),
        }
    }
}

/// What a vertex of the adjacency stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Vertex {
    Node(u32),
    /// A position of the tree that spreads from selectors to their members.
    Down(u32),
    /// A position of the tree that gathers members to the selectors that edges start from.
    Up(u32),
    /// A selector, seen from its members: its number among the sources.
    Source(u32),
}

impl Graph {
    /// The graph of a finished estate.
    #[must_use]
    pub fn new(estate: &Estate) -> Self {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let nodes = u32::try_from(estate.nodes.len()).unwrap_or(u32::MAX / 8);
        let selectors: Vec<bool> = estate.nodes.iter().map(|node| node.selector).collect();
        let is_selector = |id: u32| selectors.get(id as usize) == Some(&true);
        let mut begins = Vec::with_capacity(estate.nodes.len() + 1);
        let (mut sources, mut targets): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        for (at, edge) in estate.edges.iter().enumerate() {
            while begins.len() <= edge.from.index() {
                begins.push(number(at));
            }
            if is_selector(edge.from.0) && sources.last() != Some(&edge.from.0) {
                sources.push(edge.from.0);
            }
            if is_selector(edge.to.0) {
                targets.push(edge.to.0);
            }
        }
        begins.resize(estate.nodes.len() + 1, number(estate.edges.len()));
        targets.sort_unstable();
        targets.dedup();
        let covered = |row: u32, id: u32, pairs: &mut Vec<(u32, u32)>, down: bool| {
            let runs = estate.selectors.get(&NodeId(id));
            let runs = runs.map(|one| crate::estate::runs(estate, NodeId(id), one));
            for run in runs.into_iter().flatten() {
                cover(nodes, run, |at| {
                    pairs.push(if down { (row, at) } else { (at, row) })
                });
            }
        };
        let (mut spread, mut gather) = (Vec::new(), Vec::new());
        for id in targets {
            covered(id, id, &mut spread, true);
        }
        for (row, id) in (0u32..).zip(&sources) {
            covered(row, *id, &mut gather, false);
        }
        spread.sort_unstable();
        gather.sort_unstable();
        let rows = nodes as usize;
        let into = estate.edges.iter().zip(0u32..).map(|(edge, at)| (edge.to.0, at));
        Self {
            nodes,
            steps: estate.techniques.iter().map(Step::new).collect(),
            begins,
            backward: Csr::new(rows, into),
            spread: Both::new(rows, 2 * rows, &spread),
            gather: Both::new(2 * rows, sources.len(), &gather),
            selectors,
            sources,
        }
    }

    /// How many vertices there are.
    fn vertices(&self) -> usize {
        5 * self.nodes as usize + self.sources.len()
    }

    fn vertex(&self, at: u32) -> Vertex {
        let n = self.nodes;
        if at < n {
            Vertex::Node(at)
        } else if at < 3 * n {
            Vertex::Down(at - n)
        } else if at < 5 * n {
            Vertex::Up(at - 3 * n)
        } else {
            Vertex::Source(at - 5 * n)
        }
    }

    fn step(&self, edge: &Edge) -> Option<&Step> {
        self.steps.get(edge.technique.index())
    }

    /// The numbers of the edges that leave a vertex: a named node's own, or those of a selector seen from its members.
    fn leaving(&self, at: u32) -> Range<u32> {
        let own = match self.vertex(at) {
            Vertex::Node(node) if self.selectors.get(node as usize) == Some(&false) => node,
            Vertex::Source(source) => self.sources.get(source as usize).copied().unwrap_or(self.nodes),
            _ => return 0..0,
        };
        let begin = |at: u32| self.begins.get(at as usize).copied().unwrap_or(0);
        begin(own)..begin(own.saturating_add(1))
    }

    /// The vertex that an edge starts from.
    fn tail(&self, edge: &Edge) -> u32 {
        if self.selectors.get(edge.from.index()) != Some(&true) {
            return edge.from.0;
        }
        let source = self
            .sources
            .binary_search(&edge.from.0)
            .unwrap_or(self.sources.len());
        5 * self.nodes + u32::try_from(source).unwrap_or(0)
    }

    /// Where one is without a step, in the direction of edges or against it: between a selector and its members.
    fn implied(&self, at: u32, forward: bool, mut found: impl FnMut(u32)) {
        let n = self.nodes;
        let mut all = |base: u32, heads: &[u32]| heads.iter().for_each(|head| found(base + head));
        let (trees, joins) = if forward {
            (&self.spread.forward, &self.gather.forward)
        } else {
            (&self.spread.backward, &self.gather.backward)
        };
        // The first tree runs down with edges and the second up; against edges it is the other way round.
        match (self.vertex(at), forward) {
            (Vertex::Node(node), true) => {
                all(n, trees.of(node));
                if !self.sources.is_empty() {
                    all(4 * n + node, &[0]);
                }
            }
            (Vertex::Node(node), false) if !self.spread_is_empty() => all(2 * n + node, &[0]),
            (Vertex::Down(i), true) | (Vertex::Up(i), false) => {
                let base = if forward { n } else { 3 * n };
                if i >= n {
                    all(i - n, &[0]);
                } else if i > 0 {
                    all(base + 2 * i, &[0, 1]);
                }
            }
            (Vertex::Down(i), false) => {
                all(0, trees.of(i));
                if i > 1 {
                    all(n + i / 2, &[0]);
                }
            }
            (Vertex::Up(i), true) => {
                all(5 * n, joins.of(i));
                if i > 1 {
                    all(3 * n + i / 2, &[0]);
                }
            }
            (Vertex::Source(source), false) => all(3 * n, joins.of(source)),
            _ => {}
        }
    }

    fn spread_is_empty(&self) -> bool {
        self.spread.forward.is_empty()
    }
}

/// The positions of the implicit tree over `n` ids that together stand for exactly the ids of a run.
fn cover(n: u32, run: Range<u32>, mut found: impl FnMut(u32)) {
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
