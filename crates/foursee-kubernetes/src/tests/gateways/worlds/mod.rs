//! Random worlds, against a slow reading of the same JSON.

mod random;
mod slow;

use crate::facts::Port;
use crate::gateway::led;
use crate::tests::{Dice, read};
use random::random;
use serde_json::{Value, json};
use slow::slow;
use std::collections::{BTreeMap, BTreeSet};

const API: &str = "gateway.networking.k8s.io";

/// By Gateway, route and Service: whether it is sure, and the ports (none is all).
type Ways = BTreeMap<String, (bool, Option<BTreeSet<u64>>)>;

fn fast(objects: &[Value]) -> Ways {
    let (facts, _) = read(&[&json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()]);
    led(&facts)
        .into_iter()
        .map(|one| {
            let (namespace, name) = one.service;
            let (gateway, route) = (one.gateway.meta.full_name(), one.route.meta.full_name());
            let ports = one.ports.map(|all| {
                let number = |port: &&Port| match port {
                    Port::Number(number) => u64::from(*number),
                    Port::Name(_) => 0,
                };
                all.iter().map(number).collect()
            });
            (
                format!("{gateway} {} {route} {namespace}/{name}", one.route.kind),
                (one.conditions.is_empty(), ports),
            )
        })
        .collect()
}

#[test]
fn a_slow_reading_says_the_same() {
    let (mut sure, mut doubtful, mut without) = (0, 0, 0);
    for seed in 0..1500 {
        let mut dice = Dice(seed);
        dice.roll(2);
        let (objects, listed) = random(&mut dice);
        let mut all = objects.clone();
        for kind in &listed {
            all.push(json!({"apiVersion": format!("{API}/v1"), "kind": kind, "metadata": {"name": "unused", "namespace": "z", "uid": "unused"},
                "status": {"conditions": []}}));
        }
        let (ours, wanted) = (fast(&all), slow(&objects, &listed));
        assert_eq!(ours, wanted, "seed {seed}: {listed:?} {}", json!(objects));
        without += usize::from(ours.is_empty());
        for (is, _) in ours.values() {
            if *is { sure += 1 } else { doubtful += 1 }
        }
    }
    assert!(
        sure > 150 && doubtful > 300 && without > 500,
        "{sure} sure, {doubtful} doubtful, {without} worlds without"
    );
}
