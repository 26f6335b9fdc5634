//! Selectors as ranges: ids follow text, so a prefix within a scope and kind is a contiguous range of ids; and an ending
//! is one of the same ids in the order of their texts read backwards.

use super::{Estate, Node, Selector};
use crate::model::{KindId, NodeId, Pattern, ScopeId};
use hashbrown::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// So few names are looked through one by one.
const FEW: usize = 64;

/// The members of a selector, as runs of ids, in order. Only right once the estate is finished.
pub(crate) fn runs(estate: &Estate, id: NodeId, selector: &Selector) -> Vec<Range<u32>> {
    let Some(own) = estate.node(id) else {
        return Vec::new();
    };
    let (scope, kind) = (own.scope, own.kind);
    let all = with_prefix(estate, (scope, kind), selector.pattern.literal_prefix());
    let whole = matches!(selector.pattern, Pattern::Any | Pattern::Prefix(_)) && selector.except.is_empty();
    if whole {
        return if all.is_empty() {
            Vec::new()
        } else {
            Vec::from([all])
        };
    }
    let meant = |id: &u32| {
        let node = estate.node(NodeId(*id));
        node.is_some_and(|node| selector.matches(&node.name))
    };
    let ending = selector.pattern.literal_ending();
    if ending.is_empty() || all.len() <= FEW {
        return joined(all.filter(meant));
    }
    let mut ids: Vec<u32> = estate.endings.with(estate, (scope, kind), ending);
    ids.retain(|id| all.contains(id) && meant(id));
    ids.sort_unstable();
    joined(ids.into_iter())
}

/// Ids in order, as runs.
fn joined(ids: impl Iterator<Item = u32>) -> Vec<Range<u32>> {
    let mut all: Vec<Range<u32>> = Vec::new();
    for id in ids {
        match all.last_mut() {
            Some(last) if last.end == id => last.end += 1,
            _ => all.push(id..id + 1),
        }
    }
    all
}

/// The named nodes of a scope and kind whose names begin so.
fn with_prefix(estate: &Estate, (scope, kind): (ScopeId, KindId), prefix: &str) -> Range<u32> {
    let key = (scope, kind, false);
    let of = |node: &Node| (node.scope, node.kind, node.selector);
    let nodes = &*estate.nodes;
    let begin = nodes.partition_point(|node| (of(node), &*node.name) < (key, prefix));
    let rest = nodes.get(begin..).unwrap_or_default();
    let len = rest.partition_point(|node| of(node) == key && node.name.starts_with(prefix));
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    number(begin)..number(begin + len)
}

/// The ids of a scope and kind, in the order of their names read backwards.
type Backwards = Arc<[u32]>;

/// The nodes by how their names end, made for a kind when a selector first asks for it.
#[derive(Default)]
pub(super) struct Endings(Mutex<HashMap<(ScopeId, KindId), Backwards>>);

impl Endings {
    /// Those whose names end so, in no order.
    fn with(&self, estate: &Estate, of: (ScopeId, KindId), ending: &str) -> Vec<u32> {
        let name = |id: u32| estate.node(NodeId(id)).map_or("", |node| &*node.name);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ids = known.entry(of).or_insert_with(|| {
            let mut ids: Vec<u32> = with_prefix(estate, of, "").collect();
            ids.sort_unstable_by(|a, b| name(*a).bytes().rev().cmp(name(*b).bytes().rev()));
            ids.into()
        });
        let ids = Arc::clone(ids);
        drop(known);
        let begin = ids.partition_point(|id| name(*id).bytes().rev().lt(ending.bytes().rev()));
        let rest = ids.get(begin..).unwrap_or_default();
        let len = rest.partition_point(|id| name(*id).ends_with(ending));
        rest.get(..len).unwrap_or_default().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Scope;

    /// Small numbers that are always the same.
    fn next(state: &mut u64) -> usize {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(*state >> 40).unwrap()
    }

    #[test]
    fn members_are_those_whose_names_are_meant() {
        let mut seed = 7;
        let word = |seed: &mut u64, wild: bool| -> String {
            let letters = if wild { "ab/é*?" } else { "ab/é" };
            let letters: Vec<char> = letters.chars().collect();
            let len = next(seed) % 6;
            (0..len).map(|_| letters[next(seed) % letters.len()]).collect()
        };
        let scope = |name: &str| Scope {
            layer: "toy".into(),
            name: name.into(),
            title: name.into(),
            environment: None,
            endpoints: Vec::new(),
        };
        let mut estate = Estate::new(vec![scope("one"), scope("two")]);
        for number in 0..2_000 {
            estate.nodes.push(Node {
                scope: ScopeId(u32::from(number % 7 == 0)),
                kind: KindId(u16::from(number % 5 == 0)),
                selector: false,
                name: format!("{}{}", word(&mut seed, false), word(&mut seed, false)).into(),
            });
        }
        estate.nodes.sort();
        estate.nodes.dedup();
        let mut looked_up = 0;
        for _ in 0..2_000 {
            let text = word(&mut seed, true);
            let selector = Selector {
                pattern: match next(&mut seed) % 3 {
                    0 => Pattern::Prefix(text.into()),
                    1 => Pattern::Glob(format!("*{text}").into()),
                    _ => Pattern::Glob(text.into()),
                },
                except: vec![Pattern::Exact(word(&mut seed, false).into())],
            };
            let id = NodeId(u32::try_from(next(&mut seed) % estate.nodes.len()).unwrap());
            let of = |node: &Node| (node.scope, node.kind);
            let own = of(estate.node(id).unwrap());
            let slow: Vec<u32> = estate
                .ids()
                .filter(|id| {
                    let node = estate.node(*id).unwrap();
                    of(node) == own && selector.matches(&node.name)
                })
                .map(|id| id.0)
                .collect();
            let fast: Vec<u32> = runs(&estate, id, &selector).into_iter().flatten().collect();
            assert_eq!(fast, slow, "{selector:?}");
            looked_up += usize::from(!fast.is_empty());
        }
        assert!(looked_up > 500, "{looked_up}");
    }
}
