//! The exact authorizer: PostgreSQL's own `has_*_privilege` and `pg_has_role`, over what was captured.
//!
//! Sources: src/backend/utils/adt/acl.c (`aclmask`, `acldefault`, `has_privs_of_role`) and src/backend/catalog/aclchk.c
//! (`pg_class_aclmask_ext`, `pg_attribute_aclcheck_all`, `pg_namespace_aclmask_ext`) of 13 to 18. What a statement needs
//! beyond its privilege (a database to connect to, a schema to find a name in) is "usable". Not decided here: row
//! security's rows, settings that any session may set, large objects.

mod chain;
pub(crate) mod login;
mod may;
mod names;
mod question;
mod rows;

pub use chain::Why;
pub(crate) use may::{Subject, columns_alone, creates, may, subject};
pub(crate) use question::decide;
pub(crate) use rows::{Rows, inherited_rows, policies};

use crate::facts::{
    Acl, Captured, Facts, Flow, Function, NOBODY, Owned, PUBLIC, Privilege, Relation, Rights, RoleId, Type,
};

/// A kind of objects, for what it grants by default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectKind {
    /// Tables and views.
    Relation,
    /// Sequences.
    Sequence,
    /// Databases.
    Database,
    /// Schemas.
    Schema,
    /// Functions, procedures and aggregates.
    Function,
    /// Languages.
    Language,
    /// Types and domains.
    Type,
    /// Tablespaces.
    Tablespace,
    /// Foreign data wrappers.
    Wrapper,
    /// Foreign servers.
    Server,
    /// Settings.
    Parameter,
}

impl ObjectKind {
    /// What the owner has where the ACL is null: all there is.
    #[must_use]
    pub const fn owner_rights(self, major: u32) -> Rights {
        use Privilege as P;
        match self {
            Self::Relation if major >= 17 => Rights::of(&[
                P::Insert,
                P::Select,
                P::Update,
                P::Delete,
                P::Truncate,
                P::References,
                P::Trigger,
                P::Maintain,
            ]),
            Self::Relation => Rights::of(&[
                P::Insert,
                P::Select,
                P::Update,
                P::Delete,
                P::Truncate,
                P::References,
                P::Trigger,
            ]),
            Self::Sequence => Rights::of(&[P::Select, P::Update, P::Usage]),
            Self::Database => Rights::of(&[P::Create, P::Temporary, P::Connect]),
            Self::Schema => Rights::of(&[P::Usage, P::Create]),
            Self::Function => Rights::of(&[P::Execute]),
            Self::Language | Self::Type | Self::Wrapper | Self::Server => Rights::of(&[P::Usage]),
            Self::Tablespace => Rights::of(&[P::Create]),
            Self::Parameter => Rights::of(&[P::Set, P::AlterSystem]),
        }
    }

    /// What PUBLIC has where the ACL is null.
    #[must_use]
    pub const fn public_rights(self) -> Rights {
        use Privilege as P;
        match self {
            Self::Database => Rights::of(&[P::Temporary, P::Connect]),
            Self::Function => Rights::of(&[P::Execute]),
            Self::Language | Self::Type => Rights::of(&[P::Usage]),
            _ => Rights::of(&[]),
        }
    }

    /// The word in statements.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Relation => "table",
            Self::Sequence => "sequence",
            Self::Database => "database",
            Self::Schema => "schema",
            Self::Function => "function",
            Self::Language => "language",
            Self::Type => "type",
            Self::Tablespace => "tablespace",
            Self::Wrapper => "foreign data wrapper",
            Self::Server => "foreign server",
            Self::Parameter => "parameter",
        }
    }
}

/// A privilege, or the right to give it on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Want {
    /// Which; none is a word that means nothing any more (RULE).
    pub privilege: Option<Privilege>,
    /// WITH GRANT OPTION.
    pub option: bool,
}

impl From<Privilege> for Want {
    fn from(privilege: Privilege) -> Self {
        Self {
            privilege: Some(privilege),
            option: false,
        }
    }
}

/// Who asks, in which database.
#[derive(Clone, Copy)]
pub struct Ask<'f> {
    /// The cluster.
    pub facts: &'f Facts,
    /// The database: `pg_database_owner` means its owner.
    pub database: &'f str,
    /// Who; [`PUBLIC`] for what everybody has.
    pub subject: RoleId,
}

impl<'f> Ask<'f> {
    /// Whether the subject is a superuser.
    #[must_use]
    pub fn superuser(&self) -> bool {
        self.facts.closures.superuser(self.subject)
    }

    fn database_owner(&self, role: RoleId, flow: Flow) -> bool {
        let closures = &self.facts.closures;
        let major = self.facts.major();
        if major < 14 || role == NOBODY || closures.database_owner() != role {
            return false;
        }
        let owner = self.facts.owner_of(self.database);
        // Up to 15 the owner itself must be INHERIT for its privileges to flow.
        let flows = major >= 16
            || flow != Flow::Privileges
            || self.facts.role(owner).is_some_and(|role| role.inherit);
        owner != NOBODY && flows && closures.reaches(self.subject, owner, flow)
    }

    /// Whether the subject gets to a role along memberships, `pg_database_owner`'s implicit one among them; superusers do.
    #[must_use]
    pub fn reaches(&self, role: RoleId, flow: Flow) -> bool {
        role != NOBODY
            && role != PUBLIC
            && self.subject != PUBLIC
            && (self.superuser()
                || self.facts.closures.reaches(self.subject, role, flow)
                || self.database_owner(role, flow))
    }

    /// Whether the subject has what the role has (`has_privs_of_role`).
    #[must_use]
    pub fn has_privileges_of(&self, role: RoleId) -> bool {
        self.reaches(role, Flow::Privileges)
    }

    fn predefined(&self, names: &[&'static str]) -> Option<Why<'f>> {
        names.iter().find_map(|name| {
            let role = self.facts.closures.id(name);
            self.has_privileges_of(role).then_some(Why::Predefined(role))
        })
    }

    /// `aclmask`: the ACL alone.
    fn acl(&self, kind: ObjectKind, acl: &'f Acl, owner: RoleId, want: Want) -> Option<Why<'f>> {
        let privilege = want.privilege?;
        let owns = self.has_privileges_of(owner);
        if want.option && owns {
            return Some(Why::Owner(owner));
        }
        match acl {
            None if want.option => None,
            None if kind == ObjectKind::Parameter => None,
            None if kind.public_rights().has(privilege) => Some(Why::PublicDefault(kind)),
            None => {
                (owns && kind.owner_rights(self.facts.major()).has(privilege)).then_some(Why::Owner(owner))
            }
            Some(items) => items
                .iter()
                .find(|item| {
                    let given = if want.option { item.options } else { item.rights };
                    given.has(privilege) && (item.role == PUBLIC || self.has_privileges_of(item.role))
                })
                .map(Why::Item),
        }
    }

    /// An object whose ACL decides alone.
    #[must_use]
    pub fn owned(&self, kind: ObjectKind, owned: &'f Owned, want: Want) -> Option<Why<'f>> {
        want.privilege?;
        if self.superuser() {
            return Some(Why::Superuser);
        }
        self.acl(kind, &owned.acl, owned.owner_id, want)
    }

    /// A table, view or sequence as a whole (`pg_class_aclmask_ext`).
    #[must_use]
    pub fn relation(&self, relation: &'f Relation, want: Want) -> Option<Why<'f>> {
        use Privilege as P;
        let privilege = want.privilege?;
        if self.superuser() {
            return Some(Why::Superuser);
        }
        let writes = matches!(
            privilege,
            P::Insert | P::Update | P::Delete | P::Truncate | P::Usage
        );
        if relation.system && relation.kind != 'v' && writes && !want.option {
            return None;
        }
        let kind = if relation.is_sequence() {
            ObjectKind::Sequence
        } else {
            ObjectKind::Relation
        };
        let by_acl = self.acl(kind, &relation.owned.acl, relation.owned.owner_id, want);
        if by_acl.is_some() || want.option {
            return by_acl;
        }
        match privilege {
            P::Select => self.predefined(&["pg_read_all_data"]),
            P::Insert | P::Update | P::Delete => self.predefined(&["pg_write_all_data"]),
            P::Maintain => self.predefined(&["pg_maintain"]),
            _ => None,
        }
    }

    /// One column: the table's grant covers it, its own adds.
    #[must_use]
    pub fn column(&self, relation: &'f Relation, column: &str, want: Want) -> Option<Why<'f>> {
        self.relation(relation, want).or_else(|| {
            let row = relation.column_rows.iter().find(|row| row.name == column)?;
            row.acl.as_ref()?;
            self.acl(ObjectKind::Relation, &row.acl, relation.owned.owner_id, want)
        })
    }

    /// The table, or any user column of it.
    #[must_use]
    pub fn any_column(&self, relation: &'f Relation, want: Want) -> Option<Why<'f>> {
        self.relation(relation, want).or_else(|| {
            relation
                .column_rows
                .iter()
                .filter(|row| row.number > 0 && row.acl.is_some())
                .find_map(|row| self.acl(ObjectKind::Relation, &row.acl, relation.owned.owner_id, want))
        })
    }

    /// A schema (`pg_namespace_aclmask_ext`).
    #[must_use]
    pub fn schema(&self, schema: &'f Owned, want: Want) -> Option<Why<'f>> {
        self.owned(ObjectKind::Schema, schema, want).or_else(|| {
            (want == Want::from(Privilege::Usage))
                .then(|| self.predefined(&["pg_read_all_data", "pg_write_all_data"]))?
        })
    }

    /// A function.
    #[must_use]
    pub fn function(&self, function: &'f Function, want: Want) -> Option<Why<'f>> {
        self.owned(ObjectKind::Function, &function.owned, want)
    }

    /// A type. From 17 on a multirange has the grants of its range.
    #[must_use]
    pub fn type_(&self, captured: &'f Captured, one: &'f Type, want: Want) -> Option<Why<'f>> {
        let range = one
            .range
            .as_ref()
            .filter(|_| self.facts.major() >= 17)
            .and_then(|(schema, name)| {
                captured
                    .types
                    .iter()
                    .find(|other| *other.schema == **schema && other.name == *name)
            });
        self.owned(ObjectKind::Type, &range.unwrap_or(one).owned, want)
    }

    /// CONNECT to the database of this question, as the subject alone.
    fn connect(&self) -> bool {
        let Some(row) = self.facts.databases.get(self.database) else {
            // It was read, so somebody may.
            return true;
        };
        row.allow_connections
            && self
                .owned(ObjectKind::Database, &row.owned, Privilege::Connect.into())
                .is_some()
    }

    /// Whether the subject's privileges can come to be used in this database: it may connect, or a login may that has them
    /// or may become it.
    #[must_use]
    pub fn connects(&self) -> bool {
        if self.connect() {
            return true;
        }
        self.facts.role_ids().any(|id| {
            let other = Self { subject: id, ..*self };
            let login = self.facts.role(id).is_some_and(|role| role.login) && !other.superuser();
            let acts = self.subject == PUBLIC
                || other.reaches(self.subject, Flow::Privileges)
                || other.reaches(self.subject, Flow::Set);
            login && acts && other.connect()
        })
    }

    /// USAGE on a schema of a database that was read: names in it can be looked up.
    #[must_use]
    pub fn finds(&self, schema: &str) -> bool {
        self.facts
            .captured
            .get(self.database)
            .and_then(|captured| captured.schemas.get(schema))
            .is_none_or(|row| self.schema(row, Privilege::Usage.into()).is_some())
    }

    /// What keeps a privilege in a schema from being used: nothing, or one sentence.
    #[must_use]
    pub fn unusable(&self, schema: Option<&str>) -> Option<String> {
        if !self.connects() {
            return Some(format!("no CONNECT on database {}", self.database));
        }
        let schema = schema?;
        (!self.finds(schema)).then(|| format!("no USAGE on schema {schema}"))
    }
}
