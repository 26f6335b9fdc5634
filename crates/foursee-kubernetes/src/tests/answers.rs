//! What `decide` says beside yes and no: the nearest rule, the chain, nodes, dead grants.

use super::{decide, read};
use serde_json::{Value, json};

/// A cluster with one user, as a server lists it.
const CLUSTER: &str = r#"{"kind":"List","apiVersion":"v1","items":[
{"kind":"ClusterRole","metadata":{"name":"reader","uid":"1"},"rules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]},{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["a"]},{"verbs":["get"],"nonResourceURLs":["/apis/*"]}]},
{"kind":"Role","metadata":{"name":"exec","namespace":"shop","uid":"2"},"rules":[{"verbs":["create"],"apiGroups":[""],"resources":["pods/exec","pods/*"]},{"verbs":["get"],"apiGroups":[""],"resources":["nodes"]},{"verbs":["create"],"apiGroups":[""],"resources":["pods"],"resourceNames":["a"]},{"verbs":["get"],"nonResourceURLs":["/metrics"]},{"verbs":["get"],"resources":["pods"]}]},
{"kind":"ClusterRoleBinding","metadata":{"name":"all","uid":"3"},"roleRef":{"kind":"ClusterRole","name":"reader"},"subjects":[{"kind":"User","name":"eve"},{"kind":"ServiceAccount","name":"lost"},{"kind":"Robot","name":"r"}]},
{"kind":"RoleBinding","metadata":{"name":"exec","namespace":"shop","uid":"4"},"roleRef":{"kind":"Role","name":"exec"},"subjects":[{"kind":"User","name":"eve"}]},
{"kind":"RoleBinding","metadata":{"name":"gone","namespace":"shop","uid":"5"},"roleRef":{"kind":"Role","name":"gone"},"subjects":[]}
]}"#;

fn ask(user: &str, verb: &str, resource: &str, sub: &str, name: &str, namespace: &str) -> String {
    json!({"user": user, "groups": ["system:nodes"], "resourceAttributes": {"verb": verb, "resource": resource, "subresource": sub, "name": name, "namespace": namespace}}).to_string()
}

#[test]
fn a_refusal_names_the_nearest_rule_and_what_it_lacks() {
    let (facts, _) = read(&[CLUSTER]);
    for (verb, resource, sub, name, namespace, binding, lacks) in [
        (
            "delete",
            "pods",
            "",
            "x",
            "shop",
            "all",
            "its verbs do not hold `delete`",
        ),
        (
            "get",
            "pods",
            "log",
            "x",
            "ops",
            "all",
            "`pods` does not give `pods/log`",
        ),
        (
            "get",
            "secrets",
            "",
            "b",
            "ops",
            "all",
            "its resourceNames do not hold `b`",
        ),
        (
            "get",
            "secrets",
            "",
            "",
            "ops",
            "all",
            "it is limited to resourceNames, and the request names no object",
        ),
        (
            "create",
            "pods",
            "exec",
            "x",
            "ops",
            "exec",
            "it is bound in namespace `shop`, not in `ops`",
        ),
        (
            "get",
            "nodes",
            "",
            "n",
            "",
            "exec",
            "it is bound in namespace `shop`, and a RoleBinding gives nothing outside its namespace",
        ),
    ] {
        let answer = decide(&facts, &ask("eve", verb, resource, sub, name, namespace));
        assert_eq!(answer["allowed"], false);
        assert_eq!(answer["nearest"]["binding"]["name"], binding, "{answer}");
        assert_eq!(answer["nearest"]["lacks"], json!([lacks]), "{answer}");
        assert!(answer["nearest"]["rule"]["verbs"].is_array());
    }
    let path = decide(
        &facts,
        r#"{"user":"eve","nonResourceAttributes":{"verb":"get","path":"/apis"}}"#,
    );
    assert_eq!(
        path["nearest"]["lacks"],
        json!(["`/apis/*` does not cover `/apis`"])
    );
    // Of what no rule is about, none is near; nor of whom no binding names.
    for (user, resource) in [("eve", "configmaps"), ("bob", "pods")] {
        let answer = decide(&facts, &ask(user, "get", resource, "", "x", "shop"));
        assert_eq!(answer["nearest"], Value::Null, "{answer}");
    }
}

#[test]
fn dead_grants_say_why() {
    let (facts, _) = read(&[CLUSTER]);
    let answer = decide(&facts, r#"{"dead":{}}"#);
    let said: Vec<String> = answer["dead"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let of = one["subject"]["name"]
                .as_str()
                .or_else(|| one["rule"]["verbs"][0].as_str());
            format!(
                "{} {}: {}",
                one["binding"]["name"].as_str().unwrap(),
                of.unwrap_or("-"),
                one["why"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "all lost: a ServiceAccount without a namespace in a ClusterRoleBinding is nobody",
            "all r: RBAC knows no subject of that kind",
            "exec get: names what is cluster-scoped, which a RoleBinding never grants",
            "exec create: limits creates to names, which no create of a collection has",
            "exec get: names URLs, which a RoleBinding never grants",
            "exec get: names no API group; the core group is \"\"",
            "gone -: it names no subject",
            "gone -: its role does not exist",
        ]
    );
}

#[test]
fn what_somebody_can_do_is_every_rule_that_they_hold() {
    let (facts, _) = read(&[CLUSTER]);
    let count = |user: &str, groups: &[&str], namespace: &str| {
        let answer = decide(
            &facts,
            &json!({"user": user, "groups": groups, "can": {"namespace": namespace}}).to_string(),
        );
        (
            answer["rules"].as_array().unwrap().len(),
            answer["everything"] == true,
        )
    };
    assert_eq!(count("eve", &[], "shop"), (8, false));
    assert_eq!(count("eve", &[], "ops"), (3, false));
    assert_eq!(count("eve", &[], ""), (8, false));
    assert_eq!(count("bob", &["system:masters"], ""), (0, true));
}

/// The API server's own pod, started with some arguments.
fn server(arguments: &[&str]) -> String {
    let command = [["kube-apiserver"].as_slice(), arguments].concat();
    json!({"kind": "PodList", "apiVersion": "v1", "items": [
        {"metadata": {"name": "kube-apiserver-a", "namespace": "kube-system", "uid": "6", "labels": {"component": "kube-apiserver"}},
            "spec": {"nodeName": "n1", "serviceAccountName": "default", "containers": [{"name": "kube-apiserver", "command": command}]}},
        {"metadata": {"name": "web", "namespace": "shop", "uid": "7"},
            "spec": {"nodeName": "n1", "serviceAccountName": "web", "containers": [{"name": "c", "envFrom": [{"secretRef": {"name": "db"}}]}]}},
    ]})
    .to_string()
}

#[test]
fn a_no_is_final_only_where_the_chain_is_known() {
    let question = ask("eve", "delete", "pods", "", "x", "shop");
    let incomplete = |texts: &[&str]| decide(&read(texts).0, &question)["incomplete"] == true;
    assert!(incomplete(&[CLUSTER]));
    assert!(!incomplete(&[
        CLUSTER,
        &server(&["--authorization-mode=Node,RBAC"])
    ]));
    assert!(!incomplete(&[
        CLUSTER,
        &server(&["--authorization-mode", "RBAC"])
    ]));
    assert!(incomplete(&[
        CLUSTER,
        &server(&["--authorization-mode=Node,Webhook,RBAC"])
    ]));
    assert!(incomplete(&[
        CLUSTER,
        &server(&["--authorization-config=/etc/a.yaml"])
    ]));
    // Without the bindings themselves nothing is final.
    assert!(incomplete(&[&server(&["--authorization-mode=Node,RBAC"])]));
    let always = decide(&read(&[CLUSTER, &server(&[])]).0, &question);
    assert_eq!(
        (&always["allowed"], &always["authorizer"], &always["incomplete"]),
        (&json!(true), &json!("AlwaysAllow"), &json!(false))
    );
}

#[test]
fn a_node_reads_what_its_pods_refer_to() {
    let text = server(&[
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction,PodSecurity",
    ]);
    let (facts, _) = read(&[CLUSTER, &text]);
    let node = "system:node:n1";
    let db = decide(&facts, &ask(node, "get", "secrets", "", "db", "shop"));
    assert_eq!(
        (&db["allowed"], &db["authorizer"]),
        (&json!(true), &json!("Node"))
    );
    let token = decide(
        &facts,
        &ask(node, "create", "serviceaccounts", "token", "web", "shop"),
    );
    assert_eq!(token["allowed"], true);
    assert_eq!(token["nodeRestriction"]["enabled"], true);
    for (user, name) in [(node, "other"), ("system:node:n2", "db"), ("eve", "db")] {
        assert_eq!(
            decide(&facts, &ask(user, "get", "secrets", "", name, "shop"))["allowed"],
            false
        );
    }
    // Volumes were not listed: a secret of one could be another answer.
    let other = decide(&facts, &ask(node, "get", "secrets", "", "other", "shop"));
    assert_eq!(other["incomplete"], true);
    let pods = decide(&facts, &json!({"spec": {"user": node, "groups": ["system:nodes"], "resourceAttributes": {"verb": "list", "resource": "pods", "fieldSelector": {"rawSelector": "spec.nodeName=n1"}}}}).to_string());
    assert_eq!(pods["allowed"], true);
    // Where there is no RBAC, no binding gives anything.
    let (none, _) = read(&[CLUSTER, &server(&["--authorization-mode=Node"])]);
    let listed = decide(&none, r#"{"whoCan":{"verb":"list","resource":"pods"}}"#);
    assert_eq!(
        listed["subjects"],
        json!([{"kind": "Group", "name": "system:masters"}])
    );
    // Where the server has no Node authorizer, a node is a user like others.
    let (facts, _) = read(&[CLUSTER, &server(&["--authorization-mode=RBAC"])]);
    assert_eq!(
        decide(&facts, &ask(node, "get", "secrets", "", "db", "shop"))["allowed"],
        false
    );
}

#[test]
fn what_a_node_may_do_is_asked_as_of_the_assumed_version() {
    let mode = server(&["--authorization-mode=Node,RBAC"]);
    let version = r#"{"major":"1","minor":"34","gitVersion":"v1.34.2","gitTreeState":"clean"}"#;
    let (mut facts, _) = read(&[CLUSTER, &mode, version]);
    let reads = ask("system:node:n1", "get", "serviceaccounts", "", "web", "shop");
    // A node reads the accounts of its pods from 1.34 on.
    for (assumed, allowed) in [(None, true), (Some(33), false), (Some(34), true)] {
        facts.assumed = assumed;
        assert_eq!(decide(&facts, &reads)["allowed"], allowed, "{assumed:?}");
    }
}

#[test]
fn what_a_put_or_an_apply_makes_anew_is_a_create_with_a_name() {
    let (facts, _) = read(&[r#"{"kind":"List","apiVersion":"v1","items":[
{"kind":"ClusterRole","metadata":{"name":"writer"},"rules":[{"verbs":["update","patch","escalate"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"]},{"verbs":["create"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"resourceNames":["new"]}]},
{"kind":"ClusterRoleBinding","metadata":{"name":"writer"},"roleRef":{"kind":"ClusterRole","name":"writer"},"subjects":[{"kind":"User","name":"eve"}]},
{"kind":"Role","metadata":{"name":"old","namespace":"shop"},"rules":[]}
]}"#]);
    let allowed = |verb: &str, name: &str| {
        let object = json!({"kind": "Role", "metadata": {"name": name, "namespace": "shop"}, "rules": []});
        decide(
            &facts,
            &json!({"user": "eve", "verb": verb, "write": object}).to_string(),
        )["allowed"]
            == true
    };
    assert!(allowed("update", "new") && allowed("apply", "new") && allowed("apply", "old"));
    assert!(!allowed("create", "new") && !allowed("apply", "other") && !allowed("update", "other"));
    // What changes nothing is not checked for escalation; the same as a PUT is.
    let (facts, _) = read(&[r#"{"kind":"List","apiVersion":"v1","items":[
{"kind":"ClusterRole","metadata":{"name":"writer"},"rules":[{"verbs":["update","patch"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"]}]},
{"kind":"ClusterRoleBinding","metadata":{"name":"writer"},"roleRef":{"kind":"ClusterRole","name":"writer"},"subjects":[{"kind":"User","name":"eve"}]},
{"kind":"ClusterRole","metadata":{"name":"all","labels":{"a":"b"}},"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]}
]}"#]);
    let by = |verb: &str, verbs: &str| {
        let rules = json!([{"verbs": [verbs], "apiGroups": ["*"], "resources": ["*"]}]);
        let object = json!({"kind": "ClusterRole", "metadata": {"name": "all"}, "rules": rules});
        let answer = decide(
            &facts,
            &json!({"user": "eve", "verb": verb, "write": object}).to_string(),
        );
        (
            answer["allowed"] == true,
            answer["by"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(by("patch", "*"), (true, "unchanged".to_owned()));
    assert_eq!(by("patch", "get"), (false, "covers".to_owned()));
    assert_eq!(by("update", "*"), (false, "covers".to_owned()));
}

#[test]
fn impersonation_is_allowed_by_a_mode_and_says_the_groups() {
    let (facts, _) = read(&[r#"{"kind":"List","apiVersion":"v1","items":[
{"kind":"ClusterRole","metadata":{"name":"old"},"rules":[{"verbs":["impersonate"],"apiGroups":[""],"resources":["users","groups"]}]},
{"kind":"ClusterRole","metadata":{"name":"new"},"rules":[{"verbs":["impersonate:serviceaccount"],"apiGroups":["authentication.k8s.io"],"resources":["serviceaccounts"]},{"verbs":["impersonate-on:serviceaccount:list"],"apiGroups":[""],"resources":["pods"]}]},
{"kind":"ClusterRoleBinding","metadata":{"name":"old"},"roleRef":{"kind":"ClusterRole","name":"old"},"subjects":[{"kind":"User","name":"eve"}]},
{"kind":"ClusterRoleBinding","metadata":{"name":"new"},"roleRef":{"kind":"ClusterRole","name":"new"},"subjects":[{"kind":"User","name":"bob"}]}
]}"#]);
    let ask = |user: &str, wanted: Value, url: &str| {
        let question = json!({"user": user, "impersonate": wanted, "request": {"method": "GET", "url": url}});
        let answer = decide(&facts, &question.to_string());
        (
            answer["mode"].clone(),
            answer["groups"].clone(),
            answer["missing"].clone(),
        )
    };
    let pods = "/api/v1/namespaces/shop/pods";
    let masters = ask("eve", json!({"user": "x", "groups": ["system:masters"]}), pods);
    assert_eq!(masters.0, "legacy");
    assert_eq!(masters.1, json!(["system:masters", "system:authenticated"]));
    let web = json!({"user": "system:serviceaccount:shop:web"});
    let (mode, groups, _) = ask("bob", web.clone(), pods);
    assert_eq!(mode, "serviceaccount");
    assert_eq!(
        groups,
        json!([
            "system:serviceaccounts",
            "system:serviceaccounts:shop",
            "system:authenticated"
        ])
    );
    // The mode is for that request alone, and what lacks is what the old mode asks.
    let (mode, _, missing) = ask("bob", web, "/api/v1/namespaces/shop/secrets");
    assert_eq!(mode, Value::Null);
    assert_eq!(
        missing,
        json!([{"verb": "impersonate", "resource": "serviceaccounts", "name": "web", "namespace": "shop"}])
    );
    // Before 1.36 the modes are off by themselves.
    let mut facts = facts;
    let question = json!({"user": "bob", "impersonate": {"user": "system:serviceaccount:shop:web"}, "request": {"method": "GET", "url": pods}});
    for (assumed, mode) in [(35, Value::Null), (36, json!("serviceaccount"))] {
        facts.assumed = Some(assumed);
        assert_eq!(decide(&facts, &question.to_string())["mode"], mode, "1.{assumed}");
    }
}
