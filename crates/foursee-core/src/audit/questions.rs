//! Questions over what was lowered: who can do an action to a resource, what can an identity do, which node is meant.
//! The privileges table gives the candidates; the layer's exact authorizer confirms each.

use super::paths::node_row;
use super::{Mapped, Opened};
use crate::document::Shown;
use crate::estate::{Estate, Privilege};
use crate::layer::{Asked, Granted, Holds, Who};
use crate::model::{Class, Foothold, KindId, NodeId, Rung, ScopeId, Verb, holds};
use crate::registry::Loaded;
use crate::report::NodeRow;
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

/// Which node a text means: "NAME", "KIND NAME" or "KIND:NAME", and with "@SCOPE" behind it where several scopes have it.
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
                .and_then(|rest| rest.strip_prefix([' ', ':']))
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

/// Who can do an action to a resource, in the platform's own words: "NAME", or "KIND:NAME" where the kind is one that
/// tables print. The action is compared without regard to case.
#[must_use]
pub fn who_can(opened: &Opened, mapped: &Mapped, action: &str, resource: &str) -> Vec<Answer> {
    let estate = &*mapped.estate;
    let (said, name) = kind_and_name(estate, resource);
    let members = mapped.members();
    // Where the resource was read, only what is over its own kind can mean it; and where it, or what holds it
    // (a bucket for its objects), was read in some scopes, a holder elsewhere needs their consent too.
    let word = |kind: KindId| estate.kinds.get(kind.index()).map(|kind| &*kind.name);
    let read = estate.named(name).filter_map(|id| estate.node(id));
    let kinds: BTreeSet<&str> = match said {
        Some(kind) => BTreeSet::from([kind]),
        None => read.filter_map(|node| word(node.kind)).collect(),
    };
    let kinds: Vec<&str> = kinds.into_iter().collect();
    let asked = Asked {
        action,
        resource: name,
        kinds: &kinds,
    };
    let homes: BTreeSet<ScopeId> = homes(estate, name, said);
    let layers: BTreeSet<&str> = homes
        .iter()
        .filter_map(|id| estate.scopes.get(id.index()))
        .map(|scope| &*scope.layer)
        .collect();
    let mut all: BTreeMap<(NodeId, NodeId, u32), Answer> = BTreeMap::new();
    let row = |number: &u32| Some((*number, estate.privileges.get(*number as usize)?));
    for (layer, rows) in asked_about(opened, mapped, &asked) {
        let Some((_, first)) = rows.first().and_then(row) else {
            continue;
        };
        let granted = granted(estate, first);
        if !layer.covers(&granted, &asked) {
            continue;
        }
        let over = layer.spell(granted.kind, name);
        let holders = rows.iter().filter_map(row).flat_map(|(number, row)| {
            let all = members.holders(row.holder).into_iter();
            all.map(move |who| (who, number, row))
        });
        for (who, number, row) in holders {
            let acts = estate.kind(who).is_some_and(|kind| kind.class.acts());
            let Some(node) = estate.node(who).filter(|node| acts && !node.selector) else {
                continue;
            };
            let of_layer = estate
                .scopes
                .get(node.scope.index())
                .is_some_and(|scope| layers.contains(&*scope.layer));
            let elsewhere = !homes.is_empty() && !homes.contains(&node.scope);
            if !layers.is_empty() && !of_layer || elsewhere && !layer.names_are_global() {
                continue;
            }
            if let Some(mut answer) = answer(opened, estate, who, row, action, &over) {
                if elsewhere && answer.confirmed == Holds::Yes {
                    answer.confirmed =
                        Holds::If("the scope that the resource is of allows it too".to_owned());
                }
                all.insert((who, row.holder, number), answer);
            }
        }
    }
    all.into_values().collect()
}

/// The rows of the privileges table whose actions concern what is asked, those of one action over one thing together;
/// with the layer that knows them.
fn asked_about<'a>(
    opened: &'a Opened,
    mapped: &'a Mapped,
    asked: &Asked<'_>,
) -> impl Iterator<Item = (&'a dyn Loaded, &'a [u32])> {
    let actions = mapped.actions().all().iter();
    let concerning = actions.filter_map(|action| {
        let first = action.overs.first()?.first()?;
        let row = mapped.estate.privileges.get(*first as usize)?;
        let layer = &**opened.loaded().get(action.scope.index())?;
        layer.concerns(&row.action, asked).then_some((layer, action))
    });
    concerning.flat_map(|(layer, action)| action.overs.iter().map(move |rows| (layer, rows.as_slice())))
}

/// A row of the privileges table, to hold a question against.
fn granted<'a>(estate: &'a Estate, row: &'a Privilege) -> Granted<'a> {
    let selector = estate.selectors.get(&row.over);
    Granted {
        action: &row.action,
        kind: estate.kind(row.over).map_or("", |kind| &kind.name),
        over: estate.name(row.over),
        selector,
    }
}

/// "KIND:NAME" in two, where the first is the word of a kind and nothing is called the whole.
fn kind_and_name<'a>(estate: &Estate, text: &'a str) -> (Option<&'a str>, &'a str) {
    let known = |word: &str| estate.kinds.iter().any(|kind| *kind.name == *word);
    match text.split_once(':') {
        Some((kind, name)) if known(kind) && estate.named(text).next().is_none() => (Some(kind), name),
        _ => (None, text),
    }
}

/// The scopes in which a resource was read, or what holds it.
fn homes(estate: &Estate, resource: &str, said: Option<&str>) -> BTreeSet<ScopeId> {
    estate
        .ids()
        .filter_map(|id| estate.node(id))
        .filter(|node| !node.selector && holds(&node.name, resource))
        .filter(|node| {
            let kind = estate.kinds.get(node.kind.index());
            kind.is_some_and(|kind| {
                let whole = said.is_none_or(|said| *kind.name == *said || *node.name != *resource);
                whole && kind.class == Class::Resource
            })
        })
        .map(|node| node.scope)
        .collect()
}

/// Everything that an identity can do by its own and its groups' privileges, widest first.
#[must_use]
pub fn can(opened: &Opened, mapped: &Mapped, who: NodeId) -> Vec<Answer> {
    let estate = &*mapped.estate;
    let groups = mapped.members().groups(who);
    let mut all: Vec<Answer> = Vec::new();
    for row in estate
        .privileges
        .iter()
        .filter(|row| groups.contains(&row.holder))
    {
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
