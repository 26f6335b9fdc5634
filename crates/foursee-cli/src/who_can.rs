//! `foursee who-can`.

use crate::ask::{Inputs, ask};
use crate::can::print;
use crate::exit::{Exit, Outcome};

/// Who can do ACTION to RESOURCE, confirmed by the platform's own rules.
///
/// In the platform's own words: s3:GetObject arn:aws:s3:::bucket/key; "get secrets" shop/db; SELECT shop.crm.customers;
/// READ topic:orders.
#[derive(clap::Args)]
pub struct Args {
    /// The action
    action: String,
    /// The resource
    resource: String,
    #[command(flatten)]
    inputs: Inputs,
}

pub fn run(args: Args) -> Outcome {
    let asked = ask(&args.inputs)?;
    let answers = foursee::core::audit::who_can(&asked.opened, &asked.mapped, &args.action, &args.resource);
    print(&answers, args.inputs.json)?;
    if answers.is_empty() {
        eprintln!("foursee: nobody in what was read; `foursee audit -v` lists what was not");
    }
    Ok(Exit::Ran)
}
