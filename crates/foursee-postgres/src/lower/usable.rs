//! Which grants can be used: in a database that somebody may connect to, in a schema that can be looked into.

use crate::authorize::Ask;
use crate::facts::{Facts, Flow, PUBLIC, Privilege, RoleId};
use std::collections::{BTreeMap, BTreeSet};

/// Who can use what is granted to a role in a schema.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Usable {
    /// The role itself, and so all who inherit it.
    Yes,
    /// Not the role; these that inherit it, and whoever inherits them.
    Through(Vec<RoleId>),
}

/// What [`Ask::connects`] and [`Ask::finds`] say of every role, worked out once.
pub(crate) struct Usability<'f> {
    facts: &'f Facts,
    connects: BTreeMap<&'f str, BTreeSet<RoleId>>,
    known: BTreeMap<(&'f str, &'f str, RoleId), Usable>,
}

impl<'f> Usability<'f> {
    pub(crate) fn new(facts: &'f Facts) -> Self {
        let connects = facts
            .captured
            .keys()
            .map(|database| (&**database, connecting(facts, database)))
            .collect();
        Self {
            facts,
            connects,
            known: BTreeMap::new(),
        }
    }

    /// Whether a role's privileges can come to be used in a database.
    pub(crate) fn connects(&self, database: &str, role: RoleId) -> bool {
        self.connects.get(database).is_none_or(|all| all.contains(&role))
    }

    fn itself(&self, database: &str, schema: &str, role: RoleId) -> bool {
        let ask = Ask {
            facts: self.facts,
            database,
            subject: role,
        };
        self.connects(database, role) && (schema.is_empty() || ask.finds(schema))
    }

    /// Who can use what is granted to a role in a schema of a database; an empty schema is none.
    pub(crate) fn of(&mut self, database: &'f str, schema: &'f str, role: RoleId) -> Usable {
        if let Some(known) = self.known.get(&(database, schema, role)) {
            return known.clone();
        }
        let usable = if self.itself(database, schema, role) {
            Usable::Yes
        } else {
            Usable::Through(self.inheritors(database, schema, role))
        };
        self.known.insert((database, schema, role), usable.clone());
        usable
    }

    fn inheritors(&self, database: &str, schema: &str, role: RoleId) -> Vec<RoleId> {
        let ask = |subject| Ask {
            facts: self.facts,
            database,
            subject,
        };
        let closures = &self.facts.closures;
        let owner = closures.database_owner();
        // Who is a member of `pg_database_owner`, no membership says.
        let candidates = if role == PUBLIC || role == owner {
            self.facts.role_ids().collect()
        } else {
            closures.getters(role, Flow::Privileges)
        };
        let all: Vec<RoleId> = candidates
            .into_iter()
            .filter(|id| *id != role && !closures.superuser(*id))
            .filter(|id| role == PUBLIC || ask(*id).has_privileges_of(role))
            .filter(|id| self.itself(database, schema, *id))
            .collect();
        // Those that inherit another of them have it through that one.
        let through = |id: RoleId, other: RoleId| {
            let down = ask(id).has_privileges_of(other);
            let back = || ask(other).has_privileges_of(id);
            other != id && down && (other < id || !back()) && all.binary_search(&other).is_ok()
        };
        all.iter()
            .copied()
            .filter(|id| {
                let reached = closures.reached(*id, Flow::Privileges);
                !through(*id, owner) && !reached.iter().any(|other| through(*id, *other))
            })
            .collect()
    }
}

fn connecting(facts: &Facts, database: &str) -> BTreeSet<RoleId> {
    let Some(row) = facts.databases.get(database) else {
        return std::iter::once(PUBLIC).chain(facts.role_ids()).collect();
    };
    let mut all = BTreeSet::new();
    if !row.allow_connections {
        return all;
    }
    let kind = crate::authorize::ObjectKind::Database;
    let (mut inherited, mut set) = (BTreeSet::new(), BTreeSet::new());
    for subject in std::iter::once(PUBLIC).chain(facts.role_ids()) {
        let ask = Ask {
            facts,
            database,
            subject,
        };
        if ask.owned(kind, &row.owned, Privilege::Connect.into()).is_none() {
            continue;
        }
        all.insert(subject);
        let login = facts.role(subject).is_some_and(|role| role.login);
        if login && !ask.superuser() {
            all.insert(PUBLIC);
            facts
                .closures
                .add_reached(subject, Flow::Privileges, &mut inherited);
            facts.closures.add_reached(subject, Flow::Set, &mut set);
            let owner = facts.closures.database_owner();
            if ask.reaches(owner, Flow::Set) || ask.has_privileges_of(owner) {
                all.insert(owner);
            }
        }
    }
    all.extend(inherited);
    all.extend(set);
    all
}
