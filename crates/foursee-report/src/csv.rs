//! The tables as CSV (RFC 4180), safe to open in a spreadsheet and to print to a terminal: a cell that would be a
//! formula begins with `'`, and what a terminal could act on stands as `\u{..}`.

use crate::plain;
use crate::tables::{Cell, Table};
use foursee_core::report::Report;
use std::io::{self, Write};

/// Writes one table with a heading line.
///
/// # Errors
/// When the output cannot be written.
pub fn write(table: &Table, report: &Report, out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(table.columns.iter().map(|column| column.name))?;
    let mut failed = Ok(());
    table.rows(report, |row| {
        if failed.is_ok() {
            failed = writer.write_record(row.iter().map(cell)).map_err(io::Error::from);
        }
    });
    failed?;
    writer.flush()
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Number(number) => number.to_string(),
        Cell::Bool(yes) => yes.to_string(),
        Cell::Text(text) => harmless(text),
    }
}

/// Spreadsheets run cells that begin with `=`, `+`, `-`, `@`, a tab or a carriage return.
fn harmless(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{}", plain(text)),
        _ => plain(text).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(harmless("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(harmless("a=b"), "a=b");
        assert_eq!(harmless("-1"), "'-1");
        assert_eq!(harmless("\t=1"), "'\\u{9}=1");
    }

    #[test]
    fn no_cell_acts_on_a_terminal() {
        assert_eq!(harmless("a\u{1b}[2J\u{202e}b"), "a\\u{1b}[2J\\u{202e}b");
    }
}
