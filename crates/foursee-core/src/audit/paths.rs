//! The ways from where somebody comes in to what somebody would want.

use super::{Library, Mapped, Opened};
use crate::estate::Estate;
use crate::graph::{Path, PathHop, Position};
use crate::layer::Holds;
use crate::model::{Certainty, Foothold, NodeId};
use crate::report::{HopRow, NodeRow, PathRow};

/// At most so many ways are reported.
const MOST: usize = 200;

/// The ways between entries and prizes, the most certain and shortest first; and how many pairs were left out.
pub(super) fn paths(opened: &Opened, mapped: &Mapped) -> (Vec<PathRow>, usize) {
    let estate = &*mapped.estate;
    let confirm = opened.confirm();
    let mut found = Vec::new();
    let mut left_out = 0;
    for entry in &estate.entries {
        let start = Position {
            node: entry.node,
            foothold: entry.foothold,
        };
        let reach = mapped.graph.reach(estate, &[start], Certainty::Unknown);
        for prize in &estate.prizes {
            if prize.node == entry.node || reach.of(prize.node).0 == 0 {
                continue;
            }
            if found.len() >= MOST {
                left_out += 1;
                continue;
            }
            let Some(path) = mapped.graph.path(estate, &[start], prize.node, &confirm) else {
                continue;
            };
            found.push(path_row(estate, opened.library(), &path, &entry.why, &prize.why));
        }
    }
    found.sort_by_key(|path| (path.certainty, path.hops.len()));
    (found, left_out)
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
        confirmed: match &hop.confirmed {
            Holds::Yes => "yes".to_owned(),
            Holds::If(condition) => format!("if {condition}"),
            Holds::No(why) => format!("no: {why}"),
            Holds::Unknown(gap) => format!("unknown: {gap}"),
        },
        place: library.show(hop.edge.place),
    }
}

pub(super) fn node_row(estate: &Estate, id: NodeId) -> NodeRow {
    let scope = estate.scope(id);
    let selector = estate.node(id).is_some_and(|node| node.selector);
    let name = match (
        selector,
        estate.selectors.get(&id),
        crate::link::credential_parts(estate.name(id)),
    ) {
        (true, Some(selector), _) => selector.pattern.to_string(),
        (_, _, Some((kind, realm, audience, subject))) if scope.is_none() => {
            let towards = if audience.is_empty() {
                String::new()
            } else {
                format!(" for {audience}")
            };
            format!("{kind} {subject} of {realm}{towards}")
        }
        _ => estate.name(id).to_owned(),
    };
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
