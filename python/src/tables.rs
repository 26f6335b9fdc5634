//! The mapping of a report's tables.

use crate::report::Report;
use crate::table::Table;
use foursee::report::tables::TABLES;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A report's tables, by name; each is made when it is first asked for.
#[pyclass(frozen, mapping, module = "foursee")]
pub struct Tables(Py<Report>);

impl Tables {
    /// Those of a report.
    pub fn of(report: &Bound<'_, Report>) -> Self {
        Self(report.clone().unbind())
    }
}

#[pymethods]
impl Tables {
    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, Table>> {
        let at = place(name).ok_or_else(|| PyKeyError::new_err(no_table(name)))?;
        self.0.get().table(py, at)
    }

    /// One row a finding, the worst first.
    #[getter]
    fn findings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Table>> {
        self.__getitem__(py, "findings")
    }

    /// One row an identity: where it stands, whose it is.
    #[getter]
    fn identities<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Table>> {
        self.__getitem__(py, "identities")
    }

    /// One row a resource, with its tags.
    #[getter]
    fn resources<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Table>> {
        self.__getitem__(py, "resources")
    }

    /// One row a privilege: who holds it, what it is over, under which condition.
    #[getter]
    fn privileges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Table>> {
        self.__getitem__(py, "privileges")
    }

    /// One row a statement by which somebody gets from one node to another.
    #[getter]
    fn edges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Table>> {
        self.__getitem__(py, "edges")
    }

    /// One row a hop of a way.
    #[getter]
    fn paths<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Table>> {
        self.__getitem__(py, "paths")
    }

    /// One row a gap.
    #[getter]
    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Table>> {
        self.__getitem__(py, "gaps")
    }

    fn __len__(&self) -> usize {
        TABLES.len()
    }

    fn __contains__(&self, name: &str) -> bool {
        place(name).is_some()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.keys(py)?.as_any().try_iter().map(Bound::into_any)
    }

    /// The names.
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, TABLES.iter().map(|table| table.name))
    }

    /// The tables.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let all = (0..TABLES.len()).map(|at| self.0.get().table(py, at));
        PyTuple::new(py, all.collect::<PyResult<Vec<_>>>()?)
    }

    /// The names, each with its table.
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let names = TABLES.iter().map(|table| table.name);
        let all = names.zip(self.values(py)?).collect::<Vec<_>>();
        PyTuple::new(py, all)
    }

    fn __repr__(&self) -> String {
        let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        format!("Tables({})", names.join(", "))
    }
}

/// The place of a table in [`TABLES`].
fn place(name: &str) -> Option<usize> {
    TABLES.iter().position(|table| table.name == name)
}

fn no_table(name: &str) -> String {
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    format!("no table `{name}`; there are {}", names.join(", "))
}
