//! How a layer's grants map to the rungs, and what its platform cannot express: distance is measured to what is
//! attainable, and not to what is wished for.

use super::Rung;

/// A layer's own rungs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ladder {
    /// What stands where, widest first; a rung that no grant of the platform stands on is left out.
    pub steps: &'static [Step],
    /// What cannot be said.
    pub limits: &'static [Limit],
}

/// Which grants stand on a rung.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// The rung.
    pub rung: Rung,
    /// The grants, in the platform's words.
    pub grants: &'static str,
}

/// Something that people want to limit and that the platform cannot express.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// Kebab-case.
    pub id: &'static str,
    /// The actions that it is about.
    pub actions: &'static str,
    /// What cannot be said.
    pub wish: &'static str,
    /// The tightest rung that can be.
    pub attainable: Rung,
    /// What can be done instead.
    pub instead: &'static str,
    /// The document that lists what can be said.
    pub source: &'static str,
}

impl Ladder {
    /// Of a layer that says nothing of its rungs.
    pub const NONE: Self = Self {
        steps: &[],
        limits: &[],
    };
}

/// A step of a ladder.
#[must_use]
pub const fn step(rung: Rung, grants: &'static str) -> Step {
    Step { rung, grants }
}
