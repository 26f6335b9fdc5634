//! Questions: the equation of one container as JSON, and whether a container may do one thing.

use super::escape::{self, Gate};
use super::{Equation, equation, paths};
use crate::data::capabilities::{self, Capabilities};
use crate::facts::{Container, Facts};
use foursee_core::document::Str;
use foursee_core::layer::{Holds, QuestionError};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Question<'a> {
    #[serde(borrow)]
    container: Str<'a>,
}

/// The answer to `{"container": "name or identifier"}`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    container: &'a str,
    id: &'a str,
    image: &'a str,
    running: bool,
    privileged: bool,
    effective: Option<Vec<String>>,
    permitted: Option<Vec<String>>,
    inheritable: Option<Vec<String>>,
    ambient: Option<Vec<String>>,
    bounding: Vec<String>,
    /// The same in the words of /proc/PID/status.
    status: Status,
    /// Over what the capabilities hold: "host", "user namespace" or "unknown".
    capabilities_over: &'static str,
    no_new_privileges: Option<bool>,
    user: UserAnswer,
    seccomp: &'static str,
    namespaces: Namespaces,
    read_only_root: bool,
    host_powers: Vec<Power>,
    unresolved: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    cap_inh: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap_prm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap_eff: Option<String>,
    cap_bnd: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cap_amb: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_new_privs: Option<u8>,
}

#[derive(Serialize)]
struct UserAnswer {
    uid: Option<u32>,
    gid: Option<u32>,
    groups: Vec<u32>,
    unresolved: Vec<String>,
}

#[derive(Serialize)]
struct Namespaces {
    pid: String,
    network: String,
    ipc: String,
    uts: String,
    cgroup: String,
    user: String,
}

#[derive(Serialize)]
struct Power {
    power: String,
    setting: String,
    /// "yes", "if" or "unknown".
    holds: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
}

/// Answers one question.
///
/// # Errors
/// When it is not `{"container": ...}`, or names no container of this engine.
pub fn decide(facts: &Facts, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError> {
    let malformed = |why: String| QuestionError::Malformed {
        layer: "container",
        why,
    };
    let asked: Question<'_> = serde_json::from_str(question)
        .map_err(|why| malformed(format!("{why}; ask {{\"container\": \"name or identifier\"}}")))?;
    let container = facts
        .find(&asked.container)
        .ok_or_else(|| QuestionError::Unknown {
            what: (*asked.container).to_owned(),
            scope: facts
                .engine
                .as_ref()
                .map_or_else(|| facts.host().to_owned(), |e| e.id.clone()),
        })?;
    let eq = equation(facts, container);
    let list = |set: Capabilities| set.names().map(|name| format!("CAP_{name}")).collect::<Vec<_>>();
    let said = Answer {
        container: &container.node,
        id: &container.id,
        image: &container.image,
        running: container.running,
        privileged: container.privileged,
        effective: eq.effective.map(list),
        permitted: eq.permitted.map(list),
        inheritable: eq.inheritable.map(list),
        ambient: eq.ambient.map(list),
        bounding: list(eq.bounding),
        status: Status {
            cap_inh: eq.inheritable.map(|c| c.to_string()),
            cap_prm: eq.permitted.map(|c| c.to_string()),
            cap_eff: eq.effective.map(|c| c.to_string()),
            cap_bnd: eq.bounding.to_string(),
            cap_amb: eq.ambient.map(|c| c.to_string()),
            no_new_privs: eq.no_new_privileges.map(u8::from),
        },
        capabilities_over: eq.realm.as_str(),
        no_new_privileges: eq.no_new_privileges,
        user: UserAnswer {
            uid: eq.user.uid,
            gid: eq.user.gid,
            groups: eq.user.groups.clone(),
            unresolved: eq.user.unresolved.clone(),
        },
        seccomp: eq.seccomp.as_str(),
        namespaces: namespaces(facts, container, &eq),
        read_only_root: container.read_only,
        host_powers: powers(facts, container, &eq),
        unresolved: eq.unresolved.clone(),
    };
    serde_json::to_writer(answer, &said).map_err(|why| malformed(why.to_string()))
}

/// A mode as a word: whose namespace it is.
fn namespace(facts: &Facts, mode: &str) -> String {
    match mode.strip_prefix("container:") {
        Some(peer) => format!("container:{}", facts.find(peer).map_or(peer, |c| c.node.as_str())),
        None if mode == "host" => "host".to_owned(),
        None => "own".to_owned(),
    }
}

fn namespaces(facts: &Facts, container: &Container, eq: &Equation) -> Namespaces {
    let modes = &container.modes;
    Namespaces {
        pid: namespace(facts, &modes.pid),
        network: namespace(facts, &modes.network),
        ipc: namespace(facts, &modes.ipc),
        uts: namespace(facts, &modes.uts),
        cgroup: namespace(facts, &modes.cgroup),
        user: match eq.realm {
            super::Realm::Host => "host",
            super::Realm::Namespace => "engine's",
            super::Realm::Unsaid => "unknown",
        }
        .to_owned(),
    }
}

/// What of the host a container has, and which setting gives it.
fn powers(facts: &Facts, container: &Container, eq: &Equation) -> Vec<Power> {
    let power = |power: &str, setting: String, gate: &Gate| {
        let holds = match gate.holds() {
            Holds::Yes => "yes",
            Holds::Unknown(_) => "unknown",
            _ => "if",
        };
        let condition = gate
            .unknown
            .clone()
            .or_else(|| Some(gate.text()))
            .filter(|text| !text.is_empty());
        Power {
            power: power.to_owned(),
            setting,
            holds,
            condition,
        }
    };
    let mut all: Vec<Power> = escape::escapes(facts, container)
        .into_iter()
        .filter(|e| e.to == escape::To::Host)
        .map(|e| power(e.technique.id, e.setting, &e.gate))
        .collect();
    let open = Gate::default();
    for (what, mode) in shared(container) {
        // On control groups of version 1 the host's namespace is what every container has.
        let plain = what == "cgroup" && !facts.engine.as_ref().is_some_and(|e| e.cgroup_two);
        if mode == "host" && !plain {
            all.push(power(
                &format!("host-{what}-namespace"),
                format!("{what} mode host"),
                &open,
            ));
        }
    }
    for mount in &container.mounts {
        let how = if mount.writable { "write" } else { "read" };
        let gate = escape::may_use_as_root(eq)
            .unwrap_or_else(|| Gate::default().when("its files are open to the container's user"));
        all.push(power(
            &format!("{how} host-path {}", mount.source),
            format!("mount at {}", mount.destination),
            &gate,
        ));
    }
    for device in &container.devices {
        all.push(power(
            &format!("device {}", device.path),
            format!("Devices {}", device.permissions),
            &open,
        ));
    }
    if container.unmasked {
        all.push(power(
            "kernel-switches",
            "MaskedPaths and ReadonlyPaths empty".to_owned(),
            &open,
        ));
    }
    all
}

/// The namespaces that a container may share, by name and mode.
#[must_use]
pub fn shared(container: &Container) -> [(&'static str, &str); 5] {
    let modes = &container.modes;
    [
        ("pid", &modes.pid),
        ("network", &modes.network),
        ("ipc", &modes.ipc),
        ("uts", &modes.uts),
        ("cgroup", &modes.cgroup),
    ]
}

/// Whether a container may do an action, as the rows of the privileges table print them: `run`, `cap NAME`,
/// `use engine-socket`, `read host-path`, `write host-path`, `use device`, `share pid namespace`.
#[must_use]
pub fn may(facts: &Facts, kind: &str, name: &str, action: &str, resource: &str) -> Holds {
    let Some(container) = facts
        .find(name)
        .filter(|_| kind == "container" || kind.is_empty())
    else {
        return Holds::No(format!("there is no container `{name}`"));
    };
    let eq = equation(facts, container);
    let wild = resource.is_empty() || resource == "*";
    if action == "run" {
        return Holds::Yes;
    }
    if let Some(cap) = action.strip_prefix("cap ") {
        let cap = capabilities::plain(cap);
        if !eq.bounding.has(&cap) {
            return Holds::No(format!("{cap} is not in its bounding set"));
        }
        return match eq.effective {
            Some(set) if set.has(&cap) => Holds::Yes,
            Some(_) if eq.no_new_privileges == Some(true) => Holds::No(format!(
                "its user is not root, and no-new-privileges keeps it from gaining {cap}"
            )),
            Some(_) => Holds::If("a setuid program in the container makes its user root".to_owned()),
            None => Holds::Unknown(eq.user.unresolved.first().cloned().unwrap_or_default()),
        };
    }
    if action == "use engine-socket" {
        let target = paths::tidy(resource);
        let found = escape::sockets(facts, container)
            .find(|(mount, s)| wild || s.path == target || mount.source == target);
        return found.map_or_else(
            || Holds::No("no engine's socket is mounted".to_owned()),
            |(_, socket)| escape::may_connect(&eq, &socket).holds(),
        );
    }
    if let Some(how) = action.strip_suffix(" host-path") {
        return host_path(container, &eq, how, resource);
    }
    if action == "use device" {
        let found = container.devices.iter().any(|d| wild || d.path == resource);
        return if container.privileged || found {
            Holds::Yes
        } else {
            Holds::No("no such device is given to it".to_owned())
        };
    }
    if let Some(what) = action
        .strip_prefix("share ")
        .and_then(|rest| rest.strip_suffix(" namespace"))
    {
        let mode = shared(container)
            .into_iter()
            .find(|(name, _)| *name == what)
            .map_or("", |(_, mode)| mode);
        let peer = namespace(facts, mode);
        let with = peer
            .strip_prefix("container:")
            .unwrap_or(if peer == "host" { facts.host() } else { "" });
        let yes = !with.is_empty() && (wild || with == resource || (peer == "host" && resource == "host"));
        return if yes {
            Holds::Yes
        } else {
            Holds::No(format!("its {what} namespace is {peer}"))
        };
    }
    Holds::Unknown(format!(
        "`{action}` is no action of containers; there are run, cap NAME, use engine-socket, read host-path, write host-path, use device, share NAME namespace"
    ))
}

fn host_path(container: &Container, eq: &Equation, how: &str, path: &str) -> Holds {
    let wild = path.is_empty() || path == "*";
    let path = paths::tidy(path);
    if !matches!(how, "read" | "write") {
        return Holds::Unknown(format!("`{how}` is not asked of host paths; ask read or write"));
    }
    // Any mount that holds the path will do; the wildest question takes any.
    let mut holding = container
        .mounts
        .iter()
        .filter(|m| wild || paths::within(&path, &m.source))
        .peekable();
    let Some(first) = holding.peek().map(|m| m.source.clone()) else {
        return Holds::No("no mount of it holds that path".to_owned());
    };
    if how == "write" && !holding.any(|m| m.writable) {
        return Holds::No(format!("{first} is mounted read-only"));
    }
    escape::may_use_as_root(eq)
        .unwrap_or_else(|| Gate::default().when("its files are open to the container's user"))
        .holds()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{facts, one};

    #[test]
    fn the_equation_as_json() {
        let facts = facts(
            &[&one(
                "web",
                r#"{"CapDrop":["ALL"],"CapAdd":["NET_BIND_SERVICE"]}"#,
                r#"{"User":"0:0"}"#,
            )],
            r#""ID":"E","ServerVersion":"27.0""#,
        );
        let mut out = Vec::new();
        decide(&facts, r#"{"container":"/web"}"#, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains(r#""effective":["CAP_NET_BIND_SERVICE"]"#), "{text}");
        assert!(text.contains(r#""CapEff":"0000000000000400""#), "{text}");
        assert!(
            text.contains(r#""user":{"uid":0,"gid":0,"groups":[0],"unresolved":[]}"#),
            "{text}"
        );
        assert!(!text.contains('\n'));
        assert!(decide(&facts, r#"{"container":"none"}"#, &mut Vec::new()).is_err());
        assert!(decide(&facts, "{}", &mut Vec::new()).is_err());
    }

    #[test]
    fn may_one_thing() {
        let text = r#"{"Id":"1","Name":"/a","HostConfig":{"PidMode":"host"},"Mounts":[{"Type":"bind","Source":"/srv/data","Destination":"/d","RW":true},{"Type":"bind","Source":"/srv/data/ro","Destination":"/r","RW":false}],"Config":{}}"#;
        let facts = facts(&[text], r#""Name":"h","ServerVersion":"27.0""#);
        let ask = |action: &str, resource: &str| may(&facts, "container", "a", action, resource);
        assert_eq!(ask("write host-path", "/srv/data/x"), Holds::Yes);
        // The writable mount above it holds the same path.
        assert_eq!(ask("write host-path", "/srv/data/ro/x"), Holds::Yes);
        assert!(matches!(ask("write host-path", "/srv/other"), Holds::No(_)));
        assert_eq!(ask("read host-path", "/srv/data/ro/x"), Holds::Yes);
        assert!(matches!(ask("read host-path", "/srv/database"), Holds::No(_)));
        assert_eq!(ask("cap CHOWN", "h"), Holds::Yes);
        assert!(matches!(ask("cap SYS_ADMIN", "h"), Holds::No(_)));
        assert_eq!(ask("share pid namespace", "h"), Holds::Yes);
        assert!(matches!(ask("share ipc namespace", "h"), Holds::No(_)));
        assert!(matches!(ask("use engine-socket", "*"), Holds::No(_)));
        assert!(matches!(ask("fly", "*"), Holds::Unknown(_)));
    }
}
