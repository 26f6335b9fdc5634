//! `foursee can`.

use crate::ask::{Inputs, ask};
use crate::exit::{Exit, Failure, Outcome};
use foursee::core::audit::Answer;
use foursee::core::layer::Holds;
use foursee::report::json::AnswerJson;
use foursee::report::plain;
use std::io::{BufWriter, Write};

const EXAMPLES: &str = r#"Examples, in examples/shop:
  foursee can User:worker
  foursee can role:shop_web
  foursee can "serviceaccount:monitoring/log-agent@shop-prod cluster""#;

/// What IDENTITY can do by its own and its groups' privileges, widest first.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Whose: "NAME" or "KIND:NAME", with "@SCOPE" behind it where several scopes have it
    identity: String,
    #[command(flatten)]
    inputs: Inputs,
}

pub fn run(args: Args) -> Outcome {
    let answers = ask(&args.inputs)?.can(&args.identity).map_err(Failure::nothing)?;
    print(&answers, args.inputs.json)?;
    if answers.is_empty() {
        eprintln!("foursee: no privilege in what was read; `foursee audit -v` lists what was not");
    }
    Ok(Exit::Ran)
}

/// Prints answers as a table, or as JSON.
pub fn print(answers: &[Answer], as_json: bool) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    if as_json {
        let rows: Vec<AnswerJson> = answers.iter().map(AnswerJson::from).collect();
        serde_json::to_writer_pretty(&mut out, &rows).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    for one in answers.iter().filter(|_| !as_json) {
        let via = if one.holder == one.who {
            String::new()
        } else {
            format!(" through {} {}", one.holder.kind, one.holder.name)
        };
        let condition = if one.condition.is_empty() {
            String::new()
        } else {
            format!(" when {}", one.condition)
        };
        let confirmed = match &one.confirmed {
            Holds::Yes => String::new(),
            other => format!(" ({other})"),
        };
        let line = format!(
            "{} {} [{}]  {} on {}{via}{condition}{confirmed}  (rung {}, {}:{})",
            one.who.kind,
            one.who.name,
            one.who.scope_title,
            one.action,
            one.over,
            one.rung.number(),
            one.place.document,
            one.place.line
        );
        writeln!(out, "{}", plain(&line))?;
    }
    out.flush()?;
    Ok(())
}
