//! Who has what a group, a grant or a selector holds: membership, with selectors spelled out.

use crate::estate::{Estate, runs};
use crate::model::NodeId;
use std::collections::BTreeSet;

/// Membership, one step at a time, in both directions.
pub(super) struct Members {
    /// (whose, who has it), sorted.
    down: Vec<(NodeId, NodeId)>,
    /// (who has it, whose), sorted.
    up: Vec<(NodeId, NodeId)>,
}

impl Members {
    /// Linear in the membership edges and the members of the selectors that hold something or are members themselves.
    pub(super) fn new(estate: &Estate) -> Self {
        let technique = estate
            .techniques
            .iter()
            .position(|row| *row.id == *crate::link::MEMBER.id);
        let edges = estate
            .edges
            .iter()
            .filter(|edge| Some(edge.technique.index()) == technique);
        let mut down: Vec<(NodeId, NodeId)> = edges.map(|edge| (edge.to, edge.from)).collect();
        // A selector that holds passes it to each of its members; one that is joined has what each of them holds.
        let holds = down.iter().map(|(_, member)| *member);
        let holds: BTreeSet<NodeId> = holds
            .chain(estate.privileges.iter().map(|row| row.holder))
            .collect();
        let joined: BTreeSet<NodeId> = down.iter().map(|(group, _)| *group).collect();
        let all = |id: NodeId| {
            let selector = estate.selectors.get(&id);
            selector
                .map(|selector| runs(estate, id, selector))
                .unwrap_or_default()
                .into_iter()
                .flatten()
                .map(NodeId)
        };
        for selector in holds {
            down.extend(all(selector).map(|member| (selector, member)));
        }
        for selector in joined {
            down.extend(all(selector).map(|member| (member, selector)));
        }
        down.sort_unstable();
        down.dedup();
        let mut up: Vec<(NodeId, NodeId)> = down.iter().map(|(group, member)| (*member, *group)).collect();
        up.sort_unstable();
        Self { down, up }
    }

    /// Those who have what a node holds, by one step.
    pub(super) fn of(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        step(&self.down, node)
    }

    /// A holder, and everybody who has what it holds.
    pub(super) fn holders(&self, holder: NodeId) -> BTreeSet<NodeId> {
        closure(&self.down, holder)
    }

    /// Somebody, and everything whose holdings they have.
    pub(super) fn groups(&self, who: NodeId) -> BTreeSet<NodeId> {
        closure(&self.up, who)
    }
}

fn step(pairs: &[(NodeId, NodeId)], from: NodeId) -> impl Iterator<Item = NodeId> {
    let begin = pairs.partition_point(|pair| pair.0 < from);
    let rest = pairs.iter().skip(begin);
    rest.take_while(move |pair| pair.0 == from).map(|pair| pair.1)
}

fn closure(pairs: &[(NodeId, NodeId)], from: NodeId) -> BTreeSet<NodeId> {
    let mut all = BTreeSet::from([from]);
    let mut work = vec![from];
    while let Some(node) = work.pop() {
        work.extend(step(pairs, node).filter(|next| all.insert(*next)));
    }
    all
}
