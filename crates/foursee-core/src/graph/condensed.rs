//! Reach from many starts: positions that can be got to from one another are put together once, and then any 64 starts
//! are one sweep over what is left.
//!
//! The strong components are found by Pearce's form of Tarjan's algorithm (D. Pearce, "A space-efficient algorithm for
//! finding strongly connected components", 2016), with a stack of its own instead of recursion.

use super::csr::row;
use super::step::Step;
use super::{Graph, Position};
use crate::estate::{Edge, Estate};
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
    /// graph, after one look at each edge.
    #[must_use]
    pub fn condense(&self, estate: &Estate, starts: &[Position], worst: Certainty) -> Condensed {
        let vertices = 5 * self.nodes + u32::try_from(self.sources.len()).unwrap_or(0);
        let mut search = Search {
            graph: self,
            arcs: Arcs::new(self, estate, worst),
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
}

/// A statement, as much of it as the search looks at: a third of what it would jump about in otherwise.
#[derive(Clone, Copy)]
struct Arc {
    head: u32,
    /// What it does: a row of `gives`.
    class: u8,
}

/// All statements, numbered as the estate's edges.
struct Arcs {
    all: Vec<Arc>,
    /// By the foothold at which somebody stands: the foothold that a class gives.
    gives: Vec<[Option<Foothold>; Foothold::ALL.len()]>,
}

/// Of a statement that is less certain than what is asked for; behind it, a node has none that are more so.
const UNCERTAIN: u8 = u8::MAX;

impl Arcs {
    fn new(graph: &Graph, estate: &Estate, worst: Certainty) -> Self {
        // Fewer than 255: footholds to footholds, and membership.
        let mut steps = graph.steps.clone();
        steps.sort_unstable();
        steps.dedup();
        let number = |step: &Step| u8::try_from(steps.binary_search(step).unwrap_or(0)).unwrap_or(0);
        let by_technique: Vec<u8> = graph.steps.iter().map(number).collect();
        let arc = |edge: &Edge| Arc {
            head: edge.to.0,
            class: match edge.certainty > worst {
                true => UNCERTAIN,
                false => by_technique.get(edge.technique.index()).copied().unwrap_or(0),
            },
        };
        Self {
            all: estate.edges.iter().map(arc).collect(),
            gives: steps
                .iter()
                .map(|step| Foothold::ALL.map(|foothold| step.from(foothold)))
                .collect(),
        }
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
    successors: u32,
    /// Where what its component leads to begins in `cross`.
    cross: u32,
    /// Nothing that was visited before it was met from here.
    root: bool,
}

struct Search<'a> {
    graph: &'a Graph,
    arcs: Arcs,
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
            if self.open.len() > frame.successors as usize {
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
        let number = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let mut frame = Frame {
            at,
            successors: number(self.open.len()),
            cross: number(self.cross.len()),
            root: true,
        };
        let graph = self.graph;
        let foothold = at / self.vertices;
        let first = foothold * self.vertices;
        let vertex = at - first;
        for number in graph.row(vertex) {
            let Some(arc) = self.arcs.all.get(number).filter(|arc| arc.class != UNCERTAIN) else {
                break;
            };
            let gives = self.arcs.gives.get(usize::from(arc.class));
            if let Some(Some(gives)) = gives.and_then(|gives| gives.get(foothold as usize)) {
                let next = position(self.vertices, arc.head, *gives);
                self.lead(&mut frame, next);
            }
        }
        for (head, _) in graph.spreads.of(vertex) {
            self.lead(&mut frame, first + head);
        }
        graph.implied(vertex, true, |head| self.lead(&mut frame, first + head));
        frame
    }

    /// Notes that a frame leads to a position, which is looked at now where it is known, so that many are fetched at once.
    fn lead(&mut self, frame: &mut Frame, next: u32) {
        match self.state(next) {
            0 => self.open.push(next),
            state => self.meet(frame, state),
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
        let from = self.cross.len().min(frame.cross as usize);
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
