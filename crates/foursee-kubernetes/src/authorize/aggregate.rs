//! Aggregated ClusterRoles: what the controller of kube-controller-manager writes into their rules.
//!
//! In a capture the stored rules are the truth. In manifests the rules of a ClusterRole with an aggregationRule are
//! replaced by those of every other ClusterRole that one of its selectors matches, to a least fixed point.

use crate::facts::{Facts, LabelSelector, PolicyRule, RoleKind};
use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// The rules of every role as they take effect, as (role, rule) pairs into the stored tables.
pub(super) fn effective(facts: &Facts) -> Vec<Vec<(u32, u32)>> {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let computed = |at: usize| {
        facts.roles.get(at).is_some_and(|role| {
            role.kind == RoleKind::ClusterRole && role.aggregation.is_some() && !role.meta.live
        })
    };
    let mut all: Vec<Vec<(u32, u32)>> = facts
        .roles
        .iter()
        .enumerate()
        .map(|(at, role)| {
            let own = if computed(at) { 0 } else { role.rules.len() };
            (0..own).map(|rule| (number(at), number(rule))).collect()
        })
        .collect();
    // The members of every computed role, in selector then name order; roles are sorted by name.
    let labelled = Labelled::new(facts);
    let members: Vec<(usize, Vec<usize>)> = (0..facts.roles.len())
        .filter(|at| computed(*at))
        .map(|at| {
            let selectors = facts.roles.get(at).and_then(|role| role.aggregation.as_deref());
            let members = selectors
                .unwrap_or_default()
                .iter()
                .flat_map(|selector| labelled.selected(selector))
                .filter(|other| *other != at)
                .collect();
            (at, members)
        })
        .collect();
    let rule = |(role, rule): (u32, u32)| -> Option<&PolicyRule> {
        facts
            .roles
            .get(role as usize)?
            .rules
            .get(rule as usize)
            .map(|one| &one.0)
    };
    // Who is looked at again when a role's rules grow.
    let mut holders: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, (_, members)) in members.iter().enumerate() {
        for member in members {
            holders.entry(*member).or_default().push(number);
        }
    }
    let mut work: BTreeSet<usize> = (0..members.len()).collect();
    while let Some(number) = work.pop_first() {
        let Some((at, members)) = members.get(number) else {
            continue;
        };
        let mut union: Vec<(u32, u32)> = Vec::new();
        let mut held: HashSet<&PolicyRule> = HashSet::new();
        for one in members.iter().flat_map(|member| all.get(*member)).flatten() {
            if rule(*one).is_some_and(|rule| held.insert(rule)) {
                union.push(*one);
            }
        }
        if let Some(slot) = all.get_mut(*at)
            && union.len() > slot.len()
        {
            *slot = union;
            work.extend(holders.get(at).into_iter().flatten());
        }
    }
    all
}

/// ClusterRoles by their labels, so that a selector that names a label's value looks at no others.
struct Labelled<'f> {
    facts: &'f Facts,
    by_label: HashMap<(&'f str, &'f str), Vec<usize>>,
    all: Vec<usize>,
}

impl<'f> Labelled<'f> {
    fn new(facts: &'f Facts) -> Self {
        let mut labelled = Self {
            facts,
            by_label: HashMap::new(),
            all: Vec::new(),
        };
        for (at, role) in facts.roles.iter().enumerate() {
            if role.kind == RoleKind::ClusterRole {
                labelled.all.push(at);
                for (key, value) in role.meta.labels.iter() {
                    labelled.by_label.entry((key, value)).or_default().push(at);
                }
            }
        }
        labelled
    }

    /// The roles that a selector selects, in their order.
    fn selected<'s>(&'s self, selector: &'s LabelSelector) -> impl Iterator<Item = usize> + 's {
        let one_value = selector
            .0
            .iter()
            .find_map(|one| match (&*one.operator, &*one.values) {
                ("In", [value]) => Some((&*one.key, &**value)),
                _ => None,
            });
        let candidates: &[usize] = match one_value {
            Some(label) => self.by_label.get(&label).map_or(&[], Vec::as_slice),
            None => &self.all,
        };
        candidates.iter().copied().filter(|at| {
            let role = self.facts.roles.get(*at);
            role.is_some_and(|role| selector.matches(&role.meta.labels))
        })
    }
}
