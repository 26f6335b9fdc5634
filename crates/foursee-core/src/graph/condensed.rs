//! Reach from many starts: positions that can be got to from one another are put together once, and then any 64 starts
//! are one sweep over what is left.
//!
//! The strong components are found by Pearce's form of Tarjan's algorithm (D. Pearce, "A space-efficient algorithm for
//! finding strongly connected components", 2016), with a stack of its own instead of recursion.

use super::csr::row;
use super::{Graph, Position};
use crate::estate::Estate;
use crate::model::{Certainty, Foothold, Footholds, NodeId};

/// What can be got to from some positions, with circles put together.
///
/// A component's number is greater than those of all that it leads to.
pub struct Condensed {
    /// The number of vertices of the graph, and of those that are nodes.
    vertices: u32,
    nodes: u32,
    /// By position: its component's number from 1 on, counted down from the largest; 0 where no start leads there.
    components: Vec<u32>,
    /// Where each component's arcs begin.
    begins: Vec<u32>,
    /// The components that a component leads to, all of them smaller.
    heads: Vec<u32>,
}

/// What the starts of one sweep reach.
pub struct Reached<'a> {
    condensed: &'a Condensed,
    /// By component: which of the starts lead there.
    words: Vec<u64>,
}

impl Graph {
    /// Condenses what can be got to from the starts, by edges no less certain than `worst`. Linear in that part of the
    /// graph.
    #[must_use]
    pub fn condense(&self, estate: &Estate, starts: &[Position], worst: Certainty) -> Condensed {
        let vertices = 5 * self.nodes + u32::try_from(self.sources.len()).unwrap_or(0);
        let mut search = Search {
            graph: self,
            estate,
            worst,
            vertices,
            state: vec![0; Foothold::ALL.len() * vertices as usize],
            index: 1,
            begins: vec![0],
            heads: Vec::new(),
            path: Vec::new(),
            open: Vec::new(),
            cross: Vec::new(),
        };
        for start in starts {
            if start.node.0 < self.nodes {
                search.visit(position(vertices, start.node.0, start.foothold));
            }
        }
        Condensed {
            vertices,
            nodes: self.nodes,
            components: search.state,
            begins: search.begins,
            heads: search.heads,
        }
    }

    /// The positions that one step leads to from a position.
    fn successors(
        &self,
        estate: &Estate,
        worst: Certainty,
        (vertex, foothold): (u32, Foothold),
        mut found: impl FnMut(u32, Foothold),
    ) {
        for (_, edge) in self.statements(estate, vertex) {
            if edge.certainty > worst {
                break;
            }
            if let Some(gives) = self.step(edge).from(foothold) {
                found(edge.to.0, gives);
            }
        }
        for (head, _) in self.spreads.of(vertex) {
            found(head, foothold);
        }
        self.implied(vertex, true, |head| found(head, foothold));
    }
}

impl Condensed {
    /// Sweeps from starts that were among those condensed for; of more than 64, the first 64.
    #[must_use]
    pub fn reach(&self, starts: &[Position]) -> Reached<'_> {
        let count = self.begins.len() - 1;
        let mut words = vec![0u64; count];
        for (at, start) in starts.iter().take(64).enumerate() {
            let component = self.component(start.node.0, start.foothold);
            if let Some(word) = component.and_then(|at| words.get_mut(at as usize)) {
                *word |= 1 << at;
            }
        }
        for at in (0..count).rev() {
            let word = words.get(at).copied().unwrap_or(0);
            if word == 0 {
                continue;
            }
            let arcs = row(&self.begins, u32::try_from(at).unwrap_or(u32::MAX));
            for head in self.heads.get(arcs).unwrap_or_default() {
                if let Some(reached) = words.get_mut(*head as usize) {
                    *reached |= word;
                }
            }
        }
        Reached {
            condensed: self,
            words,
        }
    }

    /// Whether some position leads back to itself by others.
    #[cfg(test)]
    pub(super) fn has_circles(&self) -> bool {
        let mut all: Vec<u32> = self.components.iter().copied().filter(|one| *one != 0).collect();
        all.sort_unstable();
        all.windows(2).any(|two| two.first() == two.get(1))
    }

    fn component(&self, node: u32, foothold: Foothold) -> Option<u32> {
        if node >= self.nodes {
            return None;
        }
        let state = self
            .components
            .get(position(self.vertices, node, foothold) as usize)?;
        (*state != 0).then(|| u32::MAX - *state)
    }
}

impl Reached<'_> {
    /// The footholds that the start of that number, from 0, reaches in a node.
    #[must_use]
    pub fn of(&self, start: usize, node: NodeId) -> Footholds {
        let reaches = |foothold: &Foothold| {
            let component = self.condensed.component(node.0, *foothold);
            let word = component.and_then(|at| self.words.get(at as usize));
            start < 64 && word.is_some_and(|word| word >> start & 1 == 1)
        };
        let reached = Foothold::ALL.into_iter().filter(reaches);
        Footholds(reached.fold(0, |mask, one| mask | one.includes().0))
    }
}

/// The number of a position. Equal footholds stand together: most of them are never touched.
fn position(vertices: u32, vertex: u32, foothold: Foothold) -> u32 {
    foothold as u32 * vertices + vertex
}

/// A position that is being visited.
struct Frame {
    at: u32,
    /// Where its successors begin in `open`.
    successors: usize,
    /// Where what its component leads to begins in `cross`.
    cross: usize,
    /// Nothing that was visited before it was met from here.
    root: bool,
}

struct Search<'a> {
    graph: &'a Graph,
    estate: &'a Estate,
    worst: Certainty,
    vertices: u32,
    /// 0 before a visit; while a component is open, in which order its positions were visited; then its number.
    state: Vec<u32>,
    index: u32,
    begins: Vec<u32>,
    heads: Vec<u32>,
    /// Positions whose component is still open, beside those of the frames.
    path: Vec<u32>,
    /// Successors that are still to be looked at, of all frames.
    open: Vec<u32>,
    /// Components that the open ones lead to.
    cross: Vec<u32>,
}

impl Search<'_> {
    fn visit(&mut self, start: u32) {
        if self.state(start) != 0 {
            return;
        }
        let mut frames = vec![self.enter(start)];
        while let Some(frame) = frames.last_mut() {
            if self.open.len() > frame.successors {
                let next = self.open.pop().unwrap_or(0);
                match self.state(next) {
                    0 => {
                        let entered = self.enter(next);
                        frames.push(entered);
                    }
                    state => self.meet(frame, state),
                }
                continue;
            }
            let Some(done) = frames.pop() else { break };
            self.leave(&done);
            if let Some(before) = frames.last_mut() {
                self.meet(before, self.state(done.at));
            }
        }
    }

    fn state(&self, at: u32) -> u32 {
        self.state.get(at as usize).copied().unwrap_or(0)
    }

    fn set(&mut self, at: u32, state: u32) {
        if let Some(slot) = self.state.get_mut(at as usize) {
            *slot = state;
        }
    }

    fn enter(&mut self, at: u32) -> Frame {
        self.set(at, self.index);
        self.index += 1;
        let successors = self.open.len();
        let foothold = Foothold::ALL.get((at / self.vertices) as usize);
        let here = (at % self.vertices, foothold.copied().unwrap_or(Foothold::Acts));
        let (vertices, open) = (self.vertices, &mut self.open);
        self.graph
            .successors(self.estate, self.worst, here, |vertex, foothold| {
                open.push(position(vertices, vertex, foothold));
            });
        Frame {
            at,
            successors,
            cross: self.cross.len(),
            root: true,
        }
    }

    /// Notes that a frame leads to a position in that state.
    fn meet(&mut self, frame: &mut Frame, state: u32) {
        if self.is_closed(state) {
            self.cross.push(u32::MAX - state);
        } else if state < self.state(frame.at) {
            self.set(frame.at, state);
            frame.root = false;
        }
    }

    /// Components are counted down from the largest number, visits up from 1.
    fn is_closed(&self, state: u32) -> bool {
        state > u32::MAX - self.closed()
    }

    fn closed(&self) -> u32 {
        u32::try_from(self.begins.len() - 1).unwrap_or(u32::MAX - 1)
    }

    /// Closes the component whose first position a frame is; any other position waits for it.
    fn leave(&mut self, frame: &Frame) {
        if !frame.root {
            self.path.push(frame.at);
            return;
        }
        let own = self.state(frame.at);
        let number = u32::MAX - self.closed();
        while let Some(top) = self.path.last().copied().filter(|top| self.state(*top) >= own) {
            self.path.pop();
            self.set(top, number);
        }
        self.set(frame.at, number);
        let from = self.cross.len().min(frame.cross);
        if let Some(crossed) = self.cross.get_mut(from..) {
            crossed.sort_unstable();
        }
        let begin = self.heads.len();
        for head in self.cross.drain(from..) {
            if self.heads.len() == begin || self.heads.last() != Some(&head) {
                self.heads.push(head);
            }
        }
        self.begins
            .push(u32::try_from(self.heads.len()).unwrap_or(u32::MAX));
    }
}
