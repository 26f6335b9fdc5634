//! `foursee redact`.

use crate::exit::{Exit, Failure, Outcome};
use foursee::{Redact, RedactError};
use std::path::PathBuf;

/// Write exports or captures again without the secrets in them: literal values of environment variables and arguments,
/// data of Secrets, passwords in URLs and connection strings, tokens.
///
/// In the place of a secret stands its kind and a link, the same for the same secret under the same key: that of
/// FOURSEE_LINK_KEY (16 characters or more), else a random one for this run. An audit of the result finds what an audit
/// of the original finds. What no layer recognises is left out, and is a gap.
#[derive(clap::Args)]
pub struct Args {
    /// Files, folders or archives of exports
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Where to: a new folder, or a file that ends in .tar.zst
    #[arg(long, value_name = "DIR|FILE.tar.zst")]
    out: PathBuf,
    /// Rename accounts, roles, namespaces, pods, databases, topics, hosts for sharing, by this map: read where it is
    /// there, then written (mode 0600). Who has it can undo the renaming
    #[arg(long, value_name = "MAP")]
    pseudonyms: Option<PathBuf>,
}

pub fn run(args: Args) -> Outcome {
    let mut redact = Redact::new();
    for path in &args.paths {
        redact = redact.add(path)?;
    }
    if let Some(map) = args.pseudonyms {
        redact = redact.pseudonyms(map);
    }
    let done = redact.run(&args.out)?;
    for gap in &done.gaps {
        eprintln!(
            "gap: {}: {}",
            foursee::report::plain(&gap.target),
            foursee::report::plain(&gap.facet)
        );
    }
    let written = &done.written;
    eprintln!(
        "{}: {} documents ({} unchanged), {} gaps",
        written.path.display(),
        written.documents,
        written.kept,
        written.gaps
    );
    for path in &done.missing {
        eprintln!("foursee: nothing could be read from `{}`", path.display());
    }
    if done.renamed > 0 {
        eprintln!("{} words are renamed", done.renamed);
    }
    if !done.differences.is_empty() {
        for line in done.differences.iter().take(20) {
            eprintln!("{}", foursee::report::plain(line));
        }
        eprintln!(
            "foursee: the audit under pseudonyms differs in {} lines from that under the names; please report a name's \
             word that has a meaning and was renamed",
            done.differences.len()
        );
        return Ok(Exit::Internal);
    }
    Ok(if done.missing.is_empty() {
        Exit::Ran
    } else {
        Exit::Nothing
    })
}

impl From<RedactError> for Failure {
    fn from(error: RedactError) -> Self {
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(one) = cause {
            message.push_str(&format!(": {one}"));
            cause = one.source();
        }
        Self::usage(message)
    }
}
