//! Live platforms: collectors run side by side into one capture, on the disk or in memory.
//!
//! Every secret is taken out on the way, before anything is kept. A target that fails, is late or is interrupted leaves
//! the others alone: what was read stays, and what was not is a gap. The futures run on Tokio.

mod verify;
mod watch;

use crate::built_in;
use foursee_capture::{CollectError, Collector, Permission};
use foursee_capture::{KeyError, Memory, Options, Reading, Redacting, Redactor, Sink, WriteError, Writer};
pub use foursee_capture::{LinkKey, Step, Terms, Written, manifest::NotCollected};
use foursee_core::model::Reason;
use foursee_core::registry::RegistryError;
use futures_util::{StreamExt, stream};
use std::num::NonZeroUsize;
use std::path::Path;
use std::pin::Pin;
use std::time::Duration;
pub use verify::{Disagreement, Questions, Verified, VerifyError, verify};
use watch::Watched;

/// How many targets are read at a time.
const TARGETS: usize = 8;
/// What a collector may take beyond its deadline to say what it did not read.
const GRACE: Duration = Duration::from_secs(10);

type Make = fn(Option<&str>) -> Result<Box<dyn Collector>, CollectError>;

/// Puts questions to a target; gives the answers in their order, each a text or why there is none.
type Ask = for<'a> fn(
    Option<&'a str>,
    &'a [String],
    &'a Terms,
) -> Pin<
    Box<dyn Future<Output = Result<Vec<Result<String, String>>, CollectError>> + Send + 'a>,
>;

/// A layer with a collector.
#[derive(Clone, Copy)]
struct Live {
    layer: &'static str,
    make: Make,
    permissions: &'static [Permission],
    grant: fn() -> String,
    review: Option<Ask>,
}

/// The layers that can be captured in this build.
const LAYERS: &[Live] = &[
    #[cfg(feature = "live-container")]
    Live {
        layer: "container",
        make: foursee_collect_container::collector,
        permissions: foursee_collect_container::PERMISSIONS,
        grant: foursee_collect_container::grant,
        review: None,
    },
    #[cfg(feature = "live-kafka")]
    Live {
        layer: "kafka",
        make: foursee_collect_kafka::collector,
        permissions: foursee_collect_kafka::PERMISSIONS,
        grant: || each(foursee_collect_kafka::PERMISSIONS),
        review: None,
    },
    #[cfg(feature = "live-kubernetes")]
    Live {
        layer: "kubernetes",
        make: foursee_collect_kubernetes::collector,
        permissions: foursee_collect_kubernetes::PERMISSIONS,
        grant: foursee_collect_kubernetes::grant,
        review: Some(foursee_collect_kubernetes::review),
    },
    #[cfg(feature = "live-postgres")]
    Live {
        layer: "postgres",
        make: foursee_collect_postgres::collector,
        permissions: foursee_collect_postgres::PERMISSIONS,
        grant: || each(foursee_collect_postgres::PERMISSIONS),
        review: None,
    },
];

/// Each permission's grant on a line of its own.
#[cfg(any(feature = "live-kafka", feature = "live-postgres"))]
fn each(permissions: &[Permission]) -> String {
    permissions.iter().map(|one| format!("{}\n", one.grant)).collect()
}

/// Why there is no capture. What goes wrong with one target is that target's; see [`Target`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// There is no collector for it here.
    #[error("no collector for the layer `{layer}`; there are collectors for: {}", known.join(", "))]
    Layer {
        /// What was asked for.
        layer: String,
        /// What this build has.
        known: Vec<&'static str>,
    },
    /// What was said of a target cannot be followed.
    #[error(transparent)]
    Target(#[from] CollectError),
    /// The key of links cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The capture cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The runtime does not start.
    #[error("cannot start the runtime: {0}")]
    Runtime(#[source] std::io::Error),
    /// foursee's own layers cannot be registered.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// The layers that can be captured in this build.
#[must_use]
pub fn layers() -> Vec<&'static str> {
    LAYERS.iter().map(|one| one.layer).collect()
}

fn live(layer: &str) -> Result<Live, LiveError> {
    let found = LAYERS.iter().find(|one| one.layer == layer);
    found.copied().ok_or_else(|| LiveError::Layer {
        layer: layer.to_owned(),
        known: layers(),
    })
}

/// What a layer's collector uses.
///
/// # Errors
/// [`LiveError::Layer`] where there is no such collector.
pub fn permissions(layer: &str) -> Result<&'static [Permission], LiveError> {
    live(layer).map(|one| one.permissions)
}

/// What to paste, in the platform's own words, to give a collector just that.
///
/// # Errors
/// [`LiveError::Layer`] where there is no such collector.
pub fn grant(layer: &str) -> Result<String, LiveError> {
    live(layer).map(|one| (one.grant)())
}

/// What happens while a capture is made.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A target has come so far.
    Step {
        /// The layer.
        layer: &'static str,
        /// The target.
        target: String,
        /// How far.
        step: Step,
    },
    /// A target has ended.
    Ended(Target),
}

/// How one target ended.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Target {
    /// The layer.
    pub layer: &'static str,
    /// Its name, as its collector gives it.
    pub target: String,
    /// How many documents it gave.
    pub documents: usize,
    /// What could not be read of it.
    pub gaps: Vec<NotCollected>,
    /// Why it ended early, if it did.
    pub failed: Option<String>,
}

/// What a capture came to.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Captured {
    /// The targets, in the order in which they were named.
    pub targets: Vec<Target>,
    /// Whether every target was read to its end; what it refused is a gap and changes nothing here.
    pub complete: bool,
    /// What was written; none for a capture that is held in memory.
    pub written: Option<Written>,
}

impl Captured {
    /// The targets that gave nothing.
    pub fn nothing(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|target| target.documents == 0)
    }
}

/// A capture to be made.
#[derive(Default)]
pub struct Capture {
    collectors: Vec<Box<dyn Collector>>,
    terms: Terms,
    key: Option<LinkKey>,
}

impl Capture {
    /// Of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a target of a layer; without one, what the platform's own tools would talk to. The same one twice is one.
    ///
    /// # Errors
    /// [`LiveError`] where there is no such collector, or the target cannot be followed.
    pub fn target(self, layer: &str, target: Option<&str>) -> Result<Self, LiveError> {
        let collector = (live(layer)?.make)(target)?;
        Ok(self.collector(collector))
    }

    /// Adds a collector of one's own, for a layer that foursee has.
    #[must_use]
    pub fn collector(mut self, collector: Box<dyn Collector>) -> Self {
        let named = (collector.layer(), collector.target());
        let mut known = self.collectors.iter().map(|one| (one.layer(), one.target()));
        if known.all(|one| one != named) {
            self.collectors.push(collector);
        }
        self
    }

    /// How many requests of one target may be under way at a time.
    #[must_use]
    pub fn concurrency(mut self, requests: NonZeroUsize) -> Self {
        self.terms.concurrency = requests;
        self
    }

    /// How long one target may take.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.terms.deadline = deadline;
        self
    }

    /// The key under which equal secrets get equal links, instead of what `FOURSEE_LINK_KEY` holds.
    #[must_use]
    pub fn key(mut self, key: LinkKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Writes the capture into a folder, or one file where the name ends in `.tar.zst`. When `stop` is there, what was
    /// read so far is kept and the capture is marked incomplete; so it is where this future is dropped.
    ///
    /// # Errors
    /// [`LiveError`] where the key of links cannot be used, or it cannot be written.
    pub async fn write(
        mut self,
        out: &Path,
        stop: impl Future<Output = ()> + Send,
        tell: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<Captured, LiveError> {
        let key = self.link_key()?;
        let writer = Writer::create(out, options())?;
        let sink = |layer: &str, target: &str| writer.sink(layer, target);
        let (targets, complete) = self.run(&key, &sink, stop, tell).await?;
        let written = writer.finish(complete)?;
        Ok(Captured {
            targets,
            complete,
            written: Some(written),
        })
    }

    /// Holds the capture in memory, for an audit: [`Audit::reading`](crate::Audit::reading).
    ///
    /// # Errors
    /// [`LiveError`] where the key of links cannot be used.
    pub async fn hold(
        mut self,
        stop: impl Future<Output = ()> + Send,
        tell: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<(Captured, Reading), LiveError> {
        let key = self.link_key()?;
        let memory = Memory::new(options());
        let sink = |layer: &str, target: &str| memory.sink(layer, target);
        let (targets, complete) = self.run(&key, &sink, stop, tell).await?;
        let captured = Captured {
            targets,
            complete,
            written: None,
        };
        Ok((captured, memory.finish(complete)))
    }

    /// The key of links: before anything is written, since one that cannot be used is a mistake of the caller's.
    fn link_key(&mut self) -> Result<LinkKey, LiveError> {
        match self.key.take() {
            Some(key) => Ok(key),
            None => Ok(LinkKey::from_environment()?),
        }
    }

    /// Runs the collectors side by side, each into a sink of its own.
    async fn run<S: Sink>(
        self,
        key: &LinkKey,
        sink: &(dyn Fn(&str, &str) -> S + Sync),
        stop: impl Future<Output = ()> + Send,
        tell: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<(Vec<Target>, bool), LiveError> {
        let registry = built_in()?;
        let redactor = Redactor::new(&registry, key);
        let terms = &self.terms;
        let sinks: Vec<S> = self
            .collectors
            .iter()
            .map(|one| sink(one.layer(), &one.target()))
            .collect();
        let each: Vec<(&dyn Collector, Watched<'_>)> = self
            .collectors
            .iter()
            .zip(&sinks)
            .map(|(one, sink)| (&**one, Watched::new(one.layer(), one.target(), sink, tell)))
            .collect();
        let all = stream::iter(&each).for_each_concurrent(TARGETS, |(collector, watched)| async move {
            let redacting = Redacting::new(watched, redactor);
            let late = terms.deadline.saturating_add(GRACE);
            let ended = tokio::time::timeout(late, collector.collect(&redacting, terms)).await;
            match ended {
                Ok(Ok(())) => watched.end(None),
                Ok(Err(error)) => watched.end(Some((failure(&error), redactor.words(&error.to_string())))),
                Err(_) => watched.end(Some((
                    Reason::NotCaptured,
                    "the deadline came, and it did not end".to_owned(),
                ))),
            }
        });
        let stopped = tokio::select! {
            () = all => false,
            () = stop => true,
        };
        if stopped {
            for (_, watched) in &each {
                watched.end(Some((Reason::NotCaptured, "interrupted".to_owned())));
            }
        }
        let targets: Vec<Target> = each.into_iter().map(|(_, watched)| watched.target()).collect();
        let complete = targets.iter().all(|target| target.failed.is_none());
        Ok((targets, complete))
    }
}

/// Why, in a gap's word.
fn failure(error: &CollectError) -> Reason {
    match error {
        CollectError::Refused { .. } => Reason::Denied,
        _ => Reason::NotCaptured,
    }
}

fn options() -> Options {
    Options::created(jiff::Timestamp::now().to_string())
}

#[cfg(test)]
mod tests;
