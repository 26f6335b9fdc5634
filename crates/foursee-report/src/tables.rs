//! The seven tables of a report, as rows of text and numbers: what CSV, and later Arrow and Parquet, are made of.

use foursee_core::estate::Estate;
use foursee_core::model::{NodeId, ScopeId};
use foursee_core::report::Report;

/// One cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Nothing is known.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Bool(bool),
}

/// What the cells of a column are, where they are not [`Cell::Null`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// [`Cell::Text`].
    Text,
    /// [`Cell::Number`].
    Number,
    /// [`Cell::Bool`].
    Bool,
}

/// A column of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// What its cells are: the same whatever the report holds.
    pub holds: Type,
}

const fn words(name: &'static str) -> Column {
    Column {
        name,
        holds: Type::Text,
    }
}

const fn whole(name: &'static str) -> Column {
    Column {
        name,
        holds: Type::Number,
    }
}

const fn flag(name: &'static str) -> Column {
    Column {
        name,
        holds: Type::Bool,
    }
}

/// A table's name, its columns, and how its rows are read.
pub struct Table {
    /// The name: the file's, without its ending.
    pub name: &'static str,
    /// The columns.
    pub columns: &'static [Column],
    rows: fn(&Report, &mut dyn FnMut(Vec<Cell>)),
}

impl Table {
    /// Gives every row, in the report's order, with as many cells as there are columns.
    pub fn rows(&self, report: &Report, mut take: impl FnMut(Vec<Cell>)) {
        (self.rows)(report, &mut take);
    }
}

/// All of them.
pub static TABLES: [Table; 7] = [
    Table {
        name: "findings",
        columns: &[
            words("fingerprint"),
            words("rule"),
            words("layer"),
            words("scope"),
            words("severity"),
            words("confidence"),
            whole("rung"),
            whole("attainable"),
            whole("target"),
            words("status"),
            words("since"),
            words("title"),
            words("cause"),
            whole("identities"),
            words("identity_names"),
            words("resource_kind"),
            words("resource"),
            words("owner"),
            words("owner_read_from"),
            words("document"),
            words("pointer"),
            whole("line"),
            words("fix"),
        ],
        rows: findings,
    },
    Table {
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
    },
    Table {
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
    },
    Table {
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
    },
    Table {
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
            words("condition"),
            words("certainty"),
            whole("rung"),
            words("document"),
            whole("line"),
        ],
        rows: edges,
    },
    Table {
        name: "paths",
        columns: &[
            whole("path"),
            whole("hop"),
            words("certainty"),
            words("entry"),
            words("prize"),
            words("from_layer"),
            words("from_scope"),
            words("from_kind"),
            words("from"),
            words("needs"),
            words("technique"),
            words("verb"),
            words("to_layer"),
            words("to_scope"),
            words("to_kind"),
            words("to"),
            words("gives"),
            words("over"),
            words("condition"),
            words("confirmed"),
            words("document"),
            words("pointer"),
            whole("line"),
        ],
        rows: paths,
    },
    Table {
        name: "gaps",
        columns: &[
            words("layer"),
            words("scope"),
            words("target"),
            words("facet"),
            words("reason"),
            words("hides"),
            words("closes"),
            words("document"),
            words("pointer"),
            whole("line"),
            words("rules"),
        ],
        rows: gaps,
    },
];

fn text(value: impl Into<String>) -> Cell {
    Cell::Text(value.into())
}

fn maybe(value: Option<impl Into<String>>) -> Cell {
    value.map_or(Cell::Null, text)
}

fn number(value: Option<impl Into<i64>>) -> Cell {
    value.map_or(Cell::Null, |value| Cell::Number(value.into()))
}

fn count(value: usize) -> Cell {
    Cell::Number(i64::try_from(value).unwrap_or(i64::MAX))
}

/// Layer, scope, environment, kind and name of a node; a selector's name is its pattern.
fn node(estate: &Estate, id: NodeId) -> [Cell; 5] {
    let scope = estate.scope(id);
    let name = estate.selectors.get(&id).map_or_else(
        || estate.name(id).to_owned(),
        |one| {
            let except: Vec<String> = one.except.iter().map(ToString::to_string).collect();
            if except.is_empty() {
                one.pattern.to_string()
            } else {
                format!("{} except {}", one.pattern, except.join(", "))
            }
        },
    );
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

fn findings(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    for one in &report.findings {
        let place = one.evidence.first().map(|first| &first.place);
        let names: Vec<&str> = one.identities.iter().map(|named| &*named.name).collect();
        take(vec![
            text(one.fingerprint.as_str()),
            text(one.rule),
            text(one.layer),
            maybe(one.scope.as_deref()),
            text(one.severity.as_str()),
            text(one.confidence.as_str()),
            number(one.rung.map(foursee_core::model::Rung::number)),
            number(one.attainable.map(foursee_core::model::Rung::number)),
            number(one.target.map(foursee_core::model::Rung::number)),
            text(one.status.as_str()),
            maybe(one.since.map(foursee_core::judge::Since::as_str)),
            text(one.title.as_str()),
            text(one.cause.as_str()),
            count(names.len()),
            text(names.join("; ")),
            maybe(one.resource.as_ref().map(|named| &*named.kind)),
            maybe(one.resource.as_ref().map(|named| &*named.name)),
            maybe(one.owner.as_ref().map(|owner| owner.name.as_str())),
            maybe(one.owner.as_ref().map(|owner| owner.read_from.as_str())),
            maybe(place.map(|place| place.document.as_str())),
            maybe(place.map(|place| place.pointer.as_str())),
            number(place.map(|place| place.line)),
            text(one.fix.as_str()),
        ]);
    }
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
            number(one.rung.map(foursee_core::model::Rung::number)),
            number(one.attainable.map(foursee_core::model::Rung::number)),
            number(one.target.map(foursee_core::model::Rung::number)),
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
    use foursee_core::model::Class;
    let estate = &*report.estate;
    let prizes: std::collections::BTreeSet<NodeId> = estate.prizes.iter().map(|mark| mark.node).collect();
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
            text(estate.condition(one.condition)),
            text(one.certainty.as_str()),
            number((one.rung != u8::MAX).then_some(one.rung)),
            text(place.document),
            Cell::Number(place.line.into()),
        ]);
    }
}

fn paths(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    for (path, one) in report.paths.iter().enumerate() {
        for (at, hop) in one.hops.iter().enumerate() {
            take(vec![
                count(path + 1),
                count(at + 1),
                text(hop.certainty.as_str()),
                text(one.entry.as_str()),
                text(one.prize.as_str()),
                text(hop.from.layer.as_str()),
                text(hop.from.scope.as_str()),
                text(hop.from.kind.as_str()),
                text(hop.from.name.as_str()),
                text(hop.needs.as_str()),
                text(hop.technique.as_str()),
                text(hop.verb.as_str()),
                text(hop.to.layer.as_str()),
                text(hop.to.scope.as_str()),
                text(hop.to.kind.as_str()),
                text(hop.to.name.as_str()),
                text(hop.gives.as_str()),
                maybe(hop.over.as_deref()),
                text(hop.condition.as_str()),
                text(hop.confirmed.as_str()),
                text(hop.place.document.as_str()),
                text(hop.place.pointer.as_str()),
                Cell::Number(hop.place.line.into()),
            ]);
        }
    }
}

fn gaps(report: &Report, take: &mut dyn FnMut(Vec<Cell>)) {
    for one in &report.gaps {
        take(vec![
            text(one.layer.as_str()),
            maybe(one.scope.as_deref()),
            text(one.target.as_str()),
            text(one.facet.as_str()),
            text(one.reason.as_str()),
            text(one.hides.as_str()),
            text(one.closes.as_str()),
            maybe(one.place.as_ref().map(|place| place.document.as_str())),
            maybe(one.place.as_ref().map(|place| place.pointer.as_str())),
            number(one.place.as_ref().map(|place| place.line)),
            text(one.rules.join("; ")),
        ]);
    }
}
