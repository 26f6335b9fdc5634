//! The Node authorizer: pods and volumes of several nodes, asked as nodes and as those who only look like one.

use crate::compare::Comparison;
use crate::sample::Dice;
use crate::world::{self, NAMESPACES, decide, in_words, review};
use foursee_kubernetes::facts::Facts;
use serde_json::{Value, json};

const NODES: &[&str] = &["node1", "node2", "node3"];
const NAMES: &[&str] = &["a", "b", "c", "d", "p1", "p2", "p1-v", "node1", "node2", ""];
const VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "*",
];
/// Group, resource and subresources of what the authorizer tells apart, and of what it does not know.
const KINDS: &[(&str, &str, &[&str])] = &[
    ("", "secrets", &["", "", "x"]),
    ("", "configmaps", &["", "", "x"]),
    ("", "persistentvolumeclaims", &["", "status", "x"]),
    ("", "persistentvolumes", &["", "", "status"]),
    ("resource.k8s.io", "resourceclaims", &["", "", "status"]),
    ("storage.k8s.io", "volumeattachments", &["", "", "status"]),
    ("", "serviceaccounts", &["", "token", "x"]),
    ("coordination.k8s.io", "leases", &["", "x"]),
    ("storage.k8s.io", "csinodes", &["", "status", "x"]),
    ("resource.k8s.io", "resourceslices", &["", "", "x"]),
    ("", "nodes", &["", "status", "proxy", "pods"]),
    ("", "pods", &["", "", "status", "eviction", "exec", "log"]),
    (
        "certificates.k8s.io",
        "podcertificaterequests",
        &["", "", "status"],
    ),
    (
        "certificates.k8s.io",
        "certificatesigningrequests",
        &["", "approval"],
    ),
    ("certificates.k8s.io", "clustertrustbundles", &[""]),
    ("authentication.k8s.io", "tokenreviews", &[""]),
    ("authorization.k8s.io", "subjectaccessreviews", &[""]),
    ("authorization.k8s.io", "localsubjectaccessreviews", &[""]),
    ("authorization.k8s.io", "selfsubjectaccessreviews", &[""]),
    ("", "services", &["", "proxy"]),
    ("", "endpoints", &[""]),
    ("", "events", &[""]),
    ("events.k8s.io", "events", &[""]),
    ("storage.k8s.io", "csidrivers", &["", "x"]),
    ("node.k8s.io", "runtimeclasses", &[""]),
    ("apps", "secrets", &[""]),
    ("", "other", &[""]),
];

fn reference(dice: &mut Dice, namespaced: bool) -> Value {
    let mut one = json!({"name": dice.pick(&["a", "b", "c", "d", ""])});
    if namespaced && !dice.one_in(3) {
        one["namespace"] = json!(dice.pick(NAMESPACES));
    }
    one
}

/// A volume of a pod, of one of the sorts that refer to something.
fn volume(dice: &mut Dice) -> Value {
    let name = dice.pick(&["a", "b", "c", "d"]);
    let mut one = json!({"name": dice.pick(&["v", "w"])});
    let secret = json!({"secretRef": reference(dice, false)});
    match dice.roll(15) {
        0 => one["secret"] = json!({"secretName": name}),
        1 => one["configMap"] = json!({"name": name}),
        2 => one["persistentVolumeClaim"] = json!({"claimName": name}),
        3 => one["ephemeral"] = json!({"volumeClaimTemplate": {"spec": {}}}),
        4 => {
            one["projected"] = json!({"sources": [
                {"secret": {"name": name}}, {"configMap": {"name": dice.pick(&["a", "b"])}},
                {"serviceAccountToken": {"path": "t"}},
            ]});
        }
        5 => one["azureFile"] = json!({"secretName": name, "shareName": "s"}),
        6 => one["cephfs"] = secret,
        7 => one["cinder"] = secret,
        8 => one["flexVolume"] = secret,
        9 => one["rbd"] = secret,
        10 => one["scaleIO"] = secret,
        11 => one["iscsi"] = secret,
        12 => one["storageos"] = secret,
        13 => one["csi"] = json!({"driver": "d", "nodePublishSecretRef": reference(dice, false)}),
        _ => one["emptyDir"] = json!({}),
    }
    one
}

fn container(dice: &mut Dice) -> Value {
    let mut one = json!({"name": "c", "image": "i"});
    if dice.one_in(3) {
        one["env"] = json!([
            {"name": "S", "valueFrom": {"secretKeyRef": {"name": dice.pick(&["a", "b", "c", "d"]), "key": "k"}}},
            {"name": "C", "valueFrom": {"configMapKeyRef": {"name": dice.pick(&["a", "b", "c", "d"]), "key": "k"}}},
            {"name": "P", "value": "plain"},
        ]);
    }
    if dice.one_in(3) {
        one["envFrom"] = json!([
            {"secretRef": reference(dice, false)}, {"configMapRef": reference(dice, false)},
        ]);
    }
    one
}

fn pod(dice: &mut Dice, name: &str, namespace: &str) -> Value {
    let mut spec =
        json!({"serviceAccountName": dice.pick(&["a", "b", "c"]), "containers": [container(dice)]});
    if !dice.one_in(6) {
        spec["nodeName"] = json!(dice.pick(NODES));
    }
    if dice.one_in(4) {
        spec["initContainers"] = json!([container(dice)]);
    }
    if dice.one_in(4) {
        spec["ephemeralContainers"] = json!([container(dice)]);
    }
    if dice.one_in(4) {
        spec["imagePullSecrets"] = json!([reference(dice, false)]);
    }
    spec["volumes"] = json!((0..dice.roll(3)).map(|_| volume(dice)).collect::<Vec<_>>());
    let mut one = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec});
    if dice.one_in(8) {
        one["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "x"});
    }
    if dice.one_in(3) {
        one["spec"]["resourceClaims"] = json!([
            {"name": "one", "resourceClaimName": dice.pick(&["a", "b"])},
            {"name": "two", "resourceClaimTemplateName": "t"},
            {"name": "three", "resourceClaimTemplateName": "t"},
            {"name": "four"},
        ]);
        one["status"]["resourceClaimStatuses"] =
            json!([{"name": "two", "resourceClaimName": dice.pick(&["c", "d"])}, {"name": "three"}]);
    }
    if dice.one_in(6) {
        one["status"]["extendedResourceClaimStatus"] = json!({"resourceClaimName": dice.pick(&["c", "d"])});
    }
    one
}

fn persistent_volume(dice: &mut Dice, name: &str) -> Value {
    let mut spec = json!({"capacity": {"storage": "1Gi"}});
    if !dice.one_in(4) {
        spec["claimRef"] =
            json!({"namespace": dice.pick(NAMESPACES), "name": dice.pick(&["a", "b", "c", "p1-v"])});
    }
    let secret = json!({"secretRef": reference(dice, true)});
    match dice.roll(10) {
        0 => spec["azureFile"] = json!({"secretName": dice.pick(&["a", "b"]), "shareName": "s"}),
        1 => {
            spec["azureFile"] =
                json!({"secretName": "a", "secretNamespace": dice.pick(&["", "n1", "n2"]), "shareName": "s"});
        }
        2 => spec["cephfs"] = secret,
        3 => spec["cinder"] = secret,
        4 => spec["flexVolume"] = secret,
        5 => spec["rbd"] = secret,
        6 => spec["scaleIO"] = secret,
        7 => spec["iscsi"] = secret,
        8 => spec["storageos"] = secret,
        _ => {
            spec["csi"] = json!({"driver": "d", "volumeHandle": "h",
                "controllerPublishSecretRef": reference(dice, true), "nodeStageSecretRef": reference(dice, true),
                "nodePublishSecretRef": reference(dice, true), "nodeExpandSecretRef": reference(dice, true),
                "controllerExpandSecretRef": reference(dice, true)});
        }
    }
    json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec})
}

fn nodes_world(dice: &mut Dice) -> Vec<Value> {
    let mut all = world::world(dice);
    for namespace in NAMESPACES {
        for name in ["p1", "p2", "p3"] {
            all.push(pod(dice, name, namespace));
        }
    }
    for name in ["a", "b", "c", "d"] {
        all.push(persistent_volume(dice, name));
        let node = if dice.one_in(5) { "" } else { dice.pick(NODES) };
        all.push(
            json!({"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment", "metadata": {"name": name},
            "spec": {"attacher": "x", "nodeName": node, "source": {}}}),
        );
        let mut slice = json!({"apiVersion": "resource.k8s.io/v1", "kind": "ResourceSlice", "metadata": {"name": name},
            "spec": {"driver": "x", "pool": {"name": "p", "generation": 1, "resourceSliceCount": 1}}});
        if !dice.one_in(5) {
            slice["spec"]["nodeName"] = json!(dice.pick(NODES));
        }
        all.push(slice);
        all.push(
            json!({"apiVersion": "certificates.k8s.io/v1", "kind": "PodCertificateRequest",
            "metadata": {"name": name, "namespace": dice.pick(NAMESPACES)},
            "spec": {"signerName": "x/y", "nodeName": dice.pick(NODES)}}),
        );
    }
    all
}

/// What a node, or one who looks like one, asks: in the oracle's words and in a SubjectAccessReview's.
pub(crate) fn question(dice: &mut Dice) -> (Value, Value) {
    let user = if dice.one_in(20) {
        dice.pick(&["system:node:", "system:node", "system:nodes:node1", "u1"])
            .to_owned()
    } else {
        format!("system:node:{}", dice.pick(NODES))
    };
    let groups = if dice.one_in(20) {
        vec!["g1"]
    } else {
        vec!["system:nodes", "system:authenticated"]
    };
    let (group, resource, subresources) = KINDS[dice.roll(KINDS.len())];
    let namespace = dice.pick(&["", "n1", "n1", "n2", "n3", "kube-node-lease"]);
    let mut asked = vec![
        dice.pick(VERBS),
        group,
        resource,
        dice.pick(subresources),
        dice.pick(NAMES),
        namespace,
    ];
    if dice.one_in(30) {
        asked = vec!["get", dice.pick(&["/healthz", "/api"])];
    }
    let asked: Vec<String> = asked.into_iter().map(str::to_owned).collect();
    let mut theirs = in_words(&asked, json!({"op": "authorize", "user": user, "groups": groups}));
    let mut question = json!({"spec": review(&asked)});
    question["spec"]["user"] = json!(user);
    question["spec"]["groups"] = json!(groups);
    if asked.len() > 2 && dice.one_in(3) {
        let key = dice.pick(&["spec.nodeName", "nodeName", "metadata.name"]);
        let (operator, sign) = *dice.pick(&[&("In", "="), &("In", "=="), &("NotIn", "!=")]);
        let value = dice.pick(NODES);
        theirs["fieldSelector"] = json!(format!("a=b,{key}{sign}{value}"));
        question["spec"]["resourceAttributes"]["fieldSelector"] = if dice.one_in(2) {
            json!({"rawSelector": theirs["fieldSelector"]})
        } else {
            json!({"requirements": [{"key": key, "operator": operator, "values": [value]}]})
        };
    }
    (theirs, question)
}

#[test]
fn decisions_about_nodes() {
    let run = Comparison {
        name: "nodes",
        questions: 100_000,
        each: 400,
    };
    let of = |dice: &mut Dice, _: &[Value], facts: &Facts| {
        let (theirs, ours) = question(dice);
        (theirs, decide(facts, &ours))
    };
    let (yes, no) = run.of(nodes_world, of, |ours, theirs| {
        ours["allowed"] == theirs["allowed"]
            && (ours["allowed"] != true || ours["reason"] == theirs["reason"])
    });
    assert!(yes > no / 20, "{yes} {no}");
}
