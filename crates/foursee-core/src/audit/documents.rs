//! What an audit is given: documents, before anybody knows what they are.

use crate::model::{Gap, Time};

/// One document before anybody knows what it is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Input {
    /// Its name: '/' between folders.
    pub name: String,
    /// The text, in UTF-8 and without a byte-order mark.
    pub text: String,
    /// The scope that its capture's manifest states.
    pub scope: Option<String>,
    /// When it was made, where its capture says so.
    pub made: Option<Time>,
}

/// The documents of an audit.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    pub(super) inputs: Vec<Input>,
    pub(super) gaps: Vec<Gap>,
}

/// A value that cannot be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{name}` as JSON: {why}")]
pub struct NotJson {
    /// The document's name.
    pub name: String,
    /// What serde said.
    pub why: String,
}

impl Documents {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a document as text.
    pub fn push_text(&mut self, name: impl Into<String>, text: impl Into<String>) -> &mut Self {
        self.push_input(Input {
            name: name.into(),
            text: text.into(),
            ..Input::default()
        })
    }

    /// Adds a document whose scope is known from elsewhere.
    pub fn push_scoped(
        &mut self,
        name: impl Into<String>,
        text: impl Into<String>,
        scope: Option<String>,
    ) -> &mut Self {
        self.push_input(Input {
            name: name.into(),
            text: text.into(),
            scope,
            ..Input::default()
        })
    }

    /// Adds a document of which its capture says more than it does itself.
    pub fn push_input(&mut self, input: Input) -> &mut Self {
        self.inputs.push(input);
        self
    }

    /// Adds what a program already holds, whatever its types: anything that serialises as the platform's own JSON.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn push(
        &mut self,
        name: impl Into<String>,
        value: &impl serde::Serialize,
    ) -> Result<&mut Self, NotJson> {
        let name = name.into();
        match serde_json::to_string(value) {
            Ok(text) => Ok(self.push_text(name, text)),
            Err(error) => Err(NotJson {
                name,
                why: error.to_string(),
            }),
        }
    }

    /// Adds what could not be read.
    pub fn push_gap(&mut self, gap: Gap) -> &mut Self {
        self.gaps.push(gap);
        self
    }

    /// The documents so far.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Keeps the documents for which it says so.
    pub fn retain(&mut self, keep: impl FnMut(&Input) -> bool) {
        self.inputs.retain(keep);
    }
}
