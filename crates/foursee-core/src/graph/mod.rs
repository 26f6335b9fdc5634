//! The graph: compressed adjacency over the finished estate, reach and path.
//!
//! INVARIANT (ids): every vertex and edge number in this folder comes from the estate that the graph was built of.
//! Selectors cost no membership edges: a range of ids is at most 2 log2(n) nodes of an implicit tree over the ids,
//! whose positions never leave this folder.

mod ahead;
mod condensed;
mod csr;
mod path;
mod reach;
mod step;
#[cfg(test)]
mod tests;

pub use condensed::{Condensed, Reached};
pub use path::{Confirm, Path, PathHop};
pub use reach::Reach;

use crate::estate::{Edge, Estate};
use crate::model::{Certainty, Foothold, NodeId};
use csr::{Csr, row};
use hashbrown::HashMap;
use step::Step;

/// A node and where in it somebody stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// The node.
    pub node: NodeId,
    /// The foothold.
    pub foothold: Foothold,
}

/// The estate's edges, to be searched in both directions.
///
/// Forward, a node's edges are those that stand together in the estate's table, which is sorted by where they start.
/// Backward, each edge is where it starts and what sort of step it is: five bytes more.
#[derive(Default)]
pub struct Graph {
    nodes: u32,
    /// Where each node's edges begin in the estate's table.
    rows: Vec<u32>,
    /// By node: whether it is a selector.
    selectors: Vec<bool>,
    /// The selectors from which edges start, by the number of their source.
    sources: Vec<u32>,
    /// Selectors to the positions of the tree that stand for their members, and such positions to sources.
    spreads: Csr,
    backward: Csr,
    /// What each technique needs and gives.
    steps: Vec<Step>,
    /// What the classes of arcs backward stand for, from 1 on: 0 is no statement.
    classes: Vec<(Certainty, Step)>,
}

/// What a vertex of the adjacency stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Vertex {
    Node(u32),
    /// A position of the tree that spreads from selectors to their members.
    Down(u32),
    /// A position of the tree that gathers members to the selectors that edges start from.
    Up(u32),
    /// A selector, seen from its members: the number among the sources.
    Source(u32),
}

/// An arc that is no statement: a selector and its members.
const NO_EDGE: u32 = u32::MAX;

impl Graph {
    /// What an edge takes, with its evidence, in both directions: bytes.
    pub const BYTES_AN_EDGE: usize = size_of::<Edge>() + size_of::<u32>() + size_of::<u8>();

    /// The graph of a finished estate.
    #[must_use]
    pub fn new(estate: &Estate) -> Self {
        let nodes = u32::try_from(estate.nodes.len()).unwrap_or(u32::MAX / 8);
        let selectors: Vec<bool> = estate.nodes.iter().map(|node| node.selector).collect();
        let is_selector = |id: NodeId| selectors.get(id.index()).copied().unwrap_or(false);
        let mut sources: Vec<u32> = Vec::new();
        let mut targets: Vec<u32> = Vec::new();
        let mut rows = vec![0u32; estate.nodes.len() + 1];
        for edge in &estate.edges {
            if let Some(count) = rows.get_mut(edge.from.index() + 1) {
                *count += 1;
            }
            // Edges stand in the order of where they start.
            if is_selector(edge.from) && sources.last() != Some(&edge.from.0) {
                sources.push(edge.from.0);
            }
            if is_selector(edge.to) {
                targets.push(edge.to.0);
            }
        }
        let mut sum = 0;
        for count in &mut rows {
            sum += *count;
            *count = sum;
        }
        targets.sort_unstable();
        targets.dedup();
        let tree_of = |id: u32| {
            let selector = estate.selectors.get(&NodeId(id));
            selector
                .map(|one| crate::estate::runs(estate, NodeId(id), one))
                .unwrap_or_default()
        };
        let mut spreads: Vec<(u32, u32)> = Vec::new();
        for id in targets {
            for run in tree_of(id) {
                cover(nodes, run, |at| spreads.push((id, nodes + at)));
            }
        }
        for (vertex, id) in (5 * nodes..).zip(&sources) {
            for run in tree_of(*id) {
                cover(nodes, run, |at| spreads.push((3 * nodes + at, vertex)));
            }
        }
        let vertices = 5 * nodes as usize + sources.len();
        let steps: Vec<Step> = estate.techniques.iter().map(Step::of).collect();
        let mut graph = Self {
            nodes,
            rows,
            selectors,
            sources,
            spreads: Csr::default(),
            backward: Csr::default(),
            steps,
            classes: Vec::new(),
        };
        if !spreads.is_empty() {
            graph.spreads = Csr::new(vertices, spreads.iter().map(|(tail, head)| (*tail, *head, 0)));
        }
        let by_step = graph.classify();
        let backward = spreads.iter().map(|(tail, head)| (*head, *tail, 0));
        // Each row begins with what is most certain.
        let statements = Certainty::ALL.into_iter().flat_map(|certainty| {
            let alike = estate
                .edges
                .iter()
                .filter(move |edge| edge.certainty == certainty);
            alike.map(|edge| {
                let class = by_step.get(&(edge.certainty, graph.step(edge))).copied();
                (edge.to.0, graph.tail(edge.from), class.unwrap_or(0))
            })
        });
        let backward = Csr::new(vertices, backward.chain(statements));
        graph.backward = backward;
        graph
    }

    /// Numbers what statements can be to a search: certainty and step.
    fn classify(&mut self) -> HashMap<(Certainty, Step), u8> {
        let mut steps = self.steps.clone();
        steps.sort_unstable();
        steps.dedup();
        let classes = Certainty::ALL
            .into_iter()
            .flat_map(|certainty| steps.iter().map(move |step| (certainty, *step)));
        self.classes = classes.collect();
        // Five footholds to five, and membership, by four certainties: fewer than 256.
        (1..).zip(&self.classes).map(|(at, class)| (*class, at)).collect()
    }

    /// The vertex that an edge starts from.
    fn tail(&self, from: NodeId) -> u32 {
        match self.sources.binary_search(&from.0) {
            Ok(at) => 5 * self.nodes + u32::try_from(at).unwrap_or(0),
            Err(_) => from.0,
        }
    }

    /// What an edge's technique needs and gives.
    fn step(&self, edge: &Edge) -> Step {
        self.steps
            .get(edge.technique.index())
            .copied()
            .unwrap_or(Step::UNKNOWN)
    }

    /// The statements that start at a vertex, with their numbers, the more certain first.
    fn statements<'e>(
        &self,
        estate: &'e Estate,
        vertex: u32,
    ) -> impl Iterator<Item = (u32, &'e Edge)> + use<'e> {
        let row = self.row(vertex);
        let numbers = u32::try_from(row.start).unwrap_or(NO_EDGE)..;
        numbers.zip(estate.edges.get(row).unwrap_or_default())
    }

    /// The numbers of the statements that start at a vertex.
    fn row(&self, vertex: u32) -> std::ops::Range<usize> {
        let node = match self.vertex(vertex) {
            Vertex::Node(node) if !self.selectors.get(node as usize).copied().unwrap_or(false) => Some(node),
            Vertex::Source(at) => self.sources.get(at as usize).copied(),
            _ => None,
        };
        node.map_or(0..0, |node| row(&self.rows, node))
    }

    fn vertex(&self, at: u32) -> Vertex {
        if at < self.nodes {
            return Vertex::Node(at);
        }
        match at.checked_div(self.nodes).unwrap_or(0) {
            0 => Vertex::Node(at),
            1 | 2 => Vertex::Down(at - self.nodes),
            3 | 4 => Vertex::Up(at - 3 * self.nodes),
            _ => Vertex::Source(at - 5 * self.nodes),
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
