//! Documents, opened: read and parsed once, for questions in the platforms' own words and for reports.

use crate::errors::{ConfigError, FourseeError, QuestionError, of_audit};
use crate::python::{dumps, loads, objects, tuple};
use crate::report::Report;
use crate::source::{ReportOptions, Source};
use crate::views::{Answer, Gap, Path, Scope};
use crate::work;
use foursee::core::audit::NotOne;
use foursee::core::layer;
use foursee::core::model::Foothold;
use foursee::core::rightsize::{Ask, Backtest};
use foursee::report::json::{AnswerJson, GapJson, PathJson, RightsizeJson, ScopeJson};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Documents, read into facts, with each layer's exact authorizer. Made by `open`, and by `audit` as `report.opened`.
#[pyclass(frozen, module = "foursee")]
#[derive(Clone)]
pub struct Opened(pub Arc<foursee::Opened>);

/// Reads paths, or documents that a program holds ({name: document}), without judging: for questions.
///
/// A document is text, bytes, or what `json` can write. `config` is a foursee.toml; without it the one beside the
/// inputs counts. `assume_version` asks everything of a layer as of a version: {"kubernetes": "1.38"}. `progress` is
/// called as `progress(stage, what)`.
#[pyfunction]
#[pyo3(signature = (*sources, config=None, assume_version=None, progress=None))]
pub fn open(
    py: Python<'_>,
    sources: &Bound<'_, PyTuple>,
    config: Option<PathBuf>,
    assume_version: Option<BTreeMap<String, String>>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Opened> {
    let source = Source::new(sources, config, assume_version)?;
    let read = work::run(py, progress, move |teller| {
        source.audit()?.open_with(&mut |progress| tell(teller, &progress))
    })?;
    read.map(|opened| Opened(Arc::new(opened)))
        .map_err(|error| of_audit(&error))
}

/// A page in Markdown: a rule's, by its name (what, why, evidence, fix); or, for "rungs", which grants of each layer, or
/// of one, stand on which rung, and what its platform cannot express.
#[pyfunction]
#[pyo3(signature = (what, layer=None))]
pub fn explain(what: &str, layer: Option<&str>) -> PyResult<String> {
    let registry = foursee::built_in().map_err(|error| FourseeError::new_err(error.to_string()))?;
    let page = match (what, layer) {
        ("rungs", layer) => foursee::explain::rungs(&registry, layer),
        (rule, _) => foursee::explain::rule(&registry, rule),
    };
    page.map_err(|error| QuestionError::new_err(error.to_string()))
}

/// Says what a library call is doing.
pub fn tell<T>(teller: &work::Teller<T>, progress: &foursee::Progress) {
    use foursee::core::audit::Stage;
    match progress {
        foursee::Progress::Read(read) => teller.step("read", &read.name),
        foursee::Progress::Stage(stage) => teller.step(
            match stage {
                Stage::Parse => "parse",
                Stage::Lower => "lower",
                Stage::Link => "link",
                Stage::Analyse => "analyse",
                Stage::Check => "check",
                Stage::Judge => "judge",
            },
            "",
        ),
        _ => {}
    }
}

#[pymethods]
impl Opened {
    /// Answers questions in a platform's own words: a list in, a list out, in order; or one question.
    ///
    /// aws: the parameters of SimulateCustomPolicy or SimulatePrincipalPolicy; kubernetes: a SubjectAccessReview;
    /// container: {"container": NAME}; postgres: {"database", "role", "kind", "object", "privilege"}; kafka:
    /// {"principal", "host", "operation", "resourceType", "resourceName"}. `scope` says which is meant where there
    /// are several, by name or title. A layer without documents answers over an empty scope.
    #[pyo3(signature = (layer, questions, scope=None))]
    fn decide<'py>(
        &self,
        py: Python<'py>,
        layer: String,
        questions: &Bound<'py, PyAny>,
        scope: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let one = questions.cast::<PyDict>().is_ok();
        let texts: Vec<String> = if one {
            vec![dumps(questions)?]
        } else {
            let all = questions.try_iter()?;
            all.map(|question| dumps(&question?)).collect::<PyResult<_>>()?
        };
        let opened = Arc::clone(&self.0);
        let answers = work::run(py, None, move |teller| {
            let mut out = vec![b'['];
            for (number, text) in texts.iter().enumerate() {
                if teller.stopped() {
                    break;
                }
                if number > 0 {
                    out.push(b',');
                }
                let decided = opened.decide(&layer, scope.as_deref(), text, &mut out);
                decided.map_err(|error| (number, error))?;
            }
            out.push(b']');
            Ok::<_, (usize, layer::QuestionError)>(out)
        })?;
        let answers = answers.map_err(|(number, error)| {
            QuestionError::new_err(if one {
                error.to_string()
            } else {
                format!("question {}: {error}", number + 1)
            })
        })?;
        let text = String::from_utf8(answers).map_err(|error| FourseeError::new_err(error.to_string()))?;
        let all = loads(py, &text)?;
        if one { all.get_item(0) } else { Ok(all) }
    }

    /// Who can do an action to a resource, in the platform's own words, each confirmed by its layer's authorizer. The
    /// resource is "NAME", or "KIND:NAME" with a kind as the tables print it: "topic:orders".
    pub fn who_can<'py>(
        &self,
        py: Python<'py>,
        action: String,
        resource: String,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let all = self.ask(py, move |opened| Ok(opened.who_can(&action, &resource)))?;
        tuple(py, all.iter().map(|one| Answer::from(AnswerJson::from(one))))
    }

    /// What an identity can do by its own and its groups' privileges, widest first. The identity is "NAME" or
    /// "KIND:NAME", with "@SCOPE" behind it where several scopes have it.
    pub fn can<'py>(&self, py: Python<'py>, identity: String) -> PyResult<Bound<'py, PyTuple>> {
        let all = self.ask(py, move |opened| opened.can(&identity))?;
        tuple(py, all.iter().map(|one| Answer::from(AnswerJson::from(one))))
    }

    /// The best way from one to another; without `to`, the best to each thing that somebody would want. Names as in
    /// `can`. `foothold` is where in `start` somebody stands: "acts", "holds", "runs", "spawns" or "queries"; by
    /// itself "runs" in workloads and "acts" elsewhere.
    #[pyo3(signature = (start, to=None, foothold=None))]
    pub fn path<'py>(
        &self,
        py: Python<'py>,
        start: String,
        to: Option<String>,
        foothold: Option<&str>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let foothold = match foothold {
            None => None,
            Some(word) => Some(Foothold::parse(word).ok_or_else(|| {
                QuestionError::new_err(format!(
                    "foothold = `{word}`: one of acts, holds, runs, spawns, queries"
                ))
            })?),
        };
        let ways = self.ask(py, move |opened| opened.ways(&start, to.as_deref(), foothold))?;
        tuple(py, ways.iter().map(|way| Path::from(PathJson::from(way))))
    }

    /// Smaller roles from what audit logs show, as a list of dictionaries, one a scope: "proposals", each with the YAML
    /// to apply ("forward") and that of the way back ("back"), "untouched", "gaps". Nothing is applied.
    ///
    /// `identities` are names as in `can`; all, and what is to be tidied up, where none is given. `scope` says whose roles
    /// and `used` whose logs, by name, title or environment. `backtest`, "60d/30d", makes proposals from the first days
    /// and counts what the days after them would have been denied.
    #[pyo3(signature = (*identities, scope=None, used=None, backtest=None))]
    fn rightsize<'py>(
        &self,
        py: Python<'py>,
        identities: Vec<String>,
        scope: Option<String>,
        used: Option<String>,
        backtest: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let backtest = match backtest {
            None => None,
            Some(text) => Some(Backtest::parse(text).ok_or_else(|| {
                QuestionError::new_err(format!(
                    "backtest = `{text}`: days to learn from and days to test on, as 60d/30d"
                ))
            })?),
        };
        let ask = Ask { identities, backtest };
        let opened = Arc::clone(&self.0);
        let found = work::run(py, None, move |_| {
            opened.rightsize(&ask, scope.as_deref(), used.as_deref())
        })?;
        let found = found.map_err(|error| QuestionError::new_err(error.to_string()))?;
        let rows: Vec<RightsizeJson> = found
            .iter()
            .map(|one| RightsizeJson::new(&one.layer, &one.scope, &one.title, &one.used, &one.proposals))
            .collect();
        objects(py, &rows)
    }

    /// What an audit finds in it: as `audit` does, without reading or parsing again.
    #[pyo3(signature = (*, as_of=None, baseline=None, layers=None, progress=None))]
    fn report(
        &self,
        py: Python<'_>,
        as_of: Option<&Bound<'_, PyAny>>,
        baseline: Option<&Bound<'_, PyAny>>,
        layers: Option<Vec<String>>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Report> {
        if self.0.facts().library().documents().is_empty() {
            return Err(ConfigError::new_err(
                "nothing was opened: name a path or documents",
            ));
        }
        let asked = ReportOptions::new(as_of, baseline, layers)?;
        let opened = Arc::clone(&self.0);
        work::run(py, progress, move |teller| {
            let options = asked.over(opened.options());
            let report = opened.report_as(&options, &mut |progress| tell(teller, &progress));
            Report::made(report, opened)
        })
    }

    /// What was read: one account, cluster, engine, database cluster or broker cluster each.
    #[getter]
    fn scopes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let scopes = self.ask(py, |opened| Ok(opened.scopes()))?;
        tuple(py, scopes.iter().map(|one| Scope::from(ScopeJson::from(one))))
    }

    /// What could not be read.
    #[getter]
    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tuple(py, self.0.gaps().iter().map(|one| Gap::from(GapJson::from(one))))
    }

    fn __repr__(&self) -> String {
        let opened = self.0.facts();
        let scopes: Vec<String> = opened
            .scopes()
            .iter()
            .map(|scope| format!("{} {:?}", scope.layer, scope.title))
            .collect();
        let text = format!("Opened({}; {} gaps)", scopes.join(", "), opened.gaps().len());
        foursee::report::plain(&text).into_owned()
    }
}

impl Opened {
    /// Asks on a thread of its own.
    fn ask<T: Send + 'static>(
        &self,
        py: Python<'_>,
        question: impl FnOnce(&foursee::Opened) -> Result<T, NotOne> + Send + 'static,
    ) -> PyResult<T> {
        let opened = Arc::clone(&self.0);
        let answer = work::run(py, None, move |_| question(&opened))?;
        answer.map_err(|error| QuestionError::new_err(error.to_string()))
    }
}
