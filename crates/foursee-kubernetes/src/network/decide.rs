//! What policies say of one pod: what it may send, and whom it is to hear.

use super::selector::{Labels, selects};
use crate::facts::{Block, Facts, NetworkPolicy, NetworkRule, Peer, PolicyPort, Protocol, Workload};
use std::net::IpAddr;

/// Whether policies let something through.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict<'f> {
    /// They do, or there is none that is for the pod.
    Open,
    /// These are for the pod, and no rule of them lets it through.
    Shut(Vec<&'f NetworkPolicy>),
}

/// Whom policies let in from outside the cluster, or from it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Admits<'f> {
    /// Everybody.
    pub anyone: bool,
    /// Addresses, without those that are left out.
    pub blocks: Vec<(Block, &'f [Block])>,
    /// Some pods of the cluster.
    pub pods: bool,
    /// The policies that are for the pod.
    pub by: Vec<&'f NetworkPolicy>,
}

/// A direction's rules in a policy.
type Rules = fn(&NetworkPolicy) -> Option<&[NetworkRule]>;

/// The policies that surely are for the pod, and the rules of those that may be. None where it is open.
fn applied<'f>(
    facts: &'f Facts,
    pod: &Workload,
    rules: Rules,
) -> Option<(Vec<&'f NetworkPolicy>, Vec<&'f NetworkRule>)> {
    if pod.pod.host_network {
        return None;
    }
    let labels: &Labels = &pod.pod_labels;
    let (mut by, mut all) = (Vec::new(), Vec::new());
    for policy in facts.network.of(facts, &pod.meta.namespace) {
        let Some(own) = rules(policy) else { continue };
        match selects(&policy.pods, labels) {
            Some(false) => continue,
            Some(true) => by.push(policy),
            None => {}
        }
        all.extend(own);
    }
    (!by.is_empty()).then_some((by, all))
}

/// Whether a rule is about a port; one that is not known may be any. `named` are the numbers of a port's name.
fn about(
    rule: &NetworkRule,
    at: Option<(Protocol, u16)>,
    named: impl Fn(&str, Protocol) -> Vec<u16>,
) -> bool {
    let Some((protocol, port)) = at else { return true };
    let fits = |one: &PolicyPort| match one {
        PolicyPort::All(of) => *of == protocol,
        PolicyPort::Range(of, from, to) => *of == protocol && (*from..=*to).contains(&port),
        PolicyPort::Named(of, name) => *of == protocol && named(name, protocol).contains(&port),
        PolicyPort::Unread => true,
    };
    rule.ports.is_empty() || rule.ports.iter().any(fits)
}

fn of_block(cidr: &Block, except: &[Block], address: IpAddr) -> bool {
    cidr.holds(address) && !except.iter().any(|one| one.holds(address))
}

/// Whether a pod may send to an address outside the cluster. No port there has a name.
pub(crate) fn sends<'f>(
    facts: &'f Facts,
    pod: &Workload,
    to: IpAddr,
    (protocol, port): (Protocol, u16),
) -> Verdict<'f> {
    let Some((by, rules)) = applied(facts, pod, |one| one.egress.as_deref()) else {
        return Verdict::Open;
    };
    let leads = |peer: &Peer| match peer {
        Peer::Block { cidr, except } => of_block(cidr, except, to),
        Peer::Pods { .. } => false,
        Peer::Unread => true,
    };
    let open = rules.into_iter().any(|rule| {
        about(rule, Some((protocol, port)), |_, _| Vec::new())
            && (rule.peers.is_empty() || rule.peers.iter().any(leads))
    });
    if open { Verdict::Open } else { Verdict::Shut(by) }
}

/// Whom policies let in at a port of a pod; at none that is known, at any.
pub(crate) fn admits<'f>(facts: &'f Facts, pod: &Workload, at: Option<(Protocol, u16)>) -> Admits<'f> {
    let Some((by, rules)) = applied(facts, pod, |one| one.ingress.as_deref()) else {
        return Admits {
            anyone: true,
            ..Admits::default()
        };
    };
    let mut all = Admits {
        by,
        ..Admits::default()
    };
    for rule in rules
        .into_iter()
        .filter(|rule| about(rule, at, |name, of| numbers(pod, name, of)))
    {
        all.anyone |= rule.peers.is_empty();
        for peer in &rule.peers {
            match peer {
                Peer::Block { cidr, except }
                    if cidr.bits == 0 && except.is_empty() && cidr.address.is_ipv4() =>
                {
                    all.anyone = true;
                }
                Peer::Block { cidr, except } => all.blocks.push((*cidr, except)),
                Peer::Pods { .. } => all.pods = true,
                Peer::Unread => all.anyone = true,
            }
        }
    }
    all
}

/// The ports of a pod that have that name.
pub(crate) fn numbers(pod: &Workload, name: &str, protocol: Protocol) -> Vec<u16> {
    let ports = pod.pod.containers.iter().flat_map(|one| &one.ports);
    ports
        .filter(|one| *one.name == *name && one.protocol == protocol)
        .map(|one| one.number)
        .collect()
}
