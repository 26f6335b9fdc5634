//! `foursee explain`.

use crate::exit::{Exit, Failure, Outcome};
use std::io::Write;

/// A rule's page: what, why, evidence, fix.
#[derive(clap::Args)]
pub struct Args {
    /// The rule's name, as findings print it
    rule: String,
}

pub fn run(args: Args) -> Outcome {
    let registry = foursee::built_in().map_err(Failure::usage)?;
    let metas = registry.metas();
    let Some(meta) = metas
        .iter()
        .find(|meta| meta.id == args.rule || meta.aliases.contains(&args.rule.as_str()))
    else {
        let near: Vec<&str> = metas
            .iter()
            .map(|meta| meta.id)
            .filter(|id| {
                args.rule
                    .split('-')
                    .any(|word| word.len() > 3 && id.contains(word))
            })
            .take(5)
            .collect();
        let near = if near.is_empty() {
            "`foursee rules` lists them".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        return Err(Failure::usage(format!("no rule `{}`; {near}", args.rule)));
    };
    let needs = match (meta.needs, meta.reads) {
        ([], []) => "Needs no document in particular.".to_owned(),
        (needs, []) => format!("Needs documents: {}.", needs.join(", ")),
        ([], reads) => format!("Reads documents: {}, as many as there are.", reads.join(", ")),
        (needs, reads) => format!(
            "Needs documents: {}; reads {} too.",
            needs.join(", "),
            reads.join(", ")
        ),
    };
    let mut out = std::io::stdout().lock();
    write!(
        out,
        "# {}\n\nSeverity: {}. {needs}\n\n{}",
        meta.id,
        meta.severity.as_str(),
        meta.markdown()
    )?;
    Ok(Exit::Ran)
}
