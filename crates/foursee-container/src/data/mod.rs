//! Knowledge as rows.

pub mod capabilities;
