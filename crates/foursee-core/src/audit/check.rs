//! Every rule looks: a layer's over its scope's facts, the graph's over the whole.

use super::{Mapped, Opened};
use crate::finding::{Finding, Findings};
use crate::layer::View;
use crate::model::{Gap, Reason, ScopeId, Time};
use crate::registry::{Registry, Seen};
use std::collections::{BTreeMap, HashSet};

/// What the rules found, and where they could not look.
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    pub(super) gaps: Vec<Gap>,
    /// How many (rule, scope) pairs looked, of how many.
    pub(super) looked: (usize, usize),
}

pub(super) fn check(opened: &Opened, mapped: &Mapped, registry: &Registry, as_of: Time) -> Checked {
    let confirm = opened.confirm();
    let see = Seen {
        estate: &mapped.estate,
        graph: &mapped.graph,
        as_of,
        confirm: &confirm,
    };
    let mut checked = Checked {
        findings: Vec::new(),
        gaps: Vec::new(),
        looked: (0, 0),
    };
    for loaded in opened.loaded() {
        let has = |kind: &str| opened.has(loaded.scope(), kind);
        let blind = loaded.check(&see, &has, &mut checked.findings);
        let metas = registry.metas();
        let of_layer = || metas.iter().filter(|meta| meta.layer() == loaded.layer());
        let all = of_layer().count();
        checked.looked.0 += all - blind.len().min(all);
        checked.looked.1 += all;
        // One gap a missing kind of documents, with the rules that wait for it, or that look at the rest only.
        let mut missing: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
        for meta in of_layer() {
            for kind in meta.needs.iter().filter(|kind| !has(kind)) {
                missing.entry(kind).or_default().0.push(meta.id);
            }
            let is_blind = blind.iter().any(|one| one.id == meta.id);
            for kind in meta.reads.iter().filter(|kind| !has(kind)) {
                let rules = missing.entry(kind).or_default();
                if is_blind {
                    rules.0.push(meta.id)
                } else {
                    rules.1.push(meta.id)
                }
            }
        }
        for (kind, (blind, partly)) in missing {
            let made_by = registry
                .kinds(loaded.layer())
                .iter()
                .find(|one| one.name == kind)
                .map(|one| one.made_by);
            let hides = match (blind.len(), partly.len()) {
                (0, some) => format!(
                    "what {} would find there: the rest was assessed",
                    plural(some, "rule")
                ),
                (some, 0) => format!("what {} would find: not assessed", plural(some, "rule")),
                (some, more) => format!(
                    "what {} would find: not assessed; and part of {more} more",
                    plural(some, "rule")
                ),
            };
            let mut gap = Gap::new(Reason::NotCaptured, format!("documents of kind {kind}"))
                .hides(hides)
                .closes(made_by.map_or_else(|| format!("an export of {kind}"), str::to_owned));
            gap.layer = loaded.layer().into();
            gap.scope = Some(loaded.scope());
            gap.rules = blind.into_iter().chain(partly).map(Into::into).collect();
            checked.gaps.push(gap);
        }
    }
    let view = View {
        facts: &(),
        scope: None,
        estate: &mapped.estate,
        graph: &mapped.graph,
        as_of,
        layer: "core",
        confirm: &confirm,
    };
    if opened.loaded().is_empty() {
        return checked;
    }
    let said: HashSet<(&str, Option<ScopeId>, String)> = checked
        .findings
        .iter()
        .flat_map(|one| {
            one.rule
                .instead
                .iter()
                .map(|rule| (*rule, one.scope, one.cause.clone()))
        })
        .collect();
    let mut names: Vec<std::sync::Arc<str>> = Vec::new();
    for rule in registry.graph_rules() {
        let mut found = Findings::default();
        rule.check(&view, &mut found);
        let own = found.all.into_iter();
        let not_said = own.filter(|one| !said.contains(&(one.rule.id, one.scope, one.cause.clone())));
        checked.findings.extend(not_said);
        names.push(rule.meta().id.into());
        checked.looked.0 += 1;
        checked.looked.1 += 1;
    }
    // No document says which others there should be: what only the graph shows is over what was given.
    let mut gap = Gap::new(
        Reason::Inherent,
        "workloads and identities of documents that were not given",
    )
    .hides("credentials that they present or accept, and the ways through them")
    .closes("exports of every scope, whole: `foursee rules --documents` lists them");
    gap.layer = "core".into();
    gap.rules = names;
    checked.gaps.push(gap);
    checked
}

pub(super) fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
