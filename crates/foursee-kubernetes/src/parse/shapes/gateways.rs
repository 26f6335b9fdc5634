//! The Gateway API: what leads from outside to Services by way of Gateways.

use super::{MetaShape, Pairs, SelectorShape};
use foursee_core::document::{Many, Str};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct GatewayClassShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: ClassSpecShape<'a>,
    #[serde(borrow)]
    pub status: WordShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ClassSpecShape<'a> {
    #[serde(borrow)]
    pub controller_name: Str<'a>,
}

/// A status of which only its conditions are read.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct WordShape<'a> {
    #[serde(borrow)]
    pub conditions: Many<ConditionShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ConditionShape<'a> {
    #[serde(borrow, rename = "type")]
    pub sort: Str<'a>,
    #[serde(borrow)]
    pub status: Str<'a>,
    pub observed_generation: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct GatewayShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: GatewaySpecShape<'a>,
    #[serde(borrow)]
    pub status: GatewayStatusShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct GatewaySpecShape<'a> {
    #[serde(borrow)]
    pub gateway_class_name: Str<'a>,
    #[serde(borrow)]
    pub listeners: Many<ListenerShape<'a>>,
    #[serde(borrow)]
    pub addresses: Many<AddressShape<'a>>,
    #[serde(borrow)]
    pub infrastructure: Option<InfrastructureShape<'a>>,
    #[serde(borrow)]
    pub allowed_listeners: Option<AllowedShape<'a>>,
    #[serde(borrow)]
    pub default_scope: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct AddressShape<'a> {
    #[serde(borrow)]
    pub value: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct InfrastructureShape<'a> {
    #[serde(borrow)]
    pub annotations: Pairs<'a>,
}

/// Whom a listener takes routes from, and a Gateway listeners.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct AllowedShape<'a> {
    #[serde(borrow)]
    pub namespaces: Option<FromShape<'a>>,
    #[serde(borrow)]
    pub kinds: Many<GroupKindShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct FromShape<'a> {
    #[serde(borrow)]
    pub from: Str<'a>,
    #[serde(borrow)]
    pub selector: Option<SelectorShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct GroupKindShape<'a> {
    #[serde(borrow)]
    pub group: Option<Str<'a>>,
    #[serde(borrow)]
    pub kind: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ListenerShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub hostname: Str<'a>,
    pub port: Option<i64>,
    #[serde(borrow)]
    pub protocol: Str<'a>,
    #[serde(borrow)]
    pub tls: Option<TlsShape<'a>>,
    #[serde(borrow)]
    pub allowed_routes: Option<AllowedShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct TlsShape<'a> {
    #[serde(borrow)]
    pub mode: Str<'a>,
    #[serde(borrow)]
    pub certificate_refs: Many<ReferenceShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct GatewayStatusShape<'a> {
    #[serde(borrow)]
    pub addresses: Many<AddressShape<'a>>,
    #[serde(borrow)]
    pub conditions: Many<ConditionShape<'a>>,
    #[serde(borrow)]
    pub listeners: Many<ListenerStatusShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ListenerStatusShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub conditions: Many<ConditionShape<'a>>,
    #[serde(borrow)]
    pub supported_kinds: Many<GroupKindShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct ListenerSetShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: ListenerSetSpecShape<'a>,
    #[serde(borrow)]
    pub status: GatewayStatusShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ListenerSetSpecShape<'a> {
    #[serde(borrow)]
    pub parent_ref: ReferenceShape<'a>,
    #[serde(borrow)]
    pub listeners: Many<ListenerShape<'a>>,
}

/// A reference to another object. What is not said has a default that depends on where it stands.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ReferenceShape<'a> {
    #[serde(borrow)]
    pub group: Option<Str<'a>>,
    #[serde(borrow)]
    pub kind: Option<Str<'a>>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub section_name: Str<'a>,
    pub port: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct RouteShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: RouteSpecShape<'a>,
    #[serde(borrow)]
    pub status: RouteStatusShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct RouteSpecShape<'a> {
    #[serde(borrow)]
    pub parent_refs: Many<ReferenceShape<'a>>,
    #[serde(borrow)]
    pub use_default_gateways: Str<'a>,
    #[serde(borrow)]
    pub hostnames: Many<Str<'a>>,
    #[serde(borrow)]
    pub rules: Many<RouteRuleShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct RouteRuleShape<'a> {
    #[serde(borrow)]
    pub backend_refs: Many<BackendRefShape<'a>>,
    #[serde(borrow)]
    pub filters: Many<FilterShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct BackendRefShape<'a> {
    #[serde(borrow)]
    pub group: Option<Str<'a>>,
    #[serde(borrow)]
    pub kind: Option<Str<'a>>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    pub port: Option<i64>,
    pub weight: Option<i64>,
    #[serde(borrow)]
    pub filters: Many<FilterShape<'a>>,
}

/// Filters that send requests somewhere themselves.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct FilterShape<'a> {
    #[serde(borrow)]
    pub request_mirror: Option<SendsShape<'a>>,
    #[serde(borrow)]
    pub external_auth: Option<SendsShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct SendsShape<'a> {
    #[serde(borrow)]
    pub backend_ref: ReferenceShape<'a>,
    pub percent: Option<i64>,
    pub fraction: Option<FractionShape>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct FractionShape {
    pub numerator: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct RouteStatusShape<'a> {
    #[serde(borrow)]
    pub parents: Many<ParentStatusShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ParentStatusShape<'a> {
    #[serde(borrow)]
    pub parent_ref: ReferenceShape<'a>,
    #[serde(borrow)]
    pub controller_name: Str<'a>,
    #[serde(borrow)]
    pub conditions: Many<ConditionShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct ReferenceGrantShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: ReferenceGrantSpecShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct ReferenceGrantSpecShape<'a> {
    #[serde(borrow)]
    pub from: Many<GrantedShape<'a>>,
    #[serde(borrow)]
    pub to: Many<GrantedShape<'a>>,
}

/// `namespace` is of `from`, `name` of `to`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct GrantedShape<'a> {
    #[serde(borrow)]
    pub group: Str<'a>,
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
    #[serde(borrow)]
    pub name: Option<Str<'a>>,
}
