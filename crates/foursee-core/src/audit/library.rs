//! The documents of an audit, kept for the places in them.

use crate::document::{Document, Landmarks, Place, Shown};

/// The documents of an audit, in the order of names, with secrets overwritten.
#[derive(Default)]
pub struct Library {
    pub(crate) documents: Vec<Document>,
    pub(crate) landmarks: Vec<Landmarks>,
}

impl Library {
    /// The documents.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// A place as people see it: the document's name, the JSON pointer, the line.
    #[must_use]
    pub fn show(&self, place: Place) -> Shown {
        let Some(document) = self.documents.get(place.doc.index()) else {
            return Shown {
                document: String::new(),
                pointer: String::new(),
                line: 0,
                column: 0,
            };
        };
        let none = Landmarks::default();
        let landmarks = self.landmarks.get(place.doc.index()).unwrap_or(&none);
        let (line, column) = crate::document::line(&document.text, place.at);
        let pointer = crate::document::pointer(&document.text, landmarks, place.at);
        Shown {
            document: document.name.to_string(),
            pointer,
            line,
            column,
        }
    }
}
