//! What this crate's tests share.

use crate::Postgres;
use crate::facts::Facts;
use foursee_core::document::{Document, Head, Notes};
use foursee_core::finding::Finding;
use foursee_core::layer::Layer;
use foursee_core::model::{DocId, Gap, ScopeId, Time};
use serde_json::{Value, json};
use std::sync::Arc;

/// A document of database `shop` on 15, changed by `edit`: `postgres` is superuser, `own` owns schema `app` with table
/// `app.t` and definer function `app.f()`, `web` and `ops` log in, `team` does not; `web` may use the schema.
pub(crate) fn document(edit: impl FnOnce(&mut Value)) -> String {
    let role = |name: &str, oid: u64, superuser: bool, login: bool| json!({"name": name, "oid": oid, "super": superuser, "inherit": true, "login": login});
    let mut all = json!({
        "foursee_postgres": 1, "server_version_num": 150_018, "server_version": "15.18",
        "current_database": "shop", "current_user": "audit", "system_identifier": "77",
        "roles": [role("postgres", 10, true, false), role("own", 16400, false, false), role("web", 16401, false, true),
            role("ops", 16402, false, true), role("team", 16403, false, false)],
        "memberships": [],
        "databases": [{"name": "shop", "owner": "postgres", "acl": null, "allow_connections": true}],
        "tablespaces": [],
        "schemas": [{"name": "app", "owner": "own", "acl": ["own=UC/own", "web=U/own"]}],
        "relations": [{"schema": "app", "name": "t", "kind": "r", "oid": 16500, "owner": "own",
            "acl": ["own=arwdDxt/own"], "columns": ["id", "email"]}],
        "columns": [],
        "functions": [{"schema": "app", "name": "f", "kind": "f", "owner": "own", "arguments": [],
            "acl": ["own=X/own"], "definer": true, "language": "sql", "config": null}],
        "languages": [], "types": [], "foreign_data_wrappers": [], "foreign_servers": [], "parameters": [],
        "default_acls": [], "policies": [], "inheritance": [], "view_uses": [], "extensions": [], "settings": {}, "denied": []
    });
    edit(&mut all);
    all.to_string()
}

/// Sealed facts of some documents, and the gaps of parsing them.
pub(crate) fn facts(texts: &[&str]) -> (Facts, Vec<Gap>) {
    let mut all: Option<Facts> = None;
    let mut gaps = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let name = format!("{number}.json");
        let claim = Postgres
            .recognise(&Head::new(&name, text))
            .unwrap_or_else(|| panic!("`{name}` is not recognised"));
        let document = Document {
            id: DocId(u32::try_from(number).unwrap()),
            name: Arc::from(&*name),
            scope: ScopeId(0),
            kind: claim.kinds.first().copied().unwrap_or_default(),
            text: Arc::new((*text).to_owned()),
        };
        let mut notes = Notes::default();
        let part = Postgres.parse(&document, &mut notes);
        gaps.append(&mut notes.gaps);
        match &mut all {
            None => all = Some(part),
            Some(all) => Postgres.merge(all, part),
        }
    }
    let mut all = all.unwrap_or_default();
    Postgres.seal(&mut all, &[]);
    (all, gaps)
}

/// An answer of `decide`, or the error's text.
pub(crate) fn answer(facts: &Facts, question: &Value) -> Result<Value, String> {
    let mut out = Vec::new();
    Postgres
        .decide(facts, &question.to_string(), &mut out)
        .map_err(|error| error.to_string())?;
    Ok(serde_json::from_slice(&out).unwrap())
}

/// The findings of one rule over one document.
pub(crate) fn found(rule: &str, text: &str) -> Vec<Finding> {
    let (all, _) = foursee_core::conformance::findings(Postgres, &[("shop.json", text)], Time(0)).unwrap();
    let mut all: Vec<Finding> = all.into_iter().filter(|one| one.rule.id == rule).collect();
    all.sort_by(|a, b| a.cause.cmp(&b.cause));
    all
}

/// The causes of one rule's findings, in the order of their texts.
pub(crate) fn causes(rule: &str, text: &str) -> Vec<String> {
    found(rule, text).into_iter().map(|one| one.cause).collect()
}

/// The names of a finding's identities.
pub(crate) fn affected(finding: &Finding) -> Vec<String> {
    finding
        .identities
        .iter()
        .map(|one| format!("{} {}", one.kind, one.name))
        .collect()
}
