//! The ways from where somebody comes in to what somebody would want.

use super::questions::usual_foothold;
use super::{Library, Mapped, Opened};
use crate::estate::{Estate, Mark};
use crate::graph::{Path, PathHop, Position};
use crate::link::{credential_parts, credential_towards};
use crate::model::{Certainty, ConditionId, Foothold, NodeId};
use crate::report::{HopRow, NodeRow, PathRow};

/// At most so many ways are reported.
const MOST: usize = 200;

/// The ways between entries and prizes, the most certain and shortest first; and how many pairs were left out.
pub(super) fn paths(opened: &Opened, mapped: &Mapped) -> (Vec<PathRow>, usize) {
    let estate = &*mapped.estate;
    let confirm = opened.confirm();
    let mut found = Vec::new();
    let mut left_out = 0;
    // What is open without a condition comes first: only so many ways are looked for.
    let mut entries: Vec<&Mark> = estate.entries.iter().collect();
    entries.sort_by_key(|entry| entry.condition != ConditionId(0));
    let starts: Vec<Position> = entries
        .iter()
        .map(|entry| Position {
            node: entry.node,
            foothold: entry.foothold,
        })
        .collect();
    let condensed = mapped.graph.condense(estate, &starts, Certainty::Unknown);
    for (entries, starts) in entries.chunks(64).zip(starts.chunks(64)) {
        let reached = condensed.reach(starts);
        for (at, (entry, start)) in entries.iter().zip(starts).enumerate() {
            for prize in &estate.prizes {
                if prize.node == entry.node || reached.of(at, prize.node).0 == 0 {
                    continue;
                }
                if found.len() >= MOST {
                    left_out += 1;
                    continue;
                }
                let Some(path) = mapped.graph.path(estate, &[*start], prize.node, &confirm) else {
                    continue;
                };
                let mut row = path_row(estate, opened.library(), &path, &entry.why, &prize.why);
                if entry.condition != ConditionId(0) {
                    row.entry = format!("{}, if {}", entry.why, estate.condition(entry.condition));
                    row.certainty = row.certainty.max(Certainty::Conditional);
                }
                found.push(row);
            }
        }
    }
    found.sort_by_key(|path| (path.certainty, path.hops.len()));
    (found, left_out)
}

/// The best way from a node to another; without `to`, the best to each thing that somebody would want. The most certain
/// and shortest first. `foothold` is where in `from` somebody stands, else [`usual_foothold`]'s. Every hop was confirmed.
#[must_use]
pub fn ways(
    opened: &Opened,
    mapped: &Mapped,
    from: NodeId,
    foothold: Option<Foothold>,
    to: Option<NodeId>,
) -> Vec<PathRow> {
    let (estate, graph) = (&*mapped.estate, &*mapped.graph);
    let start = Position {
        node: from,
        foothold: foothold.unwrap_or_else(|| usual_foothold(estate, from)),
    };
    let mut goals: Vec<(NodeId, &str)> = match to {
        Some(to) => vec![(to, "")],
        None => estate
            .prizes
            .iter()
            .map(|mark| (mark.node, mark.why.as_str()))
            .collect(),
    };
    goals.dedup_by_key(|goal| goal.0);
    let reach = graph.reach(estate, &[start], Certainty::Unknown);
    let confirm = opened.confirm();
    let mut ways: Vec<PathRow> = goals
        .iter()
        .filter(|(goal, _)| *goal != from && reach.of(*goal).0 != 0)
        .filter_map(|(goal, why)| Some((graph.path(estate, &[start], *goal, &confirm)?, why)))
        .map(|(path, why)| path_row(estate, opened.library(), &path, "", why))
        .collect();
    ways.sort_by_key(|way| (way.certainty, way.hops.len()));
    ways
}

/// A way, named and placed.
#[must_use]
pub fn path_row(estate: &Estate, library: &Library, path: &Path, entry: &str, prize: &str) -> PathRow {
    PathRow {
        certainty: path.certainty,
        entry: entry.to_owned(),
        prize: prize.to_owned(),
        hops: path
            .hops
            .iter()
            .map(|hop| hop_row(estate, library, hop))
            .collect(),
    }
}

fn hop_row(estate: &Estate, library: &Library, hop: &PathHop) -> HopRow {
    let technique = estate.technique(hop.edge.technique);
    HopRow {
        from: node_row(estate, hop.from.node),
        needs: hop.from.foothold,
        technique: technique.map_or(String::new(), |row| row.id.to_string()),
        verb: technique.map_or(crate::model::Verb::Become, |row| row.verb),
        says: technique.map_or(String::new(), |row| row.says.to_string()),
        to: node_row(estate, hop.to.node),
        gives: technique.map_or(Foothold::Acts, |row| row.gives),
        over: hop.over.map(|selector| estate.show(selector)),
        condition: estate.condition(hop.edge.condition).to_owned(),
        certainty: hop.edge.certainty,
        confirmed: hop.confirmed.to_string(),
        place: library.show(hop.edge.place),
    }
}

/// A node as a person would name it: a selector by its pattern, a credential by its subject and where that counts.
#[must_use]
pub fn node_row(estate: &Estate, id: NodeId) -> NodeRow {
    let scope = estate.scope(id);
    let text = match estate.selectors.get(&id) {
        Some(selector) => selector.pattern.to_string(),
        None => estate.name(id).to_owned(),
    };
    let name = if scope.is_none() { credential(&text) } else { None }.unwrap_or(text);
    NodeRow {
        layer: estate
            .kind(id)
            .map_or(String::new(), |kind| kind.layer.to_string()),
        scope: scope.map_or(String::new(), |scope| scope.name.to_string()),
        scope_title: scope.map_or(String::new(), |scope| scope.title.to_string()),
        kind: estate
            .kind(id)
            .map_or(String::new(), |kind| kind.name.to_string()),
        name,
    }
}

/// A credential's name as it reads: "web-identity SUBJECT of REALM for AUDIENCE".
fn credential(name: &str) -> Option<String> {
    let (kind, realm, audience, subject) = credential_parts(name)?;
    let mut text = format!("{kind} {subject} of {realm}");
    if !audience.is_empty() {
        text.push_str(&format!(" for {audience}"));
    }
    if let Some(towards) = credential_towards(name) {
        text.push_str(&format!(" at {towards}"));
    }
    Some(text)
}
