//! A cluster's kubectl export.
//!
//! Shapes: 300 namespaces, pods of about 16 KB as `kubectl get -o json` prints them, a service account for
//! every sixth pod, a role binding for every fourth; 1 in 40 roles is wide.

use super::Dice;
use serde_json::{Value, json};
use std::path::Path;

/// Writes the export; `of` scales a number of objects.
pub fn write(folder: &Path, of: impl Fn(f64) -> usize) -> std::io::Result<u64> {
    let (namespaces, pods, accounts, bindings) = (of(300.0), of(30_000.0), of(5_000.0), of(8_000.0));
    let mut dice = Dice(42);
    let mut bytes = 0;
    bytes += list(folder, "namespaces.json", namespaces + 1, |at| {
        let name = if at == 0 {
            "kube-system".to_owned()
        } else {
            format!("team-{at}")
        };
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"kubernetes.io/metadata.name": name, "team": format!("team-{}", at % 40)}, "name": name, "uid": format!("0a1b2c3d-0000-4000-8000-{at:012}")}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})
    })?;
    bytes += list(
        folder,
        "serviceaccounts.json",
        accounts,
        |at| json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": format!("app-{at}"), "namespace": format!("team-{}", 1 + at % namespaces), "uid": format!("1a1b2c3d-0000-4000-8000-{at:012}")}}),
    )?;
    bytes += list(folder, "roles.json", bindings / 4 + 1, |at| {
        let wide = at % 40 == 0;
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": format!("role-{at}"), "namespace": format!("team-{}", 1 + at % namespaces)},
            "rules": [{"apiGroups": [""], "resources": if wide { json!(["*"]) } else { json!(["configmaps", "services"]) }, "verbs": if wide { json!(["*"]) } else { json!(["get", "list", "watch"]) }},
                      {"apiGroups": [""], "resourceNames": [format!("secret-{at}")], "resources": ["secrets"], "verbs": ["get"]}]})
    })?;
    bytes += list(folder, "rolebindings.json", bindings, |at| {
        let namespace = 1 + at % namespaces;
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": format!("binding-{at}"), "namespace": format!("team-{namespace}")},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": format!("role-{}", at % (bindings / 4 + 1))},
            "subjects": [{"kind": "ServiceAccount", "name": format!("app-{}", at % accounts), "namespace": format!("team-{namespace}")}]})
    })?;
    bytes += list(folder, "pods.json", pods, |at| {
        pod(at, namespaces, accounts, &mut dice)
    })?;
    Ok(bytes)
}

fn pod(at: usize, namespaces: usize, accounts: usize, dice: &mut Dice) -> Value {
    let (namespace, account) = (1 + at % namespaces, at % accounts);
    let containers: Vec<Value> = (0..1 + dice.roll(2))
        .map(|number| {
            let env: Vec<Value> = (0..4 + dice.roll(4))
                .map(|key| {
                    if key % 5 == 0 {
                        json!({"name": format!("SETTING_{key}"), "valueFrom": {"configMapKeyRef": {"key": format!("setting-{key}"), "name": format!("config-{}", at % 50)}}})
                    } else {
                        json!({"name": format!("SETTING_{key}"), "value": format!("https://service-{}.team-{namespace}.svc.cluster.local:8443/v1/{key}", dice.roll(1000))})
                    }
                })
                .collect();
            json!({
                "env": env, "image": format!("registry.example.com/team-{namespace}/app-{account}:{}.{}.{}", dice.roll(9), dice.roll(30), dice.roll(99)),
                "imagePullPolicy": "IfNotPresent",
                "livenessProbe": {"failureThreshold": 3, "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "initialDelaySeconds": 10, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1},
                "name": format!("container-{number}"),
                "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}, {"containerPort": 9090, "name": "metrics", "protocol": "TCP"}],
                "readinessProbe": {"failureThreshold": 3, "httpGet": {"path": "/ready", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 5, "successThreshold": 1, "timeoutSeconds": 1},
                "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}},
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "privileged": dice.roll(200) == 0, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": 1000},
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                "volumeMounts": [{"mountPath": "/etc/config", "name": "config", "readOnly": true}, {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": "kube-api-access-x", "readOnly": true}]
            })
        })
        .collect();
    let statuses: Vec<Value> = containers
        .iter()
        .map(|one| json!({"containerID": format!("containerd://{:064x}", at), "image": one["image"], "imageID": format!("{}@sha256:{:064x}", one["image"], at), "lastState": {}, "name": one["name"], "ready": true, "restartCount": 0, "started": true, "state": {"running": {"startedAt": "2026-11-20T08:00:00Z"}}}))
        .collect();
    let conditions: Vec<Value> = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
        .iter()
        .map(|kind| json!({"lastProbeTime": null, "lastTransitionTime": "2026-11-20T08:00:00Z", "status": "True", "type": kind}))
        .collect();
    let pad: String = (0..40)
        .map(|line| {
            format!("line {line} of a comment that some controller left behind for team {namespace}; ")
        })
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "annotations": {"checksum/config": format!("{:064x}", at * 7), "example.com/notes": pad, "prometheus.io/scrape": "true"},
            "creationTimestamp": "2026-11-20T08:00:00Z", "generateName": format!("app-{account}-5d7c9b8f6d-"),
            "labels": {"app.kubernetes.io/instance": format!("app-{account}"), "app.kubernetes.io/name": "app", "pod-template-hash": "5d7c9b8f6d", "team": format!("team-{}", namespace % 40)},
            "name": format!("app-{account}-5d7c9b8f6d-{at:05}"), "namespace": format!("team-{namespace}"),
            "ownerReferences": [{"apiVersion": "apps/v1", "blockOwnerDeletion": true, "controller": true, "kind": "ReplicaSet", "name": format!("app-{account}-5d7c9b8f6d"), "uid": format!("2a1b2c3d-0000-4000-8000-{at:012}")}],
            "resourceVersion": format!("{at}"), "uid": format!("3a1b2c3d-0000-4000-8000-{at:012}")
        },
        "spec": {
            "containers": containers, "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "nodeName": format!("ip-10-0-{}-{}.ec2.internal", at % 250, at % 200),
            "preemptionPolicy": "PreemptLowerPriority", "priority": 0, "restartPolicy": "Always", "schedulerName": "default-scheduler",
            "securityContext": {"fsGroup": 1000, "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "serviceAccount": format!("app-{account}"), "serviceAccountName": format!("app-{account}"), "terminationGracePeriodSeconds": 30,
            "tolerations": [{"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}, {"effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300}],
            "volumes": [{"configMap": {"defaultMode": 420, "name": format!("config-{}", at % 50)}, "name": "config"},
                {"name": "kube-api-access-x", "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}, {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}}, {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}}]}}]
        },
        "status": {"conditions": conditions, "containerStatuses": statuses, "hostIP": "10.0.0.1", "phase": "Running", "podIP": format!("10.1.{}.{}", at % 250, at % 240), "qosClass": "Burstable", "startTime": "2026-11-20T08:00:00Z"}
    })
}

/// Writes a List as kubectl prints it, four blanks a level, item by item.
fn list(folder: &Path, name: &str, count: usize, item: impl FnMut(usize) -> Value) -> std::io::Result<u64> {
    let before = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n";
    let after =
        "    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n";
    super::list(&folder.join(name), (before, 8, after), count, item)
}
