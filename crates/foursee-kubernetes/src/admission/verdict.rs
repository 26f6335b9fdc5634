//! Whether what was read passes a level.

use crate::authorize::pod_security::{Failing, Level, failing};
use crate::facts::{Facts, Workload};
use crate::version;
use crate::workloads::Group;
use hashbrown::HashMap;
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Judges workloads; equal pods are judged once.
pub(crate) struct Judge<'f> {
    facts: &'f Facts,
    server: u32,
    known: HashMap<(*const u8, Level, u32), Rc<Vec<Failing>>>,
}

impl<'f> Judge<'f> {
    pub(crate) fn new(facts: &'f Facts) -> Self {
        Self {
            facts,
            server: version::server(facts).unwrap_or(u32::MAX),
            known: HashMap::new(),
        }
    }

    /// The checks that one row's pods fail.
    pub(crate) fn row(&mut self, one: &Workload, level: Level, minor: u32) -> Rc<Vec<Failing>> {
        // What is past the server's own version is its newest.
        let minor = minor.min(self.server);
        let key = (one.pod.security.as_ptr(), level, minor);
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let found = Rc::new(judge(&one.pod.security, level, minor, self.server));
        self.known.insert(key, Rc::clone(&found));
        found
    }

    /// The checks that a workload fails: its controller's template, and the pods that run, which an admission webhook
    /// may have changed.
    pub(crate) fn group(&mut self, group: &Group, level: Level, minor: u32) -> Vec<Failing> {
        let facts = self.facts;
        let mut all: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for one in group.rows(facts).chain(group.root_row(facts)) {
            for failing in self.row(one, level, minor).iter() {
                let fields = all.entry(failing.check).or_default();
                for field in &failing.fields {
                    if !fields.contains(field) {
                        fields.push(field.clone());
                    }
                }
            }
        }
        all.into_iter()
            .map(|(check, fields)| Failing { check, fields })
            .collect()
    }
}

/// The checks that a posture fails on a server of that version.
pub(crate) fn judge(posture: &str, level: Level, minor: u32, server: u32) -> Vec<Failing> {
    let Ok(mut pod) = serde_json::from_str::<Value>(posture) else {
        return Vec::new();
    };
    age(&mut pod, server);
    failing(&pod, level, minor)
}

/// Takes out what a server of that version does not know, whatever the policy's version.
fn age(pod: &mut Value, server: u32) {
    let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) else {
        return;
    };
    if server < 33 {
        let volumes = spec.get_mut("volumes").and_then(Value::as_array_mut);
        for volume in volumes.into_iter().flatten().filter_map(Value::as_object_mut) {
            volume.remove("image");
        }
    }
    if server < 30 {
        let own = |one: &mut Value| {
            if let Some(context) = one.get_mut("securityContext").and_then(Value::as_object_mut) {
                context.remove("appArmorProfile");
            }
        };
        for field in ["containers", "initContainers", "ephemeralContainers"] {
            let containers = spec.get_mut(field).and_then(Value::as_array_mut);
            containers.into_iter().flatten().for_each(own);
        }
        if let Some(context) = spec.get_mut("securityContext").and_then(Value::as_object_mut) {
            context.remove("appArmorProfile");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::read;

    #[test]
    fn what_is_kept_of_a_pod_fails_what_the_pod_fails() {
        let pod = serde_json::json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "p", "namespace": "shop", "annotations": {
                "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
                "container.seccomp.security.alpha.kubernetes.io/c": "unconfined",
                "container.apparmor.security.beta.kubernetes.io/c": "unconfined"}},
            "spec": {
                "hostPID": true, "hostIPC": true, "hostUsers": true, "os": {"name": "linux"},
                "securityContext": {"runAsNonRoot": false, "runAsUser": 0, "fsGroup": 3,
                    "sysctls": [{"name": "kernel.msgmax", "value": "1"}, {"name": "net.ipv4.tcp_rmem", "value": "1"}],
                    "seLinuxOptions": {"type": "spc_t", "user": "u", "role": "r", "level": "s0"},
                    "seccompProfile": {"type": "Unconfined"}, "appArmorProfile": {"type": "Unconfined"},
                    "windowsOptions": {"hostProcess": true}},
                "volumes": [{"name": "a", "hostPath": {"path": "/"}}, {"name": "b", "nfs": {"server": "s", "path": "/"}},
                    {"name": "c", "emptyDir": {}}, {"name": "d", "image": {"reference": "i"}}],
                "initContainers": [{"name": "i", "image": "i", "securityContext": {"privileged": true}}],
                "ephemeralContainers": [{"name": "e", "image": "i", "securityContext": {"procMount": "Unmasked"}}],
                "containers": [{"name": "c", "image": "i",
                    "ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}],
                    "livenessProbe": {"httpGet": {"host": "h", "port": 1}},
                    "readinessProbe": {"tcpSocket": {"host": "h", "port": 1}},
                    "startupProbe": {"tcpSocket": {"port": 1}},
                    "lifecycle": {"postStart": {"httpGet": {"host": "h", "port": 1}}, "preStop": {"exec": {"command": ["x"]}}},
                    "securityContext": {"allowPrivilegeEscalation": true, "capabilities": {"add": ["NET_ADMIN"], "drop": ["MKNOD"]}}}]
            }
        });
        let (facts, _) = read(&[&pod.to_string()]);
        let kept = &facts.workloads[0].pod.security;
        let mut checks = std::collections::BTreeSet::new();
        for level in [Level::Baseline, Level::Restricted] {
            for minor in 0..40 {
                let whole = failing(&pod, level, minor);
                assert_eq!(judge(kept, level, minor, u32::MAX), whole, "{level:?} {minor}");
                checks.extend(whole.iter().map(|one| one.check));
            }
        }
        assert_eq!(checks.len(), 19, "each check is failed somewhere: {checks:?}");
    }

    #[test]
    fn equal_pods_are_kept_once_and_ports_on_the_nodes_network_are_defaulted() {
        let pod = |name: &str, spec: &str| {
            format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: a}}\nspec: {spec}\n")
        };
        let plain = "{containers: [{name: c, image: i}]}";
        let other = "{containers: [{name: d, image: j, env: [{name: A, value: b}]}]}";
        let host = "{hostNetwork: true, containers: [{name: c, ports: [{containerPort: 80}]}]}";
        let all = [pod("a", plain), pod("b", other), pod("c", host)].join("---\n");
        let (facts, _) = read(&[&all]);
        let kept: Vec<&str> = facts.workloads.iter().map(|one| &*one.pod.security).collect();
        assert_eq!(kept[0], r#"{"spec":{"containers":[{}]}}"#);
        assert!(std::ptr::eq(kept[0], kept[1]));
        let failed = judge(kept[2], Level::Baseline, u32::MAX, u32::MAX);
        let checks: Vec<&str> = failed.iter().map(|one| one.check).collect();
        assert_eq!(checks, ["hostNamespaces", "hostPorts"]);
    }

    #[test]
    fn an_old_server_knows_no_image_volume_and_no_apparmor_field() {
        let image = r#"{"spec":{"volumes":[{"image":{}}],"containers":[]}}"#;
        assert_eq!(
            judge(image, Level::Restricted, 32, 32)[0].check,
            "restrictedVolumes"
        );
        assert!(judge(image, Level::Restricted, 32, 33).is_empty());
        let armor =
            r#"{"spec":{"securityContext":{"appArmorProfile":{"type":"Unconfined"}},"containers":[]}}"#;
        assert!(judge(armor, Level::Baseline, 29, 29).is_empty());
        assert_eq!(judge(armor, Level::Baseline, 29, 30)[0].check, "appArmorProfile");
    }
}
