//! The audit, and its report: findings to loop over, tables to query, questions to ask.

use crate::ask::tell;
use crate::errors::{ConfigError, FourseeError, InputError, QuestionError, of_audit};
use crate::python::{dumps, objects, text, tuple};
use crate::source::{Source, time};
use crate::table::Table;
use crate::tables::Tables;
use crate::views::{Answer, AnswerJson, Finding, Gap, Past, Path, Scope, Summary};
use crate::work;
use foursee::core::audit::{Mapped, Opened, find, path_row, usual_foothold};
use foursee::core::graph::{Graph, Position};
use foursee::core::model::{Certainty, Foothold, NodeId};
use foursee::report::json::{self, PathJson, ReportJson};
use foursee::report::tables::TABLES;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyMapping, PyTuple};
use std::path::PathBuf;
use std::sync::Arc;

/// What an audit found. Made by `audit`; a sequence of its findings, the worst first.
///
/// A pickled report keeps everything that it found: findings, ways, gaps, tables. What it was made of stays behind:
/// `who_can`, `can` and `path` need the documents, and raise QuestionError after unpickling.
#[pyclass(frozen, module = "foursee")]
pub struct Report {
    twin: ReportJson,
    findings: PyOnceLock<Py<PyTuple>>,
    tables: [PyOnceLock<Py<Table>>; TABLES.len()],
    live: Option<Live>,
}

/// What only a report has that was made here.
struct Live {
    report: Arc<foursee::core::report::Report>,
    source: Source,
    asked: PyOnceLock<Arc<Asked>>,
}

/// The documents, read again for questions, and the graph.
struct Asked {
    opened: Opened,
    mapped: Mapped,
}

/// Audits exports, captures, folders and archives of them, and documents that a program holds ({name: document}).
///
/// `config` is a foursee.toml; without it the one beside the inputs counts. `as_of` is the audit's "now": text (RFC
/// 3339 or a date), a date, or a datetime with its time zone. `baseline` is an earlier report: a Report, its JSON's
/// path, or its dictionary. `layers` keeps the findings and gaps of these layers; everything is still read.
/// `progress` is called as `progress(stage, what)`: "read" with each document's name, then "parse", "lower", "link",
/// "analyse", "check" and "judge".
///
/// What cannot be read is in `report.gaps`, and never an exception: but a path that there is not is an InputError,
/// and a configuration that cannot be used a ConfigError.
#[pyfunction]
#[pyo3(signature = (*sources, config=None, as_of=None, baseline=None, layers=None, progress=None))]
pub fn audit(
    py: Python<'_>,
    sources: &Bound<'_, PyTuple>,
    config: Option<PathBuf>,
    as_of: Option<&Bound<'_, PyAny>>,
    baseline: Option<&Bound<'_, PyAny>>,
    layers: Option<Vec<String>>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Report> {
    let source = Source::new(sources, config)?;
    if source.is_empty() {
        return Err(InputError::new_err("nothing to audit: name a path or documents"));
    }
    let mut audit = source.audit().map_err(|error| of_audit(&error))?;
    if let Some(layers) = layers {
        audit = audit.only(checked(layers)?);
    }
    if let Some(as_of) = as_of {
        audit = audit.as_of(time(as_of)?);
    }
    if let Some(baseline) = baseline {
        let text = report_text(baseline)?;
        let baseline = json::baseline(&text);
        audit = audit.baseline(baseline.map_err(|error| ConfigError::new_err(format!("baseline: {error}")))?);
    }
    let report = work::run(py, progress, move |teller| {
        audit.run_with(&mut |progress| tell(teller, &progress))
    })?;
    let report = Arc::new(report.map_err(|error| of_audit(&error))?);
    let twin = py.detach(|| ReportJson::from(&*report));
    let live = Live {
        report,
        source,
        asked: PyOnceLock::new(),
    };
    Ok(Report::new(twin, Some(live)))
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

/// The JSON of an earlier report.
fn report_text(baseline: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(report) = baseline.cast::<Report>() {
        return text(&report.get().twin);
    }
    if baseline.cast::<PyMapping>().is_ok() {
        return dumps(baseline);
    }
    let path: PathBuf = baseline.extract()?;
    std::fs::read_to_string(&path)
        .map_err(|error| InputError::new_err(format!("cannot read `{}`: {error}", path.display())))
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

    /// The documents, read again on the first question. Facts are not kept beside a report that nobody asks; that
    /// the inputs are still those that were audited is checked, text by text.
    fn asked(&self, py: Python<'_>) -> PyResult<&Asked> {
        let Some(live) = &self.live else {
            return Err(QuestionError::new_err(
                "this report was unpickled, and questions need the documents: audit them again",
            ));
        };
        let asked = live.asked.get_or_try_init(py, || {
            let (source, report) = (live.source.clone(), Arc::clone(&live.report));
            let read = work::run(py, None, move |_| {
                let (opened, ..) = source.audit()?.open(&mut |_| {})?;
                if !same(&opened, &report) {
                    return Ok(None);
                }
                let mapped = Mapped {
                    graph: Arc::new(Graph::new(&report.estate)),
                    estate: Arc::clone(&report.estate),
                };
                Ok::<_, foursee::Error>(Some(Arc::new(Asked { opened, mapped })))
            })?;
            read.map_err(|error| of_audit(&error))?.ok_or_else(|| {
                InputError::new_err(
                    "the inputs have changed since they were audited: audit them again to ask",
                )
            })
        })?;
        Ok(asked)
    }
}

/// Whether the documents and scopes are those of the report.
fn same(opened: &Opened, report: &foursee::core::report::Report) -> bool {
    let (here, there) = (opened.library().documents(), report.library.documents());
    opened.scopes() == report.estate.scopes
        && here.len() == there.len()
        && here
            .iter()
            .zip(there)
            .all(|(a, b)| (&a.name, a.scope, &a.text) == (&b.name, b.scope, &b.text))
}

/// The node that a text means.
fn node(asked: &Asked, name: &str) -> PyResult<NodeId> {
    find(&asked.mapped.estate, name).map_err(|error| QuestionError::new_err(error.to_string()))
}

fn answers<'py>(py: Python<'py>, all: &[foursee::core::audit::Answer]) -> PyResult<Bound<'py, PyTuple>> {
    tuple(py, all.iter().map(|one| Answer::from(AnswerJson::from(one))))
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

    /// Who can do an action to a resource, in the platform's own words, each confirmed by its layer's authorizer.
    fn who_can<'py>(&self, py: Python<'py>, action: &str, resource: &str) -> PyResult<Bound<'py, PyTuple>> {
        let Asked { opened, mapped } = self.asked(py)?;
        let all = py.detach(|| foursee::core::audit::who_can(opened, mapped, action, resource));
        answers(py, &all)
    }

    /// What an identity can do by its own and its groups' privileges, widest first. The identity is "NAME" or "KIND
    /// NAME", with "@SCOPE" behind it where several scopes have it.
    fn can<'py>(&self, py: Python<'py>, identity: &str) -> PyResult<Bound<'py, PyTuple>> {
        let asked = self.asked(py)?;
        let who = node(asked, identity)?;
        let all = py.detach(|| foursee::core::audit::can(&asked.opened, &asked.mapped, who));
        answers(py, &all)
    }

    /// The best way from one to another; without `to`, the best to each thing that somebody would want. Names as in
    /// `can`. `foothold` is where in `start` somebody stands: "acts", "holds", "runs", "spawns" or "queries"; by
    /// itself "runs" in workloads and "acts" elsewhere.
    #[pyo3(signature = (start, to=None, foothold=None))]
    fn path<'py>(
        &self,
        py: Python<'py>,
        start: &str,
        to: Option<&str>,
        foothold: Option<&str>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let asked = self.asked(py)?;
        let estate = &*asked.mapped.estate;
        let from = node(asked, start)?;
        let foothold = match foothold {
            None => usual_foothold(estate, from),
            Some(word) => Foothold::ALL
                .into_iter()
                .find(|one| one.as_str() == word)
                .ok_or_else(|| {
                    QuestionError::new_err(format!(
                        "foothold = `{word}`: one of acts, holds, runs, spawns, queries"
                    ))
                })?,
        };
        let start = Position { node: from, foothold };
        let mut goals: Vec<(NodeId, &str)> = match to {
            Some(to) => vec![(node(asked, to)?, "")],
            None => estate
                .prizes
                .iter()
                .map(|mark| (mark.node, mark.why.as_str()))
                .collect(),
        };
        goals.dedup_by_key(|goal| goal.0);
        let ways = py.detach(|| {
            let graph = &*asked.mapped.graph;
            let reach = graph.reach(estate, &[start], Certainty::Unknown);
            let confirm = asked.opened.confirm();
            let mut ways: Vec<_> = goals
                .iter()
                .filter(|(goal, _)| *goal != from && reach.of(*goal).0 != 0)
                .filter_map(|(goal, why)| Some((graph.path(estate, &[start], *goal, &confirm)?, why)))
                .map(|(path, why)| path_row(estate, asked.opened.library(), &path, "", why))
                .collect();
            ways.sort_by_key(|way| (way.certainty, way.hops.len()));
            ways
        });
        tuple(py, ways.iter().map(|way| Path::from(PathJson::from(way))))
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
