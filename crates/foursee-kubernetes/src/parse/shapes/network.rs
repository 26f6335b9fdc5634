//! NetworkPolicies.

use super::{MetaShape, SelectorShape};
use foursee_core::document::{Many, Str};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct NetworkPolicyShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: NetworkSpecShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct NetworkSpecShape<'a> {
    #[serde(borrow)]
    pub pod_selector: Option<SelectorShape<'a>>,
    #[serde(borrow)]
    pub policy_types: Many<Str<'a>>,
    #[serde(borrow)]
    pub ingress: Many<NetworkRuleShape<'a>>,
    #[serde(borrow)]
    pub egress: Many<NetworkRuleShape<'a>>,
}

/// `from` is of ingress, `to` of egress.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct NetworkRuleShape<'a> {
    #[serde(borrow)]
    pub from: Many<PeerShape<'a>>,
    #[serde(borrow)]
    pub to: Many<PeerShape<'a>>,
    #[serde(borrow)]
    pub ports: Many<PolicyPortShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct PeerShape<'a> {
    #[serde(borrow)]
    pub ip_block: Option<IpBlockShape<'a>>,
    #[serde(borrow)]
    pub namespace_selector: Option<SelectorShape<'a>>,
    #[serde(borrow)]
    pub pod_selector: Option<SelectorShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct IpBlockShape<'a> {
    #[serde(borrow)]
    pub cidr: Str<'a>,
    #[serde(borrow)]
    pub except: Many<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct PolicyPortShape<'a> {
    #[serde(borrow)]
    pub protocol: Str<'a>,
    #[serde(borrow)]
    pub port: Option<&'a RawValue>,
    pub end_port: Option<i64>,
}
