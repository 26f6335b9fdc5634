//! `cargo run --release -p foursee-benches -- [SCALE] [LAYER...] [--check] [--build]`: what foursee's budgets are held
//! against.
//!
//! Seeded documents of each layer, of a size and of a tenth of it, are read, audited and passed over by a bare typed
//! serde pass, each in a process of its own, the best of five runs; then decisions, the graph and ways over the large
//! ones. LAYER leaves out the others, and the graph. What counts are the ratios within one run: the machine is nobody's alone. SCALE 1 is the large estate of
//! `generate`; 0.25 if nothing is said. `--check` exits with 1 where a budget is passed. `--build` also builds one layer
//! without default features from nothing. `write LAYER FOLDER SCALE` writes a layer's documents, for a profiler.

// A container's JSON, as docker inspect prints it, is one macro call.
#![recursion_limit = "512"]

mod bare;
mod decide;
mod generate;
mod graph;
mod measure;
mod policies;
mod size;
mod table;

use measure::{Measured, best, once};
use std::path::Path;
use table::Table;

/// The command's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LAYERS: [&str; 5] = ["aws", "container", "kafka", "kubernetes", "postgres"];

fn main() -> std::process::ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["child", work, layer, folder] => child(work, layer, Path::new(folder)).map(|()| true),
        ["write", layer, folder, scale] => scale
            .parse()
            .map_err(Into::into)
            .and_then(|scale| Ok(generate::write(layer, Path::new(folder), scale).map(|_| true)?)),
        _ => run(&args),
    };
    match done {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::from(1),
        Err(error) => {
            eprintln!("foursee-bench: {error}");
            std::process::ExitCode::from(2)
        }
    }
}

/// Measures everything; whether every budget was kept, or nobody asked.
fn run(args: &[&str]) -> Result<bool, Box<dyn std::error::Error>> {
    let (mut scale, mut check, mut build, mut only) = (0.25, false, false, Vec::new());
    for arg in args {
        match *arg {
            "--check" => check = true,
            "--build" => build = true,
            layer if LAYERS.contains(&layer) => only.push(layer),
            number => {
                scale = number
                    .parse()
                    .map_err(|_| format!("`{number}` is neither a scale, a layer, --check nor --build"))?
            }
        }
    }
    let (layers, whole) = match only.is_empty() {
        true => (LAYERS.to_vec(), true),
        false => (only, false),
    };
    let folder = std::env::temp_dir().join(format!("foursee-bench-{}", std::process::id()));
    let mut table = Table::default();
    let measured = layers
        .iter()
        .try_for_each(|layer| documents(layer, scale, &folder, &mut table))
        .and_then(|()| {
            if whole {
                graph_alone(&folder, &mut table)
            } else {
                Ok(())
            }
        });
    let _ = std::fs::remove_dir_all(&folder);
    measured?;
    if build {
        let (crates, seconds) = size::of("kubernetes")?;
        #[expect(clippy::cast_precision_loss, reason = "a number of crates")]
        table.row("one layer: crates", crates as f64, Some(40.0));
        table.row("one layer: CPU seconds of a cold build", seconds, Some(40.0));
    }
    table.print();
    Ok(!check || table.over() == 0)
}

/// One layer's documents: parse, audit, growth, decisions.
fn documents(
    layer: &str,
    scale: f64,
    folder: &Path,
    table: &mut Table,
) -> Result<(), Box<dyn std::error::Error>> {
    let small = folder.join(layer).join("small");
    let large = folder.join(layer).join("large");
    generate::write(layer, &small, scale / 10.0)?;
    #[expect(clippy::cast_precision_loss, reason = "megabytes for a table")]
    let megabytes = generate::write(layer, &large, scale)? as f64 / 1e6;
    let [bare, open, audit, open_small, audit_small, decided] = best(
        layer,
        [
            ("bare", &large),
            ("open", &large),
            ("audit", &large),
            ("open", &small),
            ("audit", &small),
            ("decide", &large),
        ],
    )?;
    for (name, one) in [
        ("bare pass", &bare),
        ("parse", &open),
        ("audit", &audit),
        ("audit of a tenth", &audit_small),
    ] {
        let Measured {
            cpu_ms,
            peak_mib,
            says,
        } = one;
        table.line(&format!(
            "{layer:<11} {megabytes:>6.1} MB  {name:<17} {cpu_ms:>7.0} ms {peak_mib:>6.0} MiB  {says}"
        ));
    }
    table.row(
        &format!("{layer}: parse / bare pass"),
        open.cpu_ms / bare.cpu_ms,
        Some(2.0),
    );
    table.row(
        &format!("{layer}: audit / parse"),
        audit.cpu_ms / open.cpu_ms,
        Some(1.5),
    );
    table.row(
        &format!("{layer}: peak / documents held"),
        audit.peak_mib / (megabytes / 1.048_576),
        Some(1.35),
    );
    if layer == "kubernetes" && scale <= 1.0 {
        table.row("kubernetes: peak, MiB", audit.peak_mib, Some(500.0));
    }
    table.row(
        &format!("{layer}: ten times the input, parse"),
        open.cpu_ms / open_small.cpu_ms,
        Some(11.0),
    );
    table.row(
        &format!("{layer}: ten times the input, audit"),
        audit.cpu_ms / audit_small.cpu_ms,
        Some(11.0),
    );
    // Of these, the two figures are nanoseconds.
    let budget = match layer {
        "kubernetes" | "kafka" => (Some(500.0), Some(3_000.0)),
        "aws" => (Some(1_000.0), None),
        _ => (None, None),
    };
    for (how, ns, budget) in [
        ("typed", decided.cpu_ms, budget.0),
        ("JSON to JSON", decided.peak_mib, budget.1),
    ] {
        table.row(&format!("{layer}: a decision, {how}, ns"), ns, budget);
    }
    if layer == "kubernetes" {
        let ways = once("ways", layer, &large)?;
        table.row("kubernetes: one reach over the estate, ms", ways.cpu_ms, None);
        table.row(
            "kubernetes: a way found and confirmed, ms",
            ways.peak_mib,
            Some(1.0),
        );
        let (who_can, says) = ways.says.split_once(' ').unwrap_or_default();
        table.row(
            "kubernetes: who can list secrets, over everything, ms",
            who_can.parse().unwrap_or(f64::NAN),
            Some(10.0),
        );
        table.line(&format!("kubernetes: ways: {says}"));
    }
    std::fs::remove_dir_all(folder.join(layer))?;
    Ok(())
}

fn graph_alone(folder: &Path, table: &mut Table) -> Result<(), Box<dyn std::error::Error>> {
    let Measured {
        cpu_ms,
        peak_mib,
        says,
    } = once("graph", "-", folder)?;
    let mut rest = says
        .split(' ')
        .map(|part| part.parse::<f64>().unwrap_or(f64::NAN));
    let mut next = || rest.next().unwrap_or(f64::NAN);
    let (condensing, all, path, hops, edges) = (next(), next(), next(), next(), next());
    table.line(&format!(
        "graph       {edges} edges lowered, sorted and indexed in {cpu_ms:.0} ms; a way of {hops} hops"
    ));
    table.row("graph: one reach over 1,000,000 edges, ms", peak_mib, None);
    table.row("graph: condensing them once, ms", condensing, Some(50.0));
    table.row("graph: then 64 reaches, one start each, ms", all, Some(10.0));
    table.row("graph: a way of four hops, ms", path, Some(1.0));
    #[expect(clippy::cast_precision_loss, reason = "some tens")]
    let edge = foursee::core::graph::Graph::BYTES_AN_EDGE as f64;
    table.row("graph: bytes an edge, with evidence, both ways", edge, Some(32.0));
    Ok(())
}

/// Does the work, and prints two numbers (CPU ms and peak MiB, where it does not say otherwise) and what it saw.
fn child(work: &str, layer: &str, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let audit = || foursee::Audit::new().threads(1).add(folder);
    let says = match work {
        "bare" => bare::pass(layer, &texts(folder)?)?,
        "open" => {
            let opened = audit()?.open()?;
            let opened = opened.facts();
            format!("{} scopes, {} gaps", opened.scopes().len(), opened.gaps().len())
        }
        "audit" => {
            let report = audit()?.run()?;
            format!(
                "{} findings, {} edges, {} ways",
                report.findings.len(),
                report.estate.edges.len(),
                report.paths.len()
            )
        }
        "decide" => {
            println!("{}", decide::decide(layer, folder)?);
            return Ok(());
        }
        "ways" => {
            println!("{}", graph::ways(folder)?);
            return Ok(());
        }
        "graph" => {
            println!("{}", graph::graph()?);
            return Ok(());
        }
        other => return Err(format!("no work `{other}`").into()),
    };
    println!("{} {} {says}", measure::cpu_ms()?, measure::peak_mib()?);
    Ok(())
}

fn texts(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    names.sort();
    names.iter().map(std::fs::read_to_string).collect()
}
