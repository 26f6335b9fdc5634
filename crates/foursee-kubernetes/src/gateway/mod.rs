//! Where the Gateway API leads: from which Gateway a route leads to which Service, as the API says it.
//!
//! A route is attached to a parent where one of the parent's listeners, of those that it names by section and port, takes
//! its kind (by the protocol, and by `allowedRoutes.kinds`), its namespace and one of its hosts. Listeners of a Gateway
//! and those that ListenerSets add to it are apart: a route names the one or the other. What a route, or a listener, refers
//! to in another namespace takes a ReferenceGrant there.
//!
//! Who is right, spec or status? Spec says what a controller that keeps to the API does, status is a controller's own word
//! of what it did. So a way takes both: the spec allows it, and the status of what was read from a server says so. Where the
//! status refuses (`Accepted` is False, for the object as it now is), there is no way. Where it is silent (no controller has
//! taken the object up, or none has seen its newest form) the way has a condition. Where the spec refuses and status accepts
//! all the same, there is no way, and a gap. A manifest has no status, and is read as what it will do.
//!
//! What is not known, or cannot be read, refuses nothing: it is a condition. Absent on purpose: which of several listeners
//! or rules takes a request (a more special host, path or header), since somebody outside chooses all of these; filters of
//! implementations, and policies that attach to Gateways and routes; meshes (routes whose parent is a Service).
//!
//! Source: kubernetes-sigs/gateway-api apis/v1 {gateway,shared,httproute,tlsroute,listenerset,referencegrant}_types.go;
//! GEP-1713 (ListenerSets), GEP-3793 (default Gateways).

mod attach;
mod facing;
mod gaps;
mod grants;
mod index;
mod stand;

pub(crate) use gaps::{gaps, unlisted};

use crate::facts::{Facts, Gateway, Port, Protocol, Route};
use index::Index;
use stand::Stand;
use std::collections::{BTreeMap, BTreeSet};

/// The API's group.
pub(crate) const GROUP: &str = "gateway.networking.k8s.io";

/// The group of what is not settled yet.
pub(crate) const EXPERIMENTAL: &str = "gateway.networking.x-k8s.io";

/// A way from a Gateway that faces the internet to a Service.
pub(crate) struct Led<'f> {
    pub gateway: &'f Gateway,
    pub route: &'f Route,
    /// The Service's namespace and name.
    pub service: (&'f str, &'f str),
    /// The ports of the Service; none is all of them.
    pub ports: Option<Vec<&'f Port>>,
    pub protocol: Protocol,
    /// What has to hold besides.
    pub conditions: BTreeSet<String>,
}

/// What a route speaks to its Services.
fn protocol(route: &Route) -> Protocol {
    match route.kind {
        "UDPRoute" => Protocol::Udp,
        _ => Protocol::Tcp,
    }
}

/// Where a route leads: by Gateway and Service what has to hold, and the ports.
type To<'f> = BTreeMap<(&'f str, &'f str), (Stand, Option<Vec<&'f Port>>)>;

fn services<'f>(index: &Index<'f>, route: &'f Route, parents: &[&attach::Attached<'f>]) -> To<'f> {
    let mut all: To<'f> = BTreeMap::new();
    let backends = route.backends.iter();
    for backend in backends.filter(|one| one.group.is_empty() && *one.kind == *"Service") {
        let namespace = backend.namespace.as_deref().unwrap_or(&route.meta.namespace);
        let stand = grants::backend(index, route, parents, namespace, &backend.name);
        if stand == Stand::Not {
            continue;
        }
        let port = backend.port.as_ref().map(|port| vec![port]);
        match all.get_mut(&(namespace, &*backend.name)) {
            None => {
                all.insert((namespace, &backend.name), (stand, port));
            }
            // The same Service is granted as before.
            Some((_, known)) => match (known.as_mut(), port) {
                (Some(known), Some(port)) => known.extend(port),
                _ => *known = None,
            },
        }
    }
    all
}

/// Every way from outside by way of Gateways.
pub(crate) fn led(facts: &Facts) -> Vec<Led<'_>> {
    if facts.routes.is_empty() || facts.gateways.is_empty() {
        return Vec::new();
    }
    let index = Index::new(facts);
    let mut all = Vec::new();
    for route in index.routes() {
        let attached = attach::attached(&index, route);
        let mut by_gateway: BTreeMap<(&str, &str), Vec<&attach::Attached<'_>>> = BTreeMap::new();
        for one in attached.iter().filter(|one| one.stand != Stand::Not) {
            let meta = &one.gateway.meta;
            by_gateway
                .entry((&meta.namespace, &meta.name))
                .or_default()
                .push(one);
        }
        for parents in by_gateway.values() {
            let Some(gateway) = parents.first().map(|one| one.gateway) else {
                continue;
            };
            let stand = Stand::any(parents.iter().map(|one| one.stand.clone()))
                .and(|| facing::facing(&index, gateway));
            if stand == Stand::Not {
                continue;
            }
            for (service, (granted, ports)) in services(&index, route, parents) {
                if let Some(conditions) = stand.clone().and(|| granted).conditions() {
                    all.push(Led {
                        gateway,
                        route,
                        service,
                        ports,
                        protocol: protocol(route),
                        conditions,
                    });
                }
            }
        }
    }
    all
}
