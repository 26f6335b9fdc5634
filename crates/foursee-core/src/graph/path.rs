//! Paths: as certain as can be, then as short as can be, every hop confirmed by the layer whose statement it is.

use super::ahead::Ahead;
use super::{Graph, NO_EDGE, Position};
use crate::estate::{Edge, Estate};
use crate::layer::Holds;
use crate::model::{Certainty, Foothold, NodeId};
use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;

/// Who confirms hops: the loaded layers.
pub trait Confirm {
    /// Whether a hop really holds.
    fn holds(&self, estate: &Estate, edge: &Edge, from: NodeId, to: NodeId) -> Holds;
}

/// A way from one position to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    /// As its worst hop.
    pub certainty: Certainty,
    /// The steps.
    pub hops: Vec<PathHop>,
}

/// One step of a way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathHop {
    /// From where; the member itself where the statement starts from a selector.
    pub from: Position,
    /// To where; the member itself where the statement is over a selector.
    pub to: Position,
    /// The selector that the statement is over, where it is over one.
    pub over: Option<NodeId>,
    /// The statement.
    pub edge: Edge,
    /// What its layer said.
    pub confirmed: Holds,
}

/// How often a way is looked for again after a hop was refuted.
const ROUNDS: usize = 64;

/// A vertex and a foothold.
type At = (u32, Foothold);

/// How far a search got, and where it came from: the position before, and the arc's edge.
#[derive(Clone, Copy)]
struct Came {
    far: u32,
    from: Option<(At, u32)>,
}

impl Graph {
    /// The best way from one of the starts to the node: the most certain, then the shortest. None where there is
    /// none, or where the layers refuted every way that was found.
    pub fn path(
        &self,
        estate: &Estate,
        starts: &[Position],
        to: NodeId,
        confirm: &dyn Confirm,
    ) -> Option<Path> {
        self.path_by(estate, starts, to, confirm, |worst| {
            Ahead::new(self, estate, starts, to, worst)
        })
    }

    /// The same, by what is known of the hops ahead at each certainty.
    pub(super) fn path_by(
        &self,
        estate: &Estate,
        starts: &[Position],
        to: NodeId,
        confirm: &dyn Confirm,
        ahead: impl Fn(Certainty) -> Option<Ahead>,
    ) -> Option<Path> {
        let mut refuted = Refuted::default();
        for worst in Certainty::ALL {
            let Some(ahead) = ahead(worst) else {
                continue;
            };
            // Refuted hops make a way no shorter.
            let mut most = ahead.most;
            for _ in 0..ROUNDS {
                let search = |most| self.shortest(estate, starts, to, worst, (&ahead, most), &refuted);
                let Some(mut hops) = search(most).or_else(|| search(u32::MAX)) else {
                    break;
                };
                most = u32::try_from(hops.len()).unwrap_or(u32::MAX);
                let mut all_hold = true;
                for (number, hop) in &mut hops {
                    hop.confirmed = confirm.holds(estate, &hop.edge, hop.from.node, hop.to.node);
                    if let Holds::No(_) = hop.confirmed {
                        refuted.insert(*number, hop.from.node.0, hop.to.node.0);
                        all_hold = false;
                    }
                }
                if all_hold {
                    let hops: Vec<PathHop> = hops.into_iter().map(|(_, hop)| hop).collect();
                    let certainty = hops.iter().map(certainty_of).max().unwrap_or_default();
                    return Some(Path { certainty, hops });
                }
            }
        }
        None
    }

    fn shortest(
        &self,
        estate: &Estate,
        starts: &[Position],
        to: NodeId,
        worst: Certainty,
        (ahead, most): (&Ahead, u32),
        refuted: &Refuted,
    ) -> Option<Vec<(u32, PathHop)>> {
        // Arcs between a selector and its members cost nothing: what they lead to is taken first.
        let mut came: HashMap<At, Came> = HashMap::new();
        let mut work: VecDeque<(At, u32)> = VecDeque::new();
        for start in starts {
            let at = (start.node.0, start.foothold);
            came.insert(at, Came { far: 0, from: None });
            work.push_back((at, 0));
        }
        while let Some((at, far)) = work.pop_front() {
            if came.get(&at).is_none_or(|known| known.far < far) {
                continue;
            }
            if at.0 == to.0 {
                return Some(self.unwind(estate, &came, at));
            }
            let (vertex, foothold) = at;
            let mut go = |next: At, edge: u32| {
                let cost = u32::from(edge != NO_EDGE);
                let reached = Came {
                    far: far + cost,
                    from: Some((at, edge)),
                };
                let all = ahead.least(next.0, next.1).map(|hops| reached.far + hops);
                if all.is_none_or(|all| all > most) {
                    return;
                }
                match came.entry(next) {
                    Entry::Occupied(known) if known.get().far <= reached.far => return,
                    Entry::Occupied(mut known) => {
                        known.insert(reached);
                    }
                    Entry::Vacant(slot) => {
                        slot.insert(reached);
                    }
                }
                if cost == 0 {
                    work.push_front((next, far))
                } else {
                    work.push_back((next, far + cost))
                }
            };
            for (head, _) in self.spreads.of(vertex) {
                go((head, foothold), NO_EDGE);
            }
            for (number, edge) in self.statements(estate, vertex) {
                if edge.certainty > worst {
                    break;
                }
                let Some(gives) = self.step(edge).from(foothold) else {
                    continue;
                };
                if !refuted.touches(number) {
                    go((edge.to.0, gives), number);
                } else if vertex < self.nodes {
                    self.ends(estate, edge, |end| {
                        if !refuted.contains(number, vertex, end) {
                            go((end, gives), number);
                        }
                    });
                }
                // From a selector, its ends are written out below, where it is known which of them were refuted.
            }
            // Statements from a selector, of which some were refuted, as seen from each member.
            for number in refuted.edges.iter().filter(|_| vertex < self.nodes) {
                let Some(edge) = estate
                    .edges
                    .get(*number as usize)
                    .filter(|edge| edge.certainty <= worst)
                else {
                    continue;
                };
                let from_selector = estate.means(edge.from, NodeId(vertex));
                if let (true, Some(gives)) = (from_selector, self.step(edge).from(foothold)) {
                    self.ends(estate, edge, |end| {
                        if !refuted.contains(*number, vertex, end) {
                            go((end, gives), *number);
                        }
                    });
                }
            }
            self.implied(vertex, true, |head| go((head, foothold), NO_EDGE));
        }
        None
    }

    /// The named nodes that an edge leads to.
    fn ends(&self, estate: &Estate, edge: &Edge, mut found: impl FnMut(u32)) {
        match estate.selectors.get(&edge.to) {
            None => found(edge.to.0),
            Some(selector) => crate::estate::runs(estate, edge.to, selector)
                .into_iter()
                .flatten()
                .for_each(found),
        }
    }

    /// The hops that led to a vertex: statements only, with the members that they were taken from and to.
    fn unwind(&self, estate: &Estate, came: &HashMap<At, Came>, end: At) -> Vec<(u32, PathHop)> {
        let mut hops: Vec<(u32, PathHop)> = Vec::new();
        // The nearest named node behind the step that is being looked at, and the edge that waits for the one before.
        let (mut named, mut open): (At, Option<(u32, PathHop)>) = (end, None);
        let mut at = end;
        loop {
            let is_named = at.0 < self.nodes && estate.node(NodeId(at.0)).is_some_and(|node| !node.selector);
            if is_named || at == end {
                if let Some((number, mut hop)) = open.take() {
                    hop.from = Position {
                        node: NodeId(at.0),
                        foothold: at.1,
                    };
                    hops.push((number, hop));
                }
                named = at;
            }
            let Some((before, number)) = came.get(&at).and_then(|came| came.from) else {
                break;
            };
            if let (true, Some(edge)) = (number != NO_EDGE, estate.edges.get(number as usize)) {
                let over = (edge.to.0 != named.0).then_some(edge.to);
                let to = Position {
                    node: NodeId(named.0),
                    foothold: named.1,
                };
                let from = Position {
                    node: edge.from,
                    foothold: before.1,
                };
                open = Some((
                    number,
                    PathHop {
                        from,
                        to,
                        over,
                        edge: *edge,
                        confirmed: Holds::Yes,
                    },
                ));
            }
            at = before;
        }
        hops.extend(open);
        hops.reverse();
        hops
    }
}

/// The hops that layers refuted: (edge, from, to).
#[derive(Default)]
struct Refuted {
    hops: HashSet<(u32, u32, u32)>,
    edges: HashSet<u32>,
}

impl Refuted {
    fn insert(&mut self, edge: u32, from: u32, to: u32) {
        self.hops.insert((edge, from, to));
        self.edges.insert(edge);
    }

    fn contains(&self, edge: u32, from: u32, to: u32) -> bool {
        self.hops.contains(&(edge, from, to))
    }

    fn touches(&self, edge: u32) -> bool {
        self.edges.contains(&edge)
    }
}

/// How sure a hop is after its layer was asked.
fn certainty_of(hop: &PathHop) -> Certainty {
    match &hop.confirmed {
        // What had to be asked about and was confirmed is certain.
        Holds::Yes if hop.edge.certainty == Certainty::Ask => Certainty::Certain,
        Holds::Yes => hop.edge.certainty,
        Holds::If(_) => hop.edge.certainty.max(Certainty::Conditional),
        Holds::No(_) | Holds::Unknown(_) => Certainty::Unknown,
    }
}
