//! Measuring: a process of its own for each measurement, its CPU time and its largest resident size.

use std::path::Path;
use std::process::Command;

/// What a child process measured.
pub struct Measured {
    /// CPU time, user and system.
    pub cpu_ms: f64,
    /// The largest resident size.
    pub peak_mib: f64,
    /// What it saw.
    pub says: String,
}

/// Other programs share the machine: of so many runs the least CPU time and the least peak count.
const RUNS: usize = 5;

/// Does each piece of work, over its folder, in processes of its own. They take turns, so that what slows the machine
/// for a while slows all of them.
pub fn best<const N: usize>(
    layer: &str,
    works: [(&str, &Path); N],
) -> Result<[Measured; N], Box<dyn std::error::Error>> {
    let mut least: [Measured; N] = std::array::from_fn(|_| Measured {
        cpu_ms: f64::INFINITY,
        peak_mib: f64::INFINITY,
        says: String::new(),
    });
    for _ in 0..RUNS {
        for ((work, folder), least) in works.into_iter().zip(&mut least) {
            let one = once(work, layer, folder)?;
            least.cpu_ms = least.cpu_ms.min(one.cpu_ms);
            least.peak_mib = least.peak_mib.min(one.peak_mib);
            least.says = one.says;
        }
    }
    Ok(least)
}

/// Does the work in one process of its own.
pub fn once(work: &str, layer: &str, folder: &Path) -> Result<Measured, Box<dyn std::error::Error>> {
    let out = Command::new(std::env::current_exe()?)
        .args(["child", work, layer])
        .arg(folder)
        .output()?;
    if !out.status.success() {
        return Err(format!("{work} {layer}: {}", String::from_utf8_lossy(&out.stderr)).into());
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
        peak_mib,
        says: parts.next().unwrap_or_default().to_owned(),
    })
}

/// The CPU time of this thread, which does all the work, from /proc/self/schedstat.
pub fn cpu_ms() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let spent = stat.split_whitespace().next().ok_or("no schedstat")?;
    Ok(spent.parse::<f64>()? / 1e6)
}

/// This process's largest resident size, from /proc/self/status.
pub fn peak_mib() -> Result<f64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
}

/// CPU nanoseconds of one call: the least of five rounds, each of as many calls as take about a tenth of a second.
pub fn nanoseconds(mut call: impl FnMut(usize)) -> Result<f64, Box<dyn std::error::Error>> {
    let mut round = |calls: usize| -> Result<f64, Box<dyn std::error::Error>> {
        let began = cpu_ms()?;
        for at in 0..calls {
            call(at);
        }
        Ok(cpu_ms()? - began)
    };
    let mut calls = 4;
    while round(calls)? < 50.0 && calls < 1 << 28 {
        calls *= 2;
    }
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        least = least.min(round(calls)?);
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of calls")]
    Ok(least * 1e6 / calls as f64)
}

/// CPU milliseconds of one long call. The processor's time is told by the tick, so a short one is called often.
pub fn milliseconds(mut call: impl FnMut()) -> Result<f64, Box<dyn std::error::Error>> {
    Ok(nanoseconds(|_| call())? / 1e6)
}
