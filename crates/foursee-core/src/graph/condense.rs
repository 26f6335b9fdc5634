//! Many starts at once: positions that reach each other are one component, and what is left has no circles, so that one
//! sweep over it answers for 64 starts, each of which is a bit.
//!
//! Tarjan's search over positions, without recursion. A component is numbered when it is complete, so every arc between
//! two of them leads to the smaller number.
#![expect(
    clippy::indexing_slicing,
    reason = "INVARIANT (ids): positions come from the graph that is condensed"
)]

use super::csr::Csr;
use super::{Graph, Position};
use crate::estate::Estate;
use crate::model::{Certainty, Foothold, Footholds, NodeId};

/// The graph behind some starts, without its circles.
pub struct Condensed {
    vertices: usize,
    nodes: usize,
    /// Each position's component, counted down from the largest number; 0 where no start gets to.
    state: Vec<u32>,
    /// The components that follow each.
    next: Csr,
    components: u32,
}

/// What each of some starts gets to.
pub struct Reaches<'c> {
    condensed: &'c Condensed,
    starts: usize,
    /// For each 64 starts, the starts that get to each component, as bits.
    bits: Vec<u64>,
}

/// Where the search stands in one position.
struct Frame {
    vertex: u32,
    foothold: Foothold,
    /// The edges that are left, and whether the implied neighbours are.
    left: std::ops::Range<u32>,
    /// The implied neighbours that are left.
    implied: std::ops::Range<u32>,
    order: u32,
    low: u32,
    /// How many implied neighbours, and how many arcs to complete components, there were when it was entered.
    begin: u32,
    open: usize,
}

impl Condensed {
    /// How many components there are: positions that get to each other count once.
    #[must_use]
    pub fn components(&self) -> usize {
        self.components as usize
    }

    fn component(&self, node: NodeId, foothold: Foothold) -> Option<usize> {
        if node.index() >= self.nodes {
            return None;
        }
        let state = self.state[foothold as usize * self.vertices + node.index()];
        (state != 0).then_some((u32::MAX - state) as usize)
    }

    /// What each of the starts gets to: as [`Graph::reach`] from it alone. A start that the graph was not condensed for,
    /// and that none of those starts gets to, gets nowhere.
    #[must_use]
    pub fn reaches(&self, starts: &[Position]) -> Reaches<'_> {
        let mut bits = vec![0u64; self.components() * starts.len().div_ceil(64)];
        for (bits, starts) in bits.chunks_mut(self.components().max(1)).zip(starts.chunks(64)) {
            for (at, start) in starts.iter().enumerate() {
                if let Some(component) = self.component(start.node, start.foothold) {
                    bits[component] |= 1 << at;
                }
            }
            for from in (0..self.components).rev() {
                let own = bits[from as usize];
                if own != 0 {
                    self.next.of(from).iter().for_each(|to| bits[*to as usize] |= own);
                }
            }
        }
        Reaches {
            condensed: self,
            starts: starts.len(),
            bits,
        }
    }
}

impl Reaches<'_> {
    /// The footholds that the start of that number reaches in a node.
    #[must_use]
    pub fn of(&self, start: usize, node: NodeId) -> Footholds {
        let condensed = self.condensed;
        if start >= self.starts {
            return Footholds::default();
        }
        let begin = start / 64 * condensed.components();
        let reached = Foothold::ALL.into_iter().filter(|foothold| {
            let component = condensed.component(node, *foothold);
            component.is_some_and(|one| self.bits[begin + one] >> (start % 64) & 1 == 1)
        });
        Footholds(reached.fold(0, |mask, one| mask | one.includes().0))
    }

    /// The nodes that the start of that number reaches, in the order of ids.
    pub fn nodes(&self, start: usize) -> impl Iterator<Item = NodeId> + '_ {
        let ids = (0u32..).take(self.condensed.nodes).map(NodeId);
        ids.filter(move |id| self.of(start, *id).0 != 0)
    }
}

impl Graph {
    /// Condenses what the starts get to, by edges no less certain than `worst`. As with [`reach`](Self::reach), edges
    /// that must be asked about count as possible.
    #[must_use]
    pub fn condense(&self, estate: &Estate, starts: &[Position], worst: Certainty) -> Condensed {
        let mut search = Search {
            graph: self,
            estate,
            worst,
            state: vec![0; self.vertices() * Foothold::ALL.len()],
            entered: 0,
            frames: Vec::new(),
            waiting: Vec::new(),
            open: Vec::new(),
            arcs: Vec::new(),
            components: 0,
            neighbours: Vec::new(),
        };
        for start in starts.iter().filter(|start| start.node.0 < self.nodes) {
            search.run(start.node.0, start.foothold);
        }
        Condensed {
            vertices: self.vertices(),
            nodes: self.nodes as usize,
            state: search.state,
            next: Csr::new(search.components as usize, search.arcs.iter().copied()),
            components: search.components,
        }
    }
}

/// The greatest number of a position that is entered; above it stand complete components. Estates end long before.
const LAST: u32 = u32::MAX / 2;

/// A search that is under way.
struct Search<'g> {
    graph: &'g Graph,
    estate: &'g Estate,
    worst: Certainty,
    /// 0: not entered; up to [`LAST`]: when it was entered, and its component is not complete; above: complete.
    state: Vec<u32>,
    entered: u32,
    frames: Vec<Frame>,
    /// The positions whose component is not complete.
    waiting: Vec<usize>,
    /// The complete components that the waiting positions lead to.
    open: Vec<u32>,
    /// From component to component.
    arcs: Vec<(u32, u32)>,
    components: u32,
    /// The implied neighbours of the positions on the way.
    neighbours: Vec<u32>,
}

impl Search<'_> {
    fn at(&self, vertex: u32, foothold: Foothold) -> usize {
        foothold as usize * self.graph.vertices() + vertex as usize
    }

    fn enter(&mut self, vertex: u32, foothold: Foothold, at: usize) {
        self.entered += 1;
        self.state[at] = self.entered;
        self.waiting.push(at);
        let begin = self.neighbours.len();
        self.graph
            .implied(vertex, true, |head| self.neighbours.push(head));
        let number = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        self.frames.push(Frame {
            vertex,
            foothold,
            left: self.graph.leaving(vertex),
            implied: number(begin)..number(self.neighbours.len()),
            begin: number(begin),
            order: self.entered,
            low: self.entered,
            open: self.open.len(),
        });
    }

    /// The next neighbour of a frame.
    fn next(&self, frame: &mut Frame) -> Option<(u32, Foothold)> {
        for number in frame.left.by_ref() {
            let edge = &self.estate.edges[number as usize];
            if edge.certainty > self.worst {
                continue;
            }
            if let Some(gives) = self.graph.step(edge).and_then(|step| step.gives(frame.foothold)) {
                return Some((edge.to.0, gives));
            }
        }
        let at = frame.implied.next()?;
        Some((self.neighbours[at as usize], frame.foothold))
    }

    fn run(&mut self, vertex: u32, foothold: Foothold) {
        let at = self.at(vertex, foothold);
        if self.state[at] == 0 {
            self.enter(vertex, foothold, at);
        }
        while let Some(mut frame) = self.frames.pop() {
            let mut deeper = None;
            while let Some((vertex, foothold)) = self.next(&mut frame) {
                let at = self.at(vertex, foothold);
                match self.state[at] {
                    0 => {
                        deeper = Some((vertex, foothold, at));
                        break;
                    }
                    complete if complete > LAST => self.open.push(u32::MAX - complete),
                    entered => frame.low = frame.low.min(entered),
                }
            }
            if let Some((vertex, foothold, at)) = deeper {
                self.frames.push(frame);
                self.enter(vertex, foothold, at);
                continue;
            }
            let low = frame.low;
            let complete = (low == frame.order).then(|| self.complete(&frame));
            self.neighbours.truncate(frame.begin as usize);
            if let Some(before) = self.frames.last_mut() {
                match complete {
                    Some(component) => self.open.push(component),
                    None => before.low = before.low.min(low),
                }
            }
        }
    }

    /// The frame's position and everything that waits since are one component.
    fn complete(&mut self, frame: &Frame) -> u32 {
        let component = self.components;
        self.components += 1;
        let root = self.at(frame.vertex, frame.foothold);
        while let Some(at) = self.waiting.pop() {
            self.state[at] = u32::MAX - component;
            if at == root {
                break;
            }
        }
        let open = &mut self.open[frame.open..];
        open.sort_unstable();
        let mut last = None;
        for to in open {
            if last.replace(*to) != Some(*to) {
                self.arcs.push((component, *to));
            }
        }
        self.open.truncate(frame.open);
        component
    }
}
