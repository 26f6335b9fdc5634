//! Selectors as ranges: ids follow text, so a prefix within a scope and kind is a contiguous range of ids.

use super::{Estate, Selector};
use crate::model::{NodeId, Pattern};
use std::ops::Range;

/// The members of a selector, as runs of ids, in order. Only right once the estate is finished.
pub(crate) fn runs(estate: &Estate, id: NodeId, selector: &Selector) -> Vec<Range<u32>> {
    let Some(own) = estate.node(id) else {
        return Vec::new();
    };
    let key = (own.scope, own.kind, false);
    let nodes = &*estate.nodes;
    let prefix = selector.pattern.literal_prefix();
    let begin =
        nodes.partition_point(|node| ((node.scope, node.kind, node.selector), &*node.name) < (key, prefix));
    let rest = nodes.get(begin..).unwrap_or_default();
    let len = rest.partition_point(|node| {
        (node.scope, node.kind, node.selector) == key && node.name.starts_with(prefix)
    });
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let whole = matches!(selector.pattern, Pattern::Any | Pattern::Prefix(_)) && selector.except.is_empty();
    if whole {
        let all = number(begin)..number(begin + len);
        return if len == 0 { Vec::new() } else { Vec::from([all]) };
    }
    let mut all: Vec<Range<u32>> = Vec::new();
    for (at, node) in rest.iter().take(len).enumerate() {
        if selector.matches(&node.name) {
            let id = number(begin + at);
            match all.last_mut() {
                Some(last) if last.end == id => last.end += 1,
                _ => all.push(id..id + 1),
            }
        }
    }
    all
}
