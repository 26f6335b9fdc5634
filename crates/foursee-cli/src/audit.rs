//! `foursee audit`.

use crate::ask::{Assumed, assume, assumed};
use crate::exit::{Exit, Failure, Outcome};
use crate::progress::Line;
use crate::terminal;
use clap::ValueEnum;
use foursee::core::judge::Gate;
use foursee::core::model::{Severity, Time};
use foursee::report::tables::TABLES;
use foursee::report::{csv, json, jsonl, text};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = r#"Examples, in examples/shop:
  foursee audit .
  foursee audit . --quiet
  foursee audit aws-prod aws-dev --min-severity high --format json
  foursee audit . --layer kafka --as-of 2026-11-25 -v"#;

/// Audit exports and captures.
///
/// Findings or gaps alone do not change the exit code: 0 it ran, 1 --fail-on matched, 2 usage or configuration,
/// 3 a named path gave nothing or coverage is below --require-coverage, 4 internal error.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Captures, or files, folders and archives of exports, in any mix ("-" is standard input)
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to print the report
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the seven tables as CSV files into this folder too
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only findings and gaps of this layer (may be given several times); everything is still read
    #[arg(long, value_name = "LAYER")]
    layer: Vec<String>,
    /// Print no findings below this severity (info, low, medium, high, critical); counts and gates keep them
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    min_severity: Option<Severity>,
    /// End with exit code 1 where there is an open finding that bad: "high", or "new:high" for one that is new or has changed since the baseline
    #[arg(long, value_name = "[new:]SEVERITY", value_parser = fail_on)]
    fail_on: Option<(Severity, bool)>,
    /// End with exit code 3 where fewer of the rules could look, in percent
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    require_coverage: Option<f64>,
    /// An earlier report as JSON: says what is new, resolved or cannot be told
    #[arg(long, value_name = "REPORT.json")]
    baseline: Option<PathBuf>,
    /// What this organisation chose, instead of the foursee.toml beside the inputs
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The audit's "now" (RFC 3339, or a date): the same input then gives the same bytes on any day
    #[arg(long, value_name = "TIME", value_parser = time)]
    as_of: Option<Time>,
    /// Ask everything of a layer as of that version of its platform: what an upgrade gives and takes (may be given several times)
    #[arg(long, value_name = "LAYER=VERSION", value_parser = assumed)]
    assume_version: Vec<Assumed>,
    /// Less: the summary alone
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// More: every gap, identity, place and way
    #[arg(short, long)]
    verbose: bool,
    /// No progress on standard error
    #[arg(long)]
    no_progress: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// One JSON object a line
    Jsonl,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::parse(word).ok_or_else(|| "one of info, low, medium, high, critical".to_owned())
}

fn fail_on(word: &str) -> Result<(Severity, bool), String> {
    match word.strip_prefix("new:") {
        Some(word) => Ok((severity(word)?, true)),
        None => Ok((severity(word)?, false)),
    }
}

fn percent(word: &str) -> Result<f64, String> {
    let number: f64 = word
        .trim_end_matches('%')
        .parse()
        .map_err(|_| "a number from 0 to 100".to_owned())?;
    if (0.0..=100.0).contains(&number) {
        Ok(number)
    } else {
        Err("a number from 0 to 100".to_owned())
    }
}

fn time(word: &str) -> Result<Time, String> {
    Time::parse(word).ok_or_else(|| "a time as 2026-11-25T08:00:00Z, or a date as 2026-11-25".to_owned())
}

pub fn run(args: Args) -> Outcome {
    let registry = foursee::built_in().map_err(Failure::usage)?;
    let known = registry.layer_ids();
    if let Some(unknown) = args
        .layer
        .iter()
        .find(|one| !known.contains(&one.as_str()) && *one != "core")
    {
        return Err(Failure::usage(format!(
            "--layer {unknown}: there are {}, core",
            known.join(", ")
        )));
    }
    let mut audit = foursee::Audit::new().registry(registry).only(args.layer.clone());
    audit = assume(audit, &args.assume_version)?;
    for path in &args.paths {
        audit = audit.path(path);
    }
    if let Some(config) = &args.config {
        audit = audit.config(config)?;
    }
    if let Some(time) = args.as_of {
        audit = audit.as_of(time);
    }
    if let Some(path) = &args.baseline {
        let read = std::fs::read_to_string(path);
        let text = read.map_err(|error| Failure::usage(format!("--baseline {}: {error}", path.display())))?;
        let baseline = json::baseline(&text);
        audit = audit.baseline(
            baseline.map_err(|error| Failure::usage(format!("--baseline {}: {error}", path.display())))?,
        );
    } else if matches!(args.fail_on, Some((_, true))) {
        return Err(Failure::usage(
            "--fail-on new:SEVERITY needs --baseline REPORT.json",
        ));
    }
    let mut gate = Gate::default();
    gate.fail_on = args.fail_on;
    gate.require_coverage = args.require_coverage;
    audit = audit.gate(gate);

    let mut line = Line::new(args.no_progress || args.quiet);
    let mut report = audit.run_with(&mut |progress| line.show(&progress))?;
    drop(line);
    if let Some(least) = args.min_severity {
        report.findings.retain(|one| one.severity >= least);
    }
    if let Some(folder) = &args.out {
        tables(&report, folder)
            .map_err(|error| Failure::usage(format!("--out {}: {error}", folder.display())))?;
    }
    let stdout = std::io::stdout();
    let color = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal::colors(),
    };
    let mut out = BufWriter::new(stdout.lock());
    match args.format {
        Format::Text => text::write(
            &report,
            text::Style {
                color,
                all: args.verbose,
                brief: args.quiet,
                width: terminal::width(),
            },
            &mut out,
        )?,
        Format::Json => json::write(&report, &mut out)?,
        Format::Jsonl => jsonl::write(&report, &mut out)?,
    }
    out.flush()?;
    let outcome = &report.summary.outcome;
    for path in &outcome.nothing_from {
        eprintln!("foursee: nothing to audit in {}", foursee::report::plain(path));
    }
    Ok(if outcome.gate_passed == Some(false) {
        Exit::Gate
    } else if !outcome.nothing_from.is_empty()
        || report.scopes.is_empty()
        || outcome.coverage_met == Some(false)
    {
        Exit::Nothing
    } else {
        Exit::Ran
    })
}

/// Writes the tables, each beside its final name first, so that no half-written file stays.
fn tables(report: &foursee::core::report::Report, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for table in &TABLES {
        let part = folder.join(format!(".{}.csv.part", table.name));
        let mut file = BufWriter::new(std::fs::File::create(&part)?);
        csv::write(table, report, &mut file)?;
        file.flush()?;
        std::fs::rename(&part, folder.join(format!("{}.csv", table.name)))?;
    }
    Ok(())
}
