//! `foursee permissions`.

use crate::exit::Outcome;

/// What capturing LAYER needs: each permission, what is read with it, what stays unknown without it; and what to paste
/// to grant just that.
#[derive(clap::Args)]
pub struct Args {
    /// container, kafka, kubernetes or postgres
    layer: String,
    /// Only what is to be pasted
    #[arg(long)]
    grant: bool,
    /// JSON instead of text
    #[arg(long, conflicts_with = "grant")]
    json: bool,
}

#[cfg(not(feature = "collect"))]
pub fn run(_: Args) -> Outcome {
    Err(crate::capture::not_built_in())
}

#[cfg(feature = "collect")]
pub fn run(args: Args) -> Outcome {
    use crate::exit::{Exit, Failure};
    use foursee::live;
    use std::io::{BufWriter, Write};

    let permissions = live::permissions(&args.layer).map_err(Failure::usage)?;
    let grant = live::grant(&args.layer).map_err(Failure::usage)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.json {
        let rows: Vec<_> = permissions
            .iter()
            .map(|one| serde_json::json!({ "name": one.name, "grant": one.grant, "reads": one.reads, "hides": one.hides }))
            .collect();
        writeln!(
            out,
            "{}",
            serde_json::json!({ "layer": args.layer, "permissions": rows, "grant": grant })
        )?;
    } else {
        if !args.grant {
            for one in permissions {
                let hides = if one.hides.is_empty() {
                    "everything"
                } else {
                    one.hides
                };
                writeln!(
                    out,
                    "{}\n    reads    {}\n    without  {hides} stays unknown",
                    one.name, one.reads
                )?;
            }
            writeln!(out, "\nTo grant just that:\n")?;
        }
        write!(out, "{grant}")?;
    }
    out.flush()?;
    Ok(Exit::Ran)
}
