//! Pods, and what makes them.

use super::{MetaShape, RefShape, SecurityShape};
use crate::parse::references::*;
use foursee_core::document::{Many, Str};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct PodShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: SpecShape<'a>,
    #[serde(borrow)]
    pub status: PodStatusShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct ControllerShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: TemplateShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct TemplateShape<'a> {
    #[serde(borrow)]
    pub template: Option<PodShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct CronShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub spec: CronSpecShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct CronSpecShape<'a> {
    #[serde(borrow)]
    pub job_template: JobTemplateShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct JobTemplateShape<'a> {
    #[serde(borrow)]
    pub spec: TemplateShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct SpecShape<'a> {
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
    pub share_process_namespace: Option<bool>,
    #[serde(borrow)]
    pub os: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub security_context: Option<SecurityShape<'a>>,
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
pub(in crate::parse) struct ContainerShape<'a> {
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
    pub ports: Many<PortShape<'a>>,
    #[serde(borrow)]
    pub liveness_probe: Option<HandlerShape<'a>>,
    #[serde(borrow)]
    pub readiness_probe: Option<HandlerShape<'a>>,
    #[serde(borrow)]
    pub startup_probe: Option<Box<HandlerShape<'a>>>,
    #[serde(borrow)]
    pub lifecycle: Option<Box<LifecycleShape<'a>>>,
    #[serde(borrow)]
    pub volume_mounts: Many<MountShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct MountShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub mount_path: Str<'a>,
    pub read_only: Option<bool>,
    #[serde(borrow)]
    pub sub_path: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct EnvShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub value: Option<&'a RawValue>,
    #[serde(borrow)]
    pub value_from: Option<ValueFromShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ValueFromShape<'a> {
    #[serde(borrow)]
    pub secret_key_ref: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub config_map_key_ref: Option<RefShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct EnvFromShape<'a> {
    #[serde(borrow)]
    pub secret_ref: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub config_map_ref: Option<RefShape<'a>>,
}

/// What few volumes are stands apart: a pod's are moved as they are read.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct VolumeShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub host_path: Option<PathShape<'a>>,
    #[serde(borrow)]
    pub config_map: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub persistent_volume_claim: Option<ClaimVolumeShape<'a>>,
    #[serde(borrow)]
    pub azure_file: Option<Box<AzureFileShape<'a>>>,
    #[serde(borrow)]
    pub cephfs: Option<Box<StorageShape<'a>>>,
    #[serde(borrow)]
    pub cinder: Option<Box<StorageShape<'a>>>,
    #[serde(borrow)]
    pub flex_volume: Option<Box<StorageShape<'a>>>,
    #[serde(borrow)]
    pub rbd: Option<Box<StorageShape<'a>>>,
    #[serde(borrow, rename = "scaleIO")]
    pub scale_io: Option<Box<StorageShape<'a>>>,
    #[serde(borrow)]
    pub iscsi: Option<Box<StorageShape<'a>>>,
    #[serde(borrow)]
    pub storageos: Option<Box<StorageShape<'a>>>,
    #[serde(borrow)]
    pub csi: Option<Box<CsiShape<'a>>>,
    // That there is one is enough.
    #[serde(rename = "downwardAPI")]
    pub downward_api: Option<IgnoredAny>,
    pub empty_dir: Option<IgnoredAny>,
    pub ephemeral: Option<IgnoredAny>,
    pub image: Option<IgnoredAny>,
    #[serde(borrow)]
    pub secret: Option<SecretVolumeShape<'a>>,
    #[serde(borrow)]
    pub projected: Option<ProjectedShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct PathShape<'a> {
    #[serde(borrow)]
    pub path: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct SecretVolumeShape<'a> {
    #[serde(borrow)]
    pub secret_name: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct ProjectedShape<'a> {
    #[serde(borrow)]
    pub sources: Many<ProjectionShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct ProjectionShape<'a> {
    #[serde(borrow)]
    pub service_account_token: Option<TokenShape<'a>>,
    #[serde(borrow)]
    pub secret: Option<RefShape<'a>>,
    #[serde(borrow)]
    pub config_map: Option<RefShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct TokenShape<'a> {
    #[serde(borrow)]
    pub audience: Str<'a>,
    pub expiration_seconds: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct PortShape<'a> {
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub protocol: Str<'a>,
    pub container_port: Option<i64>,
    pub host_port: Option<i64>,
    #[serde(borrow, rename = "hostIP")]
    pub host_ip: Str<'a>,
}

/// A probe, or what is done at a container's start or end.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct HandlerShape<'a> {
    #[serde(borrow)]
    pub http_get: Option<HostShape<'a>>,
    #[serde(borrow)]
    pub tcp_socket: Option<HostShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct HostShape<'a> {
    #[serde(borrow)]
    pub host: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct LifecycleShape<'a> {
    #[serde(borrow)]
    pub post_start: Option<HandlerShape<'a>>,
    #[serde(borrow)]
    pub pre_stop: Option<HandlerShape<'a>>,
}
