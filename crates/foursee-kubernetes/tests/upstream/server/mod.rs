//! Against a running API server: what it answers to reviews, to writes by others, and to pods.
//!
//! The server says what it holds, in the lists that a capture would have; every write is a dry run.

mod impersonation;
mod nodes;
mod pod_security;
mod reviews;
mod writes;

use crate::ask::Program;
use crate::world::{self, NAMESPACES};
use foursee_kubernetes::facts::Facts;
use foursee_servers::Server;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const API: &str = "/apis/rbac.authorization.k8s.io/v1";
const LISTS: &[&str] = &["clusterroles", "clusterrolebindings", "roles", "rolebindings"];

pub(crate) fn started() -> (Arc<Server>, Program) {
    let server = Server::shared(
        "kubernetes",
        &[
            "alice=devs,ops",
            "bob",
            "carol",
            "dave",
            "system:node:n1=system:nodes",
        ],
    )
    .unwrap();
    let client = Program::client(&server);
    (server, client)
}

fn get(path: &str) -> Value {
    json!({"method": "GET", "path": path})
}

#[test]
fn the_server_answers_and_its_controllers_have_run() {
    let (server, mut client) = started();
    let version = client.ask_one(get("/version"));
    assert_eq!(version["body"]["gitVersion"], "v1.37.2");
    let admin = client.ask_one(get(&format!("{API}/clusterroles/admin")));
    assert!(
        admin["body"]["rules"]
            .as_array()
            .is_some_and(|rules| !rules.is_empty())
    );
    let as_alice = client.ask_one(json!({
        "method": "POST", "path": "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        "body": {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
        "user": "alice", "groups": ["devs"],
    }));
    assert_eq!(as_alice["code"], 201, "{as_alice}");
    assert_eq!(
        as_alice["body"]["status"]["userInfo"]["groups"],
        json!(["devs", "system:authenticated"])
    );
    assert!(server.env("KUBECONFIG_alice").ends_with("/alice.kubeconfig"));
    assert!(!server.env("TOKEN_system_node_n1").is_empty());
}

/// The collection that an object belongs to.
fn collection(object: &Value) -> String {
    let plural = object["kind"].as_str().unwrap().to_lowercase() + "s";
    match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("{API}/namespaces/{namespace}/{plural}"),
        None => format!("{API}/{plural}"),
    }
}

/// Makes a world of what the server takes of random objects; gives what it took.
fn put(client: &mut Program, objects: &[Value]) -> Vec<Value> {
    let mut questions: Vec<Value> = NAMESPACES
        .iter()
        .map(|name| json!({"method": "POST", "path": "/api/v1/namespaces", "body": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}}))
        .collect();
    questions.push(json!({"wait": true}));
    let before = questions.len();
    // A binding may refer to a role only once that is there.
    questions.extend(
        objects
            .iter()
            .map(|one| json!({"method": "POST", "path": collection(one), "body": one})),
    );
    let answers = client.ask(&questions);
    objects
        .iter()
        .zip(&answers[before..])
        .filter(|(_, answer)| answer["code"] == 201)
        .map(|(one, _)| one.clone())
        .collect()
}

/// A world that the server takes almost whole, and in which no aggregated role selects another: where two select each
/// other its controller writes them for ever.
fn restful(mut objects: Vec<Value>) -> Vec<Value> {
    for one in &mut objects {
        let cluster = one["metadata"]["namespace"].is_null();
        if let Some(rules) = one["rules"].as_array_mut() {
            let some = |rule: &Value, field: &str| rule[field].as_array().is_some_and(|all| !all.is_empty());
            rules.retain(|rule| {
                let urls = some(rule, "nonResourceURLs");
                urls != some(rule, "resources") && (if urls { cluster } else { some(rule, "apiGroups") })
            });
        }
        if let Some(subjects) = one["subjects"].as_array_mut() {
            subjects.retain(|one| {
                let known = matches!(one["kind"].as_str(), Some("User" | "Group" | "ServiceAccount"));
                let account = one["kind"] == "ServiceAccount";
                let plain = one["name"] != "" && one["apiGroup"].is_null() && one["name"] != "n1:s1";
                known && plain && !(account && cluster && one["namespace"].is_null())
            });
        }
        let Some(selectors) = one["aggregationRule"]["clusterRoleSelectors"].as_array_mut() else {
            continue;
        };
        selectors.retain(|one| {
            let expression = one["matchExpressions"][0]["operator"].as_str();
            one["matchLabels"].is_object() || matches!(expression, Some("In" | "Exists"))
        });
        one["metadata"].as_object_mut().unwrap().remove("labels");
    }
    objects
}

fn clear(client: &mut Program, objects: &[Value]) {
    let all: Vec<Value> = objects
        .iter()
        .map(|one| {
            let path = format!(
                "{}/{}",
                collection(one),
                one["metadata"]["name"].as_str().unwrap()
            );
            json!({"method": "DELETE", "path": path})
        })
        .collect();
    client.ask(&all);
}

/// What the server holds, as its lists say it; asked again until two lists are equal, for the controllers work on.
fn held(client: &mut Program) -> (Vec<Value>, Facts) {
    let mut before = Vec::new();
    for _ in 0..50 {
        let all: Vec<Value> = LISTS
            .iter()
            .flat_map(|list| items(client, &format!("{API}/{list}")))
            .collect();
        if all == before {
            let facts = world::facts(&all);
            return (all, facts);
        }
        before = all;
        std::thread::sleep(Duration::from_millis(300));
    }
    panic!("the server's roles do not come to rest");
}

/// The items of a list, with their kinds, as kubectl gives them.
pub(crate) fn items(client: &mut Program, path: &str) -> Vec<Value> {
    let mut list = client.ask_one(get(path))["body"].take();
    let kind = list["kind"].as_str().unwrap().trim_end_matches("List").to_owned();
    let version = list["apiVersion"].take();
    let mut items = list["items"].as_array().cloned().unwrap_or_default();
    for item in &mut items {
        item["kind"] = json!(kind);
        item["apiVersion"] = version.clone();
    }
    items
}

/// How many answers are not the expected ones, after some seconds at most: the authorizer learns of roles by watching.
/// The first of them are printed.
fn differing(
    client: &mut Program,
    questions: &[Value],
    ours: &[Value],
    same: impl Fn(&Value, &Value) -> bool,
) -> usize {
    let mut open: Vec<usize> = (0..questions.len()).collect();
    let mut bad = Vec::new();
    for _ in 0..6 {
        let some: Vec<Value> = open.iter().map(|at| questions[*at].clone()).collect();
        bad = open
            .into_iter()
            .zip(client.ask(&some))
            .filter(|(at, answer)| !same(&ours[*at], answer))
            .collect();
        if bad.is_empty() {
            break;
        }
        open = bad.iter().map(|(at, _)| *at).collect();
        std::thread::sleep(Duration::from_secs(1));
    }
    for (at, answer) in bad.iter().take(3) {
        let mut question = questions[*at].clone();
        question.as_object_mut().unwrap().remove("token");
        println!("{question}\n  ours   {}\n  theirs {answer}", ours[*at]);
    }
    bad.len()
}

#[test]
fn reviews_writes_and_pods() {
    let (server, mut client) = started();
    reviews::reviews(&mut client);
    writes::writes(&mut client);
    pod_security::admission(&mut client);
    nodes::nodes(&mut client);
    impersonation::impersonation(&server, &mut client);
}
