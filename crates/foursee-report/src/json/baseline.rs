//! An earlier report, read as what to compare with.

use super::{FindingJson, ReportJson, SCHEMA_VERSION};
use foursee_core::judge::{Baseline, Past};
use serde::Deserialize;

/// Why a baseline cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// It is not a report.
    #[error("it is not a foursee report as JSON: {0}")]
    NotAReport(String),
    /// Its form is newer than this program.
    #[error("its schema_version is {0}; this foursee reads up to {SCHEMA_VERSION}")]
    Newer(u32),
}

/// Reads an earlier report as a baseline.
///
/// # Errors
/// When the text is not a report, or one of a newer form.
pub fn baseline(text: &str) -> Result<Baseline, BaselineError> {
    #[derive(Deserialize)]
    struct Head {
        schema_version: u32,
    }
    let wrong = |error: serde_json::Error| BaselineError::NotAReport(error.to_string());
    let head: Head = serde_json::from_str(text).map_err(wrong)?;
    if head.schema_version > SCHEMA_VERSION {
        return Err(BaselineError::Newer(head.schema_version));
    }
    let report: ReportJson = serde_json::from_str(text).map_err(wrong)?;
    let past = |one: FindingJson| Past {
        fingerprint: one.fingerprint,
        rule: one.rule,
        layer: one.layer,
        scope: one.scope.unwrap_or_default(),
        severity: one.severity,
        rung: one.rung,
        identities: one.identities.list.into_iter().map(|named| named.name).collect(),
        title: one.title,
    };
    let findings = report
        .findings
        .into_iter()
        .map(past)
        .map(|one| (one.fingerprint.clone(), one))
        .collect();
    Ok(Baseline { findings })
}
