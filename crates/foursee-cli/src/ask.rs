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
    /// Ask everything of a layer as of that version of its platform (may be given several times)
    #[arg(long, value_name = "LAYER=VERSION", value_parser = assumed)]
    pub assume_version: Vec<Assumed>,
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
    let opened = open(
        &inputs.inputs,
        inputs.config.as_ref(),
        &inputs.assume_version,
        &mut line,
    )?;
    opened.mapped_with(&mut |progress| line.show(&progress));
    Ok(opened)
}

/// A layer and the version of its platform that is assumed.
#[derive(Clone, Debug)]
pub struct Assumed {
    layer: String,
    version: String,
}

/// Reads "kubernetes=1.38".
pub fn assumed(word: &str) -> Result<Assumed, String> {
    match word.split_once('=') {
        Some((layer, version)) if !layer.is_empty() && !version.is_empty() => Ok(Assumed {
            layer: layer.to_owned(),
            version: version.to_owned(),
        }),
        _ => Err("a layer and a version, as kubernetes=1.38".to_owned()),
    }
}

/// Takes the versions that are assumed.
pub fn assume(mut audit: foursee::Audit, all: &[Assumed]) -> Result<foursee::Audit, foursee::Error> {
    for one in all {
        audit = audit.assume_version(&one.layer, &one.version)?;
    }
    Ok(audit)
}

/// Reads the inputs.
pub fn open(
    paths: &[PathBuf],
    config: Option<&PathBuf>,
    versions: &[Assumed],
    line: &mut Line,
) -> Result<Opened, Failure> {
    let mut audit = assume(foursee::Audit::new(), versions)?;
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
