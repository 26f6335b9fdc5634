//! `foursee path`.

use crate::ask::{Inputs, ask};
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal;
use foursee::core::model::Foothold;
use foursee::report::{json, text};
use std::io::{BufWriter, Write};

const EXAMPLES: &str = r#"Examples, in examples/shop:
  foursee path "pod:shop/web@shop-prod cluster" arn:aws:s3:::shop-customer-data
  foursee path container:ci-runner"#;

/// The way from FROM to TO; without TO, to everything that somebody would want.
///
/// Every hop was confirmed by the authorizer of the layer whose statement it is.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// From whom: "NAME" or "KIND:NAME", with "@SCOPE" behind it where several scopes have it
    from: String,
    /// To whom or what
    to: Option<String>,
    /// Where in FROM somebody stands: acts, holds, runs, spawns, queries (workloads: runs; others: acts)
    #[arg(long, value_parser = foothold)]
    foothold: Option<Foothold>,
    #[command(flatten)]
    inputs: Inputs,
}

fn foothold(word: &str) -> Result<Foothold, String> {
    Foothold::parse(word).ok_or_else(|| "one of acts, holds, runs, spawns, queries".to_owned())
}

pub fn run(args: Args) -> Outcome {
    let ways = ask(&args.inputs)?
        .ways(&args.from, args.to.as_deref(), args.foothold)
        .map_err(Failure::nothing)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.inputs.json {
        let twins: Vec<json::PathJson> = ways.iter().map(json::PathJson::from).collect();
        serde_json::to_writer_pretty(&mut out, &twins).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        let style = text::Style {
            all: true,
            color: terminal::colors(),
            width: terminal::width(),
            ..text::Style::default()
        };
        for way in &ways {
            text::way(way, style, &mut out)?;
        }
    }
    out.flush()?;
    if ways.is_empty() {
        let to = args.to.as_deref().unwrap_or("anything that somebody would want");
        eprintln!(
            "foursee: no way from {} to {to} in what was read",
            foursee::report::plain(&args.from)
        );
        eprintln!("foursee: what could not be read: `foursee audit -v` lists it");
    }
    Ok(Exit::Ran)
}
