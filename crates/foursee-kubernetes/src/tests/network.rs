//! NetworkPolicies where they count: on the way to the metadata service, and on the ways in.

use super::lowering::members_hold;
use super::read;
use crate::Kubernetes;
use foursee_core::audit::Mapped;
use foursee_core::conformance::{check, opened};
use foursee_core::model::Certainty;
use serde_json::{Value, json};

pub(super) fn world(objects: &[Value]) -> Mapped {
    let texts: Vec<(String, String)> = objects
        .iter()
        .enumerate()
        .map(|(at, one)| (format!("{at}.json"), one.to_string()))
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (&**name, &**text)).collect();
    let wrong = check(&Kubernetes, &texts).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let (opened, mapped) = opened(Kubernetes, &texts).unwrap();
    members_hold(&opened, &mapped);
    mapped
}

/// What the server lists as its NetworkPolicies.
pub(super) fn listed(policies: &[(&str, &str, Value)]) -> Value {
    let items: Vec<Value> = policies
        .iter()
        .map(|(namespace, name, spec)| {
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": {"name": name, "namespace": namespace, "uid": format!("{namespace}-{name}")}, "spec": spec})
        })
        .collect();
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": items})
}

fn pod(labels: Value, spec: Value) -> Value {
    let mut whole = json!({"nodeName": "n1", "containers": [{"name": "c", "ports": [{"name": "http", "containerPort": 8080}]}]});
    for (key, value) in spec.as_object().unwrap() {
        whole[key] = value.clone();
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop", "uid": "web", "labels": labels}, "spec": whole})
}

pub(super) fn web(spec: Value) -> Value {
    pod(json!({"app": "web"}), spec)
}

/// From where the pod asks the metadata service, and under which condition.
fn asks(objects: &[Value]) -> (String, String) {
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "uid": "n1"},
        "spec": {"providerID": "aws:///eu-west-1a/i-0abc"}});
    let mapped = world(&[objects, &[node]].concat());
    let estate = &mapped.estate;
    let one = estate
        .presented
        .iter()
        .find(|one| estate.show(one.by) == "pod shop/web" && &*one.kind == "instance-metadata")
        .unwrap();
    let condition = estate.condition(one.condition);
    assert_eq!(one.certainty == Certainty::Certain, condition.is_empty());
    (format!("{:?}", one.audience), condition.to_owned())
}

const UNREAD: &str =
    "no egress NetworkPolicy that is enforced, and no rule of the node, keeps the pod from 169.254.169.254";
const OPEN: &str = "no rule of the node, and no policy that its network plugin has of its own, keeps the pod from 169.254.169.254";

fn shut_by(names: &str) -> String {
    format!(
        "NetworkPolicy {names}, which does not let 169.254.169.254 through, is not enforced there; and no rule of the node keeps the pod from it"
    )
}

#[test]
fn a_policy_that_keeps_a_pod_from_the_metadata_service_is_named() {
    let of = |policies: &[(&str, &str, Value)]| {
        let (audience, condition) = asks(&[web(json!({})), listed(policies)]);
        assert_eq!(audience, "Named([\"container\"])");
        condition
    };
    let one = |spec: Value| of(&[("shop", "p", spec)]);
    let deny = json!({"podSelector": {}, "policyTypes": ["Egress"]});
    assert_eq!(of(&[]), OPEN);
    assert_eq!(one(deny.clone()), shut_by("shop/p"));
    // Only what comes in; another namespace; other pods.
    assert_eq!(one(json!({"podSelector": {}})), OPEN);
    assert_eq!(of(&[("bank", "p", deny.clone())]), OPEN);
    assert_eq!(
        one(json!({"podSelector": {"matchLabels": {"app": "api"}}, "policyTypes": ["Egress"]})),
        OPEN
    );
    let to = |cidr: &str, except: Value, ports: Value| {
        json!({"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Egress"],
            "egress": [{"to": [{"ipBlock": {"cidr": cidr, "except": except}}], "ports": ports}]})
    };
    let but = json!(["169.254.169.254/32"]);
    assert_eq!(one(to("0.0.0.0/0", json!([]), json!([]))), OPEN);
    assert_eq!(one(to("0.0.0.0/0", but.clone(), json!([]))), shut_by("shop/p"));
    assert_eq!(
        one(to("0.0.0.0/0", json!([]), json!([{"protocol": "UDP"}]))),
        shut_by("shop/p")
    );
    // Names are looked up by it, and nothing else.
    let dns = json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [{
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}],
        "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}]});
    assert_eq!(one(dns.clone()), shut_by("shop/p"));
    // Policies add up.
    let both = of(&[
        ("shop", "dns", dns.clone()),
        (
            "shop",
            "p",
            to("169.254.0.0/16", json!([]), json!([{"port": 80}])),
        ),
    ]);
    assert_eq!(both, OPEN);
    let both = of(&[("shop", "dns", dns), ("shop", "p", deny.clone())]);
    assert_eq!(both, shut_by("shop/dns, shop/p"));
    let many: Vec<(&str, &str, Value)> = ["a", "b", "c", "d", "e"]
        .into_iter()
        .map(|name| ("shop", name, deny.clone()))
        .collect();
    assert_eq!(of(&many), shut_by("shop/a, shop/b, shop/c, 2 more"));
    // The service's other address.
    let six = one(to("::/0", json!([]), json!([])));
    assert_eq!(
        six,
        format!(
            "the instance answers at fd00:ec2::254 too, or {}",
            shut_by("shop/p")
        )
    );
}

#[test]
fn on_its_nodes_network_no_policy_is_for_a_pod() {
    let deny = listed(&[("shop", "p", json!({"podSelector": {}, "policyTypes": ["Egress"]}))]);
    let host = asks(&[web(json!({"hostNetwork": true})), deny]);
    assert_eq!(host, ("Named([\"host\"])".to_owned(), String::new()));
}

pub(super) fn gaps(mapped: &Mapped) -> Vec<String> {
    let all = mapped.estate.gaps.iter();
    all.map(|gap| {
        format!(
            "{} {}: {} | {}",
            gap.reason.as_str(),
            gap.target,
            gap.facet,
            gap.hides
        )
    })
    .collect()
}

#[test]
fn policies_that_were_not_listed_are_a_gap() {
    let said = |objects: &[Value]| {
        gaps(&world(objects))
            .into_iter()
            .filter(|gap| gap.contains("kind NetworkPolicy"))
            .count()
    };
    assert_eq!(asks(&[web(json!({}))]).1, UNREAD);
    assert_eq!(said(&[web(json!({}))]), 1);
    assert_eq!(said(&[web(json!({})), listed(&[])]), 0);
    // A chart's policy is no listing; what it keeps away is named.
    let chart = |spec: Value| json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "c", "namespace": "shop"}, "spec": spec});
    let deny = chart(json!({"podSelector": {}, "policyTypes": ["Egress"]}));
    assert_eq!(asks(&[web(json!({})), deny.clone()]).1, shut_by("shop/c"));
    assert_eq!(asks(&[web(json!({})), chart(json!({}))]).1, UNREAD);
    assert_eq!(said(&[web(json!({})), deny]), 1);
}

#[test]
fn what_cannot_be_read_keeps_nothing_away_and_is_a_gap() {
    // What is read off one document.
    let noted = |policies: &Value| -> Vec<String> {
        let (_, notes) = read(&[&policies.to_string()]);
        let all = notes[0].gaps.iter();
        all.map(|gap| format!("{} {}: {}", gap.reason.as_str(), gap.target, gap.facet))
            .collect()
    };
    let broken = |spec: Value| {
        let policies = listed(&[("shop", "p", spec)]);
        let said = noted(&policies);
        (asks(&[web(json!({})), policies]).1, said)
    };
    let egress = |rule: Value| json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]});
    for (spec, facet) in [
        (
            egress(json!({"to": [{"ipBlock": {"cidr": "10.0.0.1"}}]})),
            "egress[0] cidr `10.0.0.1`",
        ),
        (
            egress(json!({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254"]}}]})),
            "egress[0] except `169.254.169.254`",
        ),
        (egress(json!({"to": [{}]})), "egress[0] a peer that says nothing"),
        (
            egress(json!({"to": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]})),
            "egress[0] a peer that is both addresses and pods",
        ),
        (
            egress(json!({"ports": [{"port": 90, "endPort": 80}]})),
            "egress[0] port `90`",
        ),
        (
            egress(json!({"ports": [{"port": true}]})),
            "egress[0] port `true`",
        ),
        (egress(json!({"ports": [{"protocol": "ICMP"}]})), "egress[0] port"),
        (
            json!({"podSelector": {}, "policyTypes": ["Outward"]}),
            "policyTypes `Outward`",
        ),
        (
            json!({"podSelector": {"matchExpressions": [{"key": "app", "operator": "Like", "values": ["w*"]}]}, "policyTypes": ["Egress"]}),
            "podSelector operator `Like` of `app`",
        ),
    ] {
        let (condition, said) = broken(spec.clone());
        assert_eq!(condition, OPEN, "{spec}");
        assert_eq!(
            said,
            [format!("malformed NetworkPolicy shop/p: {facet}")],
            "{spec}"
        );
    }
    assert_eq!(
        broken(egress(json!({"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}))),
        (shut_by("shop/p"), Vec::new())
    );
    // Not of its form at all: it is no policy, and a gap.
    let said = noted(&listed(&[("shop", "p", json!({"podSelector": ["app"]}))]));
    assert_eq!(said, ["malformed NetworkPolicy shop/p: the object"]);
}

#[test]
fn policies_of_the_plugin_are_one_gap_a_cluster() {
    let other = |version: &str, kind: &str, name: &str| json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop", "uid": name}, "spec": {}});
    let all = [
        listed(&[]),
        other("cilium.io/v2", "CiliumNetworkPolicy", "a"),
        other("cilium.io/v2", "CiliumNetworkPolicy", "b"),
        other("projectcalico.org/v3", "GlobalNetworkPolicy", "c"),
        other("projectcalico.org/v3", "NetworkPolicy", "d"),
    ];
    let of = |objects: &[Value]| -> Vec<String> {
        gaps(&world(objects))
            .into_iter()
            .filter(|gap| gap.starts_with("unsupported"))
            .collect()
    };
    assert_eq!(
        of(&all),
        [
            "unsupported policies of the network plugin: objects of kind CiliumNetworkPolicy, GlobalNetworkPolicy, NetworkPolicy.projectcalico.org | what they keep pods from or let in, beside NetworkPolicies: they are not evaluated"
        ]
    );
    assert_eq!(of(&all[..1]), Vec::<String>::new());
    // Calico's own policy is none of the platform's.
    assert_eq!(
        asks(&[
            web(json!({})),
            all[0].clone(),
            other("projectcalico.org/v3", "NetworkPolicy", "d")
        ])
        .1,
        OPEN
    );
}

/// Who comes in where, and under which condition.
fn entries(objects: &[Value]) -> Vec<String> {
    entered(&world(objects))
}

pub(super) fn entered(mapped: &Mapped) -> Vec<String> {
    let estate = &mapped.estate;
    estate
        .entries
        .iter()
        .map(|one| match estate.condition(one.condition) {
            "" => format!("{} {}", estate.show(one.node), one.why),
            condition => format!("{} {}, if {condition}", estate.show(one.node), one.why),
        })
        .collect()
}

fn service(spec: Value) -> Value {
    let mut whole = json!({"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]});
    for (key, value) in spec.as_object().unwrap() {
        whole[key] = value.clone();
    }
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop", "uid": "s"}, "spec": whole})
}

const NODES: &str = "somebody outside reaches the addresses of its nodes";

#[test]
fn what_leads_to_a_pod_by_way_of_nodes_is_an_entry_under_a_condition() {
    let of = |spec: Value| entries(&[web(json!({})), service(spec), listed(&[])]);
    let by_node = format!("pod shop/web a port of every node for service shop/web, if {NODES}");
    assert_eq!(of(json!({"type": "ClusterIP"})), Vec::<String>::new());
    assert_eq!(of(json!({"type": "NodePort"})), std::slice::from_ref(&by_node));
    assert_eq!(
        of(json!({"type": "NodePort", "selector": {"app": "api"}})),
        Vec::<String>::new()
    );
    assert_eq!(
        of(json!({"type": "NodePort", "selector": null})),
        Vec::<String>::new()
    );
    assert_eq!(
        of(json!({"type": "ClusterIP", "externalIPs": ["203.0.113.9"]})),
        [
            "pod shop/web external IPs of service shop/web, if somebody outside reaches the Service's external IPs, and they lead to a node"
        ]
    );
    // A load balancer that faces the internet needs no condition, and what does is no news beside it.
    let facing = "pod shop/web internet-facing service shop/web";
    let with_node_port = json!([{"port": 80, "targetPort": 8080, "nodePort": 30080}]);
    assert_eq!(of(json!({"type": "LoadBalancer"})), [facing]);
    assert_eq!(
        of(json!({"type": "LoadBalancer", "ports": with_node_port, "externalIPs": ["203.0.113.9"]})),
        [facing]
    );
    // One that does not has a port of every node all the same, where it was given one.
    let narrow = json!(["10.0.0.0/8"]);
    assert_eq!(
        of(json!({"type": "LoadBalancer", "loadBalancerSourceRanges": narrow})),
        Vec::<String>::new()
    );
    assert_eq!(
        of(json!({"type": "LoadBalancer", "loadBalancerSourceRanges": narrow, "ports": with_node_port})),
        [by_node]
    );
    // No container calls a port so.
    assert_eq!(
        of(json!({"type": "NodePort", "ports": [{"port": 80, "targetPort": "admin"}]})),
        Vec::<String>::new()
    );
}

#[test]
fn ports_of_the_node_are_entries_under_a_condition() {
    let of = |host: bool, port: Value| {
        entries(&[
            web(json!({"hostNetwork": host, "containers": [{"name": "c", "ports": [port]}]})),
            listed(&[]),
        ])
    };
    let open = [format!("pod shop/web ports of its node, if {NODES}")];
    assert_eq!(of(false, json!({"containerPort": 8080, "hostPort": 80})), open);
    assert_eq!(of(true, json!({"containerPort": 8080})), open);
    assert_eq!(of(false, json!({"containerPort": 8080})), Vec::<String>::new());
    assert_eq!(
        of(
            false,
            json!({"containerPort": 8080, "hostPort": 80, "hostIP": "127.0.0.1"})
        ),
        Vec::<String>::new()
    );
    assert_eq!(
        of(true, json!({"containerPort": 8080, "hostIP": "::1"})),
        Vec::<String>::new()
    );
}

#[test]
fn a_policy_that_shuts_an_entry_is_named() {
    let of = |policies: &[(&str, &str, Value)]| {
        entries(&[
            web(json!({})),
            service(json!({"type": "LoadBalancer"})),
            listed(policies),
        ])
    };
    let one = |spec: Value| of(&[("shop", "p", spec)]).remove(0);
    let open = "pod shop/web internet-facing service shop/web";
    let shut =
        format!("{open}, if NetworkPolicy shop/p, which lets no such traffic in, is not enforced there");
    let from = |peers: Value, ports: Value| json!({"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{"from": peers, "ports": ports}]});
    assert_eq!(one(json!({"podSelector": {}})), shut);
    assert_eq!(one(from(json!([{"namespaceSelector": {}}]), json!([]))), shut);
    assert_eq!(
        one(from(json!([]), json!([{"port": 80}]))),
        shut,
        "the port is the pod's, and not the Service's"
    );
    assert_eq!(one(from(json!([]), json!([{"port": 8080}]))), open);
    assert_eq!(one(from(json!([]), json!([{"port": "http"}]))), open);
    assert_eq!(
        one(from(json!([{"ipBlock": {"cidr": "0.0.0.0/0"}}]), json!([]))),
        open
    );
    assert_eq!(
        one(from(json!([{"ipBlock": {"cidr": "198.51.100.0/24"}}]), json!([]))),
        format!("{open}, if it comes from whom NetworkPolicy shop/p lets in")
    );
    assert_eq!(one(json!({"podSelector": {}, "policyTypes": ["Egress"]})), open);
    assert_eq!(of(&[("bank", "p", json!({"podSelector": {}}))]), [open]);
    // Pods on their node's network are outside of it.
    let host = web(json!({"hostNetwork": true}));
    let found = entries(&[
        host,
        service(json!({"type": "LoadBalancer"})),
        listed(&[("shop", "p", json!({"podSelector": {}}))]),
    ]);
    assert_eq!(found, [open]);
    // By way of a node and against a policy: both.
    let found = entries(&[
        web(json!({})),
        service(json!({"type": "NodePort"})),
        listed(&[("shop", "p", json!({"podSelector": {}}))]),
    ]);
    assert_eq!(
        found,
        [format!(
            "pod shop/web a port of every node for service shop/web, if {NODES} and NetworkPolicy shop/p, which lets no such traffic in, is not enforced there"
        )]
    );
}

#[test]
fn an_ingress_comes_by_its_controller_to_the_ports_that_it_names() {
    let ingress = |port: Value| {
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "site", "namespace": "shop", "uid": "i"},
            "spec": {"defaultBackend": {"service": {"name": "web", "port": port}}}})
    };
    let ports = json!([{"name": "front", "port": 80, "targetPort": "http"}, {"name": "back", "port": 81, "targetPort": 9090}]);
    let of = |port: Value, spec: Value| {
        entries(&[
            web(json!({})),
            service(json!({"ports": ports})),
            ingress(port),
            listed(&[("shop", "p", spec)]),
        ])
        .remove(0)
    };
    let open = "pod shop/web internet-facing ingress shop/site";
    let some = format!("{open}, if it comes from whom NetworkPolicy shop/p lets in");
    let shut =
        format!("{open}, if NetworkPolicy shop/p, which lets no such traffic in, is not enforced there");
    let only_http = json!({"podSelector": {}, "ingress": [{"ports": [{"port": 8080}]}]});
    assert_eq!(of(json!({"number": 80}), only_http.clone()), open);
    assert_eq!(of(json!({"name": "front"}), only_http.clone()), open);
    assert_eq!(of(json!({"number": 81}), only_http), shut);
    // The controller may be pods.
    let controller = json!({"podSelector": {}, "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}]}]});
    assert_eq!(of(json!({"number": 80}), controller), some);
    assert_eq!(of(json!({"number": 80}), json!({"podSelector": {}})), shut);
}
