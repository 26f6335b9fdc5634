//! The few fields of each kind that foursee reads, borrowed from the document's text.

mod cloud;
mod eks;
mod gateways;
mod network;
mod pods;
mod rbac;
mod security;
mod services;

pub(in crate::parse) use cloud::*;
pub(in crate::parse) use eks::*;
pub(in crate::parse) use gateways::*;
pub(in crate::parse) use network::*;
pub(in crate::parse) use pods::*;
pub(in crate::parse) use rbac::*;
pub(crate) use rbac::{RoleRefShape, RuleShape, SubjectShape};
pub(in crate::parse) use security::*;
pub(in crate::parse) use services::*;

use foursee_core::document::{Many, Str};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The annotation that holds the whole applied object, a Secret's values too.
pub(in crate::parse) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A map of texts, in order; `null` is empty.
#[derive(Default)]
pub(in crate::parse) struct Pairs<'a>(pub Vec<(Str<'a>, Str<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Pairs<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a map of texts")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Pairs::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Pairs::default();
                while let Some(pair) = map.next_entry()? {
                    all.0.push(pair);
                }
                Ok(all)
            }
        }
        from.deserialize_any(V)
    }
}

/// A map whose values are kept as they stand in the text; `null` is empty.
#[derive(Default)]
pub(in crate::parse) struct Raws<'a>(pub Vec<(Str<'a>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Raws<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Raws<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a map")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Raws::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Raws::default();
                while let Some(pair) = map.next_entry()? {
                    all.0.push(pair);
                }
                Ok(all)
            }
        }
        from.deserialize_any(V)
    }
}

/// The text of a raw JSON value, if it is one.
pub(in crate::parse) fn text_of(raw: &RawValue) -> Option<Cow<'_, str>> {
    // What the parser took for a text and holds no escape is the text.
    if let Some(text) = raw
        .get()
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        && !text.contains('\\')
    {
        return Some(Cow::Borrowed(text));
    }
    serde_json::from_str::<Option<Str<'_>>>(raw.get())
        .ok()?
        .map(|text| text.0)
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct MetaShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub generate_name: Str<'a>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
    #[serde(borrow)]
    pub uid: Str<'a>,
    pub generation: Option<i64>,
    #[serde(borrow)]
    pub labels: Pairs<'a>,
    #[serde(borrow)]
    pub annotations: Raws<'a>,
    #[serde(borrow)]
    pub owner_references: Many<OwnerShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct OwnerShape<'a> {
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    pub controller: Option<bool>,
}

/// Only what every object has.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct AnyShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct RefShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct DataShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow, rename = "type")]
    pub sort: Str<'a>,
    #[serde(borrow)]
    pub data: Raws<'a>,
    #[serde(borrow)]
    pub string_data: Raws<'a>,
    #[serde(borrow)]
    pub binary_data: Raws<'a>,
}

/// A Status where a listing belongs.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct StatusShape<'a> {
    #[serde(borrow)]
    pub message: Str<'a>,
    #[serde(borrow)]
    pub reason: Str<'a>,
}
