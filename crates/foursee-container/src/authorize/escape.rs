//! The ways out of one container, each with what must hold: what lowering writes, and what `holds` asks again.

use super::paths::{self, Sensitive, Socket};
use super::{Equation, Realm, equation};
use crate::facts::{Container, Facts, Mount};
use crate::techniques as t;
use foursee_core::document::Place;
use foursee_core::layer::Holds;
use foursee_core::model::{Certainty, Technique};

/// What must hold for a way out.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Gate {
    /// Conditions, all of them.
    pub conditions: Vec<String>,
    /// What is not known, if that decides.
    pub unknown: Option<String>,
}

impl Gate {
    /// Under that condition too.
    #[must_use]
    pub fn when(mut self, condition: impl Into<String>) -> Self {
        self.conditions.push(condition.into());
        self
    }

    /// How sure that makes it.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        if self.unknown.is_some() {
            Certainty::Unknown
        } else if self.conditions.is_empty() {
            Certainty::Certain
        } else {
            Certainty::Conditional
        }
    }

    /// The conditions as one text; empty for none.
    #[must_use]
    pub fn text(&self) -> String {
        self.conditions.join("; ")
    }

    /// The same as a layer's word on a hop.
    #[must_use]
    pub fn holds(&self) -> Holds {
        match (&self.unknown, self.conditions.is_empty()) {
            (Some(why), _) => Holds::Unknown(why.clone()),
            (None, true) => Holds::Yes,
            (None, false) => Holds::If(self.text()),
        }
    }
}

/// Where a way leads.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum To {
    /// The host.
    Host,
    /// Another container, by its node's name.
    Container(String),
}

/// One way out.
#[derive(Clone, Debug)]
pub struct Escape {
    /// How.
    pub technique: &'static Technique,
    /// Where to.
    pub to: To,
    /// What must hold.
    pub gate: Gate,
    /// The setting.
    pub place: Place,
    /// The setting in words: `Privileged`, `CapAdd SYS_ADMIN`.
    pub setting: String,
}

/// Whoever needs root inside: what must hold for it to be root, if it can be.
fn as_root(eq: &Equation) -> Option<Gate> {
    match (eq.root(), eq.no_new_privileges) {
        (Some(true), _) => Some(Gate::default()),
        (Some(false), Some(true)) => None,
        (Some(false), _) => {
            Some(Gate::default().when("a setuid program in the container makes its user root"))
        }
        (None, _) => Some(Gate {
            unknown: Some(
                eq.user
                    .unresolved
                    .first()
                    .cloned()
                    .unwrap_or_else(|| "its user is not resolved".to_owned()),
            ),
            ..Gate::default()
        }),
    }
}

/// A capability that counts on the host: what must hold to have it, if that can be.
fn with_capability(eq: &Equation, name: &str) -> Option<Gate> {
    if !eq.bounding.has(name) || eq.realm == Realm::Namespace {
        return None;
    }
    let gate = match eq.effective {
        Some(set) if set.has(name) => Gate::default(),
        _ => as_root(eq)?,
    };
    Some(on_host(eq, gate))
}

fn on_host(eq: &Equation, gate: Gate) -> Gate {
    if eq.realm == Realm::Unsaid {
        gate.when("the engine does not remap users")
    } else {
        gate
    }
}

/// AppArmor's and SELinux's own profiles deny mounting and tracing what is outside.
fn unconfined(eq: &Equation, gate: Gate) -> Gate {
    match eq.confined {
        Some(false) => gate,
        Some(true) => gate.when("its AppArmor or SELinux profile lets it"),
        None => gate.when("no AppArmor or SELinux profile denies it"),
    }
}

/// The sockets within reach of a container, each with its mount.
pub fn sockets<'a>(facts: &'a Facts, container: &'a Container) -> impl Iterator<Item = (&'a Mount, Socket)> {
    let hosts = facts
        .daemon
        .as_ref()
        .map(|d| d.hosts.as_slice())
        .unwrap_or_default();
    container
        .mounts
        .iter()
        .filter_map(move |mount| Some((mount, paths::socket(&mount.source, hosts)?)))
}

/// What must hold for the container's user to connect to a socket. A read-only mount does not keep it from that.
#[must_use]
pub fn may_connect(eq: &Equation, socket: &Socket) -> Gate {
    let gate = connecting(eq, socket);
    let gate = if eq.selinux {
        gate.when("SELinux lets it connect")
    } else {
        gate
    };
    // The engine of a user that is not root is no more than that user.
    match socket.owner {
        0 => gate,
        user => gate.when(format!(
            "what user {user} of the host may do is enough, whose engine it is"
        )),
    }
}

fn connecting(eq: &Equation, socket: &Socket) -> Gate {
    if eq.realm == Realm::Namespace {
        return Gate::default()
            .when("the socket is open to the user that the engine maps the container's to");
    }
    if owns(eq, socket) {
        return on_host(eq, Gate::default());
    }
    if eq.user.uid.is_none() {
        return as_root(eq).unwrap_or_default();
    }
    let mut groups = eq.user.groups.clone();
    groups.extend(eq.user.gid);
    groups.sort_unstable();
    groups.dedup();
    let mut says = match groups.iter().map(u32::to_string).collect::<Vec<_>>().join(" or ") {
        none if none.is_empty() => "one of its user's groups is the socket's".to_owned(),
        some if eq.user.unresolved.is_empty() => format!("the socket's group is {some}"),
        some => format!("the socket's group is {some}, or one that the image gives its user"),
    };
    if eq.no_new_privileges != Some(true) {
        says.push_str(", or a setuid program in the container makes its user root");
    }
    Gate::default().when(says)
}

/// Whether the container's user owns the socket, or overrides its mode.
#[must_use]
pub fn owns(eq: &Equation, socket: &Socket) -> bool {
    eq.root() == Some(true)
        || eq.user.uid == Some(socket.owner)
        || eq.effective.is_some_and(|set| set.has("DAC_OVERRIDE"))
}

/// Where this engine keeps its data, beside the usual places.
#[must_use]
pub fn data_roots(facts: &Facts) -> Vec<String> {
    let info = facts.engine.as_ref().map(|e| e.root_dir.as_str());
    let file = facts.daemon.as_ref().and_then(|d| d.data_root.as_deref());
    info.into_iter()
        .chain(file)
        .filter(|p| p.starts_with('/'))
        .map(paths::tidy)
        .filter(|p| p != "/")
        .collect()
}

/// The sensitive host paths that are mounted, and what each is.
#[must_use]
pub fn sensitive_mounts<'a>(facts: &Facts, container: &'a Container) -> Vec<(&'a Mount, Sensitive)> {
    let roots = data_roots(facts);
    let roots: Vec<&str> = roots.iter().map(String::as_str).collect();
    container
        .mounts
        .iter()
        .filter_map(|mount| Some((mount, paths::sensitive(&mount.source, &roots)?)))
        .collect()
}

/// What must hold for the container's user to use a mounted host path as its owner, root, would.
#[must_use]
pub fn may_use_as_root(eq: &Equation) -> Option<Gate> {
    let gate = using_as_root(eq)?;
    Some(if eq.selinux {
        gate.when("SELinux lets it, or the mount is relabelled")
    } else {
        gate
    })
}

fn using_as_root(eq: &Equation) -> Option<Gate> {
    if eq.realm == Realm::Namespace {
        return Some(
            Gate::default()
                .when("its files are open to the user that the engine maps the container's root to"),
        );
    }
    if eq.effective.is_some_and(|set| set.has("DAC_OVERRIDE")) {
        return Some(on_host(eq, Gate::default()));
    }
    as_root(eq).map(|gate| on_host(eq, gate))
}

/// Every way out of a container.
#[must_use]
pub fn escapes(facts: &Facts, container: &Container) -> Vec<Escape> {
    let eq = equation(facts, container);
    let mut all = Vec::new();
    let mut add = |technique: &'static Technique, to: To, gate: Gate, place: Place, setting: String| {
        all.push(Escape {
            technique,
            to,
            gate,
            place,
            setting,
        });
    };
    let places = &container.places;
    for (mount, socket) in sockets(facts, container) {
        add(
            &t::ENGINE_SOCKET,
            To::Host,
            may_connect(&eq, &socket),
            mount.place,
            format!("mount of {}", mount.source),
        );
    }
    if container.privileged
        && eq.realm != Realm::Namespace
        && let Some(gate) = as_root(&eq)
    {
        add(
            &t::PRIVILEGED,
            To::Host,
            on_host(&eq, gate),
            places.privileged,
            "Privileged".to_owned(),
        );
    }
    for (name, technique) in [
        ("SYS_ADMIN", &t::SYS_ADMIN),
        ("SYS_MODULE", &t::SYS_MODULE),
        ("SYS_RAWIO", &t::SYS_RAWIO),
        ("DAC_READ_SEARCH", &t::DAC_READ_SEARCH),
    ] {
        // Privileged has a row of its own.
        let Some(gate) = with_capability(&eq, name).filter(|_| !container.privileged) else {
            continue;
        };
        let gate = match name {
            "SYS_ADMIN" => unconfined(&eq, gate),
            "SYS_MODULE" => gate.when("the host's kernel takes modules (no lockdown)"),
            "SYS_RAWIO" => gate.when("the host's kernel lets memory and ports be written (no lockdown)"),
            _ => gate.when("what the host's root runs is on the filesystem that holds the engine's data"),
        };
        add(
            technique,
            To::Host,
            gate,
            places.cap_add,
            format!("CapAdd {name}"),
        );
    }
    if container.modes.pid == "host"
        && !container.privileged
        && let Some(gate) = with_capability(&eq, "SYS_PTRACE")
    {
        add(
            &t::HOST_PID_PTRACE,
            To::Host,
            unconfined(&eq, gate),
            places.pid,
            "PidMode host with SYS_PTRACE".to_owned(),
        );
    }
    for (mount, what) in sensitive_mounts(facts, container) {
        if !what.takes_host || !mount.writable {
            continue;
        }
        if let Some(gate) = may_use_as_root(&eq) {
            add(
                &t::HOST_PATH_WRITE,
                To::Host,
                gate,
                mount.place,
                format!("writable mount of {}", mount.source),
            );
        }
    }
    for device in container
        .devices
        .iter()
        .filter(|d| paths::disk(&d.path) && d.permissions.contains('w'))
    {
        if eq.realm != Realm::Namespace
            && let Some(gate) = as_root(&eq)
        {
            add(
                &t::HOST_DISK,
                To::Host,
                on_host(&eq, gate),
                device.place,
                format!("device {}", device.path),
            );
        }
    }
    if let Some(rule) = container.device_rules.iter().find(|rule| opens_disks(rule))
        && let Some(gate) = with_capability(&eq, "MKNOD").filter(|_| !container.privileged)
    {
        add(
            &t::HOST_DISK,
            To::Host,
            gate,
            places.item,
            format!("device rule {rule} with MKNOD"),
        );
    }
    if let Some(peer) = container
        .modes
        .pid
        .strip_prefix("container:")
        .and_then(|peer| facts.find(peer))
        && peer.node != container.node
    {
        let gate = match with_capability(&eq, "SYS_PTRACE") {
            Some(gate) => unconfined(&eq, gate),
            None => Gate::default()
                .when("its user and capabilities are no less than the other's, and the kernel lets it trace"),
        };
        add(
            &t::SHARED_NAMESPACE,
            To::Container(peer.node.clone()),
            gate,
            places.pid,
            format!("PidMode container:{}", peer.node),
        );
    }
    all
}

/// Whether a device rule opens every disk for writing: `a *:* rwm`, `b ...`.
#[must_use]
pub fn opens_disks(rule: &str) -> bool {
    let mut words = rule.split_whitespace();
    let (kind, _, access) = (words.next(), words.next(), words.next());
    matches!(kind, Some("a" | "b")) && access.is_some_and(|a| a.contains('w'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{facts, one};

    const PLAIN: &str = r#""ServerVersion":"27.0","SecurityOptions":["name=seccomp,profile=builtin"]"#;

    fn ways(host: &str, mounts: &str, config: &str, info: &str) -> Vec<String> {
        let text =
            format!(r#"{{"Id":"1","Name":"/a","HostConfig":{host},"Mounts":{mounts},"Config":{config}}}"#);
        let facts = facts(&[&text], info);
        escapes(&facts, &facts.containers[0])
            .iter()
            .map(|e| {
                format!(
                    "{} {} {}",
                    e.technique.id,
                    e.gate.certainty().as_str(),
                    e.gate.text()
                )
                .trim_end()
                .to_owned()
            })
            .collect()
    }

    #[test]
    fn sockets_by_user() {
        let mount = r#"[{"Type":"bind","Source":"/var/run/docker.sock","Destination":"/x","RW":false}]"#;
        assert_eq!(
            ways("{}", mount, "{}", PLAIN),
            ["container-engine-socket certain"]
        );
        assert_eq!(
            ways("{}", mount, r#"{"User":"app"}"#, PLAIN),
            ["container-engine-socket unknown"]
        );
        assert_eq!(
            ways(
                r#"{"SecurityOpt":["no-new-privileges"]}"#,
                mount,
                r#"{"User":"1000:999"}"#,
                PLAIN
            ),
            ["container-engine-socket conditional the socket's group is 999"]
        );
        let remap = r#""SecurityOptions":["name=userns"]"#;
        assert!(ways("{}", mount, "{}", remap)[0].starts_with("container-engine-socket conditional"));
        assert!(ways("{}", mount, "{}", "")[0].ends_with("the engine does not remap users"));
    }

    #[test]
    fn capabilities_by_user_and_realm() {
        let add = r#"{"CapAdd":["SYS_ADMIN"],"SecurityOpt":["no-new-privileges"]}"#;
        assert_eq!(ways(add, "[]", "{}", PLAIN), ["container-cap-sys-admin certain"]);
        assert_eq!(ways(add, "[]", r#"{"User":"1:1"}"#, PLAIN), Vec::<String>::new());
        assert_eq!(
            ways(add, "[]", "{}", r#""SecurityOptions":["name=userns"]"#),
            Vec::<String>::new()
        );
        assert!(ways(add, "[]", "{}", r#""SecurityOptions":["name=apparmor"]"#)[0].contains("conditional"));
        assert_eq!(
            ways(r#"{"Privileged":true}"#, "[]", "{}", PLAIN),
            ["container-privileged-escape certain"]
        );
        assert!(ways(r#"{"Privileged":true}"#, "[]", r#"{"User":"1:1"}"#, PLAIN)[0].contains("setuid"));
        assert_eq!(
            ways(r#"{"PidMode":"host"}"#, "[]", "{}", PLAIN),
            Vec::<String>::new()
        );
        assert_eq!(
            ways(r#"{"PidMode":"host","CapAdd":["SYS_PTRACE"]}"#, "[]", "{}", PLAIN),
            ["container-host-pid-ptrace certain"]
        );
    }

    #[test]
    fn host_paths() {
        let mount = |path: &str, rw: bool| {
            format!(r#"[{{"Type":"bind","Source":"{path}","Destination":"/x","RW":{rw}}}]"#)
        };
        assert_eq!(
            ways("{}", &mount("/root", true), "{}", PLAIN),
            ["container-host-path-write certain"]
        );
        assert_eq!(
            ways("{}", &mount("/root", false), "{}", PLAIN),
            Vec::<String>::new()
        );
        assert_eq!(
            ways("{}", &mount("/srv", true), "{}", PLAIN),
            Vec::<String>::new()
        );
        // The whole host holds the engine's socket too, and a read-only mount does not keep anybody from connecting.
        assert_eq!(
            ways("{}", &mount("/", false), "{}", PLAIN),
            ["container-engine-socket certain"]
        );
        assert_eq!(
            ways(
                r#"{"Devices":[{"PathOnHost":"/dev/sda","CgroupPermissions":"rwm"}]}"#,
                "[]",
                "{}",
                PLAIN
            ),
            ["container-host-disk certain"]
        );
    }

    #[test]
    fn shared_process_namespace() {
        let a = r#"{"Id":"1","Name":"/a","HostConfig":{"PidMode":"container:22"},"Config":{}}"#;
        let b = r#"{"Id":"22","Name":"/b","HostConfig":{},"Config":{}}"#;
        let facts = facts(&[a, b], PLAIN);
        let all = escapes(&facts, facts.node("a").unwrap());
        assert_eq!(
            all.iter().map(|e| e.to.clone()).collect::<Vec<_>>(),
            [To::Container("b".to_owned())]
        );
        let _ = one("c", "{}", "{}");
    }
}
