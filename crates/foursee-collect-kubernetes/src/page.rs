//! One chunk of a listing, from the server's form into kubectl's: each object says first what it is, and managedFields
//! and the annotation with the applied object are left out. All else stays as the server wrote it.

use crate::client::Failure;
use crate::kinds::{Kind, Read};
use foursee_core::document::Str;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;

/// The annotation that holds the whole applied object, a Secret's values too.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A chunk, ready to be kept.
#[derive(Debug)]
pub(crate) struct Page {
    /// The document; none where every object of it was there before.
    pub text: Option<String>,
    /// How many objects it has.
    pub objects: u64,
    /// How many are behind it, where the server knows.
    pub remaining: Option<u64>,
    /// Where the next chunk begins, if there is one.
    pub next: Option<String>,
}

/// What the server answers: a list of objects, or a table with their metadata.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    kind: Str<'a>,
    #[serde(default)]
    metadata: Position,
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    column_definitions: Option<Vec<Column<'a>>>,
    #[serde(borrow, default)]
    rows: Option<Vec<Row<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Position {
    #[serde(default, rename = "continue")]
    next: Option<String>,
    #[serde(default)]
    remaining_item_count: Option<u64>,
}

#[derive(Deserialize)]
struct Column<'a> {
    #[serde(borrow)]
    name: Str<'a>,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow, default)]
    cells: Vec<&'a RawValue>,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// A chunk of a kind's listing without the objects that were given before. `seen` has their names, and gets those of
/// this one.
pub(crate) fn page(
    body: &str,
    kind: &Kind,
    first: bool,
    seen: &mut HashSet<Box<str>>,
) -> Result<Page, Failure> {
    let malformed = |_| Failure::Malformed;
    let answer: Answer<'_> = serde_json::from_str(body).map_err(malformed)?;
    let expected = match kind.read {
        Read::Metadata => "Table",
        Read::Whole | Read::Named(_) => kind.list,
    };
    if &*answer.kind != expected {
        return Err(Failure::Malformed);
    }
    let mut list = List::new(kind, body.len(), seen);
    for item in answer.items.into_iter().flatten() {
        list.push(item, Fields::ALL, None).map_err(malformed)?;
    }
    let columns = answer.column_definitions.unwrap_or_default();
    let sort = columns.iter().position(|column| &*column.name == "Type");
    for row in answer.rows.into_iter().flatten() {
        let sort = sort.and_then(|at| row.cells.get(at)).copied();
        list.push(row.object, &["metadata"], sort).map_err(malformed)?;
    }
    let next = answer.metadata.next.filter(|token| !token.is_empty());
    let objects = list.objects;
    Ok(Page {
        text: list.text(first && next.is_none()),
        objects,
        remaining: answer.metadata.remaining_item_count,
        next,
    })
}

/// A List being written.
struct List<'x> {
    kind: &'x Kind,
    seen: &'x mut HashSet<Box<str>>,
    out: String,
    objects: u64,
}

impl<'x> List<'x> {
    fn new(kind: &'x Kind, size: usize, seen: &'x mut HashSet<Box<str>>) -> Self {
        let mut out = String::with_capacity(size);
        out.push_str("{\"apiVersion\":\"v1\",\"items\":[\n");
        Self {
            kind,
            seen,
            out,
            objects: 0,
        }
    }

    /// Writes these fields of an object (all, if none is named), and its type.
    fn push(
        &mut self,
        object: &RawValue,
        only: &[&str],
        sort: Option<&RawValue>,
    ) -> Result<(), serde_json::Error> {
        let begin = self.out.len();
        if self.objects > 0 {
            self.out.push_str(",\n");
        }
        let Kind {
            api_version, kind, ..
        } = self.kind;
        self.out
            .push_str(&format!("{{\"apiVersion\":\"{api_version}\",\"kind\":\"{kind}\""));
        let mut name = String::new();
        for (key, value) in &fields(object)?.0 {
            match &**key {
                "apiVersion" | "kind" => {}
                other if !only.is_empty() && !only.contains(&other) => {}
                "metadata" => {
                    self.out.push_str(",\"metadata\":");
                    metadata(value, &mut self.out, &mut name)?;
                }
                other => entry(other, value, &mut self.out)?,
            }
        }
        if let Some(sort) = sort {
            entry("type", sort, &mut self.out)?;
        }
        self.out.push('}');
        if self.seen.insert(name.into()) {
            self.objects += 1;
        } else {
            self.out.truncate(begin);
        }
        Ok(())
    }

    /// The document. The whole of a listing that has no objects says of what it has none.
    fn text(mut self, whole: bool) -> Option<String> {
        const END: &str = "\"metadata\":{\"resourceVersion\":\"\"}}\n";
        if self.objects > 0 {
            self.out.push_str("\n],\"kind\":\"List\",");
            self.out.push_str(END);
            return Some(self.out);
        }
        let Kind {
            api_version, list, ..
        } = self.kind;
        whole.then(|| format!("{{\"apiVersion\":\"{api_version}\",\"items\":[],\"kind\":\"{list}\",{END}"))
    }
}

/// Writes an object's metadata; gives its namespace and name.
fn metadata(raw: &RawValue, out: &mut String, name: &mut String) -> Result<(), serde_json::Error> {
    let all = fields(raw)?;
    object(out, &all, |key, value, out| match key {
        "managedFields" => Ok(false),
        "annotations" if value.get().starts_with('{') => {
            entry_begin(key, out)?;
            let all = fields(value)?;
            object(out, &all, |key, value, out| {
                if key == LAST_APPLIED {
                    return Ok(false);
                }
                entry(key, value, out).map(|()| true)
            })
            .map(|()| true)
        }
        other => {
            if matches!(other, "name" | "namespace") {
                // Each stands in quotes, so that two objects have one text only if they are one.
                name.push_str(other);
                name.push_str(value.get());
            }
            entry(other, value, out).map(|()| true)
        }
    })
}

/// Writes an object of those fields that `write` writes, each with a comma before it.
fn object(
    out: &mut String,
    all: &Fields<'_>,
    mut write: impl FnMut(&str, &RawValue, &mut String) -> Result<bool, serde_json::Error>,
) -> Result<(), serde_json::Error> {
    let begin = out.len();
    let mut any = false;
    for (key, value) in &all.0 {
        any |= write(key, value, out)?;
    }
    if any {
        // The first comma becomes the brace.
        out.replace_range(begin..=begin, "{");
    } else {
        out.push('{');
    }
    out.push('}');
    Ok(())
}

fn entry_begin(key: &str, out: &mut String) -> Result<(), serde_json::Error> {
    out.push(',');
    out.push_str(&serde_json::to_string(key)?);
    out.push(':');
    Ok(())
}

fn entry(key: &str, value: &RawValue, out: &mut String) -> Result<(), serde_json::Error> {
    entry_begin(key, out)?;
    out.push_str(value.get());
    Ok(())
}

/// The fields of an object, in order, each as it stands in the text; `null` has none.
struct Fields<'a>(Vec<(Str<'a>, &'a RawValue)>);

impl Fields<'_> {
    const ALL: &'static [&'static str] = &[];
}

fn fields(raw: &RawValue) -> Result<Fields<'_>, serde_json::Error> {
    serde_json::from_str(raw.get())
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Fields<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Fields(Vec::new()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(field) = map.next_entry()? {
                    all.push(field);
                }
                Ok(Fields(all))
            }
        }
        from.deserialize_any(V)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::KINDS;
    use serde_json::{Value, json};

    fn kind(name: &str) -> &'static Kind {
        KINDS.iter().find(|one| one.kind == name).unwrap()
    }

    fn one(name: &str, body: &Value) -> Result<Page, Failure> {
        page(&body.to_string(), kind(name), true, &mut HashSet::new())
    }

    fn read(page: &Page) -> Value {
        serde_json::from_str(page.text.as_deref().unwrap()).unwrap()
    }

    #[test]
    fn objects_say_first_what_they_are_and_lose_what_kubectl_does_not_print() {
        let body = json!({
            "kind": "PodList", "apiVersion": "v1",
            "metadata": {"resourceVersion": "7", "continue": "next", "remainingItemCount": 3},
            "items": [
                {"metadata": {"name": "a", "namespace": "n", "managedFields": [{"manager": "x"}],
                    "annotations": {LAST_APPLIED: "{\"planted\":\"secret\"}", "team": "\u{e9}\"s"}},
                 "spec": {"nodeName": "m"}, "status": {"podIP": "1.2.3.4"}},
                {"kind": "Pod", "apiVersion": "v1", "metadata": {"managedFields": [], "name": "b", "namespace": "n",
                    "annotations": {LAST_APPLIED: "x"}}},
                {"metadata": null, "spec": 1.50}
            ]
        });
        let page = one("Pod", &body).unwrap();
        assert_eq!(
            (page.objects, page.remaining, page.next.as_deref()),
            (3, Some(3), Some("next"))
        );
        let text = page.text.as_deref().unwrap();
        assert!(
            text.contains("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{"),
            "{text}"
        );
        assert_eq!(
            read(&page),
            json!({
                "apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""},
                "items": [
                    {"apiVersion": "v1", "kind": "Pod",
                     "metadata": {"name": "a", "namespace": "n", "annotations": {"team": "\u{e9}\"s"}},
                     "spec": {"nodeName": "m"}, "status": {"podIP": "1.2.3.4"}},
                    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b", "namespace": "n", "annotations": {}}},
                    {"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": 1.5}
                ]
            })
        );
    }

    #[test]
    fn of_secrets_only_metadata_and_type_are_written() {
        let body = json!({
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {},
            "columnDefinitions": [{"name": "Name", "type": "string"}, {"name": "Type"}, {"name": "Data"}],
            "rows": [{"cells": ["s", "kubernetes.io/tls", 2], "object": {
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                "metadata": {"name": "s", "namespace": "n", "uid": "u", "annotations": {LAST_APPLIED: "planted"}},
                "data": {"tls.key": "planted"}}}]
        });
        let page = one("Secret", &body).unwrap();
        assert_eq!(
            read(&page)["items"],
            json!([{"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
                    "metadata": {"name": "s", "namespace": "n", "uid": "u", "annotations": {}}}])
        );
        // A server that gives the Secrets themselves is not listened to.
        let whole = json!({"kind": "SecretList", "apiVersion": "v1", "items": [{"data": {"a": "planted"}}]});
        assert_eq!(one("Secret", &whole).unwrap_err(), Failure::Malformed);
    }

    #[test]
    fn an_empty_listing_says_of_what() {
        let body = json!({"kind": "RoleList", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {}, "items": null});
        let page = one("Role", &body).unwrap();
        assert_eq!(read(&page)["kind"], "RoleList");
        assert_eq!(read(&page)["apiVersion"], "rbac.authorization.k8s.io/v1");
        assert_eq!(read(&page)["items"], json!([]));
    }

    #[test]
    fn what_was_given_before_is_left_out() {
        let (mut seen, a) = (HashSet::new(), |name: &str| {
            json!({"kind": "PodList", "metadata": {}, "items": [
                {"metadata": {"namespace": "n", "name": "a"}}, {"metadata": {"name": name, "namespace": "n"}}]})
            .to_string()
        });
        let first = page(&a("b"), kind("Pod"), true, &mut seen).unwrap();
        let again = page(&a("c"), kind("Pod"), false, &mut seen).unwrap();
        assert_eq!((first.objects, again.objects), (2, 1));
        assert_eq!(read(&again)["items"][0]["metadata"]["name"], "c");
        assert_eq!(page(&a("c"), kind("Pod"), false, &mut seen).unwrap().text, None);
    }

    #[test]
    fn what_is_no_listing_of_the_kind_is_refused() {
        for body in [
            "",
            "null",
            "[]",
            "{\"items\":[]}",
            "{\"kind\":\"Status\",\"status\":\"Failure\"}",
            "{\"kind\":\"PodList\",\"items\":[1]}",
            "{\"kind\":\"PodList\",\"items\":[{\"metadata\":\"x\"}]}",
            "{\"kind\":\"PodList\",\"items\":[{\"metadata\":{}}",
            "{\"kind\":\"NodeList\",\"items\":[]}",
        ] {
            let read = page(body, kind("Pod"), true, &mut HashSet::new());
            assert_eq!(read.unwrap_err(), Failure::Malformed, "{body}");
        }
    }
}
