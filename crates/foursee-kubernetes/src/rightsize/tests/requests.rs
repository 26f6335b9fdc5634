//! What an event says was asked, and what was asked besides.

use super::*;

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
