//! To where a route leads, and which references to other namespaces are granted.

use super::*;

#[test]
fn a_backend_in_another_namespace_takes_a_grant_there() {
    let mut far = route(
        json!({"spec": {"rules": [{"backendRefs": [{"name": "web", "namespace": "shop", "port": 80}]}]}}),
    );
    far["metadata"]["namespace"] = json!("front");
    let mut around = around();
    around.pop();
    let by = |grants: &[Value]| {
        let all = [class(json!({})), gateway(json!({})), far.clone()];
        entries(&[&around, grants, &all].concat())
    };
    let grant = |from: Value, to: Value| {
        object(
            "ReferenceGrant",
            "shop/g",
            json!({"spec": {"from": [from], "to": [to]}}),
            json!({}),
        )
    };
    let front = json!({"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "front"});
    let services = json!({"group": "", "kind": "Service"});
    let open = "pod shop/web internet-facing gateway infra/site through HTTPRoute front/web";
    assert_eq!(by(&[grant(front.clone(), services.clone())]), [open]);
    assert_eq!(
        by(&[grant(
            front.clone(),
            json!({"group": "", "kind": "Service", "name": "web"})
        )]),
        [open]
    );
    let refused = |from: Value, to: Value| {
        let found = by(&[grant(from, to)]);
        assert_eq!(found, Vec::<String>::new());
    };
    refused(
        front.clone(),
        json!({"group": "", "kind": "Service", "name": "api"}),
    );
    refused(front.clone(), json!({"group": "", "kind": "Secret"}));
    refused(front.clone(), json!({"group": "apps", "kind": "Service"}));
    let other = |key: &str, value: &str| {
        let mut from = front.clone();
        from[key] = json!(value);
        from
    };
    refused(other("namespace", "back"), services.clone());
    refused(other("kind", "GRPCRoute"), services.clone());
    refused(other("group", ""), services.clone());
    // A grant counts in its own namespace.
    let mut elsewhere = grant(front.clone(), services.clone());
    elsewhere["metadata"]["namespace"] = json!("front");
    assert_eq!(by(&[elsewhere]), Vec::<String>::new());
    assert_eq!(by(&[none("ReferenceGrant")]), Vec::<String>::new());
    // Nobody listed them: the controller's own word counts, and else it is in doubt.
    assert_eq!(by(&[]), [open]);
    let mut unsaid = far.clone();
    unsaid["status"]["parents"][0]["conditions"][1]["status"] = json!("False");
    let all = [class(json!({})), gateway(json!({})), unsaid];
    assert_eq!(
        entries(&[&around[..], &all].concat()),
        [format!(
            "{open}, if a ReferenceGrant of namespace shop, of which none were listed, lets HTTPRoutes of namespace front refer to Service web"
        )]
    );
}

#[test]
fn what_gets_traffic_is_what_has_a_weight_is_mirrored_to_or_asked_for_leave() {
    let rule = |rule: Value| by_route(json!({"spec": {"rules": [rule]}}));
    let to = |more: Value| {
        let mut one = json!({"name": "web", "port": 80});
        over(&mut one, more);
        rule(json!({"backendRefs": [one]}))
    };
    assert_eq!(to(json!({"weight": 1})).as_deref(), OPEN);
    assert_eq!(to(json!({"weight": null})).as_deref(), OPEN);
    assert_eq!(to(json!({"weight": 0})), None);
    assert_eq!(to(json!({"group": "", "kind": "Service"})).as_deref(), OPEN);
    assert_eq!(
        to(json!({"kind": "ServiceImport", "group": "multicluster.x-k8s.io"})),
        None
    );
    assert_eq!(to(json!({"name": "gone"})), None);
    assert_eq!(to(json!({"port": 81})), None);
    assert_eq!(rule(json!({})), None);
    let mirror = |more: Value| {
        let mut one = json!({"backendRef": {"name": "web", "port": 80}});
        over(&mut one, more);
        json!({"type": "RequestMirror", "requestMirror": one})
    };
    let filters =
        |filter: Value| rule(json!({"filters": [filter], "backendRefs": [{"name": "gone", "port": 80}]}));
    assert_eq!(filters(mirror(json!({}))).as_deref(), OPEN);
    assert_eq!(filters(mirror(json!({"percent": 0}))), None);
    assert_eq!(filters(mirror(json!({"percent": 1}))).as_deref(), OPEN);
    assert_eq!(
        filters(mirror(json!({"fraction": {"numerator": 0, "denominator": 10}}))),
        None
    );
    let inner = json!({"backendRefs": [{"name": "gone", "port": 80, "filters": [mirror(json!({}))]}]});
    assert_eq!(rule(inner).as_deref(), OPEN);
    let asked = json!({"type": "ExternalAuth", "externalAuth": {"protocol": "HTTP", "backendRef": {"name": "web", "port": 80}}});
    assert_eq!(filters(asked).as_deref(), OPEN);
}

#[test]
fn a_listener_ends_tls_with_a_secret_that_it_may_refer_to() {
    let of = |mode: &str, refs: Value| {
        by_listener(json!({"protocol": "HTTPS", "tls": {"mode": mode, "certificateRefs": refs}}))
    };
    assert_eq!(of("Terminate", json!([{"name": "cert"}])).as_deref(), OPEN);
    let far = json!({"name": "cert", "namespace": "vault"});
    assert_eq!(
        of("Terminate", json!([far])).as_deref(),
        Some(
            "it is served though no ReferenceGrant of namespace vault lets Gateways of namespace infra refer to Secret cert"
        )
    );
    assert_eq!(of("Terminate", json!([far, {"name": "own"}])).as_deref(), OPEN);
    assert_eq!(
        of(
            "Terminate",
            json!([{"kind": "Vault", "group": "example.com", "name": "x"}])
        )
        .as_deref(),
        OPEN
    );
    let grant = object(
        "ReferenceGrant",
        "vault/g",
        json!({"spec": {
        "from": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "infra"}], "to": [{"group": "", "kind": "Secret"}]}}),
        json!({}),
    );
    let tls = listener(json!({"protocol": "HTTPS", "tls": {"certificateRefs": [far]}}));
    let all = [
        grant,
        class(json!({})),
        gateway(json!({"spec": {"listeners": [tls]}})),
        route(json!({})),
    ];
    assert_eq!(way(&all).as_deref(), OPEN);
}
