//! What is audited: paths, captures, and documents that a program holds already.

use crate::capture::Captured;
use crate::errors::{ConfigError, InputError};
use crate::python::dumps;
use foursee::{Audit, Reading};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyString, PyTuple};
use std::path::PathBuf;
use std::sync::Arc;

/// Paths and documents, and the configuration: enough to read them again.
#[derive(Clone, Default)]
pub struct Source {
    paths: Vec<PathBuf>,
    documents: Vec<(String, String)>,
    captured: Vec<Arc<Reading>>,
    config: Option<PathBuf>,
}

impl Source {
    /// From what Python gives: paths, and mappings of names to documents.
    pub fn new(sources: &Bound<'_, PyTuple>, config: Option<PathBuf>) -> PyResult<Self> {
        let mut all = Self {
            config,
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
    pub fn audit(&self) -> Result<Audit, foursee::Error> {
        let mut audit = Audit::new();
        for path in &self.paths {
            audit = audit.add(path)?;
        }
        if let Some(config) = &self.config {
            audit = audit.config(config)?;
        }
        for reading in &self.captured {
            audit = audit.reading(Reading::clone(reading));
        }
        for (name, text) in &self.documents {
            audit.documents().push_text(name.as_str(), text.as_str());
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

/// A point in time: text (RFC 3339 or a date), or a date or datetime.
pub fn time(value: &Bound<'_, PyAny>) -> PyResult<foursee::core::model::Time> {
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
    foursee::core::model::Time::parse(&text).ok_or_else(|| {
        ConfigError::new_err(format!(
            "as_of = `{text}`: a time as 2026-11-25T08:00:00Z, or a date as 2026-11-25"
        ))
    })
}
