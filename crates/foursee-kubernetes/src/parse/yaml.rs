//! Manifests in YAML: several documents in one text, Helm's output with its comments, lists.
//!
//! Each YAML document becomes JSON and goes on as JSON does. A document that is not YAML (a template that nobody
//! rendered) is a gap, and the others are read.

use super::{Source, file, survey};
use crate::facts::Facts;
use foursee_core::document::{Document, Notes};
use foursee_core::model::{Gap, Reason};

/// The YAML documents of a text.
fn documents(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let now = rest?;
        let mut at = 0;
        for line in now.split_inclusive('\n') {
            let bare = line.trim_end();
            if bare == "---" || bare.starts_with("--- ") || bare == "..." {
                rest = now.get(at + line.len()..);
                return now.get(..at);
            }
            at += line.len();
        }
        rest = None;
        Some(now)
    })
    .filter(|one| {
        one.lines()
            .any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
    })
}

/// The value of a key at the left edge of a YAML document.
fn top_value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
        .map(|value| {
            value
                .split(" #")
                .next()
                .unwrap_or_default()
                .trim()
                .trim_matches(['"', '\''])
        })
}

/// Whether some document of the text has both an apiVersion and a kind.
pub(super) fn looks_ours(text: &str) -> bool {
    documents(text).any(|one| top_value(one, "apiVersion").is_some() && top_value(one, "kind").is_some())
}

fn options() -> serde_saphyr::Options {
    let mut options = serde_saphyr::Options::default();
    if let Some(budget) = options.budget.as_mut() {
        budget.max_events = 50_000_000;
        budget.max_nodes = 20_000_000;
        budget.max_total_scalar_bytes = 1 << 30;
    }
    // Manifests hardly use aliases; a few lines of them can stand for millions of values.
    options.alias_limits.max_total_replayed_events = 50_000;
    options
}

/// Reads every YAML document of a text.
pub(super) fn read(document: &Document, text: &str, facts: &mut Facts, notes: &mut Notes) {
    for one in documents(text) {
        let base = document.offset(one).unwrap_or(0) as usize;
        let source = Source {
            document,
            base,
            yaml: Some(one),
        };
        redact(document, one, notes);
        match serde_saphyr::from_str_with_options::<serde_json::Value>(one, options()) {
            Ok(serde_json::Value::Null) => {}
            Ok(value) => value_of(source, &value, facts, notes),
            Err(_) => {
                file::redact_all(source, one, notes);
                let what = match (top_value(one, "kind"), name_of(one)) {
                    (Some(kind), Some(name)) => format!("{kind} {name}"),
                    (Some(kind), None) => format!("a {kind}"),
                    _ => format!("a YAML document of {}", document.name),
                };
                notes.gap(
                    Gap::new(Reason::Malformed, what)
                        .facet("the object")
                        .hides("everything that it says")
                        .closes("the manifest as it is applied: rendered, and valid YAML")
                        .at(document.at(base)),
                );
            }
        }
    }
}

fn value_of(source: Source<'_>, value: &serde_json::Value, facts: &mut Facts, notes: &mut Notes) {
    let kind = value.get("kind").and_then(serde_json::Value::as_str);
    let items = value.get("items").and_then(serde_json::Value::as_array);
    if let (Some(kind), Some(items)) = (kind, items)
        && let Some(of_list) = kind.strip_suffix("List")
    {
        let of_list = Some(of_list).filter(|kind| !kind.is_empty());
        if let Some(kind) = of_list {
            survey::saw(notes, kind);
        }
        if items.is_empty()
            && let Some(kind) = of_list
        {
            facts.kinds.insert(kind.into(), true);
        }
        for item in items {
            file::item(source, &item.to_string(), of_list, facts, notes);
        }
        return;
    }
    if kind.is_none() {
        notes.gap(
            Gap::new(Reason::Unsupported, "a YAML document without a kind")
                .hides("whatever it says")
                .closes("a manifest with apiVersion and kind")
                .at(source.document.at(source.base)),
        );
        return;
    }
    file::item(source, &value.to_string(), None, facts, notes);
}

/// The name of the metadata, as its line says it.
fn name_of(text: &str) -> Option<&str> {
    text.lines()
        .skip_while(|line| line.trim_end() != "metadata:")
        .skip(1)
        .take_while(|line| line.starts_with([' ', '\t']))
        .find_map(|line| line.trim_start().strip_prefix("name:"))
        .map(|name| name.trim().trim_matches(['"', '\'']))
}

/// Where the item of a list stands in a YAML document: the line of its dash.
pub(super) fn item_offset(text: &str, key: &str, number: usize) -> Option<usize> {
    let mut at = 0;
    let mut inside: Option<Option<usize>> = None;
    let mut seen = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let indent = line.len() - bare.len();
        match inside {
            None if indent == 0 && bare.strip_prefix(key).is_some_and(|rest| rest.trim_end() == ":") => {
                inside = Some(None);
            }
            Some(dash) if bare.starts_with('-') && dash.is_none_or(|dash| dash == indent) => {
                inside = Some(Some(indent));
                if seen == number {
                    return Some(at + indent);
                }
                seen += 1;
            }
            Some(_) if indent == 0 && !bare.trim_end().is_empty() && !bare.starts_with(['#', '-']) => {
                return None;
            }
            _ => {}
        }
        at += line.len();
    }
    None
}

/// Overwrites what a manifest holds in secret: the values of Secrets and ConfigMaps, the last-applied annotation.
/// Literal values of environments are found by [`file`], which knows them.
fn redact(document: &Document, text: &str, notes: &mut Notes) {
    // Lists may hold Secrets too: their items are looked at alike.
    let secret = text.lines().any(|line| {
        matches!(
            line.trim_start().trim_start_matches("- ").trim_end(),
            "kind: Secret" | "kind: ConfigMap" | "kind: \"Secret\"" | "kind: 'Secret'"
        )
    });
    let mut under: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start().trim_start_matches("- ");
        let indent = line.len() - bare.len();
        if under.is_some_and(|key| indent > key || bare.trim().is_empty()) {
            // A value, or a key with its value: what stands behind the key goes.
            let value = match bare.split_once(": ") {
                Some((key, value)) if !key.contains([' ', '"']) => value,
                _ if bare.trim_end().ends_with(':') => "",
                _ => bare,
            };
            notes.redact(document, value.trim_end());
            continue;
        }
        under = None;
        let held = secret
            && ["data:", "stringData:", "binaryData:"]
                .iter()
                .any(|key| bare.starts_with(key))
            || bare
                .trim_start_matches(['"', '\''])
                .starts_with(super::shapes::LAST_APPLIED);
        if held {
            under = Some(indent);
            let behind = bare
                .find(':')
                .and_then(|at| bare.get(at + 1..))
                .unwrap_or_default();
            notes.redact(document, behind.trim());
        }
    }
}

/// A section of aws-auth, which is YAML within YAML or JSON.
pub(super) fn section(text: &str) -> Option<serde_json::Value> {
    serde_saphyr::from_str_with_options(text, options()).ok()
}
