//! Documents that end before their end.

use crate::{audited, changed, is_json, names};
use foursee::core::report::Report;
use foursee_tests::{report, shop, shop_policy};
use std::collections::BTreeSet;

#[test]
fn a_document_that_is_cut_off_is_a_gap_that_names_it() {
    let (mut panics, mut silent) = (Vec::new(), Vec::new());
    for input in shop() {
        let whole = input.text.trim_end().len();
        // Small ones at two dozen places, all at every kilobyte.
        let step = (whole / 24).clamp(1, 1_024);
        for end in (0..whole).step_by(step).chain([whole - 1]) {
            let Some(cut) = input.text.get(..end) else {
                continue;
            };
            let what = format!("{} cut after {end} bytes", input.name);
            let report = audited(&[changed(&input, cut.to_owned())], &what, &mut panics);
            // A list of lines that ends early is a shorter list; JSON that ends early is not JSON.
            if is_json(&input) && report.is_some_and(|report| !names(&report, &input.name)) {
                silent.push(what);
            }
        }
    }
    assert!(panics.is_empty(), "panics:\n{}", panics.join("\n"));
    assert!(silent.is_empty(), "no gap:\n{}", silent.join("\n"));
}

#[test]
fn a_document_that_is_cut_off_leaves_the_others_their_findings() {
    let (documents, policy) = (shop(), shop_policy());
    let of_scope = |report: &Report, layer: &str, scope: &str| -> BTreeSet<String> {
        let own = report
            .findings
            .iter()
            .filter(|one| one.layer == layer && one.scope.as_deref() == Some(scope));
        own.map(|one| one.fingerprint.clone()).collect()
    };
    let whole = report(&documents, &policy);
    let folder = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let mut seen = BTreeSet::new();
    for (at, input) in documents.iter().enumerate().filter(|(_, input)| is_json(input)) {
        // One of each folder: an audit of the whole shop each.
        if !seen.insert(folder(&input.name)) {
            continue;
        }
        let mut middle = input.text.len() / 2;
        while !input.text.is_char_boundary(middle) {
            middle -= 1;
        }
        let mut documents = documents.clone();
        documents[at] = changed(input, input.text[..middle].to_owned());
        let cut = report(&documents, &policy);
        assert!(names(&cut, &input.name), "{}", input.name);
        let mut kept = 0;
        for scope in &whole.scopes {
            let before = of_scope(&whole, &scope.layer, &scope.name);
            kept += usize::from(before == of_scope(&cut, &scope.layer, &scope.name));
        }
        // The document's own scope may differ, and one that it tells something about.
        assert!(
            kept + 2 >= whole.scopes.len(),
            "{}: {kept} scopes of {}",
            input.name,
            whole.scopes.len()
        );
    }
}
