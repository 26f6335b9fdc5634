//! What the other parts name: nodes, and places in documents.

use foursee_core::document::Shown;
use foursee_core::finding::Named;
use foursee_core::report::NodeRow;
use serde::{Deserialize, Serialize};

/// A node.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NodeJson {
    /// The layer.
    pub layer: String,
    /// The scope; empty between scopes.
    pub scope: String,
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// A kind and a name.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedJson {
    /// The platform's word.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// A place in a document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlaceJson {
    /// The document.
    pub document: String,
    /// The JSON pointer; empty for text that is not JSON.
    pub pointer: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in bytes, from 1.
    pub column: u32,
}

impl From<&NodeRow> for NodeJson {
    fn from(node: &NodeRow) -> Self {
        Self {
            layer: node.layer.clone(),
            scope: node.scope.clone(),
            kind: node.kind.clone(),
            name: node.name.clone(),
        }
    }
}

impl From<&Named> for NamedJson {
    fn from(one: &Named) -> Self {
        Self {
            kind: one.kind.to_string(),
            name: one.name.to_string(),
        }
    }
}

impl From<&Shown> for PlaceJson {
    fn from(one: &Shown) -> Self {
        Self {
            document: one.document.clone(),
            pointer: one.pointer.clone(),
            line: one.line,
            column: one.column,
        }
    }
}
