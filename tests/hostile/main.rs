//! Hostile input, through the whole audit: documents cut off anywhere, nested without end, of the wrong types, with
//! numbers that are none and names that terminals and spreadsheets would obey. Nothing panics, nothing is silent, and
//! nothing takes memory or time out of proportion.

mod archives;
mod chains;
mod cut;
mod doors;
mod encodings;
mod limited;
mod many;
mod matchers;
mod mixed;
mod names;
mod nested;
mod values;

use foursee::core::audit::Input;
use foursee::core::judge::Policy;
use foursee::core::report::Report;
use foursee_tests::report;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Deeper than any stack that recursed would bear.
const DEEP: usize = 10_000;

/// The report over these, or which of them made it panic.
fn audited(inputs: &[Input], what: &str, panics: &mut Vec<String>) -> Option<Report> {
    let ran = catch_unwind(AssertUnwindSafe(|| report(inputs, &Policy::default())));
    if ran.is_err() {
        panics.push(what.to_owned());
    }
    ran.ok()
}

/// Whether a gap says of which file it is.
fn names(report: &Report, file: &str) -> bool {
    report.gaps.iter().any(|gap| {
        gap.place.as_ref().is_some_and(|place| place.document == file)
            || gap.target.contains(file)
            || gap.facet.contains(file)
    })
}

fn changed(input: &Input, text: String) -> Input {
    let mut input = input.clone();
    input.text = text;
    input
}

fn is_json(input: &Input) -> bool {
    input.text.trim_start().starts_with(['{', '['])
}

/// A document of that name.
fn document(name: &str, text: String) -> Input {
    let mut documents = foursee::core::audit::Documents::new();
    documents.push_text(name, text);
    documents.inputs()[0].clone()
}
