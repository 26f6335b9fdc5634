//! Whether one identity may do one thing, in the words of the privileges table: granted, and usable.

use super::rows::{Rows, inherited_rows, policies, rows};
use super::{Ask, Want, Why};
use crate::facts::{Captured, Facts, Flow, NOBODY, Named, PUBLIC, Privilege, Relation, RoleId};
use crate::lower::{GRANTS, GROUP, ROLE, SERVER_NAME, SUPERUSER};
use foursee_core::layer::{Holds, Who};

/// Who a node of this layer is to the authorizer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Subject {
    /// A role or PUBLIC.
    Role(RoleId),
    /// `pg_database_owner` of one database.
    Owner(RoleId),
    /// Any superuser.
    Superuser,
}

/// The subject of a node, and the database that its name binds it to.
pub(crate) fn subject<'f>(facts: &'f Facts, who: &Who<'_>) -> Option<(Subject, Option<&'f str>)> {
    if who.kind == GROUP.name && who.name == "PUBLIC" {
        return Some((Subject::Role(PUBLIC), None));
    }
    if who.kind == SUPERUSER.name {
        return Some((Subject::Superuser, None));
    }
    if who.kind == GRANTS.name
        && let Some(database) = who.name.strip_suffix(".pg_database_owner")
    {
        let (database, _) = facts
            .captured
            .iter()
            .find(|(name, _)| crate::facts::quoted(name) == database)?;
        let id = facts.closures.id("pg_database_owner");
        return (id != NOBODY).then_some((Subject::Owner(id), Some(database)));
    }
    if who.kind != ROLE.name && who.kind != GRANTS.name {
        return None;
    }
    match facts.closures.id(who.name) {
        NOBODY => None,
        id => Some((Subject::Role(id), None)),
    }
}

fn yes_if(holds: bool, why_not: impl FnOnce() -> String) -> Holds {
    if holds { Holds::Yes } else { Holds::No(why_not()) }
}

/// The layer's word on a question of the privileges table.
pub(crate) fn may(facts: &Facts, who: &Who<'_>, action: &str, resource: &str) -> Holds {
    let Some((subject, bound)) = subject(facts, who) else {
        return Holds::No(format!("there is no {} {}", who.kind, who.name));
    };
    let id = match subject {
        Subject::Superuser => return Holds::Yes,
        Subject::Role(id) | Subject::Owner(id) => id,
    };
    let ask = |database| Ask {
        facts,
        database,
        subject: id,
    };
    let upper = action.to_ascii_uppercase();
    if let Some(named) = facts.names.get(resource) {
        let (Named::Relation(database, _) | Named::Function(database, _) | Named::Schema(database, _)) =
            named;
        if bound.is_some_and(|bound| bound != database) {
            return Holds::No(format!("it is the owner of another database than {database}"));
        }
        let Some(captured) = facts.captured.get(database) else {
            return Holds::Unknown(format!("database {database} was not read"));
        };
        let handed = who.kind == GRANTS.name;
        return object(&ask(database), handed, captured, named, &upper);
    }
    if resource == SERVER_NAME {
        return server(&ask(""), &upper);
    }
    if matches!(&*upper, "SET ROLE" | "ADMIN OPTION" | "MEMBER" | "INHERIT") {
        let role = facts.closures.id(resource);
        let ask = ask(bound.unwrap_or_default());
        let holds = match &*upper {
            "ADMIN OPTION" => ask.superuser() || facts.closures.admin(id, role) || creates(&ask, role),
            "SET ROLE" => ask.reaches(role, Flow::Set),
            "MEMBER" => ask.reaches(role, Flow::Member),
            _ => ask.has_privileges_of(role),
        };
        return yes_if(holds, || format!("no membership gives {upper} on {resource}"));
    }
    if let Some((name, row)) = facts.databases.get_key_value(resource) {
        let ask = ask(name);
        if &*upper == "OWNER" {
            return yes_if(ask.has_privileges_of(row.owned.owner_id), || {
                format!("{} owns it", row.owned.owner)
            });
        }
        return wanted(
            &upper,
            super::ObjectKind::Database.owner_rights(facts.major()),
            |want| ask.owned(super::ObjectKind::Database, &row.owned, want),
        );
    }
    Holds::No(format!("there is no {resource} in what was read"))
}

/// CREATEROLE before 16: any role that is no superuser.
pub(crate) fn creates(ask: &Ask<'_>, role: RoleId) -> bool {
    let own = ask.facts.role(ask.subject).is_some_and(|own| own.createrole);
    own && ask.facts.major() < 16 && role != NOBODY && !ask.facts.closures.superuser(role)
}

fn server(ask: &Ask<'_>, action: &str) -> Holds {
    let role = match action {
        "EXECUTE PROGRAM" => "pg_execute_server_program",
        "READ FILES" => "pg_read_server_files",
        "WRITE FILES" => "pg_write_server_files",
        other => return Holds::No(format!("`{other}` is nothing that is done to a server")),
    };
    yes_if(ask.has_privileges_of(ask.facts.closures.id(role)), || {
        format!("it does not have what {role} has")
    })
}

/// An action on an object with an ACL: one privilege, `*` for all, WITH GRANT OPTION.
fn wanted<'f>(
    action: &str,
    all: crate::facts::Rights,
    mut check: impl FnMut(Want) -> Option<Why<'f>>,
) -> Holds {
    let (word, option) = match action.strip_suffix(" WITH GRANT OPTION") {
        Some(word) => (word, true),
        None => (action, false),
    };
    let refused = || format!("no grant gives {action}");
    if word == "*" {
        let holds = all.iter().all(|privilege| {
            check(Want {
                privilege: Some(privilege),
                option,
            })
            .is_some()
        });
        return yes_if(holds, refused);
    }
    match Privilege::parse(word) {
        Some(privilege) => {
            let want = Want {
                privilege: Some(privilege),
                option,
            };
            yes_if(check(want).is_some(), refused)
        }
        None => Holds::No(format!("`{action}` is no privilege")),
    }
}

fn object(ask: &Ask<'_>, handed: bool, captured: &Captured, named: &Named, action: &str) -> Holds {
    use super::ObjectKind as K;
    let major = ask.facts.major();
    let usable = |holds: Holds, schema: Option<&str>| match holds {
        Holds::No(why) => Holds::No(why),
        holds => ask.unusable(schema).map_or(holds, |why| {
            Holds::No(format!("it is granted, and cannot be used: {why}"))
        }),
    };
    let owns = |owned: &crate::facts::Owned| {
        yes_if(ask.has_privileges_of(owned.owner_id), || {
            format!("{} owns it", owned.owner)
        })
    };
    match named {
        Named::Relation(_, at) => match captured.relations.get(*at) {
            Some(one) if action == "OWNER" => owns(&one.owned),
            Some(one) => {
                let kind = if one.is_sequence() {
                    K::Sequence
                } else {
                    K::Relation
                };
                let whole = wanted(action, kind.owner_rights(major), |want| ask.relation(one, want));
                let holds = match (whole, Privilege::parse(action)) {
                    (Holds::Yes, Some(privilege)) => under_policies(ask, handed, one, privilege),
                    (Holds::No(why), Some(privilege)) => {
                        by_columns(ask, handed, one, privilege).unwrap_or(Holds::No(why))
                    }
                    (whole, _) => whole,
                };
                usable(holds, (!one.is_sequence()).then_some(&*one.schema))
            }
            None => Holds::Unknown("the table was not read".to_owned()),
        },
        Named::Function(_, at) => match captured.functions.get(*at) {
            Some(one) if action == "OWNER" => owns(&one.owned),
            Some(one) => {
                let holds = wanted(action, K::Function.owner_rights(major), |want| {
                    ask.function(one, want)
                });
                usable(holds, Some(&one.schema))
            }
            None => Holds::Unknown("the function was not read".to_owned()),
        },
        Named::Schema(_, name) => match captured.schemas.get(name) {
            Some(one) if action == "OWNER" => owns(one),
            Some(one) => {
                let holds = wanted(action, K::Schema.owner_rights(major), |want| {
                    ask.schema(one, want)
                });
                usable(holds, None)
            }
            None => Holds::Unknown("the schema was not read".to_owned()),
        },
    }
}

/// A table privilege under row security: for this subject, whatever others have.
fn under_policies(ask: &Ask<'_>, handed: bool, relation: &Relation, privilege: Privilege) -> Holds {
    let of = if handed { inherited_rows } else { rows };
    match of(ask, relation, privilege) {
        Rows::All => Holds::Yes,
        Rows::Some => Holds::If(policies(relation, privilege)),
        Rows::None => Holds::No(
            "it is granted, and row security shows it no row: no permissive policy is for it".to_owned(),
        ),
    }
}

/// A privilege on columns alone.
fn by_columns(ask: &Ask<'_>, handed: bool, relation: &Relation, privilege: Privilege) -> Option<Holds> {
    let columns: Vec<&str> = relation
        .columns
        .iter()
        .filter(|column| ask.column(relation, column, privilege.into()).is_some())
        .map(|column| &**column)
        .collect();
    if columns.is_empty() {
        return None;
    }
    let condition = columns_alone(&columns);
    Some(match under_policies(ask, handed, relation, privilege) {
        Holds::If(rows) => Holds::If(format!("{condition}; {rows}")),
        Holds::Yes => Holds::If(condition),
        other => other,
    })
}

/// The condition of a grant on columns.
pub(crate) fn columns_alone(columns: &[&str]) -> String {
    format!("columns {} alone", columns.join(", "))
}
