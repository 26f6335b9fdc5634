//! What `kafka-acls --list` prints, and the cluster's id.
//!
//! Shapes: five entries a pattern; one pattern in five is a prefix; one entry in twenty is a DENY, one in a hundred is
//! for everybody; a user for every fiftieth entry. On one pattern in twenty somebody alters its configuration, or deletes
//! the group: what owners' tools are given, and applications are not.

use super::Dice;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes the documents.
pub fn write(folder: &Path, acls: usize) -> std::io::Result<u64> {
    std::fs::write(
        folder.join("cluster-id.txt"),
        "Cluster ID: cGuc0c_VqmRJ5wHIaPKHzA\n",
    )?;
    let path = folder.join("acls.txt");
    let mut out = BufWriter::new(std::fs::File::create(&path)?);
    let mut dice = Dice(17);
    let users = acls / 50 + 10;
    for pattern in 0..acls / 5 + 1 {
        let owned = dice.roll(20) == 0;
        let (kind, operations): (_, &[&str]) = match (pattern % 4 == 3, owned) {
            (true, true) => ("GROUP", &["READ", "DESCRIBE", "READ", "DESCRIBE", "DELETE"]),
            (true, false) => ("GROUP", &["READ", "DESCRIBE"]),
            (false, true) => ("TOPIC", &["READ", "WRITE", "DESCRIBE", "CREATE", "ALTER_CONFIGS"]),
            (false, false) => ("TOPIC", &["READ", "WRITE", "DESCRIBE", "READ", "CREATE"]),
        };
        let (name, sort) = if pattern % 5 == 0 {
            (format!("team-{}.app-{pattern}.", pattern % 300), "PREFIXED")
        } else {
            (
                format!("team-{}.app-{}.events-{pattern}", pattern % 300, pattern % 5_000),
                "LITERAL",
            )
        };
        writeln!(
            out,
            "Current ACLs for resource `ResourcePattern(resourceType={kind}, name={name}, patternType={sort})`: "
        )?;
        for entry in 0..5 {
            let who = if dice.roll(100) == 0 {
                "*".to_owned()
            } else {
                format!("app-{}", dice.roll(users))
            };
            let host = if dice.roll(10) == 0 { "10.0.0.17" } else { "*" };
            let operation = operations.get(entry % operations.len()).unwrap_or(&"READ");
            let permission = if dice.roll(20) == 0 { "DENY" } else { "ALLOW" };
            writeln!(
                out,
                " \t(principal=User:{who}, host={host}, operation={operation}, permissionType={permission})"
            )?;
        }
        writeln!(out)?;
    }
    out.flush()?;
    Ok(std::fs::metadata(&path)?.len() + 35)
}
