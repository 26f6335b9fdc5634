//! What Pod Security looks at in a pod, as the JSON of a pod that has nothing else.
//!
//! Kept instead of verdicts: it is short, the pods of a workload share it, and any level and version can be asked of it
//! later. What it leaves out changes no check: order and number of containers and volumes stay.

use crate::parse::shapes::*;
use foursee_core::document::Many;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Pod<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
    spec: Spec<'a>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    annotations: BTreeMap<&'a str, Cow<'a, str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    host_network: Option<bool>,
    #[serde(rename = "hostPID", skip_serializing_if = "Option::is_none")]
    host_pid: Option<bool>,
    #[serde(rename = "hostIPC", skip_serializing_if = "Option::is_none")]
    host_ipc: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host_users: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<Os<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_context: Option<&'a SecurityShape<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    volumes: Vec<Sorts<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    init_containers: Vec<Container<'a>>,
    containers: Vec<Container<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ephemeral_containers: Vec<Container<'a>>,
}

#[derive(Serialize)]
struct Os<'a> {
    name: &'a str,
}

/// That there is one.
#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_context: Option<&'a SecurityShape<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ports: Vec<Port>,
    #[serde(skip_serializing_if = "Option::is_none")]
    liveness_probe: Option<Handler<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    readiness_probe: Option<Handler<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    startup_probe: Option<Handler<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifecycle: Option<Lifecycle<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Port {
    #[serde(skip_serializing_if = "Option::is_none")]
    host_port: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Handler<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    http_get: Option<Host<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tcp_socket: Option<Host<'a>>,
}

#[derive(Serialize)]
struct Host<'a> {
    host: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lifecycle<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    post_start: Option<Handler<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pre_stop: Option<Handler<'a>>,
}

pub(super) const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP: &str = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/";

/// The posture of a pod, or (`pod` is false) of a template as it stands. A pod on its node's network has its ports
/// defaulted, as the server does before it asks.
pub(super) fn posture(from: &PodShape<'_>, pod: bool) -> String {
    let mut named = false;
    let mut annotations = BTreeMap::new();
    for (key, raw) in &from.metadata.annotations.0 {
        let container = key.starts_with(CONTAINER_SECCOMP);
        if container || **key == *SECCOMP || key.starts_with(APP_ARMOR) {
            named |= container;
            annotations.insert(&**key, text_of(raw).unwrap_or_default());
        }
    }
    let spec = &from.spec;
    let defaulted = pod && spec.host_network == Some(true);
    let out = Pod {
        metadata: (!annotations.is_empty()).then_some(Metadata { annotations }),
        spec: Spec {
            host_network: spec.host_network,
            host_pid: spec.host_pid,
            host_ipc: spec.host_ipc,
            host_users: spec.host_users,
            os: spec.os.as_ref().map(|os| Os { name: &os.name }),
            security_context: spec.security_context.as_ref(),
            volumes: spec.volumes.iter().map(Sorts).collect(),
            init_containers: all(&spec.init_containers, named, defaulted),
            containers: all(&spec.containers, named, defaulted),
            ephemeral_containers: all(&spec.ephemeral_containers, named, defaulted),
        },
    };
    let mut text = Vec::with_capacity(1024);
    match serde_json::to_writer(&mut text, &out) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

fn all<'a>(from: &'a Many<ContainerShape<'a>>, named: bool, defaulted: bool) -> Vec<Container<'a>> {
    from.iter().map(|one| container(one, named, defaulted)).collect()
}

fn container<'a>(from: &'a ContainerShape<'a>, named: bool, defaulted: bool) -> Container<'a> {
    let ports: Vec<Port> = from
        .ports
        .iter()
        .map(|port| Port {
            host_port: match port.host_port {
                None | Some(0) if defaulted => port.container_port,
                said => said.filter(|port| *port != 0),
            },
        })
        .collect();
    let lifecycle = from.lifecycle.as_ref().and_then(|one| {
        let (post_start, pre_stop) = (handler(one.post_start.as_ref()), handler(one.pre_stop.as_ref()));
        (post_start.is_some() || pre_stop.is_some()).then_some(Lifecycle { post_start, pre_stop })
    });
    Container {
        name: named.then_some(&*from.name),
        security_context: from.security_context.as_ref(),
        ports: if ports.iter().any(|one| one.host_port.is_some()) {
            ports
        } else {
            Vec::new()
        },
        liveness_probe: handler(from.liveness_probe.as_ref()),
        readiness_probe: handler(from.readiness_probe.as_ref()),
        startup_probe: handler(from.startup_probe.as_deref()),
        lifecycle,
    }
}

/// A handler that names a host; none where it names none.
fn handler<'a>(from: Option<&'a HandlerShape<'a>>) -> Option<Handler<'a>> {
    let host = |one: &'a Option<HostShape<'a>>| {
        let host = &*one.as_ref()?.host;
        (!host.is_empty()).then_some(Host { host })
    };
    let from = from?;
    let (http_get, tcp_socket) = (host(&from.http_get), host(&from.tcp_socket));
    (http_get.is_some() || tcp_socket.is_some()).then_some(Handler { http_get, tcp_socket })
}

/// Of which sorts that the checks know a volume is; none for any other.
struct Sorts<'a>(&'a VolumeShape<'a>);

impl Serialize for Sorts<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let from = self.0;
        let sorts = [
            ("configMap", from.config_map.is_some()),
            ("csi", from.csi.is_some()),
            ("downwardAPI", from.downward_api.is_some()),
            ("emptyDir", from.empty_dir.is_some()),
            ("ephemeral", from.ephemeral.is_some()),
            ("hostPath", from.host_path.is_some()),
            ("image", from.image.is_some()),
            ("persistentVolumeClaim", from.persistent_volume_claim.is_some()),
            ("projected", from.projected.is_some()),
            ("secret", from.secret.is_some()),
        ];
        let there = sorts.iter().filter(|(_, there)| *there);
        to.collect_map(there.map(|(sort, _)| (sort, Nothing {})))
    }
}
