//! The privileges table by action, and by what it is over: a question is held against each once, and not against each row.

use crate::estate::Estate;
use crate::model::{NodeId, ScopeId};
use hashbrown::HashMap;

/// Rows of the privileges table, by the scope of their holders and by action.
pub(super) struct Actions(Vec<Action>);

/// Rows of one action, whose holders are of one scope.
pub(super) struct Action {
    pub(super) scope: ScopeId,
    /// The rows over one thing, by their numbers; never none.
    pub(super) overs: Vec<Vec<u32>>,
}

impl Actions {
    /// Linear in the table.
    pub(super) fn new(estate: &Estate) -> Self {
        let mut actions: HashMap<(ScopeId, &str), usize> = HashMap::new();
        let mut overs: HashMap<(usize, NodeId), usize> = HashMap::new();
        let mut all: Vec<Action> = Vec::new();
        for (number, row) in (0u32..).zip(&estate.privileges) {
            let Some(holder) = estate.node(row.holder) else {
                continue;
            };
            let action = *actions
                .entry((holder.scope, &row.action))
                .or_insert_with(|| all.len());
            if action == all.len() {
                all.push(Action {
                    scope: holder.scope,
                    overs: Vec::new(),
                });
            }
            let Some(of_action) = all.get_mut(action) else {
                continue;
            };
            let over = *overs
                .entry((action, row.over))
                .or_insert_with(|| of_action.overs.len());
            match of_action.overs.get_mut(over) {
                Some(rows) => rows.push(number),
                None => of_action.overs.push(vec![number]),
            }
        }
        Self(all)
    }

    pub(super) fn all(&self) -> &[Action] {
        &self.0
    }
}
