//! Roles and bindings.

use super::{Dice, Size, account, crowded, list, namespace, uid};
use serde_json::{Value, json};
use std::path::Path;

/// So many operators read Secrets of the whole cluster.
const OPERATORS: usize = 20;

pub fn write(folder: &Path, size: &Size, dice: &mut Dice) -> std::io::Result<u64> {
    let mut bytes = list(folder, "clusterroles.json", size.cluster_roles, |at| {
        let rules = match at {
            0..OPERATORS => {
                json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}, rule(at, dice)])
            }
            _ => rules(at, dice),
        };
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": format!("role-{at}"), "uid": uid(6, at)}, "rules": rules})
    })?;
    bytes += list(folder, "roles.json", size.roles, |at| {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": format!("role-{at}"), "namespace": namespace(1 + at % size.namespaces), "uid": uid(7, at)},
            "rules": rules(at, dice)})
    })?;
    bytes += list(folder, "clusterrolebindings.json", size.cluster_bindings, |at| {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": format!("binding-{at}"), "uid": uid(8, at)},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": format!("role-{}", at % size.cluster_roles)},
            "subjects": [subject(at, size)]})
    })?;
    bytes += list(folder, "rolebindings.json", size.bindings, |at| {
        // One in four gives a ClusterRole, one in fifty a role that is not there.
        let of_role = at % size.roles;
        let (kind, name, home) = match at {
            _ if at % 50 == 7 => ("Role", format!("gone-{at}"), crowded(at, size)),
            _ if at % 4 == 0 => (
                "ClusterRole",
                format!("role-{}", OPERATORS + at % size.cluster_roles),
                crowded(at, size),
            ),
            _ => (
                "Role",
                format!("role-{of_role}"),
                namespace(1 + of_role % size.namespaces),
            ),
        };
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": format!("binding-{at}"), "namespace": home, "uid": uid(9, at)},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
            "subjects": [subject(at, size)]})
    })?;
    Ok(bytes)
}

fn rules(at: usize, dice: &mut Dice) -> Value {
    if at % 25 == 24 {
        return json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": if at % 50 == 49 { json!(["*"]) } else { json!(["get", "list", "watch"]) }}]);
    }
    let named = json!({"apiGroups": [""], "resourceNames": [format!("secret-{at}")], "resources": ["secrets"], "verbs": ["get"]});
    let mut all: Vec<Value> = (0..1 + dice.roll(4)).map(|_| rule(at, dice)).collect();
    if at.is_multiple_of(3) {
        all.push(named);
    }
    Value::Array(all)
}

fn rule(at: usize, dice: &mut Dice) -> Value {
    const RESOURCES: [(&str, [&str; 3]); 8] = [
        ("", ["configmaps", "services", "endpoints"]),
        ("", ["pods", "pods/log", "events"]),
        ("apps", ["deployments", "statefulsets", "replicasets"]),
        ("batch", ["jobs", "cronjobs", "jobs/status"]),
        (
            "networking.k8s.io",
            ["ingresses", "networkpolicies", "ingressclasses"],
        ),
        ("coordination.k8s.io", ["leases", "leases", "leases"]),
        ("example.com", ["widgets", "widgets/status", "widgets/finalizers"]),
        (
            "monitoring.coreos.com",
            ["servicemonitors", "prometheusrules", "podmonitors"],
        ),
    ];
    let Some((group, resources)) = RESOURCES.get(dice.roll(RESOURCES.len())) else {
        return Value::Null;
    };
    let verbs = if (at + dice.roll(3)).is_multiple_of(3) {
        json!(["create", "update", "patch", "delete"])
    } else {
        json!(["get", "list", "watch"])
    };
    json!({"apiGroups": [group], "resources": resources, "verbs": verbs})
}

/// Seven in ten are service accounts, two users, one a group.
fn subject(at: usize, size: &Size) -> Value {
    match at % 10 {
        0..7 => {
            let (namespace, name) = account(at % size.accounts, size);
            json!({"kind": "ServiceAccount", "name": name, "namespace": namespace})
        }
        7 | 8 => {
            json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": format!("user-{}@example.com", at % size.users)})
        }
        _ => {
            json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": format!("oidc:team-{}", at % size.groups)})
        }
    }
}
