//! The metadata service of the EC2 instance that a node is, which hands out the instance's role.
//!
//! A pod on its node's network asks as the node does. From a network of its own it is one hop further, and how far the
//! service answers the instance says; an egress NetworkPolicy or a rule of the node may keep it away, and neither is read.

use crate::facts::{Facts, Node};
use crate::techniques::*;
use crate::workloads::Group;
use foursee_core::document::Place;
use foursee_core::estate::{Audience, Lowering, Presented};
use foursee_core::layer::{Holds, Hop};
use foursee_core::model::{Certainty, ConditionId, Foothold, NodeId};
use std::collections::HashMap;

/// The kind of the credential: its subject is the instance's id, its audience where it is asked from.
const KIND: &str = "instance-metadata";
const HOST: &str = "host";
const CONTAINER: &str = "container";
const CONDITION: &str =
    "no egress NetworkPolicy that is enforced, and no rule of the node, keeps the pod from 169.254.169.254";

fn from(group: &Group, facts: &Facts) -> &'static str {
    if group.rows(facts).any(|one| one.pod.host_network) {
        HOST
    } else {
        CONTAINER
    }
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let mut instances: HashMap<&str, (&str, Place)> = HashMap::new();
    for Node { meta, instance, .. } in &facts.nodes {
        let Some(instance) = instance else { continue };
        instances.insert(&meta.name, (instance, meta.place));
        let node = out.node(&NODE, &meta.name);
        present(node, instance, HOST, meta.place, out);
    }
    if instances.is_empty() {
        return;
    }
    for group in &facts.groups.all {
        for (instance, place) in group.nodes.iter().filter_map(|name| instances.get(name.as_str())) {
            let pod = out.node(&POD, &group.name);
            present(pod, instance, from(group, facts), *place, out);
        }
    }
}

fn present(by: NodeId, instance: &str, audience: &str, place: Place, out: &mut Lowering<'_>) {
    let (certainty, condition) = if audience == HOST {
        (Certainty::Certain, ConditionId(0))
    } else {
        (Certainty::Conditional, out.condition(CONDITION))
    };
    out.present(Presented {
        by,
        at: Foothold::Runs,
        kind: KIND.into(),
        realm: "aws".into(),
        subject: instance.into(),
        audience: Audience::Named(vec![audience.into()]),
        towards: None,
        meant_for: None,
        certainty,
        condition,
        place,
    });
}

/// Whether somebody can ask that instance's metadata service.
pub(super) fn holds(facts: &Facts, hop: &Hop<'_>) -> Option<Holds> {
    let credential = hop
        .credential
        .filter(|one| hop.technique == "core-presents" && one.kind == KIND)?;
    let is = |name: &str| {
        facts
            .nodes
            .iter()
            .any(|one| *one.meta.name == *name && one.instance.as_deref() == Some(credential.subject))
    };
    let audience = match hop.from.kind {
        "node" if is(hop.from.name) => Some(HOST),
        "pod" => facts
            .groups
            .named(hop.from.name)
            .filter(|group| group.nodes.iter().any(|name| is(name)))
            .map(|group| from(group, facts)),
        _ => None,
    };
    Some(match audience {
        Some(HOST) if credential.audience == HOST => Holds::Yes,
        Some(CONTAINER) if credential.audience == CONTAINER => Holds::If(CONDITION.to_owned()),
        _ => Holds::No("it does not run on that instance".to_owned()),
    })
}
