//! Gaps: what could not be read. Never an error that ends the audit, and never silence.

use crate::document::Place;
use crate::model::ScopeId;
use std::sync::Arc;

/// Why something was not read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Reason {
    /// Nobody gave it: the export does not hold it.
    NotCaptured,
    /// The platform refused to show it.
    Denied,
    /// It is there, but it is not what it should be.
    Malformed,
    /// It ends before its end.
    Truncated,
    /// Its form, field or version is not known.
    Unsupported,
    /// It is larger than the bounds allow.
    TooLarge,
    /// It cannot be known from what the platform offers at all.
    Inherent,
    /// It is ambiguous; the configuration can say.
    Ambiguous,
}

impl Reason {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotCaptured => "not-captured",
            Self::Denied => "denied",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::Unsupported => "unsupported",
            Self::TooLarge => "too-large",
            Self::Inherent => "inherent",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// One thing that could not be read.
///
/// `target` and `facet` say what: "secrets of namespace shop" and "names". `hides` is what it keeps foursee from
/// knowing, `closes` the permission, export or setting that would close it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Gap {
    /// The layer, or "" where no layer recognised the input.
    pub layer: Arc<str>,
    /// The scope, where it is known.
    pub scope: Option<ScopeId>,
    /// What was not read.
    pub target: String,
    /// Which part of it.
    pub facet: String,
    /// Why.
    pub reason: Reason,
    /// What this keeps us from knowing.
    pub hides: String,
    /// What would close it.
    pub closes: String,
    /// Where it shows, if it shows in a document.
    pub place: Option<Place>,
    /// The rules that could not look because of it, by name.
    pub rules: Vec<Arc<str>>,
}

impl Gap {
    /// A gap about `target`, to be completed by the methods below.
    #[must_use]
    pub fn new(reason: Reason, target: impl Into<String>) -> Self {
        Self {
            layer: "".into(),
            scope: None,
            target: target.into(),
            facet: String::new(),
            reason,
            hides: String::new(),
            closes: String::new(),
            place: None,
            rules: Vec::new(),
        }
    }

    /// Which part of the target.
    #[must_use]
    pub fn facet(mut self, facet: impl Into<String>) -> Self {
        self.facet = facet.into();
        self
    }

    /// What it keeps us from knowing.
    #[must_use]
    pub fn hides(mut self, hides: impl Into<String>) -> Self {
        self.hides = hides.into();
        self
    }

    /// The permission, export or setting that would close it.
    #[must_use]
    pub fn closes(mut self, closes: impl Into<String>) -> Self {
        self.closes = closes.into();
        self
    }

    /// Where it shows.
    #[must_use]
    pub const fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}
