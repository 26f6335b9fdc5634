//! What the questions share: inputs, opened.

use crate::exit::Failure;
use crate::progress::Line;
use foursee::Opened;
use std::path::PathBuf;

/// The inputs of a question.
#[derive(clap::Args)]
pub struct Inputs {
    /// Files, folders or archives of exports ("-" is standard input)
    #[arg(short, long = "in", value_name = "PATH", default_value = ".")]
    pub inputs: Vec<PathBuf>,
    /// What this organisation chose, instead of the foursee.toml beside the inputs
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// JSON instead of text
    #[arg(long)]
    pub json: bool,
    /// No progress on standard error
    #[arg(long)]
    pub no_progress: bool,
}

/// Reads the inputs, and maps who can become whom.
pub fn ask(inputs: &Inputs) -> Result<Opened, Failure> {
    let mut line = Line::new(inputs.no_progress);
    let opened = open(&inputs.inputs, inputs.config.as_ref(), &mut line)?;
    opened.mapped_with(&mut |progress| line.show(&progress));
    Ok(opened)
}

/// Reads the inputs.
pub fn open(paths: &[PathBuf], config: Option<&PathBuf>, line: &mut Line) -> Result<Opened, Failure> {
    let mut audit = foursee::Audit::new();
    for path in paths {
        audit = audit.path(path);
    }
    if let Some(config) = config {
        audit = audit.config(config)?;
    }
    let opened = audit.open_with(&mut |progress| line.show(&progress))?;
    let facts = opened.facts();
    if facts.scopes().is_empty() && !paths.is_empty() {
        for gap in facts.gaps() {
            let why = format!("{}: {} ({})", gap.target, gap.facet, gap.reason.as_str());
            eprintln!("foursee: {}", foursee::report::plain(&why));
        }
        return Err(Failure::nothing("nothing to ask in what was named"));
    }
    Ok(opened)
}
