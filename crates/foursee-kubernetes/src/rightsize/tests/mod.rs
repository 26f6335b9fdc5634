//! Logs, the state that they are of, and what is proposed.

mod backtest;
mod counts;
mod policies;
mod requests;
mod roles;

use crate::Kubernetes;
use crate::facts::Facts;
use crate::tests::document;
use foursee_core::conformance;
use foursee_core::document::Notes;
use foursee_core::layer::Layer;
use foursee_core::model::Rung;
use foursee_core::rightsize::{Ask, Backtest, Proposals};
use serde_json::{Value, json};

/// A cluster's List, read from a server.
fn list(items: Value) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn role(namespace: &str, name: &str, rules: Value) -> Value {
    let kind = if namespace.is_empty() {
        "ClusterRole"
    } else {
        "Role"
    };
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": meta(namespace, name), "rules": rules})
}

fn meta(namespace: &str, name: &str) -> Value {
    match namespace {
        "" => json!({"name": name, "uid": name}),
        _ => json!({"name": name, "namespace": namespace, "uid": name}),
    }
}

fn binding(namespace: &str, name: &str, role: &str, subjects: Value) -> Value {
    let kind = if namespace.is_empty() {
        "ClusterRoleBinding"
    } else {
        "RoleBinding"
    };
    let (role_kind, role) = role.split_once('/').unwrap_or(("ClusterRole", role));
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": meta(namespace, name),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": role}, "subjects": subjects})
}

fn account(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta(namespace, name)})
}

fn web() -> Value {
    json!([{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}])
}

/// An event that ended: of the account shop/web, on a day of 2026.
pub(crate) fn event(verb: &str, uri: &str, object: Value, at: &str) -> Value {
    json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "x", "stage": "ResponseComplete",
        "requestURI": uri, "verb": verb,
        "user": {"username": "system:serviceaccount:shop:web",
            "groups": ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"]},
        "objectRef": object, "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": format!("2026-{at}T10:00:00.000000Z"), "stageTimestamp": format!("2026-{at}T10:00:00.100000Z"),
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "RBAC: allowed by x"}})
}

fn get(resource: &str, name: &str, at: &str) -> Value {
    event(
        "get",
        &format!("/api/v1/namespaces/shop/{resource}/{name}"),
        json!({"resource": resource, "namespace": "shop", "name": name, "apiVersion": "v1"}),
        at,
    )
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|one| format!("{one}\n")).collect()
}

/// Facts of a List and of events.
pub(crate) fn world(state: &str, events: &[Value]) -> Facts {
    let mut all = Kubernetes.parse(&document(0, state), &mut Notes::default());
    for one in events {
        Kubernetes.observe(&one.to_string(), &mut all).unwrap();
    }
    Kubernetes.seal(&mut all, &[]);
    all
}

fn ask(facts: &Facts, ask: &Ask) -> Proposals {
    let found = Kubernetes.rightsize(facts, facts, ask).unwrap();
    assert_eq!(found.refused, Vec::<String>::new());
    found
}

fn propose(facts: &Facts) -> Proposals {
    ask(facts, &Ask::default())
}

const WILD: &str = "[{\"apiGroups\": [\"*\"], \"resources\": [\"*\"], \"verbs\": [\"*\"]}]";

fn admin() -> Value {
    json!([
        role("", "everything", serde_json::from_str(WILD).unwrap()),
        binding("", "b", "everything", web()),
        account("shop", "web")
    ])
}
