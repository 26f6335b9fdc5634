//! Requests by impersonation headers, in the old way and in the constrained modes.

use super::{clear, differing, held, put};
use crate::ask::Program;
use crate::sample::{Dice, seeds};
use crate::world::{RBAC, decide};
use foursee_servers::Server;
use serde_json::{Value, json};

/// Requests of some users by impersonation headers: whether the server lets them, and in which groups it takes them.
pub(super) fn impersonation(server: &Server, client: &mut Program) {
    const USERS: &[&str] = &["alice", "bob", "carol", "dave"];
    let seed = seeds(1, 1).start;
    let mut dice = Dice::new(seed);
    let mut objects = Vec::new();
    for user in USERS {
        let rules: Vec<Value> = (0..3 + dice.roll(4))
            .map(|_| {
                let mode = dice.pick(&["user-info", "serviceaccount", "arbitrary-node"]);
                let verbs = match dice.roll(4) {
                    0 | 1 => vec!["impersonate".to_owned()],
                    2 => vec![format!("impersonate:{mode}"), format!("impersonate-on:{mode}:create")],
                    _ => vec!["*".to_owned()],
                };
                let mut rule = json!({"verbs": verbs, "apiGroups": ["", "authentication.k8s.io"],
                    "resources": dice.some(&["users", "groups", "serviceaccounts", "uids", "userextras/a.io/k", "userextras/b", "nodes", "selfsubjectreviews", "*"], 4)});
                if dice.one_in(4) {
                    rule["resourceNames"] = json!(dice.some(&["x", "y", "devs", "u-1", "node1", "*"], 4));
                }
                rule
            })
            .collect();
        objects.push(json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRole", "metadata": {"name": format!("imp-{user}")}, "rules": rules}));
        objects.push(json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": format!("imp-{user}")},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": format!("imp-{user}")},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}]}));
    }
    let taken = put(client, &objects);
    assert_eq!(taken.len(), objects.len());
    let (_, facts) = held(client);
    let (mut questions, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..1_500 {
        let user = dice.pick(USERS);
        let mut wanted = json!({"user": dice.pick(&["x", "y", "system:serviceaccount:n1:x", "system:serviceaccount:N1:x",
            "system:node:node1", "system:node:Node1", "system:node:"]), "groups": [], "extra": {}});
        if dice.one_in(3) {
            wanted["groups"] =
                json!(dice.some(&["devs", "x", "y", "system:masters", "system:authenticated"], 5));
        }
        if dice.one_in(6) {
            wanted["uid"] = json!("u-1");
        }
        let mut extra = Vec::new();
        if dice.one_in(4) {
            for key in ["a.io/k", "b"] {
                if dice.one_in(2) {
                    let values = dice.some(&["x", "y"], 3);
                    extra.extend(values.iter().map(|value| json!({"key": key, "value": value})));
                    wanted["extra"][key] = json!(values);
                }
            }
        }
        let groups = if user == "alice" {
            json!(["devs", "ops", "system:authenticated"])
        } else {
            json!(["system:authenticated"])
        };
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        ours.push(decide(&facts, &json!({"user": user, "groups": groups, "impersonate": wanted, "request": {"method": "POST", "url": path}})));
        questions.push(json!({"method": "POST", "path": path, "token": server.env(&format!("TOKEN_{user}")),
            "user": wanted["user"], "groups": wanted["groups"], "uid": wanted["uid"].as_str().unwrap_or_default(), "Extra": extra,
            "body": {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}}));
    }
    let differ = differing(client, &questions, &ours, |ours, answer| {
        match answer["code"].as_u64() {
            Some(201) => {
                let sorted = |groups: &Value| {
                    let mut all: Vec<String> = groups
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(Value::to_string)
                        .collect();
                    all.sort();
                    all
                };
                ours["allowed"] == true
                    && sorted(&ours["groups"]) == sorted(&answer["body"]["status"]["userInfo"]["groups"])
            }
            Some(403) => ours["allowed"] == false,
            _ => false,
        }
    });
    let yes = ours.iter().filter(|one| one["allowed"] == true).count();
    let constrained = ours
        .iter()
        .filter(|one| one["allowed"] == true && one["mode"] != "legacy")
        .count();
    println!(
        "server, impersonation: {} requests ({yes} allowed, {constrained} by a constrained mode), seed {seed}, {} differ",
        ours.len(),
        differ
    );
    assert!(differ == 0 && yes > 0 && constrained > 0 && yes < ours.len());
    clear(client, &taken);
}
