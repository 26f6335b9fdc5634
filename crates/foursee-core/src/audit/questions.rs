//! Questions over what was lowered: who can do an action to a resource, what can an identity do, which node is meant.
//! The privileges table gives the candidates; the layer's exact authorizer confirms each.

use super::paths::node_row;
use super::{Mapped, Opened};
use crate::document::Shown;
use crate::estate::{Estate, Privilege};
use crate::layer::{Holds, Who};
use crate::model::{Class, Foothold, KindId, NodeId, Rung, ScopeId, Verb, glob};
use crate::report::NodeRow;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// One answer: who, by which privilege.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// Who.
    pub who: NodeRow,
    /// Who holds the privilege: the same, or a group or grant that it has.
    pub holder: NodeRow,
    /// Which of the verbs.
    pub verb: Verb,
    /// The privilege's action, `*` wild.
    pub action: String,
    /// What it is over.
    pub over: String,
    /// Under which condition.
    pub condition: String,
    /// Where the statement stands.
    pub rung: Rung,
    /// What the authorizer says: yes, under a condition, or unknown. Refuted answers are not given.
    pub confirmed: Holds,
    /// The statement.
    pub place: Shown,
}

/// Why a name does not say which node is meant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotOne {
    /// No node has it.
    #[error("nothing is called `{name}`{}", if .near.is_empty() { String::new() } else { format!("; did you mean {}?", .near.join(", ")) })]
    None {
        /// The name.
        name: String,
        /// Some names that hold it.
        near: Vec<String>,
    },
    /// Several have it.
    #[error("several are called `{name}`: {}; say which, as one of these", .all.join(", "))]
    Several {
        /// The name.
        name: String,
        /// How to say each.
        all: Vec<String>,
    },
}

/// Which node a text means: "NAME", "KIND NAME", and with "@SCOPE" behind it where several scopes have it.
///
/// # Errors
/// When none or several could be meant.
pub fn find(estate: &Estate, text: &str) -> Result<NodeId, NotOne> {
    let (wanted, scope) = match text.rsplit_once('@') {
        Some((before, scope))
            if estate
                .scopes
                .iter()
                .any(|one| *one.name == *scope || *one.title == *scope) =>
        {
            (before.trim(), Some(scope))
        }
        _ => (text.trim(), None),
    };
    let fits = |id: &NodeId| {
        let (Some(node), Some(kind)) = (estate.node(*id), estate.kind(*id)) else {
            return false;
        };
        if node.selector || estate.scope(*id).is_none() {
            return false;
        }
        let in_scope = scope.is_none_or(|scope| {
            estate
                .scope(*id)
                .is_some_and(|one| *one.name == *scope || *one.title == *scope)
        });
        let named = *node.name == *wanted
            || wanted
                .strip_prefix(&*kind.name)
                .and_then(|rest| rest.strip_prefix(' '))
                == Some(&*node.name);
        in_scope && named
    };
    let all: Vec<NodeId> = estate.ids().filter(fits).collect();
    let say = |id: &NodeId| {
        let row = node_row(estate, *id);
        format!("`{} {}@{}`", row.kind, row.name, row.scope_title)
    };
    match all.as_slice() {
        [one] => Ok(*one),
        [] => {
            let holds = |id: &NodeId| {
                estate
                    .node(*id)
                    .is_some_and(|node| !node.selector && node.name.contains(wanted))
                    && estate.scope(*id).is_some()
            };
            let near = estate
                .ids()
                .filter(|id| !wanted.is_empty() && holds(id))
                .take(5)
                .map(|id| say(&id))
                .collect();
            Err(NotOne::None {
                name: text.to_owned(),
                near,
            })
        }
        several => Err(NotOne::Several {
            name: text.to_owned(),
            all: several.iter().map(say).collect(),
        }),
    }
}

/// Where somebody stands who has got into a node, where nothing else is said: in a workload as code that runs there,
/// in an identity as itself.
#[must_use]
pub fn usual_foothold(estate: &Estate, node: NodeId) -> Foothold {
    match estate.kind(node).map(|kind| kind.class) {
        Some(Class::Workload) => Foothold::Runs,
        _ => Foothold::Acts,
    }
}

/// Who can do an action to a resource, in the platform's own words. The action is compared without case.
#[must_use]
pub fn who_can(opened: &Opened, mapped: &Mapped, action: &str, resource: &str) -> Vec<Answer> {
    let estate = &*mapped.estate;
    let wanted = action.to_lowercase();
    let members = members(estate);
    // Where the resource was read, only what is over its own kind can mean it; and where it, or what holds it
    // (a bucket for its objects), was read in some scopes, a holder elsewhere needs their consent too.
    let kinds: Vec<KindId> = estate
        .named(resource)
        .filter_map(|id| estate.node(id))
        .map(|node| node.kind)
        .collect();
    let homes: BTreeSet<ScopeId> = homes(estate, resource);
    let layers: BTreeSet<&str> = homes
        .iter()
        .filter_map(|id| estate.scopes.get(id.index()))
        .map(|scope| &*scope.layer)
        .collect();
    let mut all: BTreeMap<(NodeId, NodeId, usize), Answer> = BTreeMap::new();
    for (number, row) in estate.privileges.iter().enumerate() {
        if !glob(&row.action.to_lowercase(), &wanted) || !covers(estate, row.over, resource) {
            continue;
        }
        if !kinds.is_empty()
            && estate
                .node(row.over)
                .is_none_or(|node| !kinds.contains(&node.kind))
        {
            continue;
        }
        for who in holders(&members, row.holder) {
            if !estate.kind(who).is_some_and(|kind| kind.class.acts())
                || estate.node(who).is_none_or(|node| node.selector)
            {
                continue;
            }
            let Some(node) = estate.node(who) else { continue };
            let of_layer = estate
                .scopes
                .get(node.scope.index())
                .is_some_and(|scope| layers.contains(&*scope.layer));
            if !layers.is_empty() && !of_layer {
                continue;
            }
            if let Some(mut answer) = answer(opened, estate, who, row, action, resource) {
                if !homes.is_empty() && !homes.contains(&node.scope) && answer.confirmed == Holds::Yes {
                    answer.confirmed =
                        Holds::If("the scope that the resource is of allows it too".to_owned());
                }
                all.insert((who, row.holder, number), answer);
            }
        }
    }
    all.into_values().collect()
}

/// The scopes in which a resource was read, or what holds it.
fn homes(estate: &Estate, resource: &str) -> BTreeSet<ScopeId> {
    let holds = |name: &str| {
        resource
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && !name.is_empty()))
    };
    estate
        .ids()
        .filter(|id| estate.kind(*id).is_some_and(|kind| kind.class == Class::Resource))
        .filter_map(|id| estate.node(id))
        .filter(|node| !node.selector && holds(&node.name))
        .map(|node| node.scope)
        .collect()
}

/// Everything that an identity can do by its own and its groups' privileges, widest first.
#[must_use]
pub fn can(opened: &Opened, mapped: &Mapped, who: NodeId) -> Vec<Answer> {
    let estate = &*mapped.estate;
    let mut groups: Vec<NodeId> = vec![who];
    let mut seen: BTreeSet<NodeId> = BTreeSet::from([who]);
    let mut at = 0;
    let member = member_technique(estate);
    while let Some(node) = groups.get(at).copied() {
        at += 1;
        let from = estate.edges.partition_point(|edge| edge.from < node);
        for edge in estate
            .edges
            .iter()
            .skip(from)
            .take_while(|edge| edge.from == node)
        {
            if Some(edge.technique.index()) == member && seen.insert(edge.to) {
                groups.push(edge.to);
            }
        }
    }
    let mut all: Vec<Answer> = Vec::new();
    for row in estate.privileges.iter().filter(|row| seen.contains(&row.holder)) {
        all.push(row_answer(opened, estate, who, row, Holds::Yes));
    }
    all.sort_by_key(|one| (one.rung, one.verb, one.action.clone(), one.over.clone()));
    all
}

fn answer(
    opened: &Opened,
    estate: &Estate,
    who: NodeId,
    row: &Privilege,
    action: &str,
    resource: &str,
) -> Option<Answer> {
    let node = estate.node(who)?;
    let loaded = opened.loaded().get(node.scope.index())?;
    let named = Who {
        kind: estate.kind(who).map_or("", |kind| &kind.name),
        name: &node.name,
    };
    match loaded.may(&named, action, resource) {
        Holds::No(_) => None,
        confirmed => Some(row_answer(opened, estate, who, row, confirmed)),
    }
}

fn row_answer(opened: &Opened, estate: &Estate, who: NodeId, row: &Privilege, confirmed: Holds) -> Answer {
    Answer {
        who: node_row(estate, who),
        holder: node_row(estate, row.holder),
        verb: row.verb,
        action: row.action.to_string(),
        over: estate.show(row.over),
        condition: estate.condition(row.condition).to_owned(),
        rung: row.rung,
        confirmed,
        place: opened.library().show(row.place),
    }
}

/// Whether what a privilege is over may hold the resource: by its name, its pattern, or as its container.
fn covers(estate: &Estate, over: NodeId, resource: &str) -> bool {
    match estate.selectors.get(&over) {
        Some(selector) => selector.matches(resource),
        None => estate.name(over) == resource,
    }
}

fn member_technique(estate: &Estate) -> Option<usize> {
    estate
        .techniques
        .iter()
        .position(|row| *row.id == *crate::link::MEMBER.id)
}

/// Group -> who has what it holds.
fn members(estate: &Estate) -> HashMap<NodeId, Vec<NodeId>> {
    let member = member_technique(estate);
    let mut all: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
    for edge in estate
        .edges
        .iter()
        .filter(|edge| Some(edge.technique.index()) == member)
    {
        all.entry(edge.to).or_default().push(edge.from);
    }
    all
}

/// A holder and everybody who has what it holds.
fn holders(members: &HashMap<NodeId, Vec<NodeId>>, holder: NodeId) -> Vec<NodeId> {
    let mut all = vec![holder];
    let mut seen = BTreeSet::from([holder]);
    let mut at = 0;
    while let Some(node) = all.get(at).copied() {
        at += 1;
        for member in members.get(&node).map(Vec::as_slice).unwrap_or_default() {
            if seen.insert(*member) {
                all.push(*member);
            }
        }
    }
    all
}
