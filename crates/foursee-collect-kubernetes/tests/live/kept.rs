//! A sink that keeps all, and the audit of what it kept.

use foursee::core::audit::Documents;
use foursee::core::model::Time;
use foursee::core::report::Report;
use foursee_capture::manifest::NotCollected;
use foursee_capture::{CollectError, Collected, Collector, Sink, SinkError, Step, Terms};
use std::sync::Mutex;

#[derive(Default)]
pub struct Kept {
    pub documents: Mutex<Vec<Collected>>,
    pub gaps: Mutex<Vec<NotCollected>>,
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
    pub fn json(&self, file: &str) -> serde_json::Value {
        let documents = self.documents.lock().unwrap();
        let document = documents.iter().find(|one| one.file == file);
        let document = document.unwrap_or_else(|| panic!("no {file}"));
        serde_json::from_str(&document.text).unwrap()
    }

    pub fn files(&self) -> Vec<String> {
        let documents = self.documents.lock().unwrap();
        documents.iter().map(|one| one.file.clone()).collect()
    }

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
