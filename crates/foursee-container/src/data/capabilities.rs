//! The capabilities of Linux, by number, and the sets that engines start from.
//! Sources: capabilities(7) and include/uapi/linux/capability.h of Linux 6.12; moby `daemon/pkg/oci/caps/defaults.go`.

use foursee_core::model::Severity;
use std::fmt;

/// The names without `CAP_`; a name's index is its number.
pub const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// Docker's 14 defaults, unchanged from 20.10 to 29.7.
pub const DOCKER_DEFAULTS: Capabilities = Capabilities(0xa804_25fb);
/// Those with which a container is on the host, or reads all of it, whatever else holds.
pub const TAKES_THE_HOST: [&str; 5] = [
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_PTRACE",
    "DAC_READ_SEARCH",
];

/// What each capability beyond the defaults is good for, and how bad it is in the hands of root.
pub const DANGERS: [(&str, Severity, &str); 27] = [
    (
        "SYS_ADMIN",
        Severity::Critical,
        "mounts filesystems, sets namespaces, loads BPF",
    ),
    (
        "SYS_MODULE",
        Severity::Critical,
        "loads code into the host's kernel",
    ),
    (
        "SYS_RAWIO",
        Severity::Critical,
        "reaches raw memory, ports and disks",
    ),
    (
        "DAC_READ_SEARCH",
        Severity::Critical,
        "opens any file of the host by its handle",
    ),
    (
        "SYS_PTRACE",
        Severity::High,
        "takes over every process that it sees",
    ),
    ("BPF", Severity::High, "reads the kernel's memory"),
    ("PERFMON", Severity::High, "watches the kernel and all processes"),
    (
        "MAC_ADMIN",
        Severity::High,
        "changes the policy of AppArmor and the like",
    ),
    (
        "MAC_OVERRIDE",
        Severity::High,
        "overrides the policy of AppArmor and the like",
    ),
    (
        "SYS_BOOT",
        Severity::High,
        "restarts the host, loads another kernel",
    ),
    ("AUDIT_CONTROL", Severity::High, "turns the host's audit off"),
    (
        "CHECKPOINT_RESTORE",
        Severity::High,
        "reads the memory of processes",
    ),
    (
        "NET_ADMIN",
        Severity::Medium,
        "changes routes, firewall and interfaces of its network",
    ),
    ("SYSLOG", Severity::Medium, "reads kernel messages and addresses"),
    ("SYS_TIME", Severity::Medium, "sets the host's clock"),
    ("SYS_TTY_CONFIG", Severity::Low, "hangs up terminals"),
    ("LINUX_IMMUTABLE", Severity::Low, "changes immutable files"),
    ("IPC_OWNER", Severity::Low, "overrides the modes of shared memory"),
    ("IPC_LOCK", Severity::Low, "locks memory"),
    ("BLOCK_SUSPEND", Severity::Low, "keeps the host awake"),
    ("WAKE_ALARM", Severity::Low, "wakes the host"),
    ("LEASE", Severity::Low, "takes leases on any file"),
    ("SYS_PACCT", Severity::Low, "switches process accounting"),
    ("SYS_NICE", Severity::Low, "changes the priority of any process"),
    ("SYS_RESOURCE", Severity::Low, "overrides limits"),
    ("NET_BROADCAST", Severity::Low, "broadcasts"),
    ("AUDIT_READ", Severity::Low, "reads the host's audit"),
];

/// A set of capabilities, as a mask by number: what `/proc/PID/status` prints in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Capabilities(pub u64);

impl Capabilities {
    /// None.
    pub const NONE: Self = Self(0);

    /// The first `count` of them.
    #[must_use]
    pub const fn first(count: u32) -> Self {
        Self((1 << count) - 1)
    }

    /// Whether the one of that name (without `CAP_`) is in it.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        number(name).is_some_and(|bit| self.0 & (1 << bit) != 0)
    }

    /// With those of the other set too.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without those of the other set.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names without `CAP_`, by number.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 & (1 << bit) != 0)
            .map(|(_, name)| name)
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

/// A name as engines compare it: upper case, without `CAP_`.
#[must_use]
pub fn plain(name: &str) -> String {
    let upper = name.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
}

/// The number of a capability, by its plain name.
#[must_use]
pub fn number(name: &str) -> Option<u32> {
    NAMES
        .iter()
        .position(|one| *one == name)
        .and_then(|at| u32::try_from(at).ok())
}

/// The set of some names as they were given, whether `ALL` is among them, and the names that Linux does not have.
#[must_use]
pub fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> (Capabilities, bool, Vec<String>) {
    let (mut mask, mut all, mut unknown) = (0, false, Vec::new());
    for name in names {
        let plain = plain(name);
        match number(&plain) {
            Some(bit) => mask |= 1 << bit,
            None if plain == "ALL" => all = true,
            None => unknown.push(plain),
        }
    }
    (Capabilities(mask), all, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_fourteen() {
        let names: Vec<&str> = DOCKER_DEFAULTS.names().collect();
        assert_eq!(
            names,
            [
                "CHOWN",
                "DAC_OVERRIDE",
                "FOWNER",
                "FSETID",
                "KILL",
                "SETGID",
                "SETUID",
                "SETPCAP",
                "NET_BIND_SERVICE",
                "NET_RAW",
                "SYS_CHROOT",
                "MKNOD",
                "AUDIT_WRITE",
                "SETFCAP"
            ]
        );
        assert_eq!(
            (Capabilities::first(38).0, Capabilities::first(41).0),
            (0x3f_ffff_ffff, 0x1ff_ffff_ffff)
        );
    }

    #[test]
    fn every_capability_beyond_the_defaults_has_its_danger() {
        let beyond: std::collections::BTreeSet<&str> =
            Capabilities::first(41).without(DOCKER_DEFAULTS).names().collect();
        assert_eq!(
            DANGERS
                .iter()
                .map(|(name, _, _)| *name)
                .collect::<std::collections::BTreeSet<_>>(),
            beyond
        );
    }

    #[test]
    fn spellings() {
        let (mask, all, unknown) = set(["net_admin", "Cap_Sys_Time", "all", "CAP_NONSENSE"]);
        assert!(mask.has("NET_ADMIN") && mask.has("SYS_TIME") && all);
        assert_eq!(unknown, ["NONSENSE"]);
    }
}
