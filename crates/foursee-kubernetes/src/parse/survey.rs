//! What a document is, by its content: every kind of object that it holds, and whose it is.

use super::yaml;
use foursee_core::document::{Format, Head, Many, Str, each, json_texts};
use foursee_core::layer::{Claim, ScopeClaim};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// The kind of documents that a kind of objects belongs to; none for kinds that the layer does not read.
pub(super) fn document_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Role" => "roles",
        "ClusterRole" => "clusterroles",
        "RoleBinding" => "rolebindings",
        "ClusterRoleBinding" => "clusterrolebindings",
        "ServiceAccount" => "serviceaccounts",
        "Pod" => "pods",
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" => "controllers",
        "Job" | "CronJob" => "jobs",
        "Namespace" => "namespaces",
        "Node" => "nodes",
        "Secret" => "secrets",
        "Service" | "Ingress" => "services",
        _ => return None,
    })
}

/// Whether a text is kubectl's or the server's word instead of a listing.
pub(super) fn is_error(text: &str) -> bool {
    text.starts_with("Error from server") || text.starts_with("error: You must be logged in to the server")
}

/// A document without what kubectl wrote to its standard error before the listing.
pub(super) struct Body<'t> {
    /// What the server refused, one line each.
    pub errors: Vec<&'t str>,
    /// The listing itself.
    pub rest: &'t str,
}

pub(super) fn body(text: &str) -> Body<'_> {
    let mut errors = Vec::new();
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let line = trimmed.lines().next().unwrap_or_default();
        if is_error(line) {
            errors.push(line);
        } else if !(line.starts_with("Warning: ") || line.starts_with("No resources found")) {
            return Body { errors, rest };
        }
        rest = trimmed.get(line.len()..).unwrap_or_default();
    }
}

/// What an item says of itself.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Surveyed<'a> {
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub metadata: Option<NamedShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct NamedShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
    #[serde(borrow)]
    pub uid: Str<'a>,
}

/// What a text holds.
#[derive(Default)]
pub(super) struct Survey {
    kinds: BTreeSet<&'static str>,
    uid: Option<String>,
    ours: bool,
}

impl Survey {
    /// Takes one object in.
    pub(super) fn object(&mut self, kind: &str, metadata: Option<&NamedShape<'_>>) {
        self.ours = true;
        self.kinds.extend(document_kind(kind));
        let (name, namespace, uid) =
            metadata.map_or(("", "", ""), |meta| (&*meta.name, &*meta.namespace, &*meta.uid));
        if kind == "ConfigMap" && name == "aws-auth" && namespace == "kube-system" {
            self.kinds.insert("aws-auth");
        }
        if kind == "Namespace" && name == "kube-system" && !uid.is_empty() {
            self.uid.get_or_insert_with(|| uid.to_owned());
        }
    }
}

/// Looks at one JSON text.
struct Look<'s>(&'s mut Survey);

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object or a list of them")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element::<Surveyed<'de>>()? {
            if !item.kind.is_empty() {
                self.0.object(&item.kind, item.metadata.as_ref());
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut own = Surveyed::default();
        let (mut versioned, mut listed) = (false, false);
        // Items without a kind wait for the list's own, which may stand behind them.
        let mut nameless: Option<NamedShape<'de>> = None;
        while let Some(key) = map.next_key::<Str<'de>>()? {
            match &*key {
                "apiVersion" => {
                    versioned = true;
                    map.next_value::<IgnoredAny>()?;
                }
                "kind" => own.kind = map.next_value()?,
                "metadata" => own.metadata = map.next_value()?,
                "items" => {
                    listed = true;
                    let survey = &mut *self.0;
                    let (whole, nameless) =
                        (own.kind.strip_suffix("List").unwrap_or_default(), &mut nameless);
                    let took = map.next_value_seed(each(|item: Surveyed<'de>| {
                        let kind = if item.kind.is_empty() { whole } else { &*item.kind };
                        if !kind.is_empty() {
                            survey.object(kind, item.metadata.as_ref());
                        } else if item
                            .metadata
                            .as_ref()
                            .is_some_and(|meta| &*meta.name == "kube-system")
                        {
                            *nameless = item.metadata;
                        }
                    }));
                    took?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if versioned && !own.kind.is_empty() {
                self.0.ours = true;
            }
        }
        if listed {
            if let Some(kind) = own.kind.strip_suffix("List").filter(|kind| !kind.is_empty()) {
                self.0.object(kind, nameless.as_ref());
            }
        } else if versioned && !own.kind.is_empty() {
            self.0.object(&own.kind, own.metadata.as_ref());
        }
        Ok(())
    }
}

/// Whether a document is this layer's, and what it holds.
pub(crate) fn recognise(head: &Head<'_>) -> Option<Claim> {
    let body = body(head.text());
    let mut survey = Survey {
        ours: !body.errors.is_empty(),
        ..Survey::default()
    };
    match head.format() {
        Format::Empty => return None,
        Format::JsonObject if head.get("/cluster/arn").is_some_and(|arn| arn.contains(":eks:")) => {
            return Some(Claim::state("eks-cluster", ScopeClaim::Unsaid));
        }
        Format::JsonObject if head.has_key("issuer") && head.has_key("jwks_uri") => {
            return Some(Claim::state("oidc", ScopeClaim::Unsaid));
        }
        Format::JsonObject | Format::JsonArray if !begins_as_ours(head) => return None,
        _ => {}
    }
    match body.rest.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => {
            for text in json_texts(body.rest) {
                let _ = serde_json::Deserializer::from_str(text).deserialize_any(Look(&mut survey));
            }
        }
        Some(_) if yaml::looks_ours(body.rest) => {
            survey.ours = true;
            yaml::survey(body.rest, &mut survey);
        }
        _ => {}
    }
    survey.ours.then(|| Claim {
        kinds: survey.kinds.into_iter().collect(),
        scope: survey.uid.map_or(ScopeClaim::Unsaid, ScopeClaim::One),
        events: false,
    })
}

/// Whether the beginning of a JSON text may be an object of Kubernetes.
fn begins_as_ours(head: &Head<'_>) -> bool {
    match head.format() {
        Format::JsonArray => head.get("/0/kind").is_some() && head.get("/0/apiVersion").is_some(),
        // `kind` may stand behind more than the head holds; `apiVersion` is always among the first keys.
        _ => head.has_key("apiVersion"),
    }
}

/// The kinds of a YAML document that may be a list.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct YamlSurveyed<'a> {
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub metadata: Option<NamedShape<'a>>,
    #[serde(borrow)]
    pub items: Many<Surveyed<'a>>,
}
