//! Rows of the document's lists, borrowed for as long as it takes to file one.

use crate::facts::{
    Acl, AclItem, Captured, Column, DatabaseRow, DefaultAcl, Facts, Function, Inheritance, Membership,
    NOBODY, Owned, Policy, Relation, Role, Type,
};
use foursee_core::document::{Document, Many, Notes, Place, Str};
use foursee_core::model::{Gap, Reason};
use serde::de::{Deserialize, Deserializer, Error as _};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Files rows into facts.
pub(super) struct Filer<'a, 'd> {
    pub(super) document: &'d Document,
    pub(super) notes: &'a mut Notes,
    pub(super) facts: Facts,
    pub(super) captured: Captured,
    pub(super) database: String,
    /// The members that the reader was refused, as the document says.
    pub(super) refused: BTreeSet<String>,
    /// The list that was noted last, and its pointer.
    list: (&'static str, String),
    words: HashSet<Arc<str>>,
}

#[derive(serde::Deserialize)]
struct RoleRow<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(default)]
    oid: u64,
    #[serde(default, rename = "super")]
    superuser: bool,
    #[serde(default)]
    inherit: bool,
    #[serde(default)]
    createrole: bool,
    #[serde(default)]
    createdb: bool,
    #[serde(default)]
    login: bool,
    #[serde(default)]
    replication: bool,
    #[serde(default)]
    bypassrls: bool,
    #[serde(default, borrow)]
    valid_until: Str<'a>,
    #[serde(default, borrow)]
    comment: Str<'a>,
}

#[derive(serde::Deserialize)]
struct MembershipRow<'a> {
    #[serde(borrow)]
    role: Str<'a>,
    #[serde(borrow)]
    member: Str<'a>,
    #[serde(default, borrow)]
    grantor: Str<'a>,
    #[serde(default)]
    admin: bool,
    #[serde(default)]
    inherit: Option<bool>,
    #[serde(default)]
    set: Option<bool>,
}

/// What most rows have: schema, name, owner, acl, comment.
#[derive(serde::Deserialize)]
struct ObjectRow<'a> {
    #[serde(default, borrow)]
    schema: Str<'a>,
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(default, borrow)]
    owner: Str<'a>,
    #[serde(default, borrow)]
    acl: Option<Vec<Str<'a>>>,
    #[serde(default, borrow)]
    comment: Str<'a>,
    #[serde(default, borrow)]
    kind: Str<'a>,
    #[serde(default, borrow)]
    extension: Str<'a>,
    #[serde(default, borrow)]
    version: Str<'a>,
    #[serde(default)]
    oid: u64,
    #[serde(default)]
    allow_connections: Option<bool>,
    #[serde(default)]
    row_security: bool,
    #[serde(default)]
    force_row_security: bool,
    #[serde(default)]
    security_invoker: bool,
    #[serde(default, borrow)]
    columns: Many<Str<'a>>,
    #[serde(default, borrow)]
    arguments: Many<Str<'a>>,
    #[serde(default)]
    definer: bool,
    #[serde(default, borrow)]
    language: Str<'a>,
    #[serde(default, borrow)]
    config: Many<Str<'a>>,
    #[serde(default)]
    atomic: bool,
    #[serde(default, borrow)]
    range: Many<Str<'a>>,
}

#[derive(serde::Deserialize)]
struct ColumnRow<'a> {
    #[serde(borrow)]
    schema: Str<'a>,
    #[serde(borrow)]
    relation: Str<'a>,
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(default)]
    number: i32,
    #[serde(default, borrow)]
    acl: Option<Vec<Str<'a>>>,
    #[serde(default, borrow)]
    comment: Str<'a>,
}

#[derive(serde::Deserialize)]
struct PolicyRow<'a> {
    #[serde(borrow)]
    schema: Str<'a>,
    #[serde(borrow)]
    relation: Str<'a>,
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(default, borrow)]
    command: Str<'a>,
    #[serde(default)]
    permissive: bool,
    #[serde(default, borrow)]
    roles: Many<Str<'a>>,
    #[serde(default)]
    public: bool,
}

#[derive(serde::Deserialize)]
struct DefaultRow<'a> {
    #[serde(borrow)]
    creator: Str<'a>,
    #[serde(default, borrow)]
    schema: Str<'a>,
    #[serde(default, borrow, rename = "type")]
    kind: Str<'a>,
    #[serde(default, borrow)]
    acl: Option<Vec<Str<'a>>>,
}

#[derive(serde::Deserialize)]
struct InheritanceRow<'a> {
    #[serde(borrow)]
    schema: Str<'a>,
    #[serde(borrow)]
    relation: Str<'a>,
    #[serde(borrow)]
    parent_schema: Str<'a>,
    #[serde(borrow)]
    parent: Str<'a>,
}

#[derive(serde::Deserialize)]
struct ViewRow<'a> {
    #[serde(borrow)]
    schema: Str<'a>,
    #[serde(borrow)]
    view: Str<'a>,
    #[serde(borrow)]
    relation_schema: Str<'a>,
    #[serde(borrow)]
    relation: Str<'a>,
}

#[derive(serde::Deserialize)]
struct DeniedRow<'a> {
    #[serde(borrow)]
    what: Str<'a>,
    #[serde(default, borrow)]
    why: Str<'a>,
    #[serde(default, borrow)]
    code: Str<'a>,
    #[serde(default, borrow)]
    closes: Str<'a>,
}

/// Text, or none where it is empty.
fn some(text: &Str<'_>) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

fn first(text: &Str<'_>, otherwise: char) -> char {
    text.chars().next().unwrap_or(otherwise)
}

/// The catalog that a refusal names.
fn catalog(why: &str) -> Option<&str> {
    let name = ["permission denied for table ", "permission denied for view "]
        .iter()
        .find_map(|before| why.strip_prefix(before))?;
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    (name.starts_with("pg_") && name.chars().all(plain)).then_some(name)
}

/// Catalogs have numbers below this (FirstUnpinnedObjectId).
const FIRST_UNPINNED: u64 = 12_000;

/// The field that a row lacks, without which it says nothing.
struct Lacks(&'static str);

/// An absent text reads as empty.
fn required(field: &'static str, text: &Str<'_>) -> Result<(), Lacks> {
    if text.is_empty() {
        Err(Lacks(field))
    } else {
        Ok(())
    }
}

impl<'a, 'd> Filer<'a, 'd> {
    pub(super) fn new(document: &'d Document, notes: &'a mut Notes) -> Self {
        Self {
            document,
            notes,
            facts: Facts::default(),
            captured: Captured::default(),
            database: String::new(),
            refused: BTreeSet::new(),
            list: ("", String::new()),
            words: HashSet::new(),
        }
    }

    /// Notes a gap, at a part of the document.
    pub(super) fn gap(&mut self, gap: Gap, near: Option<&str>) {
        let place = near.map_or_else(|| self.document.at(0), |part| self.document.place(part));
        self.notes.gap(gap.at(place));
    }

    /// Files one row of a list, from its text.
    pub(super) fn row(&mut self, list: &'static str, index: usize, raw: &str) {
        if let Some(at) = self.document.offset(raw) {
            self.landmark(list, index, at);
        }
        let place = self.document.place(raw);
        let mut from = serde_json::Deserializer::from_str(raw);
        if let Err(error) = self.file(list, &mut from, place) {
            self.gap(
                Gap::new(Reason::Malformed, format!("a row of {list}"))
                    .facet(error.to_string())
                    .hides("what it says")
                    .closes(super::MADE_BY),
                Some(raw),
            );
        }
    }

    /// Notes where a row begins.
    pub(super) fn landmark(&mut self, list: &'static str, index: usize, at: u32) {
        if self.list.0 != list {
            self.list = (list, format!("/{list}"));
        }
        self.notes.landmarks.item(&self.list.1, index, at);
    }

    /// Files one row of a list. Nothing of it is filed unless all of it was read.
    pub(super) fn file<'de, D: Deserializer<'de>>(
        &mut self,
        list: &str,
        from: D,
        place: Place,
    ) -> Result<(), D::Error> {
        let lacks = match list {
            "roles" => self.role(&RoleRow::deserialize(from)?, place),
            "memberships" => self.membership(&MembershipRow::deserialize(from)?, place),
            "columns" => self.column(&ColumnRow::deserialize(from)?, place),
            "policies" => self.policy(&PolicyRow::deserialize(from)?, place),
            "default_acls" => self.default_acl(&DefaultRow::deserialize(from)?, place),
            "inheritance" => self.inherits(&InheritanceRow::deserialize(from)?),
            "view_uses" => self.view_use(&ViewRow::deserialize(from)?),
            "denied" => self.denied(&DeniedRow::deserialize(from)?, place),
            _ => self.object(list, &ObjectRow::deserialize(from)?, place),
        };
        lacks.map_err(|Lacks(field)| D::Error::custom(format!("it has no {field}")))
    }

    /// A word that many rows have.
    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.words.get(text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = text.into();
        self.words.insert(Arc::clone(&word));
        word
    }

    fn role(&mut self, row: &RoleRow<'_>, place: Place) -> Result<(), Lacks> {
        required("name", &row.name)?;
        let name = row.name.to_string();
        let role = Role {
            name: name.clone(),
            oid: row.oid,
            superuser: row.superuser,
            inherit: row.inherit,
            createrole: row.createrole,
            createdb: row.createdb,
            login: row.login,
            replication: row.replication,
            bypassrls: row.bypassrls,
            valid_until: some(&row.valid_until).filter(|until| until != "infinity"),
            comment: some(&row.comment),
            place,
        };
        self.facts.roles.insert(name, role);
        Ok(())
    }

    fn membership(&mut self, row: &MembershipRow<'_>, place: Place) -> Result<(), Lacks> {
        required("role", &row.role)?;
        required("member", &row.member)?;
        let one = Membership {
            role: row.role.to_string(),
            member: row.member.to_string(),
            grantor: row.grantor.to_string(),
            admin: row.admin,
            inherit: row.inherit,
            set: row.set,
            place,
        };
        let key = (one.role.clone(), one.member.clone(), one.grantor.clone());
        self.facts.memberships.insert(key, one);
        Ok(())
    }

    fn acl(&mut self, items: &[Str<'_>], place: Place) -> Vec<AclItem> {
        let mut all = Vec::with_capacity(items.len());
        for text in items {
            match AclItem::read(text, |name| self.word(name)) {
                Ok(item) => all.push(item),
                Err(why) => self.notes.gap(
                    Gap::new(Reason::Malformed, "an item of an ACL")
                        .facet(why.0)
                        .hides("what it grants, and to whom")
                        .closes("a version of foursee that knows it")
                        .at(place),
                ),
            }
        }
        all
    }

    fn maybe_acl(&mut self, items: Option<&Vec<Str<'_>>>, place: Place) -> Acl {
        items.map(|items| self.acl(items, place))
    }

    fn column(&mut self, row: &ColumnRow<'_>, place: Place) -> Result<(), Lacks> {
        required("name", &row.name)?;
        let column = Column {
            name: row.name.to_string(),
            number: row.number,
            acl: self.maybe_acl(row.acl.as_ref(), place),
            comment: some(&row.comment),
            place,
        };
        self.captured
            .loose_columns
            .push((row.schema.to_string(), row.relation.to_string(), column));
        Ok(())
    }

    fn policy(&mut self, row: &PolicyRow<'_>, place: Place) -> Result<(), Lacks> {
        required("name", &row.name)?;
        let policy = Policy {
            name: row.name.to_string(),
            command: first(&row.command, '*'),
            permissive: row.permissive,
            roles: if row.public {
                Vec::new()
            } else {
                row.roles.iter().map(|one| one.to_string()).collect()
            },
            place,
        };
        self.captured
            .loose_policies
            .push((row.schema.to_string(), row.relation.to_string(), policy));
        Ok(())
    }

    fn default_acl(&mut self, row: &DefaultRow<'_>, place: Place) -> Result<(), Lacks> {
        let acl = self.acl(row.acl.as_deref().unwrap_or_default(), place);
        self.captured.default_acls.push(DefaultAcl {
            creator: row.creator.to_string(),
            schema: some(&row.schema),
            kind: first(&row.kind, 'r'),
            acl,
            place,
        });
        Ok(())
    }

    fn inherits(&mut self, row: &InheritanceRow<'_>) -> Result<(), Lacks> {
        self.captured.inheritance.push(Inheritance {
            child: (row.schema.to_string(), row.relation.to_string()),
            parent: (row.parent_schema.to_string(), row.parent.to_string()),
        });
        Ok(())
    }

    fn view_use(&mut self, row: &ViewRow<'_>) -> Result<(), Lacks> {
        required("view", &row.view)?;
        required("relation", &row.relation)?;
        self.captured.view_uses.insert((
            (row.schema.to_string(), row.view.to_string()),
            (row.relation_schema.to_string(), row.relation.to_string()),
        ));
        Ok(())
    }

    fn denied(&mut self, row: &DeniedRow<'_>, place: Place) -> Result<(), Lacks> {
        let hides = super::SECTIONS
            .iter()
            .find(|(name, _)| *name == &*row.what)
            .map_or(
                "which cluster the database belongs to: `[scope.NAME] files = [...]` in foursee.toml can say it",
                |(_, hides)| *hides,
            );
        // insufficient_privilege, however the server's language says it.
        let reason = if &*row.code == "42501" || row.why.contains("permission denied") {
            Reason::Denied
        } else {
            Reason::NotCaptured
        };
        let closes = match catalog(&row.why) {
            _ if !row.closes.is_empty() => row.closes.to_string(),
            Some(name) => format!(
                "GRANT SELECT ON pg_catalog.{name} TO the reader, then {}",
                super::MADE_BY
            ),
            None => format!("what the reader was refused, then {}", super::MADE_BY),
        };
        self.refused.insert(row.what.to_string());
        let gap = Gap::new(reason, format!("{} of database {}", &*row.what, self.database))
            .facet(row.why.to_string())
            .hides(hides)
            .closes(closes);
        self.notes.gap(gap.at(place));
        Ok(())
    }

    fn object(&mut self, list: &str, row: &ObjectRow<'_>, place: Place) -> Result<(), Lacks> {
        required("name", &row.name)?;
        let owned = Owned {
            owner: self.word(&row.owner),
            acl: self.maybe_acl(row.acl.as_ref(), place),
            comment: some(&row.comment),
            owner_id: NOBODY,
            place,
        };
        let (schema, name) = (self.word(&row.schema), row.name.to_string());
        let texts = |many: &Many<Str<'_>>| many.iter().map(|one| one.to_string()).collect();
        match list {
            "databases" => {
                let allow_connections = row.allow_connections.unwrap_or(true);
                self.facts.databases.insert(
                    name,
                    DatabaseRow {
                        owned,
                        allow_connections,
                    },
                );
            }
            "tablespaces" => drop(self.facts.tablespaces.insert(name, owned)),
            "parameters" => drop(self.facts.parameters.insert(name, owned)),
            "schemas" => drop(self.captured.schemas.insert(name, owned)),
            "languages" => drop(self.captured.languages.insert(name, owned)),
            "foreign_data_wrappers" => drop(self.captured.wrappers.insert(name, owned)),
            "foreign_servers" => drop(self.captured.servers.insert(name, owned)),
            "extensions" => drop(self.captured.extensions.insert(name, row.version.to_string())),
            "relations" => {
                let columns = row.columns.iter().map(|one| self.word(one)).collect();
                self.captured.relations.push(Relation {
                    system: row.oid < FIRST_UNPINNED && row.oid != 0 && &*schema == "pg_catalog",
                    schema,
                    name,
                    kind: first(&row.kind, 'r'),
                    owned,
                    row_security: row.row_security,
                    force_row_security: row.force_row_security,
                    security_invoker: row.security_invoker,
                    extension: some(&row.extension),
                    columns,
                    column_rows: Vec::new(),
                    policies: Vec::new(),
                });
            }
            "functions" => self.captured.functions.push(Function {
                schema,
                name,
                arguments: texts(&row.arguments),
                kind: first(&row.kind, 'f'),
                owned,
                definer: row.definer,
                language: row.language.to_string(),
                config: texts(&row.config),
                atomic: row.atomic,
                extension: some(&row.extension),
            }),
            _ => self.captured.types.push(Type {
                schema,
                name,
                kind: first(&row.kind, 'b'),
                range: row
                    .range
                    .first()
                    .zip(row.range.get(1))
                    .map(|(s, n)| (s.to_string(), n.to_string())),
                owned,
            }),
        }
        Ok(())
    }
}
