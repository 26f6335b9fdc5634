//! Documents, opened for questions in the platforms' own words.

use crate::errors::{FourseeError, QuestionError, of_audit};
use crate::python::{dumps, loads, tuple};
use crate::source::Source;
use crate::views::{Gap, Scope};
use crate::work;
use foursee::core::layer;
use foursee::core::registry::Registry;
use foursee::report::json::{GapJson, PlaceJson, ScopeJson};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::path::PathBuf;
use std::sync::Arc;

struct Inner {
    opened: foursee::core::audit::Opened,
    registry: Registry,
}

/// Documents, read into facts, with each layer's exact authorizer. Made by `open`.
#[pyclass(frozen, module = "foursee")]
pub struct Opened(Arc<Inner>);

/// Reads paths, or documents that a program holds ({name: document}), without judging: for questions.
///
/// A document is text, bytes, or what `json` can write. `config` is a foursee.toml; without it the one beside the
/// inputs counts. `progress` is called as `progress(stage, what)`.
#[pyfunction]
#[pyo3(signature = (*sources, config=None, progress=None))]
pub fn open(
    py: Python<'_>,
    sources: &Bound<'_, PyTuple>,
    config: Option<PathBuf>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Opened> {
    let source = Source::new(sources, config)?;
    let read = work::run(py, progress, move |teller| {
        let (opened, registry, _) = source.audit()?.open(&mut |progress| tell(teller, &progress))?;
        Ok::<_, foursee::Error>(Inner { opened, registry })
    })?;
    read.map(|inner| Opened(Arc::new(inner)))
        .map_err(|error| of_audit(&error))
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
        let inner = Arc::clone(&self.0);
        let answers = work::run(py, None, move |teller| {
            let mut out = vec![b'['];
            for (number, text) in texts.iter().enumerate() {
                if teller.stopped() {
                    break;
                }
                if number > 0 {
                    out.push(b',');
                }
                let Inner { opened, registry } = &*inner;
                let decided = opened.decide(registry, &layer, scope.as_deref(), text, &mut out);
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

    /// What was read: one account, cluster, engine, database cluster or broker cluster each.
    #[getter]
    fn scopes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let opened = &self.0.opened;
        let scopes = opened.scopes().iter().zip(0u32..).map(|(scope, id)| {
            let id = foursee::core::model::ScopeId(id);
            Scope::from(ScopeJson {
                layer: scope.layer.to_string(),
                name: scope.name.to_string(),
                title: scope.title.to_string(),
                environment: scope.environment.as_deref().map(str::to_owned),
                documents: opened.documents_of(id),
                kinds: opened.kinds(id),
                identities: 0,
            })
        });
        tuple(py, scopes)
    }

    /// What could not be read.
    #[getter]
    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let opened = &self.0.opened;
        let gaps = opened.gaps().iter().map(|gap| {
            let scope = gap.scope.and_then(|id| opened.scopes().get(id.index()));
            Gap::from(GapJson {
                layer: gap.layer.to_string(),
                scope: scope.map(|scope| scope.name.to_string()),
                target: gap.target.clone(),
                facet: gap.facet.clone(),
                reason: gap.reason.as_str().to_owned(),
                hides: gap.hides.clone(),
                closes: gap.closes.clone(),
                place: gap.place.map(|place| {
                    let shown = opened.library().show(place);
                    PlaceJson {
                        document: shown.document,
                        pointer: shown.pointer,
                        line: shown.line,
                        column: shown.column,
                    }
                }),
                rules: gap.rules.iter().map(|rule| rule.to_string()).collect(),
            })
        });
        tuple(py, gaps)
    }

    fn __repr__(&self) -> String {
        let opened = &self.0.opened;
        let scopes: Vec<String> = opened
            .scopes()
            .iter()
            .map(|scope| format!("{} {:?}", scope.layer, scope.title))
            .collect();
        let text = format!("Opened({}; {} gaps)", scopes.join(", "), opened.gaps().len());
        foursee::report::plain(&text).into_owned()
    }
}
