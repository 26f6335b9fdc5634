//! `foursee rightsize`.

use crate::ask::{Assumed, assumed, open};
use crate::exit::{Exit, Failure, Outcome};
use crate::progress::Line;
use foursee::Rightsized;
use foursee::core::rightsize::{Ask, Backtest, Proposal, Step, Tried};
use foursee::report::json::RightsizeJson;
use foursee::report::plain;
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = r#"Examples, in examples/shop:
  foursee rightsize .
  foursee rightsize . serviceaccount:monitoring/log-agent --scope "shop-prod cluster"
  foursee rightsize . --backtest 60d/30d --format json"#;

/// Smaller roles for the service accounts, users and groups of Kubernetes clusters, from what their audit logs in PATH
/// show, and what does nothing removed. Nothing is applied: `--out` writes the YAML of each proposal, to apply in the
/// order of the files' names, and of the way back.
///
/// A proposal gives nothing that is not held, and all that was used; the authorizer is asked over what would be left.
/// Nobody else's rights change. Kubernetes' own roles and bindings stay: the API server makes them again.
///
/// Exit codes: 0 it ran; 2 usage; 3 somebody who was named has no binding, or no cluster was read; 4 a proposal would
/// refuse what was used: then nothing is written.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A file, folder or archive of exports, audit logs among them
    path: PathBuf,
    /// For whom: "NAME" or "KIND:NAME"; everybody, and what is to be tidied up, where nobody is named
    identities: Vec<String>,
    /// Propose from the first days, and count what the days after them would have been denied: as 60d/30d
    #[arg(long, value_name = "LEARN/TEST", value_parser = cut)]
    backtest: Option<Backtest>,
    /// Take use from this cluster: its name, title or environment
    #[arg(long, value_name = "SCOPE")]
    from: Option<String>,
    /// Propose for this cluster: its name, title or environment
    #[arg(long = "for", visible_alias = "scope", value_name = "SCOPE")]
    target: Option<String>,
    /// Write each proposal's YAML, and that of the way back, into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    format: String,
    /// What this organisation chose, instead of the foursee.toml beside the inputs
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Ask everything of a layer as of that version of its platform (may be given several times)
    #[arg(long, value_name = "LAYER=VERSION", value_parser = assumed)]
    assume_version: Vec<Assumed>,
    /// No progress on standard error
    #[arg(long)]
    no_progress: bool,
}

fn cut(text: &str) -> Result<Backtest, String> {
    Backtest::parse(text).ok_or_else(|| "days to learn from and days to test on, as 60d/30d".to_owned())
}

pub fn run(args: Args) -> Outcome {
    let mut line = Line::new(args.no_progress);
    let opened = open(
        std::slice::from_ref(&args.path),
        args.config.as_ref(),
        &args.assume_version,
        &mut line,
    )?;
    drop(line);
    let ask = Ask {
        identities: args.identities.clone(),
        backtest: args.backtest,
    };
    let all = opened.rightsize(&ask, args.target.as_deref(), args.from.as_deref());
    let all = all.map_err(Failure::nothing)?;
    if all.is_empty() {
        return Err(Failure::nothing(
            "no cluster in what was named: there is nothing to propose",
        ));
    }
    let refused: Vec<&String> = all.iter().flat_map(|one| &one.proposals.refused).collect();
    if let Some(first) = refused.first() {
        let text = format!(
            "foursee: {} used requests would be refused, the first: {first}; please report it. Nothing is written",
            refused.len()
        );
        eprintln!("{}", plain(&text));
        return Ok(Exit::Internal);
    }
    if let Some(folder) = &args.out {
        write(folder, &all)?;
    }
    if args.format == "json" {
        json(&all)?;
    } else {
        text(&all, args.out.is_some())?;
    }
    let unknown = |text: &String| {
        let of = |one: &Rightsized| {
            one.proposals
                .untouched
                .iter()
                .any(|who| who.kind.is_empty() && who.name == *text)
        };
        all.iter().all(of)
    };
    let mut ended = Exit::Ran;
    for text in args.identities.iter().filter(|text| unknown(text)) {
        eprintln!("{}", plain(&format!("foursee: no binding names `{text}`")));
        ended = Exit::Nothing;
    }
    Ok(ended)
}

fn json(all: &[Rightsized]) -> Result<(), Failure> {
    let rows: Vec<RightsizeJson> = all
        .iter()
        .map(|one| RightsizeJson::new(&one.layer, &one.scope, &one.title, &one.used, &one.proposals))
        .collect();
    let mut out = BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, &rows).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

fn text(all: &[Rightsized], written: bool) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut number = 0;
    for one in all {
        let found = &one.proposals;
        let seen = match found.window {
            Some((first, last)) => format!("use seen from {first} to {last}"),
            None => "no use was seen".to_owned(),
        };
        let of = if one.used == one.title {
            String::new()
        } else {
            format!(" in {}", one.used)
        };
        let proposals = match found.proposals.len() {
            1 => "1 proposal".to_owned(),
            several => format!("{several} proposals"),
        };
        let asked = match found.checked {
            0 => "no used request to ask over what would be left".to_owned(),
            many => format!("{many} used requests asked over what would be left, all allowed"),
        };
        let lead = format!("{}  {}: {proposals}; {seen}{of}; {asked}", one.layer, one.title);
        writeln!(out, "{}", plain(&lead))?;
        for proposal in &found.proposals {
            number += 1;
            print(&mut out, number, proposal, written)?;
        }
        for who in found.untouched.iter().filter(|who| !who.kind.is_empty()) {
            let line = format!("  untouched {} {}: {}", who.kind, who.name, who.why);
            writeln!(out, "{}", plain(&line))?;
        }
        for gap in &found.gaps {
            let facet = if gap.facet.is_empty() {
                String::new()
            } else {
                format!(" ({})", gap.facet)
            };
            let line = format!(
                "  gap       {}{facet}: hides {}; closed by {}",
                gap.target, gap.hides, gap.closes
            );
            writeln!(out, "{}", plain(&line))?;
        }
    }
    Ok(out.flush()?)
}

fn print(out: &mut impl Write, number: usize, one: &Proposal, written: bool) -> Result<(), Failure> {
    let mut lines = vec![format!("  {number:<3} {}", one.title)];
    if let Some((now, then)) = one.rung {
        lines.push(format!(
            "        rung {} {} -> {} {}",
            now.number(),
            now.as_str(),
            then.number(),
            then.as_str()
        ));
    }
    for (word, all) in [
        ("grants", &one.grants),
        ("drops", &one.drops),
        ("note", &one.notes),
    ] {
        lines.extend(all.iter().map(|line| format!("        {word:<6} {line}")));
    }
    lines.extend(
        one.tried
            .iter()
            .map(|tried| format!("        tried  {}", told(tried))),
    );
    for (word, steps) in [("apply", &one.forward), ("back", &one.back)]
        .into_iter()
        .filter(|_| written)
    {
        let step = |step: &Step| {
            let name = file(number, one, step);
            format!("        {word:<6} {}", step.command.replace("FILE", &name))
        };
        lines.extend(steps.iter().map(step));
    }
    for line in lines {
        writeln!(out, "{}", plain(&line))?;
    }
    Ok(())
}

fn told(tried: &Tried) -> String {
    let range = |least: String, most: String| {
        if least == most {
            least
        } else {
            format!("{least} to {most}")
        }
    };
    let (least, most) = tried.per_30_days();
    let blank = match tried.blank {
        0 => String::new(),
        blank => format!("; {blank} of these days have no event"),
    };
    format!(
        "rung {} {}: {} denied calls per 30 days ({} in {} days), {} changes to ask for{blank}",
        tried.rung.number(),
        tried.rung.as_str(),
        range(format!("{least:.1}"), format!("{most:.1}")),
        range(tried.denied.0.to_string(), tried.denied.1.to_string()),
        tried.days,
        tried.changes
    )
}

/// The name of a step's file. Names of identities are anybody's choice: of them only plain letters and digits stay.
fn file(number: usize, one: &Proposal, step: &Step) -> String {
    let (kind, name) = one.identities.first().cloned().unwrap_or_default();
    let said = if kind.is_empty() {
        "tidy".to_owned()
    } else {
        format!("{kind}-{name}")
    };
    let slug: String = said
        .chars()
        .map(|one| if one.is_ascii_alphanumeric() { one } else { '-' })
        .take(60)
        .collect();
    format!("{number:03}-{slug}-{}", step.file)
}

fn write(folder: &Path, all: &[Rightsized]) -> Result<(), Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::usage(format!("cannot write `{}`: {error}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let proposals = all.iter().flat_map(|one| &one.proposals.proposals);
    for (at, one) in proposals.enumerate() {
        for step in one.forward.iter().chain(&one.back) {
            let path = folder.join(file(at + 1, one, step));
            let opened = OpenOptions::new().write(true).create_new(true).open(&path);
            opened
                .and_then(|mut file| file.write_all(step.text.as_bytes()))
                .map_err(|error| failed(&path, error))?;
        }
    }
    Ok(())
}
