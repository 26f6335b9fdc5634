//! What is missing, what is not read, and what contradicts itself.

use super::*;

/// The gaps that speak of the API.
fn gaps(objects: &[Value]) -> Vec<String> {
    let all = all_gaps(&world(objects));
    let words = [
        "Gateway",
        "Route",
        "ReferenceGrant",
        "ListenerSet",
        "backends of",
        "parents of",
        "routes lead to",
    ];
    all.into_iter()
        .filter(|gap| words.iter().any(|word| gap.contains(word)))
        .collect()
}

fn missing(kind: &str, facet: &str) -> String {
    let hides = match kind {
        "GatewayClass" => "whether anybody takes up their Gateways, and who",
        "ReferenceGrant" => "which references to other namespaces are granted",
        _ => "which workloads the internet reaches through Gateways",
    };
    format!("not-captured objects of kind {kind}: {facet} | {hides}")
}

fn all_kinds() -> Vec<Value> {
    vec![
        class(json!({})),
        gateway(json!({})),
        route(json!({})),
        none("GRPCRoute"),
    ]
}

#[test]
fn a_kind_that_the_rest_shows_to_be_there_is_a_gap() {
    let none_of_it = vec![service(), web(json!({})), listed(&[])];
    assert_eq!(gaps(&none_of_it), Vec::<String>::new());
    assert_eq!(
        gaps(&[none_of_it.clone(), all_kinds()].concat()),
        Vec::<String>::new()
    );
    for (at, kind) in ["GatewayClass", "Gateway", "HTTPRoute", "GRPCRoute"]
        .into_iter()
        .enumerate()
    {
        let mut rest = all_kinds();
        rest.remove(at);
        assert_eq!(gaps(&[none_of_it.clone(), rest].concat()), [missing(kind, "")]);
    }
    // An empty listing of one kind shows that the API is there.
    assert_eq!(gaps(&[none("HTTPRoute")]), [missing("Gateway", "")]);
    assert_eq!(gaps(&[none("HTTPRoute"), none("Gateway")]), Vec::<String>::new());
    // The kinds that the controller says it takes there are those that count.
    let only = gateway(
        json!({"status": {"listeners": [{"name": "web", "supportedKinds": [{"kind": "HTTPRoute"}], "conditions": taken()}]}}),
    );
    assert_eq!(
        gaps(&[class(json!({})), only, route(json!({}))]),
        Vec::<String>::new()
    );
    let tcp = gateway(json!({"spec": {"listeners": [listener(json!({"protocol": "TCP"}))]}}));
    assert_eq!(gaps(&[class(json!({})), tcp]), [missing("TCPRoute", "")]);
    // A manifest is no listing.
    let mut manifest = route(json!({}));
    manifest["metadata"].as_object_mut().unwrap().remove("uid");
    let facet = "those of the server: only manifests hold some";
    assert_eq!(
        gaps(&[
            class(json!({})),
            gateway(json!({})),
            manifest.clone(),
            none("GRPCRoute")
        ]),
        [missing("HTTPRoute", facet)]
    );
    assert_eq!(gaps(&[manifest]), [missing("Gateway", "")]);
    // What refers to another namespace shows that grants count, and a Gateway that takes listeners that there may be some.
    let far = route(
        json!({"spec": {"rules": [{"backendRefs": [{"name": "web", "namespace": "bank", "port": 80}]}]}}),
    );
    let mut all = all_kinds();
    all[2] = far;
    assert_eq!(gaps(&all), [missing("ReferenceGrant", "")]);
    all.push(none("ReferenceGrant"));
    assert_eq!(gaps(&all), Vec::<String>::new());
    let mut all = all_kinds();
    all[1] = gateway(json!({"spec": {"allowedListeners": {"namespaces": {"from": "Same"}}}}));
    assert_eq!(gaps(&all), [missing("ListenerSet", "")]);
    all.push(none("XListenerSet"));
    all[4]["apiVersion"] = json!("gateway.networking.x-k8s.io/v1alpha1");
    assert_eq!(gaps(&all), Vec::<String>::new());
}

#[test]
fn what_is_named_and_not_in_the_listing_of_its_kind_is_a_gap() {
    let other = |kind: &str, name: &str| object(kind, name, json!({"spec": {}, "status": {}}), json!({}));
    let around = [web(json!({})), service(), listed(&[]), none("GRPCRoute")];
    let with = |objects: &[Value]| gaps(&[&around[..], objects].concat());
    let reached = "which workloads the internet reaches through Gateways";
    let named: Vec<String> = with(&[
        class(json!({})),
        other("Gateway", "infra/other"),
        route(json!({})),
    ])
    .into_iter()
    .filter(|gap| gap.contains("routes name"))
    .collect();
    assert_eq!(
        named,
        [format!(
            "not-captured Gateways and ListenerSets that routes name: not in the listing: infra/site | {reached}"
        )]
    );
    assert_eq!(
        with(&[
            other("GatewayClass", "other"),
            gateway(json!({})),
            route(json!({}))
        ]),
        [
            "not-captured GatewayClasses that Gateways name: not in the listing: proxy | whether anybody takes up their Gateways, and who"
        ]
    );
    let to_api = route(
        json!({"spec": {"rules": [{"backendRefs": [{"name": "api", "port": 80}, {"name": "web", "port": 80}]}]}}),
    );
    assert_eq!(
        with(&[class(json!({})), gateway(json!({})), to_api]),
        [format!(
            "not-captured Services that routes lead to: not in the listing: shop/api | {reached}"
        )]
    );
    assert_eq!(
        with(&[class(json!({})), gateway(json!({})), route(json!({}))]),
        Vec::<String>::new()
    );
}

#[test]
fn kinds_that_are_not_read_are_one_gap_each() {
    let mut all = all_kinds();
    all[2] = route(json!({"spec": {"rules": [{"backendRefs": [
        {"group": "multicluster.x-k8s.io", "kind": "ServiceImport", "name": "web", "port": 80},
        {"group": "inference.networking.k8s.io", "kind": "InferencePool", "name": "web"}]}]}}));
    let hides = "which workloads are behind them";
    assert_eq!(
        gaps(&all),
        [
            format!(
                "unsupported backends of kind InferencePool.inference.networking.k8s.io: those of HTTPRoute shop/web | {hides}"
            ),
            format!(
                "unsupported backends of kind ServiceImport.multicluster.x-k8s.io: those of HTTPRoute shop/web | {hides}"
            ),
        ]
    );
    all[2] = route(
        json!({"spec": {"parentRefs": [{"group": "networking.istio.io", "kind": "ServiceEntry", "name": "x"}, {"group": "", "kind": "Service", "name": "web"}]}}),
    );
    for name in ["b", "c", "d"] {
        let mut one = all[2].clone();
        one["metadata"]["name"] = json!(name);
        all.push(one);
    }
    assert_eq!(
        gaps(&all),
        [
            "unsupported parents of kind ServiceEntry.networking.istio.io: those of HTTPRoute shop/b, HTTPRoute shop/c, HTTPRoute shop/d, 1 more | whether they lead from outside to the routes' backends"
        ]
    );
}

#[test]
fn a_status_that_takes_what_the_spec_refuses_is_a_gap() {
    let mut all = all_kinds();
    all[1] = gateway(json!({"spec": {"listeners": [listener(json!({"hostname": "a.example"}))]}}));
    all[2] = route(json!({"spec": {"hostnames": ["b.example"]}}));
    assert_eq!(
        gaps(&all),
        [
            "ambiguous HTTPRoute shop/web: its status says that Gateway infra/site takes it, whose listeners do not | which of the two is true: it is read as not taken there"
        ]
    );
    all[2] = route(json!({"spec": {"hostnames": ["b.example"]}, "status": {"parents": []}}));
    assert_eq!(gaps(&all), Vec::<String>::new());
}
