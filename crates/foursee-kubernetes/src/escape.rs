//! Settings of a pod that hand out its node's own powers.

use crate::facts::{Facts, Volume, VolumeSource, Workload};
use foursee_core::document::Place;

/// One such setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Power {
    /// The setting, as its manifest says it: "privileged: true", "hostPath /".
    pub setting: String,
    /// The container, or "" for the pod's own.
    pub container: String,
    /// Whether it leads to the node by itself.
    pub escapes: bool,
    /// Where it stands.
    pub place: Place,
}

/// Capabilities that lead to the node by themselves, in uid 0 and without a user namespace.
const CAPABILITIES: &[&str] = &[
    "ALL",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_RAWIO",
    "DAC_READ_SEARCH",
    "BPF",
];

/// Paths of the node through which code there can be changed, or its credentials read.
const PATHS: &[&str] = &[
    "/",
    "/etc",
    "/root",
    "/home",
    "/proc",
    "/sys",
    "/dev",
    "/boot",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/opt",
    "/var",
    "/var/lib",
    "/var/lib/kubelet",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/etcd",
    "/var/run",
    "/run",
];

/// Sockets of container engines.
const SOCKETS: &[&str] = &[
    "docker.sock",
    "containerd.sock",
    "crio.sock",
    "podman.sock",
    "dockershim.sock",
];

/// Whether a path of the node leads to it: read-only, where reading is enough.
fn dangerous(path: &str, read_only: bool) -> bool {
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    if SOCKETS.iter().any(|socket| path.ends_with(socket)) {
        return true;
    }
    let credentials = [
        "/",
        "/etc",
        "/root",
        "/home",
        "/proc",
        "/var",
        "/var/lib",
        "/var/lib/kubelet",
        "/var/lib/etcd",
    ];
    let below = [
        "/etc/kubernetes",
        "/root/.ssh",
        "/var/lib/kubelet/pki",
        "/var/lib/kubelet/pods",
        "/etc/shadow",
        "/var/lib/etcd/",
    ];
    if credentials.contains(&path) || below.iter().any(|start| path.starts_with(start)) {
        return true;
    }
    !read_only
        && (PATHS.contains(&path)
            || [
                "/etc/",
                "/root/",
                "/proc/sys",
                "/usr/",
                "/bin/",
                "/sbin/",
                "/lib/",
                "/opt/cni",
            ]
            .iter()
            .any(|start| path.starts_with(start)))
}

/// The settings of a workload's pods that hand out the node's powers.
pub(crate) fn powers(one: &Workload) -> Vec<Power> {
    let mut found = Vec::new();
    let pod = &one.pod;
    // In a user namespace of its own a container's root is nobody on the node.
    let root = !pod.own_users;
    let mut push = |setting: String, container: &str, escapes: bool, place: Place| {
        found.push(Power {
            setting,
            container: container.to_owned(),
            escapes: escapes && root,
            place,
        });
    };
    for container in &pod.containers {
        if container.privileged {
            push(
                "privileged: true".to_owned(),
                &container.name,
                true,
                container.place,
            );
        }
        let added: Vec<String> = container
            .capabilities
            .iter()
            .map(|name| name.to_uppercase().trim_start_matches("CAP_").to_owned())
            .collect();
        for name in &added {
            if CAPABILITIES.contains(&name.as_str()) {
                push(
                    format!("capability {name}"),
                    &container.name,
                    true,
                    container.place,
                );
            }
        }
        if pod.host_pid && added.iter().any(|name| name == "SYS_PTRACE") {
            push(
                "hostPID with capability SYS_PTRACE".to_owned(),
                &container.name,
                true,
                container.place,
            );
        }
        for (volume, _, read_only) in &container.mounts {
            let named = pod.volumes.iter().find(|one| one.name == *volume);
            if let Some(Volume {
                source: VolumeSource::HostPath(path),
                place,
                ..
            }) = named
                && dangerous(path, *read_only)
            {
                push(format!("hostPath {path}"), &container.name, true, *place);
            }
        }
    }
    if pod.host_pid {
        push("hostPID: true".to_owned(), "", false, pod.place);
    }
    if pod.host_network {
        push("hostNetwork: true".to_owned(), "", false, pod.place);
    }
    if pod.host_ipc {
        push("hostIPC: true".to_owned(), "", false, pod.place);
    }
    found
}

/// The first setting of a workload's pods that leads to the node.
pub(crate) fn escapes(facts: &Facts, group: &crate::workloads::Group) -> Option<Power> {
    group.rows(facts).flat_map(powers).find(|power| power.escapes)
}
