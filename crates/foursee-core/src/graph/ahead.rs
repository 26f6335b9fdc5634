//! How far it still is to a goal: a search from both ends at once, before a way is written down.
//!
//! The two waves take turns by the arcs that they look at, so that whether there is a way at all costs about twice what
//! its smaller side does. What the wave from the goal learned lets the search for the way itself pass over whatever leads
//! nowhere or too far. That changes no answer: a position on a best way is never passed over, and one that is on none
//! leads to none as early as the way itself does.

use super::{Graph, Position};
use crate::estate::Estate;
use crate::model::{Certainty, Foothold, NodeId};
use hashbrown::HashMap;

/// How many hops it is at least from positions to a goal.
pub(super) struct Ahead {
    /// By vertex and foothold, where the wave from the goal came.
    hops: HashMap<u32, [u8; FOOTHOLDS]>,
    /// From everywhere else; none where the wave had nowhere to go on.
    elsewhere: Option<u32>,
    /// The best way has at most so many hops, where layers refute none.
    pub(super) most: u32,
}

impl Ahead {
    /// Over edges no less certain than `worst`. None where no start leads to the goal, and where one stands in it.
    pub(super) fn new(
        graph: &Graph,
        estate: &Estate,
        starts: &[Position],
        goal: NodeId,
        worst: Certainty,
    ) -> Option<Self> {
        let mut forth = Wave::new(starts.iter().map(|at| (at.node.0, at.foothold.includes().0)));
        let mut back = Wave::new(std::iter::once((goal.0, ALL)));
        if starts.iter().any(|start| start.node == goal) {
            return None;
        }
        let mut met = false;
        loop {
            let forward = forth.spent <= back.spent;
            let (wave, other) = match forward {
                true => (&mut forth, &back),
                false => (&mut back, &forth),
            };
            let Some((vertex, mask)) = wave.near.pop() else {
                let ended = wave.far.is_empty();
                if met {
                    // Behind what one wave passed, everything that the other did not pass is too far.
                    let elsewhere = back.level + u32::from(!forward);
                    return Some(Self {
                        most: forth.level + back.level,
                        elsewhere: (forward || !ended).then_some(elsewhere),
                        hops: back.hops,
                    });
                }
                if ended {
                    return None;
                }
                wave.level += 1;
                for (vertex, mask) in std::mem::take(&mut wave.far) {
                    met |= other.knows(vertex, wave.pass(vertex, mask));
                }
                continue;
            };
            graph.arcs(estate, (vertex, mask), worst, forward, |next, mask, hops| {
                wave.spent += 1;
                if hops == 0 {
                    met |= other.knows(next, wave.pass(next, mask));
                } else if mask != 0 {
                    wave.far.push((next, mask));
                }
            });
        }
    }

    /// Of a goal about which nothing is known.
    #[cfg(test)]
    pub(super) fn unknown() -> Self {
        Self {
            hops: HashMap::new(),
            elsewhere: Some(0),
            most: u32::MAX,
        }
    }

    /// How many hops it is at least from a position to the goal; none where it never leads there.
    pub(super) fn least(&self, vertex: u32, foothold: Foothold) -> Option<u32> {
        let hops = self.hops.get(&vertex).and_then(|all| all.get(foothold as usize));
        match hops.copied().filter(|hops| *hops != NEVER) {
            Some(hops) => Some(u32::from(hops)),
            None => self.elsewhere,
        }
    }
}

const FOOTHOLDS: usize = Foothold::ALL.len();

/// All footholds, as bits.
const ALL: u8 = (1 << FOOTHOLDS) - 1;

/// Where a wave did not come; hops beyond so many count as one fewer.
const NEVER: u8 = u8::MAX;

/// What is known from one end, hop by hop: arcs that are no statement cost none.
struct Wave {
    hops: HashMap<u32, [u8; FOOTHOLDS]>,
    level: u32,
    /// What was passed at this level, and is to be looked at: the footholds that became known of a vertex.
    near: Vec<(u32, u8)>,
    /// What is a hop farther.
    far: Vec<(u32, u8)>,
    /// How many arcs were looked at.
    spent: usize,
}

impl Wave {
    fn new(starts: impl Iterator<Item = (u32, u8)>) -> Self {
        let mut wave = Self {
            hops: HashMap::new(),
            level: 0,
            near: Vec::new(),
            far: Vec::new(),
            spent: 0,
        };
        for (vertex, mask) in starts {
            wave.pass(vertex, mask);
        }
        wave
    }

    /// Passes a vertex at the level that the wave is at; which footholds became known.
    fn pass(&mut self, vertex: u32, mask: u8) -> u8 {
        let known = self.hops.entry(vertex).or_insert([NEVER; FOOTHOLDS]);
        let level = u8::try_from(self.level).unwrap_or(NEVER).min(NEVER - 1);
        let mut new = 0;
        for (at, hops) in known.iter_mut().enumerate() {
            if mask >> at & 1 == 1 && *hops == NEVER {
                *hops = level;
                new |= 1 << at;
            }
        }
        if new != 0 {
            self.near.push((vertex, new));
        }
        new
    }

    /// Whether some of the footholds are known of a vertex.
    fn knows(&self, vertex: u32, mask: u8) -> bool {
        let known = self.hops.get(&vertex).filter(|_| mask != 0);
        known.is_some_and(|known| {
            let mut known = known.iter().enumerate();
            known.any(|(at, hops)| mask >> at & 1 == 1 && *hops != NEVER)
        })
    }
}

impl Graph {
    /// The arcs from a vertex, or those that lead to it: where they come from or lead to, the footholds that come of these,
    /// and how many hops each is.
    fn arcs(
        &self,
        estate: &Estate,
        (vertex, mask): (u32, u8),
        worst: Certainty,
        forward: bool,
        mut found: impl FnMut(u32, u8, u32),
    ) {
        if forward {
            for (head, _) in self.spreads.of(vertex) {
                found(head, mask, 0);
            }
            for (_, edge) in self.statements(estate, vertex) {
                if edge.certainty > worst {
                    break;
                }
                found(edge.to.0, self.step(edge).forward(mask), 1);
            }
        } else {
            for (tail, class) in self.backward.of(vertex) {
                let step = usize::from(class).checked_sub(1);
                match step.and_then(|at| self.classes.get(at)) {
                    None => found(tail, mask, 0),
                    Some((certainty, _)) if *certainty > worst => break,
                    Some((_, step)) => found(tail, step.backward(mask), 1),
                }
            }
        }
        self.implied(vertex, forward, |next| found(next, mask, 0));
    }
}
