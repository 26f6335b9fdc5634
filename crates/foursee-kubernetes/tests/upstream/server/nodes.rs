//! The Node authorizer and NodeRestriction: reviews and writes as nodes.

use super::{differing, held, items};
use crate::ask::Program;
use crate::node;
use crate::sample::{Dice, seeds};
use crate::world::{self, decide};
use foursee_kubernetes::facts::Facts;
use serde_json::{Value, json};

pub(super) fn nodes(client: &mut Program) {
    let namespace = |name: &str| {
        (
            "/api/v1/namespaces".to_owned(),
            json!({"kind": "Namespace", "metadata": {"name": name}}),
        )
    };
    let account = |of: &str| {
        (
            format!("/api/v1/namespaces/{of}/serviceaccounts"),
            json!({"kind": "ServiceAccount", "metadata": {"name": "a"}}),
        )
    };
    let pod = |of: &str, name: &str, node: &str, volumes: Value| {
        (
            format!("/api/v1/namespaces/{of}/pods"),
            json!({"kind": "Pod", "metadata": {"name": name}, "spec": {
                "nodeName": node, "serviceAccountName": "a", "volumes": volumes,
                "imagePullSecrets": [{"name": "b"}],
                "containers": [{"name": "c", "image": "i", "envFrom": [{"secretRef": {"name": "a"}}, {"configMapRef": {"name": "b"}}]}],
            }}),
        )
    };
    let claim = json!([{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "w", "configMap": {"name": "d"}}]);
    let ephemeral = json!([{"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}}]);
    let all = [
        namespace("n1"),
        namespace("n2"),
        account("n1"),
        account("n2"),
        (
            "/api/v1/nodes".to_owned(),
            json!({"kind": "Node", "metadata": {"name": "node1"}}),
        ),
        (
            "/api/v1/nodes".to_owned(),
            json!({"kind": "Node", "metadata": {"name": "node2"}}),
        ),
        pod("n1", "p1", "node1", claim),
        pod("n1", "p2", "node2", ephemeral.clone()),
        pod("n2", "p1", "node2", ephemeral),
        (
            "/api/v1/persistentvolumes".to_owned(),
            json!({"kind": "PersistentVolume", "metadata": {"name": "a"}, "spec": {
                "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "claimRef": {"namespace": "n1", "name": "c"},
                "csi": {"driver": "x.io", "volumeHandle": "h", "nodeStageSecretRef": {"name": "d", "namespace": "n2"}},
            }}),
        ),
        (
            "/apis/storage.k8s.io/v1/volumeattachments".to_owned(),
            json!({"kind": "VolumeAttachment", "metadata": {"name": "a"},
            "spec": {"attacher": "x.io", "nodeName": "node1", "source": {"persistentVolumeName": "a"}}}),
        ),
    ];
    for (path, mut body) in all {
        let group = path.split('/').nth(2).filter(|_| path.starts_with("/apis"));
        body["apiVersion"] = json!(group.map_or("v1".to_owned(), |group| format!("{group}/v1")));
        let answer = client.ask_one(json!({"method": "POST", "path": path, "body": body}));
        assert!(answer["code"] == 201 || answer["code"] == 409, "{path}: {answer}");
    }
    let (mut objects, _) = held(client);
    for list in [
        "/api/v1/pods",
        "/api/v1/persistentvolumes",
        "/apis/storage.k8s.io/v1/volumeattachments",
    ] {
        objects.extend(items(client, list));
    }
    let facts = world::facts(&objects);
    let mut dice = Dice::new(seeds(1, 1).start);
    let (mut questions, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..2_000 {
        let (_, mut question) = node::question(&mut dice);
        let attributes = &question["spec"]["nonResourceAttributes"];
        assert!(attributes.is_null() || attributes["path"].is_string());
        ours.push(decide(&facts, &question));
        question["apiVersion"] = json!("authorization.k8s.io/v1");
        question["kind"] = json!("SubjectAccessReview");
        questions.push(json!({"method": "POST", "path": "/apis/authorization.k8s.io/v1/subjectaccessreviews", "body": question}));
    }
    let differ = differing(client, &questions, &ours, |ours, answer| {
        answer["body"]["status"]["allowed"].as_bool() == ours["allowed"].as_bool()
    });
    let yes = ours.iter().filter(|one| one["allowed"] == true).count();
    println!(
        "server, nodes: {} reviews ({yes} allowed), {} differ",
        ours.len(),
        differ
    );
    assert!(differ == 0 && yes > 0);
    restricted(client, &facts);
}

/// What NodeRestriction refuses although it is authorized: each is said beside our yes.
fn restricted(client: &mut Program, facts: &Facts) {
    let node = |name: &str, labels: Value| json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}});
    let token =
        json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"nodeName": "node1", "containers": [{"name": "c", "image": "i"}]}});
    let lease = |name: &str| json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}});
    let leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    for (method, path, body, refused) in [
        ("POST", "/api/v1/namespaces/n1/pods", pod, true),
        ("DELETE", "/api/v1/namespaces/n1/pods/p2", Value::Null, true),
        ("DELETE", "/api/v1/namespaces/n1/pods/p1", Value::Null, false),
        ("POST", "/api/v1/nodes", node("node9", json!({})), true),
        (
            "PATCH",
            "/api/v1/nodes/node1",
            node("node1", json!({"node-restriction.kubernetes.io/a": "b"})),
            true,
        ),
        (
            "PATCH",
            "/api/v1/nodes/node1",
            node("node1", json!({"a.io/a": "b"})),
            false,
        ),
        (
            "PATCH",
            "/api/v1/nodes/node1",
            json!({"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}}),
            true,
        ),
        (
            "POST",
            "/api/v1/namespaces/n1/serviceaccounts/a/token",
            token,
            true,
        ),
        ("POST", leases, lease("node2"), true),
        ("POST", leases, lease("node1"), false),
    ] {
        let answer = client.ask_one(
            json!({"method": method, "path": format!("{path}?dryRun=All"), "body": body,
            "user": "system:node:node1", "groups": ["system:nodes"]}),
        );
        let code = answer["code"].as_u64().unwrap();
        assert_eq!(code == 403, refused, "{method} {path}: {answer}");
        let ours = decide(
            facts,
            &json!({"user": "system:node:node1", "groups": ["system:nodes"], "request": {"method": method, "url": path}}),
        );
        assert_eq!(ours["allowed"], true, "{method} {path}: {ours}");
        assert!(
            ours["nodeRestriction"]["leaves"].is_string(),
            "{method} {path}: {ours}"
        );
    }
}
