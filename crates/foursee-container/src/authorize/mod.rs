//! The equation: what the kernel was asked to let a container do, from what the engine says about it.
//!
//! Docker's by version, Podman's by its own `EffectiveCaps`. Nothing is guessed: what only the image or the engine's
//! own files know stays unresolved, and says so. Sources: moby `daemon/pkg/oci/caps`, `oci/oci.go`,
//! `daemon/oci_linux.go`, `daemon/seccomp_linux.go`, each tried on 20.10.24 and 29.7.

pub mod escape;
pub mod paths;
pub mod questions;
pub mod user;
pub mod version;

use crate::data::capabilities::{self, Capabilities, DOCKER_DEFAULTS};
use crate::facts::{Container, Facts};
use user::User;
use version::Version;

/// Over what a container's capabilities hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Realm {
    /// The host.
    Host,
    /// A user namespace only: userns-remap or a rootless engine.
    Namespace,
    /// The host, unless the engine remaps users: `docker info` was not read.
    Unsaid,
}

impl Realm {
    /// The word in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Namespace => "user namespace",
            Self::Unsaid => "unknown",
        }
    }
}

/// How system calls are filtered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seccomp {
    /// Not at all.
    Unconfined,
    /// By the engine's own profile.
    Default,
    /// By a profile of somebody's.
    Custom,
    /// By the engine's own profile, unless the engine says otherwise: `docker info` was not read.
    Unsaid,
}

impl Seccomp {
    /// The word in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unconfined => "unconfined",
            Self::Default => "default",
            Self::Custom => "custom",
            Self::Unsaid => "unknown",
        }
    }
}

/// What the kernel was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Equation {
    /// CapBnd.
    pub bounding: Capabilities,
    /// CapEff; none where the user is not resolved and it depends on it.
    pub effective: Option<Capabilities>,
    /// CapPrm; none as above.
    pub permitted: Option<Capabilities>,
    /// CapInh; none as above.
    pub inheritable: Option<Capabilities>,
    /// CapAmb; none as above.
    pub ambient: Option<Capabilities>,
    /// Over what they hold.
    pub realm: Realm,
    /// NoNewPrivs; none where only the engine's default decides and it was not read.
    pub no_new_privileges: Option<bool>,
    /// Who the process is.
    pub user: User,
    /// How system calls are filtered.
    pub seccomp: Seccomp,
    /// Whether AppArmor or SELinux confines it; none where `docker info` was not read.
    pub confined: Option<bool>,
    /// Whether SELinux keeps it from files and sockets that are not labelled for it.
    pub selinux: bool,
    /// What is not known, and why.
    pub unresolved: Vec<String>,
}

impl Equation {
    /// Whether the process is root inside; none where that is not resolved.
    #[must_use]
    pub fn root(&self) -> Option<bool> {
        self.user.uid.map(|uid| uid == 0)
    }
}

/// The equation of a container of this engine.
#[must_use]
pub fn equation(facts: &Facts, container: &Container) -> Equation {
    let version = facts.version();
    let mut unresolved = Vec::new();
    let podman = container.podman_caps.is_some();
    let primary_too = podman || version.is_none_or(|v| v >= Version(20, 10, 18));
    let spec = user_spec(facts, container);
    let user = user::user(spec, &container.group_add, primary_too);
    unresolved.extend(user.unresolved.iter().cloned());
    let root = user.uid.map(|uid| uid == 0);

    let bounding = bounding(facts, container, &mut unresolved);
    // Root gets the set; anybody else nothing, save what Podman makes ambient.
    let given = match &container.podman_caps {
        Some((effective, _)) => Some(capabilities::set(effective.iter().map(String::as_str)).0),
        None if bounding.is_empty() => Some(Capabilities::NONE),
        None => root.map(|root| if root { bounding } else { Capabilities::NONE }),
    };
    let spread = match (podman, root) {
        (true, Some(false)) => given,
        (true, Some(true)) => Some(Capabilities::NONE),
        (true, None) => None,
        (false, _) => Some(Capabilities::NONE),
    };
    let leaky = !podman && version.is_some_and(|v| v < Version(20, 10, 14));
    let inheritable = if leaky { Some(bounding) } else { spread };
    if !podman && version.is_none() {
        unresolved.push("the engine's version: docker info was not read".to_owned());
    }

    let realm = realm(facts, container);
    if realm == Realm::Unsaid {
        unresolved.push("whether the engine remaps users: docker info was not read".to_owned());
    }
    let no_new_privileges = no_new_privileges(facts, container);
    if no_new_privileges.is_none() {
        unresolved.push("the engine's default for no-new-privileges: neither daemon.json nor docker info of 24.0 or later was read".to_owned());
    }
    let seccomp = seccomp(facts, container);
    if seccomp == Seccomp::Unsaid {
        unresolved.push("the seccomp profile: docker info was not read".to_owned());
    }
    Equation {
        bounding,
        effective: given,
        permitted: given,
        inheritable,
        ambient: spread,
        realm,
        no_new_privileges,
        user,
        seccomp,
        confined: confined(facts, container),
        selinux: selinux(facts, container),
        unresolved,
    }
}

/// The container's user, else its image's.
fn user_spec<'a>(facts: &'a Facts, container: &'a Container) -> &'a str {
    if !container.user.is_empty() {
        return &container.user;
    }
    facts.image_of(container).map_or("", |image| &image.user)
}

fn bounding(facts: &Facts, container: &Container, unresolved: &mut Vec<String>) -> Capabilities {
    let every = every(facts);
    if let Some((_, bounding)) = &container.podman_caps {
        let (set, _, unknown) = capabilities::set(bounding.iter().map(String::as_str));
        unresolved.extend(
            unknown
                .into_iter()
                .map(|name| format!("capability {name}: not one that is known")),
        );
        return set;
    }
    let (add, add_all, unknown) = capabilities::set(container.cap_add.iter().map(String::as_str));
    let (drop, drop_all, _) = capabilities::set(container.cap_drop.iter().map(String::as_str));
    unresolved.extend(
        unknown
            .into_iter()
            .map(|name| format!("capability {name}: not one that is known")),
    );
    if container.privileged {
        every
    } else if add_all {
        every.without(drop)
    } else if drop_all {
        add
    } else {
        DOCKER_DEFAULTS.without(drop).with(add)
    }
}

/// Every capability that this engine gives: 20.10 stops at AUDIT_READ, later ones at what the kernel has.
fn every(facts: &Facts) -> Capabilities {
    if facts.version().is_some_and(|v| v < Version(23, 0, 0)) {
        return Capabilities::first(38);
    }
    let kernel = facts
        .engine
        .as_ref()
        .and_then(|e| Version::parse(&e.kernel_version));
    Capabilities::first(match kernel {
        Some(v) if v < Version(5, 8, 0) => 38,
        Some(v) if v < Version(5, 9, 0) => 40,
        _ => 41,
    })
}

/// Whether an option of the engine's SecurityOptions has that name.
fn offers(facts: &Facts, name: &str) -> bool {
    facts.engine.as_ref().is_some_and(|engine| {
        engine.security_options.iter().any(|option| {
            option
                .split(',')
                .any(|part| part.strip_prefix("name=") == Some(name))
        })
    })
}

/// Over what the container's capabilities hold.
#[must_use]
pub fn realm(facts: &Facts, container: &Container) -> Realm {
    if offers(facts, "rootless") {
        return Realm::Namespace;
    }
    let file = facts
        .daemon
        .as_ref()
        .and_then(|d| d.userns_remap.as_deref())
        .is_some_and(|r| !r.is_empty());
    if offers(facts, "userns") || (file && facts.engine.is_none()) {
        return if container.modes.user == "host" {
            Realm::Host
        } else {
            Realm::Namespace
        };
    }
    if facts.engine.is_none() && container.modes.user != "host" {
        Realm::Unsaid
    } else {
        Realm::Host
    }
}

/// The last entry of SecurityOpt wins over the engine's default.
fn no_new_privileges(facts: &Facts, container: &Container) -> Option<bool> {
    let own = container.security_opt.iter().rev().find_map(|option| {
        let rest = option.strip_prefix("no-new-privileges")?;
        if rest.is_empty() {
            return Some(true);
        }
        match rest.strip_prefix(['=', ':'])? {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            _ => None,
        }
    });
    if let Some(last) = own {
        return Some(last);
    }
    if container.podman_caps.is_some() {
        return Some(false);
    }
    if offers(facts, "no-new-privileges") {
        return Some(true);
    }
    if let Some(said) = facts
        .daemon
        .as_ref()
        .map(|d| d.no_new_privileges.unwrap_or(false))
    {
        return Some(said);
    }
    // docker info shows the engine's default from 24.0 on.
    facts
        .version()
        .is_some_and(|v| v >= Version(24, 0, 0))
        .then_some(false)
}

fn seccomp(facts: &Facts, container: &Container) -> Seccomp {
    let own = container
        .security_opt
        .iter()
        .rev()
        .find_map(|o| o.strip_prefix("seccomp=").or_else(|| o.strip_prefix("seccomp:")));
    let own = own.map(|profile| match profile.trim() {
        "unconfined" | "" => Seccomp::Unconfined,
        "builtin" => Seccomp::Default,
        _ => Seccomp::Custom,
    });
    if container.privileged {
        // Privileged heeds a profile of its own from 27.0 on.
        let heeds = facts.version().is_none_or(|v| v >= Version(27, 0, 0));
        return own.filter(|_| heeds).unwrap_or(Seccomp::Unconfined);
    }
    if let Some(own) = own {
        return own;
    }
    let Some(engine) = &facts.engine else {
        return Seccomp::Unsaid;
    };
    if engine.podman {
        return Seccomp::Default;
    }
    match engine
        .security_options
        .iter()
        .find(|o| o.contains("name=seccomp"))
    {
        None => Seccomp::Unconfined,
        Some(o) if o.contains("profile=unconfined") => Seccomp::Unconfined,
        Some(o)
            if o.contains("profile=default") || o.contains("profile=builtin") || !o.contains("profile=") =>
        {
            Seccomp::Default
        }
        Some(_) => Seccomp::Custom,
    }
}

fn confined(facts: &Facts, container: &Container) -> Option<bool> {
    let says = |what: &str| container.security_opt.iter().any(|o| o == what);
    let apparmor_named = container
        .security_opt
        .iter()
        .any(|o| o.starts_with("apparmor") && !o.ends_with("unconfined"));
    let apparmor_off = says("apparmor=unconfined")
        || says("apparmor:unconfined")
        || container.apparmor == "unconfined"
        || (container.privileged && !apparmor_named);
    facts.engine.as_ref()?;
    Some((offers(facts, "apparmor") && !apparmor_off) || selinux(facts, container))
}

fn selinux(facts: &Facts, container: &Container) -> bool {
    let off = container.privileged
        || container
            .security_opt
            .iter()
            .any(|o| o == "label=disable" || o == "label:disable");
    offers(facts, "selinux") && !off
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{facts, one};

    fn caps(host: &str, info: &str) -> Capabilities {
        let facts = facts(&[&one("a", host, "{}")], info);
        equation(&facts, &facts.containers[0]).bounding
    }

    #[test]
    fn the_capability_set() {
        let new = r#""ServerVersion":"29.7.0","KernelVersion":"6.12.0""#;
        let old = r#""ServerVersion":"20.10.24","KernelVersion":"6.12.0""#;
        assert_eq!(caps("{}", new).0, 0xa804_25fb);
        assert_eq!(
            caps(r#"{"Privileged":true,"CapDrop":["ALL"]}"#, new).0,
            0x1ff_ffff_ffff
        );
        assert_eq!(caps(r#"{"Privileged":true}"#, old).0, 0x3f_ffff_ffff);
        assert_eq!(
            caps(r#"{"CapAdd":["all"],"CapDrop":["ALL"]}"#, new).0,
            0x1ff_ffff_ffff
        );
        assert_eq!(
            caps(r#"{"CapAdd":["ALL"],"CapDrop":["CAP_CHOWN"]}"#, new).0,
            0x1ff_ffff_fffe
        );
        assert_eq!(
            caps(r#"{"CapAdd":["net_admin"],"CapDrop":["ALL"]}"#, new)
                .names()
                .collect::<Vec<_>>(),
            ["NET_ADMIN"]
        );
        // An added name wins over the same name dropped.
        assert!(caps(r#"{"CapAdd":["Cap_Chown"],"CapDrop":["CHOWN"]}"#, new).has("CHOWN"));
        assert!(!caps(r#"{"CapDrop":["chown"]}"#, new).has("CHOWN"));
    }

    #[test]
    fn effective_by_user_and_version() {
        let eq = |user: &str, info: &str| {
            let facts = facts(&[&one("a", "{}", &format!(r#"{{"User":"{user}"}}"#))], info);
            equation(&facts, &facts.containers[0])
        };
        let new = r#""ServerVersion":"27.1""#;
        assert_eq!(eq("00", new).effective, Some(DOCKER_DEFAULTS));
        assert_eq!(eq("1000", new).effective, Some(Capabilities::NONE));
        assert_eq!(eq("app", new).effective, None);
        assert_eq!(eq("app", new).bounding, DOCKER_DEFAULTS);
        assert_eq!(
            eq("1000", r#""ServerVersion":"20.10.13""#).inheritable,
            Some(DOCKER_DEFAULTS)
        );
        assert_eq!(
            eq("1000", r#""ServerVersion":"20.10.14""#).inheritable,
            Some(Capabilities::NONE)
        );
    }

    #[test]
    fn podman_says_it_itself() {
        let text = r#"{"Id":"p","Name":"p","HostConfig":{"CapAdd":["CAP_SYS_ADMIN"]},"Config":{"User":"1000"},"EffectiveCaps":["CAP_SYS_ADMIN"],"BoundingCaps":["CAP_SYS_ADMIN","CAP_KILL"]}"#;
        let facts = facts(&[text], "");
        let eq = equation(&facts, &facts.containers[0]);
        assert_eq!(eq.ambient.map(|a| a.0), Some(0x20_0000));
        assert_eq!(eq.bounding.names().collect::<Vec<_>>(), ["KILL", "SYS_ADMIN"]);
        let none =
            r#"{"Id":"p","Name":"p","HostConfig":{},"Config":{},"EffectiveCaps":null,"BoundingCaps":null}"#;
        let facts = crate::tests::facts(&[none], "");
        assert_eq!(
            equation(&facts, &facts.containers[0]).effective,
            Some(Capabilities::NONE)
        );
    }

    #[test]
    fn no_new_privileges_last_entry_wins() {
        let nnp = |options: &str, info: &str| {
            let facts = facts(
                &[&one("a", &format!(r#"{{"SecurityOpt":[{options}]}}"#), "{}")],
                info,
            );
            equation(&facts, &facts.containers[0]).no_new_privileges
        };
        let info = r#""ServerVersion":"27.0","SecurityOptions":["name=no-new-privileges"]"#;
        assert_eq!(nnp(r#""no-new-privileges""#, ""), Some(true));
        assert_eq!(
            nnp(r#""no-new-privileges:true","no-new-privileges=false""#, ""),
            Some(false)
        );
        assert_eq!(nnp(r#""no-new-privileges=f""#, info), Some(false));
        assert_eq!(nnp("", info), Some(true));
        assert_eq!(nnp("", r#""ServerVersion":"27.0""#), Some(false));
        assert_eq!(nnp("", r#""ServerVersion":"20.10.24""#), None);
        assert_eq!(nnp(r#""no-new-privileges=perhaps""#, info), Some(true));
    }

    #[test]
    fn realms() {
        let realm_of = |mode: &str, info: &str| {
            let facts = facts(&[&one("a", &format!(r#"{{"UsernsMode":"{mode}"}}"#), "{}")], info);
            realm(&facts, &facts.containers[0])
        };
        let remap = r#""SecurityOptions":["name=seccomp,profile=builtin","name=userns"]"#;
        assert_eq!(realm_of("", remap), Realm::Namespace);
        assert_eq!(realm_of("host", remap), Realm::Host);
        assert_eq!(
            realm_of("host", r#""SecurityOptions":["name=rootless"]"#),
            Realm::Namespace
        );
        assert_eq!(realm_of("", r#""SecurityOptions":[]"#), Realm::Host);
        assert_eq!(realm_of("", ""), Realm::Unsaid);
    }

    #[test]
    fn seccomp_of_the_privileged_by_version() {
        let of = |host: &str, info: &str| {
            let facts = facts(&[&one("a", host, "{}")], info);
            equation(&facts, &facts.containers[0]).seccomp
        };
        let own = r#"{"Privileged":true,"SecurityOpt":["seccomp={}"]}"#;
        assert_eq!(of(own, r#""ServerVersion":"26.1.4""#), Seccomp::Unconfined);
        assert_eq!(of(own, r#""ServerVersion":"27.0.1""#), Seccomp::Custom);
        assert_eq!(
            of(
                "{}",
                r#""ServerVersion":"27.0.1","SecurityOptions":["name=seccomp,profile=unconfined"]"#
            ),
            Seccomp::Unconfined
        );
        assert_eq!(of(r#"{"SecurityOpt":["seccomp=builtin"]}"#, ""), Seccomp::Default);
    }
}
