//! One audit event, as the API server writes it. Source: kubernetes/kubernetes 1.37, apis/audit/v1/types.go.

use foursee_core::document::{Many, Str};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub api_version: Str<'a>,
    #[serde(borrow, rename = "auditID")]
    pub audit_id: Str<'a>,
    #[serde(borrow)]
    pub stage: Str<'a>,
    #[serde(borrow, rename = "requestURI")]
    pub request_uri: Str<'a>,
    #[serde(borrow)]
    pub verb: Str<'a>,
    #[serde(borrow)]
    pub user: Option<User<'a>>,
    #[serde(borrow)]
    pub impersonated_user: Option<User<'a>>,
    #[serde(borrow)]
    pub authentication_metadata: Option<Authentication<'a>>,
    #[serde(borrow)]
    pub object_ref: Option<Object<'a>>,
    pub response_status: Option<Status>,
    #[serde(borrow)]
    pub request_received_timestamp: Str<'a>,
    #[serde(borrow)]
    pub stage_timestamp: Str<'a>,
    #[serde(borrow)]
    pub annotations: Option<Annotations<'a>>,
    /// Of a record of CloudWatch Logs: the event itself, as text.
    #[serde(borrow)]
    pub message: Option<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub username: Str<'a>,
    #[serde(borrow)]
    pub uid: Str<'a>,
    #[serde(borrow)]
    pub groups: Many<Str<'a>>,
    #[serde(borrow)]
    pub extra: Option<BTreeMap<Str<'a>, Many<Str<'a>>>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Authentication<'a> {
    #[serde(borrow)]
    pub impersonation_constraint: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Object<'a> {
    #[serde(borrow)]
    pub resource: Str<'a>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub api_group: Str<'a>,
    #[serde(borrow)]
    pub subresource: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Status {
    pub code: i64,
}

/// Of the annotations, what the authorizers decided, and the words of the one that did.
#[derive(Default)]
pub(super) struct Annotations<'a> {
    pub decision: Str<'a>,
    pub reason: Str<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Annotations<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Annotations<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("annotations")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Annotations<'de>, A::Error> {
                let mut all = Annotations::default();
                while let Some(key) = map.next_key::<Str<'de>>()? {
                    match &*key {
                        "authorization.k8s.io/decision" => all.decision = map.next_value()?,
                        "authorization.k8s.io/reason" => all.reason = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(all)
            }
        }
        from.deserialize_map(Keys)
    }
}
