//! `foursee who-can`.

use crate::ask::{Inputs, ask};
use crate::can::print;
use crate::exit::{Exit, Outcome};

const EXAMPLES: &str = r#"Examples, in examples/shop:
  foursee who-can s3:GetObject arn:aws:s3:::shop-customer-data/orders.csv
  foursee who-can s3:ListBucket bucket:arn:aws:s3:::shop-customer-data
  foursee who-can "get secrets" secret:payments/payments-database
  foursee who-can "use engine-socket" host-path:/run/docker.sock
  foursee who-can SELECT table:shop.crm.customers
  foursee who-can READ topic:orders"#;

/// Who can do ACTION to RESOURCE, confirmed by the platform's own rules.
///
/// Both are said in the platform's own words, as the tables print them.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The action, without regard to case
    action: String,
    /// The resource: "NAME", or "KIND:NAME" where several kinds have the name
    resource: String,
    #[command(flatten)]
    inputs: Inputs,
}

pub fn run(args: Args) -> Outcome {
    let answers = ask(&args.inputs)?.who_can(&args.action, &args.resource);
    print(&answers, args.inputs.json)?;
    if answers.is_empty() {
        eprintln!("foursee: nobody in what was read; `foursee audit -v` lists what was not");
    }
    Ok(Exit::Ran)
}
