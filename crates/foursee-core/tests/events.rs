//! Documents of events are folded line by line, let go, and never quoted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "each test file uses its part of the toy")]
mod toy;

use foursee_core::audit::{Documents, Options, audit};
use foursee_core::judge::Policy;
use foursee_core::model::Reason;
use foursee_core::registry::Registry;
use foursee_core::report::Report;
use toy::{Fault, Toy};

const EXPORT: &str = r#"{"toy":"acme","boxes":["box-1"],"grants":[{"who":"ann","do":"read","of":"box-1"}]}"#;

fn run(texts: &[(&str, &str)]) -> Report {
    let mut documents = Documents::new();
    for (name, text) in texts {
        documents.push_text(*name, *text);
    }
    let registry = Registry::new().layer(Toy(Fault::None)).unwrap();
    let options = Options::default();
    audit(documents, &registry, &Policy::default(), &options, &mut |_| {})
}

fn said(report: &Report) -> Vec<(&str, &str)> {
    let all = report.findings.iter();
    all.map(|one| (&*one.cause, &*one.evidence.first().unwrap().says))
        .collect()
}

#[test]
fn events_fold_the_same_however_they_are_split_and_ordered() {
    let whole = run(&[
        ("a.json", EXPORT),
        (
            "b.log",
            "toy-event ann box-1\ntoy-event bob box-1\ntoy-event ann box-1\n",
        ),
    ]);
    assert_eq!(said(&whole), [("ann box-1", "2 times"), ("bob box-1", "1 times")]);
    let split = run(&[
        ("a.json", EXPORT),
        ("1.log", "toy-event ann box-1"),
        ("2.log", "toy-event ann box-1\r\n\r\n"),
        ("z.log", "toy-event bob box-1\n"),
    ]);
    assert_eq!(said(&split), said(&whole));
    assert_eq!(split.identities, whole.identities);
}

#[test]
fn the_text_of_events_is_not_held_and_still_counted() {
    let log = "toy-event ann box-1\n".repeat(10_000);
    let report = run(&[("a.json", EXPORT), ("b.log", &log)]);
    let held: usize = report.library.documents().iter().map(|one| one.text.len()).sum();
    assert_eq!(held, EXPORT.len());
    assert_eq!(report.summary.bytes, (EXPORT.len() + log.len()) as u64);
    assert_eq!(said(&report), [("ann box-1", "10000 times")]);
}

#[test]
fn a_line_that_fails_is_a_gap_with_its_place_and_never_its_text() {
    let log = "toy-event ann box-1\ntoy-event ann box-1 password=hunter2\nnoise hunter2\ntoy-event hunter2";
    let report = run(&[("a.json", EXPORT), ("b.log", log)]);
    let of_log: Vec<_> = report
        .gaps
        .iter()
        .filter(|gap| gap.target.contains("b.log"))
        .collect();
    let shown: Vec<_> = of_log
        .iter()
        .map(|gap| (&*gap.target, gap.reason, gap.place.as_ref().unwrap().line))
        .collect();
    assert_eq!(
        shown,
        [
            ("line 2 of b.log", Reason::Malformed, 2),
            ("line 4 of b.log", Reason::Truncated, 4)
        ]
    );
    assert!(
        of_log
            .iter()
            .all(|gap| gap.place.as_ref().unwrap().pointer.is_empty())
    );
    let everything = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        report.findings,
        report.gaps,
        report.identities,
        report.estate.nodes,
        report.library.documents()
    );
    assert!(!everything.contains("hunter2"), "{everything}");
    assert_eq!(said(&report), [("ann box-1", "1 times")]);
}
