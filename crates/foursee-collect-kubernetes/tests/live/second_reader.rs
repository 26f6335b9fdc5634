//! k8s-openapi's types as a second reader: what they can express of an object gives the same answers and findings.

use foursee::core::audit::Documents;
use foursee_kept::{Random, answers, audit, plain};
use k8s_openapi::api::{apps, batch, core, networking, rbac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One of these, or nothing said.
fn maybe(random: &mut Random, of: &[Value]) -> Value {
    if random.below(3) == 0 {
        Value::Null
    } else {
        random.one(of)
    }
}

const NAMESPACES: [&str; 3] = ["default", "kube-system", "shop"];
const ACCOUNTS: [&str; 4] = ["default", "web", "ci", "operator"];
const USERS: [&str; 3] = ["ada", "ben", "system:serviceaccount:shop:web"];

/// An object's metadata; a name is given once a kind.
fn meta(random: &mut Random, namespaced: bool, name: &str) -> Value {
    let mut meta = json!({ "name": name, "uid": format!("uid-{name}"), "resourceVersion": "3",
        "labels": maybe(random, &[json!({ "team": "orders" }), json!({ "rbac.example/aggregate": "true", "app": "web" })]),
        "annotations": maybe(random, &[json!({ "eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/web" }), json!({ "owner": "orders" })]) });
    if namespaced {
        meta["namespace"] = json!(random.one(&NAMESPACES));
    }
    meta
}

fn rule(random: &mut Random) -> Value {
    if random.below(8) == 0 {
        return json!({ "verbs": ["get"], "nonResourceURLs": random.some(&["/metrics", "/healthz*", "*"], 5) });
    }
    let verbs = [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "*",
        "bind",
        "escalate",
        "impersonate",
    ];
    let resources = [
        "pods",
        "pods/exec",
        "secrets",
        "*",
        "deployments",
        "roles",
        "clusterroles",
        "serviceaccounts/token",
        "nodes/proxy",
        "users",
    ];
    json!({ "verbs": random.some(&verbs, 5).as_array().cloned().unwrap_or_default(),
        "apiGroups": random.some(&["", "apps", "rbac.authorization.k8s.io", "*"], 5),
        "resources": random.some(&resources, 5), "resourceNames": maybe(random, &[json!(["one"]), json!([])]) })
}

fn rules(random: &mut Random) -> Value {
    let count = random.below(4);
    match count {
        0 => Value::Null,
        _ => (0..count).map(|_| rule(random)).collect::<Vec<_>>().into(),
    }
}

fn subjects(random: &mut Random) -> Value {
    let all: Vec<Value> = (0..random.below(3))
        .map(|_| match random.below(3) {
            0 => json!({ "kind": "ServiceAccount", "name": random.one(&ACCOUNTS), "namespace": random.one(&NAMESPACES) }),
            1 => json!({ "kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": random.one(&USERS) }),
            _ => json!({ "kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": random.one(&["devs", "system:authenticated", "system:serviceaccounts"]) }),
        })
        .collect();
    all.into()
}

fn pod_spec(random: &mut Random) -> Value {
    let containers: Vec<Value> = (0..1 + random.below(2))
        .map(|number| {
            json!({ "name": format!("c{number}"), "image": "shop/app:1", "command": random.some(&["run", "--password=planted-secret"], 5),
                "args": random.some(&["-x", "--verbose"], 5),
                "env": maybe(random, &[
                    json!([{ "name": "DATABASE_URL", "value": "postgres://app:planted-secret@db.shop:5432/shop" }]),
                    json!([{ "name": "DB_PASSWORD", "value": "planted-secret" }, { "name": "EMPTY" }]),
                    json!([{ "name": "KEY", "valueFrom": { "secretKeyRef": { "name": "keys", "key": "k" } } }]) ]),
                "envFrom": maybe(random, &[json!([{ "secretRef": { "name": "keys" } }])]),
                "securityContext": maybe(random, &[json!({ "privileged": true }), json!({ "capabilities": { "add": ["SYS_ADMIN"], "drop": ["ALL"] } }), json!({ "runAsUser": 0, "allowPrivilegeEscalation": false }), json!({})]),
                "ports": maybe(random, &[json!([{ "name": "http", "containerPort": 8080 }]), json!([{ "containerPort": 53, "protocol": "UDP", "hostPort": 53, "hostIP": "127.0.0.1" }]), json!([{ "containerPort": 80, "hostPort": 80 }])]),
                "volumeMounts": maybe(random, &[json!([{ "name": "v", "mountPath": "/v" }]), json!([{ "name": "v", "mountPath": "/v", "readOnly": true }])]) })
        })
        .collect();
    let volumes = [
        json!([{ "name": "v", "hostPath": { "path": "/" } }]),
        json!([{ "name": "v", "hostPath": { "path": "/var/run/docker.sock" } }]),
        json!([{ "name": "v", "secret": { "secretName": "keys" } }]),
        json!([{ "name": "v", "projected": { "sources": [{ "serviceAccountToken": { "audience": "sts.amazonaws.com", "path": "token" } }] } }]),
        json!([{ "name": "v", "emptyDir": {} }]),
    ];
    let switch = [json!(true), json!(false)];
    json!({ "containers": containers, "volumes": maybe(random, &volumes), "serviceAccountName": random.one(&ACCOUNTS),
        "automountServiceAccountToken": maybe(random, &switch), "hostPID": maybe(random, &switch), "hostNetwork": maybe(random, &switch),
        "hostIPC": maybe(random, &switch), "hostUsers": maybe(random, &switch), "nodeName": maybe(random, &[json!("n1")]) })
}

/// The kinds by number, again and again: most of what grants.
const CYCLE: [u64; 15] = [0, 1, 1, 2, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10];

/// A role by its place in the cycle.
fn role(random: &mut Random, places: &[u64]) -> String {
    format!("o{}", 15 * random.below(6) + random.one(places))
}

/// One object of a kind by number, without what k8s-openapi cannot express.
fn object(random: &mut Random, kind: u64, name: &str) -> Value {
    let mut one = match kind {
        0 => {
            json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta(random, true, name), "rules": rules(random) })
        }
        1 => {
            json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": meta(random, false, name), "rules": rules(random),
            "aggregationRule": random.one(&[Value::Null, Value::Null, json!({ "clusterRoleSelectors": [{ "matchLabels": { "rbac.example/aggregate": "true" } }] }), json!({ "clusterRoleSelectors": [{ "matchExpressions": [{ "key": "app", "operator": "Exists" }] }] })]) })
        }
        2 => {
            json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta(random, true, name), "subjects": subjects(random),
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": random.one(&["Role", "ClusterRole"]), "name": role(random, &[0, 1, 2]) } })
        }
        3 => {
            json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": meta(random, false, name), "subjects": subjects(random),
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role(random, &[1, 2]) } })
        }
        4 => {
            json!({ "apiVersion": "v1", "kind": "Pod", "metadata": meta(random, true, name), "spec": pod_spec(random), "status": { "phase": "Running" } })
        }
        5 => json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(random, true, name),
            "spec": { "selector": {}, "replicas": 2, "template": { "metadata": { "labels": { "app": "web" } }, "spec": pod_spec(random) } } }),
        6 => json!({ "apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta(random, true, name),
            "spec": { "schedule": "* * * * *", "jobTemplate": { "spec": { "template": { "spec": pod_spec(random) } } } } }),
        7 => {
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": meta(random, true, name), "type": random.one(&["Opaque", "kubernetes.io/service-account-token", "kubernetes.io/tls"]) })
        }
        8 => json!({ "apiVersion": "v1", "kind": "Service", "metadata": meta(random, true, name),
            "spec": { "type": random.one(&["ClusterIP", "LoadBalancer", "NodePort"]), "selector": maybe(random, &[json!({ "app": "web" })]), "loadBalancerSourceRanges": maybe(random, &[json!(["10.0.0.0/8"])]),
                "externalIPs": maybe(random, &[json!(["203.0.113.9"])]),
                "ports": maybe(random, &[json!([{ "port": 80, "targetPort": "http" }]), json!([{ "name": "a", "port": 80, "nodePort": 30080 }, { "port": 53, "protocol": "UDP", "targetPort": 5353 }])]) } }),
        9 => {
            let selector = maybe(
                random,
                &[
                    json!({ "matchLabels": { "app": "web" } }),
                    json!({ "matchExpressions": [{ "key": "app", "operator": "In", "values": ["web"] }] }),
                    json!({}),
                ],
            );
            let peers = maybe(
                random,
                &[
                    json!([{ "ipBlock": { "cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"] } }]),
                    json!([{ "podSelector": {} }]),
                    json!([{ "namespaceSelector": {} }]),
                    json!([]),
                ],
            );
            let ports = maybe(
                random,
                &[
                    json!([{ "port": 80 }]),
                    json!([{ "port": "http", "protocol": "TCP" }]),
                    json!([{ "port": 1, "endPort": 9000 }]),
                ],
            );
            json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta(random, true, name),
                "spec": { "podSelector": selector, "policyTypes": maybe(random, &[json!(["Ingress"]), json!(["Egress"]), json!(["Ingress", "Egress"])]),
                    "ingress": maybe(random, &[json!([{ "from": peers, "ports": ports }]), json!([])]),
                    "egress": maybe(random, &[json!([{ "to": peers, "ports": ports }])]) } })
        }
        _ => {
            json!({ "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta(random, true, name),
            "spec": { "ingressClassName": maybe(random, &[json!("nginx")]), "defaultBackend": maybe(random, &[json!({ "service": { "name": "o8", "port": { "number": 80 } } })]) } })
        }
    };
    if kind == 7 && one["type"] == "kubernetes.io/service-account-token" {
        one["metadata"]["annotations"] =
            json!({ "kubernetes.io/service-account.name": random.one(&ACCOUNTS) });
    }
    one
}

/// The objects that are there whatever the seed.
fn ground() -> Vec<Value> {
    let mut all: Vec<Value> = NAMESPACES
        .iter()
        .map(|name| json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "uid": format!("uid-{name}"), "labels": { "pod-security.kubernetes.io/enforce": "baseline" } } }))
        .collect();
    for namespace in NAMESPACES {
        for name in ACCOUNTS {
            all.push(json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": name, "namespace": namespace, "uid": format!("{namespace}-{name}") },
                "automountServiceAccountToken": name != "ci" }));
        }
    }
    all.push(json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "n1", "uid": "uid-n1" } }));
    all
}

/// An object through a type and back.
fn through<T: DeserializeOwned + Serialize>(one: &Value) -> Value {
    serde_json::to_value(serde_json::from_value::<T>(one.clone()).unwrap()).unwrap()
}

fn modelled(one: &Value) -> Value {
    match one["kind"].as_str().unwrap() {
        "Role" => through::<rbac::v1::Role>(one),
        "ClusterRole" => through::<rbac::v1::ClusterRole>(one),
        "RoleBinding" => through::<rbac::v1::RoleBinding>(one),
        "ClusterRoleBinding" => through::<rbac::v1::ClusterRoleBinding>(one),
        "Pod" => through::<core::v1::Pod>(one),
        "Deployment" => through::<apps::v1::Deployment>(one),
        "CronJob" => through::<batch::v1::CronJob>(one),
        "Secret" => through::<core::v1::Secret>(one),
        "Service" => through::<core::v1::Service>(one),
        "Ingress" => through::<networking::v1::Ingress>(one),
        "NetworkPolicy" => through::<networking::v1::NetworkPolicy>(one),
        "Namespace" => through::<core::v1::Namespace>(one),
        "ServiceAccount" => through::<core::v1::ServiceAccount>(one),
        "Node" => through::<core::v1::Node>(one),
        other => panic!("{other}"),
    }
}

fn documents(objects: &[Value]) -> Documents {
    let mut documents = Documents::new();
    let list = json!({ "apiVersion": "v1", "items": objects, "kind": "List", "metadata": { "resourceVersion": "" } });
    documents.push_text("cluster.json", list.to_string());
    documents
}

/// What is asked of every cluster: what some may do, and who may.
fn questions(random: &mut Random) -> Vec<String> {
    let mut all = Vec::new();
    for _ in 0..60 {
        let account = random.one(&ACCOUNTS);
        let namespace = random.one(&NAMESPACES);
        let attributes = json!({ "verb": random.one(&["get", "list", "create", "delete", "bind", "escalate", "impersonate"]),
            "group": random.one(&["", "apps", "rbac.authorization.k8s.io"]), "resource": random.one(&["pods", "secrets", "deployments", "roles", "clusterroles", "users"]),
            "namespace": random.one(&NAMESPACES), "name": random.one(&["", "one"]) });
        all.push(json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
            "user": format!("system:serviceaccount:{namespace}:{account}"),
            "groups": ["system:serviceaccounts", format!("system:serviceaccounts:{namespace}"), "system:authenticated"],
            "resourceAttributes": attributes } }).to_string());
        all.push(json!({ "whoCan": attributes }).to_string());
    }
    all
}

#[test]
fn random_objects_are_the_same_through_k8s_openapis_types() {
    let (mut found, mut allowed, mut rules) = (0, 0, BTreeSet::new());
    for seed in 1..=12 {
        let mut random = Random(seed);
        let mut originals = ground();
        for number in 0..84 {
            let kind = CYCLE[number % CYCLE.len()];
            originals.push(object(&mut random, kind, &format!("o{number}")));
        }
        let models: Vec<Value> = originals.iter().map(modelled).collect();
        for (model, one) in models.iter().zip(&originals) {
            // Field by field against what was generated.
            assert_eq!(model["kind"], one["kind"]);
            assert_eq!(model["metadata"]["name"], one["metadata"]["name"]);
            assert_eq!(model["roleRef"], one["roleRef"], "seed {seed}");
        }
        let (ours, theirs) = (documents(&originals), documents(&models));
        let questions = questions(&mut random);
        let (one, other) = (
            answers("kubernetes", &ours, &questions),
            answers("kubernetes", &theirs, &questions),
        );
        for ((question, one), other) in questions.iter().zip(&one).zip(&other) {
            assert_eq!(one, other, "seed {seed}: {question}");
        }
        allowed += one
            .iter()
            .filter(|answer| answer["allowed"] == true || answer["status"]["allowed"] == true)
            .count();
        let (one, other) = (audit(ours), audit(theirs));
        rules.extend(one.findings.iter().map(|finding| finding.rule));
        found += one.findings.len();
        let plain =
            |report: &foursee::core::report::Report| report.findings.iter().map(plain).collect::<Vec<_>>();
        assert_eq!(plain(&one), plain(&other), "seed {seed}");
        assert!(
            one.gaps.iter().all(|gap| gap.reason.as_str() != "malformed"),
            "seed {seed}"
        );
    }
    assert!(
        found > 200 && allowed > 50 && rules.len() > 10,
        "{found} findings, {allowed} allowed, {rules:?}"
    );
}
