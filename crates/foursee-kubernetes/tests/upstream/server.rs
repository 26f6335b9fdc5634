//! Against a running API server: what it answers to reviews, to writes by others, and to pods.
//!
//! The server says what it holds, in the lists that a capture would have; every write is a dry run.

use crate::ask::Program;
use crate::sample::{Dice, seeds};
use crate::world::{self, NAMESPACES, RBAC, decide, review};
use crate::{node, pods};
use foursee_kubernetes::facts::Facts;
use foursee_servers::Server;
use serde_json::{Value, json};
use std::collections::HashSet;
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

/// Asks until the answers are the expected ones, for at most some seconds: the authorizer learns of roles by watching.
fn settled(
    client: &mut Program,
    questions: &[Value],
    same: impl Fn(usize, &Value) -> bool,
) -> Vec<(usize, Value)> {
    let mut open: Vec<usize> = (0..questions.len()).collect();
    let mut bad = Vec::new();
    for _ in 0..6 {
        let some: Vec<Value> = open.iter().map(|at| questions[*at].clone()).collect();
        bad = open
            .into_iter()
            .zip(client.ask(&some))
            .filter(|(at, answer)| !same(*at, answer))
            .collect();
        if bad.is_empty() {
            break;
        }
        open = bad.iter().map(|(at, _)| *at).collect();
        std::thread::sleep(Duration::from_secs(1));
    }
    bad
}

#[test]
fn reviews_writes_and_pods() {
    let (server, mut client) = started();
    reviews(&mut client);
    writes(&mut client);
    admission(&mut client);
    nodes(&mut client);
    impersonation(&server, &mut client);
}

fn reviews(client: &mut Program) {
    const EACH: usize = 1_000;
    let seeds = seeds(20_000, EACH);
    let (mut all, mut yes, mut bad, mut aggregated) = (0, 0, 0, 0);
    for seed in seeds.clone() {
        let mut dice = Dice::new(seed);
        let objects = restful(world::world(&mut dice));
        let taken = put(client, &objects);
        let (stored, facts) = held(client);
        // What the controller wrote into aggregated roles is what this crate computes from manifests.
        let manifests: Vec<Value> = stored
            .iter()
            .cloned()
            .map(|mut one| {
                one["metadata"].as_object_mut().unwrap().remove("uid");
                one
            })
            .collect();
        let computed = world::facts(&manifests);
        for role in computed.roles.iter().filter(|one| one.aggregation.is_some()) {
            let at = |facts: &Facts| facts.role(role.kind, "", &role.meta.name).unwrap();
            let of = |facts: &Facts| -> HashSet<_> {
                facts.rules_of(at(facts)).map(|(rule, _)| rule.clone()).collect()
            };
            assert_eq!(of(&computed), of(&facts), "seed {seed}: {}", role.meta.name);
            aggregated += 1;
        }
        let (mut questions, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..EACH {
            let (user, groups) = world::asker(&mut dice);
            let user = if user.is_empty() { "u1" } else { user };
            let asked = world::request_of(&mut dice, &objects, user, &groups);
            if asked.len() == 2 && !asked[1].starts_with('/') {
                continue;
            }
            let mut spec = review(&asked);
            (spec["user"], spec["groups"]) = (json!(user), json!(groups));
            let question =
                json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec});
            ours.push(decide(&facts, &question));
            questions.push(json!({"method": "POST", "path": "/apis/authorization.k8s.io/v1/subjectaccessreviews", "body": question}));
        }
        all += questions.len();
        yes += ours.iter().filter(|one| one["allowed"] == true).count();
        let differ = settled(client, &questions, |at, answer| {
            answer["body"]["status"]["allowed"].as_bool() == ours[at]["allowed"].as_bool()
        });
        for (at, answer) in differ.iter().take(3) {
            println!(
                "seed {seed}: {}\n  ours   {}\n  theirs {answer}",
                questions[*at]["body"]["spec"], ours[*at]
            );
        }
        bad += differ.len();
        clear(client, &taken);
    }
    println!(
        "server, reviews: {all} ({yes} allowed), {aggregated} aggregated roles, seeds {seeds:?}, {bad} differ"
    );
    assert!(bad == 0 && yes > 0 && yes < all);
}

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

fn writes(client: &mut Program) {
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
        let differ = settled(client, &questions, |at, answer| match answer["code"].as_u64() {
            Some(200 | 201) => ours[at]["allowed"] == true,
            // To bind a role that is not there.
            Some(404) => ours[at]["by"] == "role",
            Some(403) => ours[at]["allowed"] == false,
            _ => false,
        });
        for (at, answer) in differ.iter().take(3) {
            println!(
                "seed {seed}: {}\n  ours   {}\n  theirs {answer}",
                questions[*at], ours[*at]
            );
        }
        all += questions.len();
        yes += ours.iter().filter(|one| one["allowed"] == true).count();
        refused += ours
            .iter()
            .filter(|one| one["authorized"] == true && one["escalation"] == false)
            .count();
        bad += differ.len();
        clear(client, &taken);
    }
    println!(
        "server, writes of roles and bindings: {all} ({yes} allowed, {refused} escalations refused), seeds {seeds:?}, {bad} differ"
    );
    assert!(bad == 0 && yes > 0 && refused > 0);
}

fn admission(client: &mut Program) {
    const POLICIES: &[(&str, &str)] = &[
        ("baseline", "latest"),
        ("baseline", "v1.18"),
        ("baseline", "v1.30"),
        ("restricted", "latest"),
        ("restricted", "v1.21"),
        ("restricted", "v1.24"),
        ("restricted", "v1.34"),
    ];
    let seeds = seeds(2_000, 1);
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
    let differ = settled(client, &questions, |at, answer| match answer["code"].as_u64() {
        Some(201) => ours[at]["allowed"] == true,
        Some(403) => {
            let why = answer["body"]["message"].as_str().unwrap_or_default();
            why.contains("violates PodSecurity") && ours[at]["allowed"] == false
        }
        _ => false,
    });
    for (at, answer) in differ.iter().take(3) {
        println!("{}\n  ours   {}\n  theirs {answer}", questions[*at], ours[*at]);
    }
    let yes = ours.iter().filter(|one| one["allowed"] == true).count();
    println!(
        "server, Pod Security: {} pods of {}, {} answers ({yes} pass), seeds {seeds:?}, {} differ",
        pods.len(),
        asked.len(),
        ours.len(),
        differ.len()
    );
    assert!(differ.is_empty() && pods.len() * 3 > asked.len() && yes > 0 && yes < ours.len());
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

fn nodes(client: &mut Program) {
    let namespace = |name: &str| {
        (
            "/api/v1/namespaces".to_owned(),
            json!({"kind": "Namespace", "metadata": {"name": name}}),
        )
    };
    let account = |of: &str| {
        (
            format!("/api/v1/namespaces/{of}/serviceaccounts"),
            json!({"kind": "ServiceAccount", "metadata": {"name": "a"}}),
        )
    };
    let pod = |of: &str, name: &str, node: &str, volumes: Value| {
        (
            format!("/api/v1/namespaces/{of}/pods"),
            json!({"kind": "Pod", "metadata": {"name": name}, "spec": {
                "nodeName": node, "serviceAccountName": "a", "volumes": volumes,
                "imagePullSecrets": [{"name": "b"}],
                "containers": [{"name": "c", "image": "i", "envFrom": [{"secretRef": {"name": "a"}}, {"configMapRef": {"name": "b"}}]}],
            }}),
        )
    };
    let claim = json!([{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "w", "configMap": {"name": "d"}}]);
    let ephemeral = json!([{"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}}]);
    let all = [
        namespace("n1"),
        namespace("n2"),
        account("n1"),
        account("n2"),
        (
            "/api/v1/nodes".to_owned(),
            json!({"kind": "Node", "metadata": {"name": "node1"}}),
        ),
        (
            "/api/v1/nodes".to_owned(),
            json!({"kind": "Node", "metadata": {"name": "node2"}}),
        ),
        pod("n1", "p1", "node1", claim),
        pod("n1", "p2", "node2", ephemeral.clone()),
        pod("n2", "p1", "node2", ephemeral),
        (
            "/api/v1/persistentvolumes".to_owned(),
            json!({"kind": "PersistentVolume", "metadata": {"name": "a"}, "spec": {
                "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "claimRef": {"namespace": "n1", "name": "c"},
                "csi": {"driver": "x.io", "volumeHandle": "h", "nodeStageSecretRef": {"name": "d", "namespace": "n2"}},
            }}),
        ),
        (
            "/apis/storage.k8s.io/v1/volumeattachments".to_owned(),
            json!({"kind": "VolumeAttachment", "metadata": {"name": "a"},
            "spec": {"attacher": "x.io", "nodeName": "node1", "source": {"persistentVolumeName": "a"}}}),
        ),
    ];
    for (path, mut body) in all {
        let group = path.split('/').nth(2).filter(|_| path.starts_with("/apis"));
        body["apiVersion"] = json!(group.map_or("v1".to_owned(), |group| format!("{group}/v1")));
        let answer = client.ask_one(json!({"method": "POST", "path": path, "body": body}));
        assert!(answer["code"] == 201 || answer["code"] == 409, "{path}: {answer}");
    }
    let (mut objects, _) = held(client);
    for list in [
        "/api/v1/pods",
        "/api/v1/persistentvolumes",
        "/apis/storage.k8s.io/v1/volumeattachments",
    ] {
        objects.extend(items(client, list));
    }
    let facts = world::facts(&objects);
    let mut dice = Dice::new(seeds(1, 1).start);
    let (mut questions, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..2_000 {
        let (_, mut question) = node::question(&mut dice);
        let attributes = &question["spec"]["nonResourceAttributes"];
        assert!(attributes.is_null() || attributes["path"].is_string());
        ours.push(decide(&facts, &question));
        question["apiVersion"] = json!("authorization.k8s.io/v1");
        question["kind"] = json!("SubjectAccessReview");
        questions.push(json!({"method": "POST", "path": "/apis/authorization.k8s.io/v1/subjectaccessreviews", "body": question}));
    }
    let differ = settled(client, &questions, |at, answer| {
        answer["body"]["status"]["allowed"].as_bool() == ours[at]["allowed"].as_bool()
    });
    for (at, answer) in differ.iter().take(3) {
        println!(
            "{}\n  ours   {}\n  theirs {answer}",
            questions[*at]["body"]["spec"], ours[*at]
        );
    }
    let yes = ours.iter().filter(|one| one["allowed"] == true).count();
    println!(
        "server, nodes: {} reviews ({yes} allowed), {} differ",
        ours.len(),
        differ.len()
    );
    assert!(differ.is_empty() && yes > 0);
    restricted(client, &facts);
}

/// What NodeRestriction refuses although it is authorized: each is said beside our yes.
fn restricted(client: &mut Program, facts: &Facts) {
    let node = |name: &str, labels: Value| json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}});
    let token =
        json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": []}});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"nodeName": "node1", "containers": [{"name": "c", "image": "i"}]}});
    let lease = |name: &str| json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}});
    let leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    for (method, path, body, refused) in [
        ("POST", "/api/v1/namespaces/n1/pods", pod, true),
        ("DELETE", "/api/v1/namespaces/n1/pods/p2", Value::Null, true),
        ("DELETE", "/api/v1/namespaces/n1/pods/p1", Value::Null, false),
        ("POST", "/api/v1/nodes", node("node9", json!({})), true),
        (
            "PATCH",
            "/api/v1/nodes/node1",
            node("node1", json!({"node-restriction.kubernetes.io/a": "b"})),
            true,
        ),
        (
            "PATCH",
            "/api/v1/nodes/node1",
            node("node1", json!({"a.io/a": "b"})),
            false,
        ),
        (
            "PATCH",
            "/api/v1/nodes/node1",
            json!({"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}}),
            true,
        ),
        (
            "POST",
            "/api/v1/namespaces/n1/serviceaccounts/a/token",
            token,
            true,
        ),
        ("POST", leases, lease("node2"), true),
        ("POST", leases, lease("node1"), false),
    ] {
        let answer = client.ask_one(
            json!({"method": method, "path": format!("{path}?dryRun=All"), "body": body,
            "user": "system:node:node1", "groups": ["system:nodes"]}),
        );
        let code = answer["code"].as_u64().unwrap();
        assert_eq!(code == 403, refused, "{method} {path}: {answer}");
        let ours = decide(
            facts,
            &json!({"user": "system:node:node1", "groups": ["system:nodes"], "request": {"method": method, "url": path}}),
        );
        assert_eq!(ours["allowed"], true, "{method} {path}: {ours}");
        assert!(
            ours["nodeRestriction"]["leaves"].is_string(),
            "{method} {path}: {ours}"
        );
    }
}

/// Requests of some users by impersonation headers: whether the server lets them, and in which groups it takes them.
fn impersonation(server: &Server, client: &mut Program) {
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
    let differ = settled(client, &questions, |at, answer| match answer["code"].as_u64() {
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
            ours[at]["allowed"] == true
                && sorted(&ours[at]["groups"]) == sorted(&answer["body"]["status"]["userInfo"]["groups"])
        }
        Some(403) => ours[at]["allowed"] == false,
        _ => false,
    });
    for (at, answer) in differ.iter().take(3) {
        let mut question = questions[*at].clone();
        question.as_object_mut().unwrap().remove("token");
        println!("{question}\n  ours   {}\n  theirs {answer}", ours[*at]);
    }
    let yes = ours.iter().filter(|one| one["allowed"] == true).count();
    let constrained = ours
        .iter()
        .filter(|one| one["allowed"] == true && one["mode"] != "legacy")
        .count();
    println!(
        "server, impersonation: {} requests ({yes} allowed, {constrained} by a constrained mode), seed {seed}, {} differ",
        ours.len(),
        differ.len()
    );
    assert!(differ.is_empty() && yes > 0 && constrained > 0 && yes < ours.len());
    clear(client, &taken);
}
