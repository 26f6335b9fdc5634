//! Paths: as certain as can be, then as short as can be, every hop confirmed by the layer whose statement it is.

use super::reach::step;
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

/// Where a search came from: the vertex and foothold before, and the arc's edge.
type Came = Option<((u32, Foothold), u32)>;

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
        let mut refuted: HashSet<(u32, u32, u32)> = HashSet::new();
        for worst in Certainty::ALL {
            for _ in 0..ROUNDS {
                let Some(mut hops) = self.shortest(estate, starts, to, worst, &refuted) else {
                    break;
                };
                let mut all_hold = true;
                for (number, hop) in &mut hops {
                    hop.confirmed = confirm.holds(estate, &hop.edge, hop.from.node, hop.to.node);
                    if let Holds::No(_) = hop.confirmed {
                        refuted.insert((*number, hop.from.node.0, hop.to.node.0));
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
        refuted: &HashSet<(u32, u32, u32)>,
    ) -> Option<Vec<(u32, PathHop)>> {
        let mut came: HashMap<(u32, Foothold), Came> = HashMap::new();
        let mut work: VecDeque<(u32, Foothold)> = VecDeque::new();
        for start in starts {
            let at = (start.node.0, start.foothold);
            came.insert(at, None);
            work.push_back(at);
        }
        while let Some(at) = work.pop_front() {
            if at.0 == to.0 && !starts.iter().any(|start| start.node == to) {
                let hops = self.unwind(estate, &came, at);
                if hops
                    .iter()
                    .all(|(number, hop)| !refuted.contains(&(*number, hop.from.node.0, hop.to.node.0)))
                {
                    return Some(hops);
                }
                continue;
            }
            let (vertex, foothold) = at;
            let mut go = |next: (u32, Foothold), edge: u32| {
                if let Entry::Vacant(slot) = came.entry(next) {
                    slot.insert(Some((at, edge)));
                    work.push_back(next);
                }
            };
            for (head, number) in self.forward.of(vertex) {
                if *number == NO_EDGE {
                    go((*head, foothold), NO_EDGE);
                    continue;
                }
                let Some(edge) = estate.edges.get(*number as usize) else {
                    continue;
                };
                if edge.certainty > worst {
                    break;
                }
                // A statement over named nodes that was refuted is closed for good; one over a selector only for
                // the members that were refuted, which `unwind` knows.
                if refuted.contains(&(*number, vertex, *head)) {
                    continue;
                }
                let (needs, gives, member) = step(estate, edge);
                if member && (foothold.includes().has(Foothold::Acts) || foothold == Foothold::Queries) {
                    go((*head, foothold), *number);
                } else if !member && foothold.includes().has(needs) {
                    go((*head, gives), *number);
                }
            }
            self.implied(vertex, true, |head| go((head, foothold), NO_EDGE));
        }
        None
    }

    /// The hops that led to a vertex: statements only, with the members that they were taken from and to.
    fn unwind(
        &self,
        estate: &Estate,
        came: &HashMap<(u32, Foothold), Came>,
        end: (u32, Foothold),
    ) -> Vec<(u32, PathHop)> {
        let mut hops: Vec<(u32, PathHop)> = Vec::new();
        let mut at = end;
        let mut arrived = end;
        // The edge that is being walked backwards and waits for the member that it starts from.
        let mut open: Option<(u32, PathHop)> = None;
        let node = |vertex: u32| (vertex < self.nodes).then_some(NodeId(vertex));
        loop {
            if let (Some((_, hop)), Some(member)) = (&mut open, node(at.0))
                && estate.node(member).is_some_and(|row| !row.selector)
            {
                hop.from = Position {
                    node: member,
                    foothold: at.1,
                };
                hops.extend(open.take());
                arrived = at;
            }
            let Some(Some((before, number))) = came.get(&at) else {
                break;
            };
            if let (true, Some(edge)) = (*number != NO_EDGE, estate.edges.get(*number as usize)) {
                // An edge that ends in a selector was left through one of its members, or ends the way itself.
                let over = (node(at.0) != node(arrived.0)).then_some(NodeId(at.0));
                // A selector that an edge starts from directly after it was reached: the selector stands for itself.
                if let Some((number, mut hop)) = open.take() {
                    hop.from = Position {
                        node: NodeId(at.0),
                        foothold: at.1,
                    };
                    hops.push((number, hop));
                    arrived = at;
                }
                let to = Position {
                    node: node(arrived.0).unwrap_or(edge.to),
                    foothold: arrived.1,
                };
                let from = Position {
                    node: edge.from,
                    foothold: before.1,
                };
                open = Some((
                    *number,
                    PathHop {
                        from,
                        to,
                        over,
                        edge: *edge,
                        confirmed: Holds::Yes,
                    },
                ));
            }
            at = *before;
        }
        hops.extend(open);
        hops.reverse();
        hops
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
