//! What nobody should write: it is a gap or means nothing, and the rest is read.

use super::*;
use crate::gateway::led;
use crate::tests::read;

/// What is noted of one document.
fn noted(object: &Value) -> Vec<String> {
    let (_, notes) = read(&[&object.to_string()]);
    let all = notes[0].gaps.iter();
    all.map(|gap| format!("{} {}: {}", gap.reason.as_str(), gap.target, gap.facet))
        .collect()
}

#[test]
fn what_is_not_of_its_form_is_a_gap_and_no_object() {
    for (object, name) in [
        (
            gateway(json!({"spec": {"listeners": [{"port": "eighty"}]}})),
            "Gateway infra/site",
        ),
        (
            gateway(json!({"spec": {"gatewayClassName": 5}})),
            "Gateway infra/site",
        ),
        (
            gateway(json!({"metadata": {"generation": "two"}})),
            "Gateway infra/site",
        ),
        (route(json!({"spec": {"rules": "all"}})), "HTTPRoute shop/web"),
        (route(json!({"spec": {"parentRefs": [5]}})), "HTTPRoute shop/web"),
        (
            route(json!({"status": {"parents": [{"conditions": [{"observedGeneration": 1.5}]}]}})),
            "HTTPRoute shop/web",
        ),
        (
            class(json!({"spec": {"controllerName": ["x"]}})),
            "GatewayClass proxy",
        ),
    ] {
        assert_eq!(
            noted(&object),
            [format!("malformed {name}: the object")],
            "{object}"
        );
    }
    for fine in [
        gateway(json!({})),
        route(json!({})),
        class(json!({})),
        route(json!({"spec": {"rules": null, "parentRefs": null}, "status": {"parents": null}})),
    ] {
        assert_eq!(noted(&fine), Vec::<String>::new(), "{fine}");
    }
}

#[test]
fn what_of_a_listener_cannot_be_read_is_said_with_its_beginning_alone() {
    let from = |from: Value| listener(json!({"name": "n", "allowedRoutes": {"namespaces": from}}));
    let long = "x".repeat(1000);
    let odd = gateway(json!({"spec": {"listeners": [
        from(json!({"from": long})),
        from(json!({"from": "Selector", "selector": {"matchExpressions": [{"key": "k", "operator": "Is"}]}})),
        from(json!({"from": "same"})), from(json!({"from": "all"})), from(json!({"from": "any"})), from(json!({"from": "1"})), from(json!({"from": "2"})),
    ], "allowedListeners": {"namespaces": {"from": "Each"}}}}));
    let short = "x".repeat(40);
    assert_eq!(
        noted(&odd),
        [format!(
            "malformed Gateway infra/site: allowedListeners from `Each`, listener `n` from `{short}`, listener `n` operator `Is` of `k`, listener `n` from `same`, listener `n` from `all`, 3 more"
        )]
    );
}

#[test]
fn parents_that_lead_in_a_circle_lead_nowhere() {
    let set = |name: &str, to: &str| {
        object(
            "ListenerSet",
            &format!("shop/{name}"),
            json!({"spec": {"parentRef": {"kind": "ListenerSet", "name": to}, "listeners": [listener(json!({}))]},
            "status": {"conditions": taken()}}),
            json!({}),
        )
    };
    let by = route(at(&[
        json!({"kind": "ListenerSet", "name": "a"}),
        json!({"kind": "HTTPRoute", "name": "web"}),
    ]));
    assert_eq!(
        way(&[
            class(json!({})),
            gateway(json!({})),
            set("a", "b"),
            set("b", "a"),
            set("c", "c"),
            by
        ]),
        None
    );
}

#[test]
fn many_objects_with_many_parts_are_read_in_their_time() {
    // Each route names every Gateway, and each listener takes all of them.
    let (gateways, routes) = (40, 400);
    let mut items = Vec::new();
    for at in 0..gateways {
        let listeners: Vec<Value> = (0..64)
            .map(|at| listener(json!({"name": format!("l{at}"), "hostname": format!("h{at}.example")})))
            .collect();
        let mut one = gateway(json!({"spec": {"listeners": listeners}}));
        one["metadata"]["name"] = json!(format!("g{at}"));
        items.push(one);
    }
    for number in 0..routes {
        let parents: Vec<Value> = (0..gateways)
            .map(|at| json!({"name": format!("g{at}"), "namespace": "infra"}))
            .collect();
        let mut one = route(at(&parents));
        one["metadata"]["name"] = json!(format!("r{number}"));
        one["spec"]["hostnames"] = json!(["h63.example"]);
        items.push(one);
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    let (facts, _) = read(&[&list.to_string()]);
    let found = led(&facts);
    assert_eq!(found.len(), gateways * routes);
    assert!(found.iter().all(|one| one.conditions.is_empty()));
}

#[test]
fn names_from_anywhere_are_names() {
    let odd = "\u{0}\u{202e}/../%s{}\"'";
    let mut one = gateway(json!({}));
    one["metadata"]["name"] = json!(odd);
    let by = route(at(&[json!({"name": odd, "namespace": "infra"})]));
    let (facts, _) = read(&[&one.to_string(), &by.to_string()]);
    let found = led(&facts);
    assert_eq!(found.len(), 1);
    assert_eq!(&*found[0].gateway.meta.name, odd);
}
