//! `foursee rules`.

use crate::exit::{Exit, Failure, Outcome};
use serde_json::json;
use std::io::{BufWriter, Write};

/// List the rules, or the documents that can be read.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  foursee rules\n  foursee rules --documents")]
pub struct Args {
    /// The kinds of documents, and the command that makes each
    #[arg(long)]
    documents: bool,
    /// JSON instead of text
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Outcome {
    let registry = foursee::built_in().map_err(Failure::usage)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.documents {
        let kinds = registry
            .layer_ids()
            .into_iter()
            .flat_map(|layer| registry.kinds(layer).iter().map(move |kind| (layer, kind)));
        if args.json {
            let rows: Vec<_> = kinds
                .map(|(layer, kind)| json!({ "layer": layer, "kind": kind.name, "made_by": kind.made_by }))
                .collect();
            writeln!(out, "{}", json!(rows))?;
        } else {
            for (layer, kind) in kinds {
                writeln!(out, "{layer:<11} {:<22} {}", kind.name, kind.made_by)?;
            }
        }
    } else {
        let metas = registry.metas();
        if args.json {
            let rows: Vec<_> = metas
                .iter()
                .map(|meta| json!({ "id": meta.id, "layer": meta.layer(), "severity": meta.severity.as_str(), "title": meta.title(), "needs": meta.needs, "aliases": meta.aliases }))
                .collect();
            writeln!(out, "{}", json!(rows))?;
        } else {
            for meta in metas {
                writeln!(
                    out,
                    "{:<44} {:<8} {}",
                    meta.id,
                    meta.severity.as_str(),
                    meta.title()
                )?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Ran)
}
