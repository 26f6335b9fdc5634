//! What any layer must pass: for foursee's own, and for third parties' too. Call these from a layer's tests.
//!
//! Each check returns what it found wrong, as sentences; an empty list is a pass. Nothing here reads a clock or a disk.

mod complete;
mod edges;
mod prefix;
mod rows;
mod same;

pub use complete::{Compared, Means, complete};

use crate::audit::{Documents, Mapped, Opened, open};
use crate::estate::Estate;
use crate::finding::{Finding, Meta};
use crate::judge::Policy;
use crate::layer::Layer;
use crate::model::{Class, Gap, NodeId, Time};
use crate::registry::{Registry, RegistryError, Seen};

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

/// Everything that can be checked of a layer with these documents and nothing else:
///
/// - order, threads and repetition change nothing, nor does how the lines of documents of events are split and ordered;
/// - every prefix of a document gives facts or gaps, and one of JSON that breaks off always a gap;
/// - L1, over the layer's own `may`: whatever it allows stands in the privileges table or on an edge;
/// - L2: an edge holds for every member of its selectors, as its certainty says;
/// - L3: one statement is one edge a technique, not one a member;
/// - L4: `holds` knows every technique that is lowered, and confirms none for somebody who is not there.
///
/// [`complete`] is L1 over the edges.
///
/// # Errors
/// When the layer cannot be registered.
pub fn check<L: Layer + Clone>(layer: &L, texts: Texts<'_>) -> Result<Vec<String>, RegistryError> {
    let registry = Registry::new().layer(layer.clone())?;
    let opened = open(documents(texts), &registry, &Policy::default(), 1);
    let mapped = Mapped::new(&opened, &Policy::default(), &mut |_| {});
    let mut wrong = same::check(&registry, texts);
    wrong.extend(prefix::check(&registry, texts));
    wrong.extend(rows::check(&opened, &mapped));
    wrong.extend(edges::check(&opened, &mapped));
    Ok(wrong)
}

/// Who is asked about: whoever the layer's documents describe. Of those outside, each side states its half.
fn asked(estate: &Estate, id: NodeId) -> bool {
    let class = estate.kind(id).map(|kind| kind.class);
    matches!(class, Some(Class::Identity | Class::Workload))
        && estate.node(id).is_some_and(|node| !node.selector)
}

/// Some of many, spread evenly, so that checks stay quick however large the documents are. The first is among them.
fn some<T>(all: Vec<T>, most: usize) -> Vec<T> {
    let step = all.len().div_ceil(most.max(1)).max(1);
    all.into_iter().step_by(step).collect()
}

fn documents(texts: Texts<'_>) -> Documents {
    let mut documents = Documents::new();
    for (name, text) in texts {
        documents.push_text(*name, *text);
    }
    documents
}
