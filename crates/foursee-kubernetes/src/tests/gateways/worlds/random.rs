//! Worlds of few names, so that most of it meets.

use super::API;
use super::slow::live;
use crate::tests::Dice;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NAMESPACES: [&str; 3] = ["a", "b", "c"];
/// Most of it meets.
const WITHIN: [&str; 6] = ["a", "a", "a", "a", "b", "c"];

fn conditions(dice: &mut Dice) -> Value {
    let mut all = Vec::new();
    for sort in ["Accepted", "Programmed", "ResolvedRefs", "Conflicted"] {
        let status = match (sort, dice.roll(30)) {
            ("Conflicted", 0) => "True",
            ("Conflicted", _) | (_, 1) => "False",
            (_, 2) => "Unknown",
            (_, 3) => continue,
            _ => "True",
        };
        let seen = if dice.roll(30) == 0 { 1 } else { 2 };
        all.push(json!({"type": sort, "status": status, "observedGeneration": seen}));
    }
    json!(all)
}

fn object(dice: &mut Dice, kind: &str, name: &str, spec: Value) -> Value {
    let mut one = json!({"apiVersion": format!("{API}/v1"), "kind": kind, "spec": spec,
        "metadata": {"name": name, "namespace": dice.pick(&WITHIN), "generation": 2}});
    if dice.roll(6) > 0 {
        one["metadata"]["uid"] = json!(format!("{kind}{name}{}", dice.roll(1000)));
    }
    one
}

fn from(dice: &mut Dice) -> Value {
    match dice.roll(14) {
        0 => json!(null),
        1 => json!({"from": "Same"}),
        2 => json!({"from": "None"}),
        3 => json!({"from": "Other"}),
        4 => json!({"from": "Selector"}),
        5 => json!({"from": "Selector", "selector": {"matchLabels": {"edge": "yes"}}}),
        6 => {
            json!({"from": "Selector", "selector": {"matchLabels": {"kubernetes.io/metadata.name": dice.pick(&NAMESPACES)}}})
        }
        _ => json!({"from": "All"}),
    }
}

const HOSTS: [&str; 6] = ["a.x.io", "*.x.io", "b.x.io", "*.a.x.io", "x.io", "*.y.io"];
const KINDS: [&str; 5] = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

fn listeners(dice: &mut Dice) -> Value {
    let one = |at: usize, dice: &mut Dice| {
        let protocol = dice.pick(&[
            "HTTP", "HTTP", "HTTP", "HTTP", "HTTPS", "HTTPS", "TLS", "TLS", "TCP", "UDP", "x.io/own",
        ]);
        let mut one = json!({"name": format!("l{at}"), "port": 80 + dice.roll(2), "protocol": protocol, "allowedRoutes": {"namespaces": from(dice)}});
        if dice.roll(3) == 0 {
            one["hostname"] = json!(dice.pick(&HOSTS));
        }
        if dice.roll(4) == 0 {
            let all: Vec<Value> = dice
                .some(&KINDS, 2)
                .into_iter()
                .map(|kind| json!({"kind": kind}))
                .collect();
            one["allowedRoutes"]["kinds"] = json!(all);
        }
        if ["HTTPS", "TLS"].contains(&protocol) {
            let refs: Vec<Value> = (0..dice.roll(3))
                .map(|_| json!({"name": "cert", "namespace": dice.pick(&WITHIN)}))
                .collect();
            one["tls"] = json!({"mode": dice.pick(&["Terminate", "Passthrough"]), "certificateRefs": refs});
        }
        one
    };
    (0..1 + dice.roll(2)).map(|at| one(at, dice)).collect()
}

fn status(dice: &mut Dice) -> Value {
    let mut status = json!({"conditions": conditions(dice)});
    if dice.roll(3) == 0 {
        status["listeners"] = json!([{"name": "l0", "conditions": conditions(dice)}]);
    }
    if dice.roll(4) == 0 {
        status["addresses"] = json!([{"value": dice.pick(&["10.0.0.1", "203.0.113.9"])}]);
    }
    status
}

fn parent(dice: &mut Dice) -> Value {
    let mut one = match dice.roll(8) {
        0 => json!({"group": "", "kind": "Service", "name": "s0"}),
        1 | 2 => json!({"kind": "ListenerSet", "name": "set", "group": API}),
        _ => json!({"name": dice.pick(&["g0", "g1"])}),
    };
    if dice.roll(4) > 0 {
        one["namespace"] = json!(dice.pick(&WITHIN));
    }
    if dice.roll(7) == 0 {
        one["sectionName"] = json!(dice.pick(&["l0", "l1"]));
    }
    if dice.roll(6) == 0 {
        one["port"] = json!(80 + dice.roll(2));
    }
    one
}

fn backend(dice: &mut Dice) -> Value {
    let mut one = json!({"name": dice.pick(&["s0", "s1"]), "port": 80 + dice.roll(2)});
    if dice.roll(2) == 0 {
        one["namespace"] = json!(dice.pick(&NAMESPACES));
    }
    if dice.roll(5) == 0 {
        one["weight"] = json!(dice.roll(2));
    }
    if dice.roll(8) == 0 {
        one["kind"] = json!("ServiceImport");
        one["group"] = json!("multicluster.x-k8s.io");
    }
    if dice.roll(9) == 0 {
        one["port"] = json!(null);
    }
    one
}

fn route(dice: &mut Dice, name: &str) -> Value {
    let kind = dice.pick(&[
        "HTTPRoute",
        "HTTPRoute",
        "GRPCRoute",
        "TLSRoute",
        "TCPRoute",
        "UDPRoute",
    ]);
    let parents: Vec<Value> = (0..1 + dice.roll(3)).map(|_| parent(dice)).collect();
    let rules: Vec<Value> = (0..1 + dice.roll(2))
        .map(|_| {
            let backends: Vec<Value> = (0..dice.roll(3)).map(|_| backend(dice)).collect();
            let mut rule = json!({"backendRefs": backends});
            if dice.roll(5) == 0 {
                let mut to = backend(dice);
                to.as_object_mut().unwrap().remove("weight");
                rule["filters"] = json!([{"requestMirror": {"backendRef": to, "percent": dice.roll(3)}}]);
            }
            rule
        })
        .collect();
    let mut spec = json!({"parentRefs": parents, "rules": rules});
    if kind != "TCPRoute" && dice.roll(3) == 0 {
        spec["hostnames"] = json!(dice.some(&HOSTS, 2));
    }
    if dice.roll(6) == 0 {
        spec["useDefaultGateways"] = json!("All");
    }
    let mut one = object(dice, kind, name, spec);
    let mut said = Vec::new();
    for parent in parents {
        if dice.roll(8) > 0 {
            let controller = dice.pick(&["x.io/one", "x.io/one", "x.io/one", "x.io/two"]);
            said.push(
                json!({"parentRef": parent, "controllerName": controller, "conditions": conditions(dice)}),
            );
        }
    }
    one["status"] = json!({"parents": said});
    one
}

pub(super) fn random(dice: &mut Dice) -> (Vec<Value>, Vec<&'static str>) {
    let mut all = Vec::new();
    for namespace in NAMESPACES {
        if dice.roll(3) > 0 {
            let labels = if dice.roll(2) == 0 {
                json!({"edge": "yes"})
            } else {
                json!({})
            };
            all.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "uid": namespace, "labels": labels}}));
        }
    }
    for class in ["one", "two"] {
        if dice.roll(5) > 0 {
            let mut class = object(dice, "GatewayClass", class, json!({"controllerName": "x.io/one"}));
            class["metadata"].as_object_mut().unwrap().remove("namespace");
            class["status"] = json!({"conditions": conditions(dice)});
            all.push(class);
        }
    }
    for name in ["g0", "g1", "g1"] {
        let mut spec =
            json!({"gatewayClassName": dice.pick(&["one", "one", "two"]), "listeners": listeners(dice)});
        if dice.roll(3) == 0 {
            spec["allowedListeners"] = json!({"namespaces": from(dice)});
        }
        if dice.roll(4) == 0 {
            spec["defaultScope"] = json!("All");
        }
        if dice.roll(10) == 0 {
            spec["infrastructure"] =
                json!({"annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}});
        }
        if dice.roll(8) == 0 {
            spec["addresses"] = json!([{"value": "10.0.0.2"}]);
        }
        let mut one = object(dice, "Gateway", name, spec);
        one["status"] = status(dice);
        all.push(one);
    }
    if dice.roll(2) == 0 {
        let to = json!({"name": dice.pick(&["g0", "g1"]), "namespace": dice.pick(&WITHIN), "kind": dice.pick(&["Gateway", "Gateway", "Gateway", "ListenerSet"])});
        let spec = json!({"parentRef": to, "listeners": listeners(dice)});
        let mut one = object(dice, "ListenerSet", "set", spec);
        one["status"] = status(dice);
        all.push(one);
    }
    for at in 0..1 + dice.roll(4) {
        let name = format!("r{at}");
        all.push(route(dice, &name));
    }
    for at in 0..dice.roll(4) {
        let from = json!({"group": API, "kind": dice.pick(&["HTTPRoute", "HTTPRoute", "Gateway", "TCPRoute"]), "namespace": dice.pick(&WITHIN)});
        let mut to = json!({"group": "", "kind": dice.pick(&["Service", "Service", "Secret"])});
        if dice.roll(3) == 0 {
            to["name"] = json!(dice.pick(&["s0", "cert"]));
        }
        let name = format!("grant{at}");
        all.push(object(
            dice,
            "ReferenceGrant",
            &name,
            json!({"from": [from], "to": [to]}),
        ));
    }
    // One object of a name in a namespace: two of a server are no world.
    let mut names = BTreeSet::new();
    all.retain(|one| {
        names.insert(format!(
            "{} {} {} {}",
            one["kind"],
            one["metadata"]["namespace"],
            one["metadata"]["name"],
            live(one)
        ))
    });
    let listed = ["ReferenceGrant", "GatewayClass"]
        .into_iter()
        .filter(|_| dice.roll(2) == 0)
        .collect();
    (all, listed)
}
