//! Audit logs folded into use, and the smaller roles that come of it.

use crate::Choices;
use foursee::core::document::{Document, Notes};
use foursee::core::layer::Layer;
use foursee::core::model::{DocId, ScopeId};
use foursee::core::rightsize::{Ask, Backtest};
use foursee_kubernetes::Kubernetes;
use foursee_kubernetes::authorize::{Asker, Attributes, decide};
use foursee_kubernetes::facts::{Binding, Facts, PolicyRule};
use serde_json::{Value, json};
use std::sync::Arc;

const USERS: [&str; 4] = [
    "system:serviceaccount:n:s",
    "u",
    "arn:aws:sts::1:assumed-role/r/s",
    "",
];
const GROUPS: [&str; 3] = ["g", "system:authenticated", "system:masters"];
const RBAC: &str = "rbac.authorization.k8s.io";

fn parsed(text: String) -> Facts {
    let document = Document {
        id: DocId(0),
        name: "d".into(),
        scope: ScopeId(0),
        kind: "",
        text: Arc::new(text),
    };
    Kubernetes.parse(&document, &mut Notes::default())
}

/// At least one of these.
fn some(choices: &mut Choices<'_>, from: &[&str], most: usize) -> Vec<String> {
    (0..=choices.below(most))
        .map(|_| choices.pick(from).to_owned())
        .collect()
}

/// Roles, cluster-wide and of a namespace, and bindings of them.
fn state(choices: &mut Choices<'_>) -> String {
    let mut items = Vec::new();
    for number in 0..=choices.below(3) {
        let namespace = choices.pick(&["", "n"]);
        let meta = |name: String| match namespace {
            "" => json!({"name": name, "uid": "x"}),
            _ => json!({"name": name, "namespace": namespace, "uid": "x"}),
        };
        let rules: Vec<Value> = (0..=choices.below(2))
            .map(|_| {
                if choices.once_in(3) {
                    return json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]});
                }
                let verbs = some(
                    choices,
                    &["get", "list", "create", "*", "patch", "bind", "impersonate"],
                    3,
                );
                if choices.once_in(5) {
                    return json!({"verbs": verbs, "nonResourceURLs": some(choices, &["*", "/a", "/a*"], 2)});
                }
                let names = if choices.once_in(4) {
                    some(choices, &["a", "b"], 2)
                } else {
                    Vec::new()
                };
                let resources = ["pods", "secrets", "*", "pods/exec", "rolebindings", "users"];
                json!({"verbs": verbs, "apiGroups": some(choices, &["", "*", RBAC], 2),
                    "resources": some(choices, &resources, 3), "resourceNames": names})
            })
            .collect();
        let (role, bound) = match namespace {
            "" => ("ClusterRole", "ClusterRoleBinding"),
            _ => ("Role", "RoleBinding"),
        };
        let api = format!("{RBAC}/v1");
        let subjects: Vec<Value> = (0..=choices.below(2))
            .map(|_| match choices.below(3) {
                0 => json!({"kind": "ServiceAccount", "name": "s", "namespace": "n"}),
                1 => json!({"kind": "User", "name": choices.pick(&USERS)}),
                _ => json!({"kind": "Group", "name": choices.pick(&GROUPS)}),
            })
            .collect();
        items.push(
            json!({"apiVersion": api, "kind": role, "metadata": meta(format!("r{number}")), "rules": rules}),
        );
        items.push(
            json!({"apiVersion": api, "kind": bound, "metadata": meta(format!("b{number}")),
            "roleRef": {"apiGroup": RBAC, "kind": role, "name": format!("r{number}")}, "subjects": subjects}),
        );
    }
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn user(choices: &mut Choices<'_>) -> Value {
    let mut user = json!({"username": choices.pick(&USERS), "groups": some(choices, &GROUPS, 2)});
    if choices.once_in(4) {
        user["extra"] = json!({"canonicalArn": ["arn:aws:iam::1:role/r"], "k": ["a", "b"]});
    }
    user
}

/// One line of a log; whether it has an auditID.
fn line(choices: &mut Choices<'_>) -> (String, bool) {
    if choices.once_in(12) {
        return (choices.text(200), true);
    }
    let verb = choices.pick(&["get", "list", "watch", "create", "patch", "update", "delete"]);
    let name = choices.pick(&["a", "b", "c", ""]);
    let (uri, object) = match choices.below(4) {
        0 => (format!("/a{name}?x=1"), Value::Null),
        1 => (
            format!("/apis/{RBAC}/v1/namespaces/n/rolebindings/{name}"),
            json!({"resource": "rolebindings", "apiGroup": RBAC, "namespace": "n", "name": name}),
        ),
        2 => (
            format!("/api/v1/namespaces/n/pods/{name}/exec"),
            json!({"resource": "pods", "subresource": "exec", "namespace": "n", "name": name}),
        ),
        _ => (
            format!("/api/v1/namespaces/n/secrets/{name}"),
            json!({"resource": "secrets", "namespace": "n", "name": name}),
        ),
    };
    let id = choices.pick(&["i", "j", "k", ""]);
    let reason = choices.pick(&[
        "RBAC: allowed by x",
        "RBAC: allowed by x",
        "",
        "EKS Access Policy: allowed by x",
    ]);
    let mut one = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "auditID": id,
        "stage": choices.pick(&["ResponseComplete", "ResponseComplete", "ResponseStarted", "RequestReceived", "Panic"]),
        "requestURI": uri, "verb": verb, "user": user(choices), "objectRef": object,
        "responseStatus": {"code": choices.pick(&[200, 200, 200, 201, 403, 404, 429])},
        "requestReceivedTimestamp": format!("2026-{:02}-01T00:00:0{}.000000Z", 1 + choices.below(3), choices.below(2)),
        "annotations": {"authorization.k8s.io/decision": choices.pick(&["allow", "allow", "allow", "", "forbid"]),
            "authorization.k8s.io/reason": reason}});
    if choices.once_in(4) {
        one["impersonatedUser"] = user(choices);
    }
    (one.to_string(), !id.is_empty())
}

/// The facts of a state and of logs, one after the other.
fn folded(state: &str, logs: &[&[&str]]) -> Facts {
    let mut all = parsed(state.to_owned());
    for log in logs {
        let mut part = Facts::default();
        for line in log.iter().filter(|line| !line.trim().is_empty()) {
            let _ = Kubernetes.observe(line, &mut part);
        }
        Kubernetes.merge(&mut all, part);
    }
    Kubernetes.seal(&mut all, &[]);
    all
}

/// Events in any order and split are the same use, twice they are no more; what is proposed of it gives nothing new.
pub fn usage(data: &[u8]) {
    held_and_used(data);
}

/// How many rules were proposed.
fn held_and_used(data: &[u8]) -> usize {
    let mut choices = Choices::new(data);
    let state = state(&mut choices);
    let lines: Vec<(String, bool)> = (0..choices.below(24)).map(|_| line(&mut choices)).collect();
    let (cut, other) = (choices.below(lines.len() + 1), choices.below(lines.len() + 1));
    let all: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    let facts = folded(&state, &[&all]);

    let mut turned = all.clone();
    turned.reverse();
    let (first, last) = turned.split_at(cut);
    let split = folded(&state, &[last, first]);
    assert_eq!(facts.usage(), split.usage(), "order or splits count: {lines:#?}");

    let again: Vec<&str> = lines
        .iter()
        .filter(|(_, named)| *named)
        .map(|(line, _)| line.as_str())
        .collect();
    let again = again.get(other..).unwrap_or_default();
    let twice = folded(&state, &[again, &all, again]);
    assert!(
        facts.usage().everybody().eq(twice.usage().everybody()),
        "what is read twice counts twice: {lines:#?}"
    );
    narrower(&facts, choices.once_in(3))
}

/// Everything that proposals grant was held before, and all that was used is still allowed; how many rules they are.
fn narrower(facts: &Facts, backtest: bool) -> usize {
    let ask = Ask {
        backtest: backtest.then(|| Backtest::parse("20d/20d")).flatten(),
        ..Ask::default()
    };
    let found = Kubernetes.rightsize(facts, facts, &ask).expect("it proposes");
    assert!(found.refused.is_empty(), "{:?}", found.refused);
    let mut proposed = 0;
    for step in found.proposals.iter().flat_map(|one| &one.forward) {
        if step.file.contains("delete") {
            continue;
        }
        let mut made = parsed(step.text.to_string());
        Kubernetes.seal(&mut made, &[]);
        for binding in &made.bindings {
            let Some(role) = made.role_of(binding) else {
                let kept = facts.bindings.iter().find(|one| {
                    one.meta.full_name() == binding.meta.full_name() && one.kind() == binding.kind()
                });
                let kept = kept.unwrap_or_else(|| panic!("a binding of nothing: {}", step.text));
                let named = |of: &Binding| -> Vec<_> {
                    of.subjects
                        .iter()
                        .map(|one| (one.kind.clone(), one.name.clone()))
                        .collect()
                };
                assert!(
                    named(binding).iter().all(|one| named(kept).contains(one)),
                    "{}",
                    step.text
                );
                continue;
            };
            let rules: Vec<&PolicyRule> = made.rules_of(role).map(|(rule, _)| rule).collect();
            for subject in &binding.subjects {
                let account = format!("system:serviceaccount:{}:{}", subject.namespace, subject.name);
                let (user, groups) = match &*subject.kind {
                    "ServiceAccount" => (account.as_str(), vec![]),
                    "Group" => ("", vec![&*subject.name]),
                    _ => (&*subject.name, vec![]),
                };
                let who = Asker {
                    user,
                    groups: &groups,
                    principal: "",
                };
                for rule in &rules {
                    held(facts, who, rule, &binding.meta.namespace);
                }
                proposed += rules.len();
            }
        }
    }
    proposed
}

/// That everything a rule gives in a namespace is allowed.
fn held(facts: &Facts, who: Asker<'_>, rule: &PolicyRule, namespace: &str) {
    let names: Vec<&str> = match rule.names.as_slice() {
        [] => vec!["", "any"],
        all => all.iter().map(|one| &**one).collect(),
    };
    for verb in &rule.verbs {
        for path in rule.urls.iter() {
            let asked = Attributes::Path { verb, path };
            assert!(decide(facts, who, &asked).allowed(), "{who:?} gains {asked:?}");
        }
        for (group, resource) in rule
            .groups
            .iter()
            .flat_map(|group| rule.resources.iter().map(move |one| (group, one)))
        {
            let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            for name in &names {
                let asked = Attributes::Resource {
                    verb,
                    group,
                    resource,
                    subresource,
                    name,
                    namespace,
                };
                assert!(decide(facts, who, &asked).allowed(), "{who:?} gains {asked:?}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::held_and_used;

    #[test]
    fn random_bytes_reach_proposals() {
        let mut state = 7_u64;
        let mut byte = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        };
        let proposed: usize = (0..300)
            .map(|_| {
                let data: Vec<u8> = (0..900).map(|_| byte()).collect();
                held_and_used(&data)
            })
            .sum();
        println!("{proposed} rules proposed");
        assert!(proposed > 100, "{proposed}");
    }
}
