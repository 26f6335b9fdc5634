//! Random worlds of roles, bindings and subjects, and this crate's facts of them.

use crate::sample::Dice;
use foursee_core::document::{Document, Head, Notes};
use foursee_core::layer::{Layer, QuestionError};
use foursee_core::model::{DocId, ScopeId};
use foursee_kubernetes::Kubernetes;
use foursee_kubernetes::facts::Facts;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const RBAC: &str = "rbac.authorization.k8s.io";
const VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "*",
    "bind",
    "escalate",
    "impersonate",
    "use",
    "GET",
];
const GROUPS: &[&str] = &[
    "",
    "",
    "apps",
    "*",
    RBAC,
    "batch",
    "authentication.k8s.io",
    "Apps",
];
const ENTRIES: &[&str] = &[
    "pods",
    "pods/exec",
    "pods/*",
    "*",
    "*/exec",
    "*/*",
    "secrets",
    "roles",
    "clusterroles",
    "rolebindings",
    "clusterrolebindings",
    "deployments",
    "deployments/scale",
    "*/scale",
    "namespaces",
    "namespaces/status",
    "nodes",
    "userextras/a.io/b",
    "serviceaccounts/token",
    "*/a.io/b",
    "",
    "/exec",
];
const RESOURCES: &[&str] = &[
    "pods",
    "secrets",
    "roles",
    "clusterroles",
    "rolebindings",
    "clusterrolebindings",
    "deployments",
    "namespaces",
    "nodes",
    "userextras",
    "serviceaccounts",
    "*",
    "other",
    "",
];
const SUBRESOURCES: &[&str] = &["", "", "", "exec", "scale", "*", "status", "a.io/b", "token"];
const NAMES: &[&str] = &["a", "b", "", "*", "r1", "n1"];
const URLS: &[&str] = &[
    "/metrics",
    "/apis/*",
    "*",
    "/a**",
    "/a*b",
    "/apis",
    "/healthz/",
    "/*",
    "",
    "**",
    "metrics",
];
const PATHS: &[&str] = &[
    "/metrics",
    "/apis",
    "/apis/",
    "/apis/x",
    "/a",
    "/ab",
    "/a*b",
    "/x",
    "/healthz",
    "/healthz/ping",
    "/",
    "metrics",
];
pub(crate) const NAMESPACES: &[&str] = &["n1", "n2", "n3"];
pub(crate) const ROLES: &[&str] = &["r1", "r2", "r3", "r4", "a1", "a2", "a3", "a4"];
const SUBJECTS: &[(&str, &str, &str)] = &[
    ("User", "u1", ""),
    ("User", "u2", ""),
    ("User", "system:serviceaccount:n1:s1", ""),
    ("User", "g1", ""),
    ("User", "u1", "n1"),
    ("User", "", ""),
    ("Group", "g1", ""),
    ("Group", "g2", ""),
    ("Group", "u1", ""),
    ("Group", "system:authenticated", ""),
    ("Group", "system:serviceaccounts", ""),
    ("Group", "system:serviceaccounts:n1", ""),
    ("Group", "system:masters", ""),
    ("Group", "", ""),
    ("ServiceAccount", "s1", "n1"),
    ("ServiceAccount", "s1", "n2"),
    ("ServiceAccount", "s2", "n2"),
    ("ServiceAccount", "s1", ""),
    ("ServiceAccount", "s2", ""),
    ("ServiceAccount", "n1:s1", "x"),
    ("Robot", "u1", ""),
    ("user", "u1", ""),
];
const USERS: &[&str] = &[
    "u1",
    "u2",
    "u3",
    "g1",
    "system:serviceaccount:n1:s1",
    "system:serviceaccount:n2:s1",
    "system:serviceaccount:n2:s2",
    "system:serviceaccount:n3:s1",
    "system:serviceaccount::s1",
    "system:serviceaccount:n1",
    "system:serviceaccount:x:n1:s1",
    "",
];
const MEMBER: &[&str] = &[
    "g1",
    "g2",
    "u1",
    "system:authenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:n1",
    "",
];

/// One rule of a role.
pub(crate) fn rule(dice: &mut Dice) -> Value {
    match dice.roll(12) {
        0 | 1 => return json!({"verbs": dice.some(VERBS, 2), "nonResourceURLs": dice.some(URLS, 2)}),
        2 => {
            return json!({"verbs": dice.some(VERBS, 2), "apiGroups": dice.some(GROUPS, 1), "resources": dice.some(ENTRIES, 1), "nonResourceURLs": dice.some(URLS, 1)});
        }
        3 => return json!({"verbs": dice.some(VERBS, 2), "resources": dice.some(ENTRIES, 1)}),
        _ => {}
    }
    let mut one = json!({
        "verbs": dice.some(VERBS, 2),
        "apiGroups": dice.some(GROUPS, 2),
        "resources": dice.some(ENTRIES, 3),
    });
    if dice.one_in(3) {
        one["resourceNames"] = json!(dice.some(NAMES, 2));
    } else if dice.one_in(8) {
        one["resourceNames"] = json!([]);
    }
    one
}

fn rules(dice: &mut Dice, most: usize) -> Vec<Value> {
    (0..dice.roll(most)).map(|_| rule(dice)).collect()
}

/// A selector of aggregated roles.
fn selector(dice: &mut Dice) -> Value {
    let value = dice.pick(&["true", "false", ""]);
    let key = dice.pick(&["to-a", "to-b", "to-c"]);
    match dice.roll(8) {
        0 => json!({}),
        1 => json!({"matchExpressions": [{"key": key, "operator": "In", "values": ["true", "maybe"]}]}),
        2 => json!({"matchExpressions": [{"key": key, "operator": "NotIn", "values": [value]}]}),
        3 => json!({"matchExpressions": [{"key": key, "operator": "Exists"}]}),
        4 => {
            json!({"matchLabels": {key: value}, "matchExpressions": [{"key": "to-b", "operator": "DoesNotExist"}]})
        }
        _ => json!({"matchLabels": {key: value}}),
    }
}

fn subject(dice: &mut Dice) -> Value {
    let (kind, name, namespace) = SUBJECTS[dice.roll(SUBJECTS.len())];
    let mut one = json!({"kind": kind, "name": name});
    if !namespace.is_empty() {
        one["namespace"] = json!(namespace);
    }
    if dice.one_in(6) {
        one["apiGroup"] = json!(dice.pick(&[RBAC, "", "other.io"]));
    }
    one
}

/// Roles, aggregated roles and bindings, as `kubectl get` lists them: each kind in the order of names.
pub(crate) fn world(dice: &mut Dice) -> Vec<Value> {
    let object = |kind: &str, name: &str, namespace: &str| {
        let mut one =
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}});
        if !namespace.is_empty() {
            one["metadata"]["namespace"] = json!(namespace);
        }
        one
    };
    let mut all = Vec::new();
    for name in ROLES {
        let mut one = object("ClusterRole", name, "");
        for key in ["to-a", "to-b", "to-c"] {
            if dice.one_in(3) {
                one["metadata"]["labels"][key] = json!(dice.pick(&["true", "false", ""]));
            }
        }
        if name.starts_with('a') {
            let selectors: Vec<Value> = (0..dice.roll(3)).map(|_| selector(dice)).collect();
            one["aggregationRule"] = json!({"clusterRoleSelectors": selectors});
        } else {
            one["rules"] = json!(rules(dice, 4));
        }
        if !dice.one_in(6) {
            all.push(one);
        }
        for namespace in NAMESPACES {
            if dice.one_in(3) {
                let mut one = object("Role", name, namespace);
                one["rules"] = json!(rules(dice, 3));
                all.push(one);
            }
        }
    }
    for number in 0..24 {
        let namespace = if dice.one_in(3) { "" } else { dice.pick(NAMESPACES) };
        let kind = if namespace.is_empty() {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        };
        let mut one = object(kind, &format!("b{number:02}"), namespace);
        let cluster = (namespace.is_empty() && !dice.one_in(10)) || dice.one_in(2);
        let kind = if cluster { "ClusterRole" } else { "Role" };
        let name = if dice.one_in(12) { "gone" } else { dice.pick(ROLES) };
        one["roleRef"] = json!({"apiGroup": RBAC, "kind": kind, "name": name});
        one["subjects"] = json!((0..dice.roll(4)).map(|_| subject(dice)).collect::<Vec<_>>());
        all.push(one);
    }
    all
}

/// Who asks.
pub(crate) fn asker(dice: &mut Dice) -> (&'static str, Vec<&'static str>) {
    let user = dice.pick(USERS);
    let mut groups = if dice.one_in(4) {
        Vec::new()
    } else {
        dice.some(MEMBER, 2)
    };
    if dice.one_in(40) {
        groups.push("system:masters");
    }
    (user, groups)
}

/// Six attributes of a request for a resource, or two of one for a path.
pub(crate) fn request(dice: &mut Dice, world: &[Value]) -> Vec<String> {
    let verb = dice.pick(VERBS);
    if dice.one_in(6) {
        return vec![verb.to_owned(), dice.pick(PATHS).to_owned()];
    }
    let mut asked = [
        verb,
        dice.pick(GROUPS),
        dice.pick(RESOURCES),
        dice.pick(SUBRESOURCES),
        dice.pick(NAMES),
        if dice.one_in(4) {
            ""
        } else {
            dice.pick(&["n1", "n2", "n3", "n4"])
        },
    ]
    .map(str::to_owned);
    // Most are what some rule names, or nearly: else almost everything is refused.
    let rules = world[dice.roll(world.len())]["rules"].as_array();
    if let Some(rule) = rules
        .filter(|all| !all.is_empty())
        .map(|all| &all[dice.roll(all.len())])
    {
        let mut one = |field: &str, at: usize| {
            let entries = rule[field].as_array().filter(|all| !all.is_empty());
            if let Some(entries) = entries.filter(|_| !dice.one_in(10)) {
                let entry = entries[dice.roll(entries.len())].as_str().unwrap_or_default();
                if field == "resources" {
                    if let Some((resource, sub)) = entry.split_once('/') {
                        if resource != "*" {
                            asked[2] = resource.to_owned();
                        }
                        asked[3] = sub.to_owned();
                    } else if entry != "*" {
                        asked[2] = entry.to_owned();
                        asked[3] = String::new();
                    }
                } else if entry != "*" || dice.one_in(4) {
                    asked[at] = entry.to_owned();
                }
            }
        };
        one("verbs", 0);
        one("apiGroups", 1);
        one("resources", 2);
        one("resourceNames", 4);
    }
    asked.to_vec()
}

/// A request; every second one is about what a binding that names the asker may give.
pub(crate) fn request_of(dice: &mut Dice, world: &[Value], user: &str, groups: &[&str]) -> Vec<String> {
    let named = |one: &&Value| {
        one["subjects"].as_array().is_some_and(|all| {
            all.iter().any(|one| {
                let name = one["name"].as_str().unwrap_or_default();
                match one["kind"].as_str() {
                    Some("Group") => groups.contains(&name),
                    Some("ServiceAccount") => user.ends_with(&format!(":{name}")),
                    _ => name == user,
                }
            })
        })
    };
    let bindings: Vec<&Value> = world.iter().filter(named).collect();
    if bindings.is_empty() || dice.one_in(2) {
        return request(dice, world);
    }
    let binding = bindings[dice.roll(bindings.len())];
    let namespace = &binding["metadata"]["namespace"];
    let roles: Vec<Value> = world
        .iter()
        .filter(|one| {
            one["kind"] == binding["roleRef"]["kind"]
                && one["metadata"]["name"] == binding["roleRef"]["name"]
                && (one["kind"] == "ClusterRole" || one["metadata"]["namespace"] == *namespace)
        })
        .cloned()
        .collect();
    let mut asked = request(dice, if roles.is_empty() { world } else { &roles });
    if let ([_, _, _, _, _, of], Some(namespace)) = (asked.as_mut_slice(), namespace.as_str()) {
        namespace.clone_into(of);
    }
    asked
}

/// The attributes of a request in the oracle's words, on top of what else is asked.
pub(crate) fn in_words(asked: &[String], mut question: Value) -> Value {
    let names: &[&str] = if asked.len() == 2 {
        &["verb", "path"]
    } else {
        &["verb", "group", "resource", "subresource", "name", "namespace"]
    };
    for (name, value) in names.iter().zip(asked) {
        question[*name] = json!(value);
    }
    question
}

/// The attributes of a request in a SubjectAccessReview's words.
pub(crate) fn review(asked: &[String]) -> Value {
    let key = if asked.len() == 2 {
        "nonResourceAttributes"
    } else {
        "resourceAttributes"
    };
    json!({key: in_words(asked, json!({}))})
}

/// The facts of some objects.
pub(crate) fn facts(objects: &[Value]) -> Facts {
    let text = json!({"kind": "List", "apiVersion": "v1", "items": objects}).to_string();
    let claim = Kubernetes.recognise(&Head::new("list.json", &text)).unwrap();
    let document = Document {
        id: DocId(0),
        name: Arc::from("list.json"),
        scope: ScopeId(0),
        kind: claim.kinds.first().copied().unwrap_or_default(),
        text: Arc::new(text),
    };
    let mut notes = Notes::default();
    let mut all = Facts::default();
    let part = Kubernetes.parse(&document, &mut notes);
    Kubernetes.merge(&mut all, part);
    Kubernetes.seal(&mut all, &[]);
    all
}

/// What this crate answers.
pub(crate) fn decide(facts: &Facts, question: &Value) -> Value {
    try_decide(facts, question).unwrap_or_else(|error| panic!("{error}: {question}"))
}

/// What this crate answers, or why it does not.
pub(crate) fn try_decide(facts: &Facts, question: &Value) -> Result<Value, QuestionError> {
    let mut out = Vec::new();
    Kubernetes.decide(facts, &question.to_string(), &mut out)?;
    Ok(serde_json::from_slice(&out).unwrap())
}
