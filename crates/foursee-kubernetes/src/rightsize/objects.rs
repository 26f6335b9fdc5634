//! Changes as objects to apply and to delete, and the way back.

use super::change::Change;
use super::subject::Key;
use super::yaml::documents;
use crate::facts::{Binding, Facts, Meta, PolicyRule, Role, RoleKind};
use foursee_core::rightsize::Step;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const API: &str = "rbac.authorization.k8s.io/v1";

/// What is made anew, and what is changed or gone.
pub(super) struct Plan {
    pub forward: Vec<Step>,
    pub back: Vec<Step>,
    /// The statements of what is made anew.
    pub grants: Vec<String>,
    pub made: Made,
}

/// Roles and bindings as facts would have them.
#[derive(Default)]
pub(super) struct Made {
    /// (role's kind, namespace, name, its rules, whom it is bound to).
    pub roles: Vec<(RoleKind, String, String, Vec<PolicyRule>, Key)>,
    /// Which subjects are out of which bindings; all of them, where the binding is gone.
    pub out: BTreeMap<usize, BTreeSet<usize>>,
}

fn meta(namespace: &str, name: &str) -> Map<String, Value> {
    let mut meta = Map::new();
    meta.insert("name".to_owned(), json!(name));
    if !namespace.is_empty() {
        meta.insert("namespace".to_owned(), json!(namespace));
    }
    meta
}

/// The metadata as it was read.
fn whole(of: &Meta) -> Map<String, Value> {
    let mut meta = meta(&of.namespace, &of.name);
    for (field, pairs) in [("labels", &*of.labels), ("annotations", &*of.annotations)] {
        if !pairs.is_empty() {
            let pairs: Map<String, Value> = pairs
                .iter()
                .map(|(key, value)| (key.to_string(), json!(&**value)))
                .collect();
            meta.insert(field.to_owned(), Value::Object(pairs));
        }
    }
    meta
}

fn rule(rule: &PolicyRule) -> Value {
    let mut map = Map::new();
    for (field, all) in [
        ("apiGroups", &rule.groups),
        ("resources", &rule.resources),
        ("resourceNames", &rule.names),
        ("nonResourceURLs", &rule.urls),
        ("verbs", &rule.verbs),
    ] {
        if !all.is_empty() {
            map.insert(field.to_owned(), json!(all));
        }
    }
    Value::Object(map)
}

fn role(row: &Role) -> Value {
    let mut object = json!({
        "apiVersion": API,
        "kind": row.kind.as_str(),
        "metadata": whole(&row.meta),
        "rules": row.rules.iter().map(|one| rule(&one.0)).collect::<Vec<_>>(),
    });
    if let (Some(all), Some(map)) = (&row.aggregation, object.as_object_mut()) {
        let selector = |one: &crate::facts::LabelSelector| {
            let expressions: Vec<Value> = one
                .0
                .iter()
                .map(|one| match one.values.is_empty() {
                    true => json!({"key": one.key, "operator": one.operator}),
                    false => json!({"key": one.key, "operator": one.operator, "values": one.values}),
                })
                .collect();
            if expressions.is_empty() {
                json!({})
            } else {
                json!({"matchExpressions": expressions})
            }
        };
        let selectors: Vec<Value> = all.iter().map(selector).collect();
        map.insert(
            "aggregationRule".to_owned(),
            json!({"clusterRoleSelectors": selectors}),
        );
    }
    object
}

/// A binding with the subjects that are not out; as it was read with none out.
fn binding(row: &Binding, out: &BTreeSet<usize>, metadata: Map<String, Value>) -> Value {
    let subject = |one: &crate::facts::Subject| {
        let mut map = Map::new();
        if &*one.kind != "ServiceAccount" {
            map.insert("apiGroup".to_owned(), json!("rbac.authorization.k8s.io"));
        }
        map.insert("kind".to_owned(), json!(one.kind));
        map.insert("name".to_owned(), json!(one.name));
        if !one.namespace.is_empty() {
            map.insert("namespace".to_owned(), json!(one.namespace));
        }
        Value::Object(map)
    };
    let subjects: Vec<Value> = row
        .subjects
        .iter()
        .enumerate()
        .filter(|(which, _)| !out.contains(which))
        .map(|one| subject(one.1))
        .collect();
    json!({
        "apiVersion": API,
        "kind": row.kind(),
        "metadata": metadata,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": row.role_kind, "name": row.role_name},
        "subjects": subjects,
    })
}

/// An object, to be deleted by its name.
fn named(kind: &str, of: &Meta) -> Value {
    json!({"apiVersion": API, "kind": kind, "metadata": meta(&of.namespace, &of.name)})
}

/// Changes that belong together, as one plan.
pub(super) fn plan(facts: &Facts, changes: &[Change]) -> Plan {
    let (mut apply, mut delete, mut restore, mut undo) = (vec![], vec![], vec![], vec![]);
    let mut made = Made::default();
    let mut grants = Vec::new();
    for change in changes {
        let Some(key) = &change.key else { continue };
        for (namespace, rules) in &change.rules {
            let kind = if namespace.is_empty() {
                RoleKind::ClusterRole
            } else {
                RoleKind::Role
            };
            let name = free(facts, kind, namespace, &key.role_name());
            let bound = if namespace.is_empty() {
                "ClusterRoleBinding"
            } else {
                "RoleBinding"
            };
            let metadata = meta(namespace, &name);
            apply.push(json!({
                "apiVersion": API, "kind": kind.as_str(), "metadata": metadata,
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            }));
            apply.push(json!({
                "apiVersion": API, "kind": bound, "metadata": metadata,
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind.as_str(), "name": name},
                "subjects": [key.subject()],
            }));
            for kind in [bound, kind.as_str()] {
                undo.push(json!({"apiVersion": API, "kind": kind, "metadata": metadata}));
            }
            let place = if namespace.is_empty() {
                "cluster-wide".to_owned()
            } else {
                format!("in {namespace}")
            };
            grants.extend(
                rules
                    .iter()
                    .map(|one| format!("{place}: {}", crate::rules::common::rule_text(one))),
            );
            made.roles
                .push((kind, namespace.clone(), name, rules.clone(), key.clone()));
        }
    }
    for (at, which) in changes.iter().flat_map(|one| &one.out) {
        made.out.entry(*at).or_default().insert(*which);
    }
    for at in changes.iter().flat_map(|one| &one.empty) {
        made.out.entry(*at).or_default();
    }
    for (at, out) in &made.out {
        let Some(row) = facts.bindings.get(*at) else {
            continue;
        };
        restore.push(binding(row, &BTreeSet::new(), whole(&row.meta)));
        if out.len() < row.subjects.len() {
            apply.push(binding(row, out, meta(&row.meta.namespace, &row.meta.name)));
        } else {
            delete.push(named(row.kind(), &row.meta));
        }
    }
    for row in changes
        .iter()
        .flat_map(|one| &one.roles)
        .filter_map(|at| facts.roles.get(*at))
    {
        restore.push(role(row));
        delete.push(named(row.kind.as_str(), &row.meta));
    }
    let step = |file, command, objects: &[Value]| {
        (!objects.is_empty()).then(|| Step {
            file,
            command,
            text: documents(objects),
        })
    };
    const DELETE: &str = "kubectl delete --ignore-not-found -f FILE";
    Plan {
        forward: [
            step("1-apply.yaml", "kubectl apply -f FILE", &apply),
            step("2-delete.yaml", DELETE, &delete),
        ]
        .into_iter()
        .flatten()
        .collect(),
        back: [
            step("rollback-1-apply.yaml", "kubectl apply -f FILE", &restore),
            step("rollback-2-delete.yaml", DELETE, &undo),
        ]
        .into_iter()
        .flatten()
        .collect(),
        grants,
        made,
    }
}

/// A name that neither a role nor a binding there has.
fn free(facts: &Facts, kind: RoleKind, namespace: &str, name: &str) -> String {
    let taken = |name: &str| {
        facts.role(kind, namespace, name).is_some()
            || facts
                .index
                .bindings_of(namespace)
                .filter_map(|at| facts.bindings.get(at))
                .any(|one| *one.meta.name == *name)
    };
    let mut free = name.to_owned();
    let mut number = 2;
    while taken(&free) {
        free = format!("{name}-{number}");
        number += 1;
    }
    free
}
