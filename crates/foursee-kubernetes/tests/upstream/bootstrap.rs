//! The API server's own bootstrap policy, as it stands in the server that runs: nothing of it is wrong.

use crate::ask::Program;
use crate::server::{items, started};
use foursee_core::conformance::findings;
use foursee_core::model::Time;
use foursee_kubernetes::Kubernetes;
use serde_json::{Value, json};

/// What the server made by itself; other tests write beside it.
fn own(object: &Value) -> bool {
    let label = &object["metadata"]["labels"]["kubernetes.io/bootstrapping"];
    let kube = object["metadata"]["namespace"]
        .as_str()
        .is_some_and(|one| one.starts_with("kube-"));
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    label == "rbac-defaults" || (kube && name.starts_with("system:")) || object["kind"] == "Namespace"
}

fn policy(client: &mut Program) -> Vec<Value> {
    let rbac = "/apis/rbac.authorization.k8s.io/v1";
    let mut all = Vec::new();
    for list in ["clusterroles", "clusterrolebindings", "roles", "rolebindings"] {
        all.extend(items(client, &format!("{rbac}/{list}")));
    }
    all.extend(items(client, "/api/v1/namespaces"));
    all.retain(own);
    all.retain(|one| {
        let name = one["metadata"]["name"].as_str().unwrap_or_default();
        one["kind"] != "Namespace" || name == "default" || name.starts_with("kube-")
    });
    all
}

#[test]
fn the_bootstrap_policy_is_quiet_and_a_changed_one_is_not() {
    let (_server, mut client) = started();
    let mut all = policy(&mut client);
    assert!(all.len() > 100, "{}", all.len());
    let version = client.ask_one(json!({"method": "GET", "path": "/version"}))["body"].take();
    let version = json!({"serverVersion": version}).to_string();
    let found = |all: &[Value]| -> Vec<String> {
        let list = json!({"kind": "List", "apiVersion": "v1", "items": all}).to_string();
        let texts = [("policy.json", list.as_str()), ("version.json", &version)];
        let (all, _) = findings(Kubernetes, &texts, Time::default()).unwrap();
        all.into_iter()
            .map(|one| format!("{}: {}", one.rule.id, one.title))
            .collect()
    };
    assert_eq!(found(&all), Vec::<String>::new(), "of {} objects", all.len());
    println!("{} objects of the bootstrap policy: no finding", all.len());
    let admin = all
        .iter_mut()
        .find(|one| one["kind"] == "ClusterRoleBinding" && one["metadata"]["name"] == "cluster-admin")
        .unwrap();
    admin["subjects"] = json!([{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "eve"}]);
    assert!(!found(&all).is_empty());
}
