//! What could not be read.

use super::Style;
use crate::plain;
use foursee_core::report::{GapRow, Report};
use std::io::{self, Write};

/// Writes the gaps, each with what it hides and what would close it.
pub(super) fn write(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    if report.gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.bold("Not seen"))?;
    let most = if style.all { usize::MAX } else { 12 };
    for gap in report.gaps.iter().take(most) {
        writeln!(out, "  {}", style.fold(14, &gap_line(report, gap)))?;
        writeln!(
            out,
            "           {}",
            style.dim(&style.fold(
                11,
                &format!("hides {}; closed by: {}", plain(&gap.hides), plain(&gap.closes))
            ))
        )?;
    }
    if let Some(more) = report.gaps.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "  and {more} more: -v, or --format json")?;
    }
    Ok(())
}

/// A gap in one line.
pub(super) fn gap_line(report: &Report, gap: &GapRow) -> String {
    let scope = report
        .scopes
        .iter()
        .find(|scope| scope.layer == gap.layer && Some(&scope.name) == gap.scope.as_ref());
    let scope = scope.map_or(String::new(), |scope| format!("{}: ", plain(&scope.title)));
    let layer = if gap.layer.is_empty() { "input" } else { &gap.layer };
    let facet = if gap.facet.is_empty() {
        String::new()
    } else {
        format!(" ({})", plain(&gap.facet))
    };
    let at = gap.place.as_ref().filter(|place| !place.document.is_empty());
    let at = at.map_or(String::new(), |place| {
        format!(" at {}:{}", plain(&place.document), place.line)
    });
    format!(
        "{:<11} {scope}{}{facet}: {}{at}",
        plain(layer),
        plain(&gap.target),
        gap.reason.as_str()
    )
}
