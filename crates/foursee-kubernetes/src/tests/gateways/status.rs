//! Spec and status: what is in effect.

use super::*;

#[test]
fn the_server_says_what_is_in_effect() {
    let status = |all: &[(&str, &str)]| json!({"status": {"conditions": conditions(all)}});
    let silent = |called: &str| format!("{called} is in effect, which its status does not say");
    let gateway_silent = silent("Gateway infra/site");
    for (all, wanted) in [
        (vec![("Accepted", "True"), ("Programmed", "True")], Some("")),
        (vec![("Accepted", "True")], Some("")),
        (vec![("Accepted", "True"), ("Programmed", "Unknown")], Some("")),
        (vec![("Accepted", "False"), ("Programmed", "True")], None),
        (
            vec![("Accepted", "True"), ("Programmed", "False")],
            Some(&*gateway_silent),
        ),
        (
            vec![("Accepted", "Unknown"), ("Programmed", "Unknown")],
            Some(&*gateway_silent),
        ),
        (vec![], Some(&*gateway_silent)),
    ] {
        assert_eq!(by_gateway(status(&all)).as_deref(), wanted, "{all:?}");
    }
    // Of an older form of the object it says nothing.
    let old = json!({"metadata": {"generation": 3}});
    assert_eq!(by_gateway(old).as_deref(), Some(&*gateway_silent));
    // The class counts where the Gateway's own status is silent.
    let with_class = |class: Value| {
        way(&[
            class,
            gateway(json!({"status": {"conditions": null}})),
            route(json!({})),
        ])
    };
    assert_eq!(with_class(class(json!({}))).as_deref(), Some(&*gateway_silent));
    assert_eq!(with_class(class(status(&[("Accepted", "False")]))), None);
    assert_eq!(
        with_class(class(status(&[]))),
        Some(format!("{gateway_silent} and {}", silent("GatewayClass proxy")))
    );
    // Nobody takes up a Gateway of a class that is not there.
    assert_eq!(with_class(none("GatewayClass")), None);
    assert_eq!(
        way(&[none("GatewayClass"), gateway(json!({})), route(json!({}))]).as_deref(),
        OPEN
    );
    assert_eq!(
        way(&[gateway(json!({"status": {"conditions": null}})), route(json!({}))]).as_deref(),
        Some(&*gateway_silent)
    );
    // A listener.
    let at_listener = |all: &[(&str, &str)]| {
        by_gateway(json!({"status": {"listeners": [{"name": "web", "conditions": conditions(all)}]}}))
    };
    assert_eq!(at_listener(&[("Accepted", "True")]).as_deref(), OPEN);
    assert_eq!(at_listener(&[("Accepted", "False")]), None);
    assert_eq!(at_listener(&[("Accepted", "True"), ("Conflicted", "True")]), None);
    assert_eq!(
        at_listener(&[("Accepted", "True"), ("Programmed", "False")]),
        Some(silent("listener web of Gateway infra/site"))
    );
    // The route, at this parent and by this controller.
    let route_silent = silent("HTTPRoute shop/web at Gateway infra/site");
    let at_route = |parents: Value| by_route(json!({"status": {"parents": parents}}));
    assert_eq!(at_route(json!([])), Some(route_silent.clone()));
    let mut one = said(json!({"name": "site", "namespace": "infra"}));
    one["conditions"] = conditions(&[("Accepted", "False")]);
    assert_eq!(at_route(json!([one])), None);
    one["conditions"] = conditions(&[("Accepted", "True")]);
    assert_eq!(at_route(json!([one])).as_deref(), OPEN);
    one["controllerName"] = json!("example.com/other");
    assert_eq!(at_route(json!([one])), Some(route_silent.clone()));
    one["parentRef"]["sectionName"] = json!("web");
    assert_eq!(at_route(json!([one])), Some(route_silent));
}

#[test]
fn a_manifest_is_read_as_what_it_will_do() {
    let manifest = |mut one: Value| {
        let meta = one["metadata"].as_object_mut().unwrap();
        meta.remove("uid");
        one["status"] = json!({"conditions": conditions(&[("Accepted", "False")])});
        one
    };
    let all = [manifest(gateway(json!({}))), manifest(route(json!({})))];
    assert_eq!(way(&all).as_deref(), OPEN);
    // What the server has is what counts, beside a manifest of the same.
    let refused = json!({"status": {"conditions": conditions(&[("Accepted", "False")])}});
    assert_eq!(
        way(&[all[0].clone(), all[1].clone(), gateway(refused.clone())]),
        None
    );
    assert_eq!(way(&[gateway(refused), all[0].clone(), all[1].clone()]), None);
}
