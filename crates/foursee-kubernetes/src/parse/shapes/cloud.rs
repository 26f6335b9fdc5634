//! How a cluster is tied to a cloud.

use super::MetaShape;
use foursee_core::document::Str;
use serde::Deserialize;

/// What `aws eks describe-cluster` prints.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct DescribeShape<'a> {
    #[serde(borrow)]
    pub cluster: ClusterShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ClusterShape<'a> {
    #[serde(borrow)]
    pub arn: Str<'a>,
    #[serde(borrow)]
    pub version: Str<'a>,
    #[serde(borrow)]
    pub identity: IdentityShape<'a>,
    #[serde(borrow)]
    pub access_config: AccessShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct IdentityShape<'a> {
    #[serde(borrow)]
    pub oidc: IssuerShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct IssuerShape<'a> {
    #[serde(borrow)]
    pub issuer: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct AccessShape<'a> {
    #[serde(borrow)]
    pub authentication_mode: Str<'a>,
}

/// What `kubectl version -o json` and the server under /version print.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct VersionShape<'a> {
    #[serde(borrow)]
    pub server_version: Option<InfoShape<'a>>,
    #[serde(borrow)]
    pub git_version: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct InfoShape<'a> {
    #[serde(borrow)]
    pub git_version: Str<'a>,
}

/// A Node: what every object has, and its kubelet.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct NodeShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: NodeSpecShape<'a>,
    #[serde(borrow)]
    pub status: NodeStatusShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct NodeSpecShape<'a> {
    #[serde(borrow, rename = "providerID")]
    pub provider_id: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct NodeStatusShape<'a> {
    #[serde(borrow)]
    pub node_info: NodeInfoShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct NodeInfoShape<'a> {
    #[serde(borrow)]
    pub kubelet_version: Str<'a>,
}
