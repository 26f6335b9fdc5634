//! What notebooks show: plain HTML with everything escaped, no script, nothing fetched, light or dark as the page is.

use crate::table::Table;
use foursee::report::json::{FindingJson, ReportJson};
use foursee::report::plain;
use foursee::report::tables::Cell;
use std::fmt::Write;

/// So many rows are shown.
const MOST: usize = 50;

const STYLE: &str = "border-collapse:collapse;font-size:90%";
const CELL: &str = "text-align:left;vertical-align:top;padding:2px 8px;white-space:pre-wrap;max-width:40em;overflow-wrap:anywhere";

/// Text that is nothing but text, whoever chose it.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for one in plain(text).chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(one),
        }
    }
    out
}

/// A table: its headings and rows, escaped here; and how many rows there are in all.
fn rows<'a>(headings: impl Iterator<Item = &'a str>, shown: &[Vec<String>], all: usize) -> String {
    let mut out = format!("<table style=\"{STYLE}\"><thead><tr>");
    for heading in headings {
        let _ = write!(out, "<th style=\"{CELL}\">{}</th>", escape(heading));
    }
    out.push_str("</tr></thead><tbody>");
    for row in shown {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td style=\"{CELL}\">{}</td>", escape(cell));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    if all > shown.len() {
        let _ = write!(out, "<p>{} of {all} rows</p>", shown.len());
    }
    out
}

/// A table's first rows.
pub fn table(table: &Table) -> String {
    let text = |cell: Cell| match cell {
        Cell::Null => String::new(),
        Cell::Text(text) => text,
        Cell::Number(number) => number.to_string(),
        Cell::Bool(yes) => yes.to_string(),
    };
    let first = table.first(MOST).into_iter();
    let shown: Vec<Vec<String>> = first.map(|row| row.into_iter().map(text).collect()).collect();
    rows(table.headings(), &shown, table.count())
}

/// A report: what it counts, what it could not see, and its first findings.
pub fn report(report: &ReportJson) -> String {
    let summary = &report.summary;
    let counts = ["critical", "high", "medium", "low", "info"]
        .into_iter()
        .filter_map(|word| {
            let count = summary.open.get(word).filter(|count| **count > 0)?;
            Some(format!("<b>{count}</b> {word}"))
        });
    let counts = counts.collect::<Vec<_>>().join(" &middot; ");
    let mut out = format!(
        "<div><p>{}; <b>{}</b> ways in to what somebody would want. {} scopes, {} documents, as of {}.</p>",
        if counts.is_empty() {
            "No open findings".to_owned()
        } else {
            format!("Open findings: {counts}")
        },
        report.paths.len(),
        report.scopes.len(),
        summary.documents,
        escape(&report.as_of)
    );
    let gaps = report.gaps.len();
    if gaps > 0 {
        let _ = write!(
            out,
            "<p style=\"border-left:4px solid #c80;padding-left:8px\">{gaps} gaps: what could not be read, in <code>report.gaps</code>. \
             {}% of the rules could look.</p>",
            summary.outcome.coverage
        );
    }
    let row = |one: &FindingJson| {
        vec![
            one.severity.clone(),
            one.rule.clone(),
            one.title.clone(),
            one.owner
                .as_ref()
                .map_or(String::new(), |owner| owner.name.clone()),
            one.status.clone(),
            one.fingerprint.clone(),
        ]
    };
    let shown: Vec<Vec<String>> = report.findings.iter().take(MOST).map(row).collect();
    let headings = ["severity", "rule", "finding", "owner", "status", "fingerprint"];
    out.push_str(&rows(headings.into_iter(), &shown, report.findings.len()));
    out.push_str("</div>");
    out
}
