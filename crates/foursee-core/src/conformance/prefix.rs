//! A document that breaks off: what is left of it is read, or a gap says what is not; never silence.

use super::{Texts, documents};
use crate::audit::{Mapped, open};
use crate::document::{Format, Head, json_texts};
use crate::judge::Policy;
use crate::model::Reason;
use crate::registry::Registry;
use crate::report::GapRow;
use serde::de::IgnoredAny;
use std::collections::BTreeSet;

/// At so many places each document is cut.
const CUTS: usize = 64;

pub(super) fn check(registry: &Registry, texts: Texts<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, (name, text)) in texts.iter().enumerate() {
        let mut left: Option<Said> = None;
        let step = (text.len() / CUTS).max(1);
        for end in (0..text.len()).step_by(step) {
            let Some(cut) = text.get(..end) else { continue };
            let opened = open(documents(&[(name, cut)]), registry, &Policy::default(), 1);
            let mapped = Mapped::new(&opened, &Policy::default(), &mut |_| {});
            // That nobody said whose a document is, or what can never be known, is no word on what it lacks.
            let gap = opened
                .gaps()
                .iter()
                .chain(&mapped.estate.gaps)
                .any(|gap| !matches!(gap.reason, Reason::Ambiguous | Reason::Inherent));
            // Counts of events stand in the layer's own facts alone, and a line that breaks off is core's to say.
            let head = registry.recognise(&Head::new(name, cut));
            let events = head.is_some_and(|(_, claim)| claim.events);
            let facts = events || !mapped.estate.nodes.is_empty();
            if !gap && !events && broken_json(name, cut) {
                wrong.push(format!(
                    "`{name}` breaks off after {end} bytes, and no gap says so"
                ));
            } else if !gap && !facts {
                // What it says may show only beside the other documents.
                let (facts, gaps) = said(registry, &with(texts, at, Some(cut)));
                let left = left.get_or_insert_with(|| said(registry, &with(texts, at, None)));
                if facts == left.0 && gaps.is_subset(&left.1) {
                    wrong.push(format!(
                        "`{name}` cut after {end} bytes gives neither facts nor gaps"
                    ));
                }
            }
        }
    }
    wrong
}

/// The texts with one of them cut, or gone.
fn with<'a>(texts: Texts<'a>, at: usize, cut: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let mut all = texts.to_vec();
    match (all.get_mut(at), cut) {
        (Some(one), Some(cut)) => one.1 = cut,
        (Some(_), None) => drop(all.remove(at)),
        (None, _) => {}
    }
    all
}

/// What some documents say, and what they cannot.
type Said = (String, BTreeSet<String>);

fn said(registry: &Registry, texts: Texts<'_>) -> Said {
    let report = super::same::run(registry, texts, 1);
    let gap = |gap: &GapRow| format!("{} {} {:?} {}", gap.target, gap.facet, gap.reason, gap.hides);
    let found = report.findings.iter();
    let found: Vec<_> = found
        .map(|one| (&one.fingerprint, &one.title, &one.identities))
        .collect();
    let facts = format!("{found:?}{:?}{:?}", report.identities, report.estate.nodes);
    (facts, report.gaps.iter().map(gap).collect())
}

/// Whether a text is JSON whose last value breaks off.
fn broken_json(name: &str, text: &str) -> bool {
    let json = matches!(
        Head::new(name, text).format(),
        Format::JsonObject | Format::JsonArray
    );
    let last = json_texts(text).last();
    json && last
        .is_some_and(|last| serde_json::from_str::<IgnoredAny>(last).is_err_and(|error| error.is_eof()))
}
