//! `foursee verify`.

use crate::exit::Outcome;
use std::path::PathBuf;

/// Put a sample of foursee's own answers over PATHs to the live platform, those that findings rest on first, and print
/// each that differs with both reasons.
///
/// Of kubernetes, by SubjectAccessReviews, of which the server keeps nothing. It needs create on subjectaccessreviews,
/// which `foursee permissions kubernetes` prints as optional.
///
/// Exit codes: 0 all agree; 1 some differ; 2 usage; 3 nothing was answered.
#[derive(clap::Args)]
pub struct Args {
    /// kubernetes
    layer: String,
    /// Files, folders or archives of exports or captures
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Ask the live platform; there is no other way yet
    #[arg(long, required = true)]
    live: bool,
    /// The context of the kubeconfig; its current one otherwise
    #[arg(long, value_name = "CONTEXT")]
    target: Option<String>,
    /// Which scope is meant, where there are several
    #[arg(long)]
    scope: Option<String>,
    /// How many questions at most
    #[arg(long, value_name = "N", default_value_t = 500)]
    sample: usize,
    /// What this organisation chose
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[cfg(not(feature = "collect"))]
pub fn run(_: Args) -> Outcome {
    Err(crate::capture::not_built_in())
}

#[cfg(feature = "collect")]
pub fn run(args: Args) -> Outcome {
    use crate::exit::{Exit, Failure};
    use foursee::live::{Terms, verify};
    use foursee::report::plain;
    use std::io::{BufWriter, Write};

    let opened = crate::ask::open(
        &args.paths,
        args.config.as_ref(),
        &[],
        &mut crate::progress::Line::new(true),
    )?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::usage)?;
    let terms = Terms::default();
    let (scope, target) = (args.scope.as_deref(), args.target.as_deref());
    let verified = runtime.block_on(verify(&opened, &args.layer, scope, target, args.sample, &terms));
    runtime.shutdown_background();
    let verified = verified.map_err(Failure::usage)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let word = |allowed: bool| if allowed { "allowed" } else { "not allowed" };
    for one in &verified.disagreements {
        writeln!(out, "{}", plain(&one.question))?;
        for (who, (allowed, reason)) in [("foursee", &one.ours), (args.layer.as_str(), &one.theirs)] {
            let because = if reason.is_empty() {
                String::new()
            } else {
                format!(": {reason}")
            };
            writeln!(
                out,
                "{}",
                plain(&format!("    {who} says {}{because}", word(*allowed)))
            )?;
        }
    }
    out.flush()?;
    if let Some((_, why)) = verified.unanswered.first() {
        let all = verified.unanswered.len();
        eprintln!(
            "{}",
            plain(&format!(
                "foursee: {all} questions without an answer, the first: {why}"
            ))
        );
    }
    eprintln!(
        "foursee: {} answers, {} of them allowed by both, {} differ",
        verified.answered,
        verified.allowed,
        verified.disagreements.len()
    );
    Ok(match (verified.answered, verified.disagreements.len()) {
        (0, _) => Exit::Nothing,
        (_, 0) => Exit::Ran,
        _ => Exit::Gate,
    })
}
