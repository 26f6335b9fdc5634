//! The formats of a foursee report: one file a format, and the serialised twin that readers rely on.
//!
//! A writer changes nothing: what it is given is what it prints. Names are chosen by attackers, so every writer
//! escapes them in its own way: JSON by serde_json, CSV against formulas, the terminal against control characters.
//! Deliberately absent: judging, files, colours by default.

pub mod csv;
pub mod json;
pub mod jsonl;
mod plain;
pub mod tables;
pub mod text;

pub use plain::plain;
