//! `foursee explain`.

use crate::exit::{Exit, Failure, Outcome};
use foursee::explain::{rule, rungs};
use std::io::Write;

const EXAMPLES: &str = "Examples:
  foursee explain aws-trust-any-principal
  foursee explain rungs
  foursee explain rungs aws";

/// A rule's page, or what stands on each rung.
///
/// A rule's page says what it looks for, why, its evidence and its fix. The rungs' says which grants of each layer stand
/// where on the least-privilege spectrum, and what its platform cannot express.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The rule's name, as findings print it; or "rungs"
    #[arg(value_name = "RULE|rungs")]
    what: String,
    /// With "rungs": of this layer alone
    layer: Option<String>,
}

pub fn run(args: Args) -> Outcome {
    let registry = foursee::built_in().map_err(Failure::usage)?;
    let page = match (&*args.what, args.layer.as_deref()) {
        ("rungs", layer) => rungs(&registry, layer),
        (name, None) => rule(&registry, name),
        (name, Some(_)) => {
            return Err(Failure::usage(format!(
                "a layer is named with `rungs` alone: foursee explain {name}"
            )));
        }
    };
    let mut out = std::io::stdout().lock();
    out.write_all(page.map_err(Failure::usage)?.as_bytes())?;
    out.flush()?;
    Ok(Exit::Ran)
}
