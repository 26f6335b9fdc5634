//! Each conformance check passes a layer that is right, and fails one that makes the mistake it looks for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod toy;

use foursee_core::conformance::{Means, check, complete};
use toy::{Fault, Toy};

const EXPORT: &str = r#"{"toy":"acme","boxes":["box-1","box-2","box-3","box-4","box-9","crate"],
  "teams":[{"team":"team-a","members":"a*"}],
  "grants":[{"who":"ann","do":"read","of":"box-*","except":["box-9"]},
            {"who":"bob","do":"open","of":"box-1","when":"it is Monday"},
            {"who":"cleo","do":"read","of":"crate"},
            {"who":"team-a","do":"open","of":"crate"}]}"#;
const LIST: &str = "toy-list acme\nbox-7\nbox-8\n";
const LOG: &str = "toy-event ann box-1\ntoy-event bob box-1\nsomething else\ntoy-event ann box-1\n\
                   toy-event ann box-2\ntoy-event broken\ntoy-event bob box-1\n";
const TEXTS: &[(&str, &str)] = &[("a.json", EXPORT), ("b.txt", LIST), ("c.log", LOG)];

/// What the checks say of a layer with that mistake.
fn wrong(fault: Fault) -> Vec<String> {
    check(&Toy(fault), TEXTS).unwrap()
}

/// That the checks say something that holds each of the words, and nothing that holds none.
fn fails(fault: Fault, words: &[&str]) {
    let wrong = wrong(fault);
    for word in words {
        assert!(
            wrong.iter().any(|one| one.contains(word)),
            "{fault:?}: `{word}` is not in {wrong:#?}"
        );
    }
    let other = wrong
        .iter()
        .find(|one| !words.iter().any(|word| one.contains(word)));
    assert_eq!(other, None, "{fault:?}");
}

#[test]
fn a_right_layer_passes() {
    assert_eq!(wrong(Fault::None), Vec::<String>::new());
}

#[test]
fn what_depends_on_the_order_of_work_fails() {
    fails(
        Fault::Counts,
        &[
            "the same documents give another report",
            "shuffled documents give another report",
            "four threads give another report",
            "its events in another order",
            "its events split in another way",
        ],
    );
}

#[test]
fn events_whose_order_counts_fail() {
    fails(
        Fault::LastEvent,
        &[
            "`c.log`: its events in another order",
            "`c.log`: its events split in another way",
        ],
    );
}

#[test]
fn silence_fails() {
    fails(Fault::Silent, &["`a.json` breaks off after"]);
    fails(
        Fault::Forgets,
        &[
            "`b.txt` cut after 13 bytes gives neither facts nor gaps",
            "`b.txt` cut after 14 bytes",
        ],
    );
}

#[test]
fn a_grant_that_is_not_lowered_fails() {
    fails(
        Fault::NotLowered,
        &[
            "L1: person ann may read box-1, and neither a privilege nor an edge says so",
            "and neither a privilege nor an edge says so",
        ],
    );
}

/// The technique table of the toy.
const TABLE: &[Means<'_>] = &[
    Means::new("toy-read", "read", "box"),
    Means::new("toy-open", "open", "box"),
];

#[test]
fn a_grant_without_an_edge_fails() {
    let right = complete(Toy(Fault::None), TEXTS, TABLE).unwrap();
    assert_eq!(right.wrong, Vec::<String>::new());
    // Ann reads all boxes but one and opens the crate as a member of her team; Bob opens one, Cleo reads one.
    assert_eq!(right.allowed, 6 + 1 + 1 + 1);
    let none = complete(Toy(Fault::NoEdge), TEXTS, TABLE).unwrap();
    assert_eq!(none.wrong.len(), none.allowed);
    let bob = "L1: person bob may open box-1 if it is Monday, and no edge of toy-open covers it";
    assert!(none.wrong.iter().any(|one| one == bob), "{:?}", none.wrong);
}

#[test]
fn an_edge_that_is_wider_than_what_holds_fails() {
    fails(
        Fault::Wide,
        &[
            "L2: person ann -toy-read-> any box box-* is certain, and from person ann to box box-9 it is refuted",
        ],
    );
    fails(
        Fault::Unconditional,
        &[
            "L2: person bob -toy-open-> box box-1 is certain, and from person bob to box box-1 it holds only if it is Monday",
        ],
    );
    fails(Fault::Unstated, &["is conditional, and no condition is stated"]);
}

#[test]
fn an_edge_a_member_fails() {
    fails(
        Fault::SpelledOut,
        &["L3: person ann has 6 edges of toy-read from one statement that names 1"],
    );
}

#[test]
fn a_layer_that_confirms_nothing_or_everything_fails() {
    fails(Fault::Mute, &["L4: `holds` has no word on any hop of"]);
    fails(
        Fault::Credulous,
        &["L4: `holds` confirms toy-read for somebody who is not there"],
    );
}
