//! The decisions against a slow reading of the same JSON, and the examples of the API's documentation.

use super::*;
use crate::facts::Protocol;
use crate::tests::{Dice, read};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::net::IpAddr;

fn facts(policies: &[Value], pods: &[Value]) -> Facts {
    let mut items: Vec<Value> = Vec::new();
    for (at, spec) in policies.iter().enumerate() {
        let namespace = spec.get("within").and_then(Value::as_str).unwrap_or("default");
        items.push(json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": format!("p{at}"), "namespace": namespace, "uid": format!("p{at}")}, "spec": spec}));
    }
    items.extend(pods.iter().cloned());
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    read(&[&list.to_string()]).0
}

fn pod(name: &str, labels: Value, host: bool) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "uid": name, "labels": labels},
        "spec": {"hostNetwork": host, "containers": [{"name": "c", "ports": [
            {"name": "http", "containerPort": 8080}, {"name": "dns", "containerPort": 53, "protocol": "UDP"}]}]}})
}

fn sent(facts: &Facts, to: &str, at: (Protocol, u16)) -> bool {
    sends(facts, &facts.workloads[0], to.parse().unwrap(), at) == Verdict::Open
}

/// Whether an address outside is let in.
fn taken(facts: &Facts, from: &str, at: (Protocol, u16)) -> bool {
    let from: IpAddr = from.parse().unwrap();
    let all = admits(facts, &facts.workloads[0], Some(at));
    let of_block = |(cidr, except): &(crate::facts::Block, &[crate::facts::Block])| {
        cidr.holds(from) && !except.iter().any(|one| one.holds(from))
    };
    all.anyone || all.blocks.iter().any(of_block)
}

const TCP: Protocol = Protocol::Tcp;

#[test]
fn the_examples_of_the_documentation() {
    let db = [pod("db", json!({"role": "db"}), false)];
    let of = |spec: Value| facts(&[spec], &db);
    let (anywhere, web) = ("203.0.113.9", (TCP, 80));

    let one = of(json!({"podSelector": {}, "policyTypes": ["Ingress"]}));
    assert!(!taken(&one, anywhere, web) && sent(&one, anywhere, web));
    let one = of(json!({"podSelector": {}, "ingress": [{}], "policyTypes": ["Ingress"]}));
    assert!(taken(&one, anywhere, web) && sent(&one, anywhere, web));
    let one = of(json!({"podSelector": {}, "policyTypes": ["Egress"]}));
    assert!(taken(&one, anywhere, web) && !sent(&one, anywhere, web));
    let one = of(json!({"podSelector": {}, "egress": [{}], "policyTypes": ["Egress"]}));
    assert!(taken(&one, anywhere, web) && sent(&one, anywhere, web));
    let one = of(json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}));
    assert!(!taken(&one, anywhere, web) && !sent(&one, anywhere, web));

    // test-network-policy
    let one = of(
        json!({"podSelector": {"matchLabels": {"role": "db"}}, "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [{"ipBlock": {"cidr": "172.17.0.0/16", "except": ["172.17.1.0/24"]}},
            {"namespaceSelector": {"matchLabels": {"project": "myproject"}}},
            {"podSelector": {"matchLabels": {"role": "frontend"}}}], "ports": [{"protocol": "TCP", "port": 6379}]}],
        "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/24"}}], "ports": [{"protocol": "TCP", "port": 5978}]}]}),
    );
    for (from, port, let_in) in [
        ("172.17.0.9", 6379, true),
        ("172.17.2.255", 6379, true),
        ("172.17.1.9", 6379, false),
        ("172.18.0.1", 6379, false),
        ("172.17.0.9", 6380, false),
    ] {
        assert_eq!(taken(&one, from, (TCP, port)), let_in, "{from} {port}");
    }
    assert!(!taken(&one, "172.17.0.9", (Protocol::Udp, 6379)));
    assert!(admits(&one, &one.workloads[0], Some((TCP, 6379))).pods);
    assert!(sent(&one, "10.0.0.7", (TCP, 5978)));
    assert!(!sent(&one, "10.0.0.7", (TCP, 5979)) && !sent(&one, "10.0.1.7", (TCP, 5978)));

    // multi-port-egress
    let one = of(
        json!({"podSelector": {"matchLabels": {"role": "db"}}, "policyTypes": ["Egress"],
        "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/24"}}], "ports": [{"protocol": "TCP", "port": 32000, "endPort": 32768}]}]}),
    );
    for (port, open) in [(31999, false), (32000, true), (32768, true), (32769, false)] {
        assert_eq!(sent(&one, "10.0.0.7", (TCP, port)), open, "{port}");
    }
}

#[test]
fn what_a_policy_is_about_by_what_it_does_not_say() {
    let db = [pod("db", json!({"role": "db"}), false)];
    let both = |spec: Value| {
        let one = facts(&[spec], &db);
        (
            taken(&one, "203.0.113.9", (TCP, 80)),
            sent(&one, "203.0.113.9", (TCP, 80)),
        )
    };
    // Egress is meant where there are rules of it, or where it is said.
    assert_eq!(both(json!({"podSelector": {}})), (false, true));
    assert_eq!(both(json!({})), (false, true));
    assert_eq!(both(json!({"podSelector": {}, "egress": []})), (false, true));
    assert_eq!(
        both(json!({"podSelector": {}, "egress": [{"ports": [{"port": 53}]}]})),
        (false, false)
    );
    assert_eq!(
        both(json!({"podSelector": {}, "egress": [{"to": null, "ports": null}]})),
        (false, true)
    );
    assert_eq!(
        both(json!({"podSelector": {}, "ingress": [{"from": []}], "egress": null})),
        (true, true)
    );
    // Not its pods, not its namespace.
    assert_eq!(
        both(json!({"podSelector": {"matchLabels": {"role": "web"}}})),
        (true, true)
    );
    assert_eq!(both(json!({"within": "other", "podSelector": {}})), (true, true));
    for (expression, is_for) in [
        (
            json!({"key": "role", "operator": "In", "values": ["web", "db"]}),
            true,
        ),
        (
            json!({"key": "role", "operator": "NotIn", "values": ["db"]}),
            false,
        ),
        (
            json!({"key": "tier", "operator": "NotIn", "values": ["db"]}),
            true,
        ),
        (json!({"key": "role", "operator": "Exists"}), true),
        (json!({"key": "role", "operator": "DoesNotExist"}), false),
        (
            json!({"key": "tier", "operator": "DoesNotExist", "values": []}),
            true,
        ),
        // What the server would refuse shuts nothing.
        (json!({"key": "role", "operator": "Is", "values": ["db"]}), false),
        (
            json!({"key": "role", "operator": "Exists", "values": ["db"]}),
            false,
        ),
        (json!({"key": "role", "operator": "NotIn"}), false),
    ] {
        let (open, _) = both(json!({"podSelector": {"matchExpressions": [expression]}}));
        assert_eq!(open, !is_for, "{expression}");
    }
    let host = [pod("db", json!({"role": "db"}), true)];
    let one = facts(
        &[json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})],
        &host,
    );
    assert!(taken(&one, "203.0.113.9", (TCP, 80)) && sent(&one, "203.0.113.9", (TCP, 80)));
}

#[test]
fn names_of_ports_are_those_of_the_pod_that_is_talked_to() {
    let db = [pod("db", json!({}), false)];
    let named = json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"port": "http"}]}], "egress": [{"ports": [{"port": "http"}]}]});
    let one = facts(&[named], &db);
    assert!(taken(&one, "203.0.113.9", (TCP, 8080)));
    assert!(!taken(&one, "203.0.113.9", (TCP, 80)) && !taken(&one, "203.0.113.9", (Protocol::Udp, 8080)));
    assert!(!sent(&one, "203.0.113.9", (TCP, 8080)));
}

/// The same question, read off the JSON; `doubt` says how something that cannot be read is to be taken.
fn slow(
    policies: &[Value],
    pod: &Value,
    egress: bool,
    (address, protocol, port): (&str, &str, u64),
    doubt: &dyn Fn(String) -> bool,
) -> bool {
    if pod["spec"]["hostNetwork"] == json!(true) {
        return true;
    }
    let none = Vec::new();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (mut chosen, mut open) = (false, false);
    for (at, spec) in policies.iter().enumerate() {
        if spec["within"].as_str().unwrap_or("default") != pod["metadata"]["namespace"].as_str().unwrap() {
            continue;
        }
        let mut types: Vec<String> = list(&spec["policyTypes"])
            .iter()
            .map(|one| one.as_str().unwrap().to_owned())
            .collect();
        if types.is_empty() {
            types.push("Ingress".to_owned());
            if !list(&spec["egress"]).is_empty() {
                types.push("Egress".to_owned());
            }
        }
        let direction = if egress { "Egress" } else { "Ingress" };
        if !types.iter().any(|one| one == direction) {
            continue;
        }
        let labels = &pod["metadata"]["labels"];
        let mut selected = true;
        for (key, wanted) in spec["podSelector"]["matchLabels"]
            .as_object()
            .into_iter()
            .flatten()
        {
            selected &= labels[key] == *wanted;
        }
        for (number, one) in list(&spec["podSelector"]["matchExpressions"]).iter().enumerate() {
            let label = labels.get(one["key"].as_str().unwrap());
            let values = one["values"].as_array().unwrap_or(&none);
            let among = label.is_some_and(|label| values.contains(label));
            selected &= match (one["operator"].as_str().unwrap(), values.len()) {
                ("In", 1..) => among,
                ("NotIn", 1..) => !among,
                ("Exists", 0) => label.is_some(),
                ("DoesNotExist", 0) => label.is_none(),
                _ => doubt(format!("{at} selector {number}")),
            };
        }
        if !selected {
            continue;
        }
        chosen = true;
        let (rules, side) = if egress {
            ("egress", "to")
        } else {
            ("ingress", "from")
        };
        for (number, rule) in list(&spec[rules]).iter().enumerate() {
            let peers = list(&rule[side]);
            let by_peer = peers.is_empty()
                || peers.iter().enumerate().any(|(which, peer)| {
                    let pods = peer.get("podSelector").is_some() || peer.get("namespaceSelector").is_some();
                    match (peer.get("ipBlock"), pods) {
                        (Some(block), false) => match bits_of(block["cidr"].as_str().unwrap()) {
                            Some(range) => {
                                let own = bits_of(&format!("{address}/")).unwrap();
                                let within = |range: &str| own.starts_with(range);
                                let left_out = list(&block["except"]).iter().any(|one| {
                                    match bits_of(one.as_str().unwrap()) {
                                        Some(range) => within(&range),
                                        None => !doubt(format!("{at} {number} {which} except")),
                                    }
                                });
                                within(&range) && !left_out
                            }
                            None => doubt(format!("{at} {number} {which} cidr")),
                        },
                        (None, true) => false,
                        _ => doubt(format!("{at} {number} {which} peer")),
                    }
                });
            let ports = list(&rule["ports"]);
            let by_port = ports.is_empty()
                || ports.iter().enumerate().any(|(which, one)| {
                    let spoken = one["protocol"].as_str().unwrap_or("TCP");
                    let same = spoken == protocol;
                    match (&one["port"], one["endPort"].as_u64()) {
                        (Value::Null, None) => same,
                        (Value::Number(from), end) => {
                            let from = from.as_u64().unwrap();
                            let end = end.unwrap_or(from);
                            if from > 65535 || end < from {
                                return doubt(format!("{at} {number} {which} port"));
                            }
                            same && from <= port && port <= end
                        }
                        (Value::String(name), None) => {
                            let declared = list(&pod["spec"]["containers"][0]["ports"]);
                            same && !egress
                                && declared.iter().any(|one| {
                                    one["name"] == json!(name)
                                        && one["protocol"].as_str().unwrap_or("TCP") == protocol
                                        && one["containerPort"] == json!(port)
                                })
                        }
                        _ => doubt(format!("{at} {number} {which} port")),
                    }
                });
            open |= by_peer && by_port;
        }
    }
    !chosen || open
}

/// The bits that addresses of a range share, behind their family; of `ADDRESS/` all of them.
fn bits_of(range: &str) -> Option<String> {
    let (address, shared) = range.split_once('/')?;
    let all = match address.parse().ok()? {
        IpAddr::V4(one) => format!("4{:032b}", one.to_bits()),
        IpAddr::V6(one) => format!("6{:0128b}", one.to_bits()),
    };
    if shared.is_empty() {
        return Some(all);
    }
    let shared: usize = shared.parse().ok()?;
    all.get(..=shared).map(str::to_owned)
}

/// Whether some reading of what cannot be read lets it through.
fn in_doubt(ask: impl Fn(&dyn Fn(String) -> bool) -> bool) -> bool {
    let names: RefCell<Vec<String>> = RefCell::new(Vec::new());
    let mut mask: u32 = 0;
    loop {
        let open = ask(&|name| {
            let mut names = names.borrow_mut();
            let at = names.iter().position(|one| *one == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            mask >> at & 1 == 1
        });
        if open {
            return true;
        }
        mask += 1;
        if mask >> names.borrow().len() != 0 {
            return false;
        }
    }
}

fn random_selector(dice: &mut Dice) -> Value {
    let labels = match dice.roll(3) {
        0 => json!({"app": dice.pick(&["web", "api"])}),
        _ => json!({}),
    };
    let expressions: Vec<Value> = (0..dice.roll(3) / 2)
        .map(|_| {
            let operator = dice.pick(&["In", "NotIn", "Exists", "DoesNotExist", "NotIn", "Is"]);
            let values = match operator {
                "In" | "NotIn" => json!(["web", "a"][..1 + dice.roll(2)]),
                _ => json!([]),
            };
            json!({"key": dice.pick(&["app", "tier"]), "operator": operator, "values": values})
        })
        .collect();
    json!({"matchLabels": labels, "matchExpressions": expressions})
}

fn random_peer(dice: &mut Dice) -> Value {
    let ranges = [
        "0.0.0.0/0",
        "169.254.0.0/16",
        "169.254.169.254/32",
        "10.0.0.0/8",
        "128.0.0.0/1",
        "::/0",
        "fd00::/8",
        "169.254.169.254",
    ];
    match dice.roll(8) {
        0 => json!({"podSelector": random_selector(dice)}),
        1 => json!({"namespaceSelector": {}}),
        2 if dice.roll(3) == 0 => json!({}),
        3 if dice.roll(3) == 0 => json!({"podSelector": {}, "ipBlock": {"cidr": "0.0.0.0/0"}}),
        _ => {
            json!({"ipBlock": {"cidr": dice.pick(&ranges), "except": dice.some(&["169.254.169.254/32", "10.1.0.0/16", "fd00:ec2::254/128", "x"], 1)}})
        }
    }
}

fn random_rule(dice: &mut Dice) -> Value {
    let side: Vec<Value> = (0..dice.roll(3)).map(|_| random_peer(dice)).collect();
    let ports: Vec<Value> = (0..dice.roll(3))
        .map(|_| match dice.roll(7) {
            0 => json!({"protocol": "UDP", "port": 53}),
            1 => json!({"port": 80}),
            2 => json!({"port": 50, "endPort": 90}),
            3 => json!({"port": "http"}),
            4 => json!({"protocol": "UDP"}),
            5 => json!({"port": 90, "endPort": 50}),
            _ => json!({"protocol": "TCP"}),
        })
        .collect();
    json!({"from": side, "to": side, "ports": ports})
}

fn random_policy(dice: &mut Dice) -> Value {
    let mut spec = json!({"within": dice.pick(&["default", "default", "default", "other"]),
        "podSelector": random_selector(dice), "policyTypes": dice.some(&["Ingress", "Egress"], 1)});
    for direction in ["ingress", "egress"] {
        if dice.roll(3) > 0 {
            let rules: Vec<Value> = (0..dice.roll(3)).map(|_| random_rule(dice)).collect();
            spec[direction] = json!(rules);
        }
    }
    spec
}

#[test]
fn a_slow_reading_says_the_same() {
    let (mut open, mut shut) = (0, 0);
    for seed in 0..1500 {
        let mut dice = Dice(seed);
        dice.roll(2);
        let policies: Vec<Value> = (0..dice.roll(4)).map(|_| random_policy(&mut dice)).collect();
        let labels = match dice.roll(3) {
            0 => json!({"app": "web", "tier": "a"}),
            1 => json!({"app": "api"}),
            _ => json!({}),
        };
        let one = pod("one", labels, dice.roll(12) == 0);
        let facts = facts(&policies, std::slice::from_ref(&one));
        for address in [
            "169.254.169.254",
            "169.254.1.1",
            "10.1.2.3",
            "203.0.113.9",
            "fd00:ec2::254",
        ] {
            for (word, protocol, port) in [("TCP", TCP, 80), ("UDP", Protocol::Udp, 53), ("TCP", TCP, 8080)] {
                let asked = (address, word, u64::from(port));
                let slowly = |egress: bool| in_doubt(|doubt| slow(&policies, &one, egress, asked, doubt));
                let wanted = slowly(true);
                assert_eq!(
                    sent(&facts, address, (protocol, port)),
                    wanted,
                    "seed {seed}: egress {asked:?} {policies:#?}"
                );
                // Who is let in as everybody may be of either family.
                if !address.contains(':') {
                    let wanted = slowly(false);
                    assert_eq!(
                        taken(&facts, address, (protocol, port)),
                        wanted,
                        "seed {seed}: ingress {asked:?} {policies:#?}"
                    );
                }
                if wanted { open += 1 } else { shut += 1 }
            }
        }
    }
    assert!(open > 1000 && shut > 1000, "{open} open, {shut} shut");
}

#[test]
fn pods_that_no_policy_tells_apart_are_one_sort() {
    let pods: Vec<Value> = (0..6)
        .map(|at| {
            pod(
                &format!("p{at}"),
                json!({"app": if at == 5 { "api" } else { "web" }, "pod-index": at.to_string()}),
                false,
            )
        })
        .collect();
    let sorts = |key: &str| {
        let selector = json!({"podSelector": {"matchExpressions": [{"key": key, "operator": "Exists"}]}});
        let facts = facts(&[selector], &pods);
        facts.network.sorts(facts.workloads.iter()).len()
    };
    assert_eq!((sorts("app"), sorts("pod-index"), sorts("other")), (2, 6, 1));
}
