//! Laws that hold whatever the documents say, tried on the demo organisation.

use foursee::core::audit::Input;
use foursee::core::judge::Policy;
use foursee_tests::{json, report, report_since, shop, shop_policy};
use std::collections::BTreeSet;

#[test]
fn nothing_in_nothing_out() {
    let empty = report(&[], &Policy::default());
    assert!(
        empty.findings.is_empty()
            && empty.scopes.is_empty()
            && empty.gaps.is_empty()
            && empty.paths.is_empty()
    );
}

#[test]
fn the_order_of_documents_is_irrelevant_and_equal_input_gives_equal_bytes() {
    let (documents, policy) = (shop(), shop_policy());
    let whole = json(&report(&documents, &policy));
    assert_eq!(whole, json(&report(&documents, &policy)));
    let mut reversed = documents.clone();
    reversed.reverse();
    assert_eq!(whole, json(&report(&reversed, &policy)));
    let mut rotated = documents;
    rotated.rotate_left(7);
    assert_eq!(whole, json(&report(&rotated, &policy)));
}

#[test]
fn an_unrelated_document_changes_nothing_but_adds_a_gap() {
    let (mut documents, policy) = (shop(), shop_policy());
    let before = report(&documents, &policy);
    let mut other = documents[0].clone();
    other.name = "zz-minutes.txt".to_owned();
    other.text = "Minutes of the meeting: nobody came.\n".to_owned();
    documents.push(other);
    let after = report(&documents, &policy);
    assert_eq!(before.findings, after.findings);
    assert_eq!(before.paths, after.paths);
    assert_eq!(before.identities, after.identities);
    assert_eq!(after.gaps.len(), before.gaps.len() + 1);
}

#[test]
fn a_moved_folder_keeps_all_fingerprints() {
    let (documents, policy) = (shop(), shop_policy());
    let prints = |documents: &[Input]| -> BTreeSet<String> {
        report(documents, &policy)
            .findings
            .into_iter()
            .map(|one| one.fingerprint)
            .collect()
    };
    let moved: Vec<Input> = documents
        .iter()
        .cloned()
        .map(|mut one| {
            one.name = format!("archive/2026/{}", one.name);
            one
        })
        .collect();
    assert_eq!(prints(&documents), prints(&moved));
    assert!(!prints(&documents).is_empty());
}

/// What a report says: its findings without their scopes (a document that names the scope may be the one that is taken
/// away), its gaps, and the rules that these name.
struct Said {
    causes: BTreeSet<(String, String)>,
    gaps: BTreeSet<String>,
    named: BTreeSet<String>,
}

fn said(documents: &[Input], policy: &Policy) -> Said {
    let report = report(documents, policy);
    let gap = |gap: &foursee::core::report::GapRow| {
        format!("{}|{}|{}|{}", gap.layer, gap.target, gap.facet, gap.hides)
    };
    Said {
        causes: report
            .findings
            .iter()
            .map(|one| (one.rule.to_owned(), one.cause.clone()))
            .collect(),
        gaps: report.gaps.iter().map(gap).collect(),
        named: report
            .gaps
            .iter()
            .flat_map(|gap| gap.rules.iter().cloned())
            .collect(),
    }
}

/// Where another document of the same scope holds objects of the same kinds, a kind of documents is not missing, and a
/// layer must see by other signs that there were more: a chart's manifests are no listing, and what others name and no
/// listing holds is not all. What even that does not show is listed in docs/architecture.md, "What cannot be missed"; of
/// the shop it is the chart that is not installed yet: the listings of its cluster are whole without it.
#[test]
fn what_disappears_with_a_document_is_named_by_a_gap() {
    let (documents, policy) = (shop(), shop_policy());
    let whole = said(&documents, &policy);
    let mut silent = Vec::new();
    for at in 0..documents.len() {
        let mut less = documents.clone();
        let gone = less.remove(at);
        let left = said(&less, &policy);
        let new_gap = left.gaps.difference(&whole.gaps).next().is_some();
        // A gap names the rule, or is there only because of what was taken away.
        let lost: Vec<_> = whole
            .causes
            .difference(&left.causes)
            .filter(|(rule, _)| !new_gap && !left.named.contains(rule))
            .collect();
        if !lost.is_empty() {
            println!("without {}: {lost:?} gone, and no gap says so", gone.name);
            silent.push(gone.name);
        }
    }
    assert_eq!(silent, ["cluster-prod/payments.yaml"]);
}

/// A finding of the baseline whose documents are not there is unknown, never resolved; nor is what the graph showed.
#[test]
fn what_was_not_read_is_not_resolved() {
    let (documents, policy) = (shop(), shop_policy());
    let baseline = foursee::report::json::baseline(&json(&report(&documents, &policy))).unwrap();
    let less: Vec<Input> = documents
        .into_iter()
        .filter(|one| one.name != "postgres/shop.json")
        .collect();
    let now = report_since(&less, &policy, Some(baseline.clone()));
    assert!(now.resolved.is_empty(), "{:?}", now.resolved);
    let gone: Vec<&str> = now.unknown.iter().map(|past| past.layer.as_str()).collect();
    assert!(gone.contains(&"postgres") && gone.contains(&"core"), "{gone:?}");
    // With everything read, what is not found any more is resolved, in its own scope and as what the graph shows.
    let mut more = baseline;
    for rule in ["postgres-superuser-login", "core-identity-shared"] {
        let mut past = more
            .findings
            .values()
            .find(|past| past.rule == rule)
            .unwrap()
            .clone();
        past.fingerprint = format!("gone-{rule}");
        more.findings.insert(past.fingerprint.clone(), past);
    }
    let now = report_since(&shop(), &policy, Some(more));
    assert_eq!((now.resolved.len(), now.unknown.len()), (2, 0));
}
