use crate::Kubernetes;
use crate::facts::Facts;
use crate::tests::document;
use foursee_core::conformance;
use foursee_core::document::Notes;
use foursee_core::layer::Layer;
use foursee_core::model::Rung;
use foursee_core::rightsize::{Ask, Backtest, Proposals};
use serde_json::{Value, json};

/// A cluster's List, read from a server.
fn list(items: Value) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn role(namespace: &str, name: &str, rules: Value) -> Value {
    let kind = if namespace.is_empty() {
        "ClusterRole"
    } else {
        "Role"
    };
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": meta(namespace, name), "rules": rules})
}

fn meta(namespace: &str, name: &str) -> Value {
    match namespace {
        "" => json!({"name": name, "uid": name}),
        _ => json!({"name": name, "namespace": namespace, "uid": name}),
    }
}

fn binding(namespace: &str, name: &str, role: &str, subjects: Value) -> Value {
    let kind = if namespace.is_empty() {
        "ClusterRoleBinding"
    } else {
        "RoleBinding"
    };
    let (role_kind, role) = role.split_once('/').unwrap_or(("ClusterRole", role));
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": meta(namespace, name),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": role}, "subjects": subjects})
}

fn account(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta(namespace, name)})
}

fn web() -> Value {
    json!([{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}])
}

/// An event that ended: of the account shop/web, on a day of 2026.
pub(crate) fn event(verb: &str, uri: &str, object: Value, at: &str) -> Value {
    json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "x", "stage": "ResponseComplete",
        "requestURI": uri, "verb": verb,
        "user": {"username": "system:serviceaccount:shop:web",
            "groups": ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"]},
        "objectRef": object, "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": format!("2026-{at}T10:00:00.000000Z"), "stageTimestamp": format!("2026-{at}T10:00:00.100000Z"),
        "annotations": {"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "x"}})
}

fn get(resource: &str, name: &str, at: &str) -> Value {
    event(
        "get",
        &format!("/api/v1/namespaces/shop/{resource}/{name}"),
        json!({"resource": resource, "namespace": "shop", "name": name, "apiVersion": "v1"}),
        at,
    )
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|one| format!("{one}\n")).collect()
}

/// Facts of a List and of events.
pub(crate) fn world(state: &str, events: &[Value]) -> Facts {
    let mut all = Kubernetes.parse(&document(0, state), &mut Notes::default());
    for one in events {
        Kubernetes.observe(&one.to_string(), &mut all).unwrap();
    }
    Kubernetes.seal(&mut all, &[]);
    all
}

fn ask(facts: &Facts, ask: &Ask) -> Proposals {
    let found = Kubernetes.rightsize(facts, facts, ask).unwrap();
    assert_eq!(found.refused, Vec::<String>::new());
    found
}

fn propose(facts: &Facts) -> Proposals {
    ask(facts, &Ask::default())
}

const WILD: &str = "[{\"apiGroups\": [\"*\"], \"resources\": [\"*\"], \"verbs\": [\"*\"]}]";

fn admin() -> Value {
    json!([
        role("", "everything", serde_json::from_str(WILD).unwrap()),
        binding("", "b", "everything", web()),
        account("shop", "web")
    ])
}

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
fn names_of_creates_are_none_and_of_lists_come_from_the_selector() {
    let create = event(
        "create",
        "/api/v1/namespaces/shop/configmaps",
        json!({"resource": "configmaps", "namespace": "shop", "name": "made"}),
        "01-01",
    );
    let listed = event(
        "list",
        "/api/v1/namespaces/shop/secrets?fieldSelector=metadata.name%3Ddb",
        json!({"resource": "secrets", "namespace": "shop"}),
        "01-02",
    );
    let exec = event(
        "create",
        "/api/v1/namespaces/shop/services/web/proxy",
        json!({"resource": "services", "subresource": "proxy", "namespace": "shop", "name": "web"}),
        "02-10",
    );
    let mut applied = event(
        "patch",
        "/apis/apps/v1/namespaces/shop/deployments/web",
        json!({"resource": "deployments", "apiGroup": "apps", "namespace": "shop", "name": "web"}),
        "02-10",
    );
    applied["responseStatus"]["code"] = json!(201);
    let found = propose(&world(&list(admin()), &[create, listed, exec, applied]));
    assert_eq!(
        found.proposals[0].grants,
        [
            "in shop: verbs: [create], resources: [configmaps], apiGroups: [\"\"]",
            "in shop: verbs: [list], resources: [secrets], apiGroups: [\"\"], resourceNames: [db]",
            "in shop: verbs: [create], resources: [services/proxy], apiGroups: [\"\"], resourceNames: [web]",
            "in shop: verbs: [create, patch], resources: [deployments], apiGroups: [\"apps\"], resourceNames: [web]"
                .replace("\"apps\"", "apps").as_str(),
        ]
    );
}

#[test]
fn refused_calls_and_unfinished_ones_are_no_use() {
    let mut refused = get("secrets", "a", "01-01");
    refused["responseStatus"]["code"] = json!(403);
    let mut unfinished = get("secrets", "b", "01-01");
    unfinished["stage"] = json!("RequestReceived");
    let mut early = get("secrets", "c", "01-01");
    early["responseStatus"]["code"] = json!(429);
    early["annotations"] = json!(null);
    let mut forbidden = get("secrets", "d", "01-01");
    forbidden["annotations"]["authorization.k8s.io/decision"] = json!("forbid");
    // Who fails to authenticate has no name.
    let mut nobody = get("secrets", "e", "01-01");
    nobody["responseStatus"]["code"] = json!(401);
    nobody["user"] = json!({});
    nobody["annotations"] = json!(null);
    let mut missing = get("secrets", "there-is-none", "01-01");
    missing["responseStatus"]["code"] = json!(404);
    let facts = world(
        &list(admin()),
        &[
            refused,
            unfinished,
            early,
            forbidden,
            nobody,
            missing,
            get("configmaps", "x", "02-20"),
        ],
    );
    let grants = &propose(&facts).proposals[0].grants;
    assert_eq!(grants.len(), 2, "{grants:?}");
    assert!(grants[1].contains("there-is-none"), "{grants:?}");
    assert_eq!((facts.usage().events, facts.usage().ended), (7, 6));
}

#[test]
fn a_watch_counts_once_with_both_its_stages() {
    let watch = |stage: &str| {
        let mut one = event(
            "watch",
            "/api/v1/namespaces/shop/secrets?watch=1",
            json!({"resource": "secrets", "namespace": "shop"}),
            "01-01",
        );
        one["stage"] = json!(stage);
        one
    };
    let facts = world(
        &list(admin()),
        &[
            watch("RequestReceived"),
            watch("ResponseStarted"),
            watch("ResponseComplete"),
            watch("ResponseStarted"),
        ],
    );
    let (_, requests) = facts.usage().everybody().next().unwrap();
    let seen = requests.values().next().unwrap();
    assert_eq!(
        seen.days.values().map(|one| one.requests()).collect::<Vec<_>>(),
        [2]
    );
}

#[test]
fn who_acts_as_another_keeps_impersonate_and_the_other_what_was_done() {
    let state = json!([
        role("", "everything", serde_json::from_str(WILD).unwrap()),
        binding("", "b", "everything", json!([{"kind": "User", "name": "alice"}])),
        binding("", "c", "everything", json!([{"kind": "User", "name": "bob"}])),
    ]);
    let mut one = get("secrets", "db", "01-01");
    one["user"] = json!({"username": "alice", "groups": ["system:authenticated"]});
    one["impersonatedUser"] = json!({"username": "bob", "groups": ["ops", "system:authenticated"]});
    let mut two = one.clone();
    two["requestReceivedTimestamp"] = json!("2026-03-01T00:00:00.000000Z");
    two["authenticationMetadata"] = json!({"impersonationConstraint": "impersonate:user-info"});
    let found = propose(&world(&list(state), &[one, two]));
    let of = |name: &str| {
        found
            .proposals
            .iter()
            .find(|one| one.identities[0].1 == name)
            .unwrap()
            .grants
            .clone()
    };
    assert_eq!(
        of("alice"),
        [
            "cluster-wide: verbs: [impersonate], resources: [groups], apiGroups: [\"\"], resourceNames: [ops, system:authenticated]",
            "cluster-wide: verbs: [impersonate], resources: [users], apiGroups: [\"\"], resourceNames: [bob]",
            "cluster-wide: verbs: [impersonate:user-info], resources: [groups], apiGroups: [authentication.k8s.io], resourceNames: [*, ops, system:authenticated]",
            "cluster-wide: verbs: [impersonate:user-info], resources: [userextras/*], apiGroups: [authentication.k8s.io], resourceNames: [*]",
            "cluster-wide: verbs: [impersonate:user-info], resources: [users], apiGroups: [authentication.k8s.io], resourceNames: [bob]",
            "in shop: verbs: [impersonate-on:user-info:get], resources: [secrets], apiGroups: [\"\"], resourceNames: [db]",
        ]
    );
    assert_eq!(
        of("bob"),
        ["in shop: verbs: [get], resources: [secrets], apiGroups: [\"\"], resourceNames: [db]"]
    );
}

#[test]
fn second_checks_that_leave_no_event_stay_as_they_are_held() {
    let state = json!([
        role(
            "",
            "manager",
            json!([
                {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["rolebindings"], "verbs": ["create", "delete"]},
                {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "resourceNames": ["view", "edit"], "verbs": ["bind"]},
                {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]},
                {"apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests/approval"], "verbs": ["update"]},
                {"apiGroups": ["certificates.k8s.io"], "resources": ["signers"], "resourceNames": ["example.com/x"], "verbs": ["approve", "sign"]},
                {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
            ])
        ),
        role(
            "shop",
            "reader",
            json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}])
        ),
        binding(
            "shop",
            "made",
            "Role/reader",
            json!([{"kind": "User", "name": "somebody"}])
        ),
        binding("", "b", "manager", web()),
    ]);
    let bind = event(
        "create",
        "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
        json!({"resource": "rolebindings", "apiGroup": "rbac.authorization.k8s.io", "namespace": "shop", "name": "made"}),
        "01-01",
    );
    let approve = event(
        "update",
        "/apis/certificates.k8s.io/v1/certificatesigningrequests/csr-1/approval",
        json!({"resource": "certificatesigningrequests", "subresource": "approval", "apiGroup": "certificates.k8s.io", "name": "csr-1"}),
        "02-20",
    );
    let found = ask(
        &world(&list(state), &[bind, approve]),
        &Ask {
            identities: vec!["serviceaccount:shop/web".into()],
            ..Ask::default()
        },
    );
    let [one] = found.proposals.as_slice() else {
        panic!("{found:#?}")
    };
    let text = one.grants.join("\n");
    for kept in [
        "cluster-wide: verbs: [get], resources: [nodes/metrics]",
        "cluster-wide: verbs: [update], resources: [certificatesigningrequests/approval]",
        "cluster-wide: verbs: [approve], resources: [signers], apiGroups: [certificates.k8s.io], resourceNames: [example.com/x]",
        "in shop: verbs: [bind], resources: [clusterroles], apiGroups: [rbac.authorization.k8s.io], resourceNames: [view, edit]",
        "in shop: verbs: [create], resources: [rolebindings]",
        // What was passed on by the binding: bind is held of two other roles.
        "in shop: verbs: [get], resources: [secrets]",
    ] {
        assert!(text.contains(kept), "{kept} in\n{text}");
    }
    assert!(
        !text.contains("delete") && !text.contains("verbs: [sign]"),
        "{text}"
    );
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
        one.drops.iter().any(|line| line.contains("verbs: [delete]")),
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
fn a_back_test_counts_what_later_days_would_have_been_denied() {
    let mut events = vec![
        get("configmaps", "settings", "01-01"),
        get("configmaps", "settings", "02-01"),
    ];
    for day in 10..=20 {
        events.push(get("configmaps", "settings", &format!("03-{day}")));
        events.push(get("configmaps", "other", &format!("03-{day}")));
    }
    events.push(get("secrets", "db", "03-30"));
    let facts = world(&list(admin()), &events);
    let backtest = Backtest::parse("59d/30d");
    let found = ask(
        &facts,
        &Ask {
            backtest,
            ..Ask::default()
        },
    );
    let [one] = found.proposals.as_slice() else {
        panic!("{:#?}", found.proposals)
    };
    let [tight, types] = one.tried.as_slice() else {
        panic!("{:?}", one.tried)
    };
    assert_eq!(
        (tight.rung, tight.denied, tight.changes, tight.days, tight.blank),
        (Rung::AsUsed, (12, 12), 2, 30, 18)
    );
    assert_eq!(
        (types.rung, types.denied, types.changes),
        (Rung::Scoped, (1, 1), 1)
    );
    assert_eq!(tight.per_30_days(), (12.0, 12.0));
    // What was never seen long enough is said, and nothing is tried.
    let found = ask(
        &facts,
        &Ask {
            backtest: Backtest::parse("60d/30d"),
            ..Ask::default()
        },
    );
    assert!(
        found
            .gaps
            .iter()
            .any(|gap| gap.facet.starts_with("never seen enough")),
        "{:?}",
        found.gaps
    );
    assert!(found.proposals[0].tried.is_empty());
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

#[test]
fn every_form_of_export_says_the_same() {
    let events = [
        get("configmaps", "a", "01-01"),
        get("secrets", "b", "02-20"),
        get("configmaps", "a", "02-20"),
    ];
    let record = |one: &Value| json!({"logStreamName": "kube-apiserver-audit-1", "timestamp": 1, "message": one.to_string()});
    let mut other = record(&json!({"other": 1}));
    other["message"] = json!("I0101 authenticator started");
    let forms = [
        lines(&events),
        json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "metadata": {}, "items": events}).to_string(),
        serde_json::to_string_pretty(&json!({"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": events})).unwrap(),
        serde_json::to_string_pretty(&json!({"events": [other, record(&events[0]), record(&events[1]), record(&events[2])], "searchedLogStreams": []})).unwrap(),
        events.iter().map(|one| format!("2026-11-24T04:35:04.356Z {one}\n")).collect(),
    ];
    let state = list(admin());
    let report = |log: &str| {
        let texts = [("state.json", state.as_str()), ("log", log)];
        let (all, gaps) = conformance::findings(Kubernetes, &texts, Default::default()).unwrap();
        let mut all: Vec<String> = all
            .into_iter()
            .map(|one| format!("{} {} {}", one.rule.id, one.cause, one.title))
            .collect();
        all.sort();
        let gaps: Vec<String> = gaps
            .iter()
            .map(|gap| format!("{} {}", gap.target, gap.facet))
            .collect();
        (all, gaps)
    };
    let first = report(&forms[0]);
    assert!(
        first
            .1
            .iter()
            .any(|gap| gap.contains("2026-01-01T10:00:00Z to 2026-02-20T10:00:00Z")),
        "{:?}",
        first.1
    );
    for form in &forms {
        assert_eq!(report(form), first, "{form}");
    }
}

#[test]
fn order_and_splits_change_nothing_and_broken_lines_are_gaps() {
    let events: Vec<Value> = (0..40)
        .map(|at| {
            get(
                ["configmaps", "secrets", "pods"][at % 3],
                &format!("x{}", at % 7),
                &format!("0{}-{:02}", 1 + at % 2, 1 + at % 28),
            )
        })
        .collect();
    let mut text = lines(&events);
    let state = list(admin());
    let texts = [("state.json", state.as_str()), ("audit.log", text.as_str())];
    let wrong = conformance::check(&Kubernetes, &texts).unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    text.push_str("{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"verb\":\"hunter2\n{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"user\":7}\nplain text\n{\"other\":1}\n");
    let texts = [("state.json", state.as_str()), ("audit.log", text.as_str())];
    let (_, gaps) = conformance::findings(Kubernetes, &texts, Default::default()).unwrap();
    let said: Vec<String> = gaps
        .iter()
        .filter(|gap| gap.target.starts_with("line"))
        .map(|gap| format!("{}: {}", gap.target, gap.facet))
        .collect();
    assert_eq!(
        said,
        [
            "line 41 of audit.log: it is not JSON to its end",
            "line 42 of audit.log: an audit event with a field of another type"
        ]
    );
    assert!(!format!("{gaps:?}").contains("hunter2"));
}

#[test]
fn names_without_end_are_not_kept_in_any_order() {
    let events: Vec<Value> = (0..200)
        .map(|at| get("configmaps", &format!("x{at}"), "01-01"))
        .collect();
    let forward = world(&list(admin()), &events);
    let backward = world(&list(admin()), &events.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(forward.usage(), backward.usage());
    let (_, requests) = forward.usage().everybody().next().unwrap();
    let seen = requests.values().next().unwrap();
    assert!(seen.names.is_none());
    assert_eq!(seen.days.values().map(|one| one.requests()).sum::<u64>(), 200);
    let found = propose(&forward);
    assert_eq!(
        found.proposals[0].grants,
        ["in shop: verbs: [get], resources: [configmaps], apiGroups: [\"\"]"]
    );
}

#[test]
fn a_narrow_right_that_is_used_stands_as_used() {
    let state = json!([
        role(
            "shop",
            "r",
            json!([{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a", "b"], "verbs": ["get"]}])
        ),
        binding("shop", "b", "Role/r", web()),
    ]);
    let rungs = |last: &str| {
        let log = lines(&[get("configmaps", "a", "01-01"), get("configmaps", "a", last)]);
        let state = list(state.clone());
        let texts = [("state.json", state.as_str()), ("log", log.as_str())];
        let (_, mapped) = conformance::opened(Kubernetes, &texts).unwrap();
        let mut rungs: Vec<u8> = mapped
            .estate
            .privileges
            .iter()
            .map(|one| one.rung.number())
            .collect();
        rungs.retain(|rung| *rung > 0);
        rungs.sort_unstable();
        rungs
    };
    assert_eq!(rungs("01-10"), [4, 4]);
    assert_eq!(rungs("02-20"), [4, 5]);
}
