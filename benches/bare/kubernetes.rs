//! A pass over a cluster's export that reads of each object what foursee reads of it, and forgets it.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// One object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item<'a> {
    kind: &'a str,
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow, default)]
    spec: Spec<'a>,
    #[serde(borrow, default)]
    status: Status<'a>,
    #[serde(borrow, default)]
    rules: Vec<Rule<'a>>,
    #[serde(borrow)]
    role_ref: Option<Named<'a>>,
    #[serde(borrow, default)]
    subjects: Vec<Named<'a>>,
    #[serde(borrow, default, rename = "type")]
    sort: &'a str,
    #[serde(borrow, default)]
    data: Pairs<&'a str, &'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Metadata<'a> {
    name: &'a str,
    generate_name: &'a str,
    namespace: &'a str,
    uid: &'a str,
    #[serde(borrow)]
    labels: Pairs<&'a str, &'a str>,
    #[serde(borrow)]
    annotations: Pairs<&'a str, &'a RawValue>,
    #[serde(borrow)]
    owner_references: Vec<Named<'a>>,
}

/// What refers to something, or is somebody.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Named<'a> {
    kind: &'a str,
    name: &'a str,
    namespace: &'a str,
}

/// Of a Pod, of what makes pods, or of a Node.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Spec<'a> {
    service_account_name: &'a str,
    service_account: &'a str,
    automount_service_account_token: Option<bool>,
    node_name: &'a str,
    #[serde(rename = "hostPID")]
    host_pid: Option<bool>,
    #[serde(rename = "hostIPC")]
    host_ipc: Option<bool>,
    host_network: Option<bool>,
    host_users: Option<bool>,
    share_process_namespace: Option<bool>,
    #[serde(borrow)]
    security_context: Option<Security<'a>>,
    #[serde(borrow)]
    containers: Vec<Container<'a>>,
    #[serde(borrow)]
    init_containers: Vec<Container<'a>>,
    #[serde(borrow)]
    volumes: Vec<Volume<'a>>,
    #[serde(borrow)]
    image_pull_secrets: Vec<Named<'a>>,
    #[serde(borrow)]
    template: Option<Box<Template<'a>>>,
    #[serde(rename = "providerID")]
    provider_id: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Template<'a> {
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow)]
    spec: Spec<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    node_info: NodeInfo<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct NodeInfo<'a> {
    kubelet_version: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    name: &'a str,
    #[serde(borrow, default)]
    env: Vec<Env<'a>>,
    #[serde(borrow, default)]
    env_from: Vec<From<'a>>,
    #[serde(borrow, default)]
    args: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    command: Vec<&'a RawValue>,
    #[serde(borrow)]
    security_context: Option<Security<'a>>,
    #[serde(borrow, default)]
    ports: Vec<Port<'a>>,
    #[serde(borrow)]
    liveness_probe: Option<Probe<'a>>,
    #[serde(borrow)]
    readiness_probe: Option<Probe<'a>>,
    #[serde(borrow, default)]
    volume_mounts: Vec<Mount<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Env<'a> {
    name: &'a str,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    value_from: Option<From<'a>>,
}

/// Where a setting, or all of them, come from; what a projected volume holds.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct From<'a> {
    #[serde(borrow)]
    secret_key_ref: Option<Named<'a>>,
    #[serde(borrow)]
    config_map_key_ref: Option<Named<'a>>,
    #[serde(borrow)]
    secret: Option<Named<'a>>,
    #[serde(borrow)]
    config_map: Option<Named<'a>>,
    #[serde(borrow)]
    service_account_token: Option<Token<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Token<'a> {
    audience: &'a str,
    expiration_seconds: u64,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Security<'a> {
    privileged: Option<bool>,
    allow_privilege_escalation: Option<bool>,
    run_as_non_root: Option<bool>,
    run_as_user: Option<i64>,
    #[serde(borrow)]
    capabilities: Capabilities<'a>,
    #[serde(borrow)]
    seccomp_profile: Option<Profile<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Capabilities<'a> {
    #[serde(borrow)]
    add: Vec<&'a str>,
    #[serde(borrow)]
    drop: Vec<&'a str>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Profile<'a> {
    #[serde(rename = "type")]
    sort: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Port<'a> {
    name: &'a str,
    protocol: &'a str,
    container_port: Option<i64>,
    host_port: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Probe<'a> {
    #[serde(borrow)]
    http_get: Option<Host<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Host<'a> {
    host: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Mount<'a> {
    name: &'a str,
    mount_path: &'a str,
    read_only: Option<bool>,
    sub_path: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Volume<'a> {
    name: &'a str,
    #[serde(borrow)]
    host_path: Option<Path<'a>>,
    #[serde(borrow)]
    config_map: Option<Named<'a>>,
    empty_dir: Option<IgnoredAny>,
    #[serde(borrow)]
    projected: Option<Projected<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Path<'a> {
    path: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Projected<'a> {
    #[serde(borrow)]
    sources: Vec<From<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Rule<'a> {
    #[serde(borrow)]
    verbs: Vec<&'a str>,
    #[serde(borrow)]
    api_groups: Vec<&'a str>,
    #[serde(borrow)]
    resources: Vec<&'a str>,
    #[serde(borrow)]
    resource_names: Vec<&'a str>,
}

/// A map, in order.
struct Pairs<K, V>(Vec<(K, V)>);

impl<K, V> Default for Pairs<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Pairs<K, V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(All(Self::default()))
    }
}

struct All<K, V>(Pairs<K, V>);

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for All<K, V> {
    type Value = Pairs<K, V>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(pair) = map.next_entry()? {
            self.0.0.push(pair);
        }
        Ok(self.0)
    }
}

/// How long its texts are, and how many settings it has.
pub fn letters(item: Item<'_>) -> usize {
    let one =
        item.kind.len() + item.sort.len() + item.data.0.len() + item.status.node_info.kubelet_version.len();
    let rules = item.rules.iter().map(|rule| {
        let texts = [
            &rule.verbs,
            &rule.api_groups,
            &rule.resources,
            &rule.resource_names,
        ];
        texts.into_iter().flatten().map(|text| text.len()).sum()
    });
    let named = item.subjects.iter().chain(&item.role_ref).map(length);
    one + metadata(&item.metadata) + spec(&item.spec) + rules.chain(named).sum::<usize>()
}

fn length(one: &Named<'_>) -> usize {
    one.kind.len() + one.name.len() + one.namespace.len()
}

fn metadata(one: &Metadata<'_>) -> usize {
    let texts = [one.name, one.generate_name, one.namespace, one.uid];
    let labels = one.labels.0.iter().map(|(key, value)| key.len() + value.len());
    let annotations = one
        .annotations
        .0
        .iter()
        .map(|(key, value)| key.len() + value.get().len());
    let owners = one.owner_references.iter().map(length);
    texts.map(str::len).into_iter().sum::<usize>() + labels.chain(annotations).chain(owners).sum::<usize>()
}

fn spec(one: &Spec<'_>) -> usize {
    let texts = [
        one.service_account_name,
        one.service_account,
        one.node_name,
        one.provider_id,
    ];
    let set = [
        one.automount_service_account_token,
        one.host_pid,
        one.host_ipc,
        one.host_network,
        one.host_users,
        one.share_process_namespace,
    ];
    let containers = one.containers.iter().chain(&one.init_containers).map(container);
    let volumes = one.volumes.iter().map(volume);
    let pulls = one.image_pull_secrets.iter().map(length);
    let made = one
        .template
        .iter()
        .map(|made| metadata(&made.metadata) + spec(&made.spec));
    texts.map(str::len).into_iter().sum::<usize>()
        + set.into_iter().flatten().count()
        + one.security_context.as_ref().map_or(0, security)
        + containers.chain(volumes).chain(pulls).chain(made).sum::<usize>()
}

fn security(one: &Security<'_>) -> usize {
    let set = [
        one.privileged,
        one.allow_privilege_escalation,
        one.run_as_non_root,
    ];
    let capabilities = one.capabilities.add.iter().chain(&one.capabilities.drop);
    set.into_iter().flatten().count()
        + usize::from(one.run_as_user.is_some())
        + capabilities.map(|name| name.len()).sum::<usize>()
        + one.seccomp_profile.as_ref().map_or(0, |one| one.sort.len())
}

fn container(one: &Container<'_>) -> usize {
    let env = one.env.iter().map(|env| {
        let value = env.value.map_or(0, |value| value.get().len());
        env.name.len() + value + env.value_from.as_ref().map_or(0, from)
    });
    let words = one.args.iter().chain(&one.command).map(|one| one.get().len());
    let ports = one.ports.iter().map(|port| {
        let numbers = [port.container_port, port.host_port];
        port.name.len() + port.protocol.len() + numbers.into_iter().flatten().count()
    });
    let probes = [&one.liveness_probe, &one.readiness_probe].into_iter().flatten();
    let probes = probes.map(|one| one.http_get.as_ref().map_or(0, |one| one.host.len()));
    let mounts = one.volume_mounts.iter().map(|one| {
        one.name.len() + one.mount_path.len() + one.sub_path.len() + usize::from(one.read_only.is_some())
    });
    one.name.len()
        + one.security_context.as_ref().map_or(0, security)
        + one.env_from.iter().map(from).sum::<usize>()
        + env
            .chain(words)
            .chain(ports)
            .chain(probes)
            .chain(mounts)
            .sum::<usize>()
}

fn from(one: &From<'_>) -> usize {
    let named = [
        &one.secret_key_ref,
        &one.config_map_key_ref,
        &one.secret,
        &one.config_map,
    ];
    let token = one.service_account_token.as_ref();
    named.into_iter().flatten().map(length).sum::<usize>()
        + token.map_or(0, |one| {
            one.audience.len() + usize::from(one.expiration_seconds > 0)
        })
}

fn volume(one: &Volume<'_>) -> usize {
    let sources = one.projected.iter().flat_map(|one| &one.sources).map(from);
    one.name.len()
        + one.host_path.as_ref().map_or(0, |one| one.path.len())
        + one.config_map.as_ref().map_or(0, length)
        + usize::from(one.empty_dir.is_some())
        + sources.sum::<usize>()
}
