//! Which routes a Gateway takes, where they lead, and whether anybody reaches it.

use super::*;
use crate::Kubernetes;
use foursee_core::audit::{Documents, Options, audit};
use foursee_core::judge::Policy;
use foursee_core::registry::Registry;

/// The way by a route that is changed so.
fn by_route(changed: Value) -> Option<String> {
    way(&[class(json!({})), gateway(json!({})), route(changed)])
}

fn by_gateway(changed: Value) -> Option<String> {
    way(&[class(json!({})), gateway(changed), route(json!({}))])
}

fn by_listener(changed: Value) -> Option<String> {
    by_gateway(json!({"spec": {"listeners": [listener(changed)]}}))
}

#[test]
fn a_gateway_leads_through_a_route_to_the_pods_of_a_service() {
    let all = [class(json!({})), gateway(json!({})), route(json!({}))];
    assert_eq!(
        ways(&all),
        ["pod shop/web internet-facing gateway infra/site through HTTPRoute shop/web"]
    );
    for left_out in [1, 2] {
        let rest: Vec<Value> = all
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != left_out)
            .map(|(_, one)| one.clone())
            .collect();
        assert_eq!(way(&rest), None);
    }
    // Other versions of the API have the same form.
    let older = |mut one: Value| {
        one["apiVersion"] = json!("gateway.networking.k8s.io/v1beta1");
        one
    };
    assert_eq!(way(&all.clone().map(older)).as_deref(), OPEN);
    // Somebody else's kind of that name is none of the API's.
    let mut istio = gateway(json!({}));
    istio["apiVersion"] = json!("networking.istio.io/v1");
    assert_eq!(way(&[class(json!({})), istio, route(json!({}))]), None);
}

#[test]
fn a_parent_is_a_gateway_and_of_it_a_listener_by_section_and_port() {
    let two = gateway(json!({"spec": {"listeners": [
        listener(json!({"allowedRoutes": {"namespaces": {"from": "Same"}}})),
        listener(json!({"name": "open", "port": 8080})),
    ]}}));
    let named = |section: Value| {
        let mut parent = json!({"name": "site", "namespace": "infra"});
        over(&mut parent, section);
        way(&[class(json!({})), two.clone(), route(at(&[parent]))])
    };
    assert_eq!(named(json!({})).as_deref(), OPEN);
    assert_eq!(named(json!({"sectionName": "open"})).as_deref(), OPEN);
    assert_eq!(named(json!({"sectionName": "web"})), None);
    assert_eq!(named(json!({"sectionName": "gone"})), None);
    assert_eq!(named(json!({"port": 8080})).as_deref(), OPEN);
    assert_eq!(named(json!({"port": 80})), None);
    assert_eq!(named(json!({"port": 80, "sectionName": "open"})), None);
    // The namespace is the route's own where none is said; the group and kind have defaults.
    assert_eq!(named(json!({"namespace": null})), None);
    assert_eq!(
        named(json!({"group": "gateway.networking.k8s.io", "kind": "Gateway"})).as_deref(),
        OPEN
    );
    // A Service as a parent is a mesh's.
    assert_eq!(named(json!({"group": "", "kind": "Service"})), None);
    assert_eq!(named(json!({"group": ""})), None);
    // One of several parents is enough.
    let parents = [
        json!({"name": "gone", "namespace": "infra"}),
        json!({"name": "site", "namespace": "infra"}),
    ];
    assert_eq!(by_route(at(&parents)).as_deref(), OPEN);
}

#[test]
fn a_listener_says_from_which_namespaces() {
    let from = |namespaces: Value, more: &[Value]| {
        let one = listener(json!({"allowedRoutes": {"namespaces": namespaces}}));
        way(&[
            more,
            &[
                class(json!({})),
                gateway(json!({"spec": {"listeners": [one]}})),
                route(json!({})),
            ],
        ]
        .concat())
    };
    assert_eq!(from(json!({"from": "All"}), &[]).as_deref(), OPEN);
    assert_eq!(from(json!({"from": "Same"}), &[]), None);
    assert_eq!(from(json!({"from": "None"}), &[]), None);
    assert_eq!(from(json!({"from": null}), &[]), None);
    assert_eq!(from(json!(null), &[]), None);
    // A selector is one of Selector alone.
    assert_eq!(from(json!({"from": "Selector"}), &[]), None);
    let shop = |labels: Value| [namespace("shop", labels)];
    let public = json!({"from": "Selector", "selector": {"matchLabels": {"exposed": "yes"}}});
    assert_eq!(
        from(public.clone(), &shop(json!({"exposed": "yes"}))).as_deref(),
        OPEN
    );
    assert_eq!(from(public.clone(), &shop(json!({}))), None);
    let unknown =
        "namespace shop, whose labels were not listed, is one that Gateway infra/site takes routes from";
    assert_eq!(from(public.clone(), &[]).as_deref(), Some(unknown));
    // Every namespace has its name as a label.
    let named = |name: &str| json!({"from": "Selector", "selector": {"matchLabels": {"kubernetes.io/metadata.name": name}}});
    assert_eq!(from(named("shop"), &[]).as_deref(), OPEN);
    assert_eq!(from(named("bank"), &[]), None);
    assert_eq!(from(named("shop"), &shop(json!({}))).as_deref(), OPEN);
    // What cannot be read refuses nothing.
    let doubt = Some("namespace shop is one that Gateway infra/site takes routes from");
    assert_eq!(from(json!({"from": "Some"}), &[]).as_deref(), doubt);
    let odd =
        json!({"from": "Selector", "selector": {"matchExpressions": [{"key": "exposed", "operator": "Is"}]}});
    assert_eq!(from(odd, &shop(json!({}))).as_deref(), doubt);
    // In the Gateway's own namespace by default.
    let mut own = gateway(json!({"spec": {"listeners": [{"name": "web", "port": 80, "protocol": "HTTP"}]}}));
    own["metadata"]["namespace"] = json!("shop");
    let found = ways(&[class(json!({})), own, route(at(&[json!({"name": "site"})]))]);
    assert_eq!(
        found,
        ["pod shop/web internet-facing gateway shop/site through HTTPRoute shop/web"]
    );
}

/// Whether a listener takes a kind of routes.
fn kind(kind: &str, changed: Value) -> Option<String> {
    let mut one = route(json!({"spec": {"rules": [{"backendRefs": [{"name": "web"}]}]}}));
    one["kind"] = json!(kind);
    way(&[
        class(json!({})),
        gateway(json!({"spec": {"listeners": [listener(changed)]}})),
        one,
    ])
}

#[test]
fn a_protocol_says_which_kinds_of_routes_and_the_listener_may_narrow_them() {
    let all = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];
    let of = |changed: Value| -> Vec<&str> {
        all.into_iter()
            .filter(|one| kind(one, changed.clone()).is_some())
            .collect()
    };
    assert_eq!(of(json!({"protocol": "HTTP"})), ["HTTPRoute", "GRPCRoute"]);
    assert_eq!(of(json!({"protocol": "https"})), ["HTTPRoute", "GRPCRoute"]);
    assert_eq!(
        of(json!({"protocol": "TLS", "tls": {"mode": "Passthrough"}})),
        ["TLSRoute"]
    );
    assert_eq!(
        of(json!({"protocol": "TLS", "tls": {"mode": "Terminate"}})),
        ["TLSRoute", "TCPRoute"]
    );
    assert_eq!(of(json!({"protocol": "TCP"})), ["TCPRoute"]);
    assert_eq!(of(json!({"protocol": "UDP"})), ["UDPRoute"]);
    let only = |kinds: Value| of(json!({"allowedRoutes": {"kinds": kinds}}));
    assert_eq!(only(json!([{"kind": "GRPCRoute"}])), ["GRPCRoute"]);
    assert_eq!(
        only(json!([{"kind": "GRPCRoute", "group": "gateway.networking.k8s.io"}])),
        ["GRPCRoute"]
    );
    assert_eq!(
        only(json!([{"kind": "GRPCRoute", "group": "example.com"}])),
        Vec::<&str>::new()
    );
    // What does not go with the protocol is not taken by being named.
    assert_eq!(
        only(json!([{"kind": "TCPRoute"}, {"kind": "HTTPRoute"}])),
        ["HTTPRoute"]
    );
    // A protocol of an implementation.
    assert_eq!(
        kind("TCPRoute", json!({"protocol": "example.com/quic"})).as_deref(),
        Some("listener web of Gateway infra/site, of protocol EXAMPLE.COM/QUIC, is one for TCPRoutes")
    );
}

#[test]
fn a_udp_route_leads_to_ports_of_udp_alone() {
    let policy = |port: Value| {
        let mut one = route(json!({"spec": {"rules": [{"backendRefs": [{"name": "web", "port": 53}]}]}}));
        one["kind"] = json!("UDPRoute");
        let mut pod = web(json!({}));
        pod["metadata"]["labels"] = json!({"app": "web", "dns": "yes"});
        let shut = json!({"podSelector": {}, "ingress": [{"ports": [port]}]});
        let udp = gateway(json!({"spec": {"listeners": [listener(json!({"protocol": "UDP", "port": 53}))]}}));
        entries(&[
            pod,
            service(),
            listed(&[("shop", "p", shut)]),
            none("ReferenceGrant"),
            class(json!({})),
            udp,
            one,
        ])
    };
    let open = "pod shop/web internet-facing gateway infra/site through UDPRoute shop/web";
    assert_eq!(policy(json!({"protocol": "UDP", "port": 53})), [open]);
    assert_eq!(
        policy(json!({"port": 53})),
        [format!(
            "{open}, if NetworkPolicy shop/p, which lets no such traffic in, is not enforced there"
        )]
    );
    assert_eq!(kind("TCPRoute", json!({"protocol": "TCP"})).as_deref(), OPEN);
    // A port that the Service has of UDP alone is none for requests of HTTP.
    let dns = json!({"spec": {"rules": [{"backendRefs": [{"name": "web", "port": 53}]}]}});
    assert_eq!(by_route(dns), None);
}

#[test]
fn hosts_of_the_listener_and_of_the_route_have_to_meet() {
    let of = |listens: &str, hosts: Value, kind: &str, protocol: &str| {
        let one =
            listener(json!({"hostname": listens, "protocol": protocol, "tls": {"mode": "Passthrough"}}));
        let mut by = route(json!({"spec": {"hostnames": hosts}}));
        by["kind"] = json!(kind);
        way(&[
            class(json!({})),
            gateway(json!({"spec": {"listeners": [one]}})),
            by,
        ])
        .is_some()
    };
    let http = |listens: &str, hosts: Value| of(listens, hosts, "HTTPRoute", "HTTP");
    assert!(http("a.example", json!([])) && http("", json!(["a.example"])) && http("a.example", json!(null)));
    assert!(http("a.example", json!(["b.example", "a.example"])));
    assert!(!http("a.example", json!(["b.example"])));
    assert!(http("*.example", json!(["a.example"])) && http("a.example", json!(["*.example"])));
    assert!(!http("*.example", json!(["example"])));
    assert!(!of("a.example", json!(["b.example"]), "TLSRoute", "TLS"));
    assert!(of("*.example", json!(["b.example"]), "TLSRoute", "TLS"));
    // Neither has a host.
    assert!(of("a.example", json!(["b.example"]), "TCPRoute", "TCP"));
}

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

#[test]
fn listener_sets_add_to_a_gateway_that_takes_them() {
    let set = |changed: Value| {
        let whole = json!({"spec": {"parentRef": {"name": "site", "namespace": "infra"}, "listeners": [{"name": "more", "port": 81, "protocol": "HTTP"}]},
            "status": {"conditions": taken()}});
        object("ListenerSet", "shop/more", whole, changed)
    };
    let takes =
        |namespaces: Value| gateway(json!({"spec": {"allowedListeners": {"namespaces": namespaces}}}));
    let to_set = || {
        route(at(&[
            json!({"group": "gateway.networking.k8s.io", "kind": "ListenerSet", "name": "more"}),
        ]))
    };
    let by = |gateway: Value, set: Value, route: Value| way(&[class(json!({})), gateway, set, route]);
    let all = || takes(json!({"from": "All"}));
    assert_eq!(by(all(), set(json!({})), to_set()).as_deref(), OPEN);
    // By default a Gateway takes none.
    assert_eq!(by(gateway(json!({})), set(json!({})), to_set()), None);
    assert_eq!(by(takes(json!({"from": "None"})), set(json!({})), to_set()), None);
    assert_eq!(by(takes(json!({"from": "Same"})), set(json!({})), to_set()), None);
    let labelled = json!({"from": "Selector", "selector": {"matchLabels": {"edge": "yes"}}});
    assert_eq!(
        by(takes(labelled), set(json!({})), to_set()).as_deref(),
        Some(
            "namespace shop, whose labels were not listed, is one that Gateway infra/site takes listeners from"
        )
    );
    // Its listeners take routes of its own namespace; the Gateway's are no listeners of the set, nor the other way round.
    let only_same = json!({"spec": {"listeners": [listener(json!({"allowedRoutes": {"namespaces": {"from": "Same"}}}))]}});
    let mut narrow = all();
    over(&mut narrow, only_same);
    assert_eq!(by(narrow.clone(), set(json!({})), to_set()).as_deref(), OPEN);
    assert_eq!(by(narrow, set(json!({})), route(json!({}))), None);
    let mut far = set(json!({}));
    far["metadata"]["namespace"] = json!("other");
    let to_far = route(at(&[
        json!({"kind": "ListenerSet", "name": "more", "namespace": "other"}),
    ]));
    assert_eq!(by(all(), far, to_far), None);
    let refused = json!({"status": {"conditions": conditions(&[("Accepted", "False")])}});
    assert_eq!(by(all(), set(refused), to_set()), None);
    // The one that is not settled yet.
    let mut early = set(json!({}));
    early["kind"] = json!("XListenerSet");
    early["apiVersion"] = json!("gateway.networking.x-k8s.io/v1alpha1");
    let to_early = route(at(&[
        json!({"group": "gateway.networking.x-k8s.io", "kind": "XListenerSet", "name": "more"}),
    ]));
    assert_eq!(by(all(), early.clone(), to_early).as_deref(), OPEN);
    assert_eq!(by(all(), early, to_set()), None);
    // One set is no parent of another.
    let cycle =
        set(json!({"spec": {"parentRef": {"kind": "ListenerSet", "name": "more", "namespace": "shop"}}}));
    assert_eq!(by(all(), cycle, to_set()), None);
}

#[test]
fn a_route_may_want_the_default_gateways() {
    let by = |scope: Value, wants: Value| {
        let wants = route(json!({"spec": {"parentRefs": null, "useDefaultGateways": wants}}));
        way(&[
            class(json!({})),
            gateway(json!({"spec": {"defaultScope": scope}})),
            wants,
        ])
    };
    assert_eq!(by(json!("All"), json!("All")).as_deref(), OPEN);
    assert_eq!(by(json!("None"), json!("All")), None);
    assert_eq!(by(json!(null), json!("All")), None);
    assert_eq!(by(json!("All"), json!(null)), None);
}

#[test]
fn a_gateway_may_be_internal() {
    let made = |key: &str, value: &str| {
        by_gateway(json!({"spec": {"infrastructure": {"annotations": {key: value}}}}))
    };
    let aws = "service.beta.kubernetes.io/aws-load-balancer-scheme";
    assert_eq!(made(aws, "internal"), None);
    assert_eq!(made(aws, "internet-facing").as_deref(), OPEN);
    assert_eq!(made("networking.gke.io/load-balancer-type", "Internal"), None);
    // On the Gateway itself they are for its controller to pass on, or not.
    assert_eq!(
        by_gateway(json!({"metadata": {"annotations": {aws: "internal"}}})).as_deref(),
        Some(
            "the annotations of Gateway infra/site, which make a load balancer internal, are not passed on to its own"
        )
    );
    // What is bound counts before what was asked for.
    let private = Some("somebody outside reaches the addresses of Gateway infra/site, which are private");
    let address = |value: &str| json!([{"type": "IPAddress", "value": value}]);
    assert_eq!(
        by_gateway(json!({"spec": {"addresses": address("10.0.0.1")}})).as_deref(),
        private
    );
    assert_eq!(
        by_gateway(json!({"status": {"addresses": address("10.0.0.1")}})).as_deref(),
        private
    );
    let both =
        json!({"spec": {"addresses": address("10.0.0.1")}, "status": {"addresses": address("203.0.113.9")}});
    assert_eq!(by_gateway(both).as_deref(), OPEN);
    // Classes of clouds and of meshes.
    let by_class = |name: &str, controller: &str| {
        let mut own = class(json!({"spec": {"controllerName": controller}}));
        own["metadata"]["name"] = json!(name);
        let mut by = route(json!({}));
        by["status"]["parents"][0]["controllerName"] = json!(controller);
        way(&[own, gateway(json!({"spec": {"gatewayClassName": name}})), by])
    };
    let google = "networking.gke.io/gateway";
    assert_eq!(by_class("gke-l7-rilb", google), None);
    assert_eq!(
        by_class("gke-l7-cross-regional-internal-managed-mc", google),
        None
    );
    assert_eq!(
        by_class("gke-l7-global-external-managed", google).as_deref(),
        OPEN
    );
    assert_eq!(by_class("istio-waypoint", "istio.io/mesh-controller"), None);
    assert_eq!(
        by_class("alb", "gateway.k8s.aws/alb").as_deref(),
        Some("a LoadBalancerConfiguration makes the load balancer of Gateway infra/site internet-facing")
    );
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

#[test]
fn an_entry_through_a_gateway_leads_on_from_the_pod() {
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deployer", "namespace": "shop", "uid": "a"}});
    let pod = web(
        json!({"serviceAccountName": "deployer", "containers": [{"name": "c", "ports": [{"name": "http", "containerPort": 8080}],
        "volumeMounts": [{"name": "t", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}],
        "volumes": [{"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}]}),
    );
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "b", "uid": "b"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "all"}, "subjects": [{"kind": "ServiceAccount", "name": "deployer", "namespace": "shop"}]});
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all", "uid": "r"},
        "rules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]});
    let objects = [
        pod,
        service(),
        listed(&[]),
        account,
        role,
        binding,
        class(json!({})),
        gateway(json!({})),
        route(json!({})),
    ];
    let mut documents = Documents::new();
    for (at, one) in objects.iter().enumerate() {
        documents.push_text(format!("{at}.json"), one.to_string());
    }
    let registry = Registry::new().layer(Kubernetes).unwrap();
    let report = audit(
        documents,
        &registry,
        &Policy::default(),
        &Options::default(),
        &mut |_| {},
    );
    let ways: Vec<String> = report
        .paths
        .iter()
        .filter(|path| {
            path.entry
                .contains("internet-facing gateway infra/site through HTTPRoute shop/web")
        })
        .map(|path| {
            path.hops
                .iter()
                .flat_map(|hop| [&hop.from, &hop.to])
                .map(|node| format!("{} {}", node.kind, node.name))
                .collect::<Vec<_>>()
                .join(" -> ")
        })
        .collect();
    assert!(
        ways.iter()
            .any(|way| way.starts_with("pod shop/web -> ") && way.contains("deployer")),
        "{ways:#?}"
    );
}

/// The whole contract of a layer, with every kind and both words of a status.
#[test]
fn a_world_with_all_of_it_keeps_the_contract() {
    let refused = json!({"status": {"conditions": conditions(&[("Accepted", "False")])}});
    let set = object(
        "ListenerSet",
        "shop/more",
        json!({"spec": {"parentRef": {"name": "site", "namespace": "infra"}, "listeners": [listener(json!({}))]},
        "status": {"conditions": taken()}}),
        json!({}),
    );
    let mut other = gateway(refused);
    other["metadata"]["name"] = json!("other");
    let parents = [
        json!({"name": "site", "namespace": "infra"}),
        json!({"kind": "ListenerSet", "name": "more"}),
    ];
    let objects = [
        around(),
        vec![
            class(json!({})),
            gateway(json!({"spec": {"allowedListeners": {"namespaces": {"from": "All"}}}})),
            other,
            set,
            route(at(&parents)),
        ],
    ]
    .concat();
    assert_eq!(
        entered(&world(&objects)),
        ["pod shop/web internet-facing gateway infra/site through HTTPRoute shop/web"]
    );
}
