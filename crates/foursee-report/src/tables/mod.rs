//! The seven tables of a report, as rows of text and numbers: what CSV, Arrow and Parquet are made of.

mod cell;
mod findings;
mod gaps;
mod nodes;
mod paths;
mod statements;

pub use cell::{Cell, Column, Type};

use foursee_core::report::Report;

/// A table's name, its columns, and how its rows are read.
pub struct Table {
    /// The name: the file's, without its ending.
    pub name: &'static str,
    /// The columns.
    pub columns: &'static [Column],
    rows: fn(&Report, &mut dyn FnMut(Vec<Cell>)),
}

impl Table {
    /// Gives every row, in the report's order, with as many cells as there are columns.
    pub fn rows(&self, report: &Report, mut take: impl FnMut(Vec<Cell>)) {
        (self.rows)(report, &mut take);
    }
}

/// All of them.
pub static TABLES: [Table; 7] = [
    findings::FINDINGS,
    nodes::IDENTITIES,
    nodes::RESOURCES,
    statements::PRIVILEGES,
    statements::EDGES,
    paths::PATHS,
    gaps::GAPS,
];
