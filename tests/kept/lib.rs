//! What the tests of collectors share: a sink that keeps all, the audit of what it kept, and numbers that only look
//! random, for a second reader's objects.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be set up is a failed test that says so"
)]

use foursee::core::audit::Documents;
use foursee::core::model::Time;
use foursee::core::report::{JudgedFinding, Report};
use foursee_capture::manifest::NotCollected;
use foursee_capture::{CollectError, Collected, Collector, Sink, SinkError, Step, Terms};
use std::sync::Mutex;

/// A sink that keeps all.
#[derive(Default, Debug)]
pub struct Kept {
    /// The documents, as they came.
    pub documents: Mutex<Vec<Collected>>,
    /// What was not collected.
    pub gaps: Mutex<Vec<NotCollected>>,
    /// How far it came, step by step.
    pub steps: Mutex<Vec<Step>>,
}

impl Sink for Kept {
    fn document(&self, document: Collected) -> Result<(), SinkError> {
        let mut documents = self.documents.lock().unwrap();
        if documents.iter().any(|one| one.file == document.file) {
            return Err(SinkError {
                file: document.file,
                why: "twice".to_owned(),
            });
        }
        documents.push(document);
        Ok(())
    }

    fn gap(&self, gap: NotCollected) {
        self.gaps.lock().unwrap().push(gap);
    }

    fn step(&self, step: Step) {
        self.steps.lock().unwrap().push(step);
    }
}

impl Kept {
    /// What a document holds, as JSON.
    ///
    /// # Panics
    /// Where there is none of that name, or it is not JSON.
    #[must_use]
    pub fn json(&self, file: &str) -> serde_json::Value {
        let documents = self.documents.lock().unwrap();
        let document = documents.iter().find(|one| one.file == file);
        let document = document.unwrap_or_else(|| panic!("no {file}"));
        serde_json::from_str(&document.text).unwrap()
    }

    /// The names of the documents.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let documents = self.documents.lock().unwrap();
        documents.iter().map(|one| one.file.clone()).collect()
    }

    /// What was not collected.
    #[must_use]
    pub fn gaps(&self) -> Vec<NotCollected> {
        self.gaps.lock().unwrap().clone()
    }

    /// What it kept, opened, each document's text as it is made of its file's name and its text.
    pub fn open(&self, text: impl Fn(&str, String) -> String) -> foursee::Opened {
        let mut documents = Documents::new();
        for one in self.documents.lock().unwrap().iter() {
            let scope = one.scope.clone().or_else(|| one.context.clone());
            documents.push_scoped(one.file.clone(), text(&one.file, one.text.clone()), scope);
        }
        let mut audit = foursee::Audit::new().policy(foursee::config::default_policy());
        *audit.documents() = documents;
        audit.open().unwrap()
    }

    /// The report over all of it, the gaps too.
    #[must_use]
    pub fn audit(&self) -> Report {
        let mut documents = Documents::new();
        for one in self.documents.lock().unwrap().iter() {
            let scope = one.scope.clone().or_else(|| one.context.clone());
            documents.push_scoped(one.file.clone(), one.text.clone(), scope);
        }
        for gap in self.gaps() {
            documents.push_gap(gap.to_gap());
        }
        audit(documents)
    }
}

/// The report over documents, at a fixed time.
#[must_use]
pub fn audit(documents: Documents) -> Report {
    let mut audit = foursee::Audit::new()
        .policy(foursee::config::default_policy())
        .as_of(Time::parse("2026-11-28").unwrap());
    *audit.documents() = documents;
    audit.run().unwrap()
}

/// What a collector gives, and how it ended.
pub fn collect_with(collector: &dyn Collector, terms: &Terms) -> (Kept, Result<(), CollectError>) {
    let kept = Kept::default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let ended = runtime.block_on(collector.collect(&kept, terms));
    (kept, ended)
}

/// The same, with the usual terms.
pub fn collect(collector: &dyn Collector) -> (Kept, Result<(), CollectError>) {
    collect_with(collector, &Terms::default())
}

/// A finding as text, to be compared.
#[must_use]
pub fn plain(finding: &JudgedFinding) -> String {
    let says: Vec<_> = finding.evidence.iter().map(|one| one.says.clone()).collect();
    format!(
        "{} {} {} {:?} {says:?}",
        finding.fingerprint,
        finding.severity.as_str(),
        finding.title,
        finding.identities
    )
}

/// A layer's answers over documents, in the order of the questions.
#[must_use]
pub fn answers(layer: &str, documents: &Documents, questions: &[String]) -> Vec<serde_json::Value> {
    let mut audit = foursee::Audit::new().policy(foursee::config::default_policy());
    *audit.documents() = documents.clone();
    let opened = audit.open().unwrap();
    let decide = |question: &String| {
        let mut answer = Vec::new();
        opened.decide(layer, None, question, &mut answer).unwrap();
        serde_json::from_slice(&answer).unwrap()
    };
    questions.iter().map(decide).collect()
}

/// A small generator of numbers, seeded.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// A number below the end.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// One of these.
    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).unwrap()].clone()
    }

    /// A third of these, or, one time in so many, nothing said.
    pub fn some(&mut self, of: &[&str], nothing_one_in: u64) -> serde_json::Value {
        match self.below(nothing_one_in) {
            0 => serde_json::Value::Null,
            _ => of
                .iter()
                .filter(|_| self.below(3) == 0)
                .copied()
                .collect::<Vec<_>>()
                .into(),
        }
    }
}
