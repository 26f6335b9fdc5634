//! Documents: text, places in it, interned words, and the serde helpers that every layer's parser uses.

mod head;
mod place;
mod serde_help;
mod strings;

pub use head::{Format, Head};
pub use place::{Landmarks, Shown};
pub(crate) use place::{Lines, Waypoints, pointer};
pub use serde_help::{Each, Many, Str, each, json_texts};
pub use strings::{Remap, Strings};

use crate::model::{DocId, Gap, Reason, ScopeId};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// One document, as the platform or its command line printed it, in UTF-8.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its number in this process.
    pub id: DocId,
    /// Its name: the path below the argument that held it, or what the embedder called it.
    pub name: Arc<str>,
    /// The scope it speaks of.
    pub scope: ScopeId,
    /// The kind that its layer recognised: "roles", "gaad".
    pub kind: &'static str,
    /// The whole text.
    pub text: Arc<String>,
}

/// Evidence: a byte of a document. The JSON pointer and the line are found when it is printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The document.
    pub doc: DocId,
    /// Any byte of the evidence.
    pub at: u32,
}

/// Text that is only matched (resources of policies, conditions): a range of its table's document.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Text {
    /// The first byte.
    pub at: u32,
    /// How many bytes.
    pub len: u32,
}

impl Document {
    /// The place of a part of this document's text, as serde borrowed it. For any other text (what serde had to
    /// unescape, a constant), the place of the document's first byte.
    #[must_use]
    pub fn place(&self, part: &str) -> Place {
        Place {
            doc: self.id,
            at: self.offset(part).unwrap_or(0),
        }
    }

    /// The place of a byte.
    #[must_use]
    pub fn at(&self, offset: usize) -> Place {
        Place {
            doc: self.id,
            at: u32::try_from(offset.min(self.text.len())).unwrap_or(u32::MAX),
        }
    }

    /// Where a part of this document's text begins, if it is one.
    #[must_use]
    pub fn offset(&self, part: &str) -> Option<u32> {
        let from = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        (from.checked_add(part.len())? <= self.text.len()).then(|| u32::try_from(from).ok())?
    }

    /// The range of a part of this document's text, if it is one.
    #[must_use]
    pub fn text_of(&self, part: &str) -> Option<Text> {
        Some(Text {
            at: self.offset(part)?,
            len: u32::try_from(part.len()).ok()?,
        })
    }

    /// The text of a range; empty where it is not of this document.
    #[must_use]
    pub fn resolve(&self, text: Text) -> &str {
        let from = text.at as usize;
        self.text
            .get(from..from.saturating_add(text.len as usize))
            .unwrap_or_default()
    }
}

/// What parsing a document says beside its facts.
#[derive(Default, Debug)]
pub struct Notes {
    /// What could not be read. The layer, the scope and (where none is set) the document's place are filled in by core.
    pub gaps: Vec<Gap>,
    /// Where the items of the document's lists begin, so that a pointer is found without reading from the top.
    pub landmarks: Landmarks,
    /// Ranges that hold values of secrets: overwritten before anything else can read them.
    pub redact: Vec<Range<u32>>,
    /// How many more gaps there are than are listed, by reason.
    more: BTreeMap<Reason, usize>,
    listed: BTreeMap<Reason, usize>,
}

/// So many gaps of one reason are listed of one document; the rest is counted. A list of three million empty objects
/// is a small file.
const LISTED: usize = 1_000;

impl Notes {
    /// Notes a gap.
    pub fn gap(&mut self, gap: Gap) {
        let listed = self.listed.entry(gap.reason).or_default();
        if *listed < LISTED {
            *listed += 1;
            self.gaps.push(gap);
        } else {
            *self.more.entry(gap.reason).or_default() += 1;
        }
    }

    /// Adds a gap for those that are only counted.
    pub(crate) fn close(&mut self, document: &Document) {
        for (reason, more) in std::mem::take(&mut self.more) {
            self.gaps.push(
                Gap::new(reason, format!("{more} more of {}", document.name))
                    .facet(format!(
                        "gaps of this reason beyond the first {LISTED} are counted only"
                    ))
                    .hides("what each of them hides; the listed ones say of what sort")
                    .closes("the export made again, whole")
                    .at(document.at(0)),
            );
        }
    }

    /// Asks for a part of the document to be overwritten, because it holds the value of a secret.
    pub fn redact(&mut self, document: &Document, part: &str) {
        if let Some(text) = document.text_of(part) {
            self.redact.push(text.at..text.at + text.len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_without_end_are_counted() {
        let document = Document {
            id: DocId(0),
            name: "x".into(),
            scope: ScopeId(0),
            kind: "",
            text: Arc::default(),
        };
        let mut notes = Notes::default();
        for number in 0..5_000 {
            notes.gap(Gap::new(Reason::Malformed, number.to_string()));
        }
        notes.gap(Gap::new(Reason::Denied, "one"));
        notes.close(&document);
        assert_eq!(notes.gaps.len(), LISTED + 2);
        assert_eq!(notes.gaps[LISTED + 1].target, "4000 more of x");
    }
}
