//! What was audited, and what could not be read.

use super::node::PlaceJson;
use foursee_core::report::{GapRow, ScopeRow};
use serde::{Deserialize, Serialize};

/// One scope.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScopeJson {
    /// The layer.
    pub layer: String,
    /// The name.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// The environment.
    pub environment: Option<String>,
    /// How many documents spoke of it.
    pub documents: usize,
    /// The kinds of documents that did.
    pub kinds: Vec<String>,
    /// How many identities it has.
    pub identities: usize,
}

/// What could not be read.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GapJson {
    /// The layer.
    pub layer: String,
    /// The scope.
    pub scope: Option<String>,
    /// What.
    pub target: String,
    /// Which part.
    pub facet: String,
    /// Why.
    pub reason: String,
    /// What it keeps us from knowing.
    pub hides: String,
    /// What would close it.
    pub closes: String,
    /// Where it shows.
    pub place: Option<PlaceJson>,
    /// The rules that could not look.
    pub rules: Vec<String>,
}

impl From<&ScopeRow> for ScopeJson {
    fn from(scope: &ScopeRow) -> Self {
        Self {
            layer: scope.layer.clone(),
            name: scope.name.clone(),
            title: scope.title.clone(),
            environment: scope.environment.clone(),
            documents: scope.documents,
            kinds: scope.kinds.clone(),
            identities: scope.identities,
        }
    }
}

impl From<&GapRow> for GapJson {
    fn from(gap: &GapRow) -> Self {
        Self {
            layer: gap.layer.clone(),
            scope: gap.scope.clone(),
            target: gap.target.clone(),
            facet: gap.facet.clone(),
            reason: gap.reason.as_str().to_owned(),
            hides: gap.hides.clone(),
            closes: gap.closes.clone(),
            place: gap.place.as_ref().map(PlaceJson::from),
            rules: gap.rules.clone(),
        }
    }
}
