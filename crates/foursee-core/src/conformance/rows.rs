//! L1 over the layer's own `may`: whatever it allows, `who-can` finds in the privileges table, or an edge covers.

use super::complete::{covers, has};
use super::{asked, some};
use crate::audit::{Mapped, Opened, usual_foothold, who_can};
use crate::graph::Position;
use crate::layer::{Holds, Who};
use crate::model::{Certainty, KindId, ScopeId};
use std::collections::{BTreeMap, BTreeSet};

/// So many pairs of an action and a resource are asked about.
const PAIRS: usize = 200;
/// So many identities are asked about for each.
const IDENTITIES: usize = 40;

pub(super) fn check(opened: &Opened, mapped: &Mapped) -> Vec<String> {
    let estate = &*mapped.estate;
    let mut wrong = Vec::new();
    // The actions that the table speaks of, each with the kinds of what they are over.
    let mut spoken: BTreeMap<ScopeId, BTreeSet<(&str, KindId)>> = BTreeMap::new();
    for row in &estate.privileges {
        if let (Some(holder), Some(over)) = (estate.node(row.holder), estate.node(row.over))
            && !row.action.contains('*')
        {
            spoken
                .entry(holder.scope)
                .or_default()
                .insert((&row.action, over.kind));
        }
    }
    for (scope, actions) in spoken {
        let named = |id: &crate::model::NodeId| {
            estate
                .node(*id)
                .is_some_and(|node| !node.selector && node.scope == scope)
        };
        let acts: Vec<_> = estate
            .ids()
            .filter(|id| named(id) && asked(estate, *id))
            .collect();
        let acts: Vec<_> = some(acts, IDENTITIES)
            .into_iter()
            .map(|id| {
                let start = Position {
                    node: id,
                    foothold: usual_foothold(estate, id),
                };
                let reach = mapped.graph.reach(estate, &[start], Certainty::Unknown);
                (id, has(estate, id), reach)
            })
            .collect();
        let pairs = actions.into_iter().flat_map(|(action, kind)| {
            let over = estate
                .ids()
                .filter(move |id| named(id) && estate.node(*id).is_some_and(|node| node.kind == kind));
            over.map(move |id| (action, id))
        });
        let Some(loaded) = opened.loaded().get(scope.index()) else {
            continue;
        };
        for (action, over) in some(pairs.collect(), PAIRS) {
            let resource = estate.name(over);
            let spelled = loaded.spell(estate.kind(over).map_or("", |kind| &kind.name), resource);
            let listed: BTreeSet<(String, String)> = who_can(opened, mapped, action, resource)
                .into_iter()
                .map(|one| (one.who.kind, one.who.name))
                .collect();
            for (id, holders, reach) in &acts {
                let who = Who {
                    kind: estate.kind(*id).map_or("", |kind| &kind.name),
                    name: estate.name(*id),
                };
                if *id == over
                    || listed.contains(&(who.kind.to_owned(), who.name.to_owned()))
                    || !matches!(loaded.may(&who, action, &spelled), Holds::Yes | Holds::If(_))
                {
                    continue;
                }
                let edge = |edge: &crate::estate::Edge| {
                    holders.contains(&edge.from) && covers(estate, edge.to, over, "")
                };
                // To become somebody, several steps will do.
                let acts = estate.kind(over).is_some_and(|kind| kind.class.acts());
                let covered = estate.edges.iter().any(edge) || (acts && reach.of(over).0 != 0);
                if !covered {
                    wrong.push(format!(
                        "L1: {} {} may {action} {resource}, and neither a privilege nor an edge says so",
                        who.kind, who.name
                    ));
                }
            }
        }
    }
    wrong
}
