//! `foursee path`.

use crate::ask::{Inputs, ask};
use crate::exit::{Exit, Failure, Outcome};
use foursee::core::audit::{find, path_row, usual_foothold};
use foursee::core::graph::Position;
use foursee::core::model::{Certainty, Foothold};
use foursee::core::report::PathRow;
use foursee::report::{json, text};
use std::io::{BufWriter, Write};

/// The way from FROM to TO; without TO, to everything that somebody would want.
///
/// Every hop was confirmed by the authorizer of the layer whose statement it is.
#[derive(clap::Args)]
pub struct Args {
    /// From whom: "NAME" or "KIND NAME", with "@SCOPE" behind it where several scopes have it
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
    let found = Foothold::ALL.into_iter().find(|one| one.as_str() == word);
    found.ok_or_else(|| "one of acts, holds, runs, spawns, queries".to_owned())
}

pub fn run(args: Args) -> Outcome {
    let asked = ask(&args.inputs)?;
    let (estate, graph) = (&*asked.mapped.estate, &*asked.mapped.graph);
    let from = find(estate, &args.from).map_err(Failure::nothing)?;
    let start = Position {
        node: from,
        foothold: args.foothold.unwrap_or_else(|| usual_foothold(estate, from)),
    };
    let mut goals: Vec<(foursee::core::model::NodeId, &str)> = match &args.to {
        Some(to) => vec![(find(estate, to).map_err(Failure::nothing)?, "")],
        None => estate
            .prizes
            .iter()
            .map(|mark| (mark.node, mark.why.as_str()))
            .collect(),
    };
    goals.dedup_by_key(|goal| goal.0);
    let reach = graph.reach(estate, &[start], Certainty::Unknown);
    let confirm = asked.opened.confirm();
    let mut ways: Vec<PathRow> = goals
        .iter()
        .filter(|(goal, _)| *goal != from && reach.of(*goal).0 != 0)
        .filter_map(|(goal, why)| Some((graph.path(estate, &[start], *goal, &confirm)?, why)))
        .map(|(path, why)| path_row(estate, asked.opened.library(), &path, "", why))
        .collect();
    ways.sort_by_key(|way| (way.certainty, way.hops.len()));
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.inputs.json {
        let twins: Vec<json::PathJson> = ways.iter().map(json::PathJson::from).collect();
        serde_json::to_writer_pretty(&mut out, &twins).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        let style = text::Style {
            all: true,
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
