//! Who outside reaches the cluster's workloads, and whoever reaches the API server without a credential.
//!
//! A load balancer that faces the internet leads to the pods of its Service, and so does a Gateway through its routes.
//! What leads there by way of a node (a node port, an address that nodes take for a Service, a port of the node itself)
//! does so for whoever reaches nodes, which no export says: such an entry has a condition. So has one that NetworkPolicies
//! shut, since policies do nothing unless the network plugin enforces them.

use super::facing::internet_facing;
use crate::facts::{Backend, ContainerPort, Facts, Port, Protocol, Service, ServicePort, Workload};
use crate::gateway;
use crate::network::{admits, numbers};
use crate::techniques::*;
use crate::workloads::Group;
use foursee_core::document::Place;
use foursee_core::estate::Lowering;
use foursee_core::model::Foothold;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Under which condition what nodes open is reached.
const NODES: &str = "somebody outside reaches the addresses of its nodes";
const EXTERNAL: &str = "somebody outside reaches the Service's external IPs, and they lead to a node";

/// From where something comes to a pod.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// From an address outside the cluster.
    Outside,
    /// From an ingress controller, which may be pods of the cluster.
    Controller,
}

/// A way to the pods of a Service.
struct Way<'f> {
    why: String,
    condition: Option<String>,
    from: From,
    service: &'f Service,
    /// The ports of the Service that it leads to; none is all of them.
    ports: Option<Vec<&'f Port>>,
    /// What it speaks there; none is whatever the ports are for.
    protocol: Option<Protocol>,
    place: Place,
}

/// What policies say of an entry, the most open first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Let {
    In,
    /// Those that the named policies let in.
    Some(String),
    /// Nobody, by the named policies.
    Nobody(String),
}

impl Let {
    fn condition(&self) -> Option<String> {
        match self {
            Self::In => None,
            Self::Some(by) => Some(format!("it comes from whom {by} lets in")),
            Self::Nobody(by) => Some(format!(
                "{by}, which lets no such traffic in, is not enforced there"
            )),
        }
    }
}

/// What policies say of traffic to a port of a pod.
fn let_in(facts: &Facts, pod: &Workload, from: From, at: Option<(Protocol, u16)>) -> Let {
    let all = admits(facts, pod, at);
    let some = !all.blocks.is_empty() || (all.pods && from == From::Controller);
    match (all.anyone, some) {
        (true, _) => Let::In,
        (false, true) => Let::Some(super::policies(&all.by)),
        (false, false) => Let::Nobody(super::policies(&all.by)),
    }
}

/// What policies say of traffic to a pod through ports of its Service; none where no port leads to the pod.
fn through(facts: &Facts, pod: &Workload, way: &Way<'_>) -> Option<Let> {
    let all = &way.service.ports;
    if all.is_empty() {
        return Some(let_in(facts, pod, way.from, None));
    }
    let meant = |one: &&ServicePort| {
        let is = |port: &Port| match port {
            Port::Number(number) => one.port == Some(*number),
            Port::Name(name) => one.name == *name,
        };
        let spoken = way.protocol.is_none() || one.protocol.is_none() || way.protocol == one.protocol;
        let named = way.ports.as_ref();
        spoken && named.is_none_or(|ports| ports.iter().any(|port| is(port)))
    };
    let asked = |one: &ServicePort| -> Vec<Option<(Protocol, u16)>> {
        match (&one.target, one.protocol) {
            (Some(Port::Number(number)), Some(protocol)) => vec![Some((protocol, *number))],
            (Some(Port::Name(name)), Some(protocol)) => {
                let found = numbers(pod, name, protocol).into_iter();
                found.map(|number| Some((protocol, number))).collect()
            }
            _ => vec![None],
        }
    };
    let ports = all.iter().filter(meant).flat_map(asked);
    ports.map(|at| let_in(facts, pod, way.from, at)).min()
}

/// The ways to pods of Services.
fn ways(facts: &Facts) -> Vec<Way<'_>> {
    let services: HashMap<String, &Service> = facts
        .services
        .iter()
        .filter(|one| !one.ingress)
        .map(|one| (one.meta.full_name(), one))
        .collect();
    let mut all = Vec::new();
    for open in &facts.services {
        let facing = internet_facing(open);
        let why = |open: String| format!("internet-facing {open}");
        if open.ingress {
            let Some(facing) = facing else { continue };
            let mut backends: BTreeMap<&str, Vec<&Backend>> = BTreeMap::new();
            for one in &open.backends {
                backends.entry(&one.service).or_default().push(one);
            }
            for (name, of) in backends {
                let Some(service) = services.get(&format!("{}/{name}", open.meta.namespace)) else {
                    continue;
                };
                all.push(Way {
                    why: why(facing.clone()),
                    condition: None,
                    from: From::Controller,
                    service,
                    ports: of.iter().map(|one| one.port.as_ref()).collect(),
                    protocol: None,
                    place: open.meta.place,
                });
            }
            continue;
        }
        let mut way = |why: String, condition: Option<&'static str>| {
            all.push(Way {
                why,
                condition: condition.map(str::to_owned),
                from: From::Outside,
                service: open,
                ports: None,
                protocol: None,
                place: open.meta.place,
            });
        };
        let name = open.meta.full_name();
        let by_node = &*open.sort == "NodePort" || open.ports.iter().any(|one| one.node_port != 0);
        match facing {
            Some(facing) => way(why(facing), None),
            None if by_node => way(format!("a port of every node for service {name}"), Some(NODES)),
            None => {}
        }
        if !open.external_ips.is_empty() {
            way(format!("external IPs of service {name}"), Some(EXTERNAL));
        }
    }
    for led in gateway::led(facts) {
        let (namespace, name) = led.service;
        let Some(service) = services.get(&format!("{namespace}/{name}")) else {
            continue;
        };
        let conditions: Vec<String> = led.conditions.into_iter().collect();
        all.push(Way {
            why: format!(
                "internet-facing gateway {} through {} {}",
                led.gateway.meta.full_name(),
                led.route.kind,
                led.route.meta.full_name()
            ),
            condition: (!conditions.is_empty()).then(|| conditions.join(" and ")),
            from: From::Controller,
            service,
            ports: led.ports,
            protocol: Some(led.protocol),
            place: led.route.meta.place,
        });
    }
    all.retain(|way| !way.service.selector.is_empty());
    all
}

/// The ports of a pod that its node opens.
fn of_node(pod: &Workload) -> impl Iterator<Item = &ContainerPort> {
    let ports = pod.pod.containers.iter().flat_map(|one| &one.ports);
    ports.filter(|one| !one.loopback && (one.host_port != 0 || pod.pod.host_network))
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let mut within: HashMap<&str, Vec<(&Group, Vec<&Workload>)>> = HashMap::new();
    // (workload, why) -> under which condition it is, what policies say, and where it is said.
    let mut marks: BTreeMap<(&str, String), (Option<String>, Let, Place)> = BTreeMap::new();
    for group in &facts.groups.all {
        let on_node = facts
            .network
            .sorts(group.rows(facts).filter(|row| of_node(row).next().is_some()));
        let open = on_node.into_iter().filter_map(|row| {
            let ports = of_node(row).map(|one| Some((one.protocol, one.number)));
            let found = ports.map(|at| let_in(facts, row, From::Outside, at)).min()?;
            Some((found, row.pod.place))
        });
        if let Some((found, place)) = open.min() {
            marks.insert(
                (&group.name, "ports of its node".to_owned()),
                (Some(NODES.to_owned()), found, place),
            );
        }
        within
            .entry(&group.namespace)
            .or_default()
            .push((group, group.rows(facts).collect()));
    }
    for way in ways(facts) {
        let selector = &way.service.selector;
        for (group, rows) in within.get(&*way.service.meta.namespace).into_iter().flatten() {
            let selected = rows
                .iter()
                .filter(|one| selector.iter().all(|wanted| one.pod_labels.contains(wanted)));
            let sorts = facts.network.sorts(selected.copied());
            let Some(found) = sorts
                .into_iter()
                .filter_map(|pod| through(facts, pod, &way))
                .min()
            else {
                continue;
            };
            let mark = (way.condition.clone(), found, way.place);
            let known = marks
                .entry((&group.name, way.why.clone()))
                .or_insert_with(|| mark.clone());
            if (&mark.0, &mark.1) < (&known.0, &known.1) {
                *known = mark;
            }
        }
    }
    // What is open anyway needs no condition.
    let open: BTreeSet<&str> = marks
        .iter()
        .filter(|(_, (condition, found, _))| *found == Let::In && condition.is_none())
        .map(|((name, _), _)| *name)
        .collect();
    for ((name, why), (condition, found, place)) in &marks {
        let all: Vec<String> = condition.clone().into_iter().chain(found.condition()).collect();
        if !all.is_empty() && open.contains(name) {
            continue;
        }
        let pod = out.node(&POD, name);
        let condition = out.condition(&all.join(" and "));
        out.entry(pod, Foothold::Runs, why.clone(), *place)
            .when(condition);
    }
    anonymous(facts, out);
}

/// Whoever reaches the API server without a credential.
fn anonymous(facts: &Facts, out: &mut Lowering<'_>) {
    let nobody = ["system:anonymous", "system:unauthenticated"];
    for binding in &facts.bindings {
        if crate::rules::default_anonymous(binding) {
            continue;
        }
        for subject in binding.subjects.iter().filter(|one| nobody.contains(&&*one.name)) {
            let user = out.node(&USER, "system:anonymous");
            out.entry(
                user,
                Foothold::Acts,
                "whoever reaches the API server, without a credential",
                subject.place,
            );
        }
    }
}
