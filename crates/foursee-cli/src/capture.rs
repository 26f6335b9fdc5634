//! `foursee capture`.

use crate::exit::Outcome;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Read live platforms of one layer into a capture, which `foursee audit` reads. Nothing is ever written to them, and
/// secrets are taken out before anything is kept.
///
/// Without a TARGET it is what the platform's own tools would talk to: DOCKER_HOST or the docker context; KUBECONFIG and
/// its current context; PGHOST and its like; the bootstrap servers that the environment names. Logins come from the same places.
///
/// Ctrl-C ends it: what was read is kept, and the capture says that it is not all.
///
/// Exit codes: 0 captured, whatever the gaps; 2 usage; 3 a target gave nothing, or was not read to its end.
#[derive(clap::Args)]
pub struct Args {
    /// container, kafka, kubernetes or postgres
    layer: String,
    /// What to read, several side by side: a socket, an address or a docker context; a context of the kubeconfig; a connection URL; bootstrap servers
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// The folder, or one file where the name ends in .tar.zst; foursee-LAYER-DATE otherwise. What is there already of the same targets is brought up to date
    #[arg(short, long, value_name = "DIR|FILE.tar.zst")]
    out: Option<PathBuf>,
    /// How long one target may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,
    /// How many requests of one target may be under way at a time
    #[arg(long, value_name = "N", default_value = "8")]
    concurrency: NonZeroUsize,
    /// No progress on standard error
    #[arg(long)]
    no_progress: bool,
}

#[cfg(not(feature = "collect"))]
pub fn run(_: Args) -> Outcome {
    Err(not_built_in())
}

/// How to get what this build has not.
#[cfg(not(feature = "collect"))]
pub fn not_built_in() -> crate::exit::Failure {
    crate::exit::Failure::usage(
        "this build reads exports only; with live platforms: cargo install --locked --path crates/foursee-cli --features live",
    )
}

#[cfg(feature = "collect")]
pub use built_in::run;

#[cfg(feature = "collect")]
mod built_in {
    use super::{Args, Outcome, PathBuf};
    use crate::exit::{Exit, Failure};
    use crate::progress::Line;
    use foursee::live::{Capture, Captured, Event, NotCollected};
    use foursee::report::plain;
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    use std::time::Duration;

    pub fn run(args: Args) -> Outcome {
        let mut capture = Capture::new()
            .concurrency(args.concurrency)
            .deadline(Duration::from_secs(args.deadline));
        if args.targets.is_empty() {
            capture = capture.target(&args.layer, None).map_err(Failure::usage)?;
        }
        for target in &args.targets {
            capture = capture
                .target(&args.layer, Some(target))
                .map_err(Failure::usage)?;
        }
        let out = args.out.clone().unwrap_or_else(|| usual_name(&args.layer));
        let line = Mutex::new(Line::new(args.no_progress));
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::usage)?;
        let captured = runtime.block_on(capture.write(&out, interrupted(), &|event| tell(&line, event)));
        // What does not hear that it is over (a name being resolved) is not waited for.
        runtime.shutdown_background();
        drop(line);
        let captured = captured.map_err(|error| Failure::usage(chain(&error)))?;
        summary(&captured);
        if let Some(written) = &captured.written {
            let complete = if captured.complete { "" } else { ", incomplete" };
            eprintln!("foursee: {}{complete}", count(written.documents, written.gaps));
            println!("{}", written.path.display());
        }
        let nothing = captured.nothing().next().is_some();
        Ok(if nothing || !captured.complete {
            Exit::Nothing
        } else {
            Exit::Ran
        })
    }

    fn usual_name(layer: &str) -> PathBuf {
        let today = jiff::Zoned::now().date();
        PathBuf::from(format!("foursee-{layer}-{today}"))
    }

    /// Ctrl-C, or being told to end.
    async fn interrupted() {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            if let Ok(mut end) = signal(SignalKind::terminate()) {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    _ = end.recv() => {}
                }
                return;
            }
        }
        let _ = tokio::signal::ctrl_c().await;
    }

    fn tell(line: &Mutex<Line>, event: Event) {
        let Ok(mut line) = line.lock() else { return };
        match event {
            Event::Step { layer, target, step } => {
                let of = step.of.map(|of| format!(" of {of}")).unwrap_or_default();
                line.text(&plain(&format!(
                    "{layer} {target}: {} {}{of}",
                    step.what, step.done
                )));
            }
            Event::Ended(target) => {
                let early = target.failed.map_or("", |_| ", not to its end");
                line.stays(&plain(&format!(
                    "{} {}: {}{early}",
                    target.layer,
                    target.target,
                    count(target.documents, target.gaps.len())
                )));
            }
            _ => {}
        }
    }

    fn count(documents: usize, gaps: usize) -> String {
        let of = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
        format!("{}, {}", of(documents, "document"), of(gaps, "gap"))
    }

    /// The gaps, those that are alike together, with what closes each.
    fn summary(captured: &Captured) {
        let mut alike: BTreeMap<(&str, &str, &str), Vec<&NotCollected>> = BTreeMap::new();
        for gap in captured.targets.iter().flat_map(|target| &target.gaps) {
            let sort = (gap.facet.as_str(), gap.hides.as_str(), gap.closes.as_str());
            alike.entry(sort).or_default().push(gap);
        }
        for ((facet, hides, closes), gaps) in alike {
            let mut named: Vec<&str> = gaps.iter().take(3).map(|gap| gap.target.as_str()).collect();
            let more = format!("and {} more", gaps.len().saturating_sub(3));
            if gaps.len() > 3 {
                named.push(&more);
            }
            eprintln!("{}", plain(&format!("not read: {}: {facet}", named.join(", "))));
            eprintln!("{}", plain(&format!("    hides   {hides}")));
            eprintln!("{}", plain(&format!("    closes  {closes}")));
        }
    }

    /// An error and its causes.
    fn chain(error: &dyn std::error::Error) -> String {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(one) = cause {
            text.push_str(": ");
            text.push_str(&one.to_string());
            cause = one.source();
        }
        text
    }
}
