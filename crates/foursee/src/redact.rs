//! Exports and captures without their secrets: what `foursee redact` does.

use crate::pseudonyms::{NoMap, Pseudonyms};
use crate::{Error, built_in, config};
use foursee_capture::manifest::NotCollected;
use foursee_capture::{
    Collected, Input, KeyError, Limits, LinkKey, Options, Redactor, Sink, SinkError, WriteError, Writer,
    Written, read,
};
use foursee_core::audit::{Documents, audit};
use foursee_core::model::Gap;
use foursee_core::registry::Registry;
use foursee_core::report::Report;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Why nothing was redacted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedactError {
    /// A path, a layer or a rule.
    #[error(transparent)]
    Input(#[from] Error),
    /// The key of links.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The result cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A document cannot be written.
    #[error(transparent)]
    Document(#[from] SinkError),
    /// The map of pseudonyms cannot be used.
    #[error("cannot use the map of pseudonyms `{}`", path.display())]
    Map {
        /// The file.
        path: PathBuf,
        /// Why.
        source: NoMap,
    },
    /// The map of pseudonyms cannot be read or written.
    #[error("cannot read or write the map of pseudonyms `{}`", path.display())]
    MapFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Writes exports and captures again, without the secrets in them.
///
/// Everything that an audit reads stays: its findings are the same, with the same names and places. A document that no
/// layer recognises is not kept, since nobody knows where its secrets are; a gap says so.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let done = foursee::Redact::new().add("exports/")?.run("to-share.tar.zst")?;
/// println!("{} documents, {} gaps", done.written.documents, done.gaps.len());
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Redact {
    paths: Vec<PathBuf>,
    registry: Option<Registry>,
    key: Option<LinkKey>,
    pseudonyms: Option<PathBuf>,
    limits: Limits,
}

/// What redacting gave.
#[derive(Debug)]
#[non_exhaustive]
pub struct Redacted {
    /// What was written.
    pub written: Written,
    /// What was not read or not kept, as the manifest says it too.
    pub gaps: Vec<Gap>,
    /// The paths that gave nothing.
    pub missing: Vec<PathBuf>,
    /// How many words are renamed.
    pub renamed: usize,
    /// Where the audit under pseudonyms says something else than that under the names, beyond the renaming: nothing,
    /// unless a rule reads a meaning in a name that was renamed.
    pub differences: Vec<String>,
}

impl Redact {
    /// Of nothing yet, by foursee's own layers, with the key that `FOURSEE_LINK_KEY` holds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a capture, a folder, an archive or a file of exports.
    ///
    /// # Errors
    /// When there is nothing at the path.
    #[expect(
        clippy::should_implement_trait,
        reason = "it adds a path; there is no sum of redactions"
    )]
    pub fn add(mut self, path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        if path != Path::new("-") && std::fs::symlink_metadata(path).is_err() {
            return Err(Error::NoSuchPath(path.to_owned()));
        }
        self.paths.push(path.to_owned());
        Ok(self)
    }

    /// By other layers than foursee's own.
    #[must_use]
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// With links under this key, whatever the environment holds.
    #[must_use]
    pub fn key(mut self, key: LinkKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Renames identities and resources, by a map that is read where it is there, and written (mode 0600).
    #[must_use]
    pub fn pseudonyms(mut self, map: impl Into<PathBuf>) -> Self {
        self.pseudonyms = Some(map.into());
        self
    }

    /// Bounds on what is read.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Writes a folder, or one file where the name ends in `.tar.zst`.
    ///
    /// # Errors
    /// When the key cannot be used or the result cannot be written.
    pub fn run(self, out: impl AsRef<Path>) -> Result<Redacted, RedactError> {
        let registry = match self.registry {
            Some(registry) => registry,
            None => built_in().map_err(Error::from)?,
        };
        let key = match self.key {
            Some(key) => key,
            None => LinkKey::from_environment()?,
        };
        let redactor = Redactor::new(&registry, &key);
        let reading = read(&self.paths, &self.limits, &mut |_| {});
        let mut gaps: Vec<Gap> = reading.gaps.iter().map(|gap| redactor.gap(gap)).collect();
        gaps.extend(key.gap());
        let mut created: Vec<String> = reading
            .inputs
            .iter()
            .filter_map(|one| one.created.clone())
            .collect();
        created.sort();
        // Several captures are as old as the oldest of them.
        let options = created
            .into_iter()
            .next()
            .map(Options::created)
            .unwrap_or_default();
        let mut kept: Vec<Input> = Vec::new();
        for mut input in reading.inputs {
            match redactor.document(&input.name, &input.text) {
                Ok(text) => {
                    input.name = redactor.words(&input.name);
                    input.context = input.context.as_deref().map(|one| redactor.words(one));
                    input.text = text;
                    kept.push(input);
                }
                Err(why) => gaps.push(why.gap(&redactor.words(&input.name))),
            }
        }
        let mut chosen = configuration(&self.paths).map(|text| redactor.words(&text));
        let (mut renamed, mut differences) = (0, Vec::new());
        if let Some(path) = &self.pseudonyms {
            let before = Told::of(&kept, &gaps, chosen.as_deref(), &registry);
            let mut map = read_map(path)?;
            let texts: Vec<&str> = kept.iter().map(|one| one.text.as_str()).collect();
            map.learn(&before.report, &texts);
            write_map(path, &map)?;
            kept = kept.into_iter().map(|input| under(&map, input)).collect();
            gaps = gaps.into_iter().map(|gap| gap_under(&map, gap)).collect();
            chosen = chosen.map(|text| map.words(&text));
            let after = Told::of(&kept, &gaps, chosen.as_deref(), &registry);
            differences = before.differences(&after, &map);
            renamed = map.len();
        }
        let writer = Writer::create(out.as_ref(), options)?;
        let sink = writer.exports();
        for input in kept {
            let mut document = Collected::new(input.name, "", input.text);
            document.scope = input.scope;
            document.context = input.context;
            sink.document(document)?;
        }
        for gap in &gaps {
            sink.gap(NotCollected::from_gap(gap));
        }
        if let Some(text) = chosen {
            writer.configuration(&text)?;
        }
        let written = writer.finish(true)?;
        Ok(Redacted {
            written,
            gaps,
            missing: reading.missing,
            renamed,
            differences,
        })
    }
}

/// What an audit says of some documents.
struct Told {
    report: Report,
}

impl Told {
    fn of(inputs: &[Input], gaps: &[Gap], chosen: Option<&str>, registry: &Registry) -> Self {
        let policy = chosen
            .and_then(|text| config::parse(text, &registry.layer_ids()).ok())
            .unwrap_or_else(config::default_policy);
        let mut documents = Documents::new();
        for one in inputs {
            let scope = one.scope.clone().or_else(|| one.context.clone());
            documents.push_scoped(one.name.clone(), one.text.clone(), scope);
        }
        for gap in gaps {
            documents.push_gap(gap.clone());
        }
        let mut options = foursee_core::audit::Options::default();
        options.threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            report: audit(documents, registry, &policy, &options, &mut |_| {}),
        }
    }

    /// The report as lines, each with the place of a value in it, without hashes of names and the order of lists.
    fn lines(&self, word: &dyn Fn(&str) -> String) -> BTreeMap<String, usize> {
        let mut text = Vec::new();
        let written = foursee_report::json::write(&self.report, &mut text);
        let value: Value = written
            .ok()
            .and_then(|()| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        let mut lines = BTreeMap::new();
        let Value::Object(all) = value else { return lines };
        for (part, value) in all {
            let rows = match value {
                Value::Array(rows) => rows,
                other => vec![other],
            };
            for mut row in rows {
                plain(&mut row, word);
                *lines.entry(format!("{part}: {row}")).or_default() += 1;
            }
        }
        lines
    }

    fn differences(&self, after: &Self, map: &Pseudonyms) -> Vec<String> {
        let one = self.lines(&|text| text.to_lowercase());
        let two = after.lines(&|text| map.original(text).to_lowercase());
        let only = |a: &BTreeMap<String, usize>, b: &BTreeMap<String, usize>, of: &str| {
            let missing = a.iter().filter(|(line, count)| b.get(*line) != Some(count));
            missing
                .map(|(line, _)| format!("{of}: {line}"))
                .collect::<Vec<_>>()
        };
        let mut all = only(&one, &two, "only under the names");
        all.extend(only(&two, &one, "only under pseudonyms"));
        all
    }
}

/// A value of a report with other words, without hashes, its lists in the order of their texts.
fn plain(value: &mut Value, word: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = word(text),
        Value::Array(all) => {
            all.iter_mut().for_each(|one| plain(one, word));
            all.sort_by_key(Value::to_string);
        }
        Value::Object(all) => {
            for key in ["fingerprint", "bytes", "sha256", "column"] {
                all.remove(key);
            }
            let renamed = std::mem::take(all).into_iter().map(|(key, mut value)| {
                plain(&mut value, word);
                (word(&key), value)
            });
            *all = renamed.collect();
        }
        _ => {}
    }
}

fn under(map: &Pseudonyms, input: Input) -> Input {
    let mut input = input;
    input.name = map.words(&input.name);
    input.text = map.document(&input.text);
    input.scope = input.scope.map(|one| map.words(&one));
    input.context = input.context.map(|one| map.words(&one));
    input
}

fn gap_under(map: &Pseudonyms, gap: Gap) -> Gap {
    Gap {
        target: map.words(&gap.target),
        facet: map.words(&gap.facet),
        ..gap
    }
}

fn read_map(path: &Path) -> Result<Pseudonyms, RedactError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Pseudonyms::read(&text).map_err(|source| RedactError::Map {
            path: path.to_owned(),
            source,
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Pseudonyms::default()),
        Err(source) => Err(RedactError::MapFile {
            path: path.to_owned(),
            source,
        }),
    }
}

fn write_map(path: &Path, map: &Pseudonyms) -> Result<(), RedactError> {
    foursee_capture::write_private(path, map.to_json().as_bytes()).map_err(|source| RedactError::MapFile {
        path: path.to_owned(),
        source,
    })
}

/// What this organisation chose, where it stands beside the first of the inputs that has it.
fn configuration(paths: &[PathBuf]) -> Option<String> {
    paths
        .iter()
        .find_map(|path| std::fs::read_to_string(path.join("foursee.toml")).ok())
}
