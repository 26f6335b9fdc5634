//! The `foursee` command: one file a subcommand. Results on stdout, everything else on stderr.
//!
//! Exit codes: 0 ran; 1 the gate failed; 2 usage, configuration or baseline, before any work; 3 a path or target that
//! was named gave nothing, or coverage is below what was required; 4 internal. 1 and 3 together: 1.

mod ask;
mod audit;
mod can;
mod capture;
mod decide;
mod exit;
mod explain;
mod path;
mod permissions;
mod progress;
mod redact;
mod rightsize;
mod rules;
mod terminal;
mod verify;
mod who_can;

use clap::{Parser, Subcommand};
use exit::Exit;
use std::process::ExitCode;

/// An audit takes a quarter less time with it than with the allocator of glibc (docs/benchmarks.md).
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Privilege auditor for cloud, cluster, container and code.
#[derive(Parser)]
#[command(
    name = "foursee",
    version,
    about,
    max_term_width = 110,
    propagate_version = true
)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Audit exports and captures: findings, ways in, and what could not be seen
    Audit(audit::Args),
    /// Read live platforms into a capture
    Capture(capture::Args),
    /// What capturing a layer needs, and the grant to paste
    Permissions(permissions::Args),
    /// The way from one identity to another, or to everything that somebody would want
    Path(path::Args),
    /// Who can do an action to a resource
    WhoCan(who_can::Args),
    /// What an identity can do
    Can(can::Args),
    /// Answer questions in a platform's own words, one JSON text a line on standard input
    Decide(decide::Args),
    /// Put a sample of the answers over exports to the live platform, and print what differs
    Verify(verify::Args),
    /// Propose smaller roles from what audit logs show, with the way back
    Rightsize(rightsize::Args),
    /// Write exports again without their secrets
    Redact(redact::Args),
    /// List the rules, or the documents that can be read
    Rules(rules::Args),
    /// A rule's page: what, why, evidence, fix; or what stands on each rung
    Explain(explain::Args),
}

fn main() -> ExitCode {
    let args = Args::parse();
    end(|| match args.command {
        Command::Audit(args) => audit::run(args),
        Command::Capture(args) => capture::run(args),
        Command::Permissions(args) => permissions::run(args),
        Command::Path(args) => path::run(args),
        Command::WhoCan(args) => who_can::run(args),
        Command::Can(args) => can::run(args),
        Command::Decide(args) => decide::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Rightsize(args) => rightsize::run(args),
        Command::Redact(args) => redact::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Explain(args) => explain::run(args),
    })
    .into()
}

/// Runs to an exit code, whatever happens.
fn end(run: impl FnOnce() -> exit::Outcome) -> Exit {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            failure.print();
            failure.exit
        }
        Err(_) => {
            eprintln!("foursee: internal error; please report it with the lines above");
            Exit::Internal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exit::Failure;

    #[test]
    fn a_bug_ends_with_internal_and_a_reader_that_stops_with_ran() {
        assert_eq!(end(|| panic!("a bug, as this test wants it")), Exit::Internal);
        let stopped = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert_eq!(end(|| Err(Failure::from(stopped))), Exit::Ran);
        assert_eq!(end(|| Err(Failure::usage("x"))), Exit::Usage);
        assert_eq!(end(|| Ok(Exit::Gate)), Exit::Gate);
    }
}
