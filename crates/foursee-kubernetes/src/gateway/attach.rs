//! Which listeners take a route.

use super::index::Index;
use super::stand::Stand;
use super::{EXPERIMENTAL, GROUP, grants};
use crate::facts::{
    Facts, Gateway, LabelSelector, Listener, ListenerSet, Namespaces, Port, Reference, Requirement, Route,
    Word,
};
use crate::network::{readable, selects};

/// A parent of a route, and whether it takes it.
pub(super) struct Attached<'f> {
    pub gateway: &'f Gateway,
    /// As the route's parent is called: a Gateway or a ListenerSet.
    pub parent: String,
    pub stand: Stand,
    /// The same by the specs alone.
    pub by_spec: Stand,
    /// What its controller says of the route there; none for a manifest.
    pub accepted: Option<Word>,
    pub resolved: Option<Word>,
}

/// What the parents of a route are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Gateway,
    ListenerSet(&'static str),
    /// A Service: the route is a mesh's.
    Mesh,
    Other,
}

pub(super) fn sort(parent: &Reference) -> Sort {
    match (&*parent.group, &*parent.kind) {
        (GROUP, "Gateway") => Sort::Gateway,
        (GROUP, "ListenerSet") => Sort::ListenerSet("ListenerSet"),
        (EXPERIMENTAL, "XListenerSet") => Sort::ListenerSet("XListenerSet"),
        ("", "Service") => Sort::Mesh,
        _ => Sort::Other,
    }
}

/// The Gateway that a ListenerSet adds to; a parent of another kind is none.
pub(super) fn gateway_of<'f>(index: &Index<'f>, set: &ListenerSet) -> Option<&'f Gateway> {
    let parent = &set.parent;
    (sort(parent) == Sort::Gateway).then(|| {
        let namespace = parent.namespace.as_deref().unwrap_or(&set.meta.namespace);
        index.gateway(namespace, &parent.name)
    })?
}

/// The listeners that a parent has.
struct Owner<'f> {
    gateway: &'f Gateway,
    kind: &'static str,
    /// As messages call it.
    called: String,
    namespace: &'f str,
    listeners: &'f [Listener],
    /// Whether it is there, by spec and by status.
    spec: Stand,
    word: Stand,
}

fn owner<'f>(index: &Index<'f>, route: &Route, parent: &Reference) -> Option<Owner<'f>> {
    let namespace = parent.namespace.as_deref().unwrap_or(&route.meta.namespace);
    match sort(parent) {
        Sort::Gateway => Some(own(index, index.gateway(namespace, &parent.name)?)),
        Sort::ListenerSet(kind) => {
            let set = index.set(kind, namespace, &parent.name)?;
            let gateway = gateway_of(index, set)?;
            let called = format!("{kind} {}", set.meta.full_name());
            let takes = format!("Gateway {}", gateway.meta.full_name());
            let whole = own(index, gateway);
            Some(Owner {
                kind,
                namespace: &set.meta.namespace,
                listeners: &set.listeners,
                spec: whole.spec.and(|| {
                    let of = (&*gateway.meta.namespace, &*set.meta.namespace);
                    from(index, &gateway.sets, of, &format!("{takes} takes listeners from"))
                }),
                word: whole.word.and(|| stands(&called, set.word)),
                called,
                gateway,
            })
        }
        Sort::Mesh | Sort::Other => None,
    }
}

/// A Gateway's own listeners.
fn own<'f>(index: &Index<'f>, gateway: &'f Gateway) -> Owner<'f> {
    let called = format!("Gateway {}", gateway.meta.full_name());
    let word = match (gateway.word, index.class(&gateway.class)) {
        // Who takes it is of no matter where somebody does.
        (Some(Word::Taken), _) => Stand::sure(),
        (_, Some(class)) => stands(&format!("GatewayClass {}", gateway.class), class.word)
            .and(|| stands(&called, gateway.word)),
        (_, None) if index.facts.listed("GatewayClass") => Stand::Not,
        (_, None) => stands(&called, gateway.word),
    };
    Owner {
        kind: "Gateway",
        namespace: &gateway.meta.namespace,
        listeners: &gateway.listeners,
        spec: Stand::sure(),
        word,
        called,
        gateway,
    }
}

/// What the word of an object's controller makes of it.
fn stands(called: &str, word: Option<Word>) -> Stand {
    match word {
        None | Some(Word::Taken) => Stand::sure(),
        Some(Word::Silent) => Stand::doubt(format!("{called} is in effect, which its status does not say")),
        Some(Word::Refused) => Stand::Not,
    }
}

/// Every parent that a route has, and whether it takes it.
pub(super) fn attached<'f>(index: &Index<'f>, route: &'f Route) -> Vec<Attached<'f>> {
    let mut all = Vec::new();
    for parent in &route.parents {
        if let Some(owner) = owner(index, route, parent) {
            all.push(one(index, route, parent, owner));
        }
    }
    if route.default {
        for gateway in index.gateways().into_iter().filter(|one| one.default) {
            let parent = Reference {
                group: GROUP.into(),
                kind: "Gateway".into(),
                namespace: Some((&*gateway.meta.namespace).into()),
                name: (&*gateway.meta.name).into(),
                section: "".into(),
                port: None,
            };
            all.push(one(index, route, &parent, own(index, gateway)));
        }
    }
    all
}

fn one<'f>(index: &Index<'f>, route: &Route, parent: &Reference, owner: Owner<'f>) -> Attached<'f> {
    let class = index.class(&owner.gateway.class);
    let controller = class.map(|one| &*one.controller);
    let said = |what: fn(&crate::facts::ParentStatus) -> Word| {
        let status = route.status.as_ref()?;
        let of = status.iter().filter(|one| {
            same(route, &one.parent, parent) && controller.is_none_or(|name| name == &*one.controller)
        });
        Some(of.map(what).min().unwrap_or(Word::Silent))
    };
    let (accepted, resolved) = (said(|one| one.accepted), said(|one| one.resolved));
    let listeners = || {
        owner.listeners.iter().filter(|one| {
            (parent.section.is_empty() || parent.section == one.name)
                && parent
                    .port
                    .as_ref()
                    .is_none_or(|port| one.port.map(Port::Number).as_ref() == Some(port))
        })
    };
    let by_spec = Stand::any(listeners().map(|one| takes(index, &owner, one, route)));
    let by_spec = owner.spec.clone().and(|| by_spec);
    let stand = owner.word.clone().and(|| owner.spec.clone()).and(|| {
        Stand::any(listeners().map(|one| {
            takes(index, &owner, one, route).and(|| {
                let called = format!("listener {} of {}", one.name, owner.called);
                stands(&called, one.word)
            })
        }))
    });
    let called = format!("{} {} at {}", route.kind, route.meta.full_name(), owner.called);
    Attached {
        gateway: owner.gateway,
        stand: stand.and(|| stands(&called, accepted)),
        by_spec,
        parent: owner.called,
        accepted,
        resolved,
    }
}

/// Whether two references of a route are to the same parent.
fn same(route: &Route, one: &Reference, other: &Reference) -> bool {
    let namespace = |of: &Reference| {
        of.namespace
            .clone()
            .unwrap_or_else(|| (&*route.meta.namespace).into())
    };
    (&one.group, &one.kind, &one.name, &one.section, &one.port)
        == (
            &other.group,
            &other.kind,
            &other.name,
            &other.section,
            &other.port,
        )
        && namespace(one) == namespace(other)
}

/// Whether a listener takes a route, by the specs.
fn takes(index: &Index<'_>, owner: &Owner<'_>, listener: &Listener, route: &Route) -> Stand {
    kinds(owner, listener, route)
        .and(|| Stand::of(hosts(listener, route)))
        .and(|| {
            let of = (owner.namespace, &*route.meta.namespace);
            from(
                index,
                &listener.namespaces,
                of,
                &format!("{} takes routes from", owner.called),
            )
        })
        .and(|| match listener.passthrough {
            true => Stand::sure(),
            false => grants::certificates(index, (owner.kind, owner.namespace), &listener.certificates),
        })
}

/// The kinds of routes that go with a protocol of the API; none for one of an implementation.
pub(super) fn of_protocol(listener: &Listener) -> Option<&'static [&'static str]> {
    Some(match (&*listener.protocol, listener.passthrough) {
        ("HTTP" | "HTTPS", _) => &["HTTPRoute", "GRPCRoute"],
        ("TLS", true) => &["TLSRoute"],
        ("TLS", false) => &["TLSRoute", "TCPRoute"],
        ("TCP", _) => &["TCPRoute"],
        ("UDP", _) => &["UDPRoute"],
        _ => return None,
    })
}

fn kinds(owner: &Owner<'_>, listener: &Listener, route: &Route) -> Stand {
    let named = listener
        .kinds
        .iter()
        .any(|(group, kind)| **group == *GROUP && **kind == *route.kind);
    if !(named || listener.kinds.is_empty()) {
        return Stand::Not;
    }
    match of_protocol(listener) {
        Some(all) => Stand::of(all.contains(&route.kind)),
        None => {
            let Listener { name, protocol, .. } = listener;
            Stand::doubt(format!(
                "listener {name} of {}, of protocol {protocol}, is one for {}s",
                owner.called, route.kind
            ))
        }
    }
}

/// Whether a host is of both a listener and a route. Connections of TCP and UDP have none.
fn hosts(listener: &Listener, route: &Route) -> bool {
    let hostless =
        matches!(route.kind, "TCPRoute" | "UDPRoute") || matches!(&*listener.protocol, "TCP" | "UDP");
    match &listener.hostname {
        Some(own) if !hostless && !route.hostnames.is_empty() => {
            route.hostnames.iter().any(|one| shared(own, one))
        }
        _ => true,
    }
}

/// Whether two hostnames have a host in common; `*.` stands for one label or more.
fn shared(one: &str, other: &str) -> bool {
    let under = |suffix: &str, host: &str| host.len() > suffix.len() && host.ends_with(suffix);
    match (one.strip_prefix('*'), other.strip_prefix('*')) {
        (None, None) => one == other,
        (Some(suffix), None) => under(suffix, other),
        (None, Some(suffix)) => under(suffix, one),
        (Some(one), Some(other)) => one.ends_with(other) || other.ends_with(one),
    }
}

/// The label that every namespace has: its name.
const NAME: &str = "kubernetes.io/metadata.name";

/// Whether something is taken from a namespace into another. `by` says who takes what.
fn from(index: &Index<'_>, allowed: &Namespaces, (into, of): (&str, &str), by: &str) -> Stand {
    match allowed {
        Namespaces::Same => Stand::of(into == of),
        Namespaces::All => Stand::sure(),
        Namespaces::None => Stand::Not,
        Namespaces::Unread => Stand::doubt(format!("namespace {of} is one that {by}")),
        Namespaces::Selector(selector) => selected(index, selector, of, by),
    }
}

fn selected(index: &Index<'_>, selector: &LabelSelector, of: &str, by: &str) -> Stand {
    let name = (NAME.into(), of.into());
    if let Some(meta) = index.namespace(of) {
        let mut labels = meta.labels.to_vec();
        if meta.label(NAME).is_none() {
            labels.push(name);
        }
        return match selects(selector, &labels) {
            Some(is) => Stand::of(is),
            None => Stand::doubt(format!("namespace {of} is one that {by}")),
        };
    }
    // Of a namespace that nobody listed, its name is known.
    let labels = [name];
    let known = |one: &&Requirement| *one.key == *NAME && readable(one);
    if !selector.0.iter().filter(known).all(|one| one.holds(&labels)) {
        return Stand::Not;
    }
    if selector.0.iter().all(|one| known(&one)) {
        return Stand::sure();
    }
    Stand::doubt(format!(
        "namespace {of}, whose labels were not listed, is one that {by}"
    ))
}

/// Whether some part of the API was read from a server.
pub(super) fn served(facts: &Facts) -> bool {
    let own = [
        "GatewayClass",
        "Gateway",
        "ListenerSet",
        "XListenerSet",
        "ReferenceGrant",
    ];
    own.iter()
        .chain(&crate::facts::ROUTES)
        .any(|kind| facts.listed(kind))
}

#[cfg(test)]
mod tests {
    use super::shared;

    #[test]
    fn hosts_that_two_names_share() {
        for (one, other, are) in [
            ("a.example", "a.example", true),
            ("a.example", "b.example", false),
            ("*.example", "a.example", true),
            ("*.example", "a.b.example", true),
            ("*.example", "example", false),
            ("*.example", "aexample", false),
            ("*.example", ".example", false),
            ("*.example", "*.example", true),
            ("*.example", "*.b.example", true),
            ("*.a.example", "*.b.example", false),
            ("*.ab.example", "*.b.example", false),
            ("*", "a.example", true),
        ] {
            assert_eq!(shared(one, other), are, "{one} {other}");
            assert_eq!(shared(other, one), are, "{other} {one}");
        }
    }
}
