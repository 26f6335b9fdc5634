//! Random pods, created as dry runs in namespaces of several levels and versions.

use super::differing;
use crate::ask::Program;
use crate::pods;
use crate::sample::{Dice, seeds};
use crate::world::{self, decide};
use serde_json::{Value, json};

pub(super) fn admission(client: &mut Program) {
    const POLICIES: &[(&str, &str)] = &[
        ("baseline", "latest"),
        ("baseline", "v1.18"),
        ("baseline", "v1.30"),
        ("restricted", "latest"),
        ("restricted", "v1.21"),
        ("restricted", "v1.24"),
        ("restricted", "v1.34"),
    ];
    // Of which the server takes two thirds, as pods at all.
    let seeds = seeds(3_000, 1);
    let none = world::facts(&[]);
    let name = |at: usize| format!("pods{at}");
    let mut making = Vec::new();
    for at in 0..=POLICIES.len() {
        let mut body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name(at)}});
        if let Some((level, version)) = POLICIES.get(at) {
            body["metadata"]["labels"] = json!({"pod-security.kubernetes.io/enforce": level, "pod-security.kubernetes.io/enforce-version": version});
        }
        making.push(json!({"method": "POST", "path": "/api/v1/namespaces", "body": body}));
        making.push(json!({"wait": true}));
        making.push(
            json!({"method": "POST", "path": format!("/api/v1/namespaces/{}/serviceaccounts", name(at)),
            "body": {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}}),
        );
    }
    client.ask(&making);
    let create = |pod: &Value, at: usize| {
        let mut pod = pod.clone();
        pod["metadata"]["namespace"] = json!(name(at));
        json!({"method": "POST", "path": format!("/api/v1/namespaces/{}/pods?dryRun=All", name(at)), "body": pod})
    };
    // The last namespace takes every pod that is one at all, and shows it as it would be stored.
    let asked: Vec<Value> = seeds
        .clone()
        .map(|seed| create(&storable(seed), POLICIES.len()))
        .collect();
    let pods: Vec<Value> = client
        .ask(&asked)
        .into_iter()
        .filter(|answer| answer["code"] == 201)
        .map(|answer| answer["body"].clone())
        .collect();
    let (mut questions, mut ours) = (Vec::new(), Vec::new());
    for pod in &pods {
        for (at, (level, version)) in POLICIES.iter().enumerate() {
            ours.push(decide(
                &none,
                &json!({"pod": pod, "level": level, "version": version}),
            ));
            let mut again = pod.clone();
            for field in ["uid", "creationTimestamp", "managedFields", "generation"] {
                again["metadata"].as_object_mut().unwrap().remove(field);
            }
            questions.push(create(&again, at));
        }
    }
    let differ = differing(client, &questions, &ours, |ours, answer| {
        match answer["code"].as_u64() {
            Some(201) => ours["allowed"] == true,
            Some(403) => {
                let why = answer["body"]["message"].as_str().unwrap_or_default();
                why.contains("violates PodSecurity") && ours["allowed"] == false
            }
            _ => false,
        }
    });
    let yes = ours.iter().filter(|one| one["allowed"] == true).count();
    println!(
        "server, Pod Security: {} pods of {}, {} answers ({yes} pass), seeds {seeds:?}, {} differ",
        pods.len(),
        asked.len(),
        ours.len(),
        differ
    );
    assert!(differ == 0 && pods.len() * 5 > asked.len() * 3 && yes > 0 && yes < ours.len());
}

/// A random pod without most of what the server does not take whatever its level.
fn storable(seed: u64) -> Value {
    let mut pod = pods::pod(&mut Dice::new(seed));
    let spec = pod["spec"].as_object_mut().unwrap();
    spec.remove("ephemeralContainers");
    spec.remove("os");
    let users = spec.get("hostUsers") == Some(&json!(false));
    if users {
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            spec.remove(field);
        }
    }
    if let Some(volumes) = spec.get_mut("volumes").and_then(Value::as_array_mut) {
        for volume in volumes {
            let one = volume.as_object_mut().unwrap();
            for (kind, body) in [
                ("configMap", json!({"name": "a"})),
                ("csi", json!({"driver": "a.io"})),
                (
                    "ephemeral",
                    json!({"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}),
                ),
                ("persistentVolumeClaim", json!({"claimName": "a"})),
                ("projected", json!({"sources": [{"secret": {"name": "a"}}]})),
                ("secret", json!({"secretName": "a"})),
                ("image", json!({"reference": "a"})),
                ("hostPath", json!({"path": "/a"})),
                ("nfs", json!({"server": "a", "path": "/a"})),
                ("gitRepo", json!({"repository": "a"})),
                (
                    "iscsi",
                    json!({"targetPortal": "a", "iqn": "iqn.2015-02.example.com:a", "lun": 0}),
                ),
                ("awsElasticBlockStore", json!({"volumeID": "a"})),
                ("rbd", json!({"monitors": ["a"], "image": "a"})),
                ("flexVolume", json!({"driver": "a/b"})),
            ] {
                if one.contains_key(kind) {
                    one.insert(kind.to_owned(), body);
                }
            }
        }
    }
    let mut contexts: Vec<&mut Value> = Vec::new();
    for (field, value) in spec.iter_mut() {
        match field.as_str() {
            "securityContext" => contexts.push(value),
            "containers" | "initContainers" => {
                for one in value.as_array_mut().unwrap() {
                    let one = one.as_object_mut().unwrap();
                    if field == "initContainers" {
                        for field in [
                            "livenessProbe",
                            "readinessProbe",
                            "startupProbe",
                            "lifecycle",
                            "ports",
                        ] {
                            one.remove(field);
                        }
                    }
                    contexts.extend(one.get_mut("securityContext"));
                }
            }
            _ => {}
        }
    }
    for context in contexts {
        let one = context.as_object_mut().unwrap();
        one.remove("windowsOptions");
        for field in ["seccompProfile", "appArmorProfile"] {
            if let Some(profile) = one.get_mut(field) {
                match profile["type"].as_str() {
                    Some("Localhost") => profile["localhostProfile"] = json!("a"),
                    Some("RuntimeDefault" | "Unconfined") => {}
                    _ => {
                        one.remove(field);
                    }
                }
            }
        }
        if one.get("procMount") == Some(&json!(""))
            || (!users && one.get("procMount") == Some(&json!("Unmasked")))
        {
            one.remove("procMount");
        }
        if let Some(sysctls) = one.get_mut("sysctls").and_then(Value::as_array_mut) {
            sysctls.retain(|one| one["name"] != "");
            sysctls.dedup();
        }
        if one.get("privileged") == Some(&json!(true))
            && one.get("allowPrivilegeEscalation") == Some(&json!(false))
        {
            one.remove("allowPrivilegeEscalation");
        }
        if let Some(add) = one.get("capabilities").map(|all| all["add"].to_string())
            && add.contains("SYS_ADMIN")
        {
            one.remove("allowPrivilegeEscalation");
        }
    }
    pod
}
