//! What is proposed for one subject: its own bindings replaced by roles as used, and the proof.

use super::need::{Case, Need, Needs, say};
use super::policies;
use super::rules::{Scoped, Width, build, joined};
use super::subject::{Held, Key};
use crate::authorize::{missing, rule_allows};
use crate::facts::{Facts, PolicyRule};
use crate::usage::{ENOUGH, Usage};
use foursee_core::model::Rung;
use foursee_core::rightsize::Tried;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// The days that proposals are made from, and those that they are tried on.
#[derive(Clone)]
pub(super) struct Days {
    pub learn: RangeInclusive<i32>,
    pub test: Option<RangeInclusive<i32>>,
}

/// What is proposed for one subject, or tidied up.
#[derive(Default)]
pub(super) struct Change {
    pub key: Option<Key>,
    /// Subjects that are taken out of bindings: (binding, which subject).
    pub out: Vec<(usize, usize)>,
    /// Roles that are removed.
    pub roles: Vec<usize>,
    /// Bindings that are removed though they have no subject to take out.
    pub empty: Vec<usize>,
    /// What is granted anew.
    pub rules: Scoped,
    pub drops: Vec<String>,
    pub notes: Vec<String>,
    pub rung: Option<(Rung, Rung)>,
    pub tried: Vec<Tried>,
    pub title: String,
}

/// Why there is no proposal for somebody.
pub(super) fn change(
    facts: &Facts,
    usage: &Usage,
    key: &Key,
    held: &Held,
    days: &Days,
) -> Result<Change, String> {
    let platform = |at: usize| {
        facts
            .bindings
            .get(at)
            .is_some_and(|one| one.shipped || one.meta.name.starts_with("system:"))
    };
    let mut own: Vec<usize> = held.iter().map(|one| one.0).filter(|at| !platform(*at)).collect();
    own.dedup();
    if own.is_empty() {
        return Err(
            "its bindings are the platform's own: the API server makes them again when it starts".to_owned(),
        );
    }
    own.retain(|at| facts.bindings.get(*at).is_some_and(|one| facts.in_cluster(one)));
    if own.is_empty() {
        return Err("its bindings are in manifests only: the cluster has not seen them yet".to_owned());
    }
    own.retain(|at| facts.index.role_of(*at).is_some());
    if own.is_empty() {
        return Err("the roles of its bindings were not read".to_owned());
    }
    let case = Case {
        facts,
        usage,
        key,
        bindings: &own,
        days: days.learn.clone(),
    };
    let mut needs = case.needs();
    let length = i64::from(*days.learn.end()) - i64::from(*days.learn.start()) + 1;
    if !needs.seen && length < ENOUGH {
        return Err(format!(
            "never seen, in fewer than {ENOUGH} days of audit log: that is not enough"
        ));
    }
    let rules = build(&case, &needs, Width::Names);
    let kept: Vec<usize> = own
        .iter()
        .copied()
        .filter(|at| gives_all(facts, &rules, *at))
        .collect();
    if kept.len() == own.len() {
        return Err("it uses all that it holds".to_owned());
    }
    // What a binding that stays gives is not granted twice.
    let all = std::mem::take(&mut needs.all);
    let (stay, rest): (Vec<Need<'_>>, Vec<Need<'_>>) = all.into_iter().partition(|need| {
        let name = need.name.unwrap_or_default();
        need.name.is_some() && kept.iter().any(|at| binding_allows(facts, *at, need, name))
    });
    needs.all = rest;
    needs.held.retain(|(scope, _, rule)| {
        let rule = super::need::as_rule(rule);
        !missing(&rules_of(facts, &kept, scope), std::iter::once(&rule)).is_empty()
    });
    let rules = build(&case, &needs, Width::Names);
    prove(&case, &needs, &rules)?;
    let out: Vec<(usize, usize)> = held
        .iter()
        .copied()
        .filter(|(at, _)| own.contains(at) && !kept.contains(at))
        .collect();
    let gone: BTreeSet<usize> = out.iter().map(|one| one.0).collect();
    let lost = lost(facts, &gone, &kept, &rules);
    let mut change = Change {
        key: Some(key.clone()),
        drops: drops(facts, &lost),
        rung: Some((widest(facts, &own), Rung::AsUsed)),
        notes: notes(&needs, &case)
            .into_iter()
            .chain(policies::notes(facts, usage, key, &lost))
            .collect(),
        title: title(facts, key, &gone, &rules),
        out,
        ..Change::default()
    };
    if change.drops.is_empty() {
        return Err("it uses all that it holds".to_owned());
    }
    if let Some(test) = &days.test {
        let later = Case {
            days: test.clone(),
            ..case
        };
        let used = later.needs();
        // What stays is for what was learnt alone.
        needs.all.extend(stay);
        for width in [Width::Names, Width::Types] {
            let variant = build(&case_of(&later, &days.learn), &needs, width);
            let widest = variant
                .iter()
                .flat_map(|(scope, rules)| rules.iter().map(move |rule| crate::lower::rung(rule, scope)));
            let rung = match width {
                Width::Names => Rung::AsUsed,
                Width::Types => widest.min().unwrap_or(Rung::Narrow),
            };
            change.tried.push(tried(&later, &used, &variant, &kept, rung));
        }
    }
    change.rules = rules;
    Ok(change)
}

fn case_of<'c>(case: &Case<'c>, days: &RangeInclusive<i32>) -> Case<'c> {
    Case {
        facts: case.facts,
        usage: case.usage,
        key: case.key,
        bindings: case.bindings,
        days: days.clone(),
    }
}

/// The rules that count in a namespace.
fn there<'r>(rules: &'r Scoped, namespace: &str) -> Vec<&'r PolicyRule> {
    let within = Some(namespace).filter(|one| !one.is_empty());
    let own = within.and_then(|namespace| rules.get(namespace));
    rules.get("").into_iter().chain(own).flatten().collect()
}

/// The rules that some bindings give in a namespace.
fn rules_of<'f>(facts: &'f Facts, bindings: &[usize], namespace: &str) -> Vec<&'f PolicyRule> {
    bindings
        .iter()
        .filter(|at| {
            facts
                .bindings
                .get(**at)
                .is_some_and(|one| one.meta.namespace.is_empty() || *one.meta.namespace == *namespace)
        })
        .filter_map(|at| facts.index.role_of(*at))
        .flat_map(|role| facts.rules_of(role).map(|(rule, _)| rule))
        .collect()
}

fn namespace_of(facts: &Facts, binding: usize) -> &str {
    facts.bindings.get(binding).map_or("", |one| &one.meta.namespace)
}

/// Whether what is needed includes all that a binding gives.
fn gives_all(facts: &Facts, rules: &Scoped, binding: usize) -> bool {
    let namespace = namespace_of(facts, binding);
    let gives = rules_of(facts, &[binding], namespace);
    missing(&there(rules, namespace), gives.into_iter()).is_empty()
}

fn binding_allows(facts: &Facts, binding: usize, need: &Need<'_>, name: &str) -> bool {
    let asked = need.what.attributes(name);
    let namespace = namespace_of(facts, binding);
    (namespace.is_empty() || namespace == asked.namespace())
        && facts
            .index
            .role_of(binding)
            .is_some_and(|role| facts.index.rule(facts, role, &asked).is_some())
}

/// That it gives nothing that is not held, and all that is needed.
fn prove(case: &Case<'_>, needs: &Needs<'_>, rules: &Scoped) -> Result<(), String> {
    for (scope, new) in rules {
        if !missing(&case.held(scope), new.iter()).is_empty() {
            return Err("no smaller role could be proven to be within what it holds".to_owned());
        }
    }
    for need in &needs.all {
        let Some(name) = need.name else { continue };
        let asked = need.what.attributes(name);
        if !there(rules, asked.namespace())
            .iter()
            .any(|rule| rule_allows(rule, &asked))
        {
            return Err(format!(
                "no smaller role could be proven to allow `{}`",
                say(need.what, name)
            ));
        }
    }
    Ok(())
}

fn widest(facts: &Facts, bindings: &[usize]) -> Rung {
    bindings
        .iter()
        .flat_map(|at| {
            let namespace = namespace_of(facts, *at);
            rules_of(facts, &[*at], namespace)
                .into_iter()
                .map(move |rule| crate::lower::rung(rule, namespace))
        })
        .min()
        .unwrap_or(Rung::Narrow)
}

/// The rules that are lost by each binding that is gone.
fn lost(
    facts: &Facts,
    gone: &BTreeSet<usize>,
    kept: &[usize],
    rules: &Scoped,
) -> Vec<(usize, Vec<PolicyRule>)> {
    let of = |at: usize| {
        let namespace = namespace_of(facts, at);
        let mut left = there(rules, namespace);
        left.extend(rules_of(facts, kept, namespace));
        missing(&left, rules_of(facts, &[at], namespace).into_iter())
    };
    gone.iter().map(|at| (*at, of(*at))).collect()
}

/// What is gone, a binding at a time.
fn drops(facts: &Facts, lost: &[(usize, Vec<PolicyRule>)]) -> Vec<String> {
    const MOST: usize = 20;
    let mut all = Vec::new();
    for (at, lost) in lost {
        let Some(binding) = facts.bindings.get(*at) else {
            continue;
        };
        let place = match &*binding.meta.namespace {
            "" => "cluster-wide".to_owned(),
            namespace => format!("in {namespace}"),
        };
        let lost = joined(lost);
        let more = lost.len().saturating_sub(MOST);
        all.extend(
            lost.iter()
                .take(MOST)
                .map(|rule| format!("{place}: {}", crate::rules::common::rule_text(rule))),
        );
        if more > 0 {
            all.push(format!(
                "{place}: {more} more of {} {}",
                binding.role_kind, binding.role_name
            ));
        }
    }
    all
}

fn notes(needs: &Needs<'_>, case: &Case<'_>) -> Vec<String> {
    let mut all = Vec::new();
    if !needs.seen {
        all.push("it was never seen in the audit log".to_owned());
    }
    if needs.held.iter().any(|(_, why, _)| *why == "unseen") {
        all.push(
            "what the kubelet, or others than the API server, are asked leaves no event: kept as it is held"
                .to_owned(),
        );
    }
    if needs.by_others {
        all.push(
            "some of what it did another authorizer than RBAC allowed, as the log says: no role is made of that"
                .to_owned(),
        );
    }
    if needs.gone {
        all.push(
            "it wrote roles or bindings that are not there any more: what it passed on then is not known"
                .to_owned(),
        );
    }
    if let Some(first) = needs.elsewhere.first() {
        all.push(format!(
            "{} requests were allowed that nothing in these documents allows it now, as `{first}`: none is granted",
            needs.elsewhere.len()
        ));
    }
    if case.key.group {
        all.push("members whom the log does not show lose what no other member used".to_owned());
    }
    all
}

fn title(facts: &Facts, key: &Key, gone: &BTreeSet<usize>, rules: &Scoped) -> String {
    let (kind, name) = key.node();
    let mut names = gone.iter().filter_map(|at| facts.bindings.get(*at));
    let first = names
        .next()
        .map(|one| format!("{} {}", one.kind(), one.meta.full_name()))
        .unwrap_or_default();
    let more = match gone.len() {
        0 | 1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    match rules.len() {
        0 => format!("{kind} {name}: out of {first}{more}, which it does not use"),
        1 => format!("{kind} {name}: a role as used instead of {first}{more}"),
        all => format!("{kind} {name}: {all} roles as used instead of {first}{more}"),
    }
}

/// How a variant would have done on later days.
fn tried(case: &Case<'_>, used: &Needs<'_>, rules: &Scoped, kept: &[usize], rung: Rung) -> Tried {
    let (mut least, mut most) = (0u64, 0u64);
    let mut changes = BTreeSet::new();
    for need in &used.all {
        let calls = need.seen.requests(need.name, &case.days);
        let name = need.name.unwrap_or_default();
        let asked = need.what.attributes(name);
        let allowed = |named: bool| {
            there(rules, asked.namespace()).iter().any(|rule| {
                rule_allows(rule, &asked)
                    || !named
                        && rule_allows(
                            &PolicyRule {
                                names: Vec::new(),
                                ..(*rule).clone()
                            },
                            &asked,
                        )
            }) || kept.iter().any(|at| binding_allows(case.facts, *at, need, name))
        };
        if !allowed(true) && !case.otherwise(need, &asked) {
            most += calls;
            // Of names that are not known some may be allowed.
            least += if need.name.is_none() && allowed(false) {
                0
            } else {
                calls
            };
            changes.insert(say(need.what, name));
        }
    }
    let (from, to) = (*case.days.start(), *case.days.end());
    Tried {
        rung,
        denied: (least, most),
        changes: changes.len() as u64,
        days: (to - from + 1).max(0).unsigned_abs(),
        blank: case.usage.blank(from, to),
    }
}
