//! Aggregated ClusterRoles: what the controller of kube-controller-manager writes into their rules.
//!
//! In a capture the stored rules are the truth. In manifests the rules of a ClusterRole with an aggregationRule are
//! replaced by those of every other ClusterRole that one of its selectors matches, to a least fixed point.

use crate::facts::{Facts, PolicyRule, RoleKind};

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
    let members: Vec<(usize, Vec<usize>)> = (0..facts.roles.len())
        .filter(|at| computed(*at))
        .map(|at| {
            let selectors = facts.roles.get(at).and_then(|role| role.aggregation.as_deref());
            let members = selectors
                .unwrap_or_default()
                .iter()
                .flat_map(|selector| {
                    facts.roles.iter().enumerate().filter(move |(other, role)| {
                        *other != at
                            && role.kind == RoleKind::ClusterRole
                            && selector.matches(&role.meta.labels)
                    })
                })
                .map(|(other, _)| other)
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
    // Each round adds at least one rule to one role or is the last.
    loop {
        let mut changed = false;
        for (at, members) in &members {
            let mut union: Vec<(u32, u32)> = Vec::new();
            for member in members {
                for one in all.get(*member).into_iter().flatten() {
                    if !union.iter().any(|held| held == one || rule(*held) == rule(*one)) {
                        union.push(*one);
                    }
                }
            }
            if let Some(slot) = all.get_mut(*at)
                && union.len() > slot.len()
            {
                *slot = union;
                changed = true;
            }
        }
        if !changed {
            return all;
        }
    }
}
