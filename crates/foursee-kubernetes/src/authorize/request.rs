//! What an HTTP request asks of the authorizers.
//!
//! Source: kubernetes/kubernetes 1.37, apiserver/pkg/endpoints/request/requestinfo.go, NewRequestInfo. A label selector
//! that cannot be parsed makes the server forget the name in a field selector beside it; that is not looked at here.

use super::{Attributes, selector};

/// A request as the server reads it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    verb: String,
    group: String,
    resource: String,
    subresource: String,
    name: String,
    namespace: String,
    /// Set for what is no resource.
    path: Option<String>,
    /// The equalities of its field selector, where the authorizers see it.
    pub(super) fields: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn attributes(&self) -> Attributes<'_> {
        match &self.path {
            Some(path) => Attributes::Path {
                verb: &self.verb,
                path,
            },
            None => Attributes::Resource {
                verb: &self.verb,
                group: &self.group,
                resource: &self.resource,
                subresource: &self.subresource,
                name: &self.name,
                namespace: &self.namespace,
            },
        }
    }

    /// Reads a method and a path with its query. None where the server refuses it as none.
    pub(crate) fn parse(method: &str, url: &str) -> Option<Self> {
        let (raw, query) = url.split_once('?').unwrap_or((url, ""));
        let path = Some(decoded(raw, false)?).filter(|path| path.starts_with('/'))?;
        let mut other = Self {
            verb: method.to_lowercase(),
            path: Some(path.clone()),
            ..Self::default()
        };
        let trimmed = path.trim_matches('/');
        let mut parts: Vec<&str> = trimmed.split('/').collect();
        if parts.len() < 3 {
            return Some(other);
        }
        let mut group = "";
        match parts.remove(0) {
            "api" => {}
            "apis" if parts.len() >= 3 => group = parts.remove(0),
            _ => return Some(other),
        }
        group.clone_into(&mut other.group);
        other.path = None;
        parts.remove(0); // the version
        let special = parts
            .first()
            .copied()
            .filter(|one| matches!(*one, "proxy" | "watch"));
        if let Some(verb) = special {
            if parts.len() < 2 {
                return None;
            }
            verb.clone_into(&mut other.verb);
            parts.remove(0);
        } else {
            match method {
                "POST" => "create",
                "GET" | "HEAD" => "get",
                "PUT" => "update",
                "PATCH" => "patch",
                "DELETE" => "delete",
                _ => "",
            }
            .clone_into(&mut other.verb);
        }
        if let ["namespaces", namespace, rest @ ..] = parts.as_slice() {
            (*namespace).clone_into(&mut other.namespace);
            if rest
                .first()
                .is_some_and(|one| !matches!(*one, "status" | "finalize"))
            {
                parts.drain(..2);
            }
        }
        let part = |at: usize| parts.get(at).copied().unwrap_or_default().to_owned();
        other.resource = part(0);
        other.name = part(1);
        if other.verb != "proxy" {
            other.subresource = part(2);
        }
        let query = Query::new(query);
        let selected = query.first("fieldSelector");
        if other.name.is_empty() && other.verb == "get" {
            let watch = query
                .first("watch")
                .is_some_and(|value| !(value == "0" || value.eq_ignore_ascii_case("false")));
            other.verb = if watch { "watch" } else { "list" }.to_owned();
            let numbers = ["limit", "timeoutSeconds"]
                .iter()
                .all(|key| query.first(key).is_none_or(|value| value.parse::<i64>().is_ok()));
            let name = selected
                .filter(|_| numbers)
                .and_then(selector::parse)
                .and_then(|all| all.into_iter().find(|(field, _)| field == "metadata.name"))
                .map(|(_, name)| name)
                .filter(|name| !matches!(name.as_str(), "." | "..") && !name.contains(['/', '%']));
            other.name = name.unwrap_or_default();
        }
        if other.name.is_empty() && other.verb == "delete" {
            "deletecollection".clone_into(&mut other.verb);
        }
        if special.is_none() && matches!(other.verb.as_str(), "list" | "watch" | "deletecollection") {
            other.fields = selected.and_then(selector::parse).unwrap_or_default();
        }
        Some(other)
    }
}

/// The parameters of a query; broken ones are left out.
struct Query(Vec<(String, String)>);

impl Query {
    fn new(text: &str) -> Self {
        let pair = |one: &str| {
            let (key, value) = one.split_once('=').unwrap_or((one, ""));
            (!one.contains(';')).then_some((decoded(key, true)?, decoded(value, true)?))
        };
        Self(
            text.split('&')
                .filter(|one| !one.is_empty())
                .filter_map(pair)
                .collect(),
        )
    }

    fn first(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(one, _)| one == key)
            .map(|(_, value)| value.as_str())
    }
}

/// A part of a URL without its escapes; none where one is broken.
fn decoded(text: &str, query: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let high = digit(rest.next())?;
                u8::try_from(high * 16 + digit(rest.next())?).ok()?
            }
            b'+' if query => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}
