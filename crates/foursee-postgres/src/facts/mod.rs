//! One cluster's catalogs, as typed tables: roles and databases for all of it, the objects of each database that was
//! read.
//!
//! Names are kept as they are, case and all. [`Facts::seal`] gives roles numbers and builds the closures of
//! memberships. There is no row of a table, no password and no function's body here.

mod acl;
mod closure;
pub mod hba;

pub use acl::{AclItem, NOBODY, NotAcl, PUBLIC, Privilege, Rights, RoleId, quoted};
pub use closure::{Closures, Flow};

use foursee_core::document::Place;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The newest major version whose rules are known here.
pub const NEWEST: u32 = 18;
/// The oldest.
pub const OLDEST: u32 = 13;

/// An ACL: none is what the object's kind gives by default, empty is nothing for anybody.
pub type Acl = Option<Vec<AclItem>>;

/// A role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its number in the catalog; 10 is the role that made the cluster.
    pub oid: u64,
    /// SUPERUSER.
    pub superuser: bool,
    /// INHERIT: what a membership without options of its own does.
    pub inherit: bool,
    /// CREATEROLE.
    pub createrole: bool,
    /// CREATEDB.
    pub createdb: bool,
    /// LOGIN.
    pub login: bool,
    /// REPLICATION.
    pub replication: bool,
    /// BYPASSRLS.
    pub bypassrls: bool,
    /// VALID UNTIL.
    pub valid_until: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// The row.
    pub place: Place,
}

/// A membership: `GRANT role TO member`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Membership {
    /// The role that is granted.
    pub role: String,
    /// Who is made a member.
    pub member: String,
    /// Who granted it.
    pub grantor: String,
    /// WITH ADMIN OPTION.
    pub admin: bool,
    /// WITH INHERIT, from 16 on.
    pub inherit: Option<bool>,
    /// WITH SET, from 16 on.
    pub set: Option<bool>,
    /// The row.
    pub place: Place,
}

/// A policy of row security.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// `*`, or r, a, w, d for one command.
    pub command: char,
    /// Whether it lets rows through, rather than holding them back.
    pub permissive: bool,
    /// Whom it is for; empty: everybody.
    pub roles: Vec<String>,
    /// The row.
    pub place: Place,
}

/// Anything with an owner and an ACL that has nothing further: a schema, a language, a wrapper, a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owned {
    /// Its owner.
    pub owner: Arc<str>,
    /// Its ACL.
    pub acl: Acl,
    /// Its comment.
    pub comment: Option<String>,
    /// The owner's number, once sealed.
    pub owner_id: RoleId,
    /// The row.
    pub place: Place,
}

/// A database, as the cluster lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DatabaseRow {
    /// Its owner and ACL.
    pub owned: Owned,
    /// Whether anybody may connect to it at all.
    pub allow_connections: bool,
}

/// A column's grants and comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its number; below 0 for a system column.
    pub number: i32,
    /// Its ACL; none is nothing.
    pub acl: Acl,
    /// Its comment.
    pub comment: Option<String>,
    /// The row.
    pub place: Place,
}

/// A table, view or sequence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relation {
    /// Its schema.
    pub schema: Arc<str>,
    /// Its name.
    pub name: String,
    /// r table, p partitioned table, f foreign table, v view, m materialised view, S sequence.
    pub kind: char,
    /// Whether it is one of the catalogs proper, whose writing is masked.
    pub system: bool,
    /// Its owner and ACL.
    pub owned: Owned,
    /// ENABLE ROW LEVEL SECURITY.
    pub row_security: bool,
    /// FORCE ROW LEVEL SECURITY.
    pub force_row_security: bool,
    /// For a view: its tables are asked as the user, not as its owner.
    pub security_invoker: bool,
    /// The extension that it belongs to.
    pub extension: Option<String>,
    /// Its columns' names, in order.
    pub columns: Vec<Arc<str>>,
    /// The columns that have grants or a comment.
    pub column_rows: Vec<Column>,
    /// Its policies.
    pub policies: Vec<Policy>,
}

impl Relation {
    /// Whether it is a sequence.
    #[must_use]
    pub const fn is_sequence(&self) -> bool {
        self.kind == 'S'
    }

    /// Its name with its schema, as a statement would say it.
    #[must_use]
    pub fn qualified(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }
}

/// A function, procedure or aggregate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// Its schema.
    pub schema: Arc<str>,
    /// Its name.
    pub name: String,
    /// Its arguments' types, as format_type prints them.
    pub arguments: Vec<String>,
    /// f function, p procedure, a aggregate, w window function.
    pub kind: char,
    /// Its owner and ACL.
    pub owned: Owned,
    /// SECURITY DEFINER: it runs as its owner.
    pub definer: bool,
    /// Its language.
    pub language: String,
    /// The names that it sets; `search_path` with its value.
    pub config: Vec<String>,
    /// Whether its body was parsed when it was made (BEGIN ATOMIC): no search path counts.
    pub atomic: bool,
    /// The extension that it belongs to.
    pub extension: Option<String>,
}

impl Function {
    /// Its name with its schema and arguments.
    #[must_use]
    pub fn qualified(&self) -> String {
        format!(
            "{}.{}({})",
            quoted(&self.schema),
            quoted(&self.name),
            self.arguments.join(", ")
        )
    }

    /// The search path that it sets, if it sets one.
    #[must_use]
    pub fn search_path(&self) -> Option<&str> {
        self.config
            .iter()
            .find_map(|one| one.strip_prefix("search_path="))
    }
}

/// A type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Type {
    /// Its schema.
    pub schema: Arc<str>,
    /// Its name.
    pub name: String,
    /// b base, c composite, d domain, e enum, r range, m multirange, p pseudo.
    pub kind: char,
    /// For a multirange: its range, as (schema, name).
    pub range: Option<(String, String)>,
    /// Its owner and ACL.
    pub owned: Owned,
}

/// Default privileges of a creator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DefaultAcl {
    /// Whose objects.
    pub creator: String,
    /// In which schema; none: in all.
    pub schema: Option<String>,
    /// r, S, f, T, n, L.
    pub kind: char,
    /// What they get.
    pub acl: Vec<AclItem>,
    /// The row.
    pub place: Place,
}

/// A child of a partitioned or inherited table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inheritance {
    /// The child, as (schema, name).
    pub child: (String, String),
    /// The parent, as (schema, name).
    pub parent: (String, String),
}

/// The objects of one database.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Captured {
    /// The document's first byte.
    pub place: Option<Place>,
    /// Its schemas.
    pub schemas: BTreeMap<String, Owned>,
    /// Its relations, in the order of (schema, name).
    pub relations: Vec<Relation>,
    /// Its functions, in the order of (schema, name, arguments).
    pub functions: Vec<Function>,
    /// Its types.
    pub types: Vec<Type>,
    /// Its languages.
    pub languages: BTreeMap<String, Owned>,
    /// Its foreign data wrappers.
    pub wrappers: BTreeMap<String, Owned>,
    /// Its foreign servers.
    pub servers: BTreeMap<String, Owned>,
    /// Default privileges.
    pub default_acls: Vec<DefaultAcl>,
    /// Partitions and children.
    pub inheritance: Vec<Inheritance>,
    /// The relations that a view names: ((schema, view), (schema, relation)).
    pub view_uses: BTreeSet<((String, String), (String, String))>,
    /// Its extensions, by name, with their versions.
    pub extensions: BTreeMap<String, String>,
    /// Settings that matter.
    pub settings: BTreeMap<String, String>,
    /// Policies and columns whose relation is not listed (yet).
    pub(crate) loose_columns: Vec<(String, String, Column)>,
    pub(crate) loose_policies: Vec<(String, String, Policy)>,
    /// The sections that the document does not hold to their end.
    pub missing: BTreeSet<&'static str>,
}

/// What a node's name stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Named {
    /// A relation of a database, by index.
    Relation(String, usize),
    /// A function of a database, by index.
    Function(String, usize),
    /// A schema of a database.
    Schema(String, String),
}

/// One cluster.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// `server_version_num`, the greatest that was read.
    pub version: u32,
    /// The system identifier.
    pub system: Option<String>,
    /// A first place, for what has none of its own.
    pub place: Option<Place>,
    /// The roles.
    pub roles: BTreeMap<String, Role>,
    /// The memberships, by (role, member, grantor).
    pub memberships: BTreeMap<(String, String, String), Membership>,
    /// The databases.
    pub databases: BTreeMap<String, DatabaseRow>,
    /// The tablespaces.
    pub tablespaces: BTreeMap<String, Owned>,
    /// Settings with grants.
    pub parameters: BTreeMap<String, Owned>,
    /// The databases that were read.
    pub captured: BTreeMap<String, Captured>,
    /// pg_hba.conf.
    pub hba: Option<hba::Hba>,
    /// Whether there was more than one; the first counts.
    pub hba_repeated: bool,
    /// Databases of which there was more than one document; the first counts.
    pub repeated: BTreeSet<String>,
    /// Numbers and closures, once sealed.
    pub closures: Closures,
    /// Nodes' names, once sealed.
    pub names: BTreeMap<String, Named>,
}

impl Facts {
    /// The major version, as its rules are known here.
    #[must_use]
    pub fn major(&self) -> u32 {
        (self.version / 10_000).clamp(OLDEST, NEWEST)
    }

    /// Takes another part in.
    pub fn merge(&mut self, part: Self) {
        self.version = self.version.max(part.version);
        self.system = self.system.take().or(part.system);
        self.place = self.place.or(part.place);
        self.hba_repeated |= part.hba_repeated || (self.hba.is_some() && part.hba.is_some());
        self.hba = self.hba.take().or(part.hba);
        for (name, role) in part.roles {
            self.roles.entry(name).or_insert(role);
        }
        // The same grant, read in another database, is one grant.
        for (key, one) in part.memberships {
            self.memberships.entry(key).or_insert(one);
        }
        for (name, row) in part.databases {
            self.databases.entry(name).or_insert(row);
        }
        for (name, row) in part.tablespaces {
            self.tablespaces.entry(name).or_insert(row);
        }
        for (name, row) in part.parameters {
            self.parameters.entry(name).or_insert(row);
        }
        for (name, captured) in part.captured {
            match self.captured.entry(name) {
                Entry::Occupied(taken) => {
                    self.repeated.insert(taken.key().clone());
                }
                Entry::Vacant(free) => {
                    free.insert(captured);
                }
            }
        }
        self.repeated.extend(part.repeated);
    }

    /// Gives roles numbers, and builds what the authorizer asks.
    pub fn seal(&mut self) {
        let major = self.major();
        let mut names = Vec::new();
        for (db, captured) in &mut self.captured {
            captured.settle();
            let prefix = quoted(db);
            for (at, one) in captured.relations.iter().enumerate() {
                let name = format!("{prefix}.{}", one.qualified());
                names.push((name, Named::Relation(db.clone(), at)));
            }
            for (at, one) in captured.functions.iter().enumerate() {
                let name = format!("{prefix}.{}", one.qualified());
                names.push((name, Named::Function(db.clone(), at)));
            }
            for schema in captured.schemas.keys() {
                let name = format!("{prefix}.{}", quoted(schema));
                names.push((name, Named::Schema(db.clone(), schema.clone())));
            }
        }
        // Of two of one name the later one counts.
        self.names = names.into_iter().collect();
        self.closures = Closures::build(&self.roles, &self.memberships, major);
        let closures = std::mem::take(&mut self.closures);
        let number = |owned: &mut Owned| {
            owned.owner_id = closures.id(&owned.owner);
            number_acl(&closures, &mut owned.acl);
        };
        self.databases.values_mut().for_each(|one| number(&mut one.owned));
        self.tablespaces.values_mut().for_each(number);
        self.parameters.values_mut().for_each(number);
        for captured in self.captured.values_mut() {
            captured.schemas.values_mut().for_each(number);
            captured.languages.values_mut().for_each(number);
            captured.wrappers.values_mut().for_each(number);
            captured.servers.values_mut().for_each(number);
            captured
                .functions
                .iter_mut()
                .for_each(|one| number(&mut one.owned));
            captured.types.iter_mut().for_each(|one| number(&mut one.owned));
            for one in &mut captured.relations {
                number(&mut one.owned);
                for column in &mut one.column_rows {
                    number_acl(&closures, &mut column.acl);
                }
            }
        }
        self.closures = closures;
    }

    /// A role by its number.
    #[must_use]
    pub fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.get(self.closures.name(id)?)
    }

    /// The owner of a database, by number.
    #[must_use]
    pub fn owner_of(&self, database: &str) -> RoleId {
        self.databases
            .get(database)
            .map_or(NOBODY, |row| row.owned.owner_id)
    }

    /// The numbers of all roles.
    pub fn role_ids(&self) -> impl Iterator<Item = RoleId> + use<> {
        1..=RoleId::try_from(self.roles.len()).unwrap_or(NOBODY)
    }
}

fn number_acl(closures: &Closures, acl: &mut Acl) {
    for item in acl.iter_mut().flatten() {
        item.role = if item.grantee.is_empty() {
            PUBLIC
        } else {
            closures.id(&item.grantee)
        };
    }
}

impl Captured {
    /// The relation of that schema and name.
    #[must_use]
    pub fn relation(&self, schema: &str, name: &str) -> Option<&Relation> {
        let at = self
            .relations
            .binary_search_by(|one| (&*one.schema, &*one.name).cmp(&(schema, name)))
            .ok()?;
        self.relations.get(at)
    }

    /// Sorts, and puts columns and policies to their relations.
    fn settle(&mut self) {
        self.relations
            .sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        self.functions
            .sort_by(|a, b| (&a.schema, &a.name, &a.arguments).cmp(&(&b.schema, &b.name, &b.arguments)));
        self.types
            .sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        for (schema, name, column) in std::mem::take(&mut self.loose_columns) {
            if let Some(one) = self.relation_mut(&schema, &name) {
                one.column_rows.push(column);
            }
        }
        for (schema, name, policy) in std::mem::take(&mut self.loose_policies) {
            if let Some(one) = self.relation_mut(&schema, &name) {
                one.policies.push(policy);
            }
        }
    }

    fn relation_mut(&mut self, schema: &str, name: &str) -> Option<&mut Relation> {
        let at = self
            .relations
            .binary_search_by(|one| (&*one.schema, &*one.name).cmp(&(schema, name)))
            .ok()?;
        self.relations.get_mut(at)
    }
}
