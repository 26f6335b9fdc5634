//! What of the API is missing or not read, by what the rest of it shows. A cluster without any of it has no such gap.

use super::attach::{Sort, attached, gateway_of, of_protocol, served, sort};
use super::index::Index;
use super::stand::Stand;
use super::{GROUP, attach};
use crate::facts::{Facts, Listener, Meta, Namespaces, ROUTES, Reference, Route, Word};
use foursee_core::document::Place;
use foursee_core::model::{Gap, Reason};
use hashbrown::HashSet;
use std::collections::{BTreeMap, BTreeSet};

const REACHED: &str = "which workloads the internet reaches through Gateways";

/// So many objects are written out.
const NAMED: usize = 3;

pub(crate) fn gaps(facts: &Facts) -> Vec<Gap> {
    if facts.routes.is_empty() && !served(facts) {
        return Vec::new();
    }
    let index = Index::new(facts);
    let mut all = missing(&index);
    all.extend(unread(&index));
    all.extend(contradictions(&index));
    all
}

fn missing(index: &Index<'_>) -> Vec<Gap> {
    let facts = index.facts;
    let mut needed: BTreeMap<&str, Option<Place>> = BTreeMap::new();
    let mut need = |kind: &'static str, place: Option<Place>| {
        let known = needed.entry(kind).or_insert(place);
        *known = (*known).into_iter().chain(place).min();
    };
    if served(facts) {
        need("Gateway", None);
    }
    for route in index.routes() {
        for parent in &route.parents {
            let namespace = parent.namespace.as_deref().unwrap_or(&route.meta.namespace);
            match sort(parent) {
                Sort::Gateway if index.gateway(namespace, &parent.name).is_none() => {
                    need("Gateway", Some(route.meta.place));
                }
                Sort::ListenerSet(kind) => match index.set(kind, namespace, &parent.name) {
                    None => need(kind, Some(route.meta.place)),
                    Some(set) if gateway_of(index, set).is_none() => {
                        need("Gateway", Some(set.meta.place));
                    }
                    Some(_) => {}
                },
                _ => {}
            }
        }
        if route.backends.iter().any(|one| crosses(one, &route.meta)) {
            need("ReferenceGrant", Some(route.meta.place));
        }
    }
    let sets = ["ListenerSet", "XListenerSet"];
    let mut listen = |meta: &Meta, listeners: &[Listener]| {
        for one in listeners {
            if meta.live {
                for kind in expected(one) {
                    need(kind, Some(meta.place));
                }
            }
            if one.certificates.iter().any(|one| crosses(one, meta)) {
                need("ReferenceGrant", Some(meta.place));
            }
        }
    };
    for set in index.sets() {
        listen(&set.meta, &set.listeners);
    }
    for gateway in index.gateways() {
        listen(&gateway.meta, &gateway.listeners);
    }
    for gateway in index.gateways().iter().filter(|one| one.meta.live) {
        need("GatewayClass", Some(gateway.meta.place));
        if gateway.sets != Namespaces::None && !sets.iter().any(|kind| facts.listed(kind)) {
            need("ListenerSet", Some(gateway.meta.place));
        }
    }
    let unlisted = needed.into_iter().filter(|(kind, _)| !facts.listed(kind));
    unlisted
        .map(|(kind, place)| {
            let hides = match kind {
                "GatewayClass" => "whether anybody takes up their Gateways, and who",
                "ReferenceGrant" => "which references to other namespaces are granted",
                _ => REACHED,
            };
            let plural = match kind {
                "GatewayClass" => "gatewayclasses".to_owned(),
                other => format!("{}s", other.to_lowercase()),
            };
            let gap = Gap::new(Reason::NotCaptured, format!("objects of kind {kind}"))
                .facet(match facts.kinds.get(kind) {
                    Some(_) => "those of the server: only manifests hold some",
                    None => "",
                })
                .hides(hides)
                .closes(format!("kubectl get {plural} -A -o json"));
            match place {
                Some(place) => gap.at(place),
                None => gap,
            }
        })
        .collect()
}

/// What objects name and a listing of its kind does not hold.
pub(crate) struct Unlisted {
    pub target: &'static str,
    pub hides: &'static str,
    /// The kind of documents.
    pub kind: &'static str,
    pub closes: &'static str,
    /// The names, each with the place of who names it.
    pub named: Vec<(String, Place)>,
}

/// The same of the API: a listing may be one page of several.
pub(crate) fn unlisted(facts: &Facts) -> Vec<Unlisted> {
    if facts.routes.is_empty() && facts.gateways.is_empty() {
        return Vec::new();
    }
    let index = Index::new(facts);
    let services: HashSet<(&str, &str)> = facts
        .services
        .iter()
        .filter(|one| !one.ingress)
        .map(|one| (&*one.meta.namespace, &*one.meta.name))
        .collect();
    let [mut classes, mut parents, mut behind] = [Vec::new(), Vec::new(), Vec::new()];
    for gateway in index.gateways() {
        if facts.listed("GatewayClass") && index.class(&gateway.class).is_none() {
            classes.push((gateway.class.to_string(), gateway.meta.place));
        }
    }
    for route in index.routes() {
        let within = |one: &Reference| match &one.namespace {
            Some(other) => other.to_string(),
            None => route.meta.namespace.to_string(),
        };
        for parent in &route.parents {
            let (namespace, name) = (within(parent), &*parent.name);
            let gone = match sort(parent) {
                Sort::Gateway => facts.listed("Gateway") && index.gateway(&namespace, name).is_none(),
                Sort::ListenerSet(kind) => facts.listed(kind) && index.set(kind, &namespace, name).is_none(),
                Sort::Mesh | Sort::Other => false,
            };
            if gone {
                parents.push((format!("{namespace}/{name}"), route.meta.place));
            }
        }
        for backend in route.backends.iter().filter(|_| facts.listed("Service")) {
            let namespace = within(backend);
            let service = backend.group.is_empty() && *backend.kind == *"Service";
            if service && !services.contains(&(&*namespace, &*backend.name)) {
                behind.push((format!("{namespace}/{}", backend.name), route.meta.place));
            }
        }
    }
    let of = |target, hides, kind, closes, named| Unlisted {
        target,
        hides,
        kind,
        closes,
        named,
    };
    vec![
        of(
            "GatewayClasses that Gateways name",
            "whether anybody takes up their Gateways, and who",
            "gateways",
            "kubectl get gatewayclasses -o json",
            classes,
        ),
        of(
            "Gateways and ListenerSets that routes name",
            REACHED,
            "gateways",
            "kubectl get gateways,listenersets -A -o json",
            parents,
        ),
        of(
            "Services that routes lead to",
            REACHED,
            "services",
            "kubectl get services -A -o json",
            behind,
        ),
    ]
}

/// Whether a reference to what needs a grant leads to another namespace.
fn crosses(one: &Reference, from: &Meta) -> bool {
    one.group.is_empty()
        && matches!(&*one.kind, "Service" | "Secret")
        && one.namespace.as_deref().is_some_and(|to| *to != *from.namespace)
}

/// The kinds of routes that a listener takes: by its controller's word, else by its spec.
fn expected(listener: &Listener) -> Vec<&'static str> {
    let named = [&listener.supported, &listener.kinds]
        .into_iter()
        .find(|all| !all.is_empty());
    let by_protocol = of_protocol(listener).unwrap_or_default();
    let is = |kind: &&str| match named {
        Some(all) => all.iter().any(|(group, of)| **group == *GROUP && **of == **kind),
        None => by_protocol.contains(kind),
    };
    ROUTES.into_iter().filter(|kind| is(kind)).collect()
}

/// What a reference is to, as `Kind.group`.
fn kind_of(one: &Reference) -> String {
    match &*one.group {
        "" => one.kind.to_string(),
        group => format!("{}.{group}", one.kind),
    }
}

fn unread(index: &Index<'_>) -> Vec<Gap> {
    let mut backends: BTreeMap<String, BTreeSet<(String, Place)>> = BTreeMap::new();
    let mut parents = backends.clone();
    let called = |route: &Route| format!("{} {}", route.kind, route.meta.full_name());
    for route in index.routes() {
        for one in &route.backends {
            if !(one.group.is_empty() && *one.kind == *"Service") {
                let of = backends.entry(kind_of(one)).or_default();
                of.insert((called(route), route.meta.place));
            }
        }
        for one in route.parents.iter().filter(|one| sort(one) == Sort::Other) {
            let of = parents.entry(kind_of(one)).or_default();
            of.insert((called(route), route.meta.place));
        }
    }
    let gap = |what: String, facet: &str, of: &BTreeSet<(String, Place)>, hides: &str| {
        let mut names: Vec<&str> = of.iter().take(NAMED).map(|(name, _)| &**name).collect();
        let more = format!("{} more", of.len().saturating_sub(NAMED));
        if of.len() > NAMED {
            names.push(&more);
        }
        let gap = Gap::new(Reason::Unsupported, what)
            .facet(format!("{facet} {}", names.join(", ")))
            .hides(hides)
            .closes("nothing: this version of foursee does not read the kind");
        match of.iter().map(|(_, place)| *place).min() {
            Some(place) => gap.at(place),
            None => gap,
        }
    };
    let backends = backends.iter().map(|(kind, of)| {
        gap(
            format!("backends of kind {kind}"),
            "those of",
            of,
            "which workloads are behind them",
        )
    });
    let parents = parents.iter().map(|(kind, of)| {
        let hides = "whether they lead from outside to the routes' backends";
        gap(format!("parents of kind {kind}"), "those of", of, hides)
    });
    backends.chain(parents).collect()
}

/// Routes that a parent's controller says it took, though its spec takes no such route.
fn contradictions(index: &Index<'_>) -> Vec<Gap> {
    let mut all = Vec::new();
    for route in index.routes() {
        for one in attached(index, route) {
            let attach::Attached {
                by_spec, accepted, ..
            } = &one;
            if (by_spec, accepted) == (&Stand::Not, &Some(Word::Taken)) {
                all.push(
                    Gap::new(
                        Reason::Ambiguous,
                        format!("{} {}", route.kind, route.meta.full_name()),
                    )
                    .facet(format!(
                        "its status says that {} takes it, whose listeners do not",
                        one.parent
                    ))
                    .hides("which of the two is true: it is read as not taken there")
                    .closes(
                        "one export of one moment; else what the Gateway's controller does beside the API",
                    )
                    .at(route.meta.place),
                );
            }
        }
    }
    all
}
