//! Smaller roles from evidence of use: for service accounts, users and groups, and what does nothing removed.
//!
//! What somebody used of its own bindings becomes roles of its own, bound to it alone, and it is taken out of the old
//! bindings: nobody else's rights change, nor any role that exists. The platform's own bindings stay, and what they give
//! is not granted again. A proposal is proven twice: by upstream's Covers to be within what its subject holds, and by the
//! authorizer, over the roles and bindings as they would be, to allow every request that was used.

mod change;
mod hygiene;
mod names;
mod need;
mod objects;
mod policies;
mod rules;
mod subject;
mod yaml;

pub(crate) use hygiene::{dangling, unbound};

use crate::authorize::{Decision, Index, decide};
use crate::facts::{Binding, Facts, Labels, Meta, Role, Subject};
use crate::usage::{Sort, Usage, day};
use change::{Change, Days, change};
use foursee_core::document::Place;
use foursee_core::model::{DocId, Gap, Reason};
use foursee_core::rightsize::{Ask, Backtest, Proposal, Proposals, Untouched};
use objects::{Made, plan};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// Everything that is proposed for a cluster.
pub(crate) fn rightsize(facts: &Facts, usage: &Usage, ask: &Ask) -> Proposals {
    let mut found = Proposals {
        window: usage.window,
        gaps: usage.gaps(),
        ..Proposals::default()
    };
    let days = days(usage, ask.backtest, &mut found.gaps);
    let mut changes = Vec::new();
    let mut unknown: BTreeSet<&String> = ask.identities.iter().collect();
    for (key, held) in subject::all(facts) {
        let meant: Vec<&String> = ask.identities.iter().filter(|text| key.meant(text)).collect();
        if !ask.identities.is_empty() && meant.is_empty() {
            continue;
        }
        for text in meant {
            unknown.remove(text);
        }
        let absent = key.account().is_some_and(|(namespace, name)| {
            facts.listed("ServiceAccount") && facts.index.account(namespace, name).is_none()
        });
        let result = match &days {
            _ if absent => Err("it does not exist: see what is tidied up".to_owned()),
            None => Err("no audit log shows what it uses".to_owned()),
            Some(days) => change(facts, usage, &key, &held, days),
        };
        match result {
            Ok(one) => changes.push(one),
            Err(why) => {
                let (kind, name) = key.node();
                found.untouched.push(Untouched { kind, name, why });
            }
        }
    }
    for text in unknown {
        found.untouched.push(Untouched {
            kind: String::new(),
            name: text.clone(),
            why: "no binding names it".to_owned(),
        });
    }
    if ask.identities.is_empty() {
        changes.extend(hygiene::changes(facts));
    }
    let mut made = Vec::new();
    for together in grouped(changes) {
        let (proposal, one) = proposal(facts, together);
        found.proposals.push(proposal);
        made.push(one);
    }
    found.proposals.sort_by(|a, b| {
        let key = |one: &Proposal| {
            (
                one.identities.is_empty(),
                one.identities.clone(),
                one.title.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    found.untouched.sort();
    let learnt = days.map_or(i32::MIN..=i32::MAX, |days| days.learn);
    check(facts, usage, &learnt, made, &mut found);
    found
}

/// Which days count; none without any that do.
fn days(usage: &Usage, cut: Option<Backtest>, gaps: &mut Vec<Gap>) -> Option<Days> {
    let Some((first, last)) = usage.window.filter(|_| usage.ended > 0 && !usage.too_many) else {
        if usage.window.is_none() {
            gaps.push(
                Gap::new(Reason::NotCaptured, "an audit log")
                    .hides("what is used, and so every smaller role")
                    .closes("the API server's --audit-log-path"),
            );
        }
        return None;
    };
    let (first, last) = (day(first), day(last));
    let Some(cut) = cut else {
        return Some(Days {
            learn: first..=last,
            test: None,
        });
    };
    let (learn, test) = (cut.learn.cast_signed(), cut.test.cast_signed());
    let begins = last.saturating_sub(learn).saturating_sub(test).saturating_add(1);
    if begins < first {
        gaps.push(
            Gap::new(
                Reason::NotCaptured,
                format!("a back-test of {} days on {}", cut.learn, cut.test),
            )
            .facet(format!(
                "never seen enough: the audit log covers {} days",
                usage.length()
            ))
            .hides("which calls each proposal would have denied")
            .closes(format!(
                "audit logs of {} days, or a shorter --backtest",
                learn + test
            )),
        );
        return Some(Days {
            learn: first..=last,
            test: None,
        });
    }
    Some(Days {
        learn: begins..=last - test,
        test: Some(last - test + 1..=last),
    })
}

/// Changes that share a binding are one proposal: each can then be applied without the others.
fn grouped(changes: Vec<Change>) -> Vec<Vec<Change>> {
    let mut of_binding: BTreeMap<usize, usize> = BTreeMap::new();
    let mut parent: Vec<usize> = (0..changes.len()).collect();
    fn root(parent: &[usize], mut at: usize) -> usize {
        while let Some(up) = parent.get(at).filter(|up| **up != at) {
            at = *up;
        }
        at
    }
    for (number, change) in changes.iter().enumerate() {
        for (binding, _) in &change.out {
            let first = *of_binding.entry(*binding).or_insert(number);
            let (a, b) = (root(&parent, first), root(&parent, number));
            if let Some(slot) = parent.get_mut(a.max(b)) {
                *slot = a.min(b);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<Change>> = BTreeMap::new();
    for (number, change) in changes.into_iter().enumerate() {
        groups.entry(root(&parent, number)).or_default().push(change);
    }
    groups.into_values().collect()
}

fn proposal(facts: &Facts, changes: Vec<Change>) -> (Proposal, Made) {
    let plan = plan(facts, &changes);
    let mut all = Proposal {
        identities: Vec::new(),
        title: String::new(),
        rung: None,
        grants: plan.grants,
        drops: Vec::new(),
        notes: Vec::new(),
        forward: plan.forward,
        back: plan.back,
        tried: Vec::new(),
    };
    let mut titles = Vec::new();
    for change in changes {
        all.identities.extend(change.key.map(|key| key.node()));
        titles.push(change.title);
        all.drops.extend(change.drops);
        all.notes.extend(change.notes);
        all.rung = match (all.rung, change.rung) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.min(b.1))),
            (a, b) => a.or(b),
        };
        for (at, one) in change.tried.into_iter().enumerate() {
            match all.tried.get_mut(at) {
                Some(tried) => {
                    tried.rung = tried.rung.min(one.rung);
                    tried.denied.0 += one.denied.0;
                    tried.denied.1 += one.denied.1;
                    tried.changes += one.changes;
                }
                None => all.tried.push(one),
            }
        }
    }
    if titles.len() > 1 {
        all.notes
            .push("its subjects share a binding: they change together".to_owned());
    }
    all.identities.sort();
    all.identities.dedup();
    all.notes.sort();
    all.notes.dedup();
    all.title = titles.join("; ");
    (all, plan.made)
}

/// Asks the authorizer over the roles and bindings as they would be whether everybody may still do what they did.
fn check(facts: &Facts, usage: &Usage, days: &RangeInclusive<i32>, made: Vec<Made>, found: &mut Proposals) {
    if made.is_empty() {
        return;
    }
    let place = facts.first.unwrap_or(Place { doc: DocId(0), at: 0 });
    let meta = |namespace: &str, name: &str| Meta {
        namespace: namespace.into(),
        name: name.into(),
        live: true,
        labels: Labels::default(),
        annotations: Vec::new(),
        place,
    };
    let mut after = Facts {
        roles: facts.roles.clone(),
        bindings: facts.bindings.clone(),
        accounts: facts.accounts.clone(),
        api_servers: facts.api_servers.clone(),
        versions: facts.versions.clone(),
        assumed: facts.assumed,
        kinds: facts.kinds.clone(),
        ..Facts::default()
    };
    for (at, out) in made.iter().flat_map(|one| &one.out) {
        let Some(binding) = after.bindings.get_mut(*at) else {
            continue;
        };
        let mut which = 0;
        binding.subjects.retain(|_| {
            which += 1;
            !out.contains(&(which - 1))
        });
    }
    for (kind, namespace, name, rules, key) in made.into_iter().flat_map(|one| one.roles) {
        after.roles.push(Role {
            kind,
            meta: meta(&namespace, &name),
            rules: rules.into_iter().map(|rule| (rule, place)).collect(),
            aggregation: None,
            shipped: false,
            vendor: None,
        });
        after.bindings.push(Binding {
            meta: meta(&namespace, &name),
            role_kind: kind.as_str().into(),
            role_name: name.into(),
            subjects: vec![Subject {
                kind: if key.group { "Group" } else { "User" }.into(),
                name: key.name.into(),
                namespace: "".into(),
                place,
            }],
            shipped: false,
        });
    }
    Index::build(&mut after);
    for (who, requests) in usage.everybody() {
        for (what, seen) in requests
            .iter()
            .filter(|(what, _)| matches!(what.sort, Sort::Asked | Sort::Implied))
        {
            for (name, on) in seen.names().into_iter().flatten() {
                let asked = what.attributes(name);
                // Who is asked nothing, and nodes, lose nothing by bindings.
                if on.range(days.clone()).next().is_none()
                    || !matches!(who.ask(|who| decide(facts, who, &asked)), Decision::Allowed(_))
                {
                    continue;
                }
                found.checked += 1;
                if !who.ask(|who| decide(&after, who, &asked)).allowed() {
                    found
                        .refused
                        .push(format!("{}: {}", who.user, need::say(what, name)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
