//! What any layer must pass: for foursee's own, and for third parties' too. Call these from a layer's tests.
//!
//! Each check returns what it found wrong, as sentences; an empty list is a pass. Nothing here reads a clock or a disk.

use crate::audit::{Documents, Mapped, Opened, Options, audit, open};
use crate::finding::{Finding, Meta};
use crate::judge::Policy;
use crate::layer::Layer;
use crate::model::{Certainty, Gap, Time};
use crate::registry::{Registry, RegistryError, Seen};
use crate::report::Report;

/// Documents by name, as tests write them.
pub type Texts<'a> = &'a [(&'a str, &'a str)];

/// The findings of one layer over some documents, before judgement, and the gaps. Every rule looks, whatever kinds of
/// documents it needs.
///
/// # Errors
/// When the layer cannot be registered.
pub fn findings<L: Layer>(
    layer: L,
    texts: Texts<'_>,
    as_of: Time,
) -> Result<(Vec<Finding>, Vec<Gap>), RegistryError> {
    let registry = Registry::new().layer(layer)?;
    let opened = open(documents(texts), &registry, &Policy::default(), 1);
    let mapped = Mapped::new(&opened, &Policy::default(), &mut |_| {});
    let mut all = Vec::new();
    let confirm = opened.confirm();
    let see = Seen {
        estate: &mapped.estate,
        graph: &mapped.graph,
        as_of,
        confirm: &confirm,
    };
    for loaded in opened.loaded() {
        let blind: Vec<&Meta> = loaded.check(&see, &|_| true, &mut all);
        debug_assert!(blind.is_empty());
    }
    let gaps = opened.gaps().iter().chain(&mapped.estate.gaps).cloned().collect();
    Ok((all, gaps))
}

/// Some documents, opened and lowered by one layer.
///
/// # Errors
/// When the layer cannot be registered.
pub fn opened<L: Layer>(layer: L, texts: Texts<'_>) -> Result<(Opened, Mapped), RegistryError> {
    let registry = Registry::new().layer(layer)?;
    let opened = open(documents(texts), &registry, &Policy::default(), 1);
    let mapped = Mapped::new(&opened, &Policy::default(), &mut |_| {});
    Ok((opened, mapped))
}

/// Everything that can be checked of a layer with these documents: order, threads, prefixes, and that every certain
/// edge is confirmed by `holds`.
///
/// # Errors
/// When the layer cannot be registered.
pub fn check<L: Layer + Clone>(layer: &L, texts: Texts<'_>) -> Result<Vec<String>, RegistryError> {
    let registry = Registry::new().layer(layer.clone())?;
    let mut wrong = Vec::new();
    let whole = print(&run(&registry, texts, 1));
    // Order and threads change nothing.
    let mut reversed: Vec<(&str, &str)> = texts.to_vec();
    reversed.reverse();
    if print(&run(&registry, &reversed, 1)) != whole {
        wrong.push("shuffled documents give another report".to_owned());
    }
    if print(&run(&registry, texts, 4)) != whole {
        wrong.push("four threads give another report".to_owned());
    }
    if print(&run(&registry, texts, 1)) != whole {
        wrong.push("the same documents give another report".to_owned());
    }
    // Every prefix of a document gives facts or gaps: at some hundred places, and never a panic.
    for (name, text) in texts {
        let step = (text.len() / 64).max(1);
        for end in (0..text.len()).step_by(step) {
            let Some(cut) = text.get(..end) else { continue };
            let report = run(&registry, &[(name, cut)], 1);
            if report.gaps.is_empty() {
                wrong.push(format!("`{name}` cut after {end} bytes leaves no gap"));
            }
        }
    }
    wrong.extend(edges(&registry, texts));
    Ok(wrong)
}

/// Whether `holds` confirms the certain edges between named nodes (L2).
fn edges(registry: &Registry, texts: Texts<'_>) -> Vec<String> {
    use crate::graph::Confirm;
    use crate::layer::Holds;
    let opened = open(documents(texts), registry, &Policy::default(), 1);
    let mapped = Mapped::new(&opened, &Policy::default(), &mut |_| {});
    let (estate, confirm) = (&*mapped.estate, opened.confirm());
    let selector = |id| estate.node(id).is_some_and(|node| node.selector);
    let mut wrong = Vec::new();
    for edge in &estate.edges {
        if edge.certainty != Certainty::Certain || selector(edge.from) || selector(edge.to) {
            continue;
        }
        if let Holds::No(why) = confirm.holds(estate, edge, edge.from, edge.to) {
            let technique = estate.technique(edge.technique).map_or("", |row| &row.id);
            let (from, to) = (estate.show(edge.from), estate.show(edge.to));
            wrong.push(format!(
                "certain edge {from} -{technique}-> {to} is refuted: {why}"
            ));
        }
    }
    wrong
}

fn documents(texts: Texts<'_>) -> Documents {
    let mut documents = Documents::new();
    for (name, text) in texts {
        documents.push_text(*name, *text);
    }
    documents
}

fn run(registry: &Registry, texts: Texts<'_>, threads: usize) -> Report {
    let options = Options {
        threads,
        ..Options::default()
    };
    audit(
        documents(texts),
        registry,
        &Policy::default(),
        &options,
        &mut |_| {},
    )
}

/// Everything that a report says, as text to compare.
fn print(report: &Report) -> String {
    let estate = &*report.estate;
    format!(
        "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}",
        report.findings,
        report.gaps,
        report.paths,
        report.identities,
        estate.nodes,
        estate.edges,
        estate.privileges
    )
}
