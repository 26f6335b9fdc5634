//! `foursee.redact`: exports without their secrets.

use crate::errors::{ConfigError, FourseeError, InputError, of_audit};
use crate::work;
use foursee::{Redact, RedactError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::path::PathBuf;

/// What `redact` wrote.
#[pyclass(frozen, module = "foursee")]
pub struct Redacted {
    done: foursee::Redacted,
}

#[pymethods]
impl Redacted {
    /// The folder or archive.
    #[getter]
    fn path(&self) -> String {
        self.done.written.path.display().to_string()
    }

    /// How many documents it holds.
    #[getter]
    fn documents(&self) -> usize {
        self.done.written.documents
    }

    /// How many of them were there already with the same content.
    #[getter]
    fn kept(&self) -> usize {
        self.done.written.kept
    }

    /// How many words are renamed; 0 without pseudonyms.
    #[getter]
    fn renamed(&self) -> usize {
        self.done.renamed
    }

    /// What was not read or not kept: "target: what of it".
    #[getter]
    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let gaps = self.done.gaps.iter();
        PyTuple::new(py, gaps.map(|gap| format!("{}: {}", gap.target, gap.facet)))
    }

    /// The paths that gave nothing.
    #[getter]
    fn missing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(
            py,
            self.done.missing.iter().map(|path| path.display().to_string()),
        )
    }

    /// Where the audit under pseudonyms says something else than that under the names: nothing, as it should be.
    #[getter]
    fn differences<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.done.differences)
    }

    fn __repr__(&self) -> String {
        let gaps = self.done.gaps.len();
        format!(
            "Redacted({:?}, {} documents, {gaps} gaps)",
            self.path(),
            self.documents()
        )
    }
}

/// Writes exports or captures again without the secrets in them, to a new folder or a file that ends in `.tar.zst`.
///
/// `paths` is a path or several. In the place of a secret stands its kind and a link, the same for the same secret
/// under the same key: that of the environment's FOURSEE_LINK_KEY, else a random one. `pseudonyms` is the path of a map
/// by which accounts, roles, namespaces, databases, topics and hosts are renamed; it is read where it is there, then
/// written. The audit of the result finds what that of the originals finds.
#[pyfunction]
#[pyo3(signature = (paths, out, pseudonyms=None))]
pub fn redact(
    py: Python<'_>,
    paths: &Bound<'_, PyAny>,
    out: PathBuf,
    pseudonyms: Option<PathBuf>,
) -> PyResult<Redacted> {
    let paths: Vec<PathBuf> = match paths.extract::<PathBuf>() {
        Ok(one) => vec![one],
        Err(_) => paths.extract()?,
    };
    if paths.is_empty() {
        return Err(InputError::new_err("nothing to redact: name a path"));
    }
    let mut redact = Redact::new();
    for path in paths {
        redact = redact.add(path).map_err(|error| of_audit(&error))?;
    }
    if let Some(map) = pseudonyms {
        redact = redact.pseudonyms(map);
    }
    let done = work::run(py, None, move |_| redact.run(out))?;
    Ok(Redacted {
        done: done.map_err(|error| of_redaction(&error))?,
    })
}

fn of_redaction(error: &RedactError) -> PyErr {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        text.push_str(&format!(": {one}"));
        cause = one.source();
    }
    match error {
        RedactError::Input(error) => of_audit(error),
        RedactError::Key(_) | RedactError::Map { .. } => ConfigError::new_err(text),
        _ => FourseeError::new_err(text),
    }
}
