//! Which documents are an engine's, by their content.

use foursee_core::document::{Format, Head};
use foursee_core::layer::{Claim, ScopeClaim};

/// What engines print where a listing should be.
const ERRORS: [&str; 8] = [
    "permission denied while trying to connect to the docker",
    "cannot connect to the docker daemon",
    "failed to connect to the docker api",
    "error response from daemon",
    "error: no such object",
    "error during connect: ",
    "unable to connect to podman",
    "cannot connect to podman",
];

/// Keys that only daemon.json has at its top.
const DAEMON_KEYS: [&str; 26] = [
    "live-restore",
    "log-driver",
    "log-opts",
    "userns-remap",
    "no-new-privileges",
    "insecure-registries",
    "registry-mirrors",
    "storage-driver",
    "storage-opts",
    "data-root",
    "exec-opts",
    "exec-root",
    "seccomp-profile",
    "userland-proxy",
    "default-runtime",
    "default-address-pools",
    "default-ulimits",
    "default-cgroupns-mode",
    "cgroup-parent",
    "authorization-plugins",
    "metrics-addr",
    "ip-forward",
    "max-concurrent-downloads",
    "max-concurrent-uploads",
    "selinux-enabled",
    "tlsverify",
];

/// Whether a document is an engine's.
pub(crate) fn recognise(head: &Head<'_>) -> Option<Claim> {
    if head.format() == Format::Text {
        return error_line(head.text()).map(|_| Claim {
            kinds: Vec::new(),
            scope: ScopeClaim::Unsaid,
            events: false,
        });
    }
    if head.has_key("ServerVersion") && (head.has_key("DockerRootDir") || head.has_key("SecurityOptions"))
        || head.has_key("ServerErrors") && head.has_key("ClientInfo")
    {
        let scope = match head.get("/ID").filter(|id| !id.is_empty()) {
            Some(id) => ScopeClaim::One(id.to_owned()),
            None => ScopeClaim::Unsaid,
        };
        return Some(Claim::state("info", scope));
    }
    if head.has_key("host")
        && head.has_key("store")
        && (head.has_key("version") || head.has_key("registries"))
    {
        return Some(Claim::state("info", ScopeClaim::Unsaid));
    }
    if !head.has_key("kind") && !head.has_key("apiVersion") {
        let daemon = DAEMON_KEYS.iter().any(|key| head.has_key(key))
            || head
                .get("/hosts/0")
                .is_some_and(|host| ["unix://", "tcp://", "fd://"].iter().any(|s| host.starts_with(s)));
        if daemon {
            return Some(Claim::state("daemon", ScopeClaim::Unsaid));
        }
    }
    let (mut containers, mut images, mut volumes) = (false, false, false);
    // A container has identifier, name and settings; so has nothing else that engines inspect.
    let (mut identified, mut named, mut configured) = (false, false, false);
    for (pointer, _) in head.scalars() {
        let path = pointer.trim_start_matches('/');
        let path = match path.split_once('/') {
            Some((index, rest)) if !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()) => rest,
            _ => path,
        };
        let below = |key: &str| path.strip_prefix(key).is_some_and(|rest| rest.starts_with('/'));
        containers |= below("HostConfig") || path == "AppArmorProfile" || path == "ResolvConfPath";
        images |= below("RootFS") || below("RepoTags") || below("RepoDigests");
        volumes |= path == "Mountpoint";
        identified |= path == "Id";
        named |= path == "Name";
        configured |= below("Config") || below("Mounts") || below("State");
        if containers && images {
            break;
        }
    }
    containers |= identified && named && configured;
    let kinds: Vec<&'static str> = [
        containers.then_some("containers"),
        images.then_some("images"),
        volumes.then_some("volumes"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!kinds.is_empty()).then_some(Claim {
        kinds,
        scope: ScopeClaim::Unsaid,
        events: false,
    })
}

fn error_line(text: &str) -> Option<&str> {
    text.lines().take(20).find(|line| {
        let lower = line.to_ascii_lowercase();
        ERRORS.iter().any(|error| lower.contains(error))
    })
}
