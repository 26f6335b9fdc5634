//! How a cluster is tied to a cloud.

use super::MetaShape;
use foursee_core::document::Str;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

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

/// One line of aws-auth's mapRoles or mapUsers; keys in any case.
#[derive(Default)]
pub(in crate::parse) struct AwsAuthLine {
    pub arn: String,
    pub username: String,
    pub groups: Vec<String>,
}

impl<'de> Deserialize<'de> for AwsAuthLine {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = AwsAuthLine;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a line of aws-auth")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut line = AwsAuthLine::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.to_lowercase().as_str() {
                        "rolearn" | "userarn" => {
                            line.arn = map.next_value::<Option<String>>()?.unwrap_or_default()
                        }
                        "username" => line.username = map.next_value::<Option<String>>()?.unwrap_or_default(),
                        "groups" => {
                            line.groups = map.next_value::<Option<Vec<String>>>()?.unwrap_or_default()
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(line)
            }
        }
        from.deserialize_map(V)
    }
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
    pub status: NodeStatusShape<'a>,
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
