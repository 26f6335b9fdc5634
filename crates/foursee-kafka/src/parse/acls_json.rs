//! ACLs as JSON: an array, or an object that holds one under `acls`, `matches` (rpk) or `data` (REST proxy); the
//! fields of a binding side by side, or as `{pattern, entry}`, or a resource with its `acls` (kafkactl).

use super::acls_text::{kind_of, operation_of};
use crate::facts::{Acl, Facts, Listing, PatternType, Permission, Version};
use foursee_core::document::{Document, Head, Many, Notes, Str, each, json_texts};
use foursee_core::model::{Gap, Reason};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The keys under which tools put the list.
const LISTS: [&str; 4] = ["acls", "matches", "data", "bindings"];

/// Whether a JSON text is a list of ACLs.
pub(super) fn recognise(head: &Head<'_>) -> bool {
    let bases: &[&str] = if head.format() == foursee_core::document::Format::JsonArray {
        &["/0"]
    } else {
        &["/acls/0", "/matches/0", "/data/0", "/bindings/0"]
    };
    let has = |base: &str, names: &[&str]| {
        names
            .iter()
            .any(|name| head.get(&format!("{base}/{name}")).is_some())
    };
    let flat = bases.iter().any(|base| {
        has(base, &["principal"])
            && has(base, &["operation"])
            && has(
                base,
                &[
                    "resourceType",
                    "resource_type",
                    "permissionType",
                    "permission_type",
                    "permission",
                ],
            )
            || has(base, &["pattern/resourceType", "pattern/resource_type"])
                && has(base, &["entry/principal"])
            || has(base, &["resourceType", "resource_type"]) && has(base, &["acls/0/principal"])
    });
    flat || head.has_key("acls") && head.get("/kind").is_none()
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Item<'a> {
    #[serde(borrow)]
    principal: Str<'a>,
    #[serde(borrow)]
    host: Option<Str<'a>>,
    #[serde(borrow)]
    operation: Str<'a>,
    #[serde(
        borrow,
        rename = "permissionType",
        alias = "permission",
        alias = "permission_type"
    )]
    permission: Str<'a>,
    #[serde(borrow, rename = "resourceType", alias = "resource_type")]
    kind: Str<'a>,
    #[serde(borrow, rename = "resourceName", alias = "name", alias = "resource_name")]
    name: Str<'a>,
    #[serde(
        borrow,
        rename = "patternType",
        alias = "pattern_type",
        alias = "resource_pattern_type",
        alias = "resourcePatternType"
    )]
    pattern_type: Str<'a>,
    #[serde(borrow)]
    pattern: Option<Pattern<'a>>,
    #[serde(borrow)]
    entry: Option<Entry<'a>>,
    #[serde(borrow)]
    acls: Many<Entry<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pattern<'a> {
    #[serde(borrow, rename = "resourceType", alias = "resource_type")]
    kind: Str<'a>,
    #[serde(borrow, alias = "resourceName", alias = "resource_name")]
    name: Str<'a>,
    #[serde(borrow, rename = "patternType", alias = "pattern_type")]
    pattern_type: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    principal: Str<'a>,
    #[serde(borrow)]
    host: Option<Str<'a>>,
    #[serde(borrow)]
    operation: Str<'a>,
    #[serde(
        borrow,
        rename = "permissionType",
        alias = "permission",
        alias = "permission_type"
    )]
    permission: Str<'a>,
}

/// Files the list.
pub(super) fn parse(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    for text in json_texts(&document.text) {
        let mut file = File {
            document,
            facts: &mut *facts,
            notes: &mut *notes,
            listing: None,
            proven: false,
        };
        let mut from = serde_json::Deserializer::from_str(text);
        if let Err(error) = (&mut file).deserialize(&mut from) {
            let reason = if error.is_eof() {
                Reason::Truncated
            } else {
                Reason::Malformed
            };
            file.notes.gap(
                Gap::new(reason, "the list of ACLs")
                    .facet("from where it breaks on")
                    .hides("the ACLs that follow, which may allow or deny")
                    .closes(super::made_by(super::ACLS)),
            );
        }
        let proven = file.proven;
        if let Some(mut listing) = file.listing {
            listing.proven = proven;
            facts.listings.push(listing);
        }
    }
}

struct File<'f> {
    document: &'f Document,
    facts: &'f mut Facts,
    notes: &'f mut Notes,
    listing: Option<Listing>,
    /// A field says that the reader may DESCRIBE the cluster.
    proven: bool,
}

impl File<'_> {
    fn begin(&mut self) {
        let place = self.document.at(0);
        self.listing.get_or_insert(Listing {
            place,
            count: 0,
            only: None,
            proven: false,
        });
    }

    fn item(&mut self, list: &str, index: usize, raw: &str) {
        if let Some(at) = self.document.offset(raw) {
            self.notes.landmarks.item(list, index, at);
        }
        let filed = match serde_json::from_str::<Item<'_>>(raw) {
            Ok(item) => self.bindings(raw, &item),
            Err(error) => Err(error.to_string()),
        };
        if let Err(why) = filed {
            self.notes.gap(
                Gap::new(Reason::Malformed, "an item of the list of ACLs")
                    .facet(why)
                    .hides("an ACL, which may allow or deny")
                    .closes(super::made_by(super::ACLS))
                    .at(self.document.place(raw)),
            );
        }
    }

    fn bindings(&mut self, raw: &str, item: &Item<'_>) -> Result<(), String> {
        let (kind, name, pattern) = match &item.pattern {
            Some(one) => (&one.kind, &one.name, &one.pattern_type),
            None => (&item.kind, &item.name, &item.pattern_type),
        };
        if kind.is_empty() {
            return Err("it has no resource type".to_owned());
        }
        let pattern =
            PatternType::parse(pattern).ok_or("its pattern type is neither LITERAL nor PREFIXED")?;
        if let Some(one) = &item.entry {
            return self.file(
                raw,
                (kind, name, pattern),
                (&one.principal, &one.host, &one.operation, &one.permission),
            );
        }
        if item.acls.is_empty() {
            let entry = (&item.principal, &item.host, &item.operation, &item.permission);
            return self.file(raw, (kind, name, pattern), entry);
        }
        item.acls.iter().try_for_each(|one| {
            self.file(
                raw,
                (kind, name, pattern),
                (&one.principal, &one.host, &one.operation, &one.permission),
            )
        })
    }

    fn file(
        &mut self,
        raw: &str,
        (kind, name, pattern): (&str, &str, PatternType),
        (principal, host, operation, permission): (&Str<'_>, &Option<Str<'_>>, &Str<'_>, &Str<'_>),
    ) -> Result<(), String> {
        if principal.is_empty() || operation.is_empty() {
            return Err("it has no principal or no operation".to_owned());
        }
        let permission = Permission::parse(permission).ok_or("its permission is neither ALLOW nor DENY")?;
        let kind = kind_of(kind, self.facts);
        let operation = operation_of(operation, self.facts);
        let words = &mut self.facts.words;
        self.facts.acls.push(Acl {
            kind,
            pattern,
            name: words.intern(name),
            principal: words.intern(principal),
            permission,
            operation,
            host: words.intern(host.as_ref().map_or("*", |host| host)),
            // The binding as a whole: its fields may have been unescaped.
            place: self.document.place(raw),
        });
        if let Some(listing) = &mut self.listing {
            listing.count += 1;
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut File<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut File<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of ACLs, or an object that holds one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.begin();
        let mut index = 0;
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            self.item("", index, raw.get());
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Str<'de>>()? {
            if LISTS.contains(&&*key) {
                self.begin();
                let list = format!("/{}", &*key);
                let mut index = 0;
                let file = &mut *self;
                map.next_value_seed(each(|raw: &RawValue| {
                    file.item(&list, index, raw.get());
                    index += 1;
                }))?;
            } else if matches!(&*key, "version" | "kafkaVersion" | "kafka_version") {
                let raw = map.next_value::<&RawValue>()?;
                let text = serde_json::from_str::<Str<'_>>(raw.get()).unwrap_or_default();
                if let Some(version) = Version::parse(&text) {
                    self.facts.version = self
                        .facts
                        .version
                        .max(Some((version, self.document.place(raw.get()))));
                }
            } else if matches!(
                &*key,
                "authorizedOperations" | "clusterAuthorizedOperations" | "authorized_operations"
            ) {
                let raw = map.next_value::<&RawValue>()?;
                let all: Many<Str<'_>> = serde_json::from_str(raw.get()).unwrap_or_default();
                self.proven |= all.iter().any(|one| one.eq_ignore_ascii_case("DESCRIBE"));
            } else if matches!(&*key, "error" | "errorMessage" | "error_message") {
                let raw = map.next_value::<&RawValue>()?;
                let text = serde_json::from_str::<Str<'_>>(raw.get()).unwrap_or_default();
                if let Some(refused) = super::refusal(&text) {
                    let place = self.document.place(raw.get());
                    super::note_refusal(self.document, &refused, self.facts, self.notes);
                    self.facts.disabled = self.facts.disabled.map(|_| place);
                    self.listing = None;
                }
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
