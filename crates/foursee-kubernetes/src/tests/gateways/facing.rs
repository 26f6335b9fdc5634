//! Whether anybody reaches a Gateway, and where that leads.

use super::*;
use crate::Kubernetes;
use foursee_core::audit::{Documents, Options, audit};
use foursee_core::judge::Policy;
use foursee_core::registry::Registry;

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
