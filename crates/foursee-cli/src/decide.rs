//! `foursee decide`.

use crate::ask::{Assumed, assumed, open};
use crate::exit::{Exit, Failure, Outcome};
use crate::progress::Line;
use std::io::{BufRead, BufWriter, Write};
use std::path::PathBuf;

const EXAMPLES: &str = r#"Examples, in examples/shop:
  echo '{"principal": "User:worker", "host": "10.0.0.1", "operation": "READ", "resourceType": "TOPIC", "resourceName": "orders"}' | foursee decide kafka .
  echo '{"container": "ci-runner"}' | foursee decide container ."#;

/// Answer questions in a platform's own words: one JSON text a line in, one a line out, in order.
///
/// aws: SimulateCustomPolicy or SimulatePrincipalPolicy parameters; kubernetes: a SubjectAccessReview, {"namespace" or
/// "workload", "level", "version"} (Pod Security), {"upgrade": {"to": VERSION}}; container: {"container": NAME}; postgres: {"database", "role", "kind", "object", "privilege"}; kafka: {"principal", "host",
/// "operation", "resourceType", "resourceName"}. Without PATH, over an empty scope.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The layer
    layer: String,
    /// Files, folders or archives of exports
    paths: Vec<PathBuf>,
    /// Which scope the questions mean, where there are several
    #[arg(long)]
    scope: Option<String>,
    /// Compare with the answers in this file, a line each; exit code 1 where one differs
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Ask everything of a layer as of that version of its platform (may be given several times)
    #[arg(long, value_name = "LAYER=VERSION", value_parser = assumed)]
    assume_version: Vec<Assumed>,
    /// What this organisation chose
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub fn run(args: Args) -> Outcome {
    let opened = open(
        &args.paths,
        args.config.as_ref(),
        &args.assume_version,
        &mut Line::new(true),
    )?;
    let layers = opened.registry().layer_ids();
    if !layers.contains(&args.layer.as_str()) {
        return Err(Failure::usage(format!(
            "no layer `{}`; there are {}",
            args.layer,
            layers.join(", ")
        )));
    }
    let expected = match &args.expect {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("--expect {}: {error}", path.display())))?;
            Some(text.lines().map(str::to_owned).collect::<Vec<_>>())
        }
        None => None,
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut answer = Vec::new();
    let (mut asked, mut differ) = (0usize, 0usize);
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line =
            line.map_err(|error| Failure::usage(format!("line {} of standard input: {error}", number + 1)))?;
        if line.trim().is_empty() {
            continue;
        }
        answer.clear();
        let decided = opened.decide(&args.layer, args.scope.as_deref(), &line, &mut answer);
        decided.map_err(|error| Failure::usage(format!("question {}: {error}", number + 1)))?;
        if let Some(want) = expected.as_ref().map(|all| all.get(asked)) {
            let same = want.is_some_and(|want| alike(want, &answer));
            if !same {
                differ += 1;
                let want = want.map_or("nothing", String::as_str);
                eprintln!("foursee: question {}: expected {want}", number + 1);
            }
        }
        asked += 1;
        out.write_all(&answer)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    if let Some(all) = &expected {
        let left = all.len().saturating_sub(asked);
        eprintln!("foursee: {asked} answers, {differ} differ, {left} expected answers without a question");
        return Ok(if differ + left == 0 { Exit::Ran } else { Exit::Gate });
    }
    Ok(Exit::Ran)
}

/// Whether two answers say the same: the same JSON value, or every member of the expected object.
fn alike(want: &str, answer: &[u8]) -> bool {
    use serde_json::Value;
    let (Ok(want), Ok(got)) = (
        serde_json::from_str::<Value>(want),
        serde_json::from_slice::<Value>(answer),
    ) else {
        return false;
    };
    match (&want, &got) {
        (Value::Object(want), Value::Object(got)) => {
            want.iter().all(|(key, value)| got.get(key) == Some(value))
        }
        _ => want == got,
    }
}
