//! Documents: text, places in it, interned words, and the serde helpers that every layer's parser uses.

mod events;
mod head;
mod place;
mod records;
mod serde_help;
mod strings;

pub use events::LONGEST_LINE;
pub(crate) use events::fold;
pub use head::{Format, Head};
pub use place::{Landmarks, Shown};
pub(crate) use place::{Lines, Waypoints, pointer};
pub use serde_help::{Begun, Each, Many, Str, each, json_texts};
pub use strings::{Remap, Strings};

use crate::model::{DocId, Gap, Reason, ScopeId};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// One document, as the platform or its command line printed it, in UTF-8.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its number in this process.
    pub id: DocId,
    /// Its name: the path below the argument that held it, or what the embedder called it.
    pub name: Arc<str>,
    /// The scope it speaks of; `ScopeId(u32::MAX)` while it is parsed, because its own text may name the scope.
    pub scope: ScopeId,
    /// The first kind that its layer recognised: "roles", "gaad".
    pub kind: &'static str,
    /// The whole text; of a document of events nothing, once its lines were folded.
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

    /// Where the object begins whose first key this is, if the key is a part of this document's text.
    #[must_use]
    pub fn object_of(&self, first_key: &str) -> Option<u32> {
        let quote = (self.offset(first_key)? as usize).checked_sub(1)?;
        let before = self.text.get(..quote)?;
        let before = before.trim_end_matches([' ', '\t', '\r', '\n']);
        before
            .ends_with('{')
            .then(|| u32::try_from(before.len() - 1).ok())?
    }

    /// Where a part of this document's text begins, if it is one.
    #[must_use]
    pub fn offset(&self, part: &str) -> Option<u32> {
        let from = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        (from.checked_add(part.len())? <= self.text.len()).then(|| u32::try_from(from).ok())?
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
    /// Kinds of documents that it turned out to hold, beside those that it was recognised as.
    pub kinds: BTreeSet<&'static str>,
    /// The scope that it turned out to name, where recognising left that unsaid.
    pub scope: Option<String>,
    /// Ranges, of these or others, of which more is known: what a redacted copy of the document keeps of them.
    pub held: Vec<(Range<u32>, Held)>,
    /// Whether nobody will ask what ranges hold.
    audited: bool,
    /// How many more gaps there are than are listed, by reason.
    more: BTreeMap<Reason, usize>,
    listed: BTreeMap<Reason, usize>,
}

/// What a range of a document holds, as far as that says which part of it a redacted copy must not hold.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Held {
    /// The value of the setting of that name: host, user and database of what it connects to may stay, as
    /// [`secret::parts`](crate::secret::parts) says.
    Setting(Box<str>),
    /// No secret: the text may stay, but for passwords that are seen in it.
    Open,
    /// A secret in Base64.
    Base64,
}

/// So many gaps of one reason are listed of one document; the rest is counted. A list of three million empty objects
/// is a small file.
const LISTED: usize = 1_000;

impl Notes {
    /// Of a document that is audited and not copied: what ranges hold is not kept.
    pub(crate) fn of_audit() -> Self {
        Self {
            audited: true,
            ..Self::default()
        }
    }

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

    /// Says what a part of the document holds, for redacted copies of it.
    pub fn hold(&mut self, document: &Document, part: &str, held: Held) {
        if !self.audited {
            self.held
                .extend(range_of(document, part).map(|range| (range, held)));
        }
    }

    /// Asks for a part of the document to be overwritten, because it holds the value of a secret.
    pub fn redact(&mut self, document: &Document, part: &str) {
        self.redact.extend(range_of(document, part));
    }
}

/// Where a part of a document stands in it.
fn range_of(document: &Document, part: &str) -> Option<Range<u32>> {
    let from = document.offset(part)?;
    Some(from..from.saturating_add(u32::try_from(part.len()).ok()?))
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
