//! Which routes a Gateway takes.

use super::*;

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
