//! What this crate's tests share.

use crate::Kafka;
use crate::facts::Facts;
use foursee_core::document::{Document, Head, Notes};
use foursee_core::finding::Finding;
use foursee_core::layer::Layer;
use foursee_core::model::{DocId, Gap, ScopeId, Time};
use std::sync::Arc;

/// A list of one ACL.
pub(crate) const ACLS_ONE: &str = "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`:\n\t(principal=User:alice, host=*, operation=READ, permissionType=ALLOW)\n\n";

/// A list of ACLs in a short form: `User:a ALLOW READ TOPIC orders`, a name with `*` behind it is a prefix (but `*`
/// alone the wildcard, and `literal:x*` literal), and `from HOST` may follow.
pub(crate) fn acls(lines: &[&str]) -> String {
    let mut items = Vec::new();
    for line in lines {
        let (line, host) = line.split_once(" from ").unwrap_or((line, "*"));
        let words: Vec<&str> = line.splitn(5, ' ').collect();
        let [principal, permission, operation, kind, name] = words.as_slice() else {
            panic!("{line}")
        };
        let (name, pattern) = match (name.strip_prefix("literal:"), name.strip_suffix('*')) {
            (Some(name), _) => (name, "LITERAL"),
            (None, Some(prefix)) if !prefix.is_empty() => (prefix, "PREFIXED"),
            _ => (*name, "LITERAL"),
        };
        items.push(
            serde_json::json!({"principal": principal, "permissionType": permission, "operation": operation,
            "resourceType": kind, "resourceName": name, "patternType": pattern, "host": host}),
        );
    }
    serde_json::json!({ "acls": items }).to_string()
}

/// Sealed facts of some documents, and the gaps of parsing them.
pub(crate) fn facts(texts: &[(&str, &str)]) -> (Facts, Vec<Gap>) {
    let mut all: Option<Facts> = None;
    let mut gaps = Vec::new();
    for (number, (name, text)) in texts.iter().enumerate() {
        let claim = Kafka
            .recognise(&Head::new(name, text))
            .unwrap_or_else(|| panic!("`{name}` is not recognised"));
        let document = Document {
            id: DocId(u32::try_from(number).unwrap()),
            name: Arc::from(*name),
            scope: ScopeId(0),
            kind: claim.kinds[0],
            text: Arc::new((*text).to_owned()),
        };
        let mut notes = Notes::default();
        let part = if claim.events {
            let mut part = Facts::default();
            for line in text.lines() {
                Kafka.observe(line, &mut part).unwrap();
            }
            part
        } else {
            Kafka.parse(&document, &mut notes)
        };
        gaps.append(&mut notes.gaps);
        match &mut all {
            None => all = Some(part),
            Some(all) => Kafka.merge(all, part),
        }
    }
    let mut all = all.unwrap_or_default();
    Kafka.seal(&mut all, &[]);
    (all, gaps)
}

/// The findings of one rule over some documents.
pub(crate) fn found(rule: &str, texts: &[(&str, &str)]) -> Vec<Finding> {
    let (all, _) = foursee_core::conformance::findings(Kafka, texts, Time(0)).unwrap();
    let mut all: Vec<Finding> = all.into_iter().filter(|one| one.rule.id == rule).collect();
    all.sort_by(|a, b| a.cause.cmp(&b.cause));
    all
}

/// The causes of one rule's findings, in the order of their texts.
pub(crate) fn causes(rule: &str, texts: &[(&str, &str)]) -> Vec<String> {
    found(rule, texts).into_iter().map(|one| one.cause).collect()
}

/// A document's text, with what its parser asks for overwritten.
pub(crate) fn redacted(name: &str, text: &str) -> String {
    let kind = Kafka.recognise(&Head::new(name, text)).unwrap().kinds[0];
    let text = Arc::new(text.to_owned());
    let document = Document {
        id: DocId(0),
        name: Arc::from(name),
        scope: ScopeId(0),
        kind,
        text,
    };
    let mut notes = Notes::default();
    Kafka.parse(&document, &mut notes);
    let mut bytes = document.text.as_bytes().to_vec();
    for range in notes.redact {
        bytes[range.start as usize..range.end as usize].fill(b'*');
    }
    String::from_utf8(bytes).unwrap()
}
