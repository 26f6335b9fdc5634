//! The Pod Security Standards: whether a pod passes a level, as of a version.
//!
//! Source: kubernetes/pod-security-admission, policy/check_*.go of 1.37. The pod is judged as it is given: what the API
//! server defaults or an admission plugin changes before is not done here.

use serde_json::Value;

/// A level.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Everything passes.
    Privileged,
    /// Known escalations are refused.
    Baseline,
    /// Hardening is asked for too.
    Restricted,
}

impl Level {
    /// The level of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "privileged" => Some(Self::Privileged),
            "baseline" => Some(Self::Baseline),
            "restricted" => Some(Self::Restricted),
            _ => None,
        }
    }
}

/// The minor version of "v1.N", or the newest of "latest".
#[must_use]
pub fn parse_version(word: &str) -> Option<u32> {
    if matches!(word, "" | "latest") {
        return Some(u32::MAX);
    }
    let digits = word.strip_prefix("v1.")?;
    let plain =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    digits.parse().ok().filter(|_| plain)
}

/// A check that a pod fails, and the fields for which it does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failing {
    /// The check's id upstream.
    pub check: &'static str,
    /// The fields, as JSON paths.
    pub fields: Vec<String>,
}

/// Containers with their paths, and the pod's spec.
struct Pod<'p> {
    pod: &'p Value,
    spec: &'p Value,
    containers: Vec<(String, &'p Value)>,
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A field by a dotted path; null where there is none.
fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.')
        .fold(value, |value, key| value.get(key).unwrap_or(&Value::Null))
}

impl<'p> Pod<'p> {
    fn new(pod: &'p Value) -> Self {
        let spec = at(pod, "spec");
        let containers = ["initContainers", "containers", "ephemeralContainers"]
            .iter()
            .flat_map(|field| {
                list(at(spec, field))
                    .iter()
                    .enumerate()
                    .map(move |(number, one)| (format!("spec.{field}[{number}]"), one))
            })
            .collect();
        Self {
            pod,
            spec,
            containers,
        }
    }

    /// The fields of the pod's and the containers' security contexts for which a test fails.
    fn contexts(&self, pod_too: bool, path: &str, bad: impl Fn(&Value) -> bool) -> Vec<String> {
        let own = pod_too.then_some(("spec".to_owned(), self.spec));
        own.into_iter()
            .chain(self.containers.iter().map(|(path, one)| (path.clone(), *one)))
            .filter(|(_, one)| bad(at(at(one, "securityContext"), path)))
            .map(|(owner, _)| format!("{owner}.securityContext.{path}"))
            .collect()
    }

    fn windows(&self) -> bool {
        text(at(self.spec, "os.name")) == "windows"
    }

    fn own_users(&self) -> bool {
        at(self.spec, "hostUsers") == &Value::Bool(false)
    }

    /// Annotations with that prefix whose value fails a test.
    fn annotations(&self, prefix: &str, bad: impl Fn(&str, &str) -> bool) -> Vec<String> {
        at(self.pod, "metadata.annotations")
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| {
                let rest = key.strip_prefix(prefix)?;
                bad(rest, text(value)).then(|| format!("metadata.annotations[{key}]"))
            })
            .collect()
    }
}

const BASELINE_CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Sysctls that pass, from which minor version on.
const SYSCTLS: &[(u32, &[&str])] = &[
    (
        0,
        &[
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
        ],
    ),
    (27, &["net.ipv4.ip_local_reserved_ports"]),
    (
        29,
        &[
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
        ],
    ),
    (32, &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]),
    (
        37,
        &["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"],
    ),
];

/// Volumes that pass restricted.
const VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn good_profile(kind: &str) -> bool {
    matches!(kind, "RuntimeDefault" | "Localhost")
}

/// The checks of a level and version that a pod fails, in upstream's order: baseline's, then restricted's.
#[must_use]
pub fn failing(pod: &Value, level: Level, minor: u32) -> Vec<Failing> {
    if level == Level::Privileged {
        return Vec::new();
    }
    let pod = Pod::new(pod);
    let mut found = Vec::new();
    let mut check = |check: &'static str, fields: Vec<String>| {
        if !fields.is_empty() {
            found.push(Failing { check, fields });
        }
    };
    let restricted = level == Level::Restricted;
    baseline(&pod, minor, restricted, &mut check);
    if restricted {
        self::restricted(&pod, minor, &mut check);
    }
    found
}

fn baseline(pod: &Pod<'_>, minor: u32, overridden: bool, check: &mut dyn FnMut(&'static str, Vec<String>)) {
    let is_true = |value: &Value| value == &Value::Bool(true);
    check(
        "appArmorProfile",
        [
            pod.contexts(true, "appArmorProfile", |one| {
                !one.is_null() && !good_profile(text(at(one, "type")))
            }),
            pod.annotations("container.apparmor.security.beta.kubernetes.io/", |_, value| {
                !matches!(value, "" | "runtime/default") && !value.starts_with("localhost/")
            }),
        ]
        .concat(),
    );
    if !(overridden && minor >= 22) {
        let fields = pod.contexts(false, "capabilities.add", |add| {
            list(add)
                .iter()
                .any(|one| !BASELINE_CAPABILITIES.contains(&text(one)))
        });
        check("capabilities_baseline", fields);
    }
    check(
        "hostNamespaces",
        ["hostNetwork", "hostPID", "hostIPC"]
            .iter()
            .filter(|field| is_true(at(pod.spec, field)))
            .map(|field| format!("spec.{field}"))
            .collect(),
    );
    if !overridden {
        let fields = list(at(pod.spec, "volumes"))
            .iter()
            .enumerate()
            .filter(|(_, one)| !at(one, "hostPath").is_null())
            .map(|(number, _)| format!("spec.volumes[{number}].hostPath"))
            .collect();
        check("hostPathVolumes", fields);
    }
    check("hostPorts", ports(pod));
    if minor >= 34 {
        check("hostProbesAndHostLifecycle", probes(pod));
    }
    check("privileged", pod.contexts(false, "privileged", is_true));
    // From 1.35 on restricted has its own, and a user namespace is enough for baseline.
    if minor < 35 || !(overridden || pod.own_users()) {
        check("procMount", pod.contexts(false, "procMount", bad_proc_mount));
    }
    check("seLinuxOptions", selinux(pod, minor));
    if minor < 19 {
        check("seccompProfile_baseline", old_seccomp(pod));
    } else if !overridden {
        let fields = pod.contexts(true, "seccompProfile", |one| {
            !one.is_null() && !good_profile(text(at(one, "type")))
        });
        check("seccompProfile_baseline", fields);
    }
    check(
        "sysctls",
        list(at(pod.spec, "securityContext.sysctls"))
            .iter()
            .enumerate()
            .filter(|(_, one)| {
                let name = text(at(one, "name"));
                !SYSCTLS
                    .iter()
                    .any(|(since, all)| *since <= minor && all.contains(&name))
            })
            .map(|(number, _)| format!("spec.securityContext.sysctls[{number}].name"))
            .collect(),
    );
    check(
        "windowsHostProcess",
        pod.contexts(true, "windowsOptions.hostProcess", is_true),
    );
}

fn bad_proc_mount(value: &Value) -> bool {
    !value.is_null() && text(value) != "Default"
}

fn ports(pod: &Pod<'_>) -> Vec<String> {
    let mut fields = Vec::new();
    for (path, container) in &pod.containers {
        for (number, port) in list(at(container, "ports")).iter().enumerate() {
            if at(port, "hostPort").as_i64().unwrap_or(0) != 0 {
                fields.push(format!("{path}.ports[{number}].hostPort"));
            }
        }
    }
    fields
}

fn probes(pod: &Pod<'_>) -> Vec<String> {
    let mut fields = Vec::new();
    for (path, container) in &pod.containers {
        for handler in [
            "livenessProbe",
            "readinessProbe",
            "startupProbe",
            "lifecycle.postStart",
            "lifecycle.preStop",
        ] {
            for action in ["httpGet", "tcpSocket"] {
                let field = format!("{handler}.{action}.host");
                if !text(at(container, &field)).is_empty() {
                    fields.push(format!("{path}.{field}"));
                }
            }
        }
    }
    fields
}

fn selinux(pod: &Pod<'_>, minor: u32) -> Vec<String> {
    let good = |kind: &str| {
        matches!(kind, "" | "container_t" | "container_init_t" | "container_kvm_t")
            || (minor >= 31 && kind == "container_engine_t")
    };
    [
        pod.contexts(true, "seLinuxOptions.type", |one| !good(text(one))),
        pod.contexts(true, "seLinuxOptions.user", |one| !text(one).is_empty()),
        pod.contexts(true, "seLinuxOptions.role", |one| !text(one).is_empty()),
    ]
    .concat()
}

/// Before 1.19 seccomp was an annotation.
fn old_seccomp(pod: &Pod<'_>) -> Vec<String> {
    let bad = |value: &str| {
        !matches!(value, "runtime/default" | "docker/default") && !value.starts_with("localhost/")
    };
    [
        pod.annotations("seccomp.security.alpha.kubernetes.io/pod", |rest, value| {
            rest.is_empty() && bad(value)
        }),
        pod.annotations(
            "container.seccomp.security.alpha.kubernetes.io/",
            |name, value| {
                pod.containers
                    .iter()
                    .any(|(_, one)| text(at(one, "name")) == name)
                    && bad(value)
            },
        ),
    ]
    .concat()
}

fn restricted(pod: &Pod<'_>, minor: u32, check: &mut dyn FnMut(&'static str, Vec<String>)) {
    // From 1.25 on what Windows does not have is not asked of it.
    let asked = !(minor >= 25 && pod.windows());
    if minor >= 8 && asked {
        let fields = pod.contexts(false, "allowPrivilegeEscalation", |one| {
            one != &Value::Bool(false)
        });
        check("allowPrivilegeEscalation", fields);
    }
    if minor >= 22 && asked {
        let drop = pod.contexts(false, "capabilities.drop", |drop| {
            !list(drop).iter().any(|one| text(one) == "ALL")
        });
        let add = pod.contexts(false, "capabilities.add", |add| {
            list(add).iter().any(|one| text(one) != "NET_BIND_SERVICE")
        });
        check("capabilities_restricted", [drop, add].concat());
    }
    if minor >= 35 {
        check(
            "procMount_restricted",
            pod.contexts(false, "procMount", bad_proc_mount),
        );
    }
    check(
        "restrictedVolumes",
        list(at(pod.spec, "volumes"))
            .iter()
            .enumerate()
            .filter(|(_, one)| VOLUMES.iter().all(|sort| at(one, sort).is_null()))
            .map(|(number, _)| format!("spec.volumes[{number}]"))
            .collect(),
    );
    let own_users = minor >= 35 && pod.own_users();
    if !own_users {
        let own = at(pod.spec, "securityContext.runAsNonRoot").as_bool();
        let mut fields: Vec<String> = (own == Some(false))
            .then(|| "spec.securityContext.runAsNonRoot".to_owned())
            .into_iter()
            .collect();
        for (path, container) in &pod.containers {
            let said = at(container, "securityContext.runAsNonRoot").as_bool();
            if said == Some(false) || (said.is_none() && own != Some(true)) {
                fields.push(format!("{path}.securityContext.runAsNonRoot"));
            }
        }
        check("runAsNonRoot", fields);
        if minor >= 23 {
            check(
                "runAsUser",
                pod.contexts(true, "runAsUser", |one| one.as_i64() == Some(0)),
            );
        }
    }
    if minor >= 19 && asked {
        let own = at(pod.spec, "securityContext.seccompProfile");
        let own_good = !own.is_null() && good_profile(text(at(own, "type")));
        let mut fields: Vec<String> = (!own.is_null() && !own_good)
            .then(|| "spec.securityContext.seccompProfile".to_owned())
            .into_iter()
            .collect();
        for (path, container) in &pod.containers {
            let said = at(container, "securityContext.seccompProfile");
            let bad = if said.is_null() {
                !own_good
            } else {
                !good_profile(text(at(said, "type")))
            };
            if bad {
                fields.push(format!("{path}.securityContext.seccompProfile"));
            }
        }
        check("seccompProfile_restricted", fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ids(spec: Value, level: &str, version: &str) -> Vec<&'static str> {
        let pod = json!({"metadata": {"name": "p"}, "spec": spec});
        failing(
            &pod,
            Level::parse(level).unwrap(),
            parse_version(version).unwrap(),
        )
        .into_iter()
        .map(|one| one.check)
        .collect()
    }

    fn hardened() -> Value {
        json!({"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "c", "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}]})
    }

    #[test]
    fn a_hardened_pod_passes_and_a_plain_one_fails_restricted() {
        for version in ["latest", "v1.0", "v1.24", "v1.35"] {
            assert!(ids(hardened(), "restricted", version).is_empty(), "{version}");
        }
        let plain = json!({"containers": [{"name": "c"}]});
        assert!(ids(plain.clone(), "baseline", "latest").is_empty());
        assert_eq!(
            ids(plain.clone(), "restricted", "latest"),
            [
                "allowPrivilegeEscalation",
                "capabilities_restricted",
                "runAsNonRoot",
                "seccompProfile_restricted"
            ]
        );
        assert_eq!(ids(plain, "restricted", "v1.7"), ["runAsNonRoot"]);
    }

    #[test]
    fn versions_change_what_passes() {
        let mut pod = hardened();
        pod["hostUsers"] = json!(false);
        pod["securityContext"]["runAsNonRoot"] = json!(false);
        assert_eq!(ids(pod.clone(), "restricted", "v1.34"), ["runAsNonRoot"]);
        assert!(ids(pod, "restricted", "v1.35").is_empty());
        let sysctl =
            json!({"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_rmem"}]}, "containers": []});
        assert_eq!(ids(sysctl.clone(), "baseline", "v1.31"), ["sysctls"]);
        assert!(ids(sysctl, "baseline", "v1.32").is_empty());
        let probe = json!({"containers": [{"livenessProbe": {"httpGet": {"host": "127.0.0.1"}}}]});
        assert!(ids(probe.clone(), "baseline", "v1.33").is_empty());
        assert_eq!(ids(probe, "baseline", "v1.34"), ["hostProbesAndHostLifecycle"]);
        let proc_mount =
            json!({"hostUsers": false, "containers": [{"securityContext": {"procMount": "Unmasked"}}]});
        assert_eq!(ids(proc_mount.clone(), "baseline", "v1.34"), ["procMount"]);
        assert!(ids(proc_mount.clone(), "baseline", "v1.35").is_empty());
        assert!(ids(proc_mount, "restricted", "v1.35").contains(&"procMount_restricted"));
    }

    #[test]
    fn baseline_refuses_the_node() {
        let pod = json!({"hostPID": true, "hostNetwork": true,
            "volumes": [{"name": "v", "hostPath": {"path": "/"}}],
            "containers": [{"ports": [{"hostPort": 80}], "securityContext": {"privileged": true, "capabilities": {"add": ["SYS_ADMIN"]}}}]});
        assert_eq!(
            ids(pod.clone(), "baseline", "latest"),
            [
                "capabilities_baseline",
                "hostNamespaces",
                "hostPathVolumes",
                "hostPorts",
                "privileged"
            ]
        );
        let all = ids(pod.clone(), "restricted", "latest");
        assert!(all.contains(&"restrictedVolumes") && !all.contains(&"hostPathVolumes"));
        assert!(ids(pod, "privileged", "latest").is_empty());
        for word in ["1.30", "v1.030", "v2.1", "newest"] {
            assert_eq!(parse_version(word), None, "{word}");
        }
    }
}
