//! Facts to edges, privileges and credentials: statements, not answers.
//!
//! A role is two nodes where others inherit from it: itself, whoever has its session, with its attributes and what it may
//! SET ROLE to; and `role-grants`, what it was granted, which flows to those who inherit. So an inherited superuser gives
//! no superuser, and SET ROLE does. PUBLIC is a group. A grant that cannot be used (no USAGE on the schema, no
//! CONNECT) is a row and no edge; whoever inherits it and has the rest gets the edge.
//!
//! An edge does not know in which database its holder has a session: a login's way through PUBLIC into a database that it may
//! not connect to is refuted by `may`, not by the hops. Credentials are exact: they name the databases.
//!
//! Left out: what is in the system's schemas, but for grants to others than its owner and PUBLIC; large objects; what
//! functions' bodies do.

pub(crate) mod confirm;
mod definers;
mod gaps;
mod objects;
mod roles;
mod rows;
mod tags;
mod usable;

use crate::authorize::Ask;
use crate::facts::{Facts, Flow, PUBLIC, RoleId, quoted};
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::model::{Class, Kind, NodeId, Pattern};
pub(crate) use objects::{attainable, held, is_all, of_system};
use std::collections::BTreeSet;
pub(crate) use usable::{Usability, Usable};

/// A role.
pub(crate) static ROLE: Kind = Kind::new("role", Class::Identity);
/// PUBLIC.
pub(crate) static GROUP: Kind = Kind::new("group", Class::Group);
/// What a role was granted, for those who inherit it.
pub(crate) static GRANTS: Kind = Kind::new("role-grants", Class::Grant);
/// SUPERUSER.
pub(crate) static SUPERUSER: Kind = Kind::new("role-attribute", Class::Grant);
/// A table, view, materialised view, partitioned or foreign table.
pub(crate) static TABLE: Kind = Kind::new("table", Class::Resource);
/// A sequence.
pub(crate) static SEQUENCE: Kind = Kind::new("sequence", Class::Resource);
/// A function, procedure or aggregate.
pub(crate) static FUNCTION: Kind = Kind::new("function", Class::Resource);
/// A schema.
pub(crate) static SCHEMA: Kind = Kind::new("schema", Class::Resource);
/// A database.
pub(crate) static DATABASE: Kind = Kind::new("database", Class::Resource);
/// The server's process, and the host as its user sees it.
pub(crate) static SERVER: Kind = Kind::new("server", Class::Workload);

/// The server's name.
pub(crate) const SERVER_NAME: &str = "server";

/// Lowering one scope.
struct Scope<'f, 'o, 'e> {
    facts: &'f Facts,
    out: &'o mut Lowering<'e>,
    usability: Usability<'f>,
    /// Roles that others inherit from.
    shared: BTreeSet<RoleId>,
    place: Place,
}

/// Writes the scope.
pub(crate) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let Some(place) = facts.place else { return };
    let mut shared = BTreeSet::new();
    for id in facts.role_ids() {
        shared.extend(facts.closures.direct(id, Flow::Privileges));
    }
    let mut scope = Scope {
        facts,
        out,
        usability: Usability::new(facts),
        shared,
        place,
    };
    gaps::write(&mut scope);
    roles::write(&mut scope);
    objects::write(&mut scope);
    roles::credentials(&mut scope);
}

impl<'f> Scope<'f, '_, '_> {
    fn ask<'a>(&self, database: &'a str, subject: RoleId) -> Ask<'a>
    where
        'f: 'a,
    {
        Ask {
            facts: self.facts,
            database,
            subject,
        }
    }

    fn role(&mut self, id: RoleId) -> NodeId {
        let name = self.facts.closures.name(id).unwrap_or("?");
        self.out.node(&ROLE, name)
    }

    /// The node that holds what was granted to a role, in a database.
    fn holder(&mut self, id: RoleId, database: &str) -> NodeId {
        let facts = self.facts;
        if id == PUBLIC {
            return self.out.node(&GROUP, "PUBLIC");
        }
        let name = facts.closures.name(id).unwrap_or("?");
        if name == "pg_database_owner" && !database.is_empty() {
            return self.out.node(&GRANTS, &database_owner(database));
        }
        if self.shared.contains(&id) {
            self.out.node(&GRANTS, name)
        } else {
            self.out.node(&ROLE, name)
        }
    }

    fn any(&mut self, kind: &'static Kind) -> NodeId {
        self.out.select(Over {
            kind,
            pattern: &Pattern::Any,
            except: &[],
        })
    }

    /// Whether a role's own rows would say nothing: a superuser has everything anyway, and who is no role has nothing.
    fn mute(&self, id: RoleId) -> bool {
        id != PUBLIC && (self.facts.closures.superuser(id) || self.facts.closures.name(id).is_none())
    }
}

/// The node of what `pg_database_owner` has in a database.
pub(crate) fn database_owner(database: &str) -> String {
    format!("{}.pg_database_owner", quoted(database))
}
