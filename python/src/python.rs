//! Small bridges: JSON text and Python objects, tuples, packages that are needed only sometimes.

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use serde::Serialize;

/// A serialised value as dictionaries, lists, text and numbers.
pub fn objects<'py>(py: Python<'py>, value: &impl Serialize) -> PyResult<Bound<'py, PyAny>> {
    loads(py, &text(value)?)
}

/// JSON text as Python objects.
pub fn loads<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (text,))
}

/// Python objects as JSON text: what `json.dumps` makes of them.
pub fn dumps(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let json = value.py().import("json")?;
    json.call_method1("dumps", (value,))?.extract()
}

/// A serialised value as JSON text.
pub fn text(value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| crate::errors::FourseeError::new_err(error.to_string()))
}

/// A tuple of views.
pub fn tuple<'py, V>(py: Python<'py>, views: impl IntoIterator<Item = V>) -> PyResult<Bound<'py, PyTuple>>
where
    V: IntoPyObject<'py>,
{
    let mut objects: Vec<Bound<'py, PyAny>> = Vec::new();
    for view in views {
        objects.push(view.into_bound_py_any(py)?);
    }
    PyTuple::new(py, objects)
}

/// A package that foursee does not require, imported when it is asked for.
pub fn needed<'py>(py: Python<'py>, package: &str, asked: &str) -> PyResult<Bound<'py, PyModule>> {
    py.import(PyString::new(py, package)).map_err(|error| {
        let sorry = PyImportError::new_err(format!(
            "{asked}() needs the package `{package}`: pip install {package}"
        ));
        sorry.set_cause(py, Some(error));
        sorry
    })
}
