//! The wrong foothold keeps a way shut.

use super::kubehound::{pod, rows, with_token};
use super::lowering::open;
use foursee_core::graph::Position;
use foursee_core::model::{Certainty, Foothold};

const ALL: [Foothold; 5] = [
    Foothold::Acts,
    Foothold::Holds,
    Foothold::Runs,
    Foothold::Spawns,
    Foothold::Queries,
];

/// Of every way in KubeHound's table: who is at its start with a foothold that it does not need gets nothing by it.
#[test]
fn each_technique_needs_its_own() {
    let mut shut = 0;
    for row in rows() {
        for (world, line) in &row.opens {
            let (_, mapped) = open(world);
            let estate = &mapped.estate;
            let edge = estate
                .edges
                .iter()
                .find(|edge| {
                    let technique = estate.technique(edge.technique).map_or("", |row| &row.id);
                    line.starts_with(&format!(
                        "{} -{technique}-> {}",
                        estate.show(edge.from),
                        estate.show(edge.to)
                    ))
                })
                .unwrap();
            let technique = estate.technique(edge.technique).unwrap();
            if technique.id.starts_with("core-") {
                continue;
            }
            for wrong in ALL.into_iter().filter(|one| !one.includes().has(technique.needs)) {
                // The same statement may stand on another foothold's edge too.
                let others = estate.edges.iter().any(|other| {
                    other.from == edge.from
                        && other.technique != edge.technique
                        && estate
                            .technique(other.technique)
                            .is_some_and(|row| wrong.includes().has(row.needs))
                });
                if others {
                    continue;
                }
                let start = Position {
                    node: edge.from,
                    foothold: wrong,
                };
                let reach = mapped.graph.reach(estate, &[start], Certainty::Unknown);
                assert!(
                    edge.from == edge.to || !reach.of(edge.to).has(technique.gives),
                    "{}: {} opens `{line}`",
                    row.id,
                    wrong.as_str()
                );
                shut += 1;
            }
        }
    }
    assert!(shut > 100, "{shut}");
}

/// Impersonating an account, or holding its token, does not enter its pods; a pod without a token does not act as its
/// account; what is read from a node's files runs nothing there.
#[test]
fn an_identity_is_not_its_pods() {
    let reaches = |world: &str, from: (&str, &str, Foothold), to: (&str, &str, Foothold)| {
        let (_, mapped) = open(world);
        let estate = &mapped.estate;
        let scope = estate.node(estate.ids().next().unwrap()).unwrap().scope;
        let find = |kind: &str, name: &str| estate.find(scope, "kubernetes", kind, name).unwrap();
        let start = Position {
            node: find(from.0, from.1),
            foothold: from.2,
        };
        let reach = mapped.graph.reach(estate, &[start], Certainty::Unknown);
        reach.of(find(to.0, to.1)).has(to.2)
    };
    let account = ("serviceaccount", "shop/web");
    let token = with_token("", true);
    for foothold in [Foothold::Acts, Foothold::Holds] {
        assert!(!reaches(
            &token,
            (account.0, account.1, foothold),
            ("pod", "shop/p", Foothold::Runs)
        ));
    }
    let acts = (account.0, account.1, Foothold::Acts);
    assert!(reaches(&token, ("pod", "shop/p", Foothold::Runs), acts));
    assert!(!reaches(&pod("", ""), ("pod", "shop/p", Foothold::Runs), acts));
    // Node n1: code there, its files in hand, its kubelet's name.
    assert!(reaches(
        &token,
        ("node", "n1", Foothold::Runs),
        ("pod", "shop/p", Foothold::Runs)
    ));
    assert!(!reaches(
        &token,
        ("node", "n1", Foothold::Holds),
        ("pod", "shop/p", Foothold::Runs)
    ));
    assert!(reaches(&token, ("node", "n1", Foothold::Holds), acts));
    let kubelet = ("user", "system:node:n1", Foothold::Acts);
    assert!(reaches(&token, kubelet, acts));
    assert!(!reaches(&token, kubelet, ("node", "n1", Foothold::Runs)));
    // A pod that mounts no token: its node's kubelet may ask for one, its files hold none.
    assert!(reaches(&pod("", ""), kubelet, acts));
    assert!(!reaches(&pod("", ""), ("node", "n1", Foothold::Holds), acts));
}

/// Cost stays linear: as many more pods, nodes and roles make as many more edges, and no product of them.
#[test]
fn many_pods_and_many_roles_are_no_product() {
    let world = |size: usize| {
        let mut text = String::new();
        for number in 0..size {
            text += &format!(
                "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}, namespace: ns{}, uid: u{number}}}\nspec: {{nodeName: n{}, hostPID: true, serviceAccountName: a{number}, volumes: [{{name: v, hostPath: {{path: /var/lib/kubelet/pods}}}}, {{name: s, secret: {{secretName: s{number}}}}}, {{name: t, projected: {{sources: [{{serviceAccountToken: {{path: t}}}}]}}}}], containers: [{{name: c, image: i, volumeMounts: [{{name: v, mountPath: /m}}, {{name: t, mountPath: /t}}], env: [{{name: P, valueFrom: {{secretKeyRef: {{name: e{number}, key: p}}}}}}]}}]}}\n",
                number % 10,
                number % 20
            );
            // Every other role is bound to the whole cluster, and some give everything.
            let namespace = if number % 2 == 0 {
                String::new()
            } else {
                format!("ns{}", number % 10)
            };
            let rules = match number % 4 {
                0 => "{verbs: ['*'], apiGroups: ['*'], resources: ['*']}",
                1 => "{verbs: ['*'], apiGroups: [''], resources: ['*']}",
                2 => "{verbs: [create, patch], apiGroups: ['', apps, batch], resources: ['*']}",
                _ => {
                    "{verbs: [create], apiGroups: [''], resources: [pods, pods/exec, secrets, serviceaccounts/token]}"
                }
            };
            text += &super::lowering::role(
                &format!("r{number}"),
                rules,
                &namespace,
                &format!(
                    "{{kind: ServiceAccount, name: a{number}, namespace: ns{}}}",
                    number % 10
                ),
            );
        }
        let (_, mapped) = open(&text);
        mapped.estate.edges.len()
    };
    let (small, large) = (world(100), world(400));
    assert!(small > 1_000, "{small}");
    assert!(
        large < small * 4 + small / 10,
        "{small} edges of 100, {large} of 400"
    );
}
