//! Smaller roles, as the command proposes them.

use crate::{Folder, code, foursee, text};
use serde_json::{Value, json};

/// A cluster in which shop/web is cluster admin, and reads two things.
fn world() -> Folder {
    let folder = Folder::new();
    let state = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": "11111111-2222-3333-4444-555555555555"}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "shop", "uid": "a"}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all", "uid": "b"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "../web", "uid": "c"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "all"},
            "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}]},
    ]});
    folder.file("cluster.json", &state.to_string());
    let event = |name: &str, day: &str| {
        let one = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "stage": "ResponseComplete",
            "requestURI": format!("/api/v1/namespaces/shop/configmaps/{name}"), "verb": "get",
            "user": {"username": "system:serviceaccount:shop:web", "groups": ["system:authenticated"]},
            "objectRef": {"resource": "configmaps", "namespace": "shop", "name": name},
            "responseStatus": {"code": 200}, "requestReceivedTimestamp": format!("2026-{day}T10:00:00.000000Z")});
        format!("{one}\n")
    };
    let log: String = [("settings", "01-01"), ("settings", "03-01"), ("other", "03-31")]
        .map(|(name, day)| event(name, day))
        .concat();
    folder.file("audit.log", &log);
    folder
}

fn run(folder: &Folder, more: &[&str]) -> (i32, String, String) {
    let mut args = vec!["rightsize", folder.0.to_str().unwrap(), "--no-progress"];
    args.extend(more);
    let ran = foursee(&args, "");
    (code(&ran), text(&ran.stdout), text(&ran.stderr))
}

#[test]
fn proposals_are_printed_and_written_with_the_way_back() {
    let folder = world();
    let out = folder.0.join("../").join(format!("out-{}", std::process::id()));
    let (code, said, errors) = run(
        &folder,
        &["serviceaccount:shop/web", "--out", out.to_str().unwrap()],
    );
    assert_eq!((code, &*errors), (0, ""), "{said}");
    for line in [
        "use seen from 2026-01-01T10:00:00Z to 2026-03-31T10:00:00Z; 2 used requests asked over what would be left, all allowed",
        "serviceaccount shop/web: a role as used instead of ClusterRoleBinding ../web",
        "rung 0 unbounded -> 5 as used",
        "grants in shop: verbs: [get], resources: [configmaps], apiGroups: [\"\"], resourceNames: [other, settings]",
        "drops  cluster-wide: verbs: [*], resources: [*], apiGroups: [*]",
        "apply  kubectl apply -f 001-serviceaccount-shop-web-1-apply.yaml",
        "back   kubectl delete --ignore-not-found -f 001-serviceaccount-shop-web-rollback-2-delete.yaml",
        "gap       requests that leave no event",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let mut files: Vec<String> = std::fs::read_dir(&out)
        .unwrap()
        .map(|one| one.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(
        files,
        ["1-apply", "2-delete", "rollback-1-apply", "rollback-2-delete"]
            .map(|end| format!("001-serviceaccount-shop-web-{end}.yaml"))
    );
    // What is there is not written over.
    let (code, ..) = run(&folder, &["shop/web", "--out", out.to_str().unwrap()]);
    assert_eq!(code, 2);
    std::fs::remove_dir_all(&out).unwrap();
}

#[test]
fn a_back_test_is_a_line_a_rung() {
    let folder = world();
    let (code, said, _) = run(&folder, &["--backtest", "60d/30d"]);
    assert_eq!(code, 0);
    assert!(
        said.contains("tried  rung 5 as used: 1.0 denied calls per 30 days (1 in 30 days), 1 changes to ask for; 29 of these days have no event"),
        "{said}"
    );
    assert!(said.contains("tried  rung 3 scoped: 0.0 denied calls"), "{said}");
    let (_, said, _) = run(&folder, &["--backtest", "90d/30d"]);
    assert!(
        said.contains("never seen enough: the audit log covers 90 days") && !said.contains("tried"),
        "{said}"
    );
    assert_eq!(run(&folder, &["--backtest", "60"]).0, 2);
}

#[test]
fn json_has_the_yaml_and_who_is_not_there_is_code_3() {
    let folder = world();
    let (code, said, _) = run(&folder, &["--format", "json"]);
    let all: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, all[0]["checked"].as_u64()), (0, Some(2)));
    let one = &all[0]["proposals"][0];
    assert_eq!(
        one["identities"][0],
        json!({"kind": "serviceaccount", "name": "shop/web"})
    );
    assert!(one["back"][0]["text"].as_str().unwrap().contains("\"../web\""));
    let (code, _, errors) = run(&folder, &["nobody"]);
    assert!(
        code == 3 && errors.contains("no binding names `nobody`"),
        "{code} {errors}"
    );
    assert_eq!(run(&folder, &["--for", "elsewhere"]).0, 3);
    assert_eq!(
        run(&folder, &["--from", "11111111-2222-3333-4444-555555555555"]).0,
        0
    );
}
