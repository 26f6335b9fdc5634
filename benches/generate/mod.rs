//! Seeded documents of each layer, as the platforms' own commands print them: the same for the same size.
//!
//! Scale 1 is a large estate: 30,000 pods, 12,000 IAM roles, 12,000 containers, 60,000 tables, 250,000 ACLs.

mod aws;
mod container;
mod kafka;
mod kubernetes;
mod postgres;

use serde_json::Value;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Numbers that only look random.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }
}

/// Writes a layer's documents of a size into the folder; gives their bytes.
pub fn write(layer: &str, folder: &Path, scale: f64) -> std::io::Result<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a scale between 0 and some tens"
    )]
    let of = |whole: f64| ((whole * scale) as usize).max(1);
    std::fs::create_dir_all(folder)?;
    match layer {
        "aws" => aws::write(folder, of(12_000.0)),
        "container" => container::write(folder, of(12_000.0)),
        "kafka" => kafka::write(folder, of(250_000.0)),
        "kubernetes" => kubernetes::write(folder, of),
        _ => postgres::write(folder, of(60_000.0)),
    }
}

/// Sixty-four hexadecimal digits.
fn digest(of: usize) -> String {
    format!("{:064x}", of.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Writes a List in one line, as an API server gives it; gives the file's size.
fn compact(path: &Path, count: usize, mut item: impl FnMut(usize) -> Value) -> std::io::Result<u64> {
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    out.write_all(br#"{"apiVersion":"v1","kind":"List","metadata":{"resourceVersion":""},"items":["#)?;
    for at in 0..count {
        if at > 0 {
            out.write_all(b",")?;
        }
        serde_json::to_writer(&mut out, &item(at))?;
    }
    out.write_all(b"]}\n")?;
    out.flush()?;
    Ok(std::fs::metadata(path)?.len())
}

/// Writes `before`, the values as pretty JSON of that indentation, and `after`; gives the file's size.
fn list(
    path: &Path,
    (before, indent, after): (&str, usize, &str),
    count: usize,
    mut item: impl FnMut(usize) -> Value,
) -> std::io::Result<u64> {
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    let blanks = " ".repeat(indent);
    out.write_all(before.as_bytes())?;
    for at in 0..count {
        let mut text = Vec::new();
        let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        let mut writer = serde_json::Serializer::with_formatter(&mut text, format);
        serde::Serialize::serialize(&item(at), &mut writer)?;
        for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
            out.write_all(if number == 0 { b"" } else { b"\n" })?;
            out.write_all(blanks.as_bytes())?;
            out.write_all(line)?;
        }
        out.write_all(if at + 1 < count { b",\n" } else { b"\n" })?;
    }
    out.write_all(after.as_bytes())?;
    out.flush()?;
    Ok(std::fs::metadata(path)?.len())
}
