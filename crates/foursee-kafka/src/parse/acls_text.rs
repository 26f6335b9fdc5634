//! `kafka-acls --list`, in the forms of 1.x, 2.0, 2.1 to 3.9 and 4.x.
//!
//! Values are not escaped there, so lines are read from the right: what cannot hold a separator comes last.

use crate::facts::{Acl, Facts, Listing, Operation, PatternType, Permission, ResourceType};
use foursee_core::document::{Document, Notes, Strings};
use foursee_core::model::{Gap, Reason, Sym};

const HEADER: &str = "Current ACLs for resource `";
const ADDING: &str = "Adding ACLs for resource `";
const ONLY: &str = "ACLs for principal `";

/// Whether a text is such a list.
pub(super) fn recognise(text: &str) -> bool {
    text.lines()
        .take(2_000)
        .any(|line| line.starts_with(HEADER) || line.starts_with(ONLY))
}

/// Files the list.
pub(super) fn parse(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    let text = document.text.as_str();
    let mut listings: Vec<Listing> = Vec::new();
    let mut resource: Option<(ResourceType, PatternType, &str)> = None;
    // Entries have the name of the one before, and most have its host.
    let (mut last_name, mut last_host) = (None, None);
    let mut adding = false;
    let mut listed = false;
    for line in text.split('\n') {
        let line = line.trim_end_matches('\r');
        if let Some(rest) = line.strip_prefix(ONLY) {
            let only = rest.trim_end().trim_end_matches('`').to_owned();
            listings.push(Listing {
                place: document.place(line),
                count: 0,
                only: Some(only),
                proven: false,
            });
            (resource, adding, listed) = (None, false, true);
        } else if let Some(rest) = line.strip_prefix(HEADER) {
            adding = false;
            resource = header(rest, facts);
            if resource.is_none() {
                malformed(document, line, "a resource", notes);
            }
            if !listed {
                listings.push(Listing {
                    place: document.place(line),
                    count: 0,
                    only: None,
                    proven: false,
                });
                listed = true;
            }
        } else if line.starts_with(ADDING) {
            (resource, adding) = (None, true);
        } else if line.trim().is_empty() || adding {
            continue;
        } else if let Some((kind, pattern, name)) = resource {
            match entry(line, facts) {
                Some((principal, host, operation, permission)) => {
                    let words = &mut facts.words;
                    facts.acls.push(Acl {
                        kind,
                        pattern,
                        name: again(name, &mut last_name, words),
                        principal: words.intern(principal),
                        permission,
                        operation,
                        host: again(host, &mut last_host, words),
                        place: document.place(line.trim()),
                    });
                    if let Some(last) = listings.last_mut() {
                        last.count += 1;
                    }
                }
                None if line.contains("(principal=") || line.contains(" has ") => {
                    malformed(document, line, "an ACL", notes);
                }
                // A tool's own words: a warning, an error.
                None => {}
            }
        } else if line.trim_start().starts_with("(principal=") {
            malformed(document, line, "the resource of an ACL", notes);
        }
    }
    facts.listings.append(&mut listings);
}

/// The symbol of a word that is likely to be the last one again.
fn again<'a>(word: &'a str, last: &mut Option<(&'a str, Sym)>, words: &mut Strings) -> Sym {
    match *last {
        Some((known, sym)) if known == word => sym,
        _ => {
            let sym = words.intern(word);
            *last = Some((word, sym));
            sym
        }
    }
}

fn malformed(document: &Document, line: &str, what: &str, notes: &mut Notes) {
    let end = document.offset(line).map_or(0, |at| at as usize + line.len());
    let reason = if end == document.text.len() {
        Reason::Truncated
    } else {
        Reason::Malformed
    };
    notes.gap(
        Gap::new(reason, "a line of the list of ACLs")
            .facet(what)
            .hides("an ACL, which may allow or deny")
            .closes(super::made_by(super::ACLS))
            .at(document.place(line.trim())),
    );
}

/// What stands behind the first backtick of a header.
fn header<'a>(rest: &'a str, facts: &mut Facts) -> Option<(ResourceType, PatternType, &'a str)> {
    let inside = rest.trim_end().strip_suffix(':')?.trim_end().strip_suffix('`')?;
    if let Some(fields) = inside.strip_prefix("ResourcePattern(resourceType=") {
        let (fields, pattern) = fields.strip_suffix(')')?.rsplit_once(", patternType=")?;
        let (kind, name) = fields.split_once(", name=")?;
        return Some((kind_of(kind, facts), PatternType::parse(pattern)?, name));
    }
    let (kind, name) = inside.split_once(':')?;
    let (pattern, name) = match name.split_once(':') {
        Some(("LITERAL", name)) => (PatternType::Literal, name),
        Some(("PREFIXED", name)) => (PatternType::Prefixed, name),
        _ => (PatternType::Literal, name),
    };
    Some((kind_of(kind, facts), pattern, name))
}

fn entry<'a>(line: &'a str, facts: &mut Facts) -> Option<(&'a str, &'a str, Operation, Permission)> {
    let line = line.trim();
    if let Some(fields) = line.strip_prefix("(principal=") {
        let (fields, permission) = last(fields.strip_suffix(')')?, ", permissionType=")?;
        let (fields, operation) = last(fields, ", operation=")?;
        let (principal, host) = last(fields, ", host=")?;
        return Some((
            principal,
            host,
            operation_of(operation, facts),
            Permission::parse(permission)?,
        ));
    }
    let (rest, host) = line.rsplit_once(" from hosts: ")?;
    let (rest, operation) = rest.rsplit_once(" permission for operations: ")?;
    let (principal, permission) = rest.rsplit_once(" has ")?;
    Some((
        principal,
        host,
        operation_of(operation, facts),
        Permission::parse(permission)?,
    ))
}

/// What stands around the last place of a separator, which begins with a comma.
fn last<'a>(fields: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let mut end = fields.len();
    loop {
        end = fields.get(..end)?.rfind(',')?;
        if let Some(value) = fields.get(end..)?.strip_prefix(separator) {
            return Some((fields.get(..end)?, value));
        }
    }
}

/// A type, kept as a word where it is not known.
pub(super) fn kind_of(word: &str, facts: &mut Facts) -> ResourceType {
    ResourceType::parse(word).unwrap_or_else(|| ResourceType::Other(facts.words.intern(word)))
}

/// An operation, kept as a word where it is not known.
pub(super) fn operation_of(word: &str, facts: &mut Facts) -> Operation {
    Operation::parse(word).unwrap_or_else(|| Operation::Other(facts.words.intern(word)))
}
