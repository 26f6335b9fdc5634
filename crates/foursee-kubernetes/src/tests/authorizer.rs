//! The authorizer: upstream's cases by hand, and a slow, obvious second implementation over random worlds.

use super::{Dice, decide, read};
use crate::authorize::{self, Asker, Attributes};
use serde_json::{Value, json};

const VERBS: &[&str] = &["get", "list", "create", "update", "*", "bind", "escalate"];
const GROUPS: &[&str] = &["", "apps", "*", "rbac.authorization.k8s.io"];
const RESOURCES: &[&str] = &[
    "pods",
    "pods/exec",
    "*",
    "*/exec",
    "pods/*",
    "secrets",
    "roles",
    "clusterroles",
    "deployments",
    "deployments/scale",
    "*/scale",
];
const NAMES: &[&str] = &["a", "b", "", "*"];
const URLS: &[&str] = &["/metrics", "/apis/*", "*", "/a**", "/a*b", "/apis"];
const PATHS: &[&str] = &["/metrics", "/apis", "/apis/x", "/a", "/ab", "/a*b", "/x"];
const NAMESPACES: &[&str] = &["n1", "n2"];
const SUBJECTS: &[(&str, &str, &str)] = &[
    ("User", "u1", ""),
    ("User", "system:serviceaccount:n1:s1", ""),
    ("Group", "g1", ""),
    ("Group", "system:serviceaccounts:n1", ""),
    ("ServiceAccount", "s1", "n1"),
    ("ServiceAccount", "s1", ""),
    ("ServiceAccount", "s2", "n2"),
    ("Robot", "u1", ""),
];

fn rule(dice: &mut Dice) -> Value {
    if dice.roll(5) == 0 {
        return json!({"verbs": dice.some(VERBS, 2), "nonResourceURLs": dice.some(URLS, 2)});
    }
    let mut one = json!({
        "verbs": dice.some(VERBS, 2),
        "apiGroups": dice.some(GROUPS, 2),
        "resources": dice.some(RESOURCES, 2),
    });
    if dice.roll(3) == 0 {
        one["resourceNames"] = json!(dice.some(NAMES, 2));
    }
    one
}

fn world(dice: &mut Dice) -> Vec<Value> {
    let mut all = Vec::new();
    for name in ["r1", "r2", "r3"] {
        let rules: Vec<Value> = (0..dice.roll(4)).map(|_| rule(dice)).collect();
        if dice.roll(5) > 0 {
            all.push(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}));
        }
        for namespace in NAMESPACES {
            let rules: Vec<Value> = (0..dice.roll(3)).map(|_| rule(dice)).collect();
            if dice.roll(3) > 0 {
                all.push(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name, "namespace": namespace}, "rules": rules}));
            }
        }
    }
    for number in 0..14 {
        let cluster = dice.roll(2) == 0;
        let subjects: Vec<Value> = (0..1 + dice.roll(3))
            .map(|_| {
                let (kind, name, namespace) = SUBJECTS[dice.roll(SUBJECTS.len())];
                if namespace.is_empty() {
                    json!({"kind": kind, "name": name})
                } else {
                    json!({"kind": kind, "name": name, "namespace": namespace})
                }
            })
            .collect();
        let mut metadata = json!({"name": format!("b{number}")});
        if !cluster {
            metadata["namespace"] = json!(dice.pick(NAMESPACES));
        }
        let role = if cluster && dice.roll(8) > 0 {
            "ClusterRole"
        } else {
            dice.pick(&["Role", "ClusterRole"])
        };
        all.push(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": if cluster { "ClusterRoleBinding" } else { "RoleBinding" },
            "metadata": metadata,
            "roleRef": {"kind": role, "name": dice.pick(&["r1", "r2", "r3", "gone"])},
            "subjects": subjects,
        }));
    }
    all
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|all| all.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

/// The rules that count for somebody in a namespace, by reading every binding.
fn slow_rules<'w>(world: &'w [Value], who: Asker<'_>, namespace: &str) -> Vec<&'w Value> {
    let mut all = Vec::new();
    for binding in world {
        let own = binding["metadata"]["namespace"].as_str().unwrap_or_default();
        match binding["kind"].as_str() {
            Some("ClusterRoleBinding") => {}
            Some("RoleBinding") if own == namespace && !namespace.is_empty() => {}
            _ => continue,
        }
        let applies = binding["subjects"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|subject| {
                let name = subject["name"].as_str().unwrap_or_default();
                match subject["kind"].as_str() {
                    Some("User") => name == who.user,
                    Some("Group") => who.groups.contains(&name),
                    Some("ServiceAccount") => {
                        let of = subject["namespace"].as_str().unwrap_or(own);
                        !of.is_empty() && who.user == format!("system:serviceaccount:{of}:{name}")
                    }
                    _ => false,
                }
            });
        if !applies {
            continue;
        }
        let reference = &binding["roleRef"];
        let role = world.iter().find(|role| {
            role["kind"] == reference["kind"]
                && role["metadata"]["name"] == reference["name"]
                && (role["kind"] == "ClusterRole"
                    || (!own.is_empty() && role["metadata"]["namespace"].as_str() == Some(own)))
        });
        all.extend(
            role.and_then(|role| role["rules"].as_array())
                .into_iter()
                .flatten(),
        );
    }
    all
}

/// Upstream's RuleAllows, letter by letter.
fn slow_allows(rule: &Value, asked: &Attributes<'_>) -> bool {
    let has = |field: &str, one: &str| {
        texts(&rule[field])
            .iter()
            .any(|entry| *entry == "*" || *entry == one)
    };
    match *asked {
        Attributes::Resource {
            verb,
            group,
            resource,
            subresource,
            name,
            ..
        } => {
            let combined = if subresource.is_empty() {
                resource.to_owned()
            } else {
                format!("{resource}/{subresource}")
            };
            let resources = texts(&rule["resources"]).iter().any(|entry| {
                *entry == "*"
                    || *entry == combined
                    || (!subresource.is_empty() && *entry == format!("*/{subresource}"))
            });
            let names = texts(&rule["resourceNames"]);
            has("verbs", verb)
                && has("apiGroups", group)
                && resources
                && (names.is_empty() || names.contains(&name))
        }
        Attributes::Path { verb, path } => {
            has("verbs", verb)
                && texts(&rule["nonResourceURLs"]).iter().any(|url| {
                    *url == "*"
                        || *url == path
                        || (url.ends_with('*') && path.starts_with(url.trim_end_matches('*')))
                })
        }
    }
}

#[test]
fn random_worlds_are_decided_as_a_slow_reader_decides_them() {
    let mut dice = Dice(42);
    let (mut yes, mut no) = (0, 0);
    for _ in 0..300 {
        let world = world(&mut dice);
        let text = json!({"kind": "List", "apiVersion": "v1", "items": world}).to_string();
        let (facts, _) = read(&[&text]);
        for _ in 0..80 {
            let user = dice.pick(&[
                "u1",
                "u2",
                "system:serviceaccount:n1:s1",
                "system:serviceaccount:n2:s2",
                "",
            ]);
            let groups = dice.some(&["g1", "system:serviceaccounts:n1", "system:authenticated"], 2);
            let who = Asker {
                user,
                groups: &groups,
                principal: "",
            };
            let asked = if dice.roll(5) == 0 {
                Attributes::Path {
                    verb: dice.pick(VERBS),
                    path: dice.pick(PATHS),
                }
            } else {
                Attributes::Resource {
                    verb: dice.pick(VERBS),
                    group: dice.pick(GROUPS),
                    resource: dice.pick(&["pods", "secrets", "roles", "deployments", "*", "other"]),
                    subresource: dice.pick(&["", "", "exec", "scale", "*"]),
                    name: dice.pick(&["", "", "a", "b", "*"]),
                    namespace: dice.pick(&["", "n1", "n2", "n3"]),
                }
            };
            let slow = slow_rules(&world, who, asked.namespace())
                .into_iter()
                .any(|rule| slow_allows(rule, &asked));
            let fast = authorize::decide(&facts, who, &asked);
            assert_eq!(fast.allowed(), slow, "{who:?} {asked:?}\n{text}");
            if let authorize::Decision::Allowed(why) = fast {
                let (rule, _) = facts.rules_of(why.role).nth(why.rule).unwrap();
                assert!(authorize::rule_allows(rule, &asked));
                yes += 1;
            } else {
                no += 1;
            }
        }
    }
    assert!(yes > 1_000 && no > 1_000, "{yes} {no}");
}

/// Whether somebody may grant rules, atom by atom over what is held.
fn slow_covers(held: &[&Value], wanted: &[Value]) -> bool {
    let has = |rule: &Value, field: &str, one: &str| texts(&rule[field]).contains(&one);
    wanted.iter().all(|rule| {
        let names = texts(&rule["resourceNames"]);
        let names: Vec<Option<&str>> = if names.is_empty() {
            vec![None]
        } else {
            names.into_iter().map(Some).collect()
        };
        let resources = texts(&rule["verbs"]).iter().all(|verb| {
            texts(&rule["apiGroups"]).iter().all(|group| {
                texts(&rule["resources"]).iter().all(|resource| {
                    names.iter().all(|name| {
                        held.iter().any(|held| {
                            let sub = resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
                            (has(held, "verbs", "*") || has(held, "verbs", verb))
                                && (has(held, "apiGroups", "*") || has(held, "apiGroups", group))
                                && (has(held, "resources", "*")
                                    || has(held, "resources", resource)
                                    || sub.is_some_and(|sub| has(held, "resources", &sub)))
                                && (texts(&held["resourceNames"]).is_empty()
                                    || name.is_some_and(|name| has(held, "resourceNames", name)))
                        })
                    })
                })
            })
        });
        let urls = texts(&rule["verbs"]).iter().all(|verb| {
            texts(&rule["nonResourceURLs"]).iter().all(|url| {
                held.iter().any(|held| {
                    (has(held, "verbs", "*") || has(held, "verbs", verb))
                        && texts(&held["nonResourceURLs"]).iter().any(|own| {
                            own == url || (own.ends_with('*') && url.starts_with(own.trim_end_matches('*')))
                        })
                })
            })
        });
        resources && urls
    })
}

#[test]
fn random_grants_are_decided_as_a_slow_reader_decides_them() {
    let mut dice = Dice(7);
    let (mut yes, mut no) = (0, 0);
    for _ in 0..400 {
        let world = world(&mut dice);
        let text = json!({"kind": "List", "apiVersion": "v1", "items": world}).to_string();
        let (facts, _) = read(&[&text]);
        for _ in 0..10 {
            let user = dice.pick(&["u1", "system:serviceaccount:n1:s1"]);
            let groups = dice.some(&["g1", "system:serviceaccounts:n1"], 1);
            let who = Asker {
                user,
                groups: &groups,
                principal: "",
            };
            let namespace = dice.pick(NAMESPACES);
            let binding = dice.roll(2) == 0;
            let rules: Vec<Value> = (0..1 + dice.roll(1)).map(|_| rule(&mut dice)).collect();
            let role = dice.pick(&["r1", "r2"]);
            let (object, verb, resource, wanted) = if binding {
                let found = world
                    .iter()
                    .find(|one| one["kind"] == "ClusterRole" && one["metadata"]["name"] == role);
                let Some(found) = found else { continue };
                let object = json!({"kind": "RoleBinding", "metadata": {"name": "x", "namespace": namespace}, "roleRef": {"kind": "ClusterRole", "name": role}});
                (
                    object,
                    "bind",
                    "clusterroles",
                    found["rules"].as_array().unwrap().clone(),
                )
            } else {
                let object = json!({"kind": "Role", "metadata": {"name": "x", "namespace": namespace}, "rules": rules});
                (object, "escalate", "roles", rules)
            };
            let asked = Attributes::Resource {
                verb,
                group: "rbac.authorization.k8s.io",
                resource,
                subresource: "",
                name: if binding { role } else { "" },
                namespace,
            };
            let held = slow_rules(&world, who, namespace);
            let slow = held.iter().any(|rule| slow_allows(rule, &asked)) || slow_covers(&held, &wanted);
            let answer = decide(
                &facts,
                &json!({"user": user, "groups": groups, "write": object, "verb": "create"}).to_string(),
            );
            assert_eq!(answer["escalation"], slow, "{user} {groups:?} {object}\n{text}");
            if slow { yes += 1 } else { no += 1 }
        }
    }
    assert!(yes > 100 && no > 100, "{yes} {no}");
}

const WORLD: &str = r#"{"kind":"List","apiVersion":"v1","items":[
{"kind":"ClusterRole","metadata":{"name":"reader"},"rules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods","nodes"]},{"verbs":["get"],"nonResourceURLs":["/metrics","/apis/*"]}]},
{"kind":"Role","metadata":{"name":"reader","namespace":"shop"},"rules":[{"verbs":["create"],"apiGroups":[""],"resources":["*/exec"]}]},
{"kind":"RoleBinding","metadata":{"name":"b1","namespace":"shop"},"roleRef":{"kind":"ClusterRole","name":"reader"},"subjects":[{"kind":"ServiceAccount","name":"web"},{"kind":"ServiceAccount","name":"other","namespace":"ops"}]},
{"kind":"RoleBinding","metadata":{"name":"b2","namespace":"shop"},"roleRef":{"kind":"Role","name":"reader"},"subjects":[{"kind":"User","name":"system:serviceaccount:shop:api"}]},
{"kind":"ClusterRoleBinding","metadata":{"name":"c1"},"roleRef":{"kind":"ClusterRole","name":"reader"},"subjects":[{"kind":"ServiceAccount","name":"web"},{"kind":"Group","name":"ops"}]},
{"kind":"ClusterRoleBinding","metadata":{"name":"c2"},"roleRef":{"kind":"ClusterRole","name":"gone"},"subjects":[{"kind":"User","name":"eve"}]}
]}"#;

fn review(
    user: &str,
    groups: &[&str],
    verb: &str,
    resource: &str,
    sub: &str,
    name: &str,
    namespace: &str,
) -> String {
    json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
        "user": user, "groups": groups,
        "resourceAttributes": {"verb": verb, "group": "", "version": "v1", "resource": resource, "subresource": sub, "name": name, "namespace": namespace},
    }})
    .to_string()
}

#[test]
fn a_review_is_answered_as_the_server_answers() {
    let (facts, _) = read(&[WORLD]);
    let ask = |question: &str| decide(&facts, question);
    let web = "system:serviceaccount:shop:web";
    let answer = ask(&review(web, &[], "get", "pods", "", "x", "shop"));
    assert_eq!(answer["allowed"], true);
    assert_eq!(
        answer["reason"],
        "RBAC: allowed by RoleBinding \"b1/shop\" of ClusterRole \"reader\" to ServiceAccount \"web/shop\""
    );
    assert_eq!(answer["rule"]["verbs"], json!(["get", "list"]));
    // A ClusterRole through a RoleBinding stays in its namespace, and reaches nothing that is cluster-scoped.
    assert_eq!(
        ask(&review(web, &[], "get", "pods", "", "x", "ops"))["allowed"],
        false
    );
    assert_eq!(
        ask(&review(web, &[], "get", "nodes", "", "x", ""))["allowed"],
        false
    );
    // A ServiceAccount without a namespace in a ClusterRoleBinding is nobody.
    assert_eq!(
        ask(&review(web, &[], "list", "pods", "", "", ""))["allowed"],
        false
    );
    assert_eq!(
        ask(&review("", &["ops"], "list", "pods", "", "", ""))["allowed"],
        true
    );
    // Subjects of other namespaces, and users that spell an account.
    assert_eq!(
        ask(&review(
            "system:serviceaccount:ops:other",
            &[],
            "list",
            "pods",
            "",
            "",
            "shop"
        ))["allowed"],
        true
    );
    assert_eq!(
        ask(&review(
            "system:serviceaccount:shop:api",
            &[],
            "create",
            "pods",
            "exec",
            "x",
            "shop"
        ))["allowed"],
        true
    );
    assert_eq!(
        ask(&review(
            "system:serviceaccount:shop:api",
            &[],
            "create",
            "pods",
            "",
            "x",
            "shop"
        ))["allowed"],
        false
    );
    let answer = ask(&review(
        "eve",
        &["system:masters"],
        "delete",
        "nodes",
        "",
        "x",
        "",
    ));
    assert_eq!(
        (&answer["allowed"], &answer["reason"]),
        (&json!(true), &json!(""))
    );
    let answer = ask(&review("eve", &[], "get", "pods", "", "", ""));
    assert_eq!(
        answer["reason"],
        "RBAC: clusterrole.rbac.authorization.k8s.io \"gone\" not found"
    );
    let path = |path: &str| {
        json!({"spec": {"groups": ["ops"], "nonResourceAttributes": {"path": path, "verb": "get"}}})
            .to_string()
    };
    assert_eq!(ask(&path("/apis/apps"))["allowed"], true);
    assert_eq!(ask(&path("/apis"))["allowed"], false);
    let who = ask(r#"{"whoCan":{"verb":"list","resource":"pods","namespace":"shop"}}"#);
    assert_eq!(
        who["subjects"],
        json!([
            {"kind":"Group","name":"ops"},
            {"kind":"Group","name":"system:masters"},
            {"kind":"ServiceAccount","namespace":"ops","name":"other"},
            {"kind":"ServiceAccount","namespace":"shop","name":"web"},
        ])
    );
}

#[test]
fn pod_security_is_a_question_too() {
    let (facts, _) = read(&[]);
    let question =
        json!({"pod": {"spec": {"hostPID": true}}, "level": "baseline", "version": "v1.30"}).to_string();
    assert_eq!(
        decide(&facts, &question),
        json!({"allowed": false, "failing": [{"check": "hostNamespaces", "fields": ["spec.hostPID"]}]})
    );
}

#[test]
fn a_question_that_is_none_says_what_to_ask() {
    let (facts, _) = read(&[WORLD]);
    for question in [
        "{",
        "{}",
        r#"{"user":"a"}"#,
        r#"{"spec":{"resourceAttributes":{"verb":"get"}}}"#,
        r#"{"user":"a","write":{"kind":"Pod"}}"#,
        r#"{"pod":{"spec":{}},"level":"strict"}"#,
        r#"{"pod":{},"level":"baseline"}"#,
    ] {
        let mut out = Vec::new();
        let error = crate::authorize::answer(&facts, question, &mut out)
            .unwrap_err()
            .to_string();
        assert!(error.contains("layer `kubernetes`"), "{error}");
    }
}

#[test]
fn aggregated_roles_of_manifests_are_a_fixed_point_and_stored_ones_stay() {
    let role = |name: &str, uid: &str, label: &str, selects: &str, verb: &str| {
        json!({"kind": "ClusterRole", "apiVersion": "rbac.authorization.k8s.io/v1",
            "metadata": {"name": name, "uid": uid, "labels": {label: "true"}},
            "aggregationRule": if selects.is_empty() { Value::Null } else { json!({"clusterRoleSelectors": [{"matchLabels": {selects: "true"}}]}) },
            "rules": if verb.is_empty() { Value::Null } else { json!([{"verbs": [verb], "apiGroups": [""], "resources": ["pods"]}]) }})
    };
    let verbs = |uid: &str, of: &str| {
        let items = [
            role("a", uid, "to-b", "to-a", "stale"),
            role("b", uid, "to-a", "to-b", ""),
            role("leaf", uid, "to-a", "", "get"),
        ];
        let text = json!({"kind": "List", "apiVersion": "v1", "items": items}).to_string();
        let (facts, _) = read(&[&text]);
        let at = facts.role(crate::facts::RoleKind::ClusterRole, "", of).unwrap();
        facts
            .rules_of(at)
            .map(|(rule, _)| rule.verbs.join(","))
            .collect::<Vec<_>>()
    };
    assert_eq!(verbs("", "a"), ["get"]);
    assert_eq!(verbs("", "b"), ["get"]);
    assert_eq!(verbs("u", "a"), ["stale"]);
    assert!(verbs("u", "b").is_empty());
}
