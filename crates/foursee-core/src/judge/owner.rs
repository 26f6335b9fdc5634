//! Whose it is: tags, labels and comments under the configured keys, else the configured patterns.

use super::Policy;
use crate::document::Place;
use crate::estate::Estate;
use crate::model::{NodeId, glob};
use hashbrown::HashMap;
use std::sync::Arc;

/// The owners of an estate's nodes.
pub(crate) struct Owners<'a> {
    policy: &'a Policy,
    /// The best key's tag, by node.
    tagged: HashMap<NodeId, (usize, Arc<str>, Arc<str>, Place)>,
}

/// An owner, and where it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Owner {
    pub(crate) name: String,
    /// "label team", "owners pattern `arn:*`", "scope shop-prod".
    pub(crate) read_from: String,
    pub(crate) place: Option<Place>,
}

impl<'a> Owners<'a> {
    pub(crate) fn new(policy: &'a Policy, estate: &Estate) -> Self {
        let mut tagged: HashMap<NodeId, (usize, Arc<str>, Arc<str>, Place)> = HashMap::new();
        for tag in &estate.tags {
            let Some(rank) = policy
                .owner_keys
                .iter()
                .position(|key| key.eq_ignore_ascii_case(&tag.key))
            else {
                continue;
            };
            let better = tagged.get(&tag.node).is_none_or(|(known, ..)| rank < *known);
            if better {
                tagged.insert(
                    tag.node,
                    (rank, Arc::clone(&tag.key), Arc::clone(&tag.value), tag.place),
                );
            }
        }
        Self { policy, tagged }
    }

    pub(crate) fn of(&self, estate: &Estate, node: NodeId) -> Option<Owner> {
        if let Some((_, key, value, place)) = self.tagged.get(&node) {
            return Some(Owner {
                name: value.to_string(),
                read_from: format!("tag {key}"),
                place: Some(*place),
            });
        }
        let name = estate.name(node);
        if let Some((pattern, owner)) = self
            .policy
            .owner_patterns
            .iter()
            .find(|(pattern, _)| glob(pattern, name))
        {
            return Some(Owner {
                name: owner.clone(),
                read_from: format!("owners pattern {pattern}"),
                place: None,
            });
        }
        None
    }

    pub(crate) fn of_scope(&self, layer: &str, scope: &str) -> Option<Owner> {
        let owner = self.policy.scope(layer, scope)?.owner.clone()?;
        Some(Owner {
            name: owner,
            read_from: format!("scope {scope}"),
            place: None,
        })
    }
}
