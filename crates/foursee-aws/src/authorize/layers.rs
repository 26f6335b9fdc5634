//! The layers of policies that a request meets, and what one layer says.

use super::{Caller, Strength};
use crate::policy::{Asked, Effect, Policy, Statement, Tri};
use std::collections::{BTreeMap, BTreeSet};

/// A policy, and where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'p> {
    /// Its name in answers: "PolicyInputList.1", the policy's name.
    pub id: &'p str,
    /// AWS's word for its type.
    pub kind: &'static str,
    /// The policy; none where it is attached and its document was not read.
    pub policy: Option<&'p Policy>,
}

/// Policies of which one that allows suffices.
#[derive(Clone, Debug, Default)]
pub struct Sources<'p>(pub Vec<Source<'p>>);

/// All layers. Those that are `None` are not there, and do not limit.
#[derive(Clone, Debug, Default)]
pub struct Layers<'p> {
    /// The identity's policies, its groups' among them.
    pub identity: Sources<'p>,
    /// The permissions boundary.
    pub boundary: Option<Sources<'p>>,
    /// The resource's policy: a role's trust, a bucket's policy, a key's.
    pub resource: Option<Source<'p>>,
    /// The session policies.
    pub session: Option<Sources<'p>>,
    /// The organisation's service control policies, level by level: each must allow.
    pub scps: Option<Vec<Sources<'p>>>,
    /// Its resource control policies, level by level.
    pub rcps: Option<Vec<Sources<'p>>>,
    /// Service control policies of which it is not known whether they bind the caller: their denies are possible.
    pub unplaced: Sources<'p>,
    /// The VPC endpoint's policy.
    pub endpoint: Option<Sources<'p>>,
    /// The caller is of the management account, which SCPs do not bind.
    pub management_account: bool,
    /// The resource is of the management account, which RCPs do not bind.
    pub owner_is_management: bool,
    /// The ARNs of the ids that still exist.
    pub ids: Option<&'p BTreeMap<String, String>>,
}

impl Layers<'_> {
    /// The ARN of an id (`AROA...`) that still exists.
    #[must_use]
    pub fn arn_of(&self, id: &str) -> Option<String> {
        self.ids?.get(id).cloned()
    }
}

/// What one layer says of a request.
#[derive(Clone, Debug)]
pub(crate) struct Tally<'p> {
    pub(crate) allows: Tri,
    pub(crate) denies: Tri,
    /// For a resource's policy: the grants by how directly they name the caller.
    pub(crate) ways: Vec<(Tri, Strength)>,
    pub(crate) hits: Vec<(Tri, Source<'p>, &'p Statement)>,
    pub(crate) missing: BTreeSet<String>,
}

impl Tally<'_> {
    const fn new() -> Self {
        Self {
            allows: Tri::No,
            denies: Tri::No,
            ways: Vec::new(),
            hits: Vec::new(),
            missing: BTreeSet::new(),
        }
    }

    /// A document that was not read, or that has a part that was not: it may say anything.
    fn unread(&mut self) {
        self.allows = self.allows.or(Tri::Maybe);
        self.denies = self.denies.or(Tri::Maybe);
    }
}

/// What policies without principals say.
pub(crate) fn tally<'p>(sources: &Sources<'p>, asked: &Asked<'_>) -> Tally<'p> {
    let mut said = Tally::new();
    for source in &sources.0 {
        let Some(policy) = source.policy else {
            said.unread();
            continue;
        };
        if !policy.flaws.is_empty() {
            said.unread();
        }
        for statement in policy.about(asked) {
            let mut holds = statement.applies(asked, &mut said.missing);
            if holds == Tri::No {
                continue;
            }
            // AWS refuses to save such a statement here, so nothing says what it would do.
            if statement.principals.is_some() || statement.resources.is_none() {
                holds = holds.and(Tri::Maybe);
            }
            match statement.effect {
                Effect::Allow => said.allows = said.allows.or(holds),
                Effect::Deny => said.denies = said.denies.or(holds),
            }
            said.hits.push((holds, *source, statement));
        }
    }
    said
}

/// What a resource's policies say to a caller.
pub(crate) fn tally_resource<'p>(
    sources: &Sources<'p>,
    asked: &Asked<'_>,
    caller: &Caller,
    bounded: bool,
    arn_of: &dyn Fn(&str) -> Option<String>,
) -> Tally<'p> {
    let mut said = Tally::new();
    let mut ways: BTreeMap<Strength, Tri> = BTreeMap::new();
    for source in &sources.0 {
        let Some(policy) = source.policy else {
            said.unread();
            ways.insert(Strength::Everyone, Tri::Maybe);
            continue;
        };
        if !policy.flaws.is_empty() {
            said.unread();
            ways.entry(Strength::Everyone).or_insert(Tri::Maybe);
        }
        for statement in policy.about(asked) {
            let Some(principals) = &statement.principals else {
                continue;
            };
            let holds = statement.applies(asked, &mut said.missing);
            if holds == Tri::No {
                continue;
            }
            let meant = match statement.effect {
                Effect::Allow => {
                    let mut best = Tri::No;
                    for (meant, how) in caller.allowed_by(principals, arn_of) {
                        let slot = ways.entry(how).or_insert(Tri::No);
                        *slot = (*slot).or(meant.and(holds));
                        best = best.or(meant.and(holds));
                    }
                    said.allows = said.allows.or(best);
                    best
                }
                Effect::Deny => {
                    let denied = holds.and(caller.denied_by(principals, bounded, arn_of));
                    said.denies = said.denies.or(denied);
                    denied
                }
            };
            if meant != Tri::No {
                said.hits.push((meant, *source, statement));
            }
        }
    }
    said.ways = ways.into_iter().map(|(how, tri)| (tri, how)).collect();
    said
}
