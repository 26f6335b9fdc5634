//! The platform's JSON, as far as it is read. Everything borrows from the document; raw values keep their place.

use foursee_core::document::Str;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

pub(super) type Raws<'a> = Option<Vec<&'a RawValue>>;
pub(super) type Strs<'a> = Option<Vec<Str<'a>>>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Item<'a> {
    #[serde(borrow, default)]
    pub(super) id: Str<'a>,
    #[serde(borrow, default)]
    pub(super) name: Str<'a>,
    #[serde(borrow, default)]
    pub(super) path: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) args: Raws<'a>,
    #[serde(borrow, default)]
    pub(super) image: Str<'a>,
    #[serde(borrow, default)]
    pub(super) image_name: Str<'a>,
    #[serde(borrow, default)]
    pub(super) state: Option<State<'a>>,
    #[serde(borrow, default)]
    pub(super) app_armor_profile: Str<'a>,
    #[serde(borrow, default)]
    pub(super) host_config: Option<HostConfig<'a>>,
    #[serde(borrow, default)]
    pub(super) mounts: Option<Vec<Mount<'a>>>,
    #[serde(borrow, default)]
    pub(super) config: Option<Config<'a>>,
    #[serde(borrow, default)]
    pub(super) network_settings: Option<NetworkSettings<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) effective_caps: Option<Strs<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) bounding_caps: Option<Strs<'a>>,
    #[serde(borrow, default)]
    pub(super) repo_tags: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) repo_digests: Strs<'a>,
    #[serde(borrow, default, rename = "RootFS")]
    pub(super) root_fs: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) architecture: Str<'a>,
    #[serde(borrow, default)]
    pub(super) mountpoint: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub(super) options: Option<BTreeMap<Str<'a>, Str<'a>>>,
}

/// What an item that cannot be read is called.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    pub(super) name: Str<'a>,
}

/// A field that is there, `null` or not.
fn present<'de: 'a, 'a, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Strs<'a>>, D::Error> {
    Strs::deserialize(from).map(Some)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct State<'a> {
    #[serde(default)]
    pub(super) running: Option<bool>,
    #[serde(borrow, default)]
    pub(super) status: Str<'a>,
    #[serde(borrow, default)]
    pub(super) health: Option<Health<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Health<'a> {
    #[serde(borrow, default)]
    pub(super) log: Option<Vec<Probe<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Probe<'a> {
    #[serde(borrow, default)]
    pub(super) output: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HostConfig<'a> {
    #[serde(borrow, default)]
    pub(super) privileged: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) cap_add: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) cap_drop: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) group_add: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) security_opt: Strs<'a>,
    #[serde(default)]
    pub(super) readonly_rootfs: Option<bool>,
    #[serde(borrow, default)]
    pub(super) pid_mode: Str<'a>,
    #[serde(borrow, default)]
    pub(super) network_mode: Str<'a>,
    #[serde(borrow, default)]
    pub(super) ipc_mode: Str<'a>,
    #[serde(borrow, default, rename = "UTSMode")]
    pub(super) uts_mode: Str<'a>,
    #[serde(borrow, default)]
    pub(super) cgroupns_mode: Str<'a>,
    #[serde(borrow, default)]
    pub(super) userns_mode: Str<'a>,
    #[serde(borrow, default)]
    pub(super) masked_paths: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) readonly_paths: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) binds: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) devices: Option<Vec<Device<'a>>>,
    #[serde(borrow, default)]
    pub(super) device_cgroup_rules: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) port_bindings: Ports<'a>,
    #[serde(borrow, default)]
    pub(super) log_config: Option<LogConfig<'a>>,
}

pub(super) type Ports<'a> = Option<BTreeMap<Str<'a>, Option<Vec<Binding<'a>>>>>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LogConfig<'a> {
    #[serde(borrow, default)]
    pub(super) config: Option<BTreeMap<Str<'a>, &'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Binding<'a> {
    #[serde(borrow, default)]
    pub(super) host_ip: Str<'a>,
    #[serde(borrow, default)]
    pub(super) host_port: Str<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Device<'a> {
    #[serde(borrow, default)]
    pub(super) path_on_host: Str<'a>,
    #[serde(borrow, default)]
    pub(super) cgroup_permissions: Str<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Mount<'a> {
    #[serde(borrow, default, rename = "Type")]
    pub(super) kind: Str<'a>,
    #[serde(borrow, default)]
    pub(super) name: Str<'a>,
    #[serde(borrow, default)]
    pub(super) source: Str<'a>,
    #[serde(borrow, default)]
    pub(super) destination: Str<'a>,
    #[serde(default, rename = "RW")]
    pub(super) rw: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Config<'a> {
    #[serde(borrow, default)]
    pub(super) user: Str<'a>,
    #[serde(borrow, default)]
    pub(super) env: Raws<'a>,
    #[serde(borrow, default)]
    pub(super) image: Str<'a>,
    #[serde(borrow, default)]
    pub(super) cmd: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) entrypoint: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) healthcheck: Option<Healthcheck<'a>>,
    #[serde(borrow, default)]
    pub(super) labels: Option<BTreeMap<Str<'a>, &'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Healthcheck<'a> {
    #[serde(borrow, default)]
    pub(super) test: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NetworkSettings<'a> {
    #[serde(borrow, default)]
    pub(super) ports: Ports<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Info<'a> {
    #[serde(borrow, default, rename = "ID")]
    pub(super) id: Str<'a>,
    #[serde(borrow, default)]
    pub(super) name: Str<'a>,
    #[serde(borrow, default)]
    pub(super) server_version: Str<'a>,
    #[serde(borrow, default)]
    pub(super) kernel_version: Str<'a>,
    #[serde(borrow, default)]
    pub(super) security_options: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) docker_root_dir: Str<'a>,
    #[serde(borrow, default)]
    pub(super) cgroup_version: Str<'a>,
    #[serde(borrow, default)]
    pub(super) labels: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) server_errors: Strs<'a>,
}

#[derive(Deserialize)]
pub(super) struct PodmanInfo<'a> {
    #[serde(borrow)]
    pub(super) host: PodmanHost<'a>,
    #[serde(borrow, default)]
    pub(super) store: Option<PodmanStore<'a>>,
    #[serde(borrow, default)]
    pub(super) version: Option<PodmanVersion<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodmanHost<'a> {
    #[serde(borrow, default)]
    pub(super) hostname: Str<'a>,
    #[serde(borrow, default)]
    pub(super) kernel: Str<'a>,
    #[serde(default)]
    pub(super) security: Option<PodmanSecurity>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodmanSecurity {
    #[serde(default)]
    pub(super) rootless: bool,
    #[serde(default)]
    pub(super) apparmor_enabled: bool,
    #[serde(default)]
    pub(super) selinux_enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodmanStore<'a> {
    #[serde(borrow, default)]
    pub(super) graph_root: Str<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PodmanVersion<'a> {
    #[serde(borrow, default)]
    pub(super) version: Str<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Daemon<'a> {
    #[serde(borrow, default)]
    pub(super) userns_remap: Option<Str<'a>>,
    #[serde(default)]
    pub(super) no_new_privileges: Option<bool>,
    #[serde(default)]
    pub(super) tlsverify: Option<bool>,
    #[serde(borrow, default)]
    pub(super) hosts: Strs<'a>,
    #[serde(borrow, default)]
    pub(super) data_root: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub(super) seccomp_profile: Option<Str<'a>>,
}
