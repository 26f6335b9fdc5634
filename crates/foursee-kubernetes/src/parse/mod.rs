//! Reading documents: kubectl's lists and objects, manifests, `aws eks describe-cluster`, the issuer's document.
//!
//! Objects are filed into the facts as they are read; what cannot be read is a gap. A manifest in YAML goes
//! through the same door as JSON does: each YAML document is turned into JSON first, and places are found in its text.

mod api_server;
mod aws_auth;
mod cloud;
mod eks;
mod file;
mod pods;
mod references;
mod shapes;
mod stream;
mod survey;
mod unsaid;
mod yaml;

pub(crate) use file::policy_rule;
pub(crate) use shapes::{RoleRefShape, RuleShape, SubjectShape};
pub(crate) use survey::recognise;

use crate::facts::Facts;
use foursee_core::document::{Document, Notes, Place, Str, each, json_texts};
use foursee_core::model::{Gap, Reason};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use stream::Stream;

/// Where the text of an item stands.
#[derive(Clone, Copy)]
struct Source<'d> {
    document: &'d Document,
    /// The offset of the item, or of the YAML document that holds it.
    base: usize,
    /// The YAML document, where the item was read from YAML.
    yaml: Option<&'d str>,
}

impl Source<'_> {
    /// The place of a part of the item: where it stands, or in YAML where its text is found first.
    fn place(&self, part: &str) -> Place {
        let at = match self.yaml {
            Some(text) if !part.is_empty() => text.find(part).map(|at| self.base + at),
            Some(_) => None,
            None => self.document.offset(part).map(|at| at as usize),
        };
        self.document.at(at.unwrap_or(self.base))
    }
}

/// Reads one document into facts.
pub(crate) fn parse(document: &Document, notes: &mut Notes) -> Facts {
    let mut facts = Facts {
        first: Some(document.at(0)),
        ..Facts::default()
    };
    let body = survey::body(&document.text);
    for message in &body.errors {
        notes.gap(refused(message, "").at(document.place(message)));
    }
    let rest = body.rest;
    match rest.trim_start().as_bytes().first() {
        None if body.errors.is_empty() => notes.gap(
            Gap::new(Reason::Malformed, "an empty document")
                .hides("whatever it was to list")
                .closes("kubectl get ... -A -o json"),
        ),
        None => {}
        Some(b'{' | b'[') => {
            let mut rest = rest.trim_start();
            while !rest.is_empty() {
                if survey::is_error(rest) {
                    notes.gap(refused(rest.lines().next().unwrap_or_default(), "").at(document.place(rest)));
                    break;
                }
                rest = json(document, rest, &mut facts, notes).trim_start();
            }
        }
        Some(_) => yaml::read(document, rest, &mut facts, notes),
    }
    unsaid::settle(&mut facts, notes);
    facts
}

/// A gap for what the server said instead of a listing.
fn refused(message: &str, reason: &str) -> Gap {
    let lower = message.to_lowercase();
    let denied = lower.contains("forbidden") || lower.contains("unauthorized") || reason == "Forbidden";
    // `... cannot list resource "secrets" in API group "" at the cluster scope`
    let resource = message
        .split_once("resource \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(name, _)| name);
    let group = message
        .split_once("API group \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(name, _)| name);
    let namespace = message
        .split_once("in the namespace \"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(name, _)| name);
    let named = resource.map_or_else(
        || {
            message
                .trim_start_matches("Error from server (")
                .split(['(', ')', ':'])
                .next()
                .map_or("a listing".to_owned(), |word| {
                    format!("a listing ({})", word.trim())
                })
        },
        |resource| match namespace {
            Some(namespace) => format!("{resource} of namespace {namespace}"),
            None => resource.to_owned(),
        },
    );
    let full = match (resource, group) {
        (Some(resource), Some(group)) if !group.is_empty() => format!("{resource}.{group}"),
        (Some(resource), _) => resource.to_owned(),
        _ => "that resource".to_owned(),
    };
    Gap::new(if denied { Reason::Denied } else { Reason::Malformed }, named)
        .facet("the listing")
        .hides("everything about them: a denied read is not an absent object")
        .closes(if denied {
            format!("the verb list on {full}, then kubectl get {full} -A -o json")
        } else {
            format!("kubectl get {full} -A -o json")
        })
}

/// Which kind of object a text is.
pub(super) fn peek_kind(text: &str) -> Option<String> {
    peek(text).0
}

/// Which kind of object a text is, and its `apiVersion` ("" where it says none); read no further than needed.
fn peek(text: &str) -> (Option<String>, String) {
    #[derive(Default)]
    struct Peek {
        kind: Option<String>,
        api: Option<String>,
    }
    impl<'de> Visitor<'de> for &mut Peek {
        type Value = ();

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            // What is left unread, serde complains about; nobody listens.
            while self.kind.is_none() || self.api.is_none() {
                let Some(key) = map.next_key::<Str<'de>>()? else {
                    return Ok(());
                };
                match &*key {
                    "kind" => self.kind = Some(map.next_value::<Str<'de>>()?.to_string()),
                    "apiVersion" => self.api = Some(map.next_value::<Str<'de>>()?.to_string()),
                    _ => {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
            Ok(())
        }
    }
    let mut peek = Peek::default();
    let _ = serde_json::Deserializer::from_str(text).deserialize_map(&mut peek);
    let kind = peek.kind.filter(|kind| !kind.is_empty());
    (kind, peek.api.unwrap_or_default())
}

/// What a JSON text says of itself at its top.
#[derive(Default)]
struct Top<'t> {
    kind: Option<Str<'t>>,
    /// `apiVersion`; empty where it is not said.
    api: Str<'t>,
    /// It has a list of items.
    listed: bool,
    /// Keys of other documents.
    eks: bool,
    printed: Option<eks::Printed>,
    issuer: bool,
    version: bool,
}

impl Top<'_> {
    /// The kind of a list's items that do not say it themselves.
    fn of_list(&self) -> Option<Cow<'_, str>> {
        let kind = self.kind.as_deref()?.strip_suffix("List")?;
        (!kind.is_empty()).then(|| survey::kind_of(kind, &self.api))
    }

    fn saw(&mut self, key: &str) {
        self.eks |= key == "cluster";
        self.printed = self.printed.or_else(|| eks::Printed::of_key(key));
        self.issuer |= key == "issuer";
        self.version |= matches!(key, "serverVersion" | "clientVersion" | "gitVersion");
    }
}

/// Reads the JSON text that begins here, in one pass if its objects are regular; gives what follows it.
fn json<'d>(document: &'d Document, rest: &'d str, facts: &mut Facts, notes: &mut Notes) -> &'d str {
    let mut from = serde_json::Deserializer::from_str(rest);
    let mut stream = Stream::new(document, facts, notes);
    let read = from.deserialize_any(&mut stream);
    let Stream {
        top, filed, single, ..
    } = stream;
    if read.is_err() {
        let text = json_texts(rest).next().unwrap_or(rest);
        one_by_one(document, text, filed, facts, notes);
        return rest.get(text.len()..).unwrap_or_default();
    }
    let after = match from.end() {
        Ok(()) => rest.len(),
        Err(more) => offset_of(rest, more.line(), more.column()),
    };
    let (text, after) = rest.split_at_checked(after).unwrap_or((rest, ""));
    if !single {
        conclude(document, text, &top, filed, facts, notes);
    }
    after
}

/// The offset of a line and column, both from 1.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    lines.map(str::len).sum::<usize>() + column.saturating_sub(1)
}

/// A JSON text whose items' texts are in hand. What was read before a break stays read.
#[derive(Default)]
struct Items<'t> {
    top: Top<'t>,
    items: Vec<&'t RawValue>,
}

impl<'de> Visitor<'de> for &mut Items<'de> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or a list of them")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.top.listed = true;
        while let Some(item) = seq.next_element()? {
            self.items.push(item);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Str<'de>>()? {
            match &*key {
                "kind" => self.top.kind = Some(map.next_value()?),
                "apiVersion" => self.top.api = map.next_value()?,
                "items" => {
                    self.top.listed = true;
                    let items = &mut self.items;
                    map.next_value_seed(each(|item: &'de RawValue| items.push(item)))?;
                }
                other => {
                    self.top.saw(other);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Reads one JSON text object by object, behind those that are filed already: one that fails is a gap with its name,
/// and the others are read.
fn one_by_one(document: &Document, text: &str, filed: usize, facts: &mut Facts, notes: &mut Notes) {
    let mut all = Items::default();
    let result = serde_json::Deserializer::from_str(text).deserialize_any(&mut all);
    let begin = document.offset(text).unwrap_or(0);
    let list = if text.starts_with('[') { "" } else { "/items" };
    let mut end = begin;
    for (index, item) in all.items.iter().enumerate() {
        let at = document.offset(item.get()).unwrap_or(begin);
        end = at.saturating_add(u32::try_from(item.get().len()).unwrap_or(0));
        if index >= filed {
            notes.landmarks.item(list, index, at);
            file::item(
                source(document, at),
                item.get(),
                all.top.of_list().as_deref(),
                facts,
                notes,
            );
        }
    }
    let Err(error) = result else {
        conclude(document, text, &all.top, all.items.len(), facts, notes);
        return;
    };
    // What broke may have been a Secret: nothing of it is kept.
    let whole = begin.saturating_add(u32::try_from(text.len()).unwrap_or(0));
    if end < whole {
        notes.redact.push(end..whole);
    }
    let (reason, what) = if error.is_eof() {
        (Reason::Truncated, "it ends before its end")
    } else {
        (Reason::Malformed, "it is not JSON all through")
    };
    notes.gap(
        Gap::new(reason, format!("document {}", document.name))
            .facet(what)
            .hides("every object that stands behind the break")
            .closes("the same export again, whole")
            .at(document.at(end as usize)),
    );
}

const fn source(document: &Document, at: u32) -> Source<'_> {
    Source {
        document,
        base: at as usize,
        yaml: None,
    }
}

/// Reads what is no list, and says what an empty list is of.
fn conclude(
    document: &Document,
    text: &str,
    top: &Top<'_>,
    items: usize,
    facts: &mut Facts,
    notes: &mut Notes,
) {
    let source = source(document, document.offset(text).unwrap_or(0));
    match (top.listed, top.kind.as_deref()) {
        (true, _) => match top.of_list() {
            Some(kind) => {
                survey::saw(notes, &kind);
                if items == 0 {
                    facts.kinds.insert((&*kind).into(), true);
                    // Every namespace has a ConfigMap of its own, so that a list of none is of one that was asked for by
                    // name; and only one is ever read.
                    notes.kinds.extend((*kind == *"ConfigMap").then_some("aws-auth"));
                }
            }
            None if items > 0 => {}
            None => notes.gap(
                Gap::new(Reason::Ambiguous, "an empty list that does not say of what")
                    .hides("which kind of objects there are none of")
                    .closes("kubectl get --raw of the same: such lists name their kind"),
            ),
        },
        (false, Some(_)) => file::item(source, text, None, facts, notes),
        (false, None) if top.eks => cloud::describe_cluster(source, text, facts, notes),
        (false, None) if top.printed.is_some() => {
            if let Some(printed) = top.printed {
                eks::read(source, text, printed, facts, notes);
            }
        }
        (false, None) if top.version => cloud::version(source, text, facts, notes),
        (false, None) if top.issuer => cloud::openid(source, text, facts, notes),
        (false, None) => notes.gap(
            Gap::new(Reason::Unsupported, "a JSON object without a kind")
                .hides("whatever it says")
                .closes("kubectl get ... -o json")
                .at(document.at(source.base)),
        ),
    }
}
