//! A capture that never touches the disk: what collectors give, as reading it back would give it.

use crate::collect::{Collected, Sink, SinkError, Step};
use crate::gaps;
use crate::manifest::{self, NotCollected};
use crate::write::{Options, names};
use crate::{Input, Reading, split};
use foursee_core::model::Gap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds what collectors give, for an audit in the same process.
///
/// ```
/// use foursee_capture::{Collected, Memory, Options, Sink};
/// let memory = Memory::new(Options::default());
/// memory.sink("kafka", "broker:9092").document(Collected::new("acls.txt", "acls", "...")).unwrap();
/// assert_eq!(memory.finish(true).inputs[0].name, "kafka/broker%3a9092/acls.txt");
/// ```
#[derive(Debug, Default)]
pub struct Memory {
    options: Options,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    given: BTreeSet<(String, String, String)>,
    documents: BTreeMap<String, Collected>,
    gaps: BTreeMap<(String, String), Vec<NotCollected>>,
}

impl Memory {
    /// Holds nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            state: Mutex::default(),
        }
    }

    /// Where the documents of one target go.
    #[must_use]
    pub fn sink(&self, layer: &str, target: &str) -> MemorySink<'_> {
        MemorySink {
            memory: self,
            layer: layer.to_owned(),
            target: target.to_owned(),
        }
    }

    /// What reading the same capture back from the disk would give. `complete` says whether collecting came to its end.
    #[must_use]
    pub fn finish(self, complete: bool) -> Reading {
        let State { documents, gaps, .. } = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut reading = Reading::default();
        for (name, document) in documents {
            let input = |name: String, text: String| Input {
                name,
                argument: 0,
                text,
                scope: document.scope.clone(),
                context: document.context.clone().or_else(|| self.options.context.clone()),
                created: self.options.created.clone(),
            };
            let parts: Vec<String> = match split(&document.text).as_slice() {
                parts if parts.len() > 1 => parts.iter().map(|part| (*part).to_owned()).collect(),
                _ => Vec::new(),
            };
            if document.text.trim().is_empty() {
                reading.gaps.push(gaps::empty(&name).1);
            } else if parts.is_empty() {
                reading.inputs.push(input(name, document.text.clone()));
            } else {
                let numbered = parts.into_iter().enumerate();
                reading
                    .inputs
                    .extend(numbered.map(|(at, part)| input(format!("{name}#{}", at + 1), part)));
            }
        }
        if !complete {
            reading.gaps.push(gaps::incomplete(manifest::NAME).1);
        }
        let stated = gaps.values().flatten().map(NotCollected::to_gap);
        reading.gaps.extend(stated.collect::<Vec<Gap>>());
        reading
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sink of one target of a [`Memory`].
#[derive(Debug)]
pub struct MemorySink<'m> {
    memory: &'m Memory,
    layer: String,
    target: String,
}

impl Sink for MemorySink<'_> {
    fn document(&self, document: Collected) -> Result<(), SinkError> {
        let mut state = self.memory.state();
        let given = (self.layer.clone(), self.target.clone(), document.file.clone());
        if !state.given.insert(given) {
            let why = "two documents of this name".to_owned();
            return Err(SinkError {
                file: document.file,
                why,
            });
        }
        let name = names::encode(&self.layer, &self.target, &document.file);
        state.documents.insert(name, document);
        Ok(())
    }

    fn gap(&self, gap: NotCollected) {
        let key = (self.layer.clone(), self.target.clone());
        let gap = gap.of(&self.layer, &self.target);
        self.memory.state().gaps.entry(key).or_default().push(gap);
    }

    fn step(&self, _: Step) {}
}
