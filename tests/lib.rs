//! What the tests of the whole share: the shop's documents, read once, and its report.

use foursee::core::audit::{Documents, Input, Options, audit};
use foursee::core::judge::{Baseline, Policy};
use foursee::core::model::Time;
use foursee::core::report::Report;
use std::path::{Path, PathBuf};

/// The workspace's folder.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_owned)
        .unwrap_or_default()
}

/// The demo organisation's documents, as they are read from its folder.
#[must_use]
pub fn shop() -> Vec<Input> {
    let read = foursee_capture::read(
        &[root().join("examples/shop")],
        &foursee_capture::Limits::default(),
        &mut |_| {},
    );
    let mut documents = Documents::new();
    for one in read.inputs {
        documents.push_scoped(one.name, one.text, one.scope);
    }
    documents.inputs().to_vec()
}

/// What the demo organisation chose.
#[must_use]
pub fn shop_policy() -> Policy {
    let text = std::fs::read_to_string(root().join("examples/shop/foursee.toml")).unwrap_or_default();
    let layers = foursee::built_in()
        .map(|registry| registry.layer_ids())
        .unwrap_or_default();
    foursee::config::parse(&text, &layers).unwrap_or_default()
}

/// The report over some documents, at a fixed time.
#[must_use]
pub fn report(inputs: &[Input], policy: &Policy) -> Report {
    report_since(inputs, policy, None)
}

/// The same, compared with an earlier one.
#[must_use]
pub fn report_since(inputs: &[Input], policy: &Policy, baseline: Option<Baseline>) -> Report {
    let mut documents = Documents::new();
    for one in inputs {
        documents.push_scoped(one.name.clone(), one.text.clone(), one.scope.clone());
    }
    let mut options = Options::default();
    options.as_of = Time::parse("2026-11-25").unwrap_or_default();
    options.baseline = baseline;
    let registry = match foursee::built_in() {
        Ok(registry) => registry,
        Err(error) => panic!("{error}"),
    };
    audit(documents, &registry, policy, &options, &mut |_| {})
}

/// A report as its JSON.
#[must_use]
pub fn json(report: &Report) -> String {
    let mut out = Vec::new();
    let written = foursee::report::json::write(report, &mut out);
    assert!(written.is_ok());
    String::from_utf8(out).unwrap_or_default()
}
