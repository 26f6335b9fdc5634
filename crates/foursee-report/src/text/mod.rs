//! The report for a person: a summary that is read in ten seconds, then findings by layer and cause, ways and gaps.

mod findings;
mod gaps;
mod style;
mod summary;
mod way;

pub use style::Style;
pub use way::way;

use foursee_core::report::Report;
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
/// When the output cannot be written.
pub fn write(report: &Report, style: Style, mut out: impl Write) -> io::Result<()> {
    summary::write(report, style, &mut out)?;
    if style.brief {
        return Ok(());
    }
    findings::write(report, style, &mut out)?;
    way::write(report, style, &mut out)?;
    gaps::write(report, style, &mut out)
}
