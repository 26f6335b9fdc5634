//! Whether a hop really holds: the authorizer, asked again for the one member.

use super::definers::{definer_condition, shows, view_condition};
use super::roles::{audience, login_condition};
use super::{GRANTS, ROLE, SERVER, SERVER_NAME, SUPERUSER};
use crate::authorize::{Ask, Subject, creates, may, subject};
use crate::facts::{Facts, Flow, NOBODY, Named, PUBLIC, RoleId};
use foursee_core::layer::{Holds, Hop};

fn yes_if(holds: bool, why_not: impl Into<String>) -> Holds {
    if holds {
        Holds::Yes
    } else {
        Holds::No(why_not.into())
    }
}

/// The layer's word on a hop.
pub(crate) fn holds(facts: &Facts, hop: &Hop<'_>) -> Holds {
    match hop.technique {
        "core-presents" => Holds::No("PostgreSQL's roles present nothing".to_owned()),
        "core-accepts" => accepts(facts, hop),
        "core-member" => member(facts, hop),
        "postgres-execute-definer" => definer(facts, hop),
        "postgres-view" => view(facts, hop),
        "postgres-server-process" => yes_if(
            hop.from.kind == SERVER.name && hop.from.name == SERVER_NAME && hop.to.kind == SUPERUSER.name,
            "only the server holds its own files",
        ),
        technique => {
            let Some((from, bound)) = subject(facts, &hop.from) else {
                return Holds::No(format!("there is no {} {}", hop.from.kind, hop.from.name));
            };
            let id = match from {
                Subject::Superuser => return Holds::Yes,
                Subject::Role(id) | Subject::Owner(id) => id,
            };
            let ask = Ask {
                facts,
                database: bound.unwrap_or_default(),
                subject: id,
            };
            match action_of(technique) {
                Some(action) => may(facts, &hop.from, action, hop.to.name),
                None => membership(&ask, technique, hop),
            }
        }
    }
}

/// What a technique asks of the authorizer.
fn action_of(technique: &str) -> Option<&'static str> {
    Some(match technique {
        "postgres-select" => "SELECT",
        "postgres-insert" => "INSERT",
        "postgres-update" => "UPDATE",
        "postgres-delete" => "DELETE",
        "postgres-truncate" => "TRUNCATE",
        "postgres-execute" => "EXECUTE",
        "postgres-owner" => "OWNER",
        "postgres-execute-program" => "EXECUTE PROGRAM",
        "postgres-read-server-files" => "READ FILES",
        "postgres-write-server-files" => "WRITE FILES",
        _ => return None,
    })
}

fn membership(ask: &Ask<'_>, technique: &str, hop: &Hop<'_>) -> Holds {
    let facts = ask.facts;
    if technique == "postgres-grant-option" {
        return grant_option(facts, hop);
    }
    // pg_database_owner of one database is a node of its own.
    let to = match subject(facts, &hop.to) {
        Some((Subject::Owner(id), Some(database))) => {
            let ask = Ask { database, ..*ask };
            return yes_if(ask.reaches(id, Flow::Set), "it does not own the database");
        }
        Some((Subject::Role(id), _)) => id,
        _ => NOBODY,
    };
    if to == NOBODY || to == PUBLIC {
        return Holds::No(format!("there is no role {}", hop.to.name));
    }
    match technique {
        "postgres-set-role" => yes_if(ask.reaches(to, Flow::Set), "no membership allows SET ROLE to it"),
        "postgres-admin-option" => yes_if(
            ask.superuser() || facts.closures.admin(ask.subject, to),
            "it holds no ADMIN OPTION on it",
        ),
        "postgres-createrole" => yes_if(
            creates(ask, to),
            "CREATEROLE gives no superuser, and none at all from 16 on",
        ),
        other => Holds::No(format!("`{other}` is no technique of PostgreSQL's")),
    }
}

/// Any privilege that may be given on.
fn grant_option(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let mut last = Holds::No("it may give none of its privileges on".to_owned());
    for privilege in crate::facts::Privilege::ALL {
        let action = format!("{} WITH GRANT OPTION", privilege.as_str());
        match may(facts, &hop.from, &action, hop.to.name) {
            Holds::No(_) => {}
            Holds::Yes => return Holds::Yes,
            other => last = other,
        }
    }
    if matches!(last, Holds::No(_)) && column_option(facts, hop) {
        return Holds::Yes;
    }
    last
}

fn column_option(facts: &Facts, hop: &Hop<'_>) -> bool {
    let Some(Named::Relation(database, at)) = facts.names.get(hop.to.name) else {
        return false;
    };
    let relation = facts
        .captured
        .get(database)
        .and_then(|one| one.relations.get(*at));
    let from = subject(facts, &hop.from);
    let (Some(relation), Some((Subject::Role(id) | Subject::Owner(id), _))) = (relation, from) else {
        return false;
    };
    relation.column_rows.iter().any(|row| {
        row.acl
            .iter()
            .flatten()
            .any(|item| item.role == id && !item.options.is_empty())
    })
}

fn view(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let relation = |name: &str| match facts.names.get(name) {
        Some(Named::Relation(database, at)) => {
            let captured = facts.captured.get(database)?;
            Some((database, captured, captured.relations.get(*at)?))
        }
        _ => None,
    };
    match (relation(hop.from.name), relation(hop.to.name)) {
        (Some((database, captured, view)), Some((other, _, table)))
            if database == other && shows(facts, database, captured, view, table) =>
        {
            Holds::If(view_condition(view))
        }
        _ => Holds::No("the view does not read it as its owner".to_owned()),
    }
}

fn definer(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let Some(Named::Function(database, at)) = facts.names.get(hop.from.name) else {
        return Holds::No(format!("there is no function {}", hop.from.name));
    };
    let function = facts
        .captured
        .get(database)
        .and_then(|captured| captured.functions.get(*at));
    match function {
        Some(one) if one.definer && *one.owned.owner == *hop.to.name => Holds::If(definer_condition(one)),
        Some(_) => Holds::No("it does not run as that role".to_owned()),
        None => Holds::Unknown("the function was not read".to_owned()),
    }
}

fn accepts(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let Some(credential) = hop.credential else {
        return Holds::Unknown("no credential was named".to_owned());
    };
    let id = facts.closures.id(hop.to.name);
    let Some(role) = facts.role(id).filter(|role| role.login) else {
        return Holds::No(format!("{} is no login role", hop.to.name));
    };
    if credential.kind != "postgres-login" || credential.subject != role.name {
        return Holds::No("it is another role's login".to_owned());
    }
    let may_connect = credential.audience.is_empty()
        || facts.databases.is_empty()
        || audience(facts, id)
            .iter()
            .any(|one| **one == *credential.audience);
    if !may_connect {
        return Holds::No(format!("it may not connect to {}", credential.audience));
    }
    match login_condition(facts, id, credential.audience) {
        Some(condition) if condition.is_empty() => Holds::Yes,
        Some(condition) => Holds::If(condition),
        None => Holds::No("pg_hba.conf refuses it from everywhere".to_owned()),
    }
}

fn member(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let from: Option<RoleId> = match subject(facts, &hop.from) {
        Some((Subject::Role(id) | Subject::Owner(id), _)) => Some(id),
        _ => None,
    };
    let Some(from) = from else {
        return Holds::No(format!("there is no {} {}", hop.from.kind, hop.from.name));
    };
    if hop.to.kind == SUPERUSER.name {
        return yes_if(
            hop.from.kind == ROLE.name && facts.closures.superuser(from),
            "it is no superuser",
        );
    }
    match subject(facts, &hop.to) {
        Some((Subject::Role(PUBLIC), _)) => yes_if(hop.from.kind == ROLE.name, "PUBLIC is all roles"),
        Some((Subject::Owner(id), Some(database))) => {
            let ask = Ask {
                facts,
                database,
                subject: from,
            };
            yes_if(
                ask.has_privileges_of(id),
                "it does not inherit the database's owner",
            )
        }
        Some((Subject::Role(to), _)) if hop.to.kind == GRANTS.name => yes_if(
            facts.closures.reaches(from, to, Flow::Privileges),
            "no membership gives it that role's privileges",
        ),
        _ => Holds::No(format!("there is no {} {}", hop.to.kind, hop.to.name)),
    }
}
