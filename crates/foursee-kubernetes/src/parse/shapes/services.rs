//! What leads to pods.

use super::{MetaShape, Pairs};
use foursee_core::document::{Many, Str};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct ServiceShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: ServiceSpecShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ServiceSpecShape<'a> {
    #[serde(borrow, rename = "type")]
    pub sort: Str<'a>,
    #[serde(borrow)]
    pub selector: Pairs<'a>,
    #[serde(borrow)]
    pub load_balancer_source_ranges: Many<Str<'a>>,
    #[serde(borrow, rename = "externalIPs")]
    pub external_ips: Many<Str<'a>>,
    #[serde(borrow)]
    pub ports: Many<ServicePortShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ServicePortShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub protocol: Str<'a>,
    pub port: Option<i64>,
    #[serde(borrow)]
    pub target_port: Option<&'a RawValue>,
    pub node_port: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct IngressShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: IngressSpecShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct IngressSpecShape<'a> {
    #[serde(borrow)]
    pub ingress_class_name: Str<'a>,
    #[serde(borrow)]
    pub default_backend: Option<BackendShape<'a>>,
    #[serde(borrow)]
    pub rules: Many<IngressRuleShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct IngressRuleShape<'a> {
    #[serde(borrow)]
    pub http: Option<HttpShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct HttpShape<'a> {
    #[serde(borrow)]
    pub paths: Many<HttpPathShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct HttpPathShape<'a> {
    #[serde(borrow)]
    pub backend: BackendShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct BackendShape<'a> {
    #[serde(borrow)]
    pub service: Option<BackendServiceShape<'a>>,
    #[serde(borrow)]
    pub service_name: Str<'a>,
    #[serde(borrow)]
    pub service_port: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct BackendServiceShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub port: Option<BackendPortShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct BackendPortShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    pub number: Option<i64>,
}
