//! NetworkPolicies, and ports. What the server would refuse is kept as unread, and is a gap.

use super::meta::meta;
use super::rbac::label_selector;
use crate::facts::*;
use crate::network::readable;
use crate::parse::Source;
use crate::parse::shapes::*;
use foursee_core::document::{Notes, Str};
use foursee_core::model::{Gap, Reason};
use serde_json::value::RawValue;

/// So many parts are written out.
const NAMED: usize = 5;

/// What could not be read of a policy.
type Unread = Vec<String>;

pub(super) fn network_policy(
    source: Source<'_>,
    from: &NetworkPolicyShape<'_>,
    facts: &mut Facts,
    notes: &mut Notes,
) -> bool {
    let meta = meta(source, &from.metadata, true, &mut facts.pool, notes);
    let live = meta.live;
    let mut unread = Unread::new();
    let spec = &from.spec;
    let types = &spec.policy_types;
    for one in types
        .iter()
        .filter(|one| !matches!(&***one, "Ingress" | "Egress"))
    {
        unread.push(format!("policyTypes {}", quoted(one)));
    }
    let says = |direction: &str| types.iter().any(|one| **one == *direction);
    // What comes in is meant unless another direction alone is said; what goes out where it is said, or has rules.
    let ingress = says("Ingress") || types.is_empty();
    let egress = says("Egress") || (types.is_empty() && !spec.egress.is_empty());
    let ingress = ingress.then(|| rules("ingress", &spec.ingress, |one| &one.from, &mut unread));
    let egress = egress.then(|| rules("egress", &spec.egress, |one| &one.to, &mut unread));
    let pods = spec.pod_selector.as_ref();
    let pods = pods
        .map(|one| selector("podSelector", one, &mut unread))
        .unwrap_or_default();
    if !unread.is_empty() {
        let name = full_name(&from.metadata.namespace, &meta.name);
        let more = unread.len().saturating_sub(NAMED);
        unread.truncate(NAMED);
        if more > 0 {
            unread.push(format!("{more} more"));
        }
        notes.gap(
            Gap::new(Reason::Malformed, format!("NetworkPolicy {name}"))
                .facet(unread.join(", "))
                .hides("what it lets through there: it is not taken as what keeps traffic away")
                .closes(
                    "the policy as the server takes it: kubectl apply --dry-run=server says what is wrong",
                )
                .at(meta.place),
        );
    }
    facts.network_policies.push(NetworkPolicy {
        meta,
        pods,
        ingress,
        egress,
    });
    live
}

/// A value as the gap shows it: of its beginning alone.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("`{short}`")
}

fn rules<'s, 'a>(
    direction: &str,
    all: &'s [NetworkRuleShape<'a>],
    side: fn(&'s NetworkRuleShape<'a>) -> &'s [PeerShape<'a>],
    unread: &mut Unread,
) -> Vec<NetworkRule> {
    all.iter()
        .enumerate()
        .map(|(at, rule)| {
            let place = format!("{direction}[{at}]");
            NetworkRule {
                peers: side(rule).iter().map(|one| peer(&place, one, unread)).collect(),
                ports: rule
                    .ports
                    .iter()
                    .map(|one| policy_port(&place, one, unread))
                    .collect(),
            }
        })
        .collect()
}

fn peer(place: &str, from: &PeerShape<'_>, unread: &mut Unread) -> Peer {
    let within = |one: &Option<SelectorShape<'_>>, name: &str, unread: &mut Unread| {
        one.as_ref()
            .map(|one| selector(&format!("{place} {name}"), one, unread))
    };
    let namespaces = within(&from.namespace_selector, "namespaceSelector", unread);
    let pods = within(&from.pod_selector, "podSelector", unread);
    match (&from.ip_block, namespaces.is_some() || pods.is_some()) {
        (None, true) => Peer::Pods { namespaces, pods },
        (Some(block), false) => match Block::parse(&block.cidr) {
            Some(cidr) => {
                let mut except = Vec::new();
                for one in block.except.iter() {
                    match Block::parse(one) {
                        Some(range) => except.push(range),
                        None => unread.push(format!("{place} except {}", quoted(one))),
                    }
                }
                Peer::Block { cidr, except }
            }
            None => {
                unread.push(format!("{place} cidr {}", quoted(&block.cidr)));
                Peer::Unread
            }
        },
        (Some(_), true) => {
            unread.push(format!("{place} a peer that is both addresses and pods"));
            Peer::Unread
        }
        (None, false) => {
            unread.push(format!("{place} a peer that says nothing"));
            Peer::Unread
        }
    }
}

fn policy_port(place: &str, from: &PolicyPortShape<'_>, unread: &mut Unread) -> PolicyPort {
    let read = || -> Option<PolicyPort> {
        let protocol = Protocol::parse(&from.protocol)?;
        Some(match (from.port, from.end_port) {
            (None, None) => PolicyPort::All(protocol),
            (Some(raw), end) => match (port(raw)?, end) {
                (Port::Number(one), None) => PolicyPort::Range(protocol, one, one),
                (Port::Number(one), Some(end)) => {
                    let end = number(end).filter(|end| *end >= one)?;
                    PolicyPort::Range(protocol, one, end)
                }
                (Port::Name(name), None) => PolicyPort::Named(protocol, name),
                (Port::Name(_), Some(_)) => return None,
            },
            (None, Some(_)) => return None,
        })
    };
    read().unwrap_or_else(|| {
        let said = from.port.map_or_else(String::new, |raw| quoted(raw.get()));
        unread.push(format!("{place} port {said}").trim_end().to_owned());
        PolicyPort::Unread
    })
}

fn selector(place: &str, from: &SelectorShape<'_>, unread: &mut Unread) -> LabelSelector {
    let all = label_selector(from);
    let refused = all.0.iter().filter(|one| !readable(one));
    unread.extend(refused.map(|one| {
        format!(
            "{place} operator {} of {}",
            quoted(&one.operator),
            quoted(&one.key)
        )
    }));
    all
}

/// A port's number; none for what is no port.
pub(in crate::parse) fn number(said: i64) -> Option<u16> {
    u16::try_from(said).ok().filter(|port| *port != 0)
}

/// A port by number or name, as it stands in the text.
pub(in crate::parse) fn port(raw: &RawValue) -> Option<Port> {
    if let Ok(said) = serde_json::from_str::<i64>(raw.get()) {
        return number(said).map(Port::Number);
    }
    let name = serde_json::from_str::<Str<'_>>(raw.get()).ok()?;
    (!name.is_empty()).then(|| Port::Name((&*name).into()))
}
