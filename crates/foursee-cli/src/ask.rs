//! What the questions share: inputs, opened and lowered.

use crate::exit::Failure;
use crate::progress::Line;
use foursee::core::audit::{Mapped, Opened};
use foursee::core::registry::Registry;
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

/// Inputs, read and lowered.
pub struct Asked {
    /// The facts and authorizers.
    pub opened: Opened,
    /// The graph.
    pub mapped: Mapped,
}

/// Reads the inputs.
pub fn ask(inputs: &Inputs) -> Result<Asked, Failure> {
    let mut line = Line::new(inputs.no_progress);
    let (opened, _, policy) = open(&inputs.inputs, inputs.config.as_ref(), &mut line)?;
    let mapped = Mapped::new(&opened, &policy, &mut |stage| {
        line.show(&foursee::Progress::Stage(stage))
    });
    Ok(Asked { opened, mapped })
}

/// Opens the inputs without lowering.
pub fn open(
    paths: &[PathBuf],
    config: Option<&PathBuf>,
    line: &mut Line,
) -> Result<(Opened, Registry, foursee::core::judge::Policy), Failure> {
    let mut audit = foursee::Audit::new();
    for path in paths {
        audit = audit.path(path);
    }
    if let Some(config) = config {
        audit = audit.config(config)?;
    }
    let opened = audit.open(&mut |progress| line.show(&progress))?;
    if opened.0.scopes().is_empty() && !paths.is_empty() {
        for gap in opened.0.gaps() {
            eprintln!(
                "foursee: {}",
                foursee::report::plain(&format!(
                    "{}: {} ({})",
                    gap.target,
                    gap.facet,
                    gap.reason.as_str()
                ))
            );
        }
        return Err(Failure::nothing("nothing to ask in what was named"));
    }
    Ok(opened)
}
