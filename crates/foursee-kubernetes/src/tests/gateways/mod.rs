//! The Gateway API: each of its rules by hand, what is missing, what is hostile, and a second reading of random worlds.

mod attach;
mod backends;
mod facing;
mod gaps;
mod hostile;
mod status;
mod worlds;

use super::network::{entered, gaps as all_gaps, listed, web, world};
use crate::Kubernetes;
use foursee_core::conformance::opened;
use serde_json::{Value, json};

const API: &str = "gateway.networking.k8s.io/v1";

/// Conditions of an object's status.
fn conditions(all: &[(&str, &str)]) -> Value {
    let one =
        |(sort, status): &(&str, &str)| json!({"type": sort, "status": status, "observedGeneration": 2});
    all.iter().map(one).collect()
}

fn taken() -> Value {
    conditions(&[("Accepted", "True"), ("Programmed", "True")])
}

/// An object as a server has it; `changed` is put over its parts.
fn object(kind: &str, name: &str, whole: Value, changed: Value) -> Value {
    let (namespace, name) = name.split_once('/').unwrap_or(("", name));
    let mut whole = json!({"apiVersion": API, "kind": kind, "spec": whole["spec"], "status": whole["status"],
        "metadata": {"name": name, "namespace": namespace, "uid": format!("{kind}-{name}"), "generation": 2}});
    over(&mut whole, changed);
    whole
}

/// Puts one value over another, member by member.
fn over(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                over(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn class(changed: Value) -> Value {
    let whole = json!({"spec": {"controllerName": "example.com/proxy"}, "status": {"conditions": taken()}});
    object("GatewayClass", "proxy", whole, changed)
}

fn listener(changed: Value) -> Value {
    let mut whole = json!({"name": "web", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}});
    over(&mut whole, changed);
    whole
}

fn gateway(changed: Value) -> Value {
    let whole = json!({"spec": {"gatewayClassName": "proxy", "listeners": [listener(json!({}))]}, "status": {"conditions": taken()}});
    object("Gateway", "infra/site", whole, changed)
}

/// A route to port 80 of Service shop/web, of which Gateway infra/site says that it takes it.
fn route(changed: Value) -> Value {
    let parent = json!({"name": "site", "namespace": "infra"});
    let whole = json!({"spec": {"parentRefs": [parent], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
        "status": {"parents": [said(parent.clone())]}});
    object("HTTPRoute", "shop/web", whole, changed)
}

/// What a controller says of a route at a parent.
fn said(parent: Value) -> Value {
    json!({"parentRef": parent, "controllerName": "example.com/proxy",
        "conditions": conditions(&[("Accepted", "True"), ("ResolvedRefs", "True")])})
}

/// The route with parents of which each takes it.
fn at(parents: &[Value]) -> Value {
    let status: Vec<Value> = parents.iter().cloned().map(said).collect();
    json!({"spec": {"parentRefs": parents}, "status": {"parents": status}})
}

fn service() -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop", "uid": "s"},
        "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}, {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53}]}})
}

fn namespace(name: &str, labels: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": format!("ns-{name}"), "labels": labels}})
}

/// An empty listing.
fn none(kind: &str) -> Value {
    json!({"apiVersion": API, "kind": format!("{kind}List"), "items": []})
}

/// The pod and its Service, and that nothing else is there.
fn around() -> Vec<Value> {
    vec![web(json!({})), service(), listed(&[]), none("ReferenceGrant")]
}

/// Who comes in where.
fn entries(objects: &[Value]) -> Vec<String> {
    let texts: Vec<(String, String)> = objects
        .iter()
        .enumerate()
        .map(|(at, one)| (format!("{at}.json"), one.to_string()))
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (&**name, &**text)).collect();
    entered(&opened(Kubernetes, &texts).unwrap().1)
}

/// The same, beside the pod and its Service.
fn ways(objects: &[Value]) -> Vec<String> {
    entries(&[&around(), objects].concat())
}

/// The one way, without what it always says; none where there is no way.
fn way(objects: &[Value]) -> Option<String> {
    let found = ways(objects);
    assert!(found.len() < 2, "{found:?}");
    let one = found.into_iter().next()?;
    let open = "pod shop/web internet-facing gateway infra/site through ";
    let (by, condition) = one.strip_prefix(open)?.split_once(" shop/web").unwrap();
    assert!(by.ends_with("Route"), "{by}");
    Some(condition.trim_start_matches(", if ").to_owned())
}

/// A way without a condition.
const OPEN: Option<&str> = Some("");

/// The way by a route that is changed so.
fn by_route(changed: Value) -> Option<String> {
    way(&[class(json!({})), gateway(json!({})), route(changed)])
}

fn by_gateway(changed: Value) -> Option<String> {
    way(&[class(json!({})), gateway(changed), route(json!({}))])
}

fn by_listener(changed: Value) -> Option<String> {
    by_gateway(json!({"spec": {"listeners": [listener(changed)]}}))
}
