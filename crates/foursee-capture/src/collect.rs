//! What a collector is: something that reads one live platform into documents and says what it could not read.
//!
//! A [`Collector`] reads and never judges. It gives its documents, in the platform's own format, to a [`Sink`], one at
//! a time and as soon as each is whole, so that what was read before a cancel, a deadline or a lost connection is kept.
//! A refused call is a [`NotCollected`] that names the permission, and the rest goes on.
//!
//! The trait names no runtime: its future is boxed and `Send`. Each collector says which runtime it needs.

use crate::manifest::NotCollected;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::time::Duration;

/// A live platform that can be read.
///
/// One value is one target: an engine, a cluster of databases, a cluster of brokers.
pub trait Collector: Send + Sync {
    /// The layer that reads its documents: `container`, `postgres`, `kafka` ...
    fn layer(&self) -> &'static str;

    /// The target as a person would name it: `unix:///var/run/docker.sock`, `db.shop:5432`. Never with a password.
    fn target(&self) -> String;

    /// Reads the platform. Dropping the future stops it; what the sink already has is whole.
    ///
    /// # Errors
    ///
    /// [`CollectError`] where nothing could be read at all, or the sink takes no more. Whatever else cannot be read is
    /// a gap in the sink.
    fn collect<'a>(&'a self, into: &'a dyn Sink, terms: &'a Terms) -> Collecting<'a>;
}

/// What [`Collector::collect`] gives.
pub type Collecting<'a> = Pin<Box<dyn Future<Output = Result<(), CollectError>> + Send + 'a>>;

/// How a collector is to go about it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Terms {
    /// How many requests of one target may be under way at a time.
    pub concurrency: NonZeroUsize,
    /// How long one target may take in all. What is not read by then is a gap.
    pub deadline: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            concurrency: NonZeroUsize::new(8).unwrap_or(NonZeroUsize::MIN),
            deadline: Duration::from_secs(300),
        }
    }
}

/// Where a collector puts what it read.
pub trait Sink: Send + Sync {
    /// Takes one document, whole.
    ///
    /// # Errors
    ///
    /// [`SinkError`] where it cannot be kept; the collector then ends with it.
    fn document(&self, document: Collected) -> Result<(), SinkError>;

    /// Takes what could not be read.
    fn gap(&self, gap: NotCollected);

    /// Takes how far it has come. May be called often.
    fn step(&self, step: Step);
}

/// One document, as the platform gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Collected {
    /// Its path below the capture, with `/`: `docker/containers.json`. Two of one name within a target are an error.
    pub file: String,
    /// What the layer calls it.
    pub kind: String,
    /// The scope that it speaks of, where it is known.
    pub scope: Option<String>,
    /// The context, cluster or endpoint under which it was collected.
    pub context: Option<String>,
    /// Its text.
    pub text: String,
    /// Whether it may be kept although no layer recognises it, because the collector knows that no secret is in it.
    pub open: bool,
}

impl Collected {
    /// A document of a kind at a path.
    #[must_use]
    pub fn new(file: impl Into<String>, kind: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            kind: kind.into(),
            scope: None,
            context: None,
            text: text.into(),
            open: false,
        }
    }

    /// The scope that it speaks of.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// It holds no secret, whether or not a layer recognises it.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// The context under which it was collected.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }
}

/// How far a collector has come.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Step {
    /// What it reads now: `containers`, `database shop`.
    pub what: String,
    /// How many of them it has.
    pub done: u64,
    /// Of how many, where it knows.
    pub of: Option<u64>,
}

impl Step {
    /// `done` of `of` of `what`.
    #[must_use]
    pub fn new(what: impl Into<String>, done: u64, of: Option<u64>) -> Self {
        Self {
            what: what.into(),
            done,
            of,
        }
    }
}

/// One permission that a collector uses: what `foursee permissions` prints, and what a test takes away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Permission {
    /// Its name in the platform's words: `SELECT ON pg_catalog.pg_authid`, `DESCRIBE Cluster:kafka-cluster`.
    pub name: &'static str,
    /// What gives it, to be pasted: a SQL statement, a policy, a command.
    pub grant: &'static str,
    /// What is read with it.
    pub reads: &'static str,
    /// What stays unknown without it. Empty where nothing can be read at all then.
    pub hides: &'static str,
}

impl Permission {
    /// A permission.
    #[must_use]
    pub const fn new(
        name: &'static str,
        grant: &'static str,
        reads: &'static str,
        hides: &'static str,
    ) -> Self {
        Self {
            name,
            grant,
            reads,
            hides,
        }
    }
}

/// Why a target gave nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// It did not answer.
    #[error("{target}: cannot connect: {why}")]
    Unreachable {
        /// The target.
        target: String,
        /// What the client said, without any secret.
        why: String,
    },
    /// It does not let us in.
    #[error("{target}: login refused: {why}")]
    Refused {
        /// The target.
        target: String,
        /// What it said.
        why: String,
    },
    /// What was said about the target cannot be followed: an address, a file, a setting.
    #[error("{target}: {why}")]
    Settings {
        /// The target.
        target: String,
        /// What to change.
        why: String,
    },
    /// The deadline came before anything was read.
    #[error("{target}: nothing read within {} s", deadline.as_secs())]
    Deadline {
        /// The target.
        target: String,
        /// How long it was given.
        deadline: Duration,
    },
    /// What was read could not be kept.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// Why a document could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {why}")]
pub struct SinkError {
    /// The document's path.
    pub file: String,
    /// Why.
    pub why: String,
}
