//! The summary: what was audited, what could not be, the worst, where identities stand, whose it is.

use super::Style;
use super::gaps::gap_line;
use super::style::{count, shorten, size};
use super::way::way_line;
use crate::plain;
use foursee_core::model::{Reason, Rung, Severity};
use foursee_core::report::{GapRow, JudgedFinding, PathRow, Report, Status};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Writes it.
pub(super) fn write(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    audited(report, style, out)?;
    not_seen(report, style, out)?;
    worst(report, style, out)?;
    spectrum(report, style, out)?;
    owners(report, style, out)?;
    ways(report, style, out)?;
    outcome(report, style, out)
}

/// A label, and what it is about.
fn entry(label: &str, text: &str, style: Style, out: &mut impl Write) -> io::Result<()> {
    let label = style.bold(&format!("{label:<8}"));
    writeln!(out, "{label}  {}", style.fold(10, text))
}

fn audited(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    let summary = &report.summary;
    let age = match summary.outcome.oldest_document_days {
        Some(days) => format!(
            ", the oldest {} old",
            count(usize::try_from(days).unwrap_or(0), "day")
        ),
        None => String::new(),
    };
    let text = format!(
        "{} in {}, {}, as of {}{age}",
        count(report.scopes.len(), "scope"),
        count(summary.documents, "document"),
        size(summary.bytes),
        report.as_of
    );
    entry("Audited", &text, style, out)?;
    scopes(report, style, out)
}

/// The scopes, a line each, in columns.
fn scopes(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    let titles: Vec<String> = report
        .scopes
        .iter()
        .map(|scope| style.shorten(&plain(&scope.title), 54, 40))
        .collect();
    let wide = titles
        .iter()
        .map(|title| title.chars().count())
        .max()
        .unwrap_or(0);
    // Where there is room: people know the title, and the name is in every other format.
    let room = style
        .width
        .map_or(60, |width| width.saturating_sub(54 + wide).min(60));
    for (scope, title) in report.scopes.iter().zip(&titles) {
        let line = format!(
            "          {:<11} {title:<wide$}  {:<11}  {}",
            plain(&scope.layer),
            plain(scope.environment.as_deref().unwrap_or("-")),
            count(scope.identities, "identity"),
        );
        if scope.title == scope.name || room < 20 {
            writeln!(out, "{line}")?;
        } else {
            let name = style.dim(&shorten(&plain(&scope.name), room));
            writeln!(out, "{line:<at$}  {name}", at = 52 + wide)?;
        }
    }
    Ok(())
}

fn not_seen(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    // What was refused, cut or broken first; then what nobody gave; never what no platform offers.
    let rank = |gap: &GapRow| match gap.reason {
        Reason::Denied => 0,
        Reason::Truncated | Reason::Malformed | Reason::TooLarge => 1,
        Reason::Unsupported => 3,
        _ => 2,
    };
    let mut shown: Vec<&GapRow> = report
        .gaps
        .iter()
        .filter(|gap| gap.reason != Reason::Inherent)
        .collect();
    shown.sort_by_key(|gap| rank(gap));
    let text = format!(
        "{}; {:.0} % of the rules could look",
        count(report.gaps.len(), "gap"),
        report.summary.outcome.coverage
    );
    entry("Not seen", &text, style, out)?;
    for gap in shown.iter().take(4) {
        entry(
            "",
            &gap_line(report, gap),
            Style {
                color: false,
                ..style
            },
            out,
        )?;
    }
    Ok(())
}

fn worst(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    let is_open = |one: &&JudgedFinding| one.status == Status::Open;
    let summary = &report.summary;
    let words: Vec<String> = Severity::ALL
        .into_iter()
        .filter_map(|severity| Some((severity, summary.open.get(&severity)?)))
        .map(|(severity, number)| style.severity(severity, &format!("{number} {}", severity.as_str())))
        .collect();
    let mut text = count(summary.open.values().sum(), "open finding");
    if !words.is_empty() {
        text = format!("{text}: {}", words.join(", "));
    }
    let judged = report.findings.iter().filter(|one| !is_open(one)).count();
    if judged > 0 {
        text = format!("{text}; {judged} more at target, intended or waived");
    }
    entry("Worst", &text, style, out)?;
    for one in report.findings.iter().filter(is_open).take(5) {
        let severity = style.severity(one.severity, &format!("{:<8}", one.severity.as_str()));
        let scope = report
            .scopes
            .iter()
            .find(|scope| scope.layer == one.layer && Some(&scope.name) == one.scope.as_ref());
        let title = match scope {
            Some(scope) => format!("{}: {}", plain(&scope.title), plain(&one.title)),
            None => plain(&one.title).into_owned(),
        };
        let title = style.fold(19, &shorten(&title, 120));
        writeln!(out, "          {severity} {title}")?;
    }
    Ok(())
}

fn spectrum(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    let on = &report.summary.rungs;
    if on.is_empty() {
        return Ok(());
    }
    let rungs = Rung::ALL.into_iter().filter_map(|rung| {
        Some(format!(
            "{} on {} {}",
            on.get(&rung)?,
            rung.number(),
            rung.as_str()
        ))
    });
    let rungs = rungs.collect::<Vec<_>>().join(", ");
    let text = format!("{} with grants: {rungs}", count(on.values().sum(), "identity"));
    entry("Spectrum", &text, style, out)
}

fn owners(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    const MOST: usize = 8;
    let mut owners: Vec<(&String, &usize)> = report.summary.owners.iter().collect();
    if owners.is_empty() {
        return Ok(());
    }
    owners.sort_by_key(|(name, number)| (std::cmp::Reverse(**number), name.is_empty(), (*name).clone()));
    let words = owners.iter().take(MOST).map(|(name, number)| match &***name {
        "" => format!("nobody {number}"),
        name => format!("{} {number}", plain(name)),
    });
    let mut text = words.collect::<Vec<_>>().join(", ");
    if let Some(more) = owners.len().checked_sub(MOST).filter(|more| *more > 0) {
        text = format!("{text}, {more} more");
    }
    entry("Owned by", &text, style, out)
}

fn ways(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    if report.paths.is_empty() {
        return Ok(());
    }
    let text = format!(
        "{} from outside to what somebody would want",
        count(report.paths.len(), "way")
    );
    entry("Ways in", &text, style, out)?;
    // One way a place to come in, before a second one.
    let mut entries = BTreeSet::new();
    let (first, rest): (Vec<&PathRow>, Vec<&PathRow>) = report
        .paths
        .iter()
        .partition(|path| entries.insert(path.entry.as_str()));
    for path in first.into_iter().chain(rest).take(3) {
        writeln!(out, "          {}", style.shorten(&way_line(path), 10, 150))?;
    }
    Ok(())
}

/// What exit codes are made of, and what has come and gone since the baseline.
fn outcome(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    let outcome = &report.summary.outcome;
    for path in &outcome.nothing_from {
        entry(
            "Missing",
            &format!("nothing to audit in {}", plain(path)),
            style,
            out,
        )?;
    }
    match outcome.gate_passed {
        Some(true) => entry("Gate", "passed", style, out)?,
        Some(false) => {
            let text = format!("failed at {}", count(outcome.gate_findings, "open finding"));
            entry("Gate", &text, style, out)?;
        }
        None => {}
    }
    if outcome.coverage_met == Some(false) {
        let text = format!("{:.1} % is less than was required", outcome.coverage);
        entry("Coverage", &text, style, out)?;
    }
    if !report.resolved.is_empty() || !report.unknown.is_empty() {
        let text = format!(
            "{} resolved, {} of which it cannot be told",
            report.resolved.len(),
            report.unknown.len()
        );
        entry("Baseline", &text, style, out)?;
    }
    Ok(())
}
