//! The roles that are proposed, the way back, and what is tidied up.

use super::*;

#[test]
fn an_admin_that_reads_two_things_gets_a_role_of_these_and_the_way_back() {
    let events = [
        get("configmaps", "settings", "01-01"),
        get("secrets", "db", "02-28"),
        get("pods", "web-0", "01-05"),
    ];
    let found = propose(&world(&list(admin()), &events));
    let [one] = found.proposals.as_slice() else {
        panic!("{:#?}", found.proposals)
    };
    assert_eq!(
        one.title,
        "serviceaccount shop/web: a role as used instead of ClusterRoleBinding b"
    );
    assert_eq!(
        one.grants,
        [
            "in shop: verbs: [get], resources: [configmaps], apiGroups: [\"\"], resourceNames: [settings]",
            "in shop: verbs: [get], resources: [pods], apiGroups: [\"\"]",
            "in shop: verbs: [get], resources: [secrets], apiGroups: [\"\"], resourceNames: [db]",
        ]
    );
    assert_eq!(one.rung, Some((Rung::Unbounded, Rung::AsUsed)));
    assert_eq!(found.checked, 3);
    let texts: Vec<(&str, &str)> = one
        .forward
        .iter()
        .chain(&one.back)
        .map(|step| (step.file, &*step.text))
        .collect();
    let [(apply, new), (delete, gone), (restore, old), (undo, made)] = texts.as_slice() else {
        panic!("{texts:?}")
    };
    assert_eq!(
        [*apply, *delete, *restore, *undo],
        [
            "1-apply.yaml",
            "2-delete.yaml",
            "rollback-1-apply.yaml",
            "rollback-2-delete.yaml"
        ]
    );
    assert!(
        new.contains("kind: \"Role\"") && new.contains("\"as-used:serviceaccount:shop:web\""),
        "{new}"
    );
    assert!(
        gone.contains("kind: \"ClusterRoleBinding\"") && gone.contains("name: \"b\""),
        "{gone}"
    );
    assert!(
        old.contains("kind: \"ClusterRoleBinding\"")
            && old.contains("name: \"everything\"")
            && old.contains("name: \"web\""),
        "{old}"
    );
    assert!(
        made.contains("kind: \"RoleBinding\"") && made.contains("kind: \"Role\""),
        "{made}"
    );
}

#[test]
fn what_a_shared_binding_gives_others_stays() {
    let mut state = admin();
    state[1]["subjects"] = json!([{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}, {"kind": "User", "name": "alice", "apiGroup": "rbac.authorization.k8s.io"}]);
    let events = [
        get("configmaps", "settings", "01-01"),
        get("secrets", "db", "01-05"),
    ];
    let found = propose(&world(&list(state), &events));
    // Alice was never seen in five days: that is too little to take anything from her.
    assert_eq!(found.untouched.len(), 1);
    assert!(
        found.untouched[0].name == "alice" && found.untouched[0].why.starts_with("never seen"),
        "{:?}",
        found.untouched
    );
    let [one] = found.proposals.as_slice() else {
        panic!("{:#?}", found.proposals)
    };
    assert_eq!(one.forward.len(), 1, "{one:#?}");
    let text = &one.forward[0].text;
    let narrowed = text.rsplit("---\n").next().unwrap();
    assert!(
        narrowed.contains("name: \"b\"") && narrowed.contains("alice") && !narrowed.contains("web"),
        "{text}"
    );
}

#[test]
fn who_shares_a_binding_changes_together_and_never_twice() {
    let mut state = admin();
    state[1]["subjects"] = json!([{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}, {"kind": "User", "name": "alice"}]);
    let mut hers = get("secrets", "db", "02-20");
    hers["user"] = json!({"username": "alice", "groups": ["devs", "system:authenticated"]});
    let found = propose(&world(
        &list(state),
        &[get("configmaps", "settings", "01-01"), hers],
    ));
    let [one] = found.proposals.as_slice() else {
        panic!("{:#?}", found.proposals)
    };
    assert_eq!(one.identities.len(), 2);
    assert!(one.forward[1].text.contains("name: \"b\""), "{one:#?}");
    assert!(one.forward[0].text.contains("as-used:user:alice"), "{one:#?}");
}

#[test]
fn a_group_keeps_what_its_members_used() {
    let state = json!([
        role(
            "shop",
            "r",
            json!([{"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": ["get", "list"]}])
        ),
        binding("shop", "b", "Role/r", json!([{"kind": "Group", "name": "devs"}])),
    ]);
    let mut hers = get("configmaps", "settings", "02-20");
    hers["user"] = json!({"username": "alice", "groups": ["devs"]});
    let found = propose(&world(&list(state), &[hers]));
    let [one] = found.proposals.as_slice() else {
        panic!("{:#?}", found.proposals)
    };
    assert_eq!(one.identities, [("group".to_owned(), "devs".to_owned())]);
    assert_eq!(
        one.grants,
        ["in shop: verbs: [get], resources: [configmaps], apiGroups: [\"\"], resourceNames: [settings]"]
    );
    assert!(one.forward[0].text.contains("kind: \"Group\""));
}

#[test]
fn the_platforms_own_is_not_touched_and_what_it_gives_is_not_granted_again() {
    let state = json!([
        role(
            "",
            "system:discovery",
            json!([{"nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"], "verbs": ["get"]}])
        ),
        binding(
            "",
            "system:discovery",
            "system:discovery",
            json!([{"kind": "Group", "name": "system:authenticated", "apiGroup": "rbac.authorization.k8s.io"}])
        ),
        role(
            "",
            "everything",
            json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}])
        ),
        binding("", "b", "everything", web()),
    ]);
    let path = |path: &str| {
        let mut one = event("get", path, Value::Null, "02-20");
        one.as_object_mut().unwrap().remove("objectRef");
        one
    };
    let found = propose(&world(
        &list(state),
        &[
            path("/apis/apps/v1?timeout=32s"),
            path("/logs/"),
            get("configmaps", "x", "01-01"),
        ],
    ));
    let [one] = found.proposals.as_slice() else {
        panic!("{:#?}", found.proposals)
    };
    assert_eq!(
        one.grants,
        [
            "cluster-wide: verbs: [get], nonResourceURLs: [/logs/]",
            "in shop: verbs: [get], resources: [configmaps], apiGroups: [\"\"], resourceNames: [x]",
        ]
    );
    assert_eq!(found.untouched.len(), 1);
    assert!(
        found.untouched[0].why.contains("platform's own"),
        "{:?}",
        found.untouched
    );
}

#[test]
fn what_is_used_in_many_namespaces_stays_cluster_wide() {
    let in_namespace = |namespace: usize| {
        event(
            "get",
            &format!("/api/v1/namespaces/n{namespace}/configmaps/x"),
            json!({"resource": "configmaps", "namespace": format!("n{namespace}"), "name": "x"}),
            "01-01",
        )
    };
    for (many, want) in [(10, 10), (11, 1)] {
        let mut events: Vec<Value> = (0..many).map(in_namespace).collect();
        events.push(event("get", "/version", Value::Null, "02-20"));
        let found = propose(&world(&list(admin()), &events));
        assert_eq!(
            found.proposals[0].grants.len(),
            want,
            "{:#?}",
            found.proposals[0].grants
        );
    }
}

#[test]
fn what_is_used_wholly_is_left_and_only_the_rest_replaced() {
    let state = json!([
        role(
            "shop",
            "one",
            json!([{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["x"], "verbs": ["get"]}])
        ),
        role(
            "shop",
            "two",
            json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "delete"]}])
        ),
        binding("shop", "one", "Role/one", web()),
        binding("shop", "two", "Role/two", web()),
        account("shop", "web"),
    ]);
    let events = [get("configmaps", "x", "01-01"), get("secrets", "db", "02-20")];
    let found = propose(&world(&list(state.clone()), &events));
    let [one] = found.proposals.as_slice() else {
        panic!("{:#?}", found.proposals)
    };
    assert_eq!(
        one.grants,
        ["in shop: verbs: [get], resources: [secrets], apiGroups: [\"\"], resourceNames: [db]"]
    );
    assert!(
        one.drops.iter().any(|line| line.contains("verbs: [delete, get]")),
        "{:?}",
        one.drops
    );
    assert!(
        !one.forward.iter().any(|step| step.text.contains("\"one\"")),
        "{one:#?}"
    );
    // Once it is applied there is nothing left to propose.
    let mut narrow = state;
    narrow[1]["rules"] =
        json!([{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["db"], "verbs": ["get"]}]);
    let found = propose(&world(&list(narrow), &events));
    assert!(found.proposals.is_empty(), "{:#?}", found.proposals);
    assert_eq!(found.untouched[0].why, "it uses all that it holds");
}

#[test]
fn urls_that_are_dropped_are_said_in_as_few_rules_as_resources() {
    let rules = json!([
        {"nonResourceURLs": ["/version", "/logs/*"], "verbs": ["get", "post"]},
        {"nonResourceURLs": ["/healthz"], "verbs": ["get"]},
        {"nonResourceURLs": ["/livez"], "verbs": ["get"]},
        {"nonResourceURLs": ["/debug/*"], "verbs": ["post"]},
        {"nonResourceURLs": ["/debug/*"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods", "configmaps"], "verbs": ["list", "get"]}
    ]);
    let state = json!([
        role("", "probe", rules),
        binding("", "probe", "probe", web()),
        account("shop", "web"),
    ]);
    let found = propose(&world(&list(state), &[get("configmaps", "x", "01-01")]));
    let [one] = found.proposals.as_slice() else {
        panic!("{:#?}", found.proposals)
    };
    let of_urls: Vec<&String> = one.drops.iter().filter(|line| line.contains("URLs")).collect();
    assert_eq!(
        of_urls,
        [
            "cluster-wide: verbs: [get, post], nonResourceURLs: [/debug/*, /logs/*, /version]",
            "cluster-wide: verbs: [get], nonResourceURLs: [/healthz, /livez]",
        ]
    );
    assert!(
        one.drops
            .iter()
            .any(|line| line.contains("resources: [configmaps, pods]")),
        "{:?}",
        one.drops
    );
}

#[test]
fn what_does_nothing_is_tidied_up_with_the_way_back() {
    let state = json!([
        role(
            "shop",
            "left",
            json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}])
        ),
        role("shop", "used", json!([])),
        binding(
            "shop",
            "to-nothing",
            "Role/gone",
            json!([{"kind": "User", "name": "alice"}])
        ),
        binding(
            "shop",
            "to-nobody",
            "Role/used",
            json!([{"kind": "ServiceAccount", "name": "gone"}, {"kind": "User", "name": "alice"}])
        ),
        account("shop", "web"),
    ]);
    let found = propose(&world(&list(state), &[]));
    let titles: Vec<&str> = found.proposals.iter().map(|one| &*one.title).collect();
    assert_eq!(
        titles,
        [
            "RoleBinding shop/to-nobody is for service account shop/gone, which does not exist",
            "Role shop/left is bound to nobody",
            "RoleBinding shop/to-nothing refers to Role gone, which does not exist",
        ]
    );
    let [nobody, left, nothing] = found.proposals.as_slice() else {
        panic!()
    };
    assert!(nobody.forward[0].text.contains("alice") && !nobody.forward[0].text.contains("gone"));
    assert!(nobody.back[0].text.contains("gone"));
    assert!(
        left.back[0].text.contains("resources: [\"pods\"]") && left.forward[0].command.contains("delete")
    );
    assert!(nothing.back[0].text.contains("alice"));
    assert!(
        found.gaps.iter().any(|gap| gap.target == "an audit log"),
        "{:?}",
        found.gaps
    );
}

#[test]
fn names_that_others_chose_stay_names() {
    let evil = "x\n---\nkind: ClusterRoleBinding\n# \"";
    let state = json!([
        role("", "everything", serde_json::from_str(WILD).unwrap()),
        binding("", "b", "everything", json!([{"kind": "User", "name": evil}])),
    ]);
    let mut one = get("configmaps", evil, "01-01");
    one["requestURI"] = json!("/api/v1/namespaces/shop/configmaps/x%0A---%0Akind");
    one["user"] = json!({"username": evil, "groups": []});
    let found = propose(&world(&list(state), &[one]));
    let text = &found.proposals[0].forward[0].text;
    let kinds: Vec<String> = text
        .split("---\n")
        .filter(|one| !one.is_empty())
        .map(|one| {
            serde_saphyr::from_str::<Value>(one).unwrap()["kind"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(kinds, ["Role", "RoleBinding"], "{text}");
    assert!(text.is_ascii());
}
