//! L1 over the edges: whatever the layer allows for an action of its technique table, an edge covers.

use super::{Texts, asked, opened, some};
use crate::estate::Estate;
use crate::layer::{Holds, Layer, Who};
use crate::model::{NodeId, holds};
use crate::registry::RegistryError;
use std::collections::BTreeSet;

/// One row of a layer's technique table, as its `may` is asked about it.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    /// The technique's id.
    pub technique: &'a str,
    /// The action, in the platform's own words, that gives it by itself.
    pub action: &'a str,
    /// The kind of nodes that it is used on.
    pub over: &'a str,
    /// What is put behind such a node's name to make the resource that is asked about: "/object" for a bucket.
    pub behind: &'a str,
    /// Another kind whose node of the same name counts as the target: a role's trust for the role. Empty for none.
    pub counts: &'a str,
}

impl<'a> Means<'a> {
    /// That action on a node of that kind is that technique.
    #[must_use]
    pub const fn new(technique: &'a str, action: &'a str, over: &'a str) -> Self {
        Self {
            technique,
            action,
            over,
            behind: "",
            counts: "",
        }
    }
}

/// What [`complete`] compared.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// How many times the layer allowed something: a test in which it never does shows nothing.
    pub allowed: usize,
    /// What no edge covers, as sentences.
    pub wrong: Vec<String>,
}

/// So many pairs of an identity and a target are asked about for each row of the table.
const PAIRS: usize = 4_000;

/// Asks the layer about every identity and every target of every row, and looks for an edge that covers what it allows.
///
/// # Errors
/// When the layer cannot be registered.
pub fn complete<L: Layer>(
    layer: L,
    texts: Texts<'_>,
    table: &[Means<'_>],
) -> Result<Compared, RegistryError> {
    let (opened, mapped) = opened(layer, texts)?;
    let estate = &*mapped.estate;
    let named = |id: &NodeId| estate.node(*id).is_some_and(|node| !node.selector);
    let acts: Vec<(NodeId, BTreeSet<NodeId>)> = estate
        .ids()
        .filter(|id| asked(estate, *id))
        .map(|id| (id, has(estate, id)))
        .collect();
    let mut compared = Compared::default();
    for means in table {
        let targets: Vec<NodeId> = estate
            .ids()
            .filter(|id| named(id) && estate.kind(*id).is_some_and(|kind| *kind.name == *means.over))
            .collect();
        let pairs = acts
            .iter()
            .flat_map(|from| targets.iter().map(move |to| (from, *to)));
        let same_scope = pairs.filter(|((from, _), to)| {
            from != to && estate.node(*from).map(|node| node.scope) == estate.node(*to).map(|node| node.scope)
        });
        for ((from, holders), to) in some(same_scope.collect(), PAIRS) {
            let who = Who {
                kind: estate.kind(*from).map_or("", |kind| &kind.name),
                name: estate.name(*from),
            };
            let node = estate.node(*from);
            let Some(loaded) = node.and_then(|node| opened.loaded().get(node.scope.index())) else {
                continue;
            };
            let resource = format!("{}{}", loaded.spell(means.over, estate.name(to)), means.behind);
            let why = match loaded.may(&who, means.action, &resource) {
                Holds::Yes => String::new(),
                Holds::If(why) => format!(" if {why}"),
                Holds::No(_) | Holds::Unknown(_) => continue,
            };
            compared.allowed += 1;
            let covered = estate.edges.iter().any(|edge| {
                let technique = estate.technique(edge.technique);
                technique.is_some_and(|row| *row.id == *means.technique)
                    && holders.contains(&edge.from)
                    && covers(estate, edge.to, to, means.counts)
            });
            if !covered {
                compared.wrong.push(format!(
                    "L1: {} {} may {} {resource}{why}, and no edge of {} covers it",
                    who.kind, who.name, means.action, means.technique
                ));
            }
        }
    }
    Ok(compared)
}

/// A node, what it is a member of, and the selectors that mean any of these: whose statements it has.
pub(super) fn has(estate: &Estate, node: NodeId) -> BTreeSet<NodeId> {
    let mut all = BTreeSet::from([node]);
    let mut work = vec![node];
    while let Some(one) = work.pop() {
        let meant = estate
            .selectors
            .keys()
            .filter(|selector| estate.means(**selector, one));
        let groups = estate.edges.iter().filter(|edge| {
            let technique = estate.technique(edge.technique);
            edge.from == one && technique.is_some_and(|row| *row.id == *crate::link::MEMBER.id)
        });
        for next in meant.copied().chain(groups.map(|edge| edge.to)) {
            if all.insert(next) {
                work.push(next);
            }
        }
    }
    all
}

/// Whether a statement over `over` is over `to`: by itself, as a member, as what holds it, or as a node that counts as
/// it.
pub(super) fn covers(estate: &Estate, over: NodeId, to: NodeId, counts: &str) -> bool {
    let kind = |id| estate.node(id).map(|node| (node.scope, node.kind, node.selector));
    over == to
        || estate.means(over, to)
        || (kind(over) == kind(to) && holds(estate.name(over), estate.name(to)))
        || (!counts.is_empty()
            && estate.kind(over).is_some_and(|kind| *kind.name == *counts)
            && estate.node(over).map(|node| node.scope) == estate.node(to).map(|node| node.scope)
            && match estate.selectors.get(&over) {
                Some(selector) => selector.matches(estate.name(to)),
                None => estate.name(over) == estate.name(to),
            })
}
