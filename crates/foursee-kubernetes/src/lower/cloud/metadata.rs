//! The metadata service of the EC2 instance that a node is, which hands out the instance's role.
//!
//! A pod on its node's network asks as the node does. From a network of its own it is one hop further, and how far the
//! service answers the instance says. An egress NetworkPolicy may keep it away, where the network plugin enforces it: one
//! that does not let the address through is named in the condition. What a rule of the node keeps away no export says.

use crate::facts::{Facts, Node, Protocol};
use crate::network::{Verdict, sends};
use crate::techniques::*;
use crate::workloads::Group;
use foursee_core::document::Place;
use foursee_core::estate::{Audience, Lowering, Presented};
use foursee_core::layer::{Holds, Hop};
use foursee_core::model::{Certainty, ConditionId, Foothold, NodeId};
use hashbrown::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// The kind of the credential: its subject is the instance's id, its audience where it is asked from.
const KIND: &str = "instance-metadata";
const HOST: &str = "host";
const CONTAINER: &str = "container";
/// Where NetworkPolicies were not all read.
const UNREAD: &str =
    "no egress NetworkPolicy that is enforced, and no rule of the node, keeps the pod from 169.254.169.254";
/// Where none of them keeps the pod away.
const OPEN: &str = "no rule of the node, and no policy that its network plugin has of its own, keeps the pod from 169.254.169.254";
/// Where the service answers: over IPv6 only if the instance says so.
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));
const ADDRESS_6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254));

/// Where a workload's pods ask from, and under which condition they get through; none on their node's network.
fn from(group: &Group, facts: &Facts) -> (&'static str, Option<String>) {
    if group.rows(facts).any(|one| one.pod.host_network) {
        return (HOST, None);
    }
    let pods = facts.network.sorts(group.rows(facts));
    let shut = |to: IpAddr| {
        let mut by = None;
        for pod in &pods {
            match sends(facts, pod, to, (Protocol::Tcp, 80)) {
                Verdict::Open => return None,
                Verdict::Shut(policies) => by = by.or(Some(policies)),
            }
        }
        by
    };
    let Some(by) = shut(ADDRESS) else {
        let open = if facts.listed("NetworkPolicy") {
            OPEN
        } else {
            UNREAD
        };
        return (CONTAINER, Some(open.to_owned()));
    };
    let named = crate::lower::policies(&by);
    let instead = if shut(ADDRESS_6).is_none() {
        "the instance answers at fd00:ec2::254 too, or "
    } else {
        ""
    };
    let condition = format!(
        "{instead}{named}, which does not let 169.254.169.254 through, is not enforced there; and no rule of the node keeps the pod from it"
    );
    (CONTAINER, Some(condition))
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let mut instances: HashMap<&str, (Arc<str>, Place)> = HashMap::new();
    let (kind, realm): (Arc<str>, Arc<str>) = (KIND.into(), "aws".into());
    let present = |by: NodeId,
                   instance: &Arc<str>,
                   (audience, condition): (&str, Option<&str>),
                   place: Place,
                   out: &mut Lowering<'_>| {
        let (certainty, condition) = match condition {
            None => (Certainty::Certain, ConditionId(0)),
            Some(text) => (Certainty::Conditional, out.condition(text)),
        };
        out.present(Presented {
            by,
            at: Foothold::Runs,
            kind: Arc::clone(&kind),
            realm: Arc::clone(&realm),
            subject: Arc::clone(instance),
            audience: Audience::Named(vec![audience.into()]),
            towards: None,
            meant_for: None,
            certainty,
            condition,
            place,
        });
    };
    for Node { meta, instance, .. } in &facts.nodes {
        let Some(instance) = instance else { continue };
        let instance: Arc<str> = (&**instance).into();
        let node = out.node(&NODE, &meta.name);
        present(node, &instance, (HOST, None), meta.place, out);
        instances.insert(&meta.name, (instance, meta.place));
    }
    if instances.is_empty() {
        return;
    }
    for group in &facts.groups.all {
        if !group.nodes.iter().any(|name| instances.contains_key(&**name)) {
            continue;
        }
        let from = from(group, facts);
        for (instance, place) in group.nodes.iter().filter_map(|name| instances.get(&**name)) {
            let pod = out.node(&POD, &group.name);
            present(pod, instance, (from.0, from.1.as_deref()), *place, out);
        }
    }
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
        "node" if is(hop.from.name) => Some((HOST, None)),
        "pod" => facts
            .groups
            .named(hop.from.name)
            .filter(|group| group.nodes.iter().any(|name| is(name)))
            .map(|group| from(group, facts)),
        _ => None,
    };
    Some(match audience {
        Some((from, None)) if credential.audience == from => Holds::Yes,
        Some((from, Some(condition))) if credential.audience == from => Holds::If(condition),
        _ => Holds::No("it does not run on that instance".to_owned()),
    })
}
