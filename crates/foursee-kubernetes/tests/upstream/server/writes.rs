//! Writes of roles and bindings by others, as dry runs: the escalation check in place.

use super::{clear, collection, differing, held, put, restful};
use crate::ask::Program;
use crate::sample::{Dice, seeds};
use crate::world::{self, NAMESPACES, RBAC, decide};
use serde_json::{Value, json};

/// Roles that let their holders write roles and bindings, more or less.
fn managers(dice: &mut Dice) -> Vec<Value> {
    let mut all = restful(world::world(dice));
    for number in 0..6 {
        let rules: Vec<Value> = (0..1 + dice.roll(3))
            .map(|_| {
                let mut rule = json!({"apiGroups": [dice.pick(&[RBAC, RBAC, "*"])],
                    "resources": dice.some(&["roles", "clusterroles", "rolebindings", "clusterrolebindings", "*"], 2),
                    "verbs": dice.some(&["create", "update", "patch", "bind", "escalate", "*"], 3)});
                if dice.one_in(4) {
                    rule["resourceNames"] = json!(dice.some(&["r1", "r2", "a1", "x"], 2));
                }
                rule
            })
            .collect();
        let name = format!("m{number}");
        all.push(json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}));
        let namespace = if dice.one_in(2) { "" } else { dice.pick(NAMESPACES) };
        let mut binding = json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": name},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": dice.pick(&["u1", "u2"])}]});
        if !namespace.is_empty() {
            binding["kind"] = json!("RoleBinding");
            binding["metadata"]["namespace"] = json!(namespace);
        }
        all.push(binding);
    }
    all
}

/// A role or a binding that somebody writes, and how.
fn write(dice: &mut Dice, stored: &[Value]) -> (&'static str, Value) {
    let cluster = dice.one_in(2);
    let mut object = json!({"apiVersion": format!("{RBAC}/v1"), "metadata": {"name": dice.pick(&["r1", "r2", "a1", "b01", "b05", "x"])}});
    if !cluster {
        object["metadata"]["namespace"] = json!(dice.pick(NAMESPACES));
    }
    if dice.one_in(2) {
        object["kind"] = json!(if cluster { "ClusterRole" } else { "Role" });
        let some = stored[dice.roll(stored.len())]["rules"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        // A Role cannot hold URLs.
        let some: Vec<Value> = some
            .into_iter()
            .filter(|one| cluster || one["nonResourceURLs"].is_null())
            .collect();
        object["rules"] = json!(some);
        if cluster && dice.one_in(4) {
            object["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": {"x": "y"}}]});
        }
    } else {
        object["kind"] = json!(if cluster {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        });
        let kind = if cluster || dice.one_in(2) {
            "ClusterRole"
        } else {
            "Role"
        };
        let name = dice.pick(&["r1", "r2", "r3", "a1", "m0", "view", "gone"]);
        object["roleRef"] = json!({"apiGroup": RBAC, "kind": kind, "name": name});
        object["subjects"] = json!([{"apiGroup": RBAC, "kind": "User", "name": "mallory"}]);
    }
    (dice.pick(&["create", "update", "patch", "apply"]), object)
}

pub(super) fn writes(client: &mut Program) {
    const EACH: usize = 500;
    let seeds = seeds(10_000, EACH);
    let (mut all, mut yes, mut refused, mut bad) = (0, 0, 0, 0);
    for seed in seeds.clone() {
        let mut dice = Dice::new(seed);
        let taken = put(client, &managers(&mut dice));
        let (stored, facts) = held(client);
        let (mut questions, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..EACH {
            let (verb, mut object) = write(&mut dice, &stored);
            let user = dice.pick(&["u1", "u2", "system:serviceaccount:n1:s1"]);
            let named = |one: &Value| {
                one["kind"] == object["kind"]
                    && one["metadata"]["name"] == object["metadata"]["name"]
                    && one["metadata"]["namespace"] == object["metadata"]["namespace"]
            };
            let there = stored.iter().find(|one| named(one));
            // What the server refuses for other reasons than rights.
            if (verb == "create" && there.is_some()) || (verb == "patch" && there.is_none()) {
                continue;
            }
            if let Some(there) = there.filter(|one| one["roleRef"].is_object()) {
                object["roleRef"] = there["roleRef"].clone();
            }
            let path = collection(&object);
            let name = object["metadata"]["name"].as_str().unwrap();
            let (method, path) = match verb {
                "create" => ("POST", format!("{path}?dryRun=All")),
                "update" => ("PUT", format!("{path}/{name}?dryRun=All")),
                "patch" => ("PATCH", format!("{path}/{name}?dryRun=All")),
                _ => (
                    "APPLY",
                    format!("{path}/{name}?dryRun=All&fieldManager=t&force=true"),
                ),
            };
            ours.push(decide(
                &facts,
                &json!({"user": user, "groups": ["system:authenticated"], "verb": verb, "write": object}),
            ));
            questions
                .push(json!({"method": method, "path": path, "user": user, "groups": [], "body": object}));
        }
        let differ = differing(client, &questions, &ours, |ours, answer| {
            match answer["code"].as_u64() {
                Some(200 | 201) => ours["allowed"] == true,
                // To bind a role that is not there.
                Some(404) => ours["by"] == "role",
                Some(403) => ours["allowed"] == false,
                _ => false,
            }
        });
        all += questions.len();
        yes += ours.iter().filter(|one| one["allowed"] == true).count();
        refused += ours
            .iter()
            .filter(|one| one["authorized"] == true && one["escalation"] == false)
            .count();
        bad += differ;
        clear(client, &taken);
    }
    println!(
        "server, writes of roles and bindings: {all} ({yes} allowed, {refused} escalations refused), seeds {seeds:?}, {bad} differ"
    );
    assert!(bad == 0 && yes > 0 && refused > 0);
}
