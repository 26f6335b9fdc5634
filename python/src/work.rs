//! Work on a thread of its own, without the interpreter's lock: other Python threads go on, Ctrl-C is heard, and
//! what the work says of its progress is told to Python by the thread that waits for it.

use crate::errors::FourseeError;
use pyo3::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

/// How long Ctrl-C may wait.
const TICK: Duration = Duration::from_millis(50);

enum News<T> {
    Step(&'static str, String),
    Done(T),
}

/// What the work may say and ask.
pub struct Teller<T> {
    news: Sender<News<T>>,
    told: bool,
    stop: Arc<AtomicBool>,
}

impl<T> Teller<T> {
    /// Says which stage has begun, or what of it was done.
    pub fn step(&self, stage: &'static str, what: &str) {
        if self.told {
            // Nobody listens any more where the caller gave up.
            let _ = self.news.send(News::Step(stage, what.to_owned()));
        }
    }

    /// Whether nobody waits any more.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Runs the work and waits for it. `progress` is called as `progress(stage, what)`.
///
/// # Errors
/// KeyboardInterrupt, whatever `progress` raises, and FourseeError where the work broke down. The work is then told
/// to stop; what cannot stop halfway ends by itself and is dropped.
pub fn run<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Teller<T>) -> T + Send + 'static,
) -> PyResult<T> {
    let (news, mut heard) = mpsc::channel();
    let stop = Arc::new(AtomicBool::new(false));
    let teller = Teller {
        news: news.clone(),
        told: progress.is_some(),
        stop: Arc::clone(&stop),
    };
    drop(news);
    let started = std::thread::Builder::new()
        .name("foursee".to_owned())
        .spawn(move || {
            let done = work(&teller);
            let _ = teller.news.send(News::Done(done));
        });
    let worker = started.map_err(|error| FourseeError::new_err(format!("cannot start a thread: {error}")))?;
    loop {
        let (back, got) = py.detach(move || {
            let got = heard.recv_timeout(TICK);
            (heard, got)
        });
        heard = back;
        let step = match got {
            Ok(News::Done(done)) => return Ok(done),
            Ok(News::Step(stage, what)) => match progress {
                Some(progress) => progress.call1((stage, what)).map(|_| ()),
                None => Ok(()),
            },
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => {
                let why = py.detach(move || match worker.join() {
                    Err(panic) => panic
                        .downcast_ref::<String>()
                        .cloned()
                        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                        .unwrap_or_default(),
                    Ok(()) => String::new(),
                });
                return Err(FourseeError::new_err(format!(
                    "this is a mistake of foursee's own, please report it: {why}"
                )));
            }
        };
        if let Err(error) = step.and_then(|()| py.check_signals()) {
            stop.store(true, Ordering::Relaxed);
            return Err(error);
        }
    }
}
