//! What a path of the node gives to who has it: by where it stands among the paths that matter there.

use super::Leads;

/// Under which condition a path gives more than its files.
pub(crate) const READ_CONDITION: &str = "a key or password that can be read there lets it into the node";

/// Sockets of container engines, by the end of their paths.
const SOCKETS: &[&str] = &[
    "docker.sock",
    "containerd.sock",
    "crio.sock",
    "podman.sock",
    "dockershim.sock",
];

/// Folders that hold such a socket: a read-only mount connects to it all the same.
const SOCKET_FOLDERS: &[&str] = &[
    "/run",
    "/run/containerd",
    "/run/crio",
    "/run/podman",
    "/var/run",
    "/var/run/containerd",
    "/var/run/crio",
    "/var/run/podman",
];

/// What the node's own programs run, load or obey: code there is the node's, as is all above.
const CODE: &[&str] = &[
    "/etc",
    "/root",
    "/home",
    "/proc/sys/kernel",
    "/sys",
    "/dev",
    "/boot",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/opt",
    "/var/lib/kubelet",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/etcd",
];

/// Of these, all below too.
const CODE_BELOW: &[&str] = &[
    "/etc/",
    "/root/",
    "/proc/sys/",
    "/usr/",
    "/bin/",
    "/sbin/",
    "/lib/",
    "/opt/cni/",
];

/// Files of them that nobody runs or obeys.
const HARMLESS: &[&str] = &[
    "/etc/localtime",
    "/etc/timezone",
    "/etc/machine-id",
    "/etc/os-release",
    "/usr/lib/os-release",
];

/// Where keys and passwords of the node, its people and the cluster stand.
const KEYS: &[&str] = &[
    "/etc/shadow",
    "/etc/kubernetes",
    "/etc/ssh",
    "/root",
    "/home",
    "/proc",
    "/var/lib/etcd",
];

const KUBELET_KEYS: &str = "/var/lib/kubelet/pki";
const POD_FOLDERS: &str = "/var/lib/kubelet/pods";
const LOGS: &str = "/var/log";

/// A path in its plain form: no trailing, doubled or `.` part.
pub(super) fn plain(path: &str, sub_path: &str) -> String {
    let mut out = String::new();
    for part in path.split('/').chain(sub_path.split('/')) {
        if !matches!(part, "" | ".") {
            out.push('/');
            out.push_str(part);
        }
    }
    if out.is_empty() { "/".to_owned() } else { out }
}

/// Whether `one` is `of`, or stands above it.
fn above(one: &str, of: &str) -> bool {
    one == "/" || of == one || of.strip_prefix(one).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether they are one path, or one of them stands above the other.
fn meets(one: &str, other: &str) -> bool {
    above(one, other) || above(other, one)
}

/// What a plain path leads to, the most first.
pub(super) fn leads(path: &str, read_only: bool) -> Vec<(Leads, Option<&'static str>)> {
    let socket =
        SOCKETS.iter().any(|socket| path.ends_with(socket)) || SOCKET_FOLDERS.contains(&path) || path == "/";
    let code = !read_only
        && !HARMLESS.contains(&path)
        && (CODE.iter().any(|one| above(path, one))
            || CODE_BELOW.iter().any(|start| path.starts_with(start)));
    if socket || code {
        return vec![(Leads::Node, None)];
    }
    let mut found = Vec::new();
    if meets(path, KUBELET_KEYS) {
        found.push((Leads::Kubelet, None));
    }
    if meets(path, POD_FOLDERS) {
        found.push((Leads::Tokens, None));
    }
    if !read_only && meets(path, LOGS) {
        found.push((Leads::Logs, None));
    }
    if KEYS.iter().any(|one| above(path, one))
        || [
            "/etc/kubernetes/",
            "/etc/ssh/",
            "/root/",
            "/home/",
            "/var/lib/etcd/",
        ]
        .iter()
        .any(|start| path.starts_with(start))
    {
        found.push((Leads::Node, Some(READ_CONDITION)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_and_children_of_what_matters() {
        let of = |path: &str, read_only| -> Vec<Leads> {
            leads(&plain(path, ""), read_only)
                .into_iter()
                .map(|one| one.0)
                .collect()
        };
        assert_eq!(of("/", true), [Leads::Node], "the engine's socket is below");
        assert_eq!(
            of("/var/lib/", true),
            [Leads::Kubelet, Leads::Tokens, Leads::Node]
        );
        assert_eq!(of("/var/lib/kubelet/pods", true), [Leads::Tokens]);
        assert_eq!(of("/var/lib/kubelet/pods", false), [Leads::Tokens]);
        assert_eq!(of("/var/lib/kubelet/pki/", true), [Leads::Kubelet]);
        assert_eq!(of("/var/lib/kubelet", false), [Leads::Node]);
        assert_eq!(of("/run/containerd", true), [Leads::Node]);
        assert_eq!(of("/var/log", false), [Leads::Logs]);
        assert_eq!(of("/var/log", true), []);
        assert_eq!(of("/proc/sys/kernel", false), [Leads::Node]);
        assert_eq!(of("/proc/sys/kernel", true), []);
        for path in [
            "/var/logs",
            "/etcetera",
            "/mnt/data",
            "/etc/localtime",
            "/var/lib/kubelet-x",
        ] {
            assert_eq!(of(path, false), [], "{path}");
        }
        assert_eq!(plain("/", "etc/"), "/etc");
        assert_eq!(plain("//var/./lib", ""), "/var/lib");
    }
}
