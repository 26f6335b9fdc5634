//! Pod Security: random pods, at every level and version.

use crate::ask::Program;
use crate::sample::{Dice, seeds};
use crate::world::{decide, facts};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Sometimes a field with one of some values.
fn maybe(dice: &mut Dice, into: &mut Value, field: &str, one_in: usize, values: &[Value]) {
    if dice.one_in(one_in) {
        into[field] = values[dice.roll(values.len())].clone();
    }
}

fn flags() -> [Value; 3] {
    [json!(true), json!(false), json!(true)]
}

fn profiles() -> [Value; 6] {
    [
        "RuntimeDefault",
        "Localhost",
        "Unconfined",
        "",
        "RuntimeDefault",
        "runtime/default",
    ]
    .map(|kind| json!({"type": kind}))
}

fn selinux(dice: &mut Dice) -> Value {
    let mut one = json!({});
    let types = [
        "",
        "container_t",
        "container_init_t",
        "container_kvm_t",
        "container_engine_t",
        "spc_t",
    ];
    maybe(dice, &mut one, "type", 2, &types.map(|kind| json!(kind)));
    maybe(dice, &mut one, "user", 5, &[json!(""), json!("u")]);
    maybe(dice, &mut one, "role", 5, &[json!(""), json!("r")]);
    maybe(dice, &mut one, "level", 3, &[json!("s0")]);
    one
}

/// What the security contexts of pods and containers share.
fn context(dice: &mut Dice) -> Value {
    let mut one = json!({});
    maybe(dice, &mut one, "runAsNonRoot", 3, &flags());
    maybe(
        dice,
        &mut one,
        "runAsUser",
        5,
        &[json!(0), json!(1), json!(65534)],
    );
    maybe(dice, &mut one, "seccompProfile", 3, &profiles());
    maybe(dice, &mut one, "appArmorProfile", 6, &profiles());
    if dice.one_in(6) {
        one["seLinuxOptions"] = selinux(dice);
    }
    if dice.one_in(10) {
        one["windowsOptions"] = json!({});
        maybe(dice, &mut one["windowsOptions"], "hostProcess", 2, &flags());
    }
    one
}

const CAPABILITIES: &[&str] = &[
    "NET_BIND_SERVICE",
    "NET_BIND_SERVICE",
    "CHOWN",
    "SYS_CHROOT",
    "SETPCAP",
    "NET_RAW",
    "SYS_ADMIN",
    "ALL",
    "all",
    "CAP_CHOWN",
    "MKNOD",
    "",
];

fn handler(dice: &mut Dice) -> Value {
    let host = ["", "127.0.0.1", "a.io"].map(|host| json!(host));
    let mut one = json!({"port": 80});
    maybe(dice, &mut one, "host", 2, &host);
    let kind = dice.pick(&["httpGet", "tcpSocket", "exec"]);
    if kind == "exec" {
        one = json!({"command": ["x"]});
    }
    json!({kind: one})
}

fn container(dice: &mut Dice, name: &str, ephemeral: bool) -> Value {
    let mut one = json!({"name": name, "image": "i"});
    if !dice.one_in(4) {
        let mut security = context(dice);
        maybe(dice, &mut security, "privileged", 6, &flags());
        maybe(
            dice,
            &mut security,
            "allowPrivilegeEscalation",
            2,
            &[json!(false), json!(false), json!(true)],
        );
        maybe(
            dice,
            &mut security,
            "procMount",
            8,
            &["Default", "Unmasked", ""].map(|kind| json!(kind)),
        );
        if !dice.one_in(3) {
            security["capabilities"] = json!({});
            if dice.one_in(2) {
                security["capabilities"]["add"] = json!(dice.some(CAPABILITIES, 2));
            }
            if !dice.one_in(3) {
                security["capabilities"]["drop"] = json!(dice.some(&["ALL", "ALL", "all", "NET_RAW"], 1));
            }
        }
        one["securityContext"] = security;
    }
    if ephemeral {
        return one;
    }
    if dice.one_in(5) {
        let ports = [json!(0), json!(80), json!(8080)];
        let mut port = json!({"containerPort": 8080});
        maybe(dice, &mut port, "hostPort", 2, &ports);
        one["ports"] = json!([{"containerPort": 1}, port]);
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if dice.one_in(8) {
            one[probe] = handler(dice);
        }
    }
    if dice.one_in(8) {
        one["lifecycle"] = json!({dice.pick(&["postStart", "preStop"]): handler(dice)});
    }
    one
}

const VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
    "image",
    "hostPath",
    "nfs",
    "gitRepo",
    "iscsi",
    "awsElasticBlockStore",
    "rbd",
    "flexVolume",
];

pub(crate) fn pod(dice: &mut Dice) -> Value {
    let mut spec = json!({});
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        maybe(dice, &mut spec, field, 8, &flags());
    }
    maybe(dice, &mut spec, "hostUsers", 4, &flags());
    if dice.one_in(6) {
        spec["os"] = json!({"name": dice.pick(&["windows", "linux", "Windows", ""])});
    }
    if !dice.one_in(3) {
        let mut security = context(dice);
        if dice.one_in(4) {
            let names = dice.some(
                &[
                    "kernel.shm_rmid_forced",
                    "net.ipv4.ip_local_port_range",
                    "net.ipv4.tcp_syncookies",
                    "net.ipv4.ping_group_range",
                    "net.ipv4.ip_unprivileged_port_start",
                    "net.ipv4.ip_local_reserved_ports",
                    "net.ipv4.tcp_keepalive_time",
                    "net.ipv4.tcp_fin_timeout",
                    "net.ipv4.tcp_keepalive_intvl",
                    "net.ipv4.tcp_keepalive_probes",
                    "net.ipv4.tcp_rmem",
                    "net.ipv4.tcp_wmem",
                    "net.ipv4.tcp_slow_start_after_idle",
                    "net.ipv4.tcp_notsent_lowat",
                    "kernel.msgmax",
                    "",
                ],
                1,
            );
            security["sysctls"] = json!(
                names
                    .iter()
                    .map(|name| json!({"name": name, "value": "1"}))
                    .collect::<Vec<_>>()
            );
        }
        spec["securityContext"] = security;
    }
    let mut names: Vec<&str> = Vec::new();
    for (field, most) in [
        ("containers", 2),
        ("initContainers", 1),
        ("ephemeralContainers", 1),
    ] {
        let least = usize::from(field == "containers");
        let all: Vec<Value> = (0..least + dice.roll(most + 1))
            .map(|number| {
                let name = ["c0", "c1", "c2", "i0", "i1", "e0", "e1"][number + names.len().min(3)];
                names.push(name);
                container(dice, name, field == "ephemeralContainers")
            })
            .collect();
        if !all.is_empty() {
            spec[field] = json!(all);
        }
    }
    spec["volumes"] = json!(
        (0..dice.roll(3))
            .map(|number| json!({"name": format!("v{number}"), dice.pick(VOLUMES): {}}))
            .collect::<Vec<_>>()
    );
    let mut metadata = json!({"name": "p", "namespace": "n"});
    for (prefix, one_in) in [
        ("container.apparmor.security.beta.kubernetes.io/", 8),
        ("container.seccomp.security.alpha.kubernetes.io/", 8),
    ] {
        if dice.one_in(one_in) {
            let value = dice.pick(&[
                "runtime/default",
                "docker/default",
                "localhost/x",
                "unconfined",
                "",
                "localhost",
            ]);
            metadata["annotations"][format!("{prefix}{}", dice.pick(&["c0", "c1", "i0", "gone", ""]))] =
                json!(value);
        }
    }
    if dice.one_in(8) {
        metadata["annotations"]["seccomp.security.alpha.kubernetes.io/pod"] = json!(dice.pick(&[
            "runtime/default",
            "docker/default",
            "localhost/x",
            "unconfined",
            ""
        ]));
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}

#[test]
fn pods_at_every_level_and_version() {
    let seeds = seeds(2_000, 1);
    let mut oracle = Program::oracle();
    let none = facts(&[]);
    let versions: Vec<String> = (0..38)
        .map(|minor| format!("v1.{minor}"))
        .chain(["latest".to_owned(), "v1.99".to_owned()])
        .collect();
    let (mut yes, mut no, mut bad) = (0, 0, 0);
    let mut met = BTreeSet::new();
    for seed in seeds.clone() {
        let pod = pod(&mut Dice::new(seed));
        let asked: Vec<(&str, &str)> = ["privileged", "baseline", "restricted"]
            .iter()
            .flat_map(|level| versions.iter().map(|version| (*level, version.as_str())))
            .collect();
        let questions: Vec<Value> = asked
            .iter()
            .map(|(level, version)| json!({"op": "psa", "level": level, "version": version, "pod": pod}))
            .collect();
        for ((level, version), theirs) in asked.into_iter().zip(oracle.ask(&questions)) {
            let ours = decide(&none, &json!({"pod": pod, "level": level, "version": version}));
            let ids = |answer: &Value, field: &str| -> BTreeSet<String> {
                answer[field]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|one| one["check"].as_str().unwrap().to_owned())
                    .collect()
            };
            let (failing, failed) = (ids(&ours, "failing"), ids(&theirs, "failed"));
            if failed.is_empty() {
                yes += 1
            } else {
                no += 1
            }
            if failing != failed || ours["allowed"] != theirs["allowed"] {
                bad += 1;
                if bad < 5 {
                    println!("seed {seed}: {level} {version} {pod}\n  ours   {ours}\n  theirs {theirs}");
                }
            }
            met.extend(failed);
        }
    }
    println!(
        "Pod Security: {} pods, {} answers ({yes} pass), seeds {seeds:?}, {bad} differ; checks met: {}",
        seeds.end - seeds.start,
        yes + no,
        met.len()
    );
    assert!(bad == 0 && met.len() == 19 && no > yes / 10, "{met:?}");
}
