//! Counts, and how the audit ended.

use foursee_core::report::Summary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts, and how the audit ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SummaryJson {
    /// Documents read.
    pub documents: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Open findings by severity.
    pub open: BTreeMap<String, usize>,
    /// Identities by rung, "0" to "5".
    pub rungs: BTreeMap<String, usize>,
    /// Open findings by owner; "" has none.
    pub owners: BTreeMap<String, usize>,
    /// Credentials by verdict.
    pub credentials: BTreeMap<String, usize>,
    /// How the audit ended.
    pub outcome: OutcomeJson,
}

/// How the audit ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutcomeJson {
    /// "passed", "failed", or null where no gate was set.
    pub gate: Option<String>,
    /// The open findings that the gate stopped at.
    pub gate_findings: usize,
    /// The share of rules that could look, in percent.
    pub coverage: f64,
    /// "met", "below", or null where nothing was asked.
    pub coverage_gate: Option<String>,
    /// Named paths that gave nothing.
    pub nothing_from: Vec<String>,
    /// The age of the oldest document in days, where documents say when they were made.
    pub oldest_document_days: Option<i64>,
}

impl From<&Summary> for SummaryJson {
    fn from(summary: &Summary) -> Self {
        let outcome = &summary.outcome;
        let word = |passed: bool, yes: &str, no: &str| if passed { yes.to_owned() } else { no.to_owned() };
        Self {
            documents: summary.documents,
            bytes: summary.bytes,
            open: summary
                .open
                .iter()
                .map(|(severity, count)| (severity.as_str().to_owned(), *count))
                .collect(),
            rungs: summary
                .rungs
                .iter()
                .map(|(rung, count)| (rung.number().to_string(), *count))
                .collect(),
            owners: summary.owners.clone(),
            credentials: summary
                .credentials
                .iter()
                .map(|(verdict, count)| ((*verdict).to_owned(), *count))
                .collect(),
            outcome: OutcomeJson {
                gate: outcome.gate_passed.map(|passed| word(passed, "passed", "failed")),
                gate_findings: outcome.gate_findings,
                coverage: (outcome.coverage * 10.0).round() / 10.0,
                coverage_gate: outcome.coverage_met.map(|met| word(met, "met", "below")),
                nothing_from: outcome.nothing_from.clone(),
                oldest_document_days: outcome.oldest_document_days,
            },
        }
    }
}
