//! Ways, hop by hop.

use super::Style;
use super::style::at;
use crate::plain;
use foursee_core::report::{HopRow, NodeRow, PathRow, Report};
use std::io::{self, Write};

/// Writes the ways in.
pub(super) fn write(report: &Report, style: Style, out: &mut impl Write) -> io::Result<()> {
    if report.paths.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.bold("Ways in"))?;
    let most = if style.all { usize::MAX } else { 10 };
    for path in report.paths.iter().take(most) {
        way(path, style, out)?;
    }
    if let Some(more) = report.paths.len().checked_sub(most).filter(|more| *more > 0) {
        writeln!(out, "  and {more} more: -v, or --format json")?;
    }
    Ok(())
}

/// Writes one way: its hops, each with its statement.
///
/// # Errors
/// When the output cannot be written.
pub fn way(path: &PathRow, style: Style, out: &mut impl Write) -> io::Result<()> {
    let why = match (path.entry.is_empty(), path.prize.is_empty()) {
        (true, true) => String::new(),
        _ => format!(": {} → {}", plain(&path.entry), plain(&path.prize)),
    };
    writeln!(
        out,
        "  {}{why}",
        style.bold(&format!("{} way", path.certainty.as_str()))
    )?;
    if let Some(first) = path.hops.first() {
        writeln!(out, "    {}", node(&first.from))?;
    }
    for hop in &path.hops {
        writeln!(
            out,
            "    └ {} {}{}",
            plain(&hop.says),
            node(&hop.to),
            through(hop)
        )?;
        let at = at(&hop.place);
        let condition = if hop.condition.is_empty() || hop.confirmed.contains(&hop.condition) {
            String::new()
        } else {
            format!(" · when {}", plain(&hop.condition))
        };
        let sure = if hop.confirmed == "yes" {
            hop.certainty.as_str().to_owned()
        } else {
            plain(&hop.confirmed).into_owned()
        };
        writeln!(
            out,
            "      {}",
            style.dim(&style.fold(6, &format!("{at} · {} · {sure}{condition}", hop.technique)))
        )?;
    }
    Ok(())
}

fn through(hop: &HopRow) -> String {
    hop.over
        .as_ref()
        .map_or(String::new(), |over| format!(" (as {})", plain(over)))
}

fn node(node: &NodeRow) -> String {
    let scope = if node.scope_title.is_empty() {
        String::new()
    } else {
        format!("  [{} {}]", plain(&node.layer), plain(&node.scope_title))
    };
    format!("{} {}{scope}", plain(&node.kind), plain(&node.name))
}

/// The names on a way, in one line.
pub(super) fn way_line(path: &PathRow) -> String {
    let name = |node: &NodeRow| format!("{} {}", plain(&node.kind), plain(&node.name));
    let mut words: Vec<String> = path.hops.first().map(|hop| name(&hop.from)).into_iter().collect();
    words.extend(
        path.hops
            .iter()
            .filter(|hop| hop.to.layer != "core")
            .map(|hop| name(&hop.to)),
    );
    words.join(" → ")
}
