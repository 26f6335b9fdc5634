//! Rules of one's own: over a layer's facts, and over the whole graph.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "each test file uses its part of the toy")]
mod toy;

use foursee_core::audit::{Documents, Options, audit};
use foursee_core::document::Place;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::judge::Policy;
use foursee_core::layer::{Rule, View};
use foursee_core::model::DocId;
use foursee_core::registry::{Registry, RegistryError};
use toy::{Facts, Fault, Toy};

foursee_core::rule! {
    /// Edges are counted.
    Edges: "core-edges-counted", Low, needs ["nothing-that-exists"]
}

impl Rule<()> for Edges {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, ()>, out: &mut Findings) {
        assert!(see.scope.is_none() && see.scope_row().is_none() && see.node("person", "ann").is_none());
        let place = Place { doc: DocId(0), at: 0 };
        let count = see.estate.edges.len();
        out.push(Finding::new(
            &Self::META,
            format!("{count} edges"),
            place,
            "the export",
        ));
    }
}

foursee_core::rule! {
    /// A person is named Ann.
    Ann: "toy-ann", Low, needs ["export"]
}

impl Rule<Facts> for Ann {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        if see.node("person", "ann").is_some() {
            let place = Place { doc: DocId(0), at: 0 };
            out.push(Finding::new(&Self::META, "ann", place, "ann"));
        }
    }
}

const EXPORT: &str = r#"{"toy":"acme","boxes":["b"],"grants":[{"who":"ann","do":"read","of":"b"}]}"#;

#[test]
fn rules_look_at_a_layers_facts_or_at_the_whole_graph() {
    let registry = Registry::new().layer(Toy(Fault::None)).unwrap();
    let registry = registry.rule(Edges).unwrap().rule(Ann).unwrap();
    let mut documents = Documents::new();
    documents.push_text("a.json", EXPORT);
    let report = audit(
        documents,
        &registry,
        &Policy::default(),
        &Options::default(),
        &mut |_| {},
    );
    let said: Vec<_> = report
        .findings
        .iter()
        .map(|one| (one.rule, one.layer, one.scope.as_deref(), &*one.cause))
        .collect();
    assert_eq!(
        said,
        [
            ("core-edges-counted", "core", None, "1 edges"),
            ("toy-ann", "toy", Some("acme"), "ann")
        ]
    );
}

#[test]
fn a_rule_over_facts_that_no_layer_has_is_refused() {
    let error = Registry::new().rule(Ann).err().unwrap();
    assert!(matches!(error, RegistryError::NoSuchFacts("toy-ann")), "{error}");
    let twice = Registry::new().rule(Edges).unwrap().rule(Edges).err().unwrap();
    assert!(
        matches!(twice, RegistryError::TwoRules("core-edges-counted")),
        "{twice}"
    );
}
