//! Pods and what makes them.

use super::{DAEMONS, Dice, Size, account, crowded, node_name, uid};
use serde_json::{Value, json};

/// A pod: the first of a cluster are its DaemonSets', one for each node.
pub fn pod(at: usize, size: &Size, dice: &mut Dice) -> Value {
    let (namespace, owner, account) = home(at, size);
    let daemon = at < DAEMONS * size.nodes;
    let kind = if daemon { "DaemonSet" } else { "ReplicaSet" };
    let mut spec = spec(at, &namespace, &account, daemon, dice);
    token(&mut spec, dice);
    let containers = spec["containers"].as_array().cloned().unwrap_or_default();
    let statuses: Vec<Value> = containers
        .iter()
        .map(|one| json!({"containerID": format!("containerd://{:064x}", at), "image": one["image"], "imageID": format!("{}@sha256:{:064x}", one["image"].as_str().unwrap_or_default(), at), "lastState": {}, "name": one["name"], "ready": true, "restartCount": 0, "started": true, "state": {"running": {"startedAt": "2026-11-20T08:00:00Z"}}}))
        .collect();
    let conditions: Vec<Value> = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
        .iter()
        .map(|kind| json!({"lastProbeTime": null, "lastTransitionTime": "2026-11-20T08:00:00Z", "status": "True", "type": kind}))
        .collect();
    spec["nodeName"] = json!(node_name(at % size.nodes));
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "annotations": {"checksum/config": format!("{:064x}", at * 7), "prometheus.io/scrape": "true"},
            "creationTimestamp": "2026-11-20T08:00:00Z", "generateName": format!("{owner}-"),
            "labels": {"app.kubernetes.io/instance": owner, "app.kubernetes.io/name": "app", "pod-template-hash": "5d7c9b8f6d", "team": format!("team-{}", at % 40)},
            "name": format!("{owner}-{at:05}"), "namespace": namespace,
            "ownerReferences": [{"apiVersion": "apps/v1", "blockOwnerDeletion": true, "controller": true, "kind": kind, "name": owner, "uid": uid(2, at)}],
            "resourceVersion": format!("{at}"), "uid": uid(3, at)
        },
        "spec": spec,
        "status": {"conditions": conditions, "containerStatuses": statuses, "hostIP": "10.0.0.1", "phase": "Running", "podIP": format!("10.1.{}.{}", at % 250, at % 240), "qosClass": "Burstable", "startTime": "2026-11-20T08:00:00Z"}
    })
}

/// A Deployment, or one of the DaemonSets.
pub fn workload(at: usize, size: &Size, dice: &mut Dice) -> Value {
    let daemon = at < DAEMONS;
    let (home, name, account) = match daemon {
        true => (
            "kube-system".to_owned(),
            format!("daemon-{at}"),
            format!("daemon-{at}"),
        ),
        false => home(DAEMONS * size.nodes + at, size),
    };
    json!({
        "apiVersion": "apps/v1", "kind": if daemon { "DaemonSet" } else { "Deployment" },
        "metadata": {"annotations": {"deployment.kubernetes.io/revision": "7"}, "labels": {"app.kubernetes.io/instance": name}, "name": name, "namespace": home, "uid": uid(2, at)},
        "spec": {"progressDeadlineSeconds": 600, "replicas": 3, "revisionHistoryLimit": 10, "selector": {"matchLabels": {"app.kubernetes.io/instance": name}},
            "template": {"metadata": {"labels": {"app.kubernetes.io/instance": name, "app.kubernetes.io/name": "app"}}, "spec": spec(at, &home, &account, daemon, dice)}},
        "status": {"availableReplicas": 3, "observedGeneration": 7, "readyReplicas": 3, "replicas": 3, "updatedReplicas": 3}
    })
}

/// A pod's namespace, what made it, and its account.
fn home(at: usize, size: &Size) -> (String, String, String) {
    let daemons = DAEMONS * size.nodes;
    if at < daemons {
        let name = format!("daemon-{}", at / size.nodes);
        return ("kube-system".to_owned(), name.clone(), name);
    }
    let workload = (at - daemons) % size.workloads.max(1);
    let name = format!("app-{workload}-5d7c9b8f6d");
    // With the DaemonSets' pods beside them, 45 in a hundred of the rest are three in ten of all.
    if workload % 20 < 9 {
        return (crowded(workload, size), name, "default".to_owned());
    }
    let (namespace, account) = account(
        DAEMONS + workload % size.accounts.saturating_sub(DAEMONS).max(1),
        size,
    );
    (namespace, name, account)
}

fn spec(at: usize, namespace: &str, account: &str, daemon: bool, dice: &mut Dice) -> Value {
    let containers: Vec<Value> = (0..1 + usize::from(dice.roll(3) > 0))
        .map(|number| container(at, number, namespace, account, daemon, dice))
        .collect();
    let mut volumes = vec![
        json!({"configMap": {"defaultMode": 420, "name": format!("config-{}", at % 50)}, "name": "config"}),
    ];
    if daemon {
        volumes.push(json!({"hostPath": {"path": "/var/log", "type": ""}, "name": "host"}));
    }
    json!({
        "containers": containers, "dnsPolicy": "ClusterFirst", "enableServiceLinks": true, "hostNetwork": daemon,
        "preemptionPolicy": "PreemptLowerPriority", "priority": 0, "restartPolicy": "Always", "schedulerName": "default-scheduler",
        "securityContext": {"fsGroup": 1000, "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "serviceAccount": account, "serviceAccountName": account, "terminationGracePeriodSeconds": 30,
        "tolerations": [{"effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300}, {"effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300}],
        "volumes": volumes
    })
}

/// What the server adds to each pod: its account's token, in a volume of a random name.
fn token(spec: &mut Value, dice: &mut Dice) {
    let letters: String = (0..5)
        .filter_map(|_| "bcdfghjklmnpqrstvwxz2456789".chars().nth(dice.roll(27)))
        .collect();
    let name = format!("kube-api-access-{letters}");
    let mount =
        json!({"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": name, "readOnly": true});
    for container in spec["containers"].as_array_mut().into_iter().flatten() {
        if let Some(mounts) = container["volumeMounts"].as_array_mut() {
            mounts.push(mount.clone());
        }
    }
    if let Some(volumes) = spec["volumes"].as_array_mut() {
        volumes.push(json!({"name": name, "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}, {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}}, {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}}]}}));
    }
}

fn container(
    at: usize,
    number: usize,
    namespace: &str,
    account: &str,
    daemon: bool,
    dice: &mut Dice,
) -> Value {
    let env: Vec<Value> = (0..4 + dice.roll(4))
        .map(|key| {
            if key % 5 == 0 {
                json!({"name": format!("SETTING_{key}"), "valueFrom": {"configMapKeyRef": {"key": format!("setting-{key}"), "name": format!("config-{}", at % 50)}}})
            } else {
                json!({"name": format!("SETTING_{key}"), "value": format!("https://service-{}.{namespace}.svc.cluster.local:8443/v1/{key}", dice.roll(1000))})
            }
        })
        .collect();
    let mut mounts = vec![json!({"mountPath": "/etc/config", "name": "config", "readOnly": true})];
    if daemon {
        mounts.push(json!({"mountPath": "/host", "name": "host", "readOnly": true}));
    }
    json!({
        "env": env, "image": format!("registry.example.com/{namespace}/{account}:{}.{}.{}", dice.roll(9), dice.roll(30), dice.roll(99)),
        "imagePullPolicy": "IfNotPresent",
        "livenessProbe": {"failureThreshold": 3, "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "initialDelaySeconds": 10, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1},
        "name": format!("container-{number}"),
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}, {"containerPort": 9090, "name": "metrics", "protocol": "TCP"}],
        "readinessProbe": {"failureThreshold": 3, "httpGet": {"path": "/ready", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 5, "successThreshold": 1, "timeoutSeconds": 1},
        "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}},
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "privileged": dice.roll(200) == 0, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": 1000},
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        "volumeMounts": mounts
    })
}
