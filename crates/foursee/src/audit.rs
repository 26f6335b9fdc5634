//! The audit as an embedder asks for it: inputs, configuration, a registry, one run.

use crate::opened::Opened;
use crate::{built_in, config};
use foursee_core::audit::{Documents, Input, Options, Stage, open};
use foursee_core::judge::{Baseline, Gate, Policy};
use foursee_core::model::Time;
use foursee_core::registry::{Registry, RegistryError};
use foursee_core::report::Report;
use std::path::{Path, PathBuf};

/// Why an audit cannot begin. What goes wrong later is a gap in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A path that there is not.
    #[error("there is nothing at `{0}`")]
    NoSuchPath(PathBuf),
    /// A configuration that cannot be used.
    #[error("cannot use the configuration `{path}`: {source}")]
    Config {
        /// The file.
        path: PathBuf,
        /// Why.
        source: config::ConfigError,
    },
    /// A file that cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A layer or rule that cannot be registered.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// An audit to be run.
pub struct Audit {
    registry: Option<Registry>,
    documents: Documents,
    paths: Vec<PathBuf>,
    policy: Option<Policy>,
    gate: Option<Gate>,
    options: Options,
    limits: foursee_capture::Limits,
}

impl Default for Audit {
    fn default() -> Self {
        Self::new()
    }
}

impl Audit {
    /// An audit of nothing yet, by foursee's own layers, as of the machine's time.
    #[must_use]
    pub fn new() -> Self {
        let mut options = Options::default();
        options.as_of = crate::now();
        options.threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            registry: None,
            documents: Documents::new(),
            paths: Vec::new(),
            policy: None,
            gate: None,
            options,
            limits: foursee_capture::Limits::default(),
        }
    }

    /// Adds a capture, a folder, an archive or a file of exports.
    ///
    /// # Errors
    /// When there is nothing at the path.
    #[expect(
        clippy::should_implement_trait,
        reason = "it adds a path; there is no sum of audits"
    )]
    pub fn add(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        if path != Path::new("-") && std::fs::symlink_metadata(path).is_err() {
            return Err(Error::NoSuchPath(path.to_owned()));
        }
        self.paths.push(path.to_owned());
        Ok(self)
    }

    /// Adds a path as [`add`](Self::add) does; where there is nothing at it, the report says so.
    #[must_use]
    pub fn path(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.push(path.into());
        self
    }

    /// Adds what was read or captured already, with its gaps.
    #[must_use]
    pub fn reading(mut self, reading: foursee_capture::Reading) -> Self {
        self.take(reading);
        self
    }

    /// The documents that a program holds already: push to these.
    pub fn documents(&mut self) -> &mut Documents {
        &mut self.documents
    }

    /// Uses other layers and rules than foursee's own: start from [`built_in`] to add to these.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Asks everything of a layer as of a version of its platform, whatever documents say of it: what an upgrade gives
    /// and takes.
    ///
    /// # Errors
    /// When there is no such layer, or it knows no such version.
    pub fn assume_version(mut self, layer: &str, version: &str) -> Result<Self, Error> {
        let registry = match self.registry.take() {
            Some(registry) => registry,
            None => built_in()?,
        };
        self.registry = Some(registry.assume(layer, version)?);
        Ok(self)
    }

    /// What this organisation chose, instead of what a `foursee.toml` says.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Reads what this organisation chose from a file.
    ///
    /// # Errors
    /// When the file cannot be read or used.
    pub fn config(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        let layers = self.registry.as_ref().map_or_else(
            || built_in().map(|one| one.layer_ids()),
            |one| Ok(one.layer_ids()),
        )?;
        let policy = config::parse(&text, &layers).map_err(|source| Error::Config {
            path: path.to_owned(),
            source,
        })?;
        self.policy = Some(policy);
        Ok(self)
    }

    /// The audit's "now".
    #[must_use]
    pub fn as_of(mut self, time: Time) -> Self {
        self.options.as_of = time;
        self
    }

    /// An earlier report to compare with.
    #[must_use]
    pub fn baseline(mut self, baseline: Baseline) -> Self {
        self.options.baseline = Some(baseline);
        self
    }

    /// How many threads may work.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.options.threads = threads;
        self
    }

    /// Bounds on what is read.
    #[must_use]
    pub fn limits(mut self, limits: foursee_capture::Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reports findings, ways and gaps of these layers only. Everything is still read: ways cross layers.
    #[must_use]
    pub fn only(mut self, layers: Vec<String>) -> Self {
        self.options.layers = layers;
        self
    }

    /// When the audit fails, instead of what the policy says: at open findings that bad (only new ones, if so), or
    /// below that share of rules that could look, in percent.
    #[must_use]
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Runs the audit.
    ///
    /// # Errors
    /// When a configuration beside the inputs cannot be used. Everything else is a gap in the report.
    pub fn run(self) -> Result<Report, Error> {
        self.run_with(&mut |_| {})
    }

    /// Runs the audit, and says what it is doing.
    ///
    /// # Errors
    /// When a configuration beside the inputs cannot be used.
    pub fn run_with(self, progress: &mut dyn FnMut(Progress)) -> Result<Report, Error> {
        let opened = self.open_with(progress)?;
        Ok(opened.report_with(progress))
    }

    /// Reads and parses: for the report, and for questions beside it.
    ///
    /// # Errors
    /// When a configuration beside the inputs cannot be used.
    pub fn open(self) -> Result<Opened, Error> {
        self.open_with(&mut |_| {})
    }

    /// Reads and parses as [`open`](Self::open) does, and says what it is doing.
    ///
    /// # Errors
    /// When a configuration beside the inputs cannot be used.
    pub fn open_with(mut self, progress: &mut dyn FnMut(Progress)) -> Result<Opened, Error> {
        let (registry, policy, nothing_from) = self.read(progress)?;
        progress(Progress::Stage(Stage::Parse));
        let facts = open(self.documents, &registry, &policy, self.options.threads);
        Ok(Opened::new(facts, registry, policy, self.options, nothing_from))
    }

    fn read(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<(Registry, Policy, Vec<String>), Error> {
        let registry = match self.registry.take() {
            Some(registry) => registry,
            None => built_in()?,
        };
        let mut policy = match self.policy.take() {
            Some(policy) => policy,
            None => beside(&self.paths, &registry)?,
        };
        if let Some(gate) = self.gate.take() {
            policy.gate = gate;
        }
        let reading = foursee_capture::read(&self.paths, &self.limits, &mut |one| {
            progress(Progress::Read(one))
        });
        let nothing = reading
            .missing
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        self.take(reading);
        Ok((registry, policy, nothing))
    }

    fn take(&mut self, reading: foursee_capture::Reading) {
        for input in reading.inputs {
            let mut one = Input::default();
            (one.name, one.text) = (input.name, input.text);
            // A manifest names the scope, or at least the context that it was read through.
            one.scope = input.scope.or(input.context);
            one.made = input.created.as_deref().and_then(Time::parse);
            self.documents.push_input(one);
        }
        for gap in reading.gaps {
            self.documents.push_gap(gap);
        }
    }
}

/// What is being done.
#[derive(Debug)]
#[non_exhaustive]
pub enum Progress {
    /// Inputs are read.
    Read(foursee_capture::Progress),
    /// Documents are audited.
    Stage(Stage),
}

/// The configuration of the first named folder that has one, else of the folder that the program runs in.
fn beside(paths: &[PathBuf], registry: &Registry) -> Result<Policy, Error> {
    let candidates = paths
        .iter()
        .map(PathBuf::as_path)
        .chain([Path::new(".")])
        .map(|folder| folder.join("foursee.toml"));
    for path in candidates {
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                return config::parse(&text, &registry.layer_ids())
                    .map_err(|source| Error::Config { path, source });
            }
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) => {}
            Err(source) => return Err(Error::Read { path, source }),
        }
    }
    Ok(config::default_policy())
}
