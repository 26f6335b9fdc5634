//! The tables of nodes: who acts, and what privileges are over.

use super::Table;
use super::cell::{Cell, flag, maybe, number, text, whole, words};
use foursee_core::audit::node_row;
use foursee_core::estate::Estate;
use foursee_core::model::{Class, NodeId, Rung, ScopeId};
use foursee_core::report::Report;
use std::collections::BTreeSet;

/// One row an identity: where it stands, whose it is.
pub(super) const IDENTITIES: Table = Table {
    name: "identities",
    columns: &[
        words("layer"),
        words("scope"),
        words("environment"),
        words("kind"),
        words("name"),
        whole("rung"),
        whole("attainable"),
        whole("target"),
        words("owner"),
        words("owner_read_from"),
        flag("entry"),
        flag("prize"),
        words("tags"),
    ],
    rows: identities,
};

/// One row a resource, with its tags.
pub(super) const RESOURCES: Table = Table {
    name: "resources",
    columns: &[
        words("layer"),
        words("scope"),
        words("environment"),
        words("kind"),
        words("name"),
        flag("prize"),
        words("tags"),
    ],
    rows: resources,
};

/// Layer, scope, environment, kind and name of a node, as a person would name it; a selector's name is its pattern.
pub(super) fn node(estate: &Estate, id: NodeId) -> [Cell; 5] {
    let scope = estate.scope(id);
    let mut name = node_row(estate, id).name;
    let except: Vec<String> = estate
        .selectors
        .get(&id)
        .map(|one| one.except.iter().map(|one| one.to_string()).collect())
        .unwrap_or_default();
    if !except.is_empty() {
        name = format!("{name} except {}", except.join(", "));
    }
    [
        maybe(estate.kind(id).map(|kind| &*kind.layer)),
        maybe(scope.map(|scope| &*scope.name)),
        maybe(scope.and_then(|scope| scope.environment.as_deref())),
        maybe(estate.kind(id).map(|kind| &*kind.name)),
        text(name),
    ]
}

/// Labels, tags and comments of a node: "key=value; key=value".
fn tags(estate: &Estate, id: NodeId) -> Cell {
    let from = estate.tags.partition_point(|tag| tag.node < id);
    let of_node = estate.tags.iter().skip(from).take_while(|tag| tag.node == id);
    let tags: Vec<String> = of_node.map(|tag| format!("{}={}", tag.key, tag.value)).collect();
    text(tags.join("; "))
}

fn identities(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    let estate = &*report.estate;
    for one in &report.identities {
        let at = (estate.scopes.iter().zip((0..).map(ScopeId)))
            .find(|(scope, _)| *scope.layer == *one.layer && *scope.name == *one.scope);
        take(vec![
            text(one.layer.as_str()),
            text(one.scope.as_str()),
            maybe(at.and_then(|(scope, _)| scope.environment.as_deref())),
            text(one.kind.as_str()),
            text(one.name.as_str()),
            number(one.rung.map(Rung::number)),
            number(one.attainable.map(Rung::number)),
            number(one.target.map(Rung::number)),
            maybe(one.owner.as_ref().map(|owner| owner.name.as_str())),
            maybe(one.owner.as_ref().map(|owner| owner.read_from.as_str())),
            Cell::Bool(one.entry),
            Cell::Bool(one.prize),
            at.and_then(|(_, id)| estate.find(id, &one.layer, &one.kind, &one.name))
                .map_or(Cell::Null, |id| tags(estate, id)),
        ]);
    }
}

fn resources(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    let estate = &*report.estate;
    let prizes: BTreeSet<NodeId> = estate.prizes.iter().map(|mark| mark.node).collect();
    for id in estate.ids() {
        let resource = estate.kind(id).is_some_and(|kind| kind.class == Class::Resource);
        if !resource || estate.node(id).is_none_or(|node| node.selector) {
            continue;
        }
        let prize = prizes.contains(&id);
        let mut row = Vec::from(node(estate, id));
        row.extend([Cell::Bool(prize), tags(estate, id)]);
        take(row);
    }
}
