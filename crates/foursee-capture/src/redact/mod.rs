//! Redaction: the values of secrets leave a document, and everything that an audit reads of it stays.
//!
//! In the place of a secret stands `redacted:SORT:KEY:LINK` ([`LinkKey`]), ASCII that needs no escape in JSON, YAML,
//! properties or URLs. Which parts of a document are secrets is said by the layer that recognises it; beside these, every
//! text is searched for passwords in URLs, `password=...` and tokens of known forms, and a secret that was found is
//! replaced wherever else it stands in the same document.
//!
//! The result is read again: a document that no longer says the same to its layer, and one that no layer recognises,
//! is not kept. What this cannot see is a secret that looks like none, in a place where none belongs: the value of an
//! ordinary label, a name.

mod edit;
pub mod json;
mod key;

pub use key::{KeyError, LINK_KEY, LinkKey};

use crate::collect::{Collected, Sink, SinkError, Step};
use crate::manifest::NotCollected;
use edit::Edits;
use foursee_core::model::{Gap, Reason};
use foursee_core::registry::Registry;
use std::sync::Mutex;

/// Takes the secrets out of documents.
#[derive(Clone, Copy)]
pub struct Redactor<'r> {
    registry: &'r Registry,
    key: &'r LinkKey,
}

/// Why a document cannot be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotRedacted {
    /// No layer says where its secrets are.
    #[error("no layer recognises it, so that nobody knows where its secrets are")]
    Unrecognised,
    /// Without its secrets it does not say the same.
    #[error("it cannot be written without its secrets so that it says the same")]
    Changed,
}

impl NotRedacted {
    /// The gap of a document that was not kept.
    #[must_use]
    pub fn gap(self, name: &str) -> Gap {
        Gap::new(Reason::Unsupported, name)
            .facet(format!("was not kept: {self}"))
            .hides("all that it says")
            .closes(match self {
                Self::Unrecognised => "an export that `foursee rules --documents` lists",
                Self::Changed => "the same export in JSON",
            })
    }
}

impl<'r> Redactor<'r> {
    /// By these layers, with links under this key.
    #[must_use]
    pub const fn new(registry: &'r Registry, key: &'r LinkKey) -> Self {
        Self { registry, key }
    }

    /// A document without its secrets.
    ///
    /// # Errors
    ///
    /// [`NotRedacted`] where it must not be kept.
    pub fn document(&self, name: &str, text: &str) -> Result<String, NotRedacted> {
        let found = self
            .registry
            .secrets(name, text)
            .ok_or(NotRedacted::Unrecognised)?;
        let redacted = Edits::of(text, &found.redact, &found.held, self.key).apply(text);
        let again = self
            .registry
            .secrets(name, &redacted)
            .ok_or(NotRedacted::Changed)?;
        let said = |gaps: &[Gap]| -> Vec<(String, String, Reason)> {
            gaps.iter()
                .map(|gap| (gap.target.clone(), gap.facet.clone(), gap.reason))
                .collect()
        };
        let same = (again.layer, &again.claim) == (found.layer, &found.claim)
            && said(&again.gaps) == said(&found.gaps);
        same.then_some(redacted).ok_or(NotRedacted::Changed)
    }

    /// A text that is no document (a name, a message) without the secrets that are seen in it.
    #[must_use]
    pub fn words(&self, text: &str) -> String {
        Edits::of(text, &[], &[], self.key).apply(text)
    }

    /// A gap without the secrets that are seen in it.
    #[must_use]
    pub fn gap(&self, gap: &Gap) -> Gap {
        Gap {
            target: self.words(&gap.target),
            facet: self.words(&gap.facet),
            hides: self.words(&gap.hides),
            closes: self.words(&gap.closes),
            ..gap.clone()
        }
    }

    fn not_collected(&self, gap: NotCollected) -> NotCollected {
        NotCollected {
            target: self.words(&gap.target),
            facet: self.words(&gap.facet),
            hides: self.words(&gap.hides),
            closes: self.words(&gap.closes),
            ..gap
        }
    }
}

impl std::fmt::Debug for Redactor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor")
            .field("key", self.key)
            .finish_non_exhaustive()
    }
}

/// A sink that redacts whatever goes through it. What cannot be redacted becomes a gap; links that stop with this run
/// are one too, said once where a document was kept.
pub struct Redacting<'s> {
    into: &'s dyn Sink,
    redactor: Redactor<'s>,
    said: Mutex<bool>,
}

impl<'s> Redacting<'s> {
    /// Redacts by these layers, with links under this key.
    #[must_use]
    pub const fn new(into: &'s dyn Sink, redactor: Redactor<'s>) -> Self {
        Self {
            into,
            redactor,
            said: Mutex::new(false),
        }
    }
}

impl Sink for Redacting<'_> {
    fn document(&self, document: Collected) -> Result<(), SinkError> {
        let text = match self.redactor.document(&document.file, &document.text) {
            Ok(text) => text,
            Err(NotRedacted::Unrecognised) if document.open => self.redactor.words(&document.text),
            Err(why) => {
                self.gap(NotCollected::from_gap(&why.gap(&document.file)));
                return Ok(());
            }
        };
        let first = self
            .said
            .lock()
            .is_ok_and(|mut said| !std::mem::replace(&mut said, true));
        if let Some(gap) = self.redactor.key.gap().filter(|_| first) {
            self.into.gap(NotCollected::from_gap(&gap));
        }
        self.into.document(Collected {
            file: self.redactor.words(&document.file),
            text,
            ..document
        })
    }

    fn gap(&self, gap: NotCollected) {
        self.into.gap(self.redactor.not_collected(gap));
    }

    fn step(&self, step: Step) {
        self.into.step(Step {
            what: self.redactor.words(&step.what),
            ..step
        });
    }
}

#[cfg(test)]
mod tests;
