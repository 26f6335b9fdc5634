//! What runs with its owner's rights: SECURITY DEFINER functions, and views that are no security_invoker.

use super::objects::{Object, grantees, held, of_system, options, owner, users};
use super::{FUNCTION, ROLE, Scope, TABLE};
use crate::authorize::{Ask, ObjectKind};
use crate::facts::{Captured, Facts, Function, PUBLIC, Privilege, Relation, quoted};
use crate::techniques as technique;
use foursee_core::model::{Rung, Verb};

/// Writes the functions of a database, and what its views show.
pub(super) fn write<'f>(scope: &mut Scope<'f, '_, '_>, database: &'f str, captured: &'f Captured) {
    for one in &captured.functions {
        function(scope, database, one);
    }
    views(scope, database, captured);
}

/// Whether a view reads a relation as its owner: it is no security_invoker, names it, and its owner may.
pub(crate) fn shows(
    facts: &Facts,
    database: &str,
    captured: &Captured,
    view: &Relation,
    table: &Relation,
) -> bool {
    let key = (
        (view.schema.to_string(), view.name.clone()),
        (table.schema.to_string(), table.name.clone()),
    );
    let ask = Ask {
        facts,
        database,
        subject: view.owned.owner_id,
    };
    !view.security_invoker
        && captured.view_uses.contains(&key)
        && ask.any_column(table, Privilege::Select.into()).is_some()
}

/// The condition of what a view shows.
pub(crate) fn view_condition(view: &Relation) -> String {
    format!("what view {} shows", view.qualified())
}

fn views(scope: &mut Scope<'_, '_, '_>, database: &str, captured: &Captured) {
    for ((schema, view), (table_schema, table)) in &captured.view_uses {
        let (Some(view), Some(table)) = (
            captured.relation(schema, view),
            captured.relation(table_schema, table),
        ) else {
            continue;
        };
        if of_system(schema)
            || of_system(table_schema)
            || !shows(scope.facts, database, captured, view, table)
        {
            continue;
        }
        let prefix = quoted(database);
        let from = scope.out.node(&TABLE, &format!("{prefix}.{}", view.qualified()));
        let to = scope.out.node(&TABLE, &format!("{prefix}.{}", table.qualified()));
        let condition = scope.out.condition(&view_condition(view));
        scope
            .out
            .edge(from, &technique::VIEW, to, view.owned.place)
            .when(condition)
            .rung(Rung::Narrow);
    }
}

/// What a call of a function as its owner depends on.
pub(crate) fn definer_condition(one: &Function) -> String {
    if one.search_path().is_some() || one.atomic {
        format!("as far as the body of {} goes", one.qualified())
    } else {
        format!(
            "as far as the body of {} goes, or what the caller puts before pg_catalog in its search_path",
            one.qualified()
        )
    }
}

fn function<'f>(scope: &mut Scope<'f, '_, '_>, database: &'f str, one: &'f Function) {
    let all = held(ObjectKind::Function, &one.owned, scope.facts.major());
    let system = of_system(&one.schema);
    if system
        && !all
            .keys()
            .any(|role| *role != PUBLIC && *role != one.owned.owner_id && !scope.mute(*role))
    {
        return;
    }
    let node = scope
        .out
        .node(&FUNCTION, &format!("{}.{}", quoted(database), one.qualified()));
    let object = Object {
        database,
        schema: &one.schema,
        node,
        owner: one.owned.owner_id,
        place: one.owned.place,
        system,
    };
    scope.tags(node, one.owned.comment.as_ref(), one.owned.place, false);
    owner(scope, &object, ObjectKind::Function);
    for (role, held) in grantees(scope, &object, &all) {
        let (users, unusable) = users(scope, &object, role);
        let holder = scope.holder(role, database);
        if held.rights.has(Privilege::Execute) {
            scope
                .out
                .privilege(holder, Verb::Execute, "EXECUTE", node, Rung::Scoped, object.place)
                .when(unusable)
                .attainable(Rung::Scoped);
            for user in users.iter().filter(|_| one.definer) {
                let user = scope.holder(*user, database);
                scope
                    .out
                    .edge(user, &technique::EXECUTE, node, object.place)
                    .rung(Rung::Scoped);
            }
        }
        options(scope, &object, &users, holder, role, held.options);
    }
    if one.definer
        && let Some(name) = scope.facts.closures.name(one.owned.owner_id)
    {
        let owner = scope.out.node(&ROLE, name);
        let condition = scope.out.condition(&definer_condition(one));
        scope
            .out
            .edge(node, &technique::EXECUTE_DEFINER, owner, object.place)
            .when(condition);
    }
}
