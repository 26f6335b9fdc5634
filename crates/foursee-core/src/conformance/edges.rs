//! L2 to L4: what the edges say, against what the layer confirms.

use super::some;
use crate::audit::{Mapped, Opened};
use crate::document::Place;
use crate::estate::{Edge, Estate, runs};
use crate::graph::Confirm;
use crate::layer::{Holds, Hop, Who};
use crate::model::{Certainty, Class, KindId, NodeId, TechniqueId};
use std::collections::BTreeMap;

/// So many members of a selector are tried.
const MEMBERS: usize = 24;
/// The name of somebody whom no document speaks of.
const STRANGER: &str = "foursee-conformance-stranger";

pub(super) fn check(opened: &Opened, mapped: &Mapped) -> Vec<String> {
    let estate = &*mapped.estate;
    let confirm = opened.confirm();
    let mut wrong = Vec::new();
    for edge in &estate.edges {
        exact(estate, edge, &confirm, &mut wrong);
    }
    small(estate, &mut wrong);
    present(opened, estate, &confirm, &mut wrong);
    wrong.dedup();
    wrong
}

/// L2: an edge holds for every member, as its certainty says.
fn exact(estate: &Estate, edge: &Edge, confirm: &impl Confirm, wrong: &mut Vec<String>) {
    if edge.certainty > Certainty::Conditional {
        return;
    }
    let say = || said(estate, edge);
    if edge.certainty == Certainty::Conditional && estate.condition(edge.condition).is_empty() {
        wrong.push(format!(
            "L2: {} is conditional, and no condition is stated",
            say()
        ));
    }
    for from in members(estate, edge.from) {
        for to in members(estate, edge.to) {
            let certain = edge.certainty == Certainty::Certain;
            let but = match confirm.holds(estate, edge, from, to) {
                Holds::No(why) => format!("is refuted: {why}"),
                Holds::If(why) if certain => format!("holds only if {why}"),
                _ => continue,
            };
            let (word, from, to) = (edge.certainty.as_str(), estate.show(from), estate.show(to));
            wrong.push(format!(
                "L2: {} is {word}, and from {from} to {to} it {but}",
                say()
            ));
        }
    }
}

/// L3: a statement is one edge a technique and kind of target, from its holder to a selector or to what it names itself,
/// and what it names stands in the privileges table too; what a selector excepts may have an edge of its own. Otherwise
/// somebody spelled out the members.
fn small(estate: &Estate, wrong: &mut Vec<String>) {
    let mut rows: BTreeMap<(NodeId, Place, &str), usize> = BTreeMap::new();
    for row in &estate.privileges {
        *rows.entry((row.holder, row.place, &row.action)).or_default() += 1;
    }
    let mut named: BTreeMap<(NodeId, Place), usize> = BTreeMap::new();
    for ((holder, place, _), count) in rows {
        let most = named.entry((holder, place)).or_default();
        *most = count.max(*most);
    }
    // How many edges there are, and how many names their selectors except: each of these may have one of its own.
    let mut edges: BTreeMap<(NodeId, Place, TechniqueId, Option<KindId>), (usize, usize)> = BTreeMap::new();
    for edge in &estate.edges {
        let kind = estate.node(edge.to).map(|node| node.kind);
        let selector = estate.selectors.get(&edge.to);
        let slot = edges
            .entry((edge.from, edge.place, edge.technique, kind))
            .or_default();
        slot.0 += 1;
        slot.1 += selector.map_or(0, |selector| selector.except.len());
    }
    for ((holder, place, technique, _), (count, excepted)) in edges {
        let most = named.get(&(holder, place)).copied().unwrap_or(1).max(1);
        if count > most + excepted {
            let technique = estate.technique(technique).map_or("", |row| &row.id);
            wrong.push(format!(
                "L3: {} has {count} edges of {technique} from one statement that names {most}",
                estate.show(holder)
            ));
        }
    }
}

/// L4: the layer confirms each technique of its own, and refuses it to a stranger.
fn present(opened: &Opened, estate: &Estate, confirm: &impl Confirm, wrong: &mut Vec<String>) {
    let mut of: BTreeMap<TechniqueId, Vec<&Edge>> = BTreeMap::new();
    for edge in &estate.edges {
        of.entry(edge.technique).or_default().push(edge);
    }
    for (technique, edges) in of {
        let Some(row) = estate.technique(technique) else {
            continue;
        };
        let hops = edges.iter().flat_map(|edge| {
            let ends = members(estate, edge.from).into_iter();
            ends.flat_map(move |from| {
                members(estate, edge.to)
                    .into_iter()
                    .map(move |to| (*edge, from, to))
            })
        });
        let hops: Vec<(&Edge, NodeId, NodeId)> = hops.take(MEMBERS * MEMBERS).collect();
        let answered = |(edge, from, to): &(&Edge, NodeId, NodeId)| {
            !matches!(confirm.holds(estate, edge, *from, *to), Holds::Unknown(_))
        };
        if !hops.is_empty() && !hops.iter().any(answered) {
            wrong.push(format!("L4: `holds` has no word on any hop of {}", row.id));
        }
        // Where everybody or whole groups have it, a stranger may have it too.
        let named = |edge: &&&Edge| {
            estate.node(edge.from).is_some_and(|node| !node.selector)
                && estate
                    .kind(edge.from)
                    .is_some_and(|kind| matches!(kind.class, Class::Identity | Class::Workload))
        };
        let (Some(edge), true) = (edges.first(), edges.iter().all(|edge| named(&edge))) else {
            continue;
        };
        let (Some(holder), Some(to)) = (estate.node(edge.from), members(estate, edge.to).first().copied())
        else {
            continue;
        };
        let who = |id: NodeId, name| Who {
            kind: estate.kind(id).map_or("", |kind| &kind.name),
            name,
        };
        let hop = Hop {
            technique: &row.id,
            from: who(edge.from, STRANGER),
            to: who(to, estate.name(to)),
            place: edge.place,
            credential: None,
        };
        let confirmed = opened
            .loaded()
            .get(holder.scope.index())
            .is_some_and(|loaded| loaded.holds(&hop) == Holds::Yes);
        if confirmed && !row.id.starts_with("core-") {
            wrong.push(format!(
                "L4: `holds` confirms {} for somebody who is not there",
                row.id
            ));
        }
    }
}

/// The nodes that a node stands for: some of its members, or itself.
fn members(estate: &Estate, id: NodeId) -> Vec<NodeId> {
    match estate.selectors.get(&id) {
        None => vec![id],
        Some(selector) => {
            let all = runs(estate, id, selector).into_iter().flatten().map(NodeId);
            some(all.collect(), MEMBERS)
        }
    }
}

fn said(estate: &Estate, edge: &Edge) -> String {
    let technique = estate.technique(edge.technique).map_or("", |row| &row.id);
    format!(
        "{} -{technique}-> {}",
        estate.show(edge.from),
        estate.show(edge.to)
    )
}
