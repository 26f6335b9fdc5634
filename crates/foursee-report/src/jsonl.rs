//! The report as JSON lines: one object a line, each with a `type`, so that it streams into other tools.

use crate::json::{FindingJson, GapJson, PastJson, PathJson, SCHEMA_VERSION, ScopeJson, SummaryJson};
use foursee_core::report::Report;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Line<'a, T> {
    r#type: &'a str,
    #[serde(flatten)]
    value: T,
}

#[derive(Serialize)]
struct First {
    schema_version: u32,
    as_of: String,
    #[serde(flatten)]
    summary: SummaryJson,
}

/// Writes a `summary` line, then `scope`, `finding`, `resolved`, `unknown`, `path` and `gap` lines.
///
/// # Errors
/// When the output cannot be written.
pub fn write(report: &Report, mut out: impl Write) -> io::Result<()> {
    let summary = SummaryJson::from(&report.summary);
    line(
        &mut out,
        "summary",
        First {
            schema_version: SCHEMA_VERSION,
            as_of: report.as_of.to_string(),
            summary,
        },
    )?;
    for one in &report.scopes {
        line(&mut out, "scope", ScopeJson::from(one))?;
    }
    for one in &report.findings {
        line(&mut out, "finding", FindingJson::from(one))?;
    }
    for one in &report.resolved {
        line(&mut out, "resolved", PastJson::from(one))?;
    }
    for one in &report.unknown {
        line(&mut out, "unknown", PastJson::from(one))?;
    }
    for one in &report.paths {
        line(&mut out, "path", PathJson::from(one))?;
    }
    for one in &report.gaps {
        line(&mut out, "gap", GapJson::from(one))?;
    }
    Ok(())
}

fn line(out: &mut impl Write, kind: &str, value: impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line { r#type: kind, value })?;
    out.write_all(b"\n")
}
