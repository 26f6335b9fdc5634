//! The graph against a slow, obvious search on random estates: every member written out, no trees, no bits.

use super::ahead::Ahead;
use super::{Confirm, Graph, Position};
use crate::document::Place;
use crate::estate::{Edge, Estate, Lowering, Over, Scope};
use crate::layer::Holds;
use crate::model::{Certainty, Class, DocId, Foothold, Kind, NodeId, Pattern, ScopeId, Technique, Verb};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

static POD: Kind = Kind::new("pod", Class::Workload);
static ROLE: Kind = Kind::new("role", Class::Identity);

const fn technique(id: &'static str, needs: Foothold, gives: Foothold) -> Technique {
    Technique {
        id,
        verb: Verb::Become,
        needs,
        gives,
        says: "goes to",
        source: "a test",
    }
}
static ACT: Technique = technique("test-act", Foothold::Acts, Foothold::Acts);
static RUN: Technique = technique("test-run", Foothold::Acts, Foothold::Runs);
static TAKE: Technique = technique("test-take", Foothold::Runs, Foothold::Holds);
static USE: Technique = technique("test-use", Foothold::Holds, Foothold::Spawns);
static ASK: Technique = technique("test-ask", Foothold::Queries, Foothold::Queries);

/// A small generator of numbers: the tests need no library for chance, only repeatable variety.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

fn estate(seed: u64) -> Estate {
    let mut dice = Dice(seed);
    let scope = Scope {
        layer: "test".into(),
        name: "one".into(),
        title: "one".into(),
        environment: None,
        endpoints: Vec::new(),
    };
    let mut estate = Estate::new(vec![scope]);
    let mut out = Lowering::new(&mut estate, ScopeId(0), "test");
    let names = ["a/x", "a/y", "a/z", "ab/x", "b/x", "b/y", "c", "", "a"];
    let patterns = ["*", "a/*", "a*", "*x", "b/?", "zz*", "a/x"];
    let mut nodes: Vec<NodeId> = Vec::new();
    for name in names {
        for kind in [&POD, &ROLE] {
            if dice.roll(4) > 0 {
                nodes.push(out.node(kind, name));
            }
        }
    }
    for _ in 0..dice.roll(5) {
        let pattern = Pattern::from_glob(patterns[dice.roll(patterns.len())]);
        let except: Vec<Pattern> = if dice.roll(2) == 0 {
            vec![]
        } else {
            vec![Pattern::from_glob(patterns[dice.roll(patterns.len())])]
        };
        let kind = if dice.roll(2) == 0 { &POD } else { &ROLE };
        nodes.push(out.select(Over {
            kind,
            pattern: &pattern,
            except: &except,
        }));
    }
    let techniques = [&ACT, &RUN, &TAKE, &USE, &ASK];
    for at in 0..dice.roll(30) {
        let (from, to) = (nodes[dice.roll(nodes.len())], nodes[dice.roll(nodes.len())]);
        let place = Place {
            doc: DocId(0),
            at: u32::try_from(at).unwrap(),
        };
        let certainty = Certainty::ALL[dice.roll(4)];
        match dice.roll(6) {
            5 => out.member(from, to, place).certainty(certainty),
            which => out.edge(from, techniques[which], to, place).certainty(certainty),
        };
    }
    estate.finish();
    estate
}

/// Whether a node, as a person would say, is meant by the end of an edge.
fn means(estate: &Estate, end: NodeId, node: NodeId) -> bool {
    let (one, other) = (estate.node(end).unwrap(), estate.node(node).unwrap());
    match estate.selectors.get(&end) {
        Some(selector) => {
            !other.selector
                && (one.scope, one.kind) == (other.scope, other.kind)
                && selector.matches(&other.name)
        }
        None => end == node,
    }
}

fn one_step(estate: &Estate, at: Position, edge: &Edge) -> Option<Foothold> {
    let row = estate.technique(edge.technique).unwrap();
    if &*row.id == "core-member" {
        return match at.foothold {
            Foothold::Acts | Foothold::Spawns => Some(Foothold::Acts),
            Foothold::Queries => Some(Foothold::Queries),
            Foothold::Holds | Foothold::Runs => None,
        };
    }
    at.foothold.includes().has(row.needs).then_some(row.gives)
}

/// Every position, with its distance, written out one by one. Selectors themselves are left out.
fn slow(estate: &Estate, start: Position, worst: Certainty) -> BTreeMap<Position, usize> {
    slow_but(estate, start, worst, &|_, _, _| false)
}

fn slow_but(
    estate: &Estate,
    start: Position,
    worst: Certainty,
    refuted: &dyn Fn(&Edge, NodeId, NodeId) -> bool,
) -> BTreeMap<Position, usize> {
    let mut seen = BTreeMap::from([(start, 0)]);
    let mut work = VecDeque::from([start]);
    while let Some(at) = work.pop_front() {
        for edge in estate
            .edges
            .iter()
            .filter(|edge| edge.certainty <= worst && means(estate, edge.from, at.node))
        {
            let Some(foothold) = one_step(estate, at, edge) else {
                continue;
            };
            for node in estate
                .ids()
                .filter(|node| means(estate, edge.to, *node) && !refuted(edge, at.node, *node))
            {
                let next = Position { node, foothold };
                if !seen.contains_key(&next) {
                    seen.insert(next, seen[&at] + 1);
                    work.push_back(next);
                }
            }
        }
    }
    seen
}

struct Yes;

impl Confirm for Yes {
    fn holds(&self, _: &Estate, _: &Edge, _: NodeId, _: NodeId) -> Holds {
        Holds::Yes
    }
}

#[test]
fn reach_and_path_are_those_of_a_slow_search() {
    let (mut reached, mut walked) = (0, 0);
    for seed in 0..600 {
        let estate = estate(seed);
        let graph = Graph::new(&estate);
        let named: Vec<NodeId> = estate
            .ids()
            .filter(|id| !estate.node(*id).unwrap().selector)
            .collect();
        for (at, worst) in named.iter().zip(Certainty::ALL.into_iter().cycle()) {
            for foothold in Foothold::ALL {
                let start = Position { node: *at, foothold };
                let want = slow(&estate, start, worst);
                let got = graph.reach(&estate, &[start], worst);
                for node in &named {
                    let mask: u8 = want
                        .keys()
                        .filter(|position| position.node == *node)
                        .fold(0, |mask, position| mask | position.foothold.includes().0);
                    assert_eq!(
                        got.of(*node).0,
                        mask,
                        "seed {seed}: {} from {}",
                        estate.show(*node),
                        estate.show(*at)
                    );
                    reached += usize::from(mask != 0);
                }
            }
        }
        // Backwards: whoever reaches a node is who is said to.
        for goal in named.iter().take(3) {
            let back = graph.reached_from(&[*goal], Certainty::Unknown);
            for from in &named {
                for foothold in Foothold::ALL {
                    let start = Position {
                        node: *from,
                        foothold,
                    };
                    let reaches = slow(&estate, start, Certainty::Unknown)
                        .keys()
                        .any(|at| at.node == *goal);
                    assert_eq!(back.of(*from).has(foothold), reaches, "seed {seed}");
                }
            }
        }
        for from in named.iter().take(4) {
            for goal in &named {
                let start = Position {
                    node: *from,
                    foothold: Foothold::Acts,
                };
                let best = Certainty::ALL.into_iter().find_map(|worst| {
                    let distance = slow(&estate, start, worst)
                        .into_iter()
                        .filter(|(at, _)| at.node == *goal)
                        .map(|(_, far)| far)
                        .min()?;
                    Some((worst, distance))
                });
                let found = graph.path(&estate, &[start], *goal, &Yes);
                if from == goal {
                    continue;
                }
                let Some((worst, distance)) = best else {
                    assert!(found.is_none(), "seed {seed}");
                    continue;
                };
                let path = found.unwrap_or_else(|| panic!("seed {seed}: no way to {}", estate.show(*goal)));
                assert_eq!(path.hops.len(), distance, "seed {seed}: {path:?}");
                assert!(path.hops.iter().all(|hop| hop.edge.certainty <= worst));
                // Every hop goes on from where the last one ended, and its statement means both ends.
                let mut at = start;
                for hop in &path.hops {
                    assert_eq!(hop.from.node, at.node, "seed {seed}: {path:?}");
                    assert!(
                        means(&estate, hop.edge.from, hop.from.node)
                            && means(&estate, hop.edge.to, hop.to.node)
                    );
                    assert!(one_step(&estate, at, &hop.edge).is_some(), "seed {seed}");
                    at = Position {
                        node: hop.to.node,
                        foothold: one_step(&estate, at, &hop.edge).unwrap(),
                    };
                    walked += 1;
                }
                assert_eq!(at.node, *goal);
            }
        }
    }
    assert!(reached > 10_000 && walked > 2_000, "{reached} {walked}");
}

#[test]
fn many_starts_are_one_search_each() {
    let (mut reached, mut circles) = (0, 0);
    for seed in 0..400 {
        let estate = estate(seed);
        let graph = Graph::new(&estate);
        let starts: Vec<Position> = estate
            .ids()
            .flat_map(|node| Foothold::ALL.map(|foothold| Position { node, foothold }))
            .collect();
        for worst in Certainty::ALL {
            // Some are condensed for and never asked about.
            let condensed = graph.condense(&estate, &starts, worst);
            circles += usize::from(condensed.has_circles());
            for some in starts.chunks(64).skip(seed as usize % 2) {
                let together = condensed.reach(some);
                for (at, start) in some.iter().enumerate() {
                    let alone = graph.reach(&estate, &[*start], worst);
                    for node in estate.ids() {
                        assert_eq!(
                            together.of(at, node),
                            alone.of(node),
                            "seed {seed}: {} from {}",
                            estate.show(node),
                            estate.show(start.node)
                        );
                        reached += usize::from(alone.of(node).0 != 0);
                    }
                }
            }
        }
    }
    assert!(reached > 100_000 && circles > 200, "{reached} {circles}");
}

#[test]
fn what_was_not_condensed_for_reaches_nothing() {
    let estate = estate(7);
    let graph = Graph::new(&estate);
    let start = Position {
        node: estate.ids().next().unwrap(),
        foothold: Foothold::Acts,
    };
    let condensed = graph.condense(&estate, &[], Certainty::Unknown);
    let reached = condensed.reach(&[start]);
    assert!(estate.ids().all(|node| reached.of(0, node).0 == 0));
    let condensed = graph.condense(&estate, &[start], Certainty::Unknown);
    let reached = condensed.reach(&[start]);
    assert!(reached.of(0, start.node).has(Foothold::Acts));
    assert!(
        estate
            .ids()
            .all(|node| reached.of(1, node).0 == 0 && reached.of(64, node).0 == 0)
    );
    let beyond = NodeId(u32::try_from(estate.nodes.len()).unwrap());
    assert_eq!(reached.of(0, beyond).0, 0);
}

#[test]
fn a_refuted_hop_is_gone_round() {
    struct No(BTreeSet<NodeId>);
    impl Confirm for No {
        fn holds(&self, _: &Estate, _: &Edge, _: NodeId, to: NodeId) -> Holds {
            if self.0.contains(&to) {
                Holds::No("not this one".to_owned())
            } else {
                Holds::Yes
            }
        }
    }
    let mut estate = Estate::new(vec![Scope {
        layer: "test".into(),
        name: "one".into(),
        title: "one".into(),
        environment: None,
        endpoints: Vec::new(),
    }]);
    let mut out = Lowering::new(&mut estate, ScopeId(0), "test");
    let place = Place { doc: DocId(0), at: 0 };
    let (start, end) = (out.node(&ROLE, "start"), out.node(&ROLE, "zend"));
    let any = out.select(Over {
        kind: &ROLE,
        pattern: &Pattern::from_glob("mid*"),
        except: &[],
    });
    out.edge(start, &ACT, any, place).certainty(Certainty::Ask);
    for name in ["mid1", "mid2", "mid3"] {
        let mid = out.node(&ROLE, name);
        out.edge(mid, &ACT, end, place);
    }
    estate.finish();
    let graph = Graph::new(&estate);
    let id = |name: &str| estate.find(ScopeId(0), "test", "role", name).unwrap();
    let from = [Position {
        node: id("start"),
        foothold: Foothold::Acts,
    }];
    let path = graph
        .path(
            &estate,
            &from,
            id("zend"),
            &No(BTreeSet::from([id("mid1"), id("mid2")])),
        )
        .unwrap();
    assert_eq!(path.hops[0].to.node, id("mid3"));
    assert_eq!(
        path.certainty,
        Certainty::Certain,
        "what was asked and confirmed is certain"
    );
    assert!(path.hops[0].over.is_some());
    let none = graph.path(
        &estate,
        &from,
        id("zend"),
        &No(BTreeSet::from([id("mid1"), id("mid2"), id("mid3")])),
    );
    assert_eq!(none, None);
}

/// Refutes about a third of all hops, the same ones each time.
struct Some3(u32);

impl Some3 {
    fn refutes(&self, edge: &Edge, from: NodeId, to: NodeId) -> bool {
        (edge.place.at * 7 + from.0 * 5 + to.0 * 3 + self.0).is_multiple_of(3)
    }
}

impl Confirm for Some3 {
    fn holds(&self, _: &Estate, edge: &Edge, from: NodeId, to: NodeId) -> Holds {
        if self.refutes(edge, from, to) {
            Holds::No("by chance".to_owned())
        } else {
            Holds::Yes
        }
    }
}

#[test]
fn what_layers_refute_is_found_another_way_or_not_at_all() {
    let (mut found, mut none) = (0, 0);
    for seed in 1_000..1_400u32 {
        let estate = estate(u64::from(seed));
        let graph = Graph::new(&estate);
        let confirm = Some3(seed);
        let named: Vec<NodeId> = estate
            .ids()
            .filter(|id| !estate.node(*id).unwrap().selector)
            .collect();
        for from in named.iter().take(4) {
            let start = Position {
                node: *from,
                foothold: Foothold::Acts,
            };
            let all = slow_but(&estate, start, Certainty::Unknown, &|edge, from, to| {
                confirm.refutes(edge, from, to)
            });
            for goal in named.iter().filter(|goal| *goal != from) {
                let want = all.keys().any(|at| at.node == *goal);
                let got = graph.path(&estate, &[start], *goal, &confirm);
                assert_eq!(
                    got.is_some(),
                    want,
                    "seed {seed} {} to {}",
                    estate.show(*from),
                    estate.show(*goal)
                );
                found += usize::from(want);
                none += usize::from(!want);
            }
        }
    }
    assert!(found > 300 && none > 300, "{found} {none}");
}

#[test]
fn what_is_known_ahead_changes_no_way() {
    struct Count<'a>(&'a dyn Confirm, std::cell::Cell<usize>);
    impl Confirm for Count<'_> {
        fn holds(&self, estate: &Estate, edge: &Edge, from: NodeId, to: NodeId) -> Holds {
            self.1.set(self.1.get() + 1);
            self.0.holds(estate, edge, from, to)
        }
    }
    let (mut found, mut long, mut again) = (0, 0, 0);
    for seed in 3_000..3_600u32 {
        let estate = estate(u64::from(seed));
        let graph = Graph::new(&estate);
        let refutes = Some3(seed);
        let confirms: [&dyn Confirm; 2] = [&Yes, &refutes];
        let all: Vec<NodeId> = estate.ids().collect();
        // From two starts, and from and to selectors too.
        for (at, goal) in all.iter().enumerate() {
            let starts = [at * 5 + 1, at * 7 + 3].map(|start| Position {
                node: all[start % all.len()],
                foothold: Foothold::ALL[start % 5],
            });
            if starts.iter().any(|start| start.node == *goal) {
                assert_eq!(graph.path(&estate, &starts, *goal, &Yes), None);
                continue;
            }
            for confirm in confirms {
                let (fast, slow) = (Count(confirm, 0.into()), Count(confirm, 0.into()));
                let way = graph.path(&estate, &starts, *goal, &fast);
                let want = graph.path_by(&estate, &starts, *goal, &slow, |_| Some(Ahead::unknown()));
                assert_eq!(way, want, "seed {seed}: to {}", estate.show(*goal));
                assert_eq!(fast.1, slow.1, "the same hops were asked about");
                let hops = way.map_or(0, |way| way.hops.len());
                found += usize::from(hops > 0);
                long += usize::from(hops > 2);
                again += usize::from(slow.1.get() > hops);
            }
        }
    }
    assert!(
        found > 1_000 && long > 100 && again > 200,
        "{found} {long} {again}"
    );
}
