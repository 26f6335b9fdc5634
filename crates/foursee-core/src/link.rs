//! Link: where layers meet. Credentials presented are joined with credentials accepted; nothing is joined by name.
//!
//! Each presented credential that somebody accepts becomes a node of its own, between its presenters and its
//! acceptors; an accepted pattern is one edge from the selector of those nodes. `meant_for` never narrows, `towards`
//! does. Half grants (a caller's policy and the resource's) join the same way.

mod techniques;
#[cfg(test)]
mod tests;

use crate::estate::{Accepted, Audience, Bond, Estate, Presented, Verdict};
use crate::model::{Class, Foothold, Gap, Kind, NodeId, Pattern, Reason, ScopeId, Technique, Verb};
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use techniques::{accepts, presents};

/// Has what the other holds, without a step.
pub static MEMBER: Technique = Technique {
    id: "core-member",
    verb: Verb::Become,
    needs: Foothold::Acts,
    gives: Foothold::Acts,
    says: "has what is granted to",
    source: "membership, as the layer's documents state it",
};

/// A credential, between those who present it and those who accept it.
static CREDENTIAL: Kind = Kind::new("credential", Class::Credential);
/// The same, narrowed by what its presenter may call: no accepted pattern means it as such.
static NARROWED: Kind = Kind::new("narrowed credential", Class::Credential);

/// The scope of what stands between scopes.
pub(crate) const BETWEEN: ScopeId = ScopeId(u32::MAX);

/// A credential node's name, in parts: (kind, realm, audience, subject).
#[must_use]
pub fn credential_parts(name: &str) -> Option<(String, String, String, &str)> {
    let mut parts = name.splitn(4, '|');
    let mut plain = || parts.next().map(unescape);
    let (kind, realm, audience) = (plain()?, plain()?, plain()?);
    // A subject that was narrowed by `towards` carries that behind a unit separator.
    Some((kind, realm, audience, parts.next()?.split('\u{1f}').next()?))
}

/// What a credential counts for alone, by its node's name; none where it counts wherever it is accepted.
#[must_use]
pub fn credential_towards(name: &str) -> Option<&str> {
    name.split_once('\u{1f}')?.1.strip_prefix(['=', '~'])
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '%' | '|' | '*' | '?' => {
                let _ = std::fmt::Write::write_fmt(&mut out, format_args!("%{:02X}", one as u32));
            }
            _ => out.push(one),
        }
    }
    out
}

fn unescape(text: &str) -> String {
    text.replace("%7C", "|")
        .replace("%2A", "*")
        .replace("%3F", "?")
        .replace("%25", "%")
}

fn prefix(kind: &str, realm: &str, audience: &str) -> String {
    format!(
        "{}|{}|{}|",
        escape(kind),
        escape(&realm.to_lowercase()),
        escape(audience)
    )
}

/// The rows of those who present, and of those who accept.
type Sides = (Vec<usize>, Vec<usize>);

/// Joins all credentials of the estate, before it is finished.
pub fn link(estate: &mut Estate) {
    let presented = std::mem::take(&mut estate.presented);
    let accepted = std::mem::take(&mut estate.accepted);
    // By (kind, realm): who gives, who takes.
    let mut groups: HashMap<(Arc<str>, String), Sides> = HashMap::new();
    for (at, one) in presented.iter().enumerate() {
        groups
            .entry((Arc::clone(&one.kind), one.realm.to_lowercase()))
            .or_default()
            .0
            .push(at);
    }
    for (at, one) in accepted.iter().enumerate() {
        groups
            .entry((Arc::clone(&one.kind), one.realm.to_lowercase()))
            .or_default()
            .1
            .push(at);
    }
    let mut met = vec![false; accepted.len()];
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    for (_, (givers, takers)) in groups {
        let givers: Vec<&Presented> = givers.iter().filter_map(|at| presented.get(*at)).collect();
        let takers: Vec<(usize, &Accepted)> = takers
            .iter()
            .filter_map(|at| Some((*at, accepted.get(*at)?)))
            .collect();
        join(estate, &givers, &takers, &mut met);
    }
    for (one, met) in accepted.iter().zip(met) {
        if !met {
            estate.bonds.push(Bond {
                verdict: Verdict::Dormant,
                presenter: None,
                acceptor: Some(one.by),
                kind: Arc::clone(&one.kind),
                realm: Arc::clone(&one.realm),
                subject: one.subject.to_string().into(),
                presented_at: None,
                accepted_at: Some(one.place),
            });
        }
    }
    refuse(estate, &presented, &accepted);
    estate.presented = presented;
    estate.accepted = accepted;
}

/// The audiences that a presented credential can be made out for, among those that the takers ask for.
fn audiences<'a>(one: &'a Presented, takers: &[(usize, &'a Accepted)]) -> BTreeSet<&'a str> {
    match &one.audience {
        Audience::None => BTreeSet::from([""]),
        Audience::Named(all) => all.iter().map(|one| &**one).collect(),
        Audience::Any => {
            let asked: BTreeSet<&str> = takers
                .iter()
                .flat_map(|(_, taker)| taker.audience.iter().map(|one| &**one))
                .collect();
            if asked.is_empty() {
                BTreeSet::from([""])
            } else {
                asked
            }
        }
    }
}

fn audience_fits(taker: &Accepted, audience: &str) -> bool {
    taker.audience.is_empty() || taker.audience.iter().any(|one| **one == *audience)
}

fn fits(giver: &Presented, taker: &Accepted, taker_name: &str) -> bool {
    taker.subject.matches(&giver.subject)
        && giver
            .towards
            .as_ref()
            .is_none_or(|towards| towards.matches(taker_name))
        && match &giver.audience {
            Audience::Any => true,
            Audience::None => taker.audience.is_empty(),
            Audience::Named(all) => all.iter().any(|one| audience_fits(taker, one)),
        }
}

/// Joins one (kind, realm)'s givers and takers.
fn join(estate: &mut Estate, givers: &[&Presented], takers: &[(usize, &Accepted)], met: &mut [bool]) {
    let mut exact: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut patterns: Vec<usize> = Vec::new();
    for (at, (_, taker)) in takers.iter().enumerate() {
        match &taker.subject {
            Pattern::Exact(subject) => exact.entry(subject).or_default().push(at),
            _ => patterns.push(at),
        }
    }
    let core: Arc<str> = "core".into();
    let plain = estate.register_kind(&core, &CREDENTIAL);
    let narrow = estate.register_kind(&core, &NARROWED);
    let mut linked: BTreeSet<(String, usize)> = BTreeSet::new();
    for giver in givers {
        let named = exact.get(&*giver.subject).map(Vec::as_slice).unwrap_or_default();
        for audience in audiences(giver, takers) {
            let fitting: Vec<usize> = named
                .iter()
                .chain(&patterns)
                .copied()
                .filter(|at| {
                    takers.get(*at).is_some_and(|(_, taker)| {
                        audience_fits(taker, audience)
                            && taker.subject.matches(&giver.subject)
                            && giver
                                .towards
                                .as_ref()
                                .is_none_or(|towards| towards.matches(estate.name(taker.by)))
                    })
                })
                .collect();
            if fitting.is_empty() {
                continue;
            }
            let own = prefix(&giver.kind, &giver.realm, audience);
            let narrowed = giver.towards.as_ref().map_or(String::new(), |towards| {
                let sort = if matches!(towards, Pattern::Exact(_)) {
                    '='
                } else {
                    '~'
                };
                format!("\u{1f}{sort}{towards}")
            });
            let name = format!("{own}{}{narrowed}", giver.subject);
            let kind = if giver.towards.is_some() { narrow } else { plain };
            let credential = estate.intern(BETWEEN, kind, false, &name);
            let technique = estate.register_technique("core", presents(giver.at));
            let edge = estate.push_edge(giver.by, technique, credential, giver.place);
            edge.certainty = giver.certainty;
            edge.condition = giver.condition;
            for at in fitting {
                let Some((number, taker)) = takers.get(at).copied() else {
                    continue;
                };
                // One edge an exact subject, or an accepted pattern: from the selector of what it means.
                let (from, key) = match (&taker.subject, giver.towards.is_some()) {
                    (Pattern::Exact(_), _) | (_, true) => (credential, name.clone()),
                    (pattern, false) => {
                        let wide = match pattern {
                            Pattern::Any => Pattern::Prefix(own.as_str().into()),
                            Pattern::Exact(text) | Pattern::Prefix(text) => {
                                Pattern::Prefix(format!("{own}{text}").into())
                            }
                            Pattern::Glob(text) => Pattern::Glob(format!("{own}{text}").into()),
                        };
                        (estate.intern_selector(BETWEEN, plain, &wide, &[]), own.clone())
                    }
                };
                if linked.insert((key, number)) {
                    let technique = estate.register_technique("core", accepts(taker.gives));
                    let edge = estate.push_edge(from, technique, taker.by, taker.place);
                    edge.certainty = taker.certainty;
                    edge.condition = taker.condition;
                }
                // Who could make the credential out is no presenter yet; whoever runs with it is.
                if !matches!(giver.at, Foothold::Spawns | Foothold::Holds) {
                    if let Some(slot) = met.get_mut(number) {
                        *slot = true;
                    }
                    estate.bonds.push(Bond {
                        verdict: Verdict::Works,
                        presenter: Some(giver.by),
                        acceptor: Some(taker.by),
                        kind: Arc::clone(&giver.kind),
                        realm: Arc::clone(&giver.realm),
                        subject: Arc::clone(&giver.subject),
                        presented_at: Some(giver.place),
                        accepted_at: Some(taker.place),
                    });
                }
            }
        }
    }
}

/// What is presented and meant for something that refuses it, or that was not read.
fn refuse(estate: &mut Estate, presented: &[Presented], accepted: &[Accepted]) {
    let mut by_name: HashMap<Arc<str>, NodeId> = HashMap::new();
    for id in estate.ids() {
        let acts = estate
            .kind(id)
            .is_some_and(|kind| matches!(kind.class, Class::Identity | Class::Workload | Class::Resource));
        if let (true, Some(node)) = (acts, estate.node(id))
            && !node.selector
        {
            by_name.entry(Arc::clone(&node.name)).or_insert(id);
        }
    }
    let mut takers: HashMap<NodeId, Vec<&Accepted>> = HashMap::new();
    for one in accepted {
        takers.entry(one.by).or_default().push(one);
    }
    for one in presented {
        let Some(target) = &one.meant_for else { continue };
        match by_name.get(target) {
            Some(node) => {
                let accepted = takers.get(node).is_some_and(|all| {
                    all.iter().any(|taker| {
                        taker.kind == one.kind
                            && taker.realm.eq_ignore_ascii_case(&one.realm)
                            && fits(one, taker, target)
                    })
                });
                if !accepted {
                    estate.bonds.push(Bond {
                        verdict: Verdict::Broken,
                        presenter: Some(one.by),
                        acceptor: Some(*node),
                        kind: Arc::clone(&one.kind),
                        realm: Arc::clone(&one.realm),
                        subject: Arc::clone(&one.subject),
                        presented_at: Some(one.place),
                        accepted_at: None,
                    });
                }
            }
            None => {
                let scope = estate.node(one.by).map(|node| node.scope);
                let mut gap = Gap::new(Reason::NotCaptured, target.to_string())
                    .facet("what it trusts")
                    .hides(format!(
                        "whether {} {} of {} is accepted there",
                        one.kind, one.subject, one.realm
                    ))
                    .closes("the export of the scope that holds it")
                    .at(one.place);
                gap.layer = scope
                    .and_then(|id| Some(estate.scopes.get(id.index())?.layer.clone()))
                    .unwrap_or_default();
                gap.scope = scope;
                estate.gaps.push(gap);
            }
        }
    }
}
