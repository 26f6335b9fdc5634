//! Reach and paths against a slow search that writes every position out.

use crate::Choices;
use foursee::core::audit::{Documents, Mapped, open};
use foursee::core::document::{Document, Head, Notes};
use foursee::core::estate::{Edge, Estate, Lowering, Over};
use foursee::core::graph::Position;
use foursee::core::judge::Policy;
use foursee::core::layer::{Claim, DocumentKind, Holds, Hop, Layer, QuestionError, Rule, ScopeClaim, Who};
use foursee::core::model::{Certainty, Class, Foothold, Kind, NodeId, Pattern, Technique, Verb};
use foursee::core::registry::Registry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::OnceLock;

static POD: Kind = Kind::new("pod", Class::Workload);
static ROLE: Kind = Kind::new("role", Class::Identity);

const fn technique(id: &'static str, needs: Foothold, gives: Foothold) -> Technique {
    Technique {
        id,
        verb: Verb::Become,
        needs,
        gives,
        says: "goes to",
        source: "a fuzzer",
    }
}

static TECHNIQUES: [Technique; 5] = [
    technique("walks-act", Foothold::Acts, Foothold::Acts),
    technique("walks-run", Foothold::Acts, Foothold::Runs),
    technique("walks-take", Foothold::Runs, Foothold::Holds),
    technique("walks-use", Foothold::Holds, Foothold::Spawns),
    technique("walks-ask", Foothold::Queries, Foothold::Queries),
];

/// A layer whose one document is the fuzzer's bytes, as letters.
#[derive(Clone)]
struct Walks;

impl Layer for Walks {
    type Facts = Option<(Vec<u8>, Document)>;

    fn id(&self) -> &'static str {
        "walks"
    }
    fn recognise(&self, head: &Head<'_>) -> Option<Claim> {
        (head.name() == "walks").then(|| Claim::state("walks", ScopeClaim::One("one".to_owned())))
    }
    fn parse(&self, document: &Document, _: &mut Notes) -> Self::Facts {
        let bytes = document
            .text
            .chars()
            .map(|one| u8::try_from(u32::from(one) - 0x100).unwrap_or(0));
        Some((bytes.collect(), document.clone()))
    }
    fn merge(&self, into: &mut Self::Facts, part: Self::Facts) {
        *into = part;
    }
    fn lower(&self, facts: &Self::Facts, out: &mut Lowering<'_>) {
        let Some((bytes, document)) = facts else { return };
        let mut choices = Choices::new(bytes);
        let names = ["a/x", "a/y", "a/z", "ab/x", "b/x", "b/y", "c", "", "a"];
        let patterns = ["*", "a/*", "a*", "*x", "b/?", "zz*", "a/x", "?", "*/*"];
        let mut nodes: Vec<NodeId> = Vec::new();
        for name in names {
            for kind in [&POD, &ROLE] {
                if choices.below(4) != 3 {
                    nodes.push(out.node(kind, name));
                }
            }
        }
        for _ in 0..choices.below(6) {
            let pattern = Pattern::from_glob(choices.pick(&patterns));
            let except: Vec<Pattern> = (0..choices.below(3))
                .map(|_| Pattern::from_glob(choices.pick(&patterns)))
                .collect();
            let kind = choices.pick(&[&POD, &ROLE]);
            nodes.push(out.select(Over {
                kind,
                pattern: &pattern,
                except: &except,
            }));
        }
        if nodes.is_empty() {
            return;
        }
        for at in 0..choices.below(32) {
            let (from, to) = (choices.pick(&nodes), choices.pick(&nodes));
            let (which, place) = (choices.below(6), document.at(at));
            let certainty = choices.pick(&Certainty::ALL);
            match TECHNIQUES.get(which) {
                None => out.member(from, to, place).certainty(certainty),
                Some(one) => out.edge(from, one, to, place).certainty(certainty),
            };
        }
    }
    /// Refutes some hops, if the document's last byte says so.
    fn holds(&self, facts: &Self::Facts, hop: &Hop<'_>) -> Holds {
        let last = facts
            .as_ref()
            .and_then(|(bytes, _)| bytes.last())
            .copied()
            .unwrap_or(0);
        if refuted(last, hop.place.at, hop.from.name, hop.to.name) {
            return Holds::No("the fuzzer said so".to_owned());
        }
        Holds::Yes
    }
    fn may(&self, _: &Self::Facts, _: &Who<'_>, _: &str, _: &str) -> Holds {
        Holds::Yes
    }
    fn decide(&self, _: &Self::Facts, _: &str, _: &mut Vec<u8>) -> Result<(), QuestionError> {
        Ok(())
    }
    fn rules(&self) -> Vec<Box<dyn Rule<Self::Facts>>> {
        Vec::new()
    }
    fn kinds(&self) -> &'static [DocumentKind] {
        &[DocumentKind {
            name: "walks",
            made_by: "a fuzzer",
        }]
    }
}

fn refuted(last: u8, at: u32, from: &str, to: &str) -> bool {
    let sum = from
        .bytes()
        .chain(to.bytes())
        .fold(at, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    last % 2 == 1 && sum % 5 == 0
}

/// Whether a node, as a person would say, is meant by the end of an edge.
fn means(estate: &Estate, end: NodeId, node: NodeId) -> bool {
    let (Some(one), Some(other)) = (estate.node(end), estate.node(node)) else {
        return false;
    };
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
    let row = estate.technique(edge.technique)?;
    if &*row.id == "core-member" {
        return match at.foothold {
            Foothold::Acts | Foothold::Spawns => Some(Foothold::Acts),
            Foothold::Queries => Some(Foothold::Queries),
            Foothold::Holds | Foothold::Runs => None,
        };
    }
    at.foothold.includes().has(row.needs).then_some(row.gives)
}

/// Every position and how far it is, by edges of which `takes` approves.
fn slow(
    estate: &Estate,
    start: Position,
    takes: &dyn Fn(&Edge, NodeId, NodeId) -> bool,
) -> BTreeMap<Position, usize> {
    let mut seen = BTreeMap::from([(start, 0)]);
    let mut work = VecDeque::from([start]);
    while let Some(at) = work.pop_front() {
        for edge in estate
            .edges
            .iter()
            .filter(|edge| means(estate, edge.from, at.node))
        {
            let Some(foothold) = one_step(estate, at, edge) else {
                continue;
            };
            for node in estate
                .ids()
                .filter(|node| means(estate, edge.to, *node) && takes(edge, at.node, *node))
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

/// One estate, one start, one goal.
pub fn walks(data: &[u8]) {
    static ONLY: OnceLock<Registry> = OnceLock::new();
    let registry = ONLY.get_or_init(|| Registry::new().layer(Walks).expect("a layer of its own"));
    let [from, to, foothold, rest @ ..] = data else {
        return;
    };
    let mut documents = Documents::new();
    let text: String = rest
        .iter()
        .filter_map(|byte| char::from_u32(0x100 + u32::from(*byte)))
        .collect();
    if text.len() < 80 {
        return; // Places are offsets into it.
    }
    documents.push_text("walks", text);
    let opened = open(documents, registry, &Policy::default(), 1);
    let mapped = Mapped::new(&opened, &Policy::default(), &mut |_| {});
    let (estate, graph) = (&*mapped.estate, &*mapped.graph);
    let named: Vec<NodeId> = estate
        .ids()
        .filter(|id| estate.node(*id).is_some_and(|node| !node.selector))
        .collect();
    if named.is_empty() {
        return;
    }
    let at = |byte: u8| named[usize::from(byte) % named.len()];
    let (start, goal) = (
        Position {
            node: at(*from),
            foothold: Foothold::ALL[usize::from(*foothold) % 5],
        },
        at(*to),
    );
    for worst in Certainty::ALL {
        let want = slow(estate, start, &|edge, _, _| edge.certainty <= worst);
        let got = graph.reach(estate, &[start], worst);
        for node in &named {
            let footholds = want.keys().filter(|one| one.node == *node);
            let mask = footholds.fold(0, |mask, one| mask | one.foothold.includes().0);
            assert_eq!(
                got.of(*node).0,
                mask,
                "{} from {}",
                estate.show(*node),
                estate.show(start.node)
            );
        }
    }
    let last = rest.last().copied().unwrap_or(0);
    let stands = |edge: &Edge, from: NodeId, to: NodeId| {
        !refuted(last, edge.place.at, estate.name(from), estate.name(to))
    };
    let back = graph.reached_from(&[goal], Certainty::Unknown);
    let all = slow(estate, start, &|_, _, _| true);
    assert_eq!(
        back.of(start.node).has(start.foothold),
        all.keys().any(|one| one.node == goal),
        "backwards"
    );
    if start.node == goal {
        return;
    }
    let found = graph.path(estate, &[start], goal, &opened.confirm());
    let best = Certainty::ALL.into_iter().find_map(|worst| {
        let ways = slow(estate, start, &|edge, from, to| {
            edge.certainty <= worst && stands(edge, from, to)
        });
        Some((
            worst,
            ways.into_iter()
                .filter(|(at, _)| at.node == goal)
                .map(|(_, far)| far)
                .min()?,
        ))
    });
    let Some(path) = found else {
        assert!(best.is_none(), "a way is not found: {best:?}");
        return;
    };
    let (worst, far) = best.expect("a way that a slow search does not find");
    assert_eq!(path.hops.len(), far, "{path:?}");
    let mut here = start;
    for hop in &path.hops {
        assert_eq!(hop.from.node, here.node, "{path:?}");
        assert!(means(estate, hop.edge.from, hop.from.node) && means(estate, hop.edge.to, hop.to.node));
        assert!(
            hop.edge.certainty <= worst && stands(&hop.edge, hop.from.node, hop.to.node),
            "{path:?}"
        );
        let foothold = one_step(estate, here, &hop.edge).expect("a hop that is open");
        here = Position {
            node: hop.to.node,
            foothold,
        };
    }
    assert_eq!(here.node, goal);
}
