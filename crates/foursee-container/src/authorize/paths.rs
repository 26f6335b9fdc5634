//! Which host paths are sensitive, and which hold an engine's socket. By containment, both ways; names inside the
//! container mean nothing.

use foursee_core::model::Severity;

/// A host path without `.`, `..`, doubled and trailing slashes; `/var/run` is `/run`, as on every Linux that has both.
#[must_use]
pub fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if let ["var", "run", ..] = parts.as_slice() {
        parts.remove(0);
    }
    format!("/{}", parts.join("/"))
}

/// Whether `path` is `tree` or stands below it. Both are tidy.
#[must_use]
pub fn within(path: &str, tree: &str) -> bool {
    tree == "/"
        || path
            .strip_prefix(tree)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a sensitive host path is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sensitive {
    /// In a few words: "the whole host".
    pub what: &'static str,
    /// How bad it is writable.
    pub writable: Severity,
    /// How bad it is read-only; none: not at all.
    pub readable: Option<Severity>,
    /// Whether root who writes it becomes root of the host.
    pub takes_host: bool,
}

const fn row(
    what: &'static str,
    writable: Severity,
    readable: Option<Severity>,
    takes_host: bool,
) -> Sensitive {
    Sensitive {
        what,
        writable,
        readable,
        takes_host,
    }
}

/// Where engines and kubelets keep everybody's files and secrets.
const ENGINE_DATA: [&str; 7] = [
    "/var/lib/docker",
    "/var/lib/containerd",
    "/run/containerd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/var/lib/containers",
    "/run/secrets",
];

/// What of /etc and the like is public, or harmless by itself.
const PUBLIC: [&str; 20] = [
    "/etc/localtime",
    "/etc/timezone",
    "/etc/resolv.conf",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/ssl/certs",
    "/etc/pki",
    "/etc/ca-certificates",
    "/etc/machine-id",
    "/etc/os-release",
    "/usr/share/zoneinfo",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/usr/lib/os-release",
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/dev/shm",
    "/dev/log",
];

/// Parts of /etc that hold credentials, or that root runs.
const ETC: [&str; 24] = [
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/passwd",
    "/etc/group",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/pam.d",
    "/etc/security",
    "/etc/ssh",
    "/etc/ssl/private",
    "/etc/kubernetes",
    "/etc/docker",
    "/etc/containerd",
    "/etc/cni",
    "/etc/systemd",
    "/etc/init.d",
    "/etc/cron.d",
    "/etc/cron.daily",
    "/etc/cron.hourly",
    "/etc/crontab",
    "/etc/profile.d",
    "/etc/ld.so.preload",
    "/etc/ld.so.conf.d",
    "/etc/udev",
];

/// What a host path is, if it is sensitive. `data`: where this engine keeps its data, beside the usual places.
#[must_use]
pub fn sensitive(path: &str, data: &[&str]) -> Option<Sensitive> {
    use Severity::{Critical, High, Low, Medium};
    if path == "/" {
        return Some(row("the whole host", Critical, Some(High), true));
    }
    if PUBLIC.iter().any(|public| within(path, public)) {
        return None;
    }
    if ENGINE_DATA
        .iter()
        .chain(data)
        .any(|tree| within(path, tree) || within(tree, path))
        && path != "/run"
    {
        return Some(row(
            "the files and secrets of every container",
            Critical,
            Some(High),
            true,
        ));
    }
    let secret_folder = path
        .split('/')
        .any(|part| matches!(part, ".ssh" | ".aws" | ".kube" | ".docker" | ".gnupg"))
        || path.contains("/.config/gcloud");
    if within(path, "/root") || path == "/home" {
        return Some(row(
            "the home and credentials of the host's users",
            High,
            Some(High),
            true,
        ));
    }
    if secret_folder
        || path
            .strip_prefix("/home/")
            .is_some_and(|rest| !rest.contains('/'))
    {
        return Some(row(
            "the home or credentials of a user of the host",
            High,
            Some(High),
            false,
        ));
    }
    if path == "/etc" || ETC.iter().any(|part| within(path, part)) {
        return Some(row(
            "the host's accounts, credentials and services",
            High,
            Some(Medium),
            true,
        ));
    }
    if within(path, "/etc") {
        return Some(row("configuration of the host", Medium, Some(Low), false));
    }
    if within(path, "/proc") || within(path, "/sys") {
        let kernel = path == "/proc"
            || path == "/sys"
            || within(path, "/proc/sys")
            || within(path, "/sys/fs/cgroup")
            || within(path, "/sys/kernel");
        return Some(row("the kernel's switches", Critical, Some(Medium), kernel));
    }
    if within(path, "/dev") {
        if path == "/dev"
            || ["/dev/mem", "/dev/kmem", "/dev/port", "/dev/mapper"]
                .iter()
                .any(|d| within(path, d))
            || disk(path)
        {
            return Some(row("the host's devices", Critical, Some(Medium), true));
        }
        return None;
    }
    if ["/boot", "/lib", "/lib32", "/lib64", "/usr", "/bin", "/sbin"]
        .iter()
        .any(|tree| within(path, tree))
    {
        return Some(row("the host's programs and kernel", Critical, Some(Low), true));
    }
    if within(path, "/var/spool/cron") {
        return Some(row("what the host runs as root", Critical, Some(Low), true));
    }
    if within(path, "/var/log") {
        return Some(row("the host's logs, which others follow", Medium, None, false));
    }
    None
}

/// Whether a device is a disk: all files of the host behind one name.
#[must_use]
pub fn disk(path: &str) -> bool {
    let Some(name) = path.strip_prefix("/dev/") else {
        return false;
    };
    name.starts_with("mapper/") && name != "mapper/control"
        || name.starts_with("disk/")
        || ["sd", "vd", "xvd", "hd"].iter().any(|p| {
            name.strip_prefix(p)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
        })
        || ["nvme", "dm-", "loop", "md", "mmcblk"].iter().any(|p| {
            name.strip_prefix(p)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
}

/// An engine's socket, within reach of a mount.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Socket {
    /// Its path on the host.
    pub path: String,
    /// The number of the user whose engine it is: 0, or the user of a rootless one.
    pub owner: u32,
}

/// The sockets of the engines that are usual, by path.
const SOCKETS: [&str; 8] = [
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/dockershim.sock",
    "/run/buildkit/buildkitd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/cri-dockerd.sock",
];

/// The socket that a mount of that host path brings, if any. `hosts`: where this engine listens, as `unix://` paths.
#[must_use]
pub fn socket(source: &str, hosts: &[String]) -> Option<Socket> {
    let own = hosts
        .iter()
        .filter_map(|host| host.strip_prefix("unix://"))
        .map(tidy);
    let usual = SOCKETS.iter().map(|path| (*path).to_owned());
    if let Some(path) = own
        .chain(usual)
        .find(|path| source == path || within(path, source))
    {
        return Some(Socket { path, owner: 0 });
    }
    // Shims of containerd listen below its own folder.
    if within(source, "/run/containerd/s") {
        return Some(Socket {
            path: source.to_owned(),
            owner: 0,
        });
    }
    let last = source.rsplit('/').next().unwrap_or_default();
    let named = matches!(
        last,
        "docker.sock"
            | "containerd.sock"
            | "podman.sock"
            | "crio.sock"
            | "dockershim.sock"
            | "buildkitd.sock"
    );
    let user = source
        .strip_prefix("/run/user/")
        .and_then(|rest| rest.split('/').next())
        .and_then(|uid| uid.parse().ok());
    if named {
        return Some(Socket {
            path: source.to_owned(),
            owner: user.unwrap_or(0),
        });
    }
    match user {
        Some(owner) if source == format!("/run/user/{owner}") => Some(Socket {
            path: format!("{source}/docker.sock"),
            owner,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidy_paths() {
        for (path, want) in [
            ("/", "/"),
            ("//a/./b/../c/", "/a/c"),
            ("/var/run/docker.sock", "/run/docker.sock"),
            ("/var/running", "/var/running"),
            ("/../..", "/"),
        ] {
            assert_eq!(tidy(path), want);
        }
    }

    #[test]
    fn sensitive_by_containment() {
        let what = |path: &str| sensitive(path, &["/data/docker"]).map(|s| (s.writable, s.takes_host));
        assert_eq!(what("/"), Some((Severity::Critical, true)));
        assert_eq!(what("/etc/hosts"), None);
        assert_eq!(what("/etc/ssl/certs"), None);
        assert_eq!(what("/etc/nginx"), Some((Severity::Medium, false)));
        assert_eq!(what("/etc/cron.d/x"), Some((Severity::High, true)));
        assert_eq!(what("/etcetera"), None);
        assert_eq!(what("/var/lib"), Some((Severity::Critical, true)));
        assert_eq!(what("/var"), Some((Severity::Critical, true)));
        assert_eq!(what("/data"), Some((Severity::Critical, true)));
        assert_eq!(what("/data/docker/volumes/x"), Some((Severity::Critical, true)));
        assert_eq!(what("/database"), None);
        assert_eq!(what("/home/dev/.ssh"), Some((Severity::High, false)));
        assert_eq!(what("/home/dev/project"), None);
        assert_eq!(what("/dev/sda1"), Some((Severity::Critical, true)));
        assert_eq!(what("/dev/null"), None);
        assert_eq!(what("/usr/share/zoneinfo/UTC"), None);
        assert_eq!(what("/srv/app"), None);
    }

    #[test]
    fn sockets() {
        let path =
            |source: &str| socket(source, &["unix:///srv/engine.sock".to_owned()]).map(|s| (s.path, s.owner));
        assert_eq!(path("/run/docker.sock"), Some(("/run/docker.sock".to_owned(), 0)));
        assert_eq!(path("/run"), Some(("/run/docker.sock".to_owned(), 0)));
        assert_eq!(path("/srv"), Some(("/srv/engine.sock".to_owned(), 0)));
        assert_eq!(
            path("/opt/renamed/docker.sock"),
            Some(("/opt/renamed/docker.sock".to_owned(), 0))
        );
        assert_eq!(
            path("/run/user/1000/docker.sock"),
            Some(("/run/user/1000/docker.sock".to_owned(), 1000))
        );
        assert_eq!(
            path("/run/user/1000"),
            Some(("/run/user/1000/docker.sock".to_owned(), 1000))
        );
        assert_eq!(path("/opt/docker.sock.d"), None);
        assert_eq!(path("/run/postgresql"), None);
    }
}
