//! Whether some rules cover others: component-helpers auth/rbac/validation, Covers.
//!
//! Every (group, resource, verb, name) and (URL, verb) of the new rules must be covered by one held rule; empty lists
//! make no atom.

use crate::facts::PolicyRule;

/// The atoms of a rule: each one as a rule of single entries.
fn atoms(rule: &PolicyRule) -> Vec<PolicyRule> {
    let one = |text: &str| vec![Box::<str>::from(text)];
    let mut all = Vec::new();
    for group in &rule.groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                let atom = |names: Vec<Box<str>>| PolicyRule {
                    verbs: one(verb),
                    groups: one(group),
                    resources: one(resource),
                    names,
                    urls: Vec::new(),
                };
                if rule.names.is_empty() {
                    all.push(atom(Vec::new()));
                } else {
                    all.extend(rule.names.iter().map(|name| atom(one(name))));
                }
            }
        }
    }
    for url in &rule.urls {
        for verb in &rule.verbs {
            all.push(PolicyRule {
                verbs: one(verb),
                urls: one(url),
                ..PolicyRule::default()
            });
        }
    }
    all
}

fn has_all(held: &[Box<str>], wanted: &[Box<str>]) -> bool {
    wanted.iter().all(|one| held.contains(one))
}

fn wild_or_all(held: &[Box<str>], wanted: &[Box<str>]) -> bool {
    held.iter().any(|one| &**one == "*") || has_all(held, wanted)
}

fn resources_cover(held: &[Box<str>], wanted: &[Box<str>]) -> bool {
    wild_or_all(held, wanted)
        || wanted.iter().all(|one| {
            held.contains(one)
                || one
                    .split_once('/')
                    .is_some_and(|(_, sub)| held.iter().any(|held| held.strip_prefix("*/") == Some(sub)))
        })
}

fn urls_cover(held: &[Box<str>], wanted: &[Box<str>]) -> bool {
    wanted.iter().all(|one| {
        held.iter()
            .any(|held| held == one || (held.ends_with('*') && one.starts_with(held.trim_end_matches('*'))))
    })
}

fn rule_covers(held: &PolicyRule, atom: &PolicyRule) -> bool {
    let names = if atom.names.is_empty() {
        held.names.is_empty()
    } else {
        held.names.is_empty() || has_all(&held.names, &atom.names)
    };
    wild_or_all(&held.verbs, &atom.verbs)
        && wild_or_all(&held.groups, &atom.groups)
        && resources_cover(&held.resources, &atom.resources)
        && urls_cover(&held.urls, &atom.urls)
        && names
}

/// The atoms of the wanted rules that no held rule covers.
#[must_use]
pub(crate) fn missing<'a>(
    held: &[&PolicyRule],
    wanted: impl Iterator<Item = &'a PolicyRule>,
) -> Vec<PolicyRule> {
    wanted
        .flat_map(atoms)
        .filter(|atom| !held.iter().any(|one| rule_covers(one, atom)))
        .collect()
}
