//! What nobody recognises, and what selectors hold.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "each test file uses its part of the toy")]
mod toy;

use foursee_core::audit::{Documents, can, find, open, who_can};
use foursee_core::conformance::opened;
use foursee_core::judge::Policy;
use foursee_core::model::Reason;
use foursee_core::registry::Registry;
use toy::{Fault, Toy};

#[test]
fn what_nobody_recognises_says_whether_it_is_broken_and_where() {
    let said = |text: &str| {
        let registry = Registry::new().layer(Toy(Fault::None)).unwrap();
        let mut documents = Documents::new();
        documents.push_text("x", text);
        let opened = open(documents, &registry, &Policy::default(), 1);
        let [gap] = opened.gaps() else {
            panic!("{text}: {:?}", opened.gaps());
        };
        (gap.reason, gap.facet.clone())
    };
    let unsupported = (Reason::Unsupported, "no layer recognises it".to_owned());
    for text in [
        "{\"a\": 1}",
        "[1]",
        "{\"a\":1}\n{\"b\":2}",
        "minutes of the meeting",
    ] {
        assert_eq!(said(text), unsupported, "{text}");
    }
    assert_eq!(
        said("{\n \"to"),
        (
            Reason::Truncated,
            "JSON that breaks off at line 2 column 4".to_owned()
        )
    );
    assert_eq!(
        said("{\"a\":1}\n{\"b\":"),
        (
            Reason::Truncated,
            "JSON that breaks off at line 2 column 5".to_owned()
        )
    );
    assert_eq!(
        said("{\n \"a\": !}"),
        (
            Reason::Malformed,
            "not JSON from line 2 column 7 on, although it begins so".to_owned()
        )
    );
    assert_eq!(said(""), (Reason::Malformed, "an empty file".to_owned()));
}

/// A pattern as a member of a team: everybody whom it means has what the team has.
#[test]
fn selectors_as_members_are_spelled_out() {
    let export = r#"{"toy":"acme","boxes":["crate","box-1"],
      "teams":[{"team":"team-a","members":"a*"}],
      "grants":[{"who":"team-a","do":"open","of":"crate"},
                {"who":"ann","do":"read","of":"box-1"},{"who":"bob","do":"read","of":"box-1"},
                {"who":"abe","do":"read","of":"box-1"}]}"#;
    let (opened, mapped) = opened(Toy(Fault::None), &[("a.json", export)]).unwrap();
    let names: Vec<String> = who_can(&opened, &mapped, "open", "crate")
        .into_iter()
        .map(|one| format!("{} by {}", one.who.name, one.holder.name))
        .collect();
    assert_eq!(names, ["abe by team-a", "ann by team-a"]);
    let of = |who: &str| -> Vec<String> {
        let node = find(&mapped.estate, who).unwrap();
        let all = can(&opened, &mapped, node).into_iter();
        all.map(|one| format!("{} {}", one.action, one.over)).collect()
    };
    assert_eq!(of("ann"), ["open box crate", "read box box-1"]);
    assert_eq!(of("bob"), ["read box box-1"]);
}

/// Where somebody stands counts what they have through a selector.
#[test]
fn the_spectrum_counts_what_selectors_bring() {
    let export = r#"{"toy":"acme","boxes":["crate","box-1"],
      "teams":[{"team":"team-a","members":"a*"}],
      "grants":[{"who":"team-a","do":"open","of":"crate"}]}"#;
    let log = "toy-event ann crate\ntoy-event bob crate\n";
    let mut documents = Documents::new();
    documents.push_text("a.json", export).push_text("b.log", log);
    let registry = Registry::new().layer(Toy(Fault::None)).unwrap();
    let options = foursee_core::audit::Options::default();
    let report = foursee_core::audit::audit(documents, &registry, &Policy::default(), &options, &mut |_| {});
    let stands: Vec<(&str, bool)> = report
        .identities
        .iter()
        .map(|one| (&*one.name, one.rung.is_some()))
        .collect();
    assert_eq!(stands, [("ann", true), ("bob", false)]);
}
