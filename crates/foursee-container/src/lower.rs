//! Facts to statements: containers, their host, what of it they have, and the logins they carry. No answer is written.

use crate::authorize::escape::{self, Gate, To};
use crate::authorize::{Equation, Realm, Seccomp, equation, questions};
use crate::data::capabilities::{DOCKER_DEFAULTS, TAKES_THE_HOST};
use crate::facts::{Container, Facts};
use crate::techniques;
use foursee_core::document::Place;
use foursee_core::estate::{Audience, Basis, Lowering, Presented};
use foursee_core::layer::{CredentialRef, Holds, Hop};
use foursee_core::model::{Certainty, Class, Foothold, Gap, Kind, NodeId, Reason, Rung, Verb};

/// A container.
pub static CONTAINER: Kind = Kind::new("container", Class::Workload);
/// An image.
pub static IMAGE: Kind = Kind::new("image", Class::Resource);
/// The host of the engine: code on it is root there (or the user of a rootless engine).
pub static HOST: Kind = Kind::new("host", Class::Resource);
/// A path of the host that a container has mounted.
pub static HOST_PATH: Kind = Kind::new("host-path", Class::Resource);

/// Writes what the engine says.
pub(crate) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let info = facts.engine.as_ref().and_then(|e| e.place);
    let file = facts.daemon.as_ref().and_then(|d| d.place);
    let first = facts.containers.first().map(|c| c.places.item);
    let Some(place) = info.or(file).or(first) else {
        return;
    };
    let host = out.node(&HOST, facts.host());
    out.prize(host, "container host", place);
    for label in facts.engine.iter().flat_map(|e| &e.labels) {
        let (key, value) = label.split_once('=').unwrap_or((label, ""));
        out.tag(host, key, value, place);
    }
    for open in facts.daemon.iter().flat_map(|d| d.open()) {
        let beyond = !["tcp://127.", "tcp://localhost", "tcp://[::1]"]
            .iter()
            .any(|p| open.starts_with(p));
        if beyond {
            out.entry(
                host,
                Foothold::Runs,
                format!("engine without TLS on {open}"),
                file.unwrap_or(place),
            );
        }
    }
    for image in &facts.images {
        out.node(&IMAGE, &image.name);
    }
    if facts.engine.is_none() && !facts.containers.is_empty() {
        out.gap(
            Gap::new(Reason::NotCaptured, "docker info")
                .hides("the engine's version, user namespaces (userns-remap, rootless), seccomp, AppArmor and the default of no-new-privileges")
                .closes("docker info --format '{{json .}}'"),
        );
    }
    if facts.volumes.is_empty() && facts.containers.iter().any(|c| !c.volumes.is_empty()) {
        out.gap(
            Gap::new(Reason::NotCaptured, "docker volume inspect")
                .hides("host paths that a volume's options put behind its name (o=bind)")
                .closes("docker volume inspect $(docker volume ls -q)"),
        );
    }
    for (container, eq) in facts.equations() {
        one(facts, container, eq, host, out);
    }
}

fn one(facts: &Facts, container: &Container, eq: &Equation, host: NodeId, out: &mut Lowering<'_>) {
    let node = out.node(&CONTAINER, &container.node);
    let places = &container.places;
    for (key, value, place) in &container.labels {
        out.tag(node, key, value, *place);
    }
    if eq.user.uid.is_none() {
        let user = if container.user.is_empty() {
            "of the image"
        } else {
            &container.user
        };
        out.gap(
            Gap::new(
                Reason::NotCaptured,
                format!("user {user} of container {}", container.node),
            )
            .facet("number")
            .hides("whether it is root inside, and so what it may do on the host")
            .closes(format!(
                "docker run --rm --entrypoint cat {} /etc/passwd, or a number in Config.User",
                container.image
            ))
            .at(places.user),
        );
    }
    for escape in escape::escapes(facts, container) {
        let to = match &escape.to {
            To::Host => host,
            To::Container(name) => out.node(&CONTAINER, name),
        };
        let condition = out.condition(&escape.gate.text());
        out.edge(node, escape.technique, to, escape.place)
            .when(condition)
            .certainty(escape.gate.certainty())
            .rung(Rung::ServiceWide);
    }
    rows(facts, container, eq, node, host, out);
    if container.running {
        for port in container
            .ports
            .iter()
            .filter(|p| matches!(p.address.as_str(), "" | "0.0.0.0" | "::"))
        {
            // The engine publishes on both families; one line says it.
            if port.address == "::"
                && container.ports.iter().any(|p| {
                    p.address != "::" && p.port == port.port && matches!(p.address.as_str(), "" | "0.0.0.0")
                })
            {
                continue;
            }
            let address = match port.address.as_str() {
                "::" => "[::]",
                _ => "0.0.0.0",
            };
            let number = if port.port.is_empty() { "any" } else { &port.port };
            out.entry(
                node,
                Foothold::Runs,
                format!("published port {address}:{number}"),
                port.place,
            );
        }
    }
    credentials(container, node, out);
}

/// The rows of the privileges table.
fn rows(
    facts: &Facts,
    container: &Container,
    eq: &Equation,
    node: NodeId,
    host: NodeId,
    out: &mut Lowering<'_>,
) {
    let (rung, place) = stands(facts, container, eq);
    let certainty = if eq.user.uid.is_none() {
        Certainty::Unknown
    } else {
        Certainty::Certain
    };
    out.privilege(node, Verb::Execute, "run", host, rung, place)
        .certainty(certainty)
        .basis(Basis::Effective)
        .attainable(Rung::Narrow);
    if !container.privileged {
        for name in eq.bounding.without(DOCKER_DEFAULTS).names() {
            let action = format!("cap {name}");
            let takes = TAKES_THE_HOST.contains(&name);
            let rung = match eq.root() {
                Some(false) => Rung::Scoped,
                _ if takes && eq.realm != Realm::Namespace => Rung::ServiceWide,
                _ => Rung::Broad,
            };
            let said = questions::may(facts, "container", &container.node, &action, facts.host());
            let Some(gate) = gate(said) else { continue };
            row(
                node,
                Verb::Administer,
                &action,
                host,
                rung,
                container.places.cap_add,
                &gate,
                out,
            );
        }
    }
    for (mount, socket) in escape::sockets(facts, container) {
        let over = out.node(&HOST_PATH, &socket.path);
        let gate = escape::may_connect(eq, &socket);
        row(
            node,
            Verb::Administer,
            "use engine-socket",
            over,
            Rung::ServiceWide,
            mount.place,
            &gate,
            out,
        );
    }
    let sensitive = escape::sensitive_mounts(facts, container);
    for mount in &container.mounts {
        let over = out.node(&HOST_PATH, &mount.source);
        let what = sensitive.iter().find(|(m, _)| *m == mount).map(|(_, what)| what);
        let rung = match what {
            Some(what) if mount.writable && what.takes_host => Rung::ServiceWide,
            Some(_) => Rung::Broad,
            None => Rung::Scoped,
        };
        let gate = path_gate(eq);
        let condition = out.condition(&gate.text());
        out.edge(node, &techniques::HOST_PATH, over, mount.place)
            .when(condition)
            .certainty(gate.certainty())
            .rung(rung);
        row(
            node,
            Verb::Read,
            "read host-path",
            over,
            rung,
            mount.place,
            &gate,
            out,
        );
        if mount.writable {
            row(
                node,
                Verb::Write,
                "write host-path",
                over,
                rung,
                mount.place,
                &gate,
                out,
            );
        }
    }
    for (what, mode) in questions::shared(container) {
        let action = format!("share {what} namespace");
        let rung = if matches!(what, "pid" | "network" | "ipc") {
            Rung::Broad
        } else {
            Rung::Scoped
        };
        if mode == "host" {
            // On control groups of version 1 the host's namespace is what every container has.
            if what == "cgroup" && !facts.engine.as_ref().is_some_and(|e| e.cgroup_two) {
                continue;
            }
            row(
                node,
                Verb::Administer,
                &action,
                host,
                rung,
                container.places.pid,
                &Gate::default(),
                out,
            );
        } else if let Some(peer) = mode.strip_prefix("container:").and_then(|peer| facts.find(peer)) {
            let over = out.node(&CONTAINER, &peer.node);
            row(
                node,
                Verb::Administer,
                &action,
                over,
                rung,
                container.places.pid,
                &Gate::default(),
                out,
            );
        }
    }
    for device in &container.devices {
        let over = out.node(&HOST_PATH, &device.path);
        let rung = if crate::authorize::paths::disk(&device.path) {
            Rung::ServiceWide
        } else {
            Rung::Scoped
        };
        row(
            node,
            Verb::Write,
            "use device",
            over,
            rung,
            device.place,
            &Gate::default(),
            out,
        );
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one row of the table has that many columns"
)]
fn row(
    node: NodeId,
    verb: Verb,
    action: &str,
    over: NodeId,
    rung: Rung,
    place: Place,
    gate: &Gate,
    out: &mut Lowering<'_>,
) {
    let condition = out.condition(&gate.text());
    out.privilege(node, verb, action, over, rung, place)
        .when(condition)
        .certainty(gate.certainty())
        .basis(Basis::Effective)
        .attainable(Rung::Narrow);
}

fn gate(said: Holds) -> Option<Gate> {
    match said {
        Holds::Yes => Some(Gate::default()),
        Holds::If(condition) => Some(Gate::default().when(condition)),
        Holds::Unknown(why) => Some(Gate {
            unknown: Some(why),
            ..Gate::default()
        }),
        Holds::No(_) => None,
    }
}

/// What must hold for the container's user to use what a mount holds.
fn path_gate(eq: &Equation) -> Gate {
    escape::may_use_as_root(eq)
        .unwrap_or_else(|| Gate::default().when("its files are open to the container's user"))
}

/// The rung that a container stands on by its settings as a whole, and the setting that puts it there.
#[must_use]
pub fn stands(facts: &Facts, container: &Container, eq: &Equation) -> (Rung, Place) {
    let places = &container.places;
    let mapped = eq.realm == Realm::Namespace;
    if container.privileged {
        return (
            if mapped { Rung::Broad } else { Rung::Unbounded },
            places.privileged,
        );
    }
    let ways = escape::escapes(facts, container);
    if let Some(way) = ways.iter().find(|way| way.to == To::Host && !mapped) {
        return (Rung::ServiceWide, way.place);
    }
    let beyond = !eq.bounding.without(DOCKER_DEFAULTS).is_empty();
    if eq.root() != Some(false) && !eq.bounding.is_empty() {
        return (Rung::Broad, if beyond { places.cap_add } else { places.user });
    }
    let hardened = eq.root() == Some(false)
        && eq.bounding.is_empty()
        && eq.no_new_privileges == Some(true)
        && container.read_only
        && !matches!(eq.seccomp, Seccomp::Unconfined)
        && container.mounts.iter().all(|m| !m.writable);
    (if hardened { Rung::Narrow } else { Rung::Scoped }, places.user)
}

/// The condition under which a container that does not run presents what its settings hold.
const STARTED: &str = "the container is started: it does not run";

fn credentials(container: &Container, node: NodeId, out: &mut Lowering<'_>) {
    let condition = out.condition(if container.running { "" } else { STARTED });
    for (connection, place) in &container.connections {
        out.present(Presented {
            by: node,
            at: Foothold::Runs,
            kind: connection.kind.into(),
            realm: connection.realm.as_str().into(),
            subject: connection.subject.as_str().into(),
            audience: connection.audience.as_deref().map_or(
                if connection.kind == "postgres-login" {
                    Audience::Any
                } else {
                    Audience::None
                },
                |database| Audience::Named(vec![database.into()]),
            ),
            towards: None,
            meant_for: None,
            certainty: Certainty::Certain,
            condition,
            place: *place,
        });
    }
    for (key, place) in &container.access_keys {
        out.present(Presented {
            by: node,
            at: Foothold::Runs,
            kind: "aws-access-key".into(),
            realm: "aws".into(),
            subject: key.as_str().into(),
            audience: Audience::None,
            towards: None,
            meant_for: None,
            certainty: Certainty::Certain,
            condition,
            place: *place,
        });
    }
}

/// Whether a hop of this layer really holds.
pub(crate) fn holds(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let Some(container) = facts.node(hop.from.name).filter(|_| hop.from.kind == "container") else {
        return Holds::No(format!("there is no container `{}`", hop.from.name));
    };
    if hop.technique == "core-presents" {
        let has = hop
            .credential
            .is_some_and(|credential| presents(container, &credential));
        return match (has, container.running) {
            (true, true) => Holds::Yes,
            (true, false) => Holds::If(STARTED.to_owned()),
            (false, _) => Holds::No("its settings name no such login".to_owned()),
        };
    }
    if hop.technique == techniques::HOST_PATH.id {
        let mounted = container.mounts.iter().any(|m| m.source == hop.to.name);
        return if mounted {
            path_gate(&equation(facts, container)).holds()
        } else {
            Holds::No("it is not mounted".to_owned())
        };
    }
    let fits = |to: &To| match to {
        To::Host => hop.to.kind == "host" && hop.to.name == facts.host(),
        To::Container(name) => hop.to.kind == "container" && hop.to.name == name,
    };
    let ways: Vec<Holds> = escape::escapes(facts, container)
        .into_iter()
        .filter(|e| e.technique.id == hop.technique && fits(&e.to))
        .filter(|e| e.place == hop.place)
        .map(|e| e.gate.holds())
        .collect();
    let best = |wanted: fn(&Holds) -> bool| ways.iter().find(|h| wanted(h)).cloned();
    best(|h| matches!(h, Holds::Yes))
        .or_else(|| best(|h| matches!(h, Holds::If(_))))
        .or_else(|| best(|h| matches!(h, Holds::Unknown(_))))
        .unwrap_or_else(|| Holds::No("no setting of the container gives that way".to_owned()))
}

fn presents(container: &Container, asked: &CredentialRef<'_>) -> bool {
    if asked.kind == "aws-access-key" {
        return container.access_keys.iter().any(|(key, _)| key == asked.subject);
    }
    container.connections.iter().any(|(c, _)| {
        c.kind == asked.kind
            && c.realm.eq_ignore_ascii_case(asked.realm)
            && c.subject == asked.subject
            && (asked.audience.is_empty() || c.audience.as_deref().is_none_or(|a| a == asked.audience))
    })
}
