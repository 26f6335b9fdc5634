//! Secrets that only a kubelet needs: to pull images, and to mount volumes.

use super::lowering::{edges, has, lacks, members_hold};
use crate::Kubernetes;
use foursee_core::conformance::{check, opened};
use serde_json::{Value, json};

fn pod(name: &str, node: &str, spec: Value) -> Value {
    let mut whole = json!({"nodeName": node, "serviceAccountName": "web", "containers": [{"name": "c"}]});
    for (key, value) in spec.as_object().unwrap() {
        whole[key] = value.clone();
    }
    json!({"apiVersion": "v1", "kind": "Pod", "spec": whole,
        "metadata": {"name": name, "namespace": "shop", "uid": name, "ownerReferences": [{"kind": "StatefulSet", "name": "web", "controller": true}]}})
}

fn of(pods: &[Value]) -> Vec<String> {
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "shop", "uid": "a"},
        "imagePullSecrets": [{"name": "of-the-account"}]});
    let items = [pods, &[account]].concat();
    let text = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let wrong = check(&Kubernetes, &[("a.json", &text)]).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let (opened, mapped) = opened(Kubernetes, &[("a.json", &text)]).unwrap();
    members_hold(&opened, &mapped);
    edges(&text)
}

#[test]
fn a_kubelet_reads_what_the_images_and_volumes_of_its_pods_need() {
    let all = of(&[
        pod(
            "web-0",
            "n1",
            json!({"imagePullSecrets": [{"name": "registry"}, {"name": ""}]}),
        ),
        pod(
            "web-1",
            "n2",
            json!({"volumes": [{"name": "v", "csi": {"driver": "x.io", "nodePublishSecretRef": {"name": "disk"}}}]}),
        ),
    ]);
    has(
        &all,
        "user system:node:n1 -kubernetes-read-secret-> secret shop/registry",
    );
    has(
        &all,
        "user system:node:n2 -kubernetes-read-secret-> secret shop/disk",
    );
    // Each where the pod runs that names it. An account's are its pods' once they are made.
    lacks(
        &all,
        "system:node:n2 -kubernetes-read-secret-> secret shop/registry",
    );
    lacks(&all, "system:node:n1 -kubernetes-read-secret-> secret shop/disk");
    lacks(&all, "of-the-account");
    lacks(&all, "secret shop/ ");
}

#[test]
fn what_a_pod_holds_itself_is_said_once_and_a_mirror_gives_nothing() {
    let mounted = json!({"imagePullSecrets": [{"name": "registry"}], "volumes": [{"name": "v", "secret": {"secretName": "registry"}}]});
    let all = of(&[pod("web-0", "n1", mounted)]);
    has(
        &all,
        "pod shop/web -kubernetes-held-secret-> secret shop/registry",
    );
    lacks(&all, "-kubernetes-read-secret->");
    let mut mirror = pod("web-0", "n1", json!({"imagePullSecrets": [{"name": "registry"}]}));
    mirror["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "x"});
    lacks(&of(&[mirror]), "shop/registry");
}
