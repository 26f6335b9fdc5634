//! How much there is to build for one layer: a cold build in the dev profile, without default features.

use std::process::Command;

/// What one layer without default features takes: crates, and CPU seconds of a cold build.
pub fn of(layer: &str) -> Result<(usize, f64), Box<dyn std::error::Error>> {
    let package = format!("foursee-{layer}");
    let cargo = || Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let tree = cargo()
        .args([
            "tree",
            "--locked",
            "--no-default-features",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--no-dedupe",
            "--package",
            &package,
        ])
        .output()?;
    if !tree.status.success() {
        return Err(String::from_utf8_lossy(&tree.stderr).into_owned().into());
    }
    let text = String::from_utf8(tree.stdout)?;
    let crates: std::collections::BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.split(" (").next())
        .filter(|line| !line.is_empty())
        .collect();
    let target = std::env::temp_dir().join(format!("foursee-size-{}", std::process::id()));
    let before = children_s()?;
    let built = cargo()
        .args([
            "build",
            "--locked",
            "--quiet",
            "--no-default-features",
            "--package",
            &package,
        ])
        .env("CARGO_TARGET_DIR", &target)
        .status();
    std::fs::remove_dir_all(&target)?;
    if !built?.success() {
        return Err(format!("{package} does not build").into());
    }
    Ok((crates.len(), children_s()? - before))
}

/// The CPU seconds of the children that ended, and of theirs, from /proc/self/stat in ticks of a hundredth of a second.
fn children_s() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let rest = stat.rsplit_once(')').ok_or("no /proc/self/stat")?.1;
    let fields: Vec<f64> = rest
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0.0))
        .collect();
    Ok((fields.get(13).unwrap_or(&0.0) + fields.get(14).unwrap_or(&0.0)) / 100.0)
}
