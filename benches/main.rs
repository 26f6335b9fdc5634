//! `cargo run --release -p foursee-benches [SCALE]`: an audit of a generated kubectl export against a bare typed pass
//! over the same bytes. Each measurement is a process of its own; what counts are the ratios within one run.
//!
//! SCALE 1.0 is the large cluster: 30,000 pods, 5,000 service accounts, 8,000 role bindings, about 540 MB of JSON as kubectl indents it.

mod bare;
mod kubernetes;

use std::path::Path;
use std::process::Command;

/// What a child process measured.
struct Measured {
    cpu_ms: f64,
    wall_ms: f64,
    peak_mib: f64,
    says: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["child", work, folder] => child(work, Path::new(folder)),
        [] => run(1.0),
        [scale] => run(scale.parse()?),
        _ => Err("one argument at most: the scale, 1.0 for the large cluster".into()),
    }
}

fn run(scale: f64) -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("foursee-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let result = compare(&folder, scale);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn compare(folder: &Path, scale: f64) -> Result<(), Box<dyn std::error::Error>> {
    println!("kubernetes: a generated kubectl export, one process a row, one thread");
    println!(
        "{:<34} {:>8} {:>10} {:>10} {:>10}  what it saw",
        "row", "MB", "CPU ms", "wall ms", "peak MiB"
    );
    let mut rows = Vec::new();
    for (size, name) in [(scale / 10.0, "1/10"), (scale, "whole")] {
        let part = folder.join(name.replace('/', "-"));
        std::fs::create_dir_all(&part)?;
        let bytes = kubernetes::write(&part, size)?;
        for work in ["read", "bare", "open", "audit"] {
            let measured = in_a_child(work, &part)?;
            #[expect(clippy::cast_precision_loss, reason = "megabytes for a table")]
            let megabytes = bytes as f64 / 1e6;
            println!(
                "{:<34} {megabytes:>8.1} {:>10.0} {:>10.0} {:>10.0}  {}",
                format!("{name} {work}"),
                measured.cpu_ms,
                measured.wall_ms,
                measured.peak_mib,
                measured.says
            );
            rows.push((name, work, megabytes, measured));
        }
        std::fs::remove_dir_all(&part)?;
    }
    let cpu = |name: &str, work: &str| {
        rows.iter()
            .find(|row| row.0 == name && row.1 == work)
            .map_or(f64::NAN, |row| row.3.cpu_ms)
    };
    let peak = |name: &str, work: &str| {
        rows.iter()
            .find(|row| row.0 == name && row.1 == work)
            .map_or(f64::NAN, |row| row.3.peak_mib)
    };
    let size = rows.last().map_or(f64::NAN, |row| row.2) / 1.048_576;
    println!("\n{:<52} {:>8} {:>8}", "ratio", "here", "budget");
    for (what, here, budget) in [
        (
            "parse (open) / bare typed pass, CPU",
            cpu("whole", "open") / cpu("whole", "bare"),
            2.0,
        ),
        (
            "audit / parse, CPU",
            cpu("whole", "audit") / cpu("whole", "open"),
            1.5,
        ),
        (
            "peak of the audit / documents held",
            peak("whole", "audit") / size,
            1.35,
        ),
        (
            "audit: ten times the input, times the CPU",
            cpu("whole", "audit") / cpu("1/10", "audit"),
            11.0,
        ),
    ] {
        println!(
            "{what:<52} {here:>8.2} {budget:>8.2}{}",
            if here > budget { "  OVER" } else { "" }
        );
    }
    Ok(())
}

fn in_a_child(work: &str, folder: &Path) -> Result<Measured, Box<dyn std::error::Error>> {
    let started = std::time::Instant::now();
    let out = Command::new(std::env::current_exe()?)
        .args(["child", work])
        .arg(folder)
        .output()?;
    let wall_ms = started.elapsed().as_secs_f64() * 1e3;
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned().into());
    }
    let text = String::from_utf8(out.stdout)?;
    let mut parts = text.trim().splitn(3, ' ');
    let mut number = || {
        parts
            .next()
            .and_then(|part| part.parse().ok())
            .unwrap_or(f64::NAN)
    };
    let (cpu_ms, peak_mib) = (number(), number());
    Ok(Measured {
        cpu_ms,
        wall_ms,
        peak_mib,
        says: parts.next().unwrap_or_default().to_owned(),
    })
}

/// Does the work, and prints "CPU-ms peak-MiB what it saw".
fn child(work: &str, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let says = match work {
        "read" => format!("{} bytes", texts(folder)?.iter().map(String::len).sum::<usize>()),
        "bare" => bare::pass(&texts(folder)?)?,
        "open" => {
            let opened = foursee::Audit::new().threads(1).add(folder)?.open()?;
            format!("{} scopes", opened.facts().scopes().len())
        }
        "audit" => {
            let report = foursee::Audit::new().threads(1).add(folder)?.run()?;
            format!(
                "{} findings, {} edges, {} ways",
                report.findings.len(),
                report.estate.edges.len(),
                report.paths.len()
            )
        }
        other => return Err(format!("no work `{other}`").into()),
    };
    println!("{} {} {says}", cpu_ms()?, peak_mib()?);
    Ok(())
}

fn texts(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    names.sort();
    names.iter().map(std::fs::read_to_string).collect()
}

/// This process's CPU time, user and system, from /proc/self/stat in ticks of a hundredth of a second.
fn cpu_ms() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let rest = stat.rsplit_once(')').ok_or("no /proc/self/stat")?.1;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|field| field.parse::<f64>().ok())
            .unwrap_or(f64::NAN)
    };
    Ok((ticks(11) + ticks(12)) * 10.0)
}

/// This process's largest resident size, from /proc/self/status.
fn peak_mib() -> Result<f64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
}
