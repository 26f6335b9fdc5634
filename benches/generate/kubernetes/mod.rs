//! A cluster's export, each List in one line as the API server gives it: kubectl's blanks would be as much again.
//!
//! Scale 1 is the large cluster: 1,000 nodes and namespaces, 30,000 pods, 8,000 workloads, 5,000 service accounts (one in
//! five the namespace's default), 500 ClusterRoles, 700 ClusterRoleBindings, 3,000 Roles, 8,000 RoleBindings, 10,000
//! Secrets (one in fifty a token's), 300 users and 150 groups in bindings. Skew: a tenth of the namespaces holds 60 % of
//! the pods, 30 % of the pods run as the default account, ten DaemonSets stand on every node, one role in 25 has a
//! wildcard, one binding in 50 dangles, 20 operators read Secrets everywhere.

mod pods;
mod rbac;

use super::Dice;
use serde_json::{Value, json};
use std::path::Path;

/// How many DaemonSets stand on every node.
const DAEMONS: usize = 10;

/// The cluster's sizes.
struct Size {
    nodes: usize,
    namespaces: usize,
    pods: usize,
    workloads: usize,
    accounts: usize,
    cluster_roles: usize,
    cluster_bindings: usize,
    roles: usize,
    bindings: usize,
    secrets: usize,
    users: usize,
    groups: usize,
}

/// Writes the export; `of` scales a number of objects.
pub fn write(folder: &Path, of: impl Fn(f64) -> usize) -> std::io::Result<u64> {
    let size = Size {
        nodes: of(1_000.0),
        namespaces: of(1_000.0),
        pods: of(30_000.0),
        workloads: of(8_000.0),
        accounts: of(5_000.0),
        cluster_roles: of(500.0),
        cluster_bindings: of(700.0),
        roles: of(3_000.0),
        bindings: of(8_000.0),
        secrets: of(10_000.0),
        users: of(300.0),
        groups: of(150.0),
    };
    let mut dice = Dice(42);
    let mut bytes = list(folder, "nodes.json", size.nodes, node)?;
    bytes += list(folder, "namespaces.json", size.namespaces + 1, |at| {
        let name = if at == 0 {
            "kube-system".to_owned()
        } else {
            namespace(at)
        };
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"kubernetes.io/metadata.name": name, "team": format!("team-{}", at % 40)}, "name": name, "uid": uid(0, at)},
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})
    })?;
    bytes += list(folder, "serviceaccounts.json", size.accounts, |at| {
        let (namespace, name) = account(at, &size);
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace, "uid": uid(1, at)}})
    })?;
    bytes += rbac::write(folder, &size, &mut dice)?;
    bytes += list(folder, "secrets.json", size.secrets, |at| secret(at, &size))?;
    bytes += list(folder, "workloads.json", size.workloads, |at| {
        pods::workload(at, &size, &mut dice)
    })?;
    bytes += list(folder, "pods.json", size.pods, |at| {
        pods::pod(at, &size, &mut dice)
    })?;
    Ok(bytes)
}

fn uid(kind: usize, at: usize) -> String {
    format!("{kind}a1b2c3d-0000-4000-8000-{at:012}")
}

fn namespace(at: usize) -> String {
    format!("team-{at}")
}

/// A namespace for what is `at`: six in ten in the first tenth of them.
fn crowded(at: usize, size: &Size) -> String {
    let first = (size.namespaces / 10).max(1);
    let within = if at % 10 < 6 { first } else { size.namespaces };
    namespace(1 + at.wrapping_mul(2_654_435_761) % within)
}

/// An account's namespace and name: one in five is its namespace's default, the first are of operators and DaemonSets.
fn account(at: usize, size: &Size) -> (String, String) {
    match at {
        0..DAEMONS => ("kube-system".to_owned(), format!("daemon-{at}")),
        _ if at.is_multiple_of(5) => (namespace(1 + at / 5 % size.namespaces), "default".to_owned()),
        _ => (namespace(1 + at % size.namespaces), format!("app-{at}")),
    }
}

fn node_name(at: usize) -> String {
    format!(
        "ip-10-{}-{}-{}.ec2.internal",
        at / 65_536,
        at / 256 % 256,
        at % 256
    )
}

fn node(at: usize) -> Value {
    let zone = ["eu-west-1a", "eu-west-1b", "eu-west-1c"].get(at % 3);
    json!({"apiVersion": "v1", "kind": "Node",
        "metadata": {"annotations": {"node.alpha.kubernetes.io/ttl": "0"}, "labels": {"kubernetes.io/arch": "amd64", "kubernetes.io/hostname": node_name(at), "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": zone}, "name": node_name(at), "uid": uid(4, at)},
        "spec": {"podCIDR": format!("10.{}.{}.0/24", at / 256, at % 256), "providerID": format!("aws:///eu-west-1a/i-{at:017x}")},
        "status": {"allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"}, "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110"},
            "nodeInfo": {"architecture": "amd64", "containerRuntimeVersion": "containerd://2.1.4", "kubeletVersion": "v1.35.2", "operatingSystem": "linux", "osImage": "Bottlerocket"}}})
}

/// One in fifty is a service account's long-lived token; values are as long as usual.
fn secret(at: usize, size: &Size) -> Value {
    if at.is_multiple_of(50) {
        let (namespace, name) = account(at / 50, size);
        return json!({"apiVersion": "v1", "data": {"ca.crt": "QUFB".repeat(300), "namespace": "dGVhbQ==", "token": "ZXlK".repeat(200)}, "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {"annotations": {"kubernetes.io/service-account.name": name, "kubernetes.io/service-account.uid": uid(1, at / 50)}, "name": format!("{name}-token"), "namespace": namespace, "uid": uid(5, at)}});
    }
    json!({"apiVersion": "v1", "data": {"password": "c2VjcmV0LXZhbHVl", "username": "YXBw"}, "kind": "Secret", "type": "Opaque",
        "metadata": {"name": format!("secret-{at}"), "namespace": crowded(at, size), "uid": uid(5, at)}})
}

fn list(folder: &Path, name: &str, count: usize, item: impl FnMut(usize) -> Value) -> std::io::Result<u64> {
    super::compact(&folder.join(name), count, item)
}
