//! A sink that counts what goes through it, tells of it, and says once how its target ended.

use super::{Event, Target};
use foursee_capture::manifest::NotCollected;
use foursee_capture::{Collected, Sink, SinkError, Step};
use foursee_core::model::Reason;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The sink of one target, before the capture's.
pub(super) struct Watched<'s> {
    into: &'s dyn Sink,
    tell: &'s (dyn Fn(Event) + Send + Sync),
    state: Mutex<State>,
}

struct State {
    target: Target,
    ended: bool,
}

impl<'s> Watched<'s> {
    pub(super) fn new(
        layer: &'static str,
        target: String,
        into: &'s dyn Sink,
        tell: &'s (dyn Fn(Event) + Send + Sync),
    ) -> Self {
        let target = Target {
            layer,
            target,
            documents: 0,
            gaps: Vec::new(),
            failed: None,
        };
        Self {
            into,
            tell,
            state: Mutex::new(State { target, ended: false }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how it ended; the first word counts. An early end is a gap of the capture too.
    pub(super) fn end(&self, early: Option<(Reason, String)>) {
        if std::mem::replace(&mut self.state().ended, true) {
            return;
        }
        if let Some((reason, mut why)) = early {
            let mut gap = NotCollected::default();
            {
                let mut state = self.state();
                // An error names its target first, as the gap does.
                let named = format!("{}: ", state.target.target);
                why = why.strip_prefix(&named).map_or(why.clone(), str::to_owned);
                state.target.failed = Some(why.clone());
                gap.layer = state.target.layer.to_owned();
                gap.target = if state.target.documents == 0 {
                    state.target.target.clone()
                } else {
                    format!("the rest of {}", state.target.target)
                };
            }
            gap.facet = why;
            gap.reason = reason.as_str().to_owned();
            gap.hides = "everything that was not read of it".to_owned();
            gap.closes = "capture it again".to_owned();
            self.gap(gap);
        }
        let target = self.target();
        (self.tell)(Event::Ended(target));
    }

    /// How it stands.
    pub(super) fn target(&self) -> Target {
        self.state().target.clone()
    }
}

impl Sink for Watched<'_> {
    fn document(&self, document: Collected) -> Result<(), SinkError> {
        self.into.document(document)?;
        self.state().target.documents += 1;
        Ok(())
    }

    fn gap(&self, gap: NotCollected) {
        let mut state = self.state();
        let gap = gap.of(state.target.layer, &state.target.target);
        state.target.gaps.push(gap.clone());
        drop(state);
        self.into.gap(gap);
    }

    fn step(&self, step: Step) {
        let (layer, target) = {
            let state = self.state();
            (state.target.layer, state.target.target.clone())
        };
        (self.tell)(Event::Step {
            layer,
            target,
            step: step.clone(),
        });
        self.into.step(step);
    }
}
