//! Determinism, as one function: whatever the order in which scopes were lowered, the finished estate is the same.

use super::Estate;
use super::selector::Endings;
use crate::model::{ConditionId, KindId, NodeId, TechniqueId};

impl Estate {
    /// Sorts every table by text, gives the final ids, and removes doubles.
    pub fn finish(&mut self) {
        let kinds = sort_table(&mut self.kinds);
        let techniques = sort_table(&mut self.techniques);
        let conditions = sort_table(&mut self.conditions);
        let kind = |old: KindId| KindId(u16::try_from(new_of(&kinds, old.index())).unwrap_or(u16::MAX));
        let technique = |old: TechniqueId| {
            TechniqueId(u16::try_from(new_of(&techniques, old.index())).unwrap_or(u16::MAX))
        };
        let condition = |old: ConditionId| ConditionId(new_of(&conditions, old.index()));

        for node in &mut self.nodes {
            node.kind = kind(node.kind);
        }
        let nodes = sort_table(&mut self.nodes);
        let node = |old: NodeId| NodeId(new_of(&nodes, old.index()));

        self.selectors = std::mem::take(&mut self.selectors)
            .into_iter()
            .map(|(id, one)| (node(id), one))
            .collect();
        for edge in &mut self.edges {
            edge.from = node(edge.from);
            edge.to = node(edge.to);
            edge.technique = technique(edge.technique);
            edge.condition = condition(edge.condition);
        }
        for row in &mut self.privileges {
            row.holder = node(row.holder);
            row.over = node(row.over);
            row.condition = condition(row.condition);
        }
        for one in &mut self.presented {
            one.by = node(one.by);
            one.condition = condition(one.condition);
        }
        for one in &mut self.accepted {
            one.by = node(one.by);
            one.condition = condition(one.condition);
        }
        for one in &mut self.bonds {
            one.presenter = one.presenter.map(node);
            one.acceptor = one.acceptor.map(node);
        }
        for mark in self.entries.iter_mut().chain(&mut self.prizes) {
            mark.node = node(mark.node);
            mark.condition = condition(mark.condition);
        }
        for tag in &mut self.tags {
            tag.node = node(tag.node);
        }
        sort_dedup(&mut self.edges);
        sort_dedup(&mut self.privileges);
        sort_dedup(&mut self.presented);
        sort_dedup(&mut self.accepted);
        sort_dedup(&mut self.bonds);
        sort_dedup(&mut self.entries);
        sort_dedup(&mut self.prizes);
        sort_dedup(&mut self.tags);
        sort_dedup(&mut self.gaps);

        self.kind_index = self
            .kinds
            .iter()
            .enumerate()
            .map(|(at, row)| {
                (
                    (row.layer.clone(), row.name.clone()),
                    KindId(u16::try_from(at).unwrap_or(u16::MAX)),
                )
            })
            .collect();
        self.technique_index = self
            .techniques
            .iter()
            .enumerate()
            .map(|(at, row)| (row.id.clone(), TechniqueId(u16::try_from(at).unwrap_or(u16::MAX))))
            .collect();
        self.condition_index = self
            .conditions
            .iter()
            .enumerate()
            .map(|(at, text)| (text.clone(), ConditionId(u32::try_from(at).unwrap_or(u32::MAX))))
            .collect();
        self.endings = Endings::default();
        self.index.clear();
        for id in self.ids() {
            self.index_node(id);
        }
    }
}

/// Sorts a table of distinct rows; gives each old row's new number. The empty condition stays first: it is least.
fn sort_table<T: Ord + Clone>(rows: &mut Vec<T>) -> Vec<u32> {
    let mut order: Vec<u32> = (0..u32::try_from(rows.len()).unwrap_or(u32::MAX)).collect();
    order.sort_unstable_by(|a, b| rows.get(*a as usize).cmp(&rows.get(*b as usize)));
    let mut new = vec![0; rows.len()];
    for (at, old) in order.iter().enumerate() {
        if let Some(slot) = new.get_mut(*old as usize) {
            *slot = u32::try_from(at).unwrap_or(u32::MAX);
        }
    }
    *rows = order
        .iter()
        .filter_map(|old| rows.get(*old as usize).cloned())
        .collect();
    new
}

fn new_of(table: &[u32], old: usize) -> u32 {
    table.get(old).copied().unwrap_or(u32::MAX)
}

fn sort_dedup<T: Ord>(rows: &mut Vec<T>) {
    rows.sort_unstable();
    rows.dedup();
}
