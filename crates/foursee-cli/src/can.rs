//! `foursee can`.

use crate::ask::{Inputs, ask};
use crate::exit::{Exit, Failure, Outcome};
use foursee::core::audit::{Answer, find};
use foursee::core::layer::Holds;
use foursee::report::plain;
use serde_json::json;
use std::io::{BufWriter, Write};

/// What IDENTITY can do by its own and its groups' privileges, widest first.
#[derive(clap::Args)]
pub struct Args {
    /// Whose: "NAME" or "KIND NAME", with "@SCOPE" behind it where several scopes have it
    identity: String,
    #[command(flatten)]
    inputs: Inputs,
}

pub fn run(args: Args) -> Outcome {
    let asked = ask(&args.inputs)?;
    let who = find(&asked.mapped.estate, &args.identity).map_err(Failure::nothing)?;
    let answers = foursee::core::audit::can(&asked.opened, &asked.mapped, who);
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
        let rows: Vec<serde_json::Value> = answers.iter().map(row).collect();
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
            Holds::If(condition) => format!(" if {condition}"),
            Holds::Unknown(gap) => format!(" (unknown: {gap})"),
            Holds::Yes | Holds::No(_) => String::new(),
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

fn row(one: &Answer) -> serde_json::Value {
    let node = |node: &foursee::core::report::NodeRow| json!({ "layer": node.layer, "scope": node.scope, "kind": node.kind, "name": node.name });
    let confirmed = match &one.confirmed {
        Holds::Yes => "yes".to_owned(),
        Holds::If(condition) => format!("if {condition}"),
        Holds::No(why) => format!("no: {why}"),
        Holds::Unknown(gap) => format!("unknown: {gap}"),
    };
    json!({
        "identity": node(&one.who), "holder": node(&one.holder), "verb": one.verb.as_str(), "action": one.action,
        "over": one.over, "condition": one.condition, "rung": one.rung.number(), "confirmed": confirmed,
        "evidence": {
            "document": one.place.document, "pointer": one.place.pointer, "line": one.place.line, "column": one.place.column
        },
    })
}
