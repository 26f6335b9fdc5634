//! The few fields of each kind that foursee reads, borrowed from the document's text.

use super::references::*;
use foursee_core::document::{Many, Str};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The annotation that holds the whole applied object, a Secret's values too.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A map of texts, in order; `null` is empty.
#[derive(Default)]
pub(super) struct Pairs<'a>(pub Vec<(Str<'a>, Str<'a>)>);

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
pub(super) struct Raws<'a>(pub Vec<(Str<'a>, &'a RawValue)>);

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
pub(super) fn text_of(raw: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Option<Str<'_>>>(raw.get())
        .ok()?
        .map(|text| text.0)
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct MetaShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub generate_name: Str<'a>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
    #[serde(borrow)]
    pub uid: Str<'a>,
    #[serde(borrow)]
    pub labels: Pairs<'a>,
    #[serde(borrow)]
    pub annotations: Raws<'a>,
    #[serde(borrow)]
    pub owner_references: Many<OwnerShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct OwnerShape<'a> {
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    pub controller: Option<bool>,
}

/// Only what every object has.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AnyShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RoleShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub rules: Many<RuleShape<'a>>,
    #[serde(borrow)]
    pub aggregation_rule: Option<AggregationShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AggregationShape<'a> {
    #[serde(borrow)]
    pub cluster_role_selectors: Many<SelectorShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SelectorShape<'a> {
    #[serde(borrow)]
    pub match_labels: Pairs<'a>,
    #[serde(borrow)]
    pub match_expressions: Many<RequirementShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RequirementShape<'a> {
    #[serde(borrow)]
    pub key: Str<'a>,
    #[serde(borrow)]
    pub operator: Str<'a>,
    #[serde(borrow)]
    pub values: Many<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RuleShape<'a> {
    #[serde(borrow)]
    pub verbs: Many<Str<'a>>,
    #[serde(borrow)]
    pub api_groups: Many<Str<'a>>,
    #[serde(borrow)]
    pub resources: Many<Str<'a>>,
    #[serde(borrow)]
    pub resource_names: Many<Str<'a>>,
    #[serde(borrow, rename = "nonResourceURLs")]
    pub non_resource_urls: Many<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct BindingShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub role_ref: RoleRefShape<'a>,
    #[serde(borrow)]
    pub subjects: Many<SubjectShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct RoleRefShape<'a> {
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SubjectShape<'a> {
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AccountShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    pub automount_service_account_token: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PodShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: SpecShape<'a>,
    #[serde(borrow)]
    pub status: PodStatusShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ControllerShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: TemplateShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct TemplateShape<'a> {
    #[serde(borrow)]
    pub template: Option<PodShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct CronShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: CronSpecShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CronSpecShape<'a> {
    #[serde(borrow)]
    pub job_template: JobTemplateShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct JobTemplateShape<'a> {
    #[serde(borrow)]
    pub spec: TemplateShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SpecShape<'a> {
    #[serde(borrow)]
    pub service_account_name: Str<'a>,
    #[serde(borrow)]
    pub service_account: Str<'a>,
    pub automount_service_account_token: Option<bool>,
    #[serde(borrow)]
    pub node_name: Str<'a>,
    #[serde(rename = "hostPID")]
    pub host_pid: Option<bool>,
    #[serde(rename = "hostIPC")]
    pub host_ipc: Option<bool>,
    pub host_network: Option<bool>,
    pub host_users: Option<bool>,
    #[serde(borrow)]
    pub containers: Many<ContainerShape<'a>>,
    #[serde(borrow)]
    pub init_containers: Many<ContainerShape<'a>>,
    #[serde(borrow)]
    pub ephemeral_containers: Many<ContainerShape<'a>>,
    #[serde(borrow)]
    pub volumes: Many<VolumeShape<'a>>,
    #[serde(borrow)]
    pub image_pull_secrets: Many<RefShape<'a>>,
    #[serde(borrow)]
    pub resource_claims: Many<ResourceClaimShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ContainerShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub env: Many<EnvShape<'a>>,
    #[serde(borrow)]
    pub env_from: Many<EnvFromShape<'a>>,
    #[serde(borrow)]
    pub args: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub command: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub security_context: Option<SecurityShape<'a>>,
    #[serde(borrow)]
    pub volume_mounts: Many<MountShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SecurityShape<'a> {
    pub privileged: Option<bool>,
    #[serde(borrow)]
    pub capabilities: Option<CapabilitiesShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct CapabilitiesShape<'a> {
    #[serde(borrow)]
    pub add: Many<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct MountShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub mount_path: Str<'a>,
    pub read_only: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EnvShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub value: Option<&'a RawValue>,
    #[serde(borrow)]
    pub value_from: Option<ValueFromShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ValueFromShape<'a> {
    #[serde(borrow)]
    pub secret_key_ref: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub config_map_key_ref: Option<RefShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EnvFromShape<'a> {
    #[serde(borrow)]
    pub secret_ref: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub config_map_ref: Option<RefShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RefShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VolumeShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub host_path: Option<PathShape<'a>>,
    #[serde(borrow)]
    pub secret: Option<SecretVolumeShape<'a>>,
    #[serde(borrow)]
    pub projected: Option<ProjectedShape<'a>>,
    #[serde(borrow)]
    pub config_map: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub persistent_volume_claim: Option<ClaimVolumeShape<'a>>,
    pub ephemeral: Option<IgnoredAny>,
    #[serde(borrow)]
    pub azure_file: Option<AzureFileShape<'a>>,
    #[serde(borrow)]
    pub cephfs: Option<StorageShape<'a>>,
    #[serde(borrow)]
    pub cinder: Option<StorageShape<'a>>,
    #[serde(borrow)]
    pub flex_volume: Option<StorageShape<'a>>,
    #[serde(borrow)]
    pub rbd: Option<StorageShape<'a>>,
    #[serde(borrow, rename = "scaleIO")]
    pub scale_io: Option<StorageShape<'a>>,
    #[serde(borrow)]
    pub iscsi: Option<StorageShape<'a>>,
    #[serde(borrow)]
    pub storageos: Option<StorageShape<'a>>,
    #[serde(borrow)]
    pub csi: Option<CsiShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PathShape<'a> {
    #[serde(borrow)]
    pub path: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SecretVolumeShape<'a> {
    #[serde(borrow)]
    pub secret_name: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ProjectedShape<'a> {
    #[serde(borrow)]
    pub sources: Many<ProjectionShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ProjectionShape<'a> {
    #[serde(borrow)]
    pub service_account_token: Option<TokenShape<'a>>,
    #[serde(borrow)]
    pub secret: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub config_map: Option<RefShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct TokenShape<'a> {
    #[serde(borrow)]
    pub audience: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DataShape<'a> {
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

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ServiceShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: ServiceSpecShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ServiceSpecShape<'a> {
    #[serde(borrow, rename = "type")]
    pub sort: Str<'a>,
    #[serde(borrow)]
    pub selector: Pairs<'a>,
    #[serde(borrow)]
    pub load_balancer_source_ranges: Many<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct IngressShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: IngressSpecShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct IngressSpecShape<'a> {
    #[serde(borrow)]
    pub ingress_class_name: Str<'a>,
    #[serde(borrow)]
    pub default_backend: Option<BackendShape<'a>>,
    #[serde(borrow)]
    pub rules: Many<IngressRuleShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct IngressRuleShape<'a> {
    #[serde(borrow)]
    pub http: Option<HttpShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct HttpShape<'a> {
    #[serde(borrow)]
    pub paths: Many<HttpPathShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct HttpPathShape<'a> {
    #[serde(borrow)]
    pub backend: BackendShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct BackendShape<'a> {
    #[serde(borrow)]
    pub service: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub service_name: Str<'a>,
}

/// What `aws eks describe-cluster` prints.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct DescribeShape<'a> {
    #[serde(borrow)]
    pub cluster: ClusterShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ClusterShape<'a> {
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
pub(super) struct IdentityShape<'a> {
    #[serde(borrow)]
    pub oidc: IssuerShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct IssuerShape<'a> {
    #[serde(borrow)]
    pub issuer: Str<'a>,
}

/// What the server prints under /version.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VersionShape<'a> {
    #[serde(borrow)]
    pub git_version: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct AccessShape<'a> {
    #[serde(borrow)]
    pub authentication_mode: Str<'a>,
}

/// A Status where a listing belongs.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct StatusShape<'a> {
    #[serde(borrow)]
    pub message: Str<'a>,
    #[serde(borrow)]
    pub reason: Str<'a>,
}

/// One line of aws-auth's mapRoles or mapUsers; keys in any case.
#[derive(Default)]
pub(super) struct AwsAuthLine {
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
