//! How bad a finding is, and how sure. Two dials, beside the rung.

use serde::{Deserialize, Serialize};

/// How bad it is where it is true; ordered from info to critical.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Info,
    /// Tidy up.
    Low,
    /// Plan it.
    Medium,
    /// Do it soon.
    High,
    /// Do it now.
    Critical,
}

impl Severity {
    /// All of them, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word in reports and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str().eq_ignore_ascii_case(word))
    }
}

/// How sure a finding is; derived from the certainty of what it rests on, never set by hand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Rests on what may be, or waits for a gap to close.
    Possible,
    /// True under a condition that is printed with it.
    Likely,
    /// True as the platform's own authorizer would decide.
    Certain,
}

impl Confidence {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

impl From<super::Certainty> for Confidence {
    fn from(certainty: super::Certainty) -> Self {
        match certainty {
            super::Certainty::Certain => Self::Certain,
            super::Certainty::Conditional => Self::Likely,
            super::Certainty::Ask | super::Certainty::Unknown => Self::Possible,
        }
    }
}
