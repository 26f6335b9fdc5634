//! Laws that hold whatever the documents say, tried on the demo organisation.

use foursee::core::audit::Input;
use foursee::core::judge::Policy;
use foursee_tests::{json, report, shop, shop_policy};
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

/// A finding without its scope: a document that names the scope may be the one that is taken away.
fn causes(
    documents: &[Input],
    policy: &Policy,
) -> (BTreeSet<(String, String)>, BTreeSet<String>, BTreeSet<String>) {
    let report = report(documents, policy);
    let causes = report
        .findings
        .iter()
        .map(|one| (one.rule.to_owned(), one.cause.clone()))
        .collect();
    let gaps = report
        .gaps
        .iter()
        .map(|gap| format!("{}|{}|{}|{}", gap.layer, gap.target, gap.facet, gap.hides))
        .collect();
    let named = report
        .gaps
        .iter()
        .flat_map(|gap| gap.rules.iter().cloned())
        .collect();
    (causes, gaps, named)
}

#[test]
fn what_disappears_with_a_document_is_named_by_a_gap() {
    let (documents, policy) = (shop(), shop_policy());
    let (all, gaps, _) = causes(&documents, &policy);
    let mut silent = Vec::new();
    for at in 0..documents.len() {
        let mut less = documents.clone();
        let gone = less.remove(at);
        let (left, now, named) = causes(&less, &policy);
        let new_gap = now.difference(&gaps).next().is_some();
        // A gap names the rule, or is there only because of what was taken away.
        let lost: Vec<_> = all
            .difference(&left)
            .filter(|(rule, _)| !new_gap && !named.contains(rule))
            .collect();
        if !lost.is_empty() {
            silent.push(format!(
                "without {}: {} findings gone and no gap says so, for example {:?}",
                gone.name,
                lost.len(),
                lost.first()
            ));
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}
