//! Smaller roles, made from what a running API server wrote into its audit log, and applied to it: what was used goes on,
//! what was not is refused, and the way back leads back.

use crate::ask::Program;
use foursee_core::conformance;
use foursee_core::layer::Layer;
use foursee_core::model::ScopeId;
use foursee_core::rightsize::{Ask, Step};
use foursee_kubernetes::Kubernetes;
use foursee_kubernetes::facts::Facts;
use foursee_servers::Server;
use serde_json::{Value, json};
use std::process::Command;

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const LISTS: &[&str] = &["clusterroles", "clusterrolebindings", "roles", "rolebindings"];

/// What walter does: each is allowed by cluster-admin, and some more than once asked.
fn calls() -> Vec<Value> {
    let get = |path: &str| json!({"method": "GET", "path": path});
    let post = |path: &str, body: Value| json!({"method": "POST", "path": path, "body": body});
    let settings = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "b"}});
    let reader = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "reader"},
        "rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}]});
    let to = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "reader"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "somebody"}]});
    vec![
        get("/version"),
        get("/metrics"),
        get("/apis/apps/v1"),
        get("/api/v1/namespaces/used"),
        get("/api/v1/nodes"),
        get("/api/v1/namespaces/used/pods?limit=5"),
        get("/api/v1/namespaces/used/secrets?fieldSelector=metadata.name%3Ddb"),
        get("/api/v1/namespaces/used/secrets/there-is-none"),
        get("/api/v1/namespaces/used/pods/there-is-none/log"),
        post("/api/v1/namespaces/used/configmaps", settings("made")),
        json!({"method": "PUT", "path": "/api/v1/namespaces/used/configmaps/made", "body": settings("made")}),
        json!({"method": "DELETE", "path": "/api/v1/namespaces/used/configmaps/made"}),
        json!({"method": "APPLY", "path": "/api/v1/namespaces/used/configmaps/applied?fieldManager=walter", "body": settings("applied")}),
        json!({"method": "DELETE", "path": "/api/v1/namespaces/used/configmaps/applied"}),
        json!({"method": "DELETE", "path": "/apis/batch/v1/namespaces/used/jobs"}),
        post(&format!("{RBAC}/namespaces/used/roles?dryRun=All"), reader),
        post(&format!("{RBAC}/namespaces/used/rolebindings?dryRun=All"), to),
        post(
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                "spec": {"user": "x", "nonResourceAttributes": {"verb": "get", "path": "/"}}}),
        ),
        // As somebody else: walter is asked whether he may, and she whether she may.
        json!({"method": "GET", "path": "/api/v1/namespaces/used/configmaps", "user": "skyler", "groups": ["family"]}),
    ]
}

/// The server's roles and bindings, but for what each write changes.
fn rbac(client: &mut Program) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for kind in LISTS {
        let answer = client.ask_one(json!({"method": "GET", "path": format!("{RBAC}/{kind}")}));
        all.push(answer["body"].clone());
    }
    all
}

/// The same, without what says when and how often an object was written.
fn meaning(lists: &[Value]) -> Vec<Value> {
    let mut items: Vec<Value> = lists
        .iter()
        .flat_map(|list| list["items"].as_array().unwrap().clone())
        .map(|mut one| {
            json!([
                one["metadata"]["namespace"].take(),
                one["metadata"]["name"].take(),
                one["roleRef"].take(),
                one["subjects"].take(),
                one["rules"].take()
            ])
        })
        .collect();
    items.sort_by_key(Value::to_string);
    items
}

fn kubectl(server: &Server, step: &Step) {
    let folder = std::env::temp_dir().join(format!("foursee-usage-{}-{}", std::process::id(), step.file));
    std::fs::write(&folder, &step.text).unwrap();
    let line = step.command.replace("FILE", folder.to_str().unwrap());
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("kubectl"));
    let ran = Command::new(server.env("KUBECTL"))
        .args(words)
        .args(["--kubeconfig", server.env("KUBECONFIG")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{line}: {said}\n{}", step.text);
    std::fs::remove_file(&folder).unwrap();
}

#[test]
fn a_role_as_used_allows_what_was_used_and_nothing_else() {
    let server = Server::start("kubernetes", &["walter=family", "skyler=family"]).unwrap();
    let mut admin = Program::client(&server);
    let mut walter = Program::client_as(&server, server.env("TOKEN_walter"));
    let bound = |name: &str, user: &str| {
        json!({"method": "POST", "path": format!("{RBAC}/clusterrolebindings"), "body": {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name, "labels": {"team": "shop"}},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}, {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "hank"}]}})
    };
    let made = admin.ask(&[
        json!({"method": "POST", "path": "/api/v1/namespaces", "body": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "used"}}}),
        bound("walters", "walter"),
        bound("skylers", "skyler"),
        json!({"wait": true}),
    ]);
    assert!(made[..3].iter().all(|one| one["code"] == 201), "{made:?}");
    let calls = calls();
    // The server's own caches of bindings follow in a moment.
    let mut tries = 0;
    while walter.ask_one(calls[1].clone())["code"] == 403 {
        tries += 1;
        assert!(tries < 100, "the binding never counted");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let mut codes = |calls: &[Value]| -> Vec<Value> {
        // One behind the other: some make what others remove.
        calls
            .iter()
            .map(|one| walter.ask_one(one.clone())["code"].clone())
            .collect()
    };
    let first = codes(&calls);
    assert!(first.iter().all(|code| *code != 403), "{first:?}");
    // Who fails to authenticate leaves an event without a user.
    let mut nobody = Program::client_as(&server, "nobodys");
    assert_eq!(nobody.ask_one(calls[0].clone())["code"], 401);
    let before = rbac(&mut admin);
    let log = std::fs::read_to_string(server.env("AUDIT_LOG")).unwrap();
    let listed: Vec<String> = before.iter().map(Value::to_string).collect();
    let mut texts: Vec<(&str, &str)> = LISTS
        .iter()
        .zip(&listed)
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    texts.push(("audit.log", &log));
    let (opened, _) = conformance::opened(Kubernetes, &texts).unwrap();
    let broken: Vec<_> = opened
        .gaps()
        .iter()
        .filter(|gap| gap.target.starts_with("line"))
        .collect();
    assert!(broken.is_empty(), "{broken:#?} of\n{log}");
    let facts = opened.facts::<Facts>(ScopeId(0)).unwrap();
    let ask = Ask {
        identities: vec!["user:walter".to_owned(), "user:skyler".to_owned()],
        ..Ask::default()
    };
    let found = Kubernetes.rightsize(facts, facts, &ask).unwrap();
    assert!(found.refused.is_empty() && found.checked > 10, "{found:?}");
    assert_eq!(found.proposals.len(), 2, "{found:#?}");
    for one in &found.proposals {
        println!("{}\n  {}", one.title, one.grants.join("\n  "));
    }
    println!(
        "{} events folded, {} used requests checked",
        facts.usage().events,
        found.checked
    );
    let forward = found.proposals.iter().flat_map(|one| &one.forward);
    forward.for_each(|step| kubectl(&server, step));
    // What was never used is refused, once the server's caches have seen it.
    let unused = [
        json!({"method": "GET", "path": "/api/v1/secrets"}),
        json!({"method": "GET", "path": "/api/v1/namespaces/used/secrets/db"}),
        json!({"method": "GET", "path": "/api/v1/namespaces/used/secrets"}),
        json!({"method": "DELETE", "path": "/api/v1/namespaces/used/pods/x"}),
        json!({"method": "GET", "path": "/api/v1/namespaces/default/pods"}),
        json!({"method": "GET", "path": "/api/v1/namespaces/used/pods", "user": "hank", "groups": []}),
    ];
    let mut tries = 0;
    while codes(&unused[..1]) != [403] {
        tries += 1;
        assert!(tries < 100, "the old binding counts for ever");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(codes(&unused), vec![json!(403); unused.len()]);
    assert_eq!(codes(&calls), first);
    println!(
        "{} calls replayed as they were, {} unused ones refused",
        calls.len(),
        unused.len()
    );
    // Whom a binding names besides keeps it.
    let hank = json!({"method": "GET", "path": "/api/v1/secrets", "user": "hank", "groups": []});
    assert_eq!(admin.ask_one(hank)["code"], 200);
    let back = found.proposals.iter().flat_map(|one| &one.back);
    back.for_each(|step| kubectl(&server, step));
    assert_eq!(meaning(&rbac(&mut admin)), meaning(&before));
}
