//! Roles, memberships, attributes, predefined roles and logins.

use super::database_owner;
use super::rows::seers;
use super::{
    DATABASE, FUNCTION, GRANTS, GROUP, ROLE, SCHEMA, SEQUENCE, SERVER, SERVER_NAME, SUPERUSER, Scope, TABLE,
};
use crate::authorize::login::{self, Way};
use crate::authorize::{ObjectKind, Rows, inherited_rows, policies};
use crate::facts::{Flow, NOBODY, Privilege, RoleId, quoted};
use crate::techniques as technique;
use foursee_core::estate::{Accepted, Over};
use foursee_core::model::{Certainty, ConditionId, Foothold, Kind, NodeId, Pattern, Rung, Technique, Verb};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The table privileges that are techniques.
pub(super) const TABLE_TECHNIQUES: [(Privilege, &Technique); 5] = [
    (Privilege::Select, &technique::SELECT),
    (Privilege::Insert, &technique::INSERT),
    (Privilege::Update, &technique::UPDATE),
    (Privilege::Delete, &technique::DELETE),
    (Privilege::Truncate, &technique::TRUNCATE),
];

/// The technique of a table privilege, if it is one.
pub(super) fn technique_of(privilege: Privilege) -> Option<&'static Technique> {
    TABLE_TECHNIQUES
        .iter()
        .find(|(one, _)| *one == privilege)
        .map(|(_, technique)| *technique)
}

/// Which of the verbs a privilege is.
pub(super) const fn verb(privilege: Privilege) -> Verb {
    match privilege {
        Privilege::Select => Verb::Read,
        Privilege::Insert | Privilege::Update | Privilege::Create | Privilege::Temporary => Verb::Write,
        Privilege::Delete | Privilege::Truncate => Verb::Delete,
        Privilege::Execute => Verb::Execute,
        Privilege::Usage | Privilege::Connect => Verb::List,
        Privilege::References
        | Privilege::Trigger
        | Privilege::Set
        | Privilege::AlterSystem
        | Privilege::Maintain => Verb::Administer,
    }
}

/// Writes roles and what hangs on them alone.
pub(super) fn write(scope: &mut Scope<'_, '_, '_>) {
    let facts = scope.facts;
    let any_superuser = facts.roles.values().any(|role| role.superuser);
    for id in facts.role_ids() {
        let Some(role) = facts.role(id) else { continue };
        let node = scope.role(id);
        scope.tags(node, role.comment.as_ref(), role.place, false);
        if scope.shared.contains(&id) {
            let grants = scope.out.node(&GRANTS, &role.name);
            scope.out.member(node, grants, role.place);
        }
        if role.superuser {
            let attribute = scope.out.node(&SUPERUSER, "SUPERUSER");
            scope
                .out
                .member(node, attribute, role.place)
                .rung(Rung::Unbounded);
        } else if role.createrole && facts.major() < 16 {
            createrole(scope, id, node);
        }
    }
    if !facts.roles.is_empty() {
        let everybody = scope.any(&ROLE);
        let public = scope.out.node(&GROUP, "PUBLIC");
        scope.out.member(everybody, public, scope.place);
    }
    if any_superuser {
        superuser(scope);
    }
    memberships(scope);
    predefined(scope);
}

/// Before 16, CREATEROLE grants itself any role that is no superuser.
fn createrole(scope: &mut Scope<'_, '_, '_>, id: RoleId, node: NodeId) {
    let facts = scope.facts;
    let Some(role) = facts.role(id) else { return };
    let except: Vec<Pattern> = facts
        .roles
        .values()
        .filter(|one| one.superuser || one.name == role.name || one.name == "pg_database_owner")
        .map(|one| Pattern::Exact(one.name.as_str().into()))
        .collect();
    let over = scope.out.select(Over {
        kind: &ROLE,
        pattern: &Pattern::Any,
        except: &except,
    });
    scope
        .out
        .edge(node, &technique::CREATEROLE, over, role.place)
        .rung(Rung::ServiceWide);
    scope
        .out
        .privilege(
            node,
            Verb::Delegate,
            "ADMIN OPTION",
            over,
            Rung::ServiceWide,
            role.place,
        )
        .attainable(Rung::Scoped);
}

fn superuser(scope: &mut Scope<'_, '_, '_>) {
    let Some(place) = scope
        .facts
        .roles
        .values()
        .find(|role| role.superuser)
        .map(|role| role.place)
    else {
        return;
    };
    let attribute = scope.out.node(&SUPERUSER, "SUPERUSER");
    scope.out.prize(
        attribute,
        "a superuser has every row, and programs on the server",
        place,
    );
    let server = scope.out.node(&SERVER, SERVER_NAME);
    let tables = scope.any(&TABLE);
    for (_, technique) in TABLE_TECHNIQUES {
        scope
            .out
            .edge(attribute, technique, tables, place)
            .rung(Rung::Unbounded);
    }
    // Words apart by kind: a question names a resource, and not of which kind it is.
    for (kind, verb, actions) in [
        (&TABLE, Verb::Delegate, &["*"][..]),
        (&FUNCTION, Verb::Execute, &["EXECUTE", "OWNER"]),
        (&SCHEMA, Verb::Administer, &["CREATE", "USAGE", "OWNER"]),
        (&SEQUENCE, Verb::Write, &["USAGE", "SELECT", "UPDATE", "OWNER"]),
        (
            &DATABASE,
            Verb::Administer,
            &["CONNECT", "TEMPORARY", "CREATE", "OWNER"],
        ),
    ] {
        let over = scope.any(kind);
        for action in actions {
            scope
                .out
                .privilege(attribute, verb, action, over, Rung::Unbounded, place);
        }
    }
    let roles = scope.any(&ROLE);
    scope
        .out
        .edge(attribute, &technique::SET_ROLE, roles, place)
        .rung(Rung::Unbounded);
    scope
        .out
        .privilege(attribute, Verb::Become, "SET ROLE", roles, Rung::Unbounded, place);
    scope
        .out
        .edge(attribute, &technique::EXECUTE_PROGRAM, server, place)
        .rung(Rung::Unbounded);
    scope
        .out
        .privilege(attribute, Verb::Execute, "*", server, Rung::Unbounded, place);
    scope
        .out
        .edge(server, &technique::SERVER_PROCESS, attribute, place);
}

fn memberships(scope: &mut Scope<'_, '_, '_>) {
    let facts = scope.facts;
    let (major, closures) = (facts.major(), &facts.closures);
    for one in facts.memberships.values() {
        let (member, to) = (closures.id(&one.member), closures.id(&one.role));
        if member == NOBODY || to == NOBODY {
            continue;
        }
        let by_attribute = facts.role(member).is_some_and(|role| role.inherit);
        let inherit = if major >= 16 {
            one.inherit.unwrap_or(by_attribute)
        } else {
            by_attribute
        };
        let set = major < 16 || one.set.unwrap_or(true);
        let (member_role, role) = (scope.role(member), scope.role(to));
        let holder = scope.holder(member, "");
        let rung = if closures.superuser(to) {
            Rung::Unbounded
        } else {
            Rung::Scoped
        };
        if inherit {
            let grants = scope.out.node(&GRANTS, &one.role);
            scope.out.member(holder, grants, one.place);
        }
        if set {
            scope
                .out
                .edge(member_role, &technique::SET_ROLE, role, one.place)
                .rung(rung);
            scope
                .out
                .privilege(member_role, Verb::Become, "SET ROLE", role, rung, one.place)
                .attainable(Rung::Scoped);
        }
        if one.admin {
            scope
                .out
                .edge(holder, &technique::ADMIN_OPTION, role, one.place)
                .rung(rung);
            scope
                .out
                .privilege(holder, Verb::Delegate, "ADMIN OPTION", role, rung, one.place)
                .attainable(Rung::Scoped);
        }
    }
    // The owner of a database is the one member of pg_database_owner there.
    let implicit = closures.id("pg_database_owner");
    if major < 14 || implicit == NOBODY {
        return;
    }
    for database in facts.captured.keys() {
        let Some(row) = facts.databases.get(database) else {
            continue;
        };
        let Some(owner) = facts.role(row.owned.owner_id) else {
            continue;
        };
        let grants = scope.out.node(&GRANTS, &database_owner(database));
        let itself = scope.role(implicit);
        scope.out.member(itself, grants, row.owned.place);
        if major >= 16 || owner.inherit {
            let holder = scope.holder(row.owned.owner_id, "");
            scope.out.member(holder, grants, row.owned.place);
        } else {
            let node = scope.role(row.owned.owner_id);
            scope
                .out
                .edge(node, &technique::SET_ROLE, grants, row.owned.place);
        }
    }
}

/// Predefined roles that somebody has: what they do is in the server's code, and in no ACL.
fn predefined(scope: &mut Scope<'_, '_, '_>) {
    let facts = scope.facts;
    let mut used = BTreeSet::new();
    for id in facts.role_ids() {
        used.extend(facts.closures.direct(id, Flow::Member));
    }
    let place_of = |name: &str| facts.roles.get(name).map(|role| role.place);
    for (name, action, technique, verb) in [
        (
            "pg_execute_server_program",
            "EXECUTE PROGRAM",
            &technique::EXECUTE_PROGRAM,
            Verb::Execute,
        ),
        (
            "pg_read_server_files",
            "READ FILES",
            &technique::READ_FILES,
            Verb::Read,
        ),
        (
            "pg_write_server_files",
            "WRITE FILES",
            &technique::WRITE_FILES,
            Verb::Write,
        ),
    ] {
        let id = facts.closures.id(name);
        let Some(place) = place_of(name).filter(|_| used.contains(&id)) else {
            continue;
        };
        let holder = scope.holder(id, "");
        let server = scope.out.node(&SERVER, SERVER_NAME);
        let condition = if action == "WRITE FILES" {
            scope
                .out
                .condition("the server loads or runs a file that is written")
        } else {
            ConditionId(0)
        };
        scope
            .out
            .edge(holder, technique, server, place)
            .when(condition)
            .rung(Rung::ServiceWide);
        scope
            .out
            .privilege(holder, verb, action, server, Rung::ServiceWide, place)
            .attainable(Rung::Scoped);
    }
    let all: [(&str, &[Privilege]); 3] = [
        ("pg_read_all_data", &[Privilege::Select]),
        (
            "pg_write_all_data",
            &[Privilege::Insert, Privilege::Update, Privilege::Delete],
        ),
        ("pg_maintain", &[Privilege::Maintain]),
    ];
    for (name, privileges) in all {
        let id = facts.closures.id(name);
        if !used.contains(&id) {
            continue;
        }
        let Some(place) = place_of(name) else { continue };
        for database in facts.captured.keys() {
            if scope.usability.connects(database, id) {
                on_all_tables(scope, id, database, privileges, place);
                // "as if having USAGE rights on all schemas"; sequences are among its tables (Predefined Roles).
                let also: &[(&'static Kind, Verb, &str)] = match name {
                    "pg_read_all_data" => &[
                        (&SCHEMA, Verb::Administer, "USAGE"),
                        (&SEQUENCE, Verb::Read, "SELECT"),
                    ],
                    "pg_write_all_data" => &[
                        (&SCHEMA, Verb::Administer, "USAGE"),
                        (&SEQUENCE, Verb::Write, "UPDATE"),
                    ],
                    _ => &[],
                };
                let holder = scope.holder(id, database);
                for (kind, verb, action) in also {
                    let over = scope.out.select(Over {
                        kind,
                        pattern: &Pattern::Prefix(format!("{}.", quoted(database)).into()),
                        except: &[],
                    });
                    let row = scope
                        .out
                        .privilege(holder, *verb, action, over, Rung::ServiceWide, place);
                    row.attainable(Rung::Narrow);
                }
            }
        }
    }
}

/// A privilege on every table of a database; those with row security under their policies.
fn on_all_tables(
    scope: &mut Scope<'_, '_, '_>,
    role: RoleId,
    database: &str,
    privileges: &[Privilege],
    place: foursee_core::document::Place,
) {
    let Some(captured) = scope.facts.captured.get(database) else {
        return;
    };
    let holder = scope.holder(role, database);
    let prefix = format!("{}.", quoted(database));
    let ask = crate::authorize::Ask {
        facts: scope.facts,
        database,
        subject: role,
    };
    // Writing the catalogs is masked.
    let catalogs = Pattern::Prefix(format!("{prefix}pg_catalog.").into());
    for privilege in privileges {
        let mut except = Vec::new();
        if *privilege != Privilege::Select {
            except.push(catalogs.clone());
        }
        let mut filtered = Vec::new();
        for one in captured.relations.iter().filter(|one| !one.is_sequence()) {
            if inherited_rows(&ask, one, *privilege) != Rows::All {
                let name = format!("{prefix}{}", one.qualified());
                except.push(Pattern::Exact(name.clone().into()));
                filtered.push((name, one));
            }
        }
        let over = scope.out.select(Over {
            kind: &TABLE,
            pattern: &Pattern::Prefix(prefix.clone().into()),
            except: &except,
        });
        let mut targets = vec![(over, ConditionId(0), None)];
        for (name, one) in filtered {
            let condition = scope.out.condition(&policies(one, *privilege));
            targets.push((scope.out.node(&TABLE, &name), condition, Some(one)));
        }
        let condition = if *privilege == Privilege::Maintain {
            scope.out.condition("USAGE on the table's schema")
        } else {
            ConditionId(0)
        };
        for (to, when, filtered) in targets {
            let when = if condition == ConditionId(0) {
                when
            } else {
                condition
            };
            scope
                .out
                .privilege(
                    holder,
                    verb(*privilege),
                    privilege.as_str(),
                    to,
                    Rung::ServiceWide,
                    place,
                )
                .when(when)
                .attainable(Rung::Narrow);
            let Some(technique) = technique_of(*privilege) else {
                continue;
            };
            let from = match filtered {
                Some(one) => seers(scope, database, one, &[role], *privilege),
                None => [(holder, Rows::All)].into(),
            };
            for (from, rows) in from {
                let edge = scope.out.edge(from, technique, to, place).rung(Rung::ServiceWide);
                if rows == Rows::Some {
                    edge.when(when);
                }
            }
        }
    }
}

/// A configured endpoint, with PostgreSQL's port where it has none.
fn with_port(endpoint: &str) -> String {
    let endpoint = endpoint.to_lowercase();
    let ported = endpoint
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if ported {
        endpoint
    } else {
        format!("{endpoint}:5432")
    }
}

/// The databases that a role may connect to.
pub(crate) fn audience(facts: &crate::facts::Facts, subject: RoleId) -> Vec<Arc<str>> {
    facts
        .databases
        .iter()
        .filter(|(name, row)| {
            let ask = crate::authorize::Ask {
                facts,
                database: name,
                subject,
            };
            row.allow_connections
                && ask
                    .owned(ObjectKind::Database, &row.owned, Privilege::Connect.into())
                    .is_some()
        })
        .map(|(name, _)| Arc::from(name.as_str()))
        .collect()
}

/// Login roles accept their names at every endpoint, for the databases that they may connect to.
pub(super) fn credentials(scope: &mut Scope<'_, '_, '_>) {
    let facts = scope.facts;
    let realms: BTreeSet<String> = scope
        .out
        .scope_row()
        .map(|row| row.endpoints.iter().map(|one| with_port(one)).collect())
        .unwrap_or_default();
    for id in facts.role_ids() {
        let Some(role) = facts.role(id).filter(|role| role.login) else {
            continue;
        };
        let audience = audience(facts, id);
        if audience.is_empty() && !facts.databases.is_empty() {
            continue;
        }
        let node = scope.role(id);
        for (condition, databases) in ways(facts, id, audience) {
            let condition = scope.out.condition(&condition);
            for realm in &realms {
                scope.out.accept(Accepted {
                    by: node,
                    gives: Foothold::Acts,
                    kind: "postgres-login".into(),
                    realm: realm.as_str().into(),
                    subject: Pattern::Exact(role.name.as_str().into()),
                    audience: databases.clone(),
                    certainty: if condition == ConditionId(0) {
                        Certainty::Certain
                    } else {
                        Certainty::Conditional
                    },
                    condition,
                    place: role.place,
                });
            }
        }
    }
}

/// Under which condition a login role is let in with its password, and to which databases so; "" is none.
fn ways(
    facts: &crate::facts::Facts,
    id: RoleId,
    databases: Vec<Arc<str>>,
) -> BTreeMap<String, Vec<Arc<str>>> {
    if databases.is_empty() {
        return login_condition(facts, id, "")
            .map(|one| (one, databases))
            .into_iter()
            .collect();
    }
    let mut all: BTreeMap<String, Vec<Arc<str>>> = BTreeMap::new();
    for database in databases {
        if let Some(condition) = login_condition(facts, id, &database) {
            all.entry(condition).or_default().push(database);
        }
    }
    all
}

/// The condition under which a login role is let in with its password, "" where there is none; `None` where pg_hba.conf
/// refuses it from everywhere.
pub(crate) fn login_condition(facts: &crate::facts::Facts, id: RoleId, database: &str) -> Option<String> {
    let by_lines = match &facts.hba {
        None => String::new(),
        Some(hba) => match login::way(facts, hba, id, database) {
            Way::Open => String::new(),
            Way::Lines(lines) => format!("as pg_hba.conf lets it in: {}", lines.join("; ")),
            Way::Shut => return None,
        },
    };
    let until = facts.role(id).and_then(|role| role.valid_until.as_ref());
    let until = until.map_or_else(String::new, |until| format!("by password only until {until}"));
    let both = [until, by_lines];
    let said: Vec<&str> = both
        .iter()
        .map(String::as_str)
        .filter(|one| !one.is_empty())
        .collect();
    Some(said.join("; "))
}
