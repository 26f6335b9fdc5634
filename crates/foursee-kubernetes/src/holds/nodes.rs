//! Hops to and from nodes.

use super::{asker, no, when};
use crate::authorize::{Asker, Attributes, decide};
use crate::escape;
use crate::facts::Facts;
use crate::lower::{keeps_keys, kubelet_name, mounted, way};
use crate::techniques::*;
use crate::workloads::Group;
use foursee_core::layer::{Holds, Who};
use foursee_core::model::Technique;

/// The techniques whose hops are these.
pub(super) const NODES: &[&Technique] = &[
    &ESCAPE,
    &HOST_KUBELET,
    &HOST_TOKENS,
    &LOG_SYMLINK,
    &NODE_RUNS,
    &NODE_HOLDS,
    &HELD_TOKEN,
    &HELD_SECRET,
    &KUBELET,
    &NODE_READS,
    &NODE_TOKEN,
    &CONTROL_PLANE,
];

/// Whether such a hop holds.
pub(super) fn holds(facts: &Facts, id: &str, from: Who<'_>, to: Who<'_>) -> Holds {
    let pod = |name: &str| facts.groups.named(name);
    let missing = || no("there is no such workload");
    match id {
        id if id == NODE_RUNS.id || id == NODE_HOLDS.id => when(
            pod(to.name).is_some_and(|group| group.nodes.iter().any(|one| **one == *from.name)),
            "the node does not run it",
        ),
        id if id == HELD_TOKEN.id => match pod(from.name) {
            Some(group) => when(
                group.account(facts) == to.name && group.rows(facts).any(|one| facts.token_mounted(one)),
                "the account's token is not mounted",
            ),
            None => missing(),
        },
        id if id == HELD_SECRET.id => match pod(from.name) {
            Some(group) => when(
                mounted(facts, group)
                    .keys()
                    .any(|name| format!("{}/{name}", group.namespace) == to.name),
                "that Secret is not mounted",
            ),
            None => missing(),
        },
        id if id == KUBELET.id => when(to.name == kubelet_name(from.name), "another node's credential"),
        id if id == NODE_READS.id => when(
            facts.index.chain.node && from.name == kubelet_name(to.name),
            "another node's credential, or there is no Node authorizer",
        ),
        id if id == NODE_TOKEN.id => {
            let asked = Attributes::Resource {
                verb: "create",
                group: "",
                resource: "serviceaccounts",
                subresource: "token",
                name: to.name.split_once('/').map_or("", |one| one.1),
                namespace: to.name.split_once('/').map_or("", |one| one.0),
            };
            when(
                allowed(facts, from, &asked),
                "no pod of that account runs on the node",
            )
        }
        id if id == CONTROL_PLANE.id => match keeps_keys(facts, from.name) {
            Ok(None) => Holds::Yes,
            Ok(Some(condition)) => Holds::If(condition.to_owned()),
            Err(()) => no("nothing says that it is a node of the control plane"),
        },
        _ => match pod(from.name) {
            Some(group) => out_of(facts, id, group, to),
            None => missing(),
        },
    }
}

/// A hop out of a pod.
fn out_of(facts: &Facts, id: &str, group: &Group, to: Who<'_>) -> Holds {
    let found = escape::ways(facts, group)
        .iter()
        .filter_map(|power| way(facts, group, power))
        .find(|(technique, ..)| technique.id == id);
    let Some((_, kind, condition)) = found else {
        return no("no setting of its pods leads there");
    };
    let there = group.nodes.is_empty()
        || group.nodes.iter().any(|node| {
            if kind.name == USER.name {
                kubelet_name(node) == to.name
            } else {
                **node == *to.name
            }
        });
    if kind.name != to.kind || !there {
        no("it does not run on that node")
    } else if condition.is_empty() {
        Holds::Yes
    } else {
        Holds::If(condition)
    }
}

/// Whether a node's user reads a Secret.
pub(super) fn reads_secret(facts: &Facts, from: Who<'_>, to: Who<'_>) -> Holds {
    let (namespace, name) = to.name.split_once('/').unwrap_or(("", to.name));
    let asked = Attributes::Resource {
        verb: "get",
        group: "",
        resource: "secrets",
        subresource: "",
        name,
        namespace,
    };
    when(
        allowed(facts, from, &asked),
        "no pod of that node refers to the Secret",
    )
}

fn allowed(facts: &Facts, who: Who<'_>, asked: &Attributes<'_>) -> bool {
    let (user, mut groups) = asker(facts, who);
    // A certificate of a node's name carries the group, whether the node was listed or not.
    if who.name.starts_with(&kubelet_name("")) && !groups.iter().any(|one| one == "system:nodes") {
        groups.push("system:nodes".to_owned());
    }
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    decide(
        facts,
        Asker {
            user: &user,
            groups: &groups,
            principal: "",
        },
        asked,
    )
    .allowed()
}
