//! The graph alone: a random estate of 1,000,000 edges, lowered by a layer that exists for this.

use crate::generate::Dice;
use crate::measure::{cpu_ms, milliseconds, nanoseconds};
use foursee::core::audit::{Documents, Mapped, open, who_can};
use foursee::core::document::{Document, Head, Notes, Place};
use foursee::core::estate::{Estate, Lowering};
use foursee::core::graph::{Confirm, Position};
use foursee::core::judge::Policy;
use foursee::core::layer::{Claim, DocumentKind, Holds, Hop, Layer, QuestionError, Rule, ScopeClaim, Who};
use foursee::core::model::{Certainty, Class, DocId, Foothold, Kind, NodeId, Technique, Verb};
use foursee::core::registry::Registry;
use std::hint::black_box;

static ROLE: Kind = Kind::new("role", Class::Identity);
static BECOMES: Technique = Technique {
    id: "bench-become",
    verb: Verb::Become,
    needs: Foothold::Acts,
    gives: Foothold::Acts,
    says: "becomes",
    source: "made up",
};

/// So many roles, each of which becomes four others.
struct Random(usize);

impl Layer for Random {
    type Facts = ();

    fn id(&self) -> &'static str {
        "bench"
    }
    fn recognise(&self, _: &Head<'_>) -> Option<Claim> {
        Some(Claim::state("all", ScopeClaim::One("all".to_owned())))
    }
    fn parse(&self, _: &Document, _: &mut Notes) {}
    fn merge(&self, (): &mut (), (): ()) {}
    fn lower(&self, (): &(), out: &mut Lowering<'_>) {
        let mut dice = Dice(31);
        let place = Place { doc: DocId(0), at: 0 };
        let roles: Vec<NodeId> = (0..self.0)
            .map(|at| out.node(&ROLE, &format!("role-{at}")))
            .collect();
        for from in &roles {
            for _ in 0..4 {
                if let Some(to) = roles.get(dice.roll(roles.len())) {
                    out.edge(*from, &BECOMES, *to, place);
                }
            }
        }
    }
    fn holds(&self, (): &(), _: &Hop<'_>) -> Holds {
        Holds::Yes
    }
    fn may(&self, (): &(), _: &Who<'_>, _: &str, _: &str) -> Holds {
        Holds::Yes
    }
    fn decide(&self, (): &(), _: &str, _: &mut Vec<u8>) -> Result<(), QuestionError> {
        Ok(())
    }
    fn rules(&self) -> Vec<Box<dyn Rule<()>>> {
        Vec::new()
    }
    fn kinds(&self) -> &'static [DocumentKind] {
        &[]
    }
}

/// "make-ms one-reach-ms condense-ms sixty-four-reaches-ms path-ms hops bytes-an-edge".
pub fn graph() -> Result<String, Box<dyn std::error::Error>> {
    let registry = Registry::new().layer(Random(250_000))?;
    let mut documents = Documents::new();
    documents.push_text("all", "all");
    let opened = open(documents, &registry, &Policy::default(), 1);
    let began = cpu_ms()?;
    let mapped = Mapped::new(&opened, &Policy::default(), &mut |_| {});
    let made = cpu_ms()? - began;
    let estate: &Estate = &mapped.estate;
    let at = |node: NodeId| Position {
        node,
        foothold: Foothold::Acts,
    };
    let starts: Vec<Position> = estate
        .ids()
        .step_by(estate.nodes.len() / 64)
        .take(64)
        .map(at)
        .collect();
    let first = starts.first().copied().ok_or("no node")?;
    let one = milliseconds(|| {
        black_box(mapped.graph.reach(estate, &[first], Certainty::Unknown));
    })?;
    let everywhere: Vec<Position> = estate.ids().map(at).collect();
    let mut condensed = None;
    let condensing = milliseconds(|| {
        condensed = Some(mapped.graph.condense(estate, &everywhere, Certainty::Unknown));
    })?;
    let condensed = condensed.ok_or("nothing was condensed")?;
    let all = milliseconds(|| {
        black_box(condensed.reach(&starts));
    })?;
    // What is measured is right: each start's reach, one by one.
    let together = condensed.reach(&starts);
    for (at, start) in starts.iter().enumerate() {
        let alone = mapped.graph.reach(estate, &[*start], Certainty::Unknown);
        if estate.ids().any(|node| alone.of(node) != together.of(at, node)) {
            return Err("starts reach together what none reaches alone".into());
        }
    }
    let confirm = opened.confirm();
    // A way of four hops: from the node that four steps along first edges lead to.
    let goal = (0..4).fold(first.node, |node, _| {
        let next = estate.edges.iter().find(|edge| edge.from == node);
        next.map_or(node, |edge| edge.to)
    });
    let path = mapped
        .graph
        .path(estate, &[first], goal, &confirm)
        .ok_or("no way")?;
    let found = way(&mapped, first, goal, &confirm)?;
    Ok(format!(
        "{made} {one} {condensing} {all} {found} {} {}",
        path.hops.len(),
        estate.edges.len()
    ))
}

/// How long the way is that is found and confirmed.
const HOPS: usize = 4;

/// "reach-ms way-ms who-can-ms what": over an estate of documents, the reach of a pod, the longest way of at most four hops
/// from a pod to something that it reaches, found and confirmed, and who can list Secrets everywhere.
pub fn ways(folder: &std::path::Path) -> Result<String, Box<dyn std::error::Error>> {
    let opened = foursee::Audit::new().threads(1).add(folder)?.open()?;
    let opened = opened.facts();
    let mapped = Mapped::new(opened, &Policy::default(), &mut |_| {});
    let estate: &Estate = &mapped.estate;
    let pods = estate
        .ids()
        .filter(|id| estate.kind(*id).is_some_and(|kind| &*kind.name == "pod"));
    let starts: Vec<Position> = pods
        .map(|node| Position {
            node,
            foothold: Foothold::Runs,
        })
        .collect();
    let confirm = opened.confirm();
    let mut longest: Option<(usize, Position, NodeId)> = None;
    for start in starts.iter().step_by((starts.len() / 200).max(1)) {
        let reach = mapped.graph.reach(estate, &[*start], Certainty::Unknown);
        let goals: Vec<NodeId> = reach.nodes().filter(|node| *node != start.node).collect();
        for goal in goals.iter().step_by((goals.len() / 4).max(1)) {
            let path = mapped.graph.path(estate, &[*start], *goal, &confirm);
            let hops = path.map_or(0, |path| path.hops.len());
            if hops <= HOPS && longest.is_none_or(|(most, ..)| hops > most) {
                longest = Some((hops, *start, *goal));
            }
        }
    }
    let (hops, start, goal) = longest.ok_or("no pod reaches anything")?;
    let reach = nanoseconds(|_| {
        black_box(mapped.graph.reach(estate, &[start], Certainty::Unknown));
    })? / 1e6;
    let way = way(&mapped, start, goal, &confirm)?;
    let (action, resource) = ("list secrets", "*");
    let who = who_can(opened, &mapped, action, resource).len();
    let asked = milliseconds(|| {
        black_box(who_can(opened, &mapped, action, resource));
    })?;
    Ok(format!(
        "{reach} {way} {asked} {} edges, {} pods, the way has {hops} hops, {who} can list secrets",
        estate.edges.len(),
        starts.len()
    ))
}

/// How long it takes to find a way and have it confirmed, in ms.
fn way(
    mapped: &Mapped,
    start: Position,
    goal: NodeId,
    confirm: &impl Confirm,
) -> Result<f64, Box<dyn std::error::Error>> {
    let spent = nanoseconds(|_| {
        black_box(mapped.graph.path(&mapped.estate, &[start], goal, confirm));
    })?;
    Ok(spent / 1e6)
}
