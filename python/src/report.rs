//! The audit, and its report: findings to loop over, tables to query, questions to ask.

use crate::ask::{Opened, tell};
use crate::errors::{FourseeError, InputError, QuestionError, of_audit};
use crate::python::{objects, text, tuple};
use crate::source::{ReportOptions, Source};
use crate::table::Table;
use crate::tables::Tables;
use crate::views::{Finding, Gap, Past, Path, Scope, Summary};
use crate::work;
use foursee::report::json::ReportJson;
use foursee::report::tables::TABLES;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What an audit found. Made by `audit`; a sequence of its findings, the worst first.
///
/// A pickled report keeps everything that it found: findings, ways, gaps, tables. What it was made of stays behind:
/// `opened`, `who_can`, `can` and `path` need the documents, and raise QuestionError after unpickling.
#[pyclass(frozen, module = "foursee")]
pub struct Report {
    twin: ReportJson,
    findings: PyOnceLock<Py<PyTuple>>,
    tables: [PyOnceLock<Py<Table>>; TABLES.len()],
    live: Option<Live>,
}

/// What only a report has that was made here.
struct Live {
    report: foursee::core::report::Report,
    opened: Opened,
}

/// Audits exports, captures, folders and archives of them, and documents that a program holds ({name: document}).
///
/// `config` is a foursee.toml; without it the one beside the inputs counts. `as_of` is the audit's "now": text (RFC
/// 3339 or a date), a date, or a datetime with its time zone. `baseline` is an earlier report: a Report, its JSON's
/// path, or its dictionary. `layers` keeps the findings and gaps of these layers; everything is still read.
/// `assume_version` asks everything of a layer as of a version, whatever its documents say: {"kubernetes": "1.38"}.
/// `progress` is called as `progress(stage, what)`: "read" with each document's name, then "parse", "lower", "link",
/// "analyse", "check" and "judge".
///
/// What cannot be read is in `report.gaps`, and never an exception: but a path that there is not is an InputError,
/// and a configuration that cannot be used a ConfigError.
#[pyfunction]
#[pyo3(signature = (*sources, config=None, as_of=None, baseline=None, layers=None, assume_version=None, progress=None))]
#[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
pub fn audit(
    py: Python<'_>,
    sources: &Bound<'_, PyTuple>,
    config: Option<PathBuf>,
    as_of: Option<&Bound<'_, PyAny>>,
    baseline: Option<&Bound<'_, PyAny>>,
    layers: Option<Vec<String>>,
    assume_version: Option<BTreeMap<String, String>>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Report> {
    let source = Source::new(sources, config, assume_version)?;
    if source.is_empty() {
        return Err(InputError::new_err("nothing to audit: name a path or documents"));
    }
    let asked = ReportOptions::new(as_of, baseline, layers)?;
    let report = work::run(py, progress, move |teller| {
        let progress = &mut |progress: foursee::Progress| tell(teller, &progress);
        let opened = asked.on(source.audit()?).open_with(progress)?;
        let report = opened.report_as(&asked.over(opened.options()), progress);
        Ok::<_, foursee::Error>(Report::made(report, Arc::new(opened)))
    })?;
    report.map_err(|error| of_audit(&error))
}

impl Report {
    fn new(twin: ReportJson, live: Option<Live>) -> Self {
        Self {
            twin,
            findings: PyOnceLock::new(),
            tables: [const { PyOnceLock::new() }; TABLES.len()],
            live,
        }
    }

    /// A table by its place in [`TABLES`]; made when it is first asked for.
    pub fn table<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Bound<'py, Table>> {
        let (Some(slot), Some(table)) = (self.tables.get(at), TABLES.get(at)) else {
            return Err(FourseeError::new_err("no such table"));
        };
        let made = slot.get_or_try_init(py, || match &self.live {
            Some(live) => Py::new(py, py.detach(|| Table::of(&live.report, table))?),
            None => Err(FourseeError::new_err(
                "this report was pickled without its tables",
            )),
        })?;
        Ok(made.bind(py).clone())
    }

    /// The report's JSON: what a baseline is read from.
    pub fn twin(&self) -> &ReportJson {
        &self.twin
    }

    /// A report, with what it was made of.
    pub fn made(report: foursee::core::report::Report, opened: Arc<foursee::Opened>) -> Self {
        let twin = ReportJson::from(&report);
        let opened = Opened(opened);
        Self::new(twin, Some(Live { report, opened }))
    }
}

#[pymethods]
impl Report {
    /// The findings, the worst first.
    #[getter]
    fn findings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let made = self.findings.get_or_try_init(py, || {
            let views = self.twin.findings.iter().cloned().map(Finding::from);
            tuple(py, views).map(Bound::unbind)
        })?;
        Ok(made.bind(py).clone())
    }

    /// The audit's "now", RFC 3339.
    #[getter]
    fn as_of(&self) -> &str {
        &self.twin.as_of
    }

    /// Counts, and how the audit ended.
    #[getter]
    fn summary(&self) -> Summary {
        Summary::from(self.twin.summary.clone())
    }

    /// What was audited.
    #[getter]
    fn scopes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tuple(py, self.twin.scopes.iter().cloned().map(Scope::from))
    }

    /// Findings of the baseline that are gone.
    #[getter]
    fn resolved<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tuple(py, self.twin.resolved.iter().cloned().map(Past::from))
    }

    /// Findings of the baseline of which it cannot be told.
    #[getter]
    fn unknown<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tuple(py, self.twin.unknown.iter().cloned().map(Past::from))
    }

    /// The ways from where somebody comes in to what somebody would want.
    #[getter]
    fn paths<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tuple(py, self.twin.paths.iter().cloned().map(Path::from))
    }

    /// What could not be read, and what that hides.
    #[getter]
    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tuple(py, self.twin.gaps.iter().cloned().map(Gap::from))
    }

    /// The seven tables: `report.tables["findings"]` or `report.tables.findings`.
    #[getter]
    fn tables(slf: &Bound<'_, Self>) -> Tables {
        Tables::of(slf)
    }

    /// The documents that it was made of, opened: for `decide`, and every other question.
    #[getter]
    fn opened(&self) -> PyResult<Opened> {
        self.live.as_ref().map(|live| live.opened.clone()).ok_or_else(|| {
            QuestionError::new_err(
                "this report was unpickled, and questions need the documents: audit them again",
            )
        })
    }

    /// Who can do an action to a resource: as `opened.who_can`.
    fn who_can<'py>(
        &self,
        py: Python<'py>,
        action: String,
        resource: String,
    ) -> PyResult<Bound<'py, PyTuple>> {
        self.opened()?.who_can(py, action, resource)
    }

    /// What an identity can do by its own and its groups' privileges, widest first: as `opened.can`.
    fn can<'py>(&self, py: Python<'py>, identity: String) -> PyResult<Bound<'py, PyTuple>> {
        self.opened()?.can(py, identity)
    }

    /// The best way from one to another; without `to`, the best to each thing that somebody would want: as
    /// `opened.path`.
    #[pyo3(signature = (start, to=None, foothold=None))]
    fn path<'py>(
        &self,
        py: Python<'py>,
        start: String,
        to: Option<String>,
        foothold: Option<&str>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        self.opened()?.path(py, start, to, foothold)
    }

    /// The report as `foursee audit --format json` prints it.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| serde_json::to_string_pretty(&self.twin))
            .map(|text| text + "\n")
            .map_err(|error| FourseeError::new_err(error.to_string()))
    }

    /// The report's JSON as dictionaries and lists.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        objects(py, &self.twin)
    }

    fn __len__(&self) -> usize {
        self.twin.findings.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.findings(py)?.as_any().get_item(index)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.findings(py)?.as_any().try_iter().map(Bound::into_any)
    }

    /// A report without findings is a report all the same.
    fn __bool__(&self) -> bool {
        true
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| other.get().twin == self.twin)
    }

    fn __hash__(&self) -> PyResult<u64> {
        crate::view::hash(&self.twin)
    }

    fn __repr__(&self) -> String {
        let twin = &self.twin;
        let open: usize = twin.summary.open.values().sum();
        let severities = ["critical", "high", "medium", "low", "info"]
            .into_iter()
            .filter_map(|word| {
                let count = twin.summary.open.get(word).filter(|count| **count > 0)?;
                Some(format!("{count} {word}"))
            });
        let severities = severities.collect::<Vec<_>>().join(", ");
        format!(
            "Report({open} open findings{}{severities}; {} ways, {} gaps, {} scopes, {}% of the rules could look; as of {})",
            if severities.is_empty() { "" } else { ": " },
            twin.paths.len(),
            twin.gaps.len(),
            twin.scopes.len(),
            twin.summary.outcome.coverage,
            twin.as_of
        )
    }

    fn _repr_html_(&self) -> String {
        crate::html::report(&self.twin)
    }

    #[expect(clippy::type_complexity, reason = "what pickle asks for")]
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (String, Vec<Bound<'py, Table>>))> {
        let restore = py.import("foursee._foursee")?.getattr("_restore_report")?;
        let tables = (0..TABLES.len()).map(|at| self.table(py, at));
        Ok((restore, (text(&self.twin)?, tables.collect::<PyResult<_>>()?)))
    }
}

/// Makes a report of what `__reduce__` gave: for pickle and copy alone.
#[pyfunction]
#[pyo3(name = "_restore_report")]
pub fn restore_report(py: Python<'_>, text: &str, tables: Vec<Py<Table>>) -> PyResult<Report> {
    let twin: ReportJson = serde_json::from_str(text)
        .map_err(|error| FourseeError::new_err(format!("not what foursee pickled: {error}")))?;
    let report = Report::new(twin, None);
    for (slot, table) in report.tables.iter().zip(tables) {
        let _ = slot.set(py, table);
    }
    Ok(report)
}
