//! The tables of statements: privileges, and the edges by which somebody gets on.

use super::Table;
use super::cell::{Cell, flag, maybe, number, text, whole, words};
use super::nodes::node;
use foursee_core::estate::Estate;
use foursee_core::link::{credential_parts, credential_towards};
use foursee_core::model::{Class, NodeId};
use foursee_core::report::Report;

/// One row a privilege: who holds it, what it is over, under which condition.
pub(super) const PRIVILEGES: Table = Table {
    name: "privileges",
    columns: &[
        words("layer"),
        words("scope"),
        words("holder_kind"),
        words("holder"),
        words("verb"),
        words("action"),
        words("over_kind"),
        words("over"),
        words("condition"),
        words("certainty"),
        whole("rung"),
        whole("attainable"),
        words("basis"),
        words("document"),
        words("pointer"),
        whole("line"),
    ],
    rows: privileges,
};

/// One row a statement by which somebody gets from one node to another.
pub(super) const EDGES: Table = Table {
    name: "edges",
    columns: &[
        words("from_layer"),
        words("from_scope"),
        words("from_kind"),
        words("from"),
        words("technique"),
        words("verb"),
        words("to_layer"),
        words("to_scope"),
        words("to_kind"),
        words("to"),
        words("credential_kind"),
        words("credential_realm"),
        words("credential_audience"),
        words("credential_subject"),
        flag("credential_wild"),
        words("credential_towards"),
        words("condition"),
        words("certainty"),
        whole("rung"),
        words("document"),
        whole("line"),
    ],
    rows: edges,
};

fn privileges(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    let estate = &*report.estate;
    for one in &report.estate.privileges {
        let [layer, scope, _, holder_kind, holder] = node(estate, one.holder);
        let [_, _, _, over_kind, over] = node(estate, one.over);
        let place = report.library.show(one.place);
        take(vec![
            layer,
            scope,
            holder_kind,
            holder,
            text(one.verb.as_str()),
            text(&*one.action),
            over_kind,
            over,
            text(estate.condition(one.condition)),
            text(one.certainty.as_str()),
            Cell::Number(one.rung.number().into()),
            Cell::Number(one.attainable.number().into()),
            text(one.basis.as_str()),
            text(place.document),
            text(place.pointer),
            Cell::Number(place.line.into()),
        ]);
    }
}

fn edges(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    let estate = &*report.estate;
    for one in &estate.edges {
        let [from_layer, from_scope, _, from_kind, from] = node(estate, one.from);
        let [to_layer, to_scope, _, to_kind, to] = node(estate, one.to);
        let place = report.library.show(one.place);
        let technique = estate.technique(one.technique);
        let [kind, realm, audience, subject, wild, towards] = credential(estate, one.from, one.to);
        take(vec![
            from_layer,
            from_scope,
            from_kind,
            from,
            maybe(technique.map(|row| &*row.id)),
            maybe(technique.map(|row| row.verb.as_str())),
            to_layer,
            to_scope,
            to_kind,
            to,
            kind,
            realm,
            audience,
            subject,
            wild,
            towards,
            text(estate.condition(one.condition)),
            text(one.certainty.as_str()),
            number((one.rung != u8::MAX).then_some(one.rung)),
            text(place.document),
            Cell::Number(place.line.into()),
        ]);
    }
}

/// The credential that an edge presents or accepts: its kind, realm, audience, subject, whether the subject is a
/// pattern in which `*` and `?` are wild, and where alone it counts. What is presented is accepted where kind, realm,
/// audience and the last are equal and the subject is the same, or one that the pattern means.
fn credential(estate: &Estate, from: NodeId, to: NodeId) -> [Cell; 6] {
    let none = [
        Cell::Null,
        Cell::Null,
        Cell::Null,
        Cell::Null,
        Cell::Null,
        Cell::Null,
    ];
    let is = |id: &NodeId| {
        estate
            .kind(*id)
            .is_some_and(|kind| kind.class == Class::Credential)
    };
    let Some(id) = [from, to].into_iter().find(is) else {
        return none;
    };
    let pattern = estate.selectors.get(&id).map(|one| one.pattern.to_string());
    let name = pattern.as_deref().unwrap_or_else(|| estate.name(id));
    let Some((kind, realm, audience, subject)) = credential_parts(name) else {
        return none;
    };
    [
        text(kind),
        text(realm),
        maybe(Some(audience).filter(|one| !one.is_empty())),
        text(subject),
        Cell::Bool(pattern.is_some()),
        maybe(credential_towards(name)),
    ]
}
