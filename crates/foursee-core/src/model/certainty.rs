//! How sure an edge is. A path is as certain as its worst hop.

/// How sure a statement is for the members it covers; ordered from best to worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[repr(u8)]
pub enum Certainty {
    /// Holds for every member of its selector.
    #[default]
    Certain = 0,
    /// Holds for every member under the edge's condition.
    Conditional = 1,
    /// Holds for some members; only the layer's `holds` knows which.
    Ask = 2,
    /// Cannot be known until a gap is closed.
    Unknown = 3,
}

impl Certainty {
    /// All of them, best first.
    pub const ALL: [Self; 4] = [Self::Certain, Self::Conditional, Self::Ask, Self::Unknown];

    /// The word in reports and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Conditional => "conditional",
            Self::Ask => "ask",
            Self::Unknown => "unknown",
        }
    }
}
