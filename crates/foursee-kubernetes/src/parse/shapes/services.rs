//! What leads to pods.

use super::{MetaShape, Pairs, RefShape};
use foursee_core::document::{Many, Str};
use serde::Deserialize;

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
    pub service: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub service_name: Str<'a>,
}
