//! An earlier report: what is new since, what is gone, and what cannot be told.

use std::collections::BTreeMap;

/// What an earlier report said, as far as it is compared.
#[derive(Clone, Default, Debug)]
pub struct Baseline {
    /// Its findings, by fingerprint.
    pub findings: BTreeMap<String, Past>,
}

/// A finding of an earlier report.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Past {
    /// Its fingerprint.
    pub fingerprint: String,
    /// The rule.
    pub rule: String,
    /// The layer.
    pub layer: String,
    /// The scope's name.
    pub scope: String,
    /// How bad it was.
    pub severity: String,
    /// Where it stood.
    pub rung: Option<u8>,
    /// Who was affected.
    pub identities: Vec<String>,
    /// What it said.
    pub title: String,
}

/// How a finding compares with the baseline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Since {
    /// It was not there.
    New,
    /// It was there, just so.
    Unchanged,
    /// It was there, with another severity, rung or other identities.
    Changed,
}

impl Since {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
        }
    }
}
