//! RBAC: decisions, who-can, what somebody holds, and may-I-grant, on random worlds.

use crate::ask::Program;
use crate::compare::{Comparison, load};
use crate::sample::{Dice, seeds};
use crate::world::{self, NAMESPACES, RBAC, ROLES, asker, decide, in_words, review};
use foursee_kubernetes::authorize::{self, Asker, Attributes};
use foursee_kubernetes::facts::Facts;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn attributes(asked: &[String]) -> Attributes<'_> {
    match asked {
        [verb, path] => Attributes::Path { verb, path },
        [verb, group, resource, subresource, name, namespace] => Attributes::Resource {
            verb,
            group,
            resource,
            subresource,
            name,
            namespace,
        },
        _ => panic!("{asked:?}"),
    }
}

#[test]
fn decisions() {
    const EACH: usize = 500;
    let seeds = seeds(1_000_000, EACH);
    let mut oracle = Program::oracle();
    let (mut yes, mut no, mut bad) = (0, 0, Vec::new());
    for seed in seeds.clone() {
        let mut dice = Dice::new(seed);
        let objects = world::world(&mut dice);
        let mut questions = vec![load(&objects)];
        let mut askers = Vec::new();
        for _ in 0..EACH / 50 {
            let (user, groups) = asker(&mut dice);
            let asked: Vec<Vec<String>> = (0..50)
                .map(|_| world::request_of(&mut dice, &objects, user, &groups))
                .collect();
            // An empty path is no path to the oracle.
            questions.push(json!({"op": "decide", "user": user, "groups": groups, "reqs": asked}));
            askers.push((user, groups, asked));
        }
        let answers = oracle.ask(&questions);
        let facts = world::facts(&objects);
        for ((user, groups, asked), answer) in askers.iter().zip(&answers[1..]) {
            let bits = answer["bits"].as_str().unwrap().as_bytes();
            for (asked, bit) in asked.iter().zip(bits) {
                let decision = authorize::decide(
                    &facts,
                    Asker {
                        user,
                        groups,
                        principal: "",
                    },
                    &attributes(asked),
                );
                if decision.allowed() {
                    yes += 1
                } else {
                    no += 1
                }
                if decision.allowed() != (*bit == b'1') {
                    bad.push((seed, *user, groups.clone(), asked.clone()));
                }
            }
        }
    }
    println!(
        "decisions: {} ({yes} allowed), seeds {seeds:?}, {} differ",
        yes + no,
        bad.len()
    );
    for (seed, user, groups, asked) in bad.iter().take(5) {
        let objects = world::world(&mut Dice::new(*seed));
        let mut ours = review(asked);
        (ours["user"], ours["groups"]) = (json!(user), json!(groups));
        let ours = decide(&world::facts(&objects), &ours);
        oracle.ask_one(load(&objects));
        let theirs = oracle.ask_one(in_words(
            asked,
            json!({"op": "authorize", "user": user, "groups": groups}),
        ));
        println!("seed {seed}: {user} {groups:?} {asked:?}\n  ours   {ours}\n  theirs {theirs}");
    }
    assert!(bad.is_empty() && yes > no / 20, "{yes} {no}");
}

#[test]
fn reasons() {
    let run = Comparison {
        name: "reasons",
        questions: 50_000,
        each: 100,
    };
    let of = |dice: &mut Dice, objects: &[Value], facts: &Facts| {
        let (user, groups) = asker(dice);
        let user = if user.is_empty() && groups.is_empty() {
            "u1"
        } else {
            user
        };
        let asked = world::request_of(dice, objects, user, &groups);
        let theirs = in_words(&asked, json!({"op": "authorize", "user": user, "groups": groups}));
        let mut ours = json!({"spec": review(&asked)});
        (ours["spec"]["user"], ours["spec"]["groups"]) = (json!(user), json!(groups));
        (theirs, decide(facts, &ours))
    };
    run.of(world::world, of, |ours, theirs| {
        (&ours["allowed"], &ours["reason"]) == (&theirs["allowed"], &theirs["reason"])
    });
}

/// The user and groups that stand for a subject of a binding in a namespace, and its name in our answers; none where
/// the subject stands for nobody.
fn stands_for(subject: &Value, binding_namespace: &str) -> Option<(Value, (String, String, String))> {
    let name = subject["name"].as_str().unwrap_or_default();
    let kind = subject["kind"].as_str().unwrap_or_default();
    let own = subject["namespace"].as_str().unwrap_or_default();
    let of = if own.is_empty() { binding_namespace } else { own };
    let (who, of) = match kind {
        "User" => (json!({"user": name, "groups": []}), ""),
        "Group" => (json!({"user": "nobody", "groups": [name]}), ""),
        "ServiceAccount" if !of.is_empty() => (
            json!({"user": format!("system:serviceaccount:{of}:{name}"), "groups": []}),
            of,
        ),
        _ => return None,
    };
    Some((who, (kind.to_owned(), of.to_owned(), name.to_owned())))
}

/// Upstream lists the subjects of the bindings as they are written, also those that stand for nobody: of kinds that RBAC
/// does not know, and accounts without a namespace in a ClusterRoleBinding. Those are left out, and an account of a
/// RoleBinding gets its namespace; then its authorizer is asked for each, and all that it allows must be in our list.
#[test]
fn who_can() {
    let seeds = seeds(20_000, 50);
    let mut oracle = Program::oracle();
    let (mut all, mut listed, mut refused, mut bad) = (0, 0, 0, 0);
    for seed in seeds.clone() {
        let mut dice = Dice::new(seed);
        let objects = world::world(&mut dice);
        let facts = world::facts(&objects);
        let asked: Vec<Vec<String>> = (0..50)
            .map(|_| world::request_of(&mut dice, &objects, "u1", &["g1", "g2", "u1"]))
            .collect();
        let mut questions = vec![load(&objects)];
        for asked in &asked {
            let question = in_words(asked, json!({"op": "whocan"}));
            let mut wide = question.clone();
            wide["namespace"] = json!("");
            questions.extend([question, wide]);
        }
        let lists = oracle.ask(&questions).split_off(1);
        for (asked, lists) in asked.iter().zip(lists.chunks(2)) {
            let namespace = asked.get(5).map_or("", String::as_str);
            // Those of ClusterRoleBindings stand first.
            let wide = lists[1]["subjects"].as_array().unwrap().len();
            let written: Vec<(Value, (String, String, String))> = lists[0]["subjects"]
                .as_array()
                .unwrap()
                .iter()
                .enumerate()
                .filter_map(|(at, one)| stands_for(one, if at < wide { "" } else { namespace }))
                .collect();
            let asks: Vec<Value> = written
                .iter()
                .map(|(who, _)| {
                    let mut question = who.clone();
                    question["op"] = json!("authorize");
                    in_words(asked, question)
                })
                .collect();
            let theirs: BTreeSet<_> = oracle
                .ask(&asks)
                .iter()
                .zip(written)
                .filter(|(answer, _)| {
                    let allowed = answer["allowed"] == true;
                    listed += 1;
                    refused += usize::from(!allowed);
                    allowed
                })
                .map(|(_, (_, subject))| subject)
                .collect();
            let answer = decide(&facts, &json!({"whoCan": review(asked)}));
            let ours: BTreeSet<_> = answer["subjects"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| {
                    let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
                    (text("kind"), text("namespace"), text("name"))
                })
                .collect();
            all += 1;
            if ours != theirs {
                bad += 1;
                if bad < 5 {
                    println!("seed {seed}: {asked:?}\n  ours   {ours:?}\n  theirs {theirs:?}");
                }
            }
        }
    }
    println!(
        "who-can: {all} lists of {listed} subjects ({refused} listed but refused), seeds {seeds:?}, {bad} differ"
    );
    assert!(bad == 0 && listed > all);
}

/// May somebody write a role or a binding: the escalation check, and what lets it pass.
fn grant(dice: &mut Dice, objects: &[Value], facts: &Facts) -> (Value, Value) {
    let (user, groups) = asker(dice);
    let user = if user.is_empty() { "u1" } else { user };
    let cluster = dice.one_in(2);
    let namespace = if cluster { "" } else { dice.pick(NAMESPACES) };
    let mut metadata = json!({"name": dice.pick(&["a", "b", "r1", "r2", "x"])});
    if !cluster {
        metadata["namespace"] = json!(namespace);
    }
    let verb = dice.pick(&["create", "update"]);
    if dice.one_in(2) {
        let kind = if cluster || dice.one_in(2) {
            "ClusterRole"
        } else {
            "Role"
        };
        let reference =
            json!({"apiGroup": RBAC, "kind": kind, "name": dice.pick(&[ROLES, &["gone"]].concat())});
        let own = if cluster {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        };
        let theirs = json!({"op": "maybind", "user": user, "groups": groups, "namespace": namespace, "roleRef": reference});
        let ours = decide(
            facts,
            &json!({"user": user, "groups": groups, "verb": verb,
                    "write": {"kind": own, "metadata": metadata, "roleRef": reference}}),
        );
        (theirs, ours)
    } else {
        let (own, resource) = if cluster {
            ("ClusterRole", "clusterroles")
        } else {
            ("Role", "roles")
        };
        // Of rules that somebody holds, of others, and of mixtures.
        let mut rules: Vec<Value> = (0..dice.roll(2)).map(|_| world::rule(dice)).collect();
        let some = objects[dice.roll(objects.len())]["rules"].as_array();
        rules.extend(some.into_iter().flatten().take(2).cloned());
        let name = if verb == "create" {
            json!("")
        } else {
            metadata["name"].clone()
        };
        // An update of what was aggregated asks for everything; that is the server's test.
        if metadata["name"]
            .as_str()
            .is_some_and(|name| name.starts_with('a'))
            && cluster
        {
            metadata["name"] = json!("b");
        }
        let name = if verb == "create" {
            name
        } else {
            metadata["name"].clone()
        };
        let theirs = json!({"op": "mayrole", "user": user, "groups": groups, "namespace": namespace,
                    "verb": verb, "resource": resource, "name": name, "rules": rules});
        let ours = decide(
            facts,
            &json!({"user": user, "groups": groups, "verb": verb,
                    "write": {"kind": own, "metadata": metadata, "rules": rules}}),
        );
        (theirs, ours)
    }
}

#[test]
fn may_i_grant() {
    let run = Comparison {
        name: "may-I-grant",
        questions: 20_000,
        each: 40,
    };
    let (yes, no) = run.of(world::world, grant, |ours, theirs| {
        (&ours["escalation"], &ours["by"]) == (&theirs["allowed"], &theirs["by"])
    });
    assert!(yes > no / 20 && no > yes / 20, "{yes} {no}");
}

/// What somebody holds in a namespace: the rules that the escalation check and a SelfSubjectRulesReview read.
#[test]
fn what_somebody_holds() {
    let run = Comparison {
        name: "what somebody holds",
        questions: 10_000,
        each: 20,
    };
    let of = |dice: &mut Dice, _: &[Value], facts: &Facts| {
        let (user, groups) = asker(dice);
        let user = if user.is_empty() { "u1" } else { user };
        let namespace = dice.pick(NAMESPACES);
        let theirs = json!({"op": "rules", "user": user, "groups": groups, "namespace": namespace});
        let ours = json!({"user": user, "groups": groups, "can": {"namespace": namespace}});
        (theirs, decide(facts, &ours))
    };
    let mut rules = 0;
    let (_, lists) = run.of(world::world, of, |ours, theirs| {
        let theirs = sorted(&theirs["rules"], None);
        rules += theirs.len();
        sorted(&ours["rules"], Some("rule")) == theirs
    });
    println!("what somebody holds: {rules} rules");
    assert!(rules > lists);
}

/// A list of rules in an order of its own, each from under a key where there is one.
fn sorted(list: &Value, inner: Option<&str>) -> Vec<String> {
    let mut all: Vec<String> = list
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            // An absent list and an empty one are the same.
            let mut rule = inner.map_or(one, |key| &one[key]).clone();
            if let Some(fields) = rule.as_object_mut() {
                fields.retain(|_, value| value.as_array().is_some_and(|all| !all.is_empty()));
            }
            rule.to_string()
        })
        .collect();
    all.sort_unstable();
    all
}
