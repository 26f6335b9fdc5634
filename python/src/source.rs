//! What is audited: paths, captures, and documents that a program holds already; and what a report is asked beside
//! these.

use crate::capture::Captured;
use crate::errors::{ConfigError, FourseeError, InputError};
use crate::python::dumps;
use crate::report::Report;
use foursee::Audit;
use foursee::capture::Reading;
use foursee::core::audit::Options;
use foursee::core::judge::Baseline;
use foursee::core::model::Time;
use foursee::report::json;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyString, PyTuple};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Paths and documents, and the configuration.
#[derive(Default)]
pub struct Source {
    paths: Vec<PathBuf>,
    documents: Vec<(String, String)>,
    captured: Vec<Arc<Reading>>,
    config: Option<PathBuf>,
    assumed: BTreeMap<String, String>,
}

impl Source {
    /// From what Python gives: paths, and mappings of names to documents; and the versions that are assumed, by layer.
    pub fn new(
        sources: &Bound<'_, PyTuple>,
        config: Option<PathBuf>,
        assumed: Option<BTreeMap<String, String>>,
    ) -> PyResult<Self> {
        let mut all = Self {
            config,
            assumed: assumed.unwrap_or_default(),
            ..Self::default()
        };
        for source in sources {
            if let Some(reading) = source.cast::<Captured>().ok().and_then(|one| one.get().reading()) {
                all.captured.push(Arc::clone(reading));
            } else if let Ok(mapping) = source.cast::<PyMapping>() {
                for item in mapping.items()? {
                    let (name, document): (String, Bound<'_, PyAny>) = item.extract()?;
                    let text = document_text(&name, &document)?;
                    all.documents.push((name, text));
                }
            } else {
                let path: PathBuf = source.extract().map_err(|_| {
                    PyTypeError::new_err("a source is a path, a capture, or a mapping of names to documents")
                })?;
                all.paths.push(path);
            }
        }
        Ok(all)
    }

    /// Whether nothing was named.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.documents.is_empty() && self.captured.is_empty()
    }

    /// An audit of it, not yet run.
    pub fn audit(self) -> Result<Audit, foursee::Error> {
        let mut audit = Audit::new();
        for (layer, version) in &self.assumed {
            audit = audit.assume_version(layer, version)?;
        }
        for path in self.paths {
            audit = audit.add(path)?;
        }
        if let Some(config) = &self.config {
            audit = audit.config(config)?;
        }
        for reading in &self.captured {
            audit = audit.reading(Reading::clone(reading));
        }
        for (name, text) in self.documents {
            audit.documents().push_text(name, text);
        }
        Ok(audit)
    }
}

/// A document as text: text and bytes as they are, everything else as JSON.
fn document_text(name: &str, document: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = if let Ok(text) = document.cast::<PyString>() {
        text.extract()?
    } else if let Ok(bytes) = document.cast::<PyBytes>() {
        std::str::from_utf8(bytes.as_bytes())
            .map_err(|error| InputError::new_err(format!("the document `{name}` is not UTF-8: {error}")))?
            .to_owned()
    } else {
        return dumps(document).map_err(|error| {
            let wrong = InputError::new_err(format!("the document `{name}` cannot be written as JSON"));
            wrong.set_cause(document.py(), Some(error));
            wrong
        });
    };
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// What a report is asked beside its documents.
pub struct ReportOptions {
    as_of: Option<Time>,
    baseline: Option<Baseline>,
    layers: Vec<String>,
}

impl ReportOptions {
    /// Reads what Python gives, before any work.
    pub fn new(
        as_of: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        layers: Option<Vec<String>>,
    ) -> PyResult<Self> {
        Ok(Self {
            as_of: as_of.map(time).transpose()?,
            baseline: baseline.map(past).transpose()?,
            layers: checked(layers.unwrap_or_default())?,
        })
    }

    /// An audit as of that time: later questions of what it opened have the same "now".
    pub fn on(&self, audit: Audit) -> Audit {
        match self.as_of {
            Some(as_of) => audit.as_of(as_of),
            None => audit,
        }
    }

    /// The options of an audit, with these instead.
    pub fn over(self, options: &Options) -> Options {
        let mut options = options.clone();
        options.as_of = self.as_of.unwrap_or(options.as_of);
        options.baseline = self.baseline;
        options.layers = self.layers;
        options
    }
}

/// Layers that there are.
fn checked(layers: Vec<String>) -> PyResult<Vec<String>> {
    let registry = foursee::built_in().map_err(|error| FourseeError::new_err(error.to_string()))?;
    let known = registry.layer_ids();
    match layers
        .iter()
        .find(|one| !known.contains(&one.as_str()) && *one != "core")
    {
        Some(unknown) => Err(ConfigError::new_err(format!(
            "no layer `{unknown}`; there are {}, core",
            known.join(", ")
        ))),
        None => Ok(layers),
    }
}

/// An earlier report: a Report, its JSON's path, or its dictionary.
fn past(baseline: &Bound<'_, PyAny>) -> PyResult<Baseline> {
    let text = if let Ok(report) = baseline.cast::<Report>() {
        crate::python::text(report.get().twin())?
    } else if baseline.cast::<PyMapping>().is_ok() {
        dumps(baseline)?
    } else {
        let path: PathBuf = baseline.extract()?;
        std::fs::read_to_string(&path)
            .map_err(|error| InputError::new_err(format!("cannot read `{}`: {error}", path.display())))?
    };
    json::baseline(&text).map_err(|error| ConfigError::new_err(format!("baseline: {error}")))
}

/// A point in time: text (RFC 3339 or a date), or a date or datetime.
fn time(value: &Bound<'_, PyAny>) -> PyResult<Time> {
    let text: String = if let Ok(text) = value.cast::<PyString>() {
        text.extract()?
    } else {
        let zoneless = value.hasattr("tzinfo")? && value.getattr("tzinfo")?.is_none();
        if zoneless {
            return Err(ConfigError::new_err(
                "as_of has no time zone: give datetime.now(timezone.utc), or a date",
            ));
        }
        value.call_method0("isoformat")?.extract()?
    };
    Time::parse(&text).ok_or_else(|| {
        ConfigError::new_err(format!(
            "as_of = `{text}`: a time as 2026-11-25T08:00:00Z, or a date as 2026-11-25"
        ))
    })
}
