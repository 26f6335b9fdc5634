//! Databases, schemas, tables and sequences: who has what on each. Functions and views: `definers`.

use super::definers;
use super::roles::{technique_of, verb};
use super::rows::seers;
use super::usable::Usable;
use super::{DATABASE, SCHEMA, SEQUENCE, Scope, TABLE};
use crate::authorize::{ObjectKind, Rows, columns_alone, inherited_rows, policies};
use crate::facts::{Acl, Captured, NOBODY, Owned, PUBLIC, Privilege, Relation, Rights, RoleId, quoted};
use crate::techniques as technique;
use foursee_core::document::Place;
use foursee_core::model::{ConditionId, Kind, NodeId, Rung, Verb};
use std::collections::{BTreeMap, BTreeSet};

/// What one role has on one object.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Held {
    pub(crate) rights: Rights,
    pub(crate) options: Rights,
}

/// What each role has by an object's ACL, or by default where it is null.
pub(crate) fn held(kind: ObjectKind, owned: &Owned, major: u32) -> BTreeMap<RoleId, Held> {
    match &owned.acl {
        Some(_) => by_acl(&owned.acl),
        None => {
            let mut all = BTreeMap::new();
            let entry = |rights| Held {
                rights,
                options: Rights::default(),
            };
            if owned.owner_id != NOBODY {
                all.insert(owned.owner_id, entry(kind.owner_rights(major)));
            }
            if !kind.public_rights().is_empty() {
                all.insert(PUBLIC, entry(kind.public_rights()));
            }
            all
        }
    }
}

fn by_acl(acl: &Acl) -> BTreeMap<RoleId, Held> {
    let mut all: BTreeMap<RoleId, Held> = BTreeMap::new();
    for item in acl.iter().flatten().filter(|item| item.role != NOBODY) {
        let held = all.entry(item.role).or_default();
        held.rights = held.rights.or(item.rights);
        held.options = held.options.or(item.options);
    }
    all
}

/// ALL, as far as every version has it: MAINTAIN came with 17, and older grants lack it.
pub(crate) fn is_all(rights: Rights) -> bool {
    rights.covers(ObjectKind::Relation.owner_rights(16))
}

/// A schema of the system's.
pub(crate) fn of_system(schema: &str) -> bool {
    matches!(schema, "pg_catalog" | "information_schema")
}

/// One object, while its grants are written.
pub(super) struct Object<'f> {
    pub(super) database: &'f str,
    pub(super) schema: &'f str,
    pub(super) node: NodeId,
    pub(super) owner: RoleId,
    pub(super) place: Place,
    pub(super) system: bool,
}

/// Writes them all.
pub(super) fn write(scope: &mut Scope<'_, '_, '_>) {
    let facts = scope.facts;
    let major = facts.major();
    for (name, row) in &facts.databases {
        let node = scope.out.node(&DATABASE, name);
        scope.tags(node, row.owned.comment.as_ref(), row.owned.place, false);
        let object = Object {
            database: name,
            schema: "",
            node,
            owner: row.owned.owner_id,
            place: row.owned.place,
            system: false,
        };
        owner(scope, &object, ObjectKind::Database);
        simple(
            scope,
            &object,
            &held(ObjectKind::Database, &row.owned, major),
            ObjectKind::Database,
        );
    }
    for (name, captured) in &facts.captured {
        let broad = all_on_all(captured, major);
        for (schema, row) in &captured.schemas {
            let node = scope
                .out
                .node(&SCHEMA, &format!("{}.{}", quoted(name), quoted(schema)));
            scope.tags(node, row.comment.as_ref(), row.place, false);
            let object = Object {
                database: name,
                schema: "",
                node,
                owner: row.owner_id,
                place: row.place,
                system: false,
            };
            owner(scope, &object, ObjectKind::Schema);
            simple(
                scope,
                &object,
                &held(ObjectKind::Schema, row, major),
                ObjectKind::Schema,
            );
        }
        for one in &captured.relations {
            relation(scope, name, captured, one, &broad);
        }
        definers::write(scope, name, captured);
    }
}

/// Who has ALL on every table of a schema that has more than one.
fn all_on_all(captured: &Captured, major: u32) -> BTreeSet<(&str, RoleId)> {
    let mut counts: BTreeMap<(&str, RoleId), usize> = BTreeMap::new();
    let mut tables: BTreeMap<&str, usize> = BTreeMap::new();
    for one in captured.relations.iter().filter(|one| !one.is_sequence()) {
        *tables.entry(&one.schema).or_default() += 1;
        for (role, held) in held(ObjectKind::Relation, &one.owned, major) {
            if is_all(held.rights) {
                *counts.entry((&one.schema, role)).or_default() += 1;
            }
        }
    }
    counts
        .into_iter()
        .filter(|((schema, _), count)| *count > 1 && tables.get(schema) == Some(count))
        .map(|(key, _)| key)
        .collect()
}

pub(super) fn owner(scope: &mut Scope<'_, '_, '_>, object: &Object<'_>, kind: ObjectKind) {
    if scope.mute(object.owner) || object.system {
        return;
    }
    let holder = scope.holder(object.owner, object.database);
    let rung = match kind {
        ObjectKind::Schema | ObjectKind::Database => Rung::ServiceWide,
        _ => Rung::Broad,
    };
    scope
        .out
        .edge(holder, &technique::OWNER, object.node, object.place)
        .rung(rung);
    scope
        .out
        .privilege(holder, Verb::Delegate, "OWNER", object.node, rung, object.place)
        .attainable(rung);
}

/// The grantees of an object that are worth rows.
pub(super) fn grantees<'h>(
    scope: &Scope<'_, '_, '_>,
    object: &Object<'_>,
    all: &'h BTreeMap<RoleId, Held>,
) -> Vec<(RoleId, &'h Held)> {
    all.iter()
        .filter(|(role, _)| !scope.mute(**role))
        .filter(|(role, _)| !object.system || (**role != PUBLIC && **role != object.owner))
        .map(|(role, held)| (*role, held))
        .collect()
}

/// The roles whose nodes have the edges for a role's grants on an object, and the condition of its row where it cannot use them itself.
pub(super) fn users<'f>(
    scope: &mut Scope<'f, '_, '_>,
    object: &Object<'f>,
    role: RoleId,
) -> (Vec<RoleId>, ConditionId) {
    match scope.usability.of(object.database, object.schema, role) {
        Usable::Yes => (vec![role], ConditionId(0)),
        Usable::Through(others) => {
            let why = if scope.usability.connects(object.database, role) {
                format!("USAGE on schema {}, which it lacks", object.schema)
            } else {
                format!("CONNECT on database {}, which it lacks", object.database)
            };
            let condition = scope.out.condition(&why);
            (others, condition)
        }
    }
}

/// Rows of an object whose privileges are no techniques: a schema, a database.
fn simple<'f>(
    scope: &mut Scope<'f, '_, '_>,
    object: &Object<'f>,
    all: &BTreeMap<RoleId, Held>,
    kind: ObjectKind,
) {
    for (role, held) in grantees(scope, object, all) {
        let holder = scope.holder(role, object.database);
        for privilege in held.rights.iter() {
            scope
                .out
                .privilege(
                    holder,
                    verb(privilege),
                    privilege.as_str(),
                    object.node,
                    Rung::Scoped,
                    object.place,
                )
                .attainable(Rung::Scoped);
        }
        options(scope, object, &[role], holder, role, held.options);
        let _ = kind;
    }
}

/// WITH GRANT OPTION.
pub(super) fn options(
    scope: &mut Scope<'_, '_, '_>,
    object: &Object<'_>,
    users: &[RoleId],
    holder: NodeId,
    role: RoleId,
    options: Rights,
) {
    if options.is_empty() || role == object.owner {
        return;
    }
    for privilege in options.iter() {
        let action = format!("{} WITH GRANT OPTION", privilege.as_str());
        scope
            .out
            .privilege(
                holder,
                Verb::Delegate,
                &action,
                object.node,
                Rung::Scoped,
                object.place,
            )
            .attainable(Rung::Scoped);
    }
    for user in users {
        let user = scope.holder(*user, object.database);
        scope
            .out
            .edge(user, &technique::GRANT_OPTION, object.node, object.place)
            .rung(Rung::Scoped);
    }
}

/// The tightest that can be said of a privilege on a table.
pub(crate) const fn attainable(privilege: Privilege, row_security: bool) -> Rung {
    match privilege {
        Privilege::Select | Privilege::Insert | Privilege::Update | Privilege::References => Rung::Narrow,
        Privilege::Delete if row_security => Rung::Narrow,
        _ => Rung::Scoped,
    }
}

fn relation<'f>(
    scope: &mut Scope<'f, '_, '_>,
    database: &'f str,
    captured: &'f Captured,
    one: &'f Relation,
    broad: &BTreeSet<(&str, RoleId)>,
) {
    let kind: &'static Kind = if one.is_sequence() { &SEQUENCE } else { &TABLE };
    let object_kind = if one.is_sequence() {
        ObjectKind::Sequence
    } else {
        ObjectKind::Relation
    };
    let major = scope.facts.major();
    let all = held(object_kind, &one.owned, major);
    let system = of_system(&one.schema);
    let has_columns = one.column_rows.iter().any(|row| row.acl.is_some());
    let foreign = |role: &RoleId| *role != PUBLIC && *role != one.owned.owner_id;
    let column_grantees = one
        .column_rows
        .iter()
        .flat_map(|row| by_acl(&row.acl).into_keys().collect::<Vec<_>>());
    if system && !all.keys().any(foreign) && !column_grantees.into_iter().any(|role| foreign(&role)) {
        return;
    }
    let node = scope
        .out
        .node(kind, &format!("{}.{}", quoted(database), one.qualified()));
    let object = Object {
        database,
        // What takes a number needs no name.
        schema: if one.is_sequence() { "" } else { &one.schema },
        node,
        owner: one.owned.owner_id,
        place: one.owned.place,
        system,
    };
    scope.tags(node, one.owned.comment.as_ref(), one.owned.place, true);
    for column in &one.column_rows {
        scope.tags(node, column.comment.as_ref(), column.place, true);
    }
    owner(scope, &object, object_kind);
    let schema_owner = captured.schemas.get(&*one.schema).map(|row| row.owner_id);
    for (role, held) in grantees(scope, &object, &all) {
        let wide = broad.contains(&(&*one.schema, role)) || schema_owner == Some(role);
        table_grants(scope, &object, one, role, held, wide);
    }
    if has_columns {
        column_grants(scope, &object, one, &all);
    }
}

fn table_grants<'f>(
    scope: &mut Scope<'f, '_, '_>,
    object: &Object<'f>,
    one: &'f Relation,
    role: RoleId,
    held: &Held,
    wide: bool,
) {
    let (users, unusable) = users(scope, object, role);
    let holder = scope.holder(role, object.database);
    let everything = is_all(held.rights) && !one.is_sequence();
    let rung = match (everything, wide) {
        (true, true) => Rung::ServiceWide,
        (true, false) => Rung::Broad,
        _ => Rung::Scoped,
    };
    let major = scope.facts.major();
    let one_row = everything
        && !one.row_security
        && unusable == ConditionId(0)
        && held.rights.covers(ObjectKind::Relation.owner_rights(major));
    if one_row {
        scope
            .out
            .privilege(holder, Verb::Administer, "*", object.node, rung, object.place);
    }
    for privilege in held.rights.iter() {
        // The catalogs' masks, and whatever else an ACL alone does not say.
        if scope
            .ask(object.database, role)
            .relation(one, privilege.into())
            .is_none()
        {
            continue;
        }
        let handed = inherited_rows(&scope.ask(object.database, role), one, privilege);
        let by_row = rung.max(Rung::Narrow);
        let (condition, narrowed) = if handed == Rows::All {
            (ConditionId(0), rung)
        } else {
            (scope.out.condition(&policies(one, privilege)), by_row)
        };
        if !one_row {
            let both = if unusable == ConditionId(0) {
                condition
            } else {
                unusable
            };
            scope
                .out
                .privilege(
                    holder,
                    verb(privilege),
                    privilege.as_str(),
                    object.node,
                    narrowed,
                    object.place,
                )
                .when(both)
                .attainable(attainable(privilege, one.row_security));
        }
        if let Some(technique) = technique_of(privilege).filter(|_| !one.is_sequence()) {
            for (user, rows) in seers(scope, object.database, one, &users, privilege) {
                let edge = scope.out.edge(user, technique, object.node, object.place);
                if rows == Rows::All {
                    edge.rung(rung);
                } else {
                    edge.when(condition).rung(by_row);
                }
            }
        }
    }
    options(scope, object, &users, holder, role, held.options);
}

fn column_grants<'f>(
    scope: &mut Scope<'f, '_, '_>,
    object: &Object<'f>,
    one: &'f Relation,
    whole: &BTreeMap<RoleId, Held>,
) {
    let mut by_role: BTreeMap<(RoleId, Privilege), (Vec<&str>, Place)> = BTreeMap::new();
    for column in one.column_rows.iter().filter(|column| column.number > 0) {
        for (role, held) in by_acl(&column.acl) {
            for privilege in held.rights.iter() {
                let covered = whole.get(&role).is_some_and(|held| held.rights.has(privilege));
                if !covered {
                    by_role
                        .entry((role, privilege))
                        .or_insert_with(|| (Vec::new(), column.place))
                        .0
                        .push(&column.name);
                }
            }
        }
    }
    for ((role, privilege), (columns, place)) in by_role {
        if scope.mute(role) || (object.system && (role == PUBLIC || role == object.owner)) {
            continue;
        }
        let (users, unusable) = users(scope, object, role);
        let holder = scope.holder(role, object.database);
        let text = columns_alone(&columns);
        let whole = scope.out.condition(&text);
        let handed = inherited_rows(&scope.ask(object.database, role), one, privilege);
        let condition = if handed == Rows::All {
            whole
        } else {
            scope
                .out
                .condition(&format!("{text}; {}", policies(one, privilege)))
        };
        let both = if unusable == ConditionId(0) {
            condition
        } else {
            unusable
        };
        scope
            .out
            .privilege(
                holder,
                verb(privilege),
                privilege.as_str(),
                object.node,
                Rung::Narrow,
                place,
            )
            .when(both)
            .attainable(Rung::Narrow);
        if let Some(technique) = technique_of(privilege) {
            for (user, rows) in seers(scope, object.database, one, &users, privilege) {
                scope
                    .out
                    .edge(user, technique, object.node, place)
                    .when(if rows == Rows::All { whole } else { condition })
                    .rung(Rung::Narrow);
            }
        }
    }
}
