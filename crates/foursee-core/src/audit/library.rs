//! The documents of an audit, kept for the places in them.

use crate::document::{Document, Landmarks, Lines, Place, Shown, Waypoints, pointer};
use std::sync::OnceLock;

/// The documents of an audit, in the order of names, with secrets overwritten.
#[derive(Default)]
pub struct Library {
    documents: Vec<Document>,
    landmarks: Vec<Landmarks>,
    /// Made when the first place of a document is shown.
    lines: Vec<OnceLock<Lines>>,
    waypoints: Vec<Waypoints>,
}

impl Library {
    pub(crate) fn new(documents: Vec<Document>, landmarks: Vec<Landmarks>) -> Self {
        let lines = documents.iter().map(|_| OnceLock::new()).collect();
        let waypoints = documents.iter().map(|_| Waypoints::default()).collect();
        Self {
            documents,
            landmarks,
            lines,
            waypoints,
        }
    }

    /// The documents.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// How many bytes the documents had, those that are not held any more too.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let each = self.documents.iter().zip(&self.landmarks);
        each.map(|(document, landmarks)| landmarks.bytes_of_folded().unwrap_or(document.text.len() as u64))
            .sum()
    }

    /// A place as people see it: the document's name, the JSON pointer, the line.
    #[must_use]
    pub fn show(&self, place: Place) -> Shown {
        let at = place.doc.index();
        let (Some(document), Some(lines), Some(waypoints)) =
            (self.documents.get(at), self.lines.get(at), self.waypoints.get(at))
        else {
            return Shown {
                document: String::new(),
                pointer: String::new(),
                line: 0,
                column: 0,
            };
        };
        let none = Landmarks::default();
        let landmarks = self.landmarks.get(at).unwrap_or(&none);
        if let Some(line) = landmarks.folded_line(place.at) {
            return Shown {
                document: document.name.to_string(),
                pointer: String::new(),
                line: line.unwrap_or(0),
                column: u32::from(line.is_some()),
            };
        }
        let (line, column) = lines
            .get_or_init(|| Lines::of(&document.text))
            .line(&document.text, place.at);
        let pointer = pointer(&document.text, landmarks, waypoints, place.at);
        Shown {
            document: document.name.to_string(),
            pointer,
            line,
            column,
        }
    }
}
