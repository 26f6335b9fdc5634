//! The report as one JSON object: the twin of `foursee_core::report::Report`, versioned.
//!
//! Readers ignore fields that they do not know; words are only ever added.

mod baseline;
mod finding;
mod node;
mod rightsize;
mod scope;
mod summary;
mod way;

pub use baseline::{BaselineError, baseline};
pub use finding::{EvidenceJson, FindingJson, IdentitiesJson, OwnerJson, PastJson};
pub use node::{NamedJson, NodeJson, PlaceJson};
pub use rightsize::{
    BacktestJson, ProposalJson, RightsizeJson, StepJson, UnseenJson, UntouchedJson, WhoJson,
};
pub use scope::{GapJson, ScopeJson};
pub use summary::{OutcomeJson, SummaryJson};
pub use way::{AnswerJson, HopJson, PathJson};

use foursee_core::report::Report;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The version of the form.
pub const SCHEMA_VERSION: u32 = 1;

/// A report.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportJson {
    /// The version of the form.
    pub schema_version: u32,
    /// The audit's "now", RFC 3339.
    pub as_of: String,
    /// Counts, and how the audit ended.
    pub summary: SummaryJson,
    /// What was audited.
    pub scopes: Vec<ScopeJson>,
    /// The findings, the worst first.
    pub findings: Vec<FindingJson>,
    /// Findings of the baseline that are gone.
    pub resolved: Vec<PastJson>,
    /// Findings of the baseline of which it cannot be told.
    pub unknown: Vec<PastJson>,
    /// Ways from where somebody comes in to what somebody would want.
    pub paths: Vec<PathJson>,
    /// What could not be read.
    pub gaps: Vec<GapJson>,
}

impl From<&Report> for ReportJson {
    fn from(report: &Report) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            as_of: report.as_of.to_string(),
            summary: SummaryJson::from(&report.summary),
            scopes: report.scopes.iter().map(ScopeJson::from).collect(),
            findings: report.findings.iter().map(FindingJson::from).collect(),
            resolved: report.resolved.iter().map(PastJson::from).collect(),
            unknown: report.unknown.iter().map(PastJson::from).collect(),
            paths: report.paths.iter().map(PathJson::from).collect(),
            gaps: report.gaps.iter().map(GapJson::from).collect(),
        }
    }
}

/// Writes the report as one JSON object, two blanks a level, with a line break at its end.
///
/// # Errors
/// When the output cannot be written.
pub fn write(report: &Report, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &ReportJson::from(report))?;
    out.write_all(b"\n")
}

/// The JSON Schema of a report.
#[cfg(feature = "schema")]
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(ReportJson);
    serde_json::to_string_pretty(&schema).map_or_else(|error| error.to_string(), |text| text + "\n")
}
