//! Documents of the capture script: which they are, and how each of their rows is filed.
//!
//! One document is one database. It is read as one JSON object, member by member, so that what stands before a break is
//! kept; where psql's messages stand among it (standard error in the same file), line by line, as the script prints it.
//! What psql says instead of a document is a gap. pg_hba.conf is read beside them (`hba`); no dump is.

mod hba;
mod rows;

use crate::facts::{Captured, Facts, NEWEST, OLDEST};
use foursee_core::document::{Begun, Document, Format, Head, Notes, Str, each, json_texts};
use foursee_core::layer::{Claim, DocumentKind, ScopeClaim};
use foursee_core::model::{Gap, Reason};
use rows::Filer;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;

/// The kind of a document of the capture script.
pub(crate) const CATALOG: &str = "catalog";
/// The command that makes it.
pub(crate) const MADE_BY: &str = "psql -XAt -d DATABASE -f capture.sql > DATABASE.json";
const MARK: &str = "foursee_postgres";

/// The kind of pg_hba.conf.
pub(crate) const HBA: &str = "hba";
/// Where it is.
pub(crate) const HBA_MADE_BY: &str = "a copy of the file that SHOW hba_file names";

/// The kinds of documents that are read.
pub(crate) const KINDS: &[DocumentKind] = &[
    DocumentKind {
        name: CATALOG,
        made_by: MADE_BY,
    },
    DocumentKind {
        name: HBA,
        made_by: HBA_MADE_BY,
    },
];

/// The lists of a document, and what is not known without each.
const SECTIONS: &[(&str, &str)] = &[
    ("roles", "which roles there are, and which of them are superusers"),
    ("memberships", "which roles have what other roles have"),
    ("databases", "who may connect"),
    ("tablespaces", "who may fill which tablespace"),
    (
        "schemas",
        "which schemas there are, and who may use them and create in them",
    ),
    (
        "relations",
        "which tables, views and sequences there are, and who may use them",
    ),
    ("columns", "which columns have grants of their own"),
    ("functions", "which functions there are, and who may call them"),
    ("languages", "who may write functions in which language"),
    ("types", "who may use which type"),
    ("foreign_data_wrappers", "who may make foreign servers"),
    ("foreign_servers", "who may reach foreign servers"),
    ("parameters", "who may change which setting"),
    ("default_acls", "what new objects will grant"),
    ("policies", "which rows are shown to whom"),
    ("inheritance", "which tables are parts of others"),
    ("view_uses", "which tables a view reads as its owner"),
    ("extensions", "which extensions there are"),
    ("settings", "the settings that change what grants mean"),
    ("denied", "what the reader was not allowed to see"),
];

/// What psql and the server begin a message with.
const MESSAGES: &[&str] = &[
    "psql:",
    "psql: error:",
    "ERROR:",
    "FATAL:",
    "PANIC:",
    "pg_dump: error:",
];

fn message(line: &str) -> bool {
    MESSAGES.iter().any(|one| line.trim_start().starts_with(one))
}

/// Whether a document is this layer's.
pub(crate) fn recognise(head: &Head<'_>) -> Option<Claim> {
    let claim = |system: Option<&str>| {
        let scope = match system {
            Some(name) if !name.is_empty() && name != "null" => ScopeClaim::One(name.to_owned()),
            _ => ScopeClaim::Unsaid,
        };
        Claim::state(CATALOG, scope)
    };
    if head.has_key(MARK) {
        return Some(claim(head.get("/system_identifier")));
    }
    if head.format() == Format::JsonObject && head.text().trim_start().starts_with("{\"foursee_postgres") {
        // Cut off within its first words.
        return Some(claim(None));
    }
    if head.format() == Format::Text && hba::recognised(head.text()) {
        return Some(Claim::state(HBA, ScopeClaim::Unsaid));
    }
    if head.format() != Format::Text || !head.lines().take(50).any(message) {
        return None;
    }
    if head
        .lines()
        .any(|line| line.starts_with("{\"foursee_postgres\":"))
    {
        let system = head
            .lines()
            .find_map(|line| line.strip_prefix(",\"system_identifier\":"))
            .map(|value| value.trim().trim_matches('"'));
        return Some(claim(system));
    }
    let first = head.lines().find(|line| !line.trim().is_empty())?;
    (message(first) && said_by_postgres(head.text())).then(|| Claim {
        kinds: Vec::new(),
        scope: ScopeClaim::Unsaid,
        events: false,
    })
}

/// Other programs say ERROR too.
fn said_by_postgres(text: &str) -> bool {
    let text = text.get(..4_000).unwrap_or(text);
    text.contains("psql:")
        || text.contains("FATAL:  ")
        || [
            "ERROR:  permission denied for ",
            "ERROR:  relation ",
            "ERROR:  function ",
        ]
        .iter()
        .any(|one| text.contains(one))
}

/// Reads a document: in one pass where every row is as the script prints it, else each row for itself, so that one that
/// is not is named and skipped.
pub(crate) fn parse(document: &Document, notes: &mut Notes) -> Facts {
    if document.kind == HBA {
        return Facts {
            place: Some(document.at(0)),
            hba: Some(hba::parse(document, notes)),
            ..Facts::default()
        };
    }
    let text = document.text.as_str();
    let mixed = text.lines().any(message);
    if mixed {
        let mut reader = Reader::new(document, notes, false);
        reader.by_line(text);
        return reader.finish(text, true);
    }
    let mut at_once = Notes::default();
    let mut reader = Reader::new(document, &mut at_once, true);
    let mut from = serde_json::Deserializer::from_str(text);
    if Members(&mut reader).deserialize(&mut from).is_ok() && from.end().is_ok() {
        let facts = reader.finish(text, false);
        *notes = at_once;
        return facts;
    }
    let mut reader = Reader::new(document, notes, false);
    let mut texts = json_texts(text);
    if let Some(first) = texts.next() {
        reader.by_member(first);
    }
    if texts.next().is_some() {
        reader.filer.gap(
            Gap::new(Reason::Unsupported, "more than one document in one file")
                .facet("all but the first")
                .hides("what the others say of their databases")
                .closes("one file for each database"),
            None,
        );
    }
    reader.finish(text, false)
}

struct Reader<'a, 'd> {
    filer: Filer<'a, 'd>,
    whole: BTreeSet<&'static str>,
    /// Rows are read where they stand; the first that is not as it should be ends the reading.
    at_once: bool,
}

/// The name of a member, as static text.
fn section(key: &str) -> Option<&'static str> {
    SECTIONS.iter().map(|(name, _)| *name).find(|name| *name == key)
}

impl<'a, 'd> Reader<'a, 'd> {
    fn new(document: &'d Document, notes: &'a mut Notes, at_once: bool) -> Self {
        Self {
            filer: Filer::new(document, notes),
            whole: BTreeSet::new(),
            at_once,
        }
    }

    fn by_member(&mut self, text: &str) {
        let mut from = serde_json::Deserializer::from_str(text);
        if let Err(error) = Members(self).deserialize(&mut from) {
            let reason = if error.is_eof() {
                Reason::Truncated
            } else {
                Reason::Malformed
            };
            self.filer.gap(
                Gap::new(reason, "the document of a database")
                    .facet(error.to_string())
                    .hides("what stands behind the break")
                    .closes(MADE_BY),
                None,
            );
        }
    }

    fn by_line(&mut self, text: &str) {
        for line in text.lines() {
            if message(line) {
                self.refused(line);
                continue;
            }
            let Some(rest) = line
                .strip_prefix(['{', ','])
                .and_then(|rest| rest.strip_prefix('"'))
            else {
                continue;
            };
            let rest = rest
                .strip_suffix('}')
                .filter(|_| rest.starts_with("denied\":"))
                .unwrap_or(rest);
            if line.starts_with('{') {
                // Several members: the first line of the script.
                for part in [
                    "server_version_num",
                    "server_version",
                    "current_database",
                    "current_user",
                ] {
                    let value = rest.split_once(&format!("\"{part}\":")).and_then(|(_, value)| {
                        let mut stream = serde_json::Deserializer::from_str(value).into_iter::<&RawValue>();
                        stream.next()?.ok()
                    });
                    if let Some(value) = value {
                        self.scalar(part, value.get());
                    }
                }
            } else if let Some((key, value)) = rest.split_once("\":") {
                match section(key) {
                    Some(name) => {
                        let mut from = serde_json::Deserializer::from_str(value);
                        self.list(name, &mut from, line);
                    }
                    None => self.scalar(key, value),
                }
            }
        }
    }

    fn refused(&mut self, line: &str) {
        let denied = line.contains("permission denied") || line.contains("must be ");
        let why: String = line.chars().take(300).collect();
        self.filer.gap(
            Gap::new(
                if denied {
                    Reason::Denied
                } else {
                    Reason::NotCaptured
                },
                "a catalog of PostgreSQL",
            )
            .facet(why)
            .hides("what the command was to print")
            .closes(MADE_BY),
            Some(line),
        );
    }

    fn scalar(&mut self, key: &str, raw: &str) {
        match key {
            "server_version_num" => self.filer.facts.version = serde_json::from_str(raw).unwrap_or(0),
            "system_identifier" => {
                let text: Str<'_> = serde_json::from_str(raw).unwrap_or_default();
                self.filer.facts.system = (!text.is_empty()).then(|| text.to_string());
            }
            "current_database" => {
                let text: Str<'_> = serde_json::from_str(raw).unwrap_or_default();
                self.filer.database = text.to_string();
            }
            MARK | "server_version" | "current_user" => {}
            other => self.filer.gap(
                Gap::new(Reason::Unsupported, format!("member `{other}` of the document"))
                    .hides("what it says")
                    .closes("a version of foursee that knows it"),
                Some(raw),
            ),
        }
    }

    fn list<'de, D: Deserializer<'de>>(&mut self, name: &'static str, from: D, near: &str) {
        if let Err(error) = self.try_list(name, from) {
            self.filer.gap(
                Gap::new(Reason::Malformed, format!("{name} of the document"))
                    .facet(error.to_string())
                    .hides("what stands behind the break")
                    .closes(MADE_BY),
                Some(near),
            );
        }
    }

    fn try_list<'de, D: Deserializer<'de>>(&mut self, name: &'static str, from: D) -> Result<(), D::Error> {
        if name == "settings" {
            let all = std::collections::BTreeMap::<Str<'de>, Str<'de>>::deserialize(from)?;
            for (key, value) in all {
                self.filer
                    .captured
                    .settings
                    .insert(key.to_string(), value.to_string());
            }
        } else if self.at_once {
            from.deserialize_seq(Rows(&mut self.filer, name))?;
        } else {
            let mut index = 0;
            let filer = &mut self.filer;
            each(|raw: &RawValue| {
                filer.row(name, index, raw.get());
                index += 1;
            })
            .deserialize(from)?;
        }
        self.whole.insert(name);
        Ok(())
    }

    fn finish(mut self, text: &str, mixed: bool) -> Facts {
        let absent: Vec<_> = SECTIONS
            .iter()
            .filter(|(name, _)| !self.whole.contains(name))
            .collect();
        let nothing = absent.len() == SECTIONS.len();
        if nothing && mixed && !text.contains(MARK) {
            // An error text alone: its gap is noted.
            return Facts::default();
        }
        for (name, hides) in absent {
            self.filer.captured.missing.insert(name);
            if self.filer.refused.contains(*name) {
                continue;
            }
            self.filer.gap(
                Gap::new(
                    Reason::NotCaptured,
                    format!("{name} of database {}", self.filer.database),
                )
                .facet("some or all rows")
                .hides(*hides)
                .closes(MADE_BY),
                None,
            );
        }
        let major = self.filer.facts.version / 10_000;
        if !(OLDEST..=NEWEST).contains(&major) {
            self.filer.gap(
                Gap::new(Reason::Unsupported, format!("PostgreSQL {major}"))
                    .facet("server_version_num")
                    .hides(format!(
                        "in what its rules differ from those of {}, as which it is read",
                        major.clamp(OLDEST, NEWEST)
                    ))
                    .closes("a version of foursee that knows it"),
                None,
            );
        }
        let Filer {
            mut facts,
            captured,
            database,
            document,
            ..
        } = self.filer;
        facts.place = Some(document.at(0));
        if !database.is_empty() {
            let captured = Captured {
                place: Some(document.at(0)),
                ..captured
            };
            facts.captured.insert(database, captured);
        }
        facts
    }
}

/// The rows of a list, each filed while it is read.
struct Rows<'r, 'a, 'd>(&'r mut Filer<'a, 'd>, &'static str);

impl<'de> Visitor<'de> for Rows<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(()) = seq.next_element_seed(Row(&mut *self.0, self.1, index))? {
            index += 1;
        }
        Ok(())
    }
}

/// One row of a list, with its index.
struct Row<'r, 'a, 'd>(&'r mut Filer<'a, 'd>, &'static str, usize);

impl<'de> DeserializeSeed<'de> for Row<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(filer, list, index) = self;
        // The row begins before its first key.
        let key = map.next_key::<Str<'de>>()?;
        let at = key
            .as_ref()
            .and_then(|key| filer.document.object_of(key))
            .ok_or_else(|| A::Error::custom("a row that is not as the script prints it"))?;
        filer.landmark(list, index, at);
        let place = filer.document.at(at as usize);
        filer.file(list, MapAccessDeserializer::new(Begun { key, map }), place)
    }
}

struct Members<'r, 'a, 'd>(&'r mut Reader<'a, 'd>);

impl<'de> DeserializeSeed<'de> for Members<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

/// One list, as a seed.
struct List<'r, 'a, 'd>(&'r mut Reader<'a, 'd>, &'static str);

impl<'de> DeserializeSeed<'de> for List<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        self.0.try_list(self.1, from)
    }
}

impl<'de> Visitor<'de> for Members<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the capture script's JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Str<'de>>()? {
            match section(&key) {
                Some(name) => map.next_value_seed(List(&mut *self.0, name))?,
                None => {
                    let raw = map.next_value::<&RawValue>()?;
                    self.0.scalar(&key, raw.get());
                }
            }
        }
        Ok(())
    }
}
