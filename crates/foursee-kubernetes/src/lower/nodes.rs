//! Nodes: what leads to them, what they hold of their pods, and what the kubelet's credential may.

use super::pods::given;
use crate::authorize::{Asker, Attributes, decide};
use crate::escape::{self, Leads, Power};
use crate::facts::{Facts, Node, VolumeSource, Workload};
use crate::holds::asker;
use crate::techniques::*;
use crate::workloads::Group;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::layer::Who;
use foursee_core::model::{Kind, Pattern, Technique};
use std::collections::{BTreeMap, BTreeSet};

/// Under which condition a workload that no node runs yet gets to one.
pub(crate) const SCHEDULED_CONDITION: &str = "on the node where it is scheduled";
/// Under which condition a link among the logs is followed.
pub(crate) const LOGS_CONDITION: &str = "an identity that reads logs through the kubelet works with it";
/// Under which condition a node holds the cluster's own keys.
pub(crate) const LABEL_CONDITION: &str = "the control plane's keys are on it, as its label says";

/// By which technique a setting leads where, and under which conditions.
pub(crate) fn way(
    facts: &Facts,
    group: &Group,
    power: &Power,
) -> Option<(&'static Technique, &'static Kind, String)> {
    let (technique, kind) = match power.leads {
        Leads::Nowhere => return None,
        Leads::Node => (&ESCAPE, &NODE),
        Leads::Kubelet => (&HOST_KUBELET, &USER),
        Leads::Tokens => (&HOST_TOKENS, &NODE),
        Leads::Logs => (&LOG_SYMLINK, &USER),
    };
    let logs = (power.leads == Leads::Logs && !reads_logs(facts, group)).then_some(LOGS_CONDITION);
    let node = group.nodes.is_empty().then_some(SCHEDULED_CONDITION);
    let all: Vec<&str> = [node, power.condition, logs].into_iter().flatten().collect();
    Some((technique, kind, all.join("; ")))
}

/// Whether the workload's own account reads the logs of its pods, or of the node.
fn reads_logs(facts: &Facts, group: &Group) -> bool {
    if !group.rows(facts).any(|one| facts.token_mounted(one)) {
        return false;
    }
    let account = group.account(facts);
    let (user, groups) = asker(
        facts,
        Who {
            kind: SERVICEACCOUNT.name,
            name: &account,
        },
    );
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let may = |resource: &str, subresource: &str, name: &str, namespace: &str| {
        decide(
            facts,
            Asker {
                user: &user,
                groups: &groups,
                principal: "",
            },
            &Attributes::Resource {
                verb: "get",
                group: "",
                resource,
                subresource,
                name,
                namespace,
            },
        )
        .allowed()
    };
    may("pods", "log", "", &group.namespace)
        || group
            .rows(facts)
            .any(|one| may("pods", "log", &one.meta.name, &group.namespace))
        || ["log", "proxy"].iter().any(|sub| {
            may("nodes", sub, "", "") || group.nodes.iter().any(|node| may("nodes", sub, node, ""))
        })
}

/// The nodes that run the control plane's own pods.
fn keepers(facts: &Facts) -> BTreeSet<&str> {
    facts
        .workloads
        .iter()
        .filter(|one| one.kind == "Pod" && &*one.meta.namespace == "kube-system")
        .filter(|one| {
            one.meta
                .label("component")
                .is_some_and(|component| matches!(component, "kube-apiserver" | "etcd"))
        })
        .filter_map(|one| one.pod.node.as_deref())
        .collect()
}

fn labelled(node: &Node) -> bool {
    ["control-plane", "master", "etcd"].iter().any(|role| {
        node.meta
            .label(&format!("node-role.kubernetes.io/{role}"))
            .is_some()
    })
}

/// Whether a node holds the cluster's own keys: yes (none), under a condition, or not (`Err`).
pub(crate) fn control_plane(facts: &Facts, name: &str) -> Result<Option<&'static str>, ()> {
    if keepers(facts).contains(name) {
        return Ok(None);
    }
    let node = facts.nodes.iter().find(|one| &*one.meta.name == name);
    if node.is_some_and(labelled) {
        Ok(Some(LABEL_CONDITION))
    } else {
        Err(())
    }
}

/// The Secrets that are mounted into a workload's pods.
pub(crate) fn mounted(facts: &Facts, group: &Group) -> BTreeMap<String, Place> {
    let mut all = BTreeMap::new();
    for volume in group.rows(facts).flat_map(|one| &one.pod.volumes) {
        if let VolumeSource::Secret(name) = &volume.source
            && !name.is_empty()
        {
            all.entry(name.to_string()).or_insert(volume.place);
        }
    }
    all
}

/// The user name of a node's kubelet.
pub(crate) fn kubelet_name(node: &str) -> String {
    format!("system:node:{node}")
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let mut names: BTreeMap<&str, Place> = BTreeMap::new();
    for node in &facts.nodes {
        names.insert(&node.meta.name, node.meta.place);
    }
    for group in &facts.groups.all {
        let Some(root) = group.root_row(facts) else {
            continue;
        };
        for name in &group.nodes {
            names.entry(name).or_insert(root.pod.place);
        }
        ways(facts, group, out);
        held(facts, group, root, out);
    }
    let keepers = keepers(facts);
    let labelled: BTreeSet<&str> = facts
        .nodes
        .iter()
        .filter(|one| labelled(one))
        .map(|one| &*one.meta.name)
        .collect();
    for (name, place) in names {
        let node = out.node(&NODE, name);
        if facts.index.chain.node {
            let user = out.node(&USER, &kubelet_name(name));
            out.edge(user, &NODE_READS, node, place);
        }
        if keepers.contains(name) || labelled.contains(name) {
            let condition = if keepers.contains(name) {
                foursee_core::model::ConditionId(0)
            } else {
                out.condition(LABEL_CONDITION)
            };
            let cluster = out.node(&CLUSTER, "cluster");
            out.edge(node, &CONTROL_PLANE, cluster, place).when(condition);
        }
    }
}

/// What the settings of its pods lead to.
fn ways(facts: &Facts, group: &Group, out: &mut Lowering<'_>) {
    for power in escape::ways(facts, group) {
        let Some((technique, kind, condition)) = way(facts, group, &power) else {
            continue;
        };
        let pod = out.node(&POD, &group.name);
        let user = kind.name == USER.name;
        let condition = if condition.is_empty() {
            foursee_core::model::ConditionId(0)
        } else {
            out.condition(&condition)
        };
        if group.nodes.is_empty() {
            let pattern = if user {
                Pattern::Prefix(kubelet_name("").into())
            } else {
                Pattern::Any
            };
            let all = out.select(Over {
                kind,
                pattern: &pattern,
                except: &[],
            });
            out.edge(pod, technique, all, power.place).when(condition);
        }
        for name in &group.nodes {
            let to = if user {
                out.node(&USER, &kubelet_name(name))
            } else {
                out.node(&NODE, name)
            };
            out.edge(pod, technique, to, power.place).when(condition);
        }
    }
}

/// What its nodes hold of it, and what their kubelets may ask for because of it.
fn held(facts: &Facts, group: &Group, root: &Workload, out: &mut Lowering<'_>) {
    if group.nodes.is_empty() {
        return;
    }
    let pod = out.node(&POD, &group.name);
    let account = out.node(&SERVICEACCOUNT, &group.account(facts));
    let token = group.rows(facts).find(|one| facts.token_mounted(one));
    if let Some(mounting) = token {
        out.edge(pod, &HELD_TOKEN, account, mounting.pod.place);
    }
    let volumes = mounted(facts, group);
    for (name, place) in &volumes {
        let secret = out.node(&SECRET, &format!("{}/{name}", group.namespace));
        out.edge(pod, &HELD_SECRET, secret, *place);
    }
    let others: Vec<(String, Place)> = given(facts, group)
        .into_iter()
        .filter(|(name, _)| !volumes.contains_key(name))
        .collect();
    for name in &group.nodes {
        let node = out.node(&NODE, name);
        out.edge(node, &NODE_HOLDS, pod, root.pod.place);
        // A mirror of a static pod gives its node nothing.
        if !facts.index.chain.node || group.rows(facts).all(|one| one.pod.references.mirror) {
            continue;
        }
        let user = out.node(&USER, &kubelet_name(name));
        if token.is_none() {
            out.edge(user, &NODE_TOKEN, account, root.pod.place);
        }
        for (name, place) in &others {
            let secret = out.node(&SECRET, &format!("{}/{name}", group.namespace));
            out.edge(user, &READ_SECRET, secret, *place);
        }
    }
    // What only the kubelet needs, as to pull images or to mount a volume: of each pod, where that runs.
    let mut referred: BTreeMap<(&str, &str), Place> = BTreeMap::new();
    for row in group.rows(facts).filter(|_| facts.index.chain.node) {
        for name in &row.pod.references.secrets {
            let known = volumes.contains_key(&**name) || others.iter().any(|(one, _)| **one == **name);
            if let (Some(node), false) = (row.pod.node.as_deref(), known) {
                referred.entry((node, name)).or_insert(row.pod.place);
            }
        }
    }
    for ((node, name), place) in referred {
        let user = out.node(&USER, &kubelet_name(node));
        let secret = out.node(&SECRET, &format!("{}/{name}", group.namespace));
        out.edge(user, &READ_SECRET, secret, place);
    }
}
