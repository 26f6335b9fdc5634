//! Live platforms, captured on a thread of its own. `foursee/live.py` waits for it, with or without asyncio.
//!
//! Collectors are built in by the features `live` or `live-LAYER`; without one, asking says how to get it.

use crate::python::tuple;
use crate::views::Gap;
use foursee::capture::Reading;
use foursee::report::json::GapJson;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::path::PathBuf;
use std::sync::Arc;

/// What a capture came to. Give it to `audit` or `open` as it is.
#[pyclass(frozen, module = "foursee")]
pub struct Captured {
    path: Option<PathBuf>,
    complete: bool,
    documents: usize,
    nothing: Vec<String>,
    gaps: Vec<GapJson>,
    reading: Option<Arc<Reading>>,
}

impl Captured {
    /// What is held in memory, where nothing was written.
    pub fn reading(&self) -> Option<&Arc<Reading>> {
        self.reading.as_ref()
    }
}

#[pymethods]
impl Captured {
    /// The folder or archive; None for a capture that is held in memory.
    #[getter]
    fn path(&self) -> Option<String> {
        self.path.as_ref().map(|path| path.to_string_lossy().into_owned())
    }

    /// Whether every target was read to its end. What it refused is a gap.
    #[getter]
    fn complete(&self) -> bool {
        self.complete
    }

    /// How many documents there are.
    #[getter]
    fn documents(&self) -> usize {
        self.documents
    }

    /// The targets that gave nothing.
    #[getter]
    fn nothing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tuple(py, self.nothing.iter().map(String::as_str))
    }

    /// What could not be read.
    #[getter]
    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tuple(py, self.gaps.iter().cloned().map(Gap::from))
    }

    fn __fspath__(&self) -> PyResult<String> {
        self.path()
            .ok_or_else(|| PyTypeError::new_err("this capture is held in memory and has no path"))
    }

    fn __repr__(&self) -> String {
        let kept = self.path().unwrap_or_else(|| "in memory".to_owned());
        let whole = if self.complete { "" } else { ", incomplete" };
        let text = format!(
            "Captured({kept:?}; {} documents, {} gaps{whole})",
            self.documents,
            self.gaps.len()
        );
        foursee::report::plain(&text).into_owned()
    }
}

/// A capture under way.
#[pyclass(frozen, module = "foursee._foursee", name = "_Capturing")]
pub struct Capturing {
    #[cfg(feature = "collect")]
    stop: Arc<tokio::sync::Notify>,
}

#[pymethods]
impl Capturing {
    /// Ends it: what was read is kept, and the capture is marked incomplete.
    fn stop(&self) {
        #[cfg(feature = "collect")]
        self.stop.notify_one();
    }
}

/// Begins a capture. `tell` is called from another thread: `tell("step", text)`, and at the end once
/// `tell("done", Captured)` or `tell("failed", exception)`.
#[pyfunction(name = "_capture")]
#[cfg(not(feature = "collect"))]
pub fn capture(
    layer: &str,
    targets: Vec<String>,
    out: Option<PathBuf>,
    concurrency: usize,
    deadline: f64,
    tell: Py<PyAny>,
) -> PyResult<Capturing> {
    let _ = (layer, targets, out, concurrency, deadline, tell);
    Err(crate::errors::FourseeError::new_err(
        "this package reads exports only; with live platforms: MATURIN_PEP517_ARGS=\"--features live\" pip install ./python",
    ))
}

#[cfg(feature = "collect")]
pub use built_in::capture;

#[cfg(feature = "collect")]
mod built_in {
    use super::{Captured, Capturing};
    use crate::errors::{ConfigError, FourseeError, InputError};
    use foursee::live::{self, Capture, Event, LiveError};
    use foursee::report::json::GapJson;
    use pyo3::IntoPyObjectExt;
    use pyo3::prelude::*;
    use std::num::NonZeroUsize;
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::sync::Notify;

    /// Begins a capture. `tell` is called from another thread: `tell("step", text)`, and at the end once
    /// `tell("done", Captured)` or `tell("failed", exception)`.
    #[pyfunction(name = "_capture")]
    pub fn capture(
        layer: &str,
        targets: Vec<String>,
        out: Option<PathBuf>,
        concurrency: usize,
        deadline: f64,
        tell: Py<PyAny>,
    ) -> PyResult<Capturing> {
        let concurrency = NonZeroUsize::new(concurrency)
            .ok_or_else(|| ConfigError::new_err("concurrency = 0: at least one request at a time"))?;
        let deadline = Duration::try_from_secs_f64(deadline)
            .ok()
            .filter(|deadline| !deadline.is_zero())
            .ok_or_else(|| ConfigError::new_err("the deadline is a number of seconds above 0"))?;
        let mut capture = Capture::new().concurrency(concurrency).deadline(deadline);
        let all: Vec<Option<&str>> = if targets.is_empty() {
            vec![None]
        } else {
            targets.iter().map(|target| Some(target.as_str())).collect()
        };
        for target in all {
            capture = capture.target(layer, target).map_err(|error| exception(&error))?;
        }
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let started = std::thread::Builder::new()
            .name("foursee-capture".to_owned())
            .spawn(move || {
                let step = |event: Event| {
                    if let Event::Step { layer, target, step } = event {
                        let of = step.of.map(|of| format!(" of {of}")).unwrap_or_default();
                        say(
                            &tell,
                            "step",
                            format!("{layer} {target}: {} {}{of}", step.what, step.done),
                        );
                    }
                };
                match run(capture, out, stopped, &step) {
                    Ok(captured) => say(&tell, "done", captured),
                    Err(error) => Python::attach(|py| say(&tell, "failed", exception(&error).into_value(py))),
                }
            });
        started.map_err(|error| FourseeError::new_err(format!("cannot start a thread: {error}")))?;
        Ok(Capturing { stop })
    }

    /// Tells Python. A listener that is gone, as one whose event loop was closed, hears nothing.
    fn say<'a, T: for<'py> IntoPyObjectExt<'py>>(tell: &'a Py<PyAny>, word: &str, what: T) {
        Python::attach(|py| {
            let what = what.into_py_any(py);
            let _ = what.and_then(|what| tell.call1(py, (word, what)));
        });
    }

    fn run(
        capture: Capture,
        out: Option<PathBuf>,
        stop: Arc<Notify>,
        tell: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<Captured, LiveError> {
        let runtime = tokio::runtime::Runtime::new().map_err(LiveError::Runtime)?;
        let stop = async move { stop.notified().await };
        let (captured, reading) = runtime.block_on(async {
            match &out {
                Some(out) => capture
                    .write(out, stop, tell)
                    .await
                    .map(|captured| (captured, None)),
                None => capture
                    .hold(stop, tell)
                    .await
                    .map(|(captured, reading)| (captured, Some(reading))),
            }
        })?;
        runtime.shutdown_background();
        let gaps = captured.targets.iter().flat_map(|target| &target.gaps);
        Ok(Captured {
            path: captured.written.as_ref().map(|written| written.path.clone()),
            complete: captured.complete,
            documents: captured.targets.iter().map(|target| target.documents).sum(),
            nothing: captured.nothing().map(|target| target.target.clone()).collect(),
            gaps: gaps.map(twin).collect(),
            reading: reading.map(Arc::new),
        })
    }

    fn twin(gap: &live::NotCollected) -> GapJson {
        GapJson {
            layer: gap.layer.clone(),
            scope: gap.scope.clone(),
            target: gap.target.clone(),
            facet: gap.facet.clone(),
            reason: gap.reason.clone(),
            hides: gap.hides.clone(),
            closes: gap.closes.clone(),
            place: None,
            rules: Vec::new(),
        }
    }

    /// Why there is no capture, as the exception that says so.
    fn exception(error: &LiveError) -> PyErr {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(one) = cause {
            text = format!("{text}: {one}");
            cause = one.source();
        }
        match error {
            LiveError::Layer { .. } | LiveError::Target(_) => ConfigError::new_err(text),
            LiveError::Write(_) => InputError::new_err(text),
            _ => FourseeError::new_err(text),
        }
    }
}
