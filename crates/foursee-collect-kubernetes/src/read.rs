//! What is read of a cluster: which one it is, what the server says of itself, then all kinds side by side. What is
//! refused, gone, broken or too late is a gap of its own.

use crate::client::{Client, Failure};
use crate::kinds::{KINDS, Kind, NAMESPACES, SAID, Said};
use crate::listing::{self, Part};
use foursee_capture::manifest::NotCollected;
use foursee_capture::{CollectError, Collected, Permission, Sink, Step, Terms};
use foursee_core::model::Reason;
use kube::api::ListParams;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How many chunks wait to be kept.
const WAITING: usize = 2;

/// One cluster being read.
pub(crate) struct Reading<'a> {
    client: Client,
    into: &'a dyn Sink,
    terms: &'a Terms,
    target: String,
    chunk: NonZeroU32,
    scope: Option<String>,
    documents: usize,
    refused: Option<Failure>,
}

/// How far a kind has come.
#[derive(Default)]
struct Come {
    documents: usize,
    objects: u64,
    ended: bool,
}

impl<'a> Reading<'a> {
    pub(crate) const fn new(
        client: Client,
        into: &'a dyn Sink,
        terms: &'a Terms,
        target: String,
        chunk: NonZeroU32,
    ) -> Self {
        Self {
            client,
            into,
            terms,
            target,
            chunk,
            scope: None,
            documents: 0,
            refused: None,
        }
    }

    /// Reads all of it.
    pub(crate) async fn all(mut self) -> Result<(), CollectError> {
        self.cluster().await?;
        for said in SAID {
            self.said(said).await?;
        }
        self.kinds().await?;
        match self.refused.take() {
            Some(failure) if self.documents == 0 => Err(self.nothing(failure)),
            _ => Ok(()),
        }
    }

    /// Which cluster it is: the uid of the namespace kube-system. Whether this may be read, the listing of namespaces
    /// says; here it is only whether there is a server.
    async fn cluster(&mut self) -> Result<(), CollectError> {
        #[derive(Deserialize, Default)]
        struct List {
            #[serde(default)]
            items: Vec<Item>,
        }
        #[derive(Deserialize)]
        struct Item {
            metadata: Meta,
        }
        #[derive(Deserialize)]
        struct Meta {
            name: String,
            #[serde(default)]
            uid: String,
        }
        self.into.step(Step::new("cluster", 0, Some(1)));
        let terms = ListParams::default().fields("metadata.name=kube-system");
        let answer = match listing::uri(&NAMESPACES.path(), &terms) {
            Ok(call) => self.client.get(&call, "application/json").await,
            Err(failure) => Err(failure),
        };
        match answer {
            Ok(text) => {
                let list: List = serde_json::from_str(&text).unwrap_or_default();
                self.scope = list
                    .items
                    .into_iter()
                    .map(|item| item.metadata)
                    .find(|meta| meta.name == "kube-system" && !meta.uid.is_empty())
                    .map(|meta| meta.uid);
                Ok(())
            }
            Err(failure @ (Failure::Login(_) | Failure::Lost(_) | Failure::Deadline)) => {
                Err(self.nothing(failure))
            }
            Err(_) => Ok(()),
        }
    }

    /// A document of the server itself.
    async fn said(&mut self, said: &Said) -> Result<(), CollectError> {
        let answer = self.client.get(said.path, "application/json").await;
        let whole = |text: &String| {
            text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
        };
        match answer.and_then(|text| whole(&text).then_some(text).ok_or(Failure::Malformed)) {
            Ok(text) => self.give(said.file.to_owned(), said.document, text),
            Err(failure) => {
                self.gap(said.path, said.path, &said.permission, &failure);
                Ok(())
            }
        }
    }

    /// Every kind, side by side; the client counts how many calls that is at a time.
    async fn kinds(&mut self) -> Result<(), CollectError> {
        let (to, mut parts) = mpsc::channel(WAITING);
        // Dropped, it ends its tasks.
        let mut tasks = JoinSet::new();
        for kind in KINDS {
            tasks.spawn(listing::list(self.client.clone(), kind, self.chunk, to.clone()));
        }
        drop(to);
        let mut come: BTreeMap<&str, Come> = BTreeMap::new();
        while let Some((kind, part)) = parts.recv().await {
            let come = come.entry(kind.plural).or_default();
            come.ended |= matches!(part, Part::End(_));
            match part {
                Part::Chunk(text, objects, of) => {
                    come.objects += objects;
                    if let Some(text) = text {
                        come.documents += 1;
                        let file = match come.documents {
                            1 => format!("{}.json", kind.plural),
                            part => format!("{}-{part}.json", kind.plural),
                        };
                        self.give(file, kind.document, text)?;
                    }
                    self.into.step(Step::new(kind.plural, come.objects, of));
                }
                Part::End(Ok(())) => {
                    let all = come.objects;
                    self.into.step(Step::new(kind.plural, all, Some(all)));
                }
                Part::End(Err(failure)) => self.broken(kind, come.documents, &failure),
            }
        }
        for kind in KINDS {
            let come = come.remove(kind.plural).unwrap_or_default();
            if !come.ended {
                let failure = Failure::Lost("its reading ended early".to_owned());
                self.broken(kind, come.documents, &failure);
            }
        }
        Ok(())
    }

    /// The gap of a kind that was not read, or not to its end.
    fn broken(&mut self, kind: &Kind, documents: usize, failure: &Failure) {
        // Where nobody installed it there is nothing of it to read.
        if kind.installed && documents == 0 && *failure == Failure::Absent {
            return;
        }
        let what = if documents == 0 {
            kind.plural.to_owned()
        } else {
            format!("the rest of {}", kind.plural)
        };
        let mut permission = kind.permission;
        if kind.recent() && *failure == Failure::Absent {
            permission.hides = "nothing: such a server holds no objects of a kind that it does not serve";
        }
        self.gap(&what, &kind.path(), &permission, failure);
    }

    fn give(&mut self, file: String, kind: &str, text: String) -> Result<(), CollectError> {
        let mut document = Collected::new(file, kind, text).context(self.target.as_str());
        document.scope.clone_from(&self.scope);
        self.into.document(document)?;
        self.documents += 1;
        Ok(())
    }

    fn gap(&mut self, what: &str, path: &str, permission: &Permission, failure: &Failure) {
        let Permission { name, grant, .. } = *permission;
        let again = || "capture again".to_owned();
        let (reason, facet, closes) = match failure {
            Failure::Denied(said) => (
                Reason::Denied,
                format!("{name} was refused: {said}"),
                format!(
                    "allow {name}: the rule `{}` in a ClusterRole (foursee permissions kubernetes)",
                    grant.trim_start_matches("- ")
                ),
            ),
            Failure::Login(said) => (
                Reason::Denied,
                format!("{name} was refused, the login does not count: {said}"),
                "log in to the context anew, then capture again".to_owned(),
            ),
            Failure::Absent => (
                Reason::NotCaptured,
                format!("not served: this server has no {path}"),
                format!("nothing here: a server that serves {path}"),
            ),
            Failure::Expired => (
                Reason::NotCaptured,
                "the server forgot where the listing was, again and again".to_owned(),
                "capture again, at a quieter time".to_owned(),
            ),
            Failure::Answer(status, said) => (
                Reason::NotCaptured,
                format!("{name} failed with status {status}: {said}"),
                again(),
            ),
            Failure::Lost(why) => (Reason::NotCaptured, format!("{name} was cut off: {why}"), again()),
            Failure::TooLarge => (
                Reason::TooLarge,
                "the answer is larger than 256 MiB".to_owned(),
                format!("kubectl get {what} -A -o json, beside the capture"),
            ),
            Failure::Malformed => (
                Reason::Malformed,
                format!("{name} gave what is not of the form that API servers give"),
                again(),
            ),
            Failure::Deadline => (
                Reason::NotCaptured,
                "the deadline came before it was read".to_owned(),
                "capture again with a longer deadline or more concurrency".to_owned(),
            ),
        };
        let mut gap = NotCollected::default();
        gap.layer = "kubernetes".to_owned();
        gap.scope.clone_from(&self.scope);
        gap.target = format!("{what} of {}", self.target);
        gap.facet = facet;
        gap.reason = reason.as_str().to_owned();
        gap.hides = permission.hides.to_owned();
        gap.closes = closes;
        self.into.gap(gap);
        self.refused.get_or_insert_with(|| failure.clone());
    }

    /// Why the target gave nothing.
    fn nothing(&self, failure: Failure) -> CollectError {
        let target = self.target.clone();
        match failure {
            Failure::Denied(why) | Failure::Login(why) => CollectError::Refused { target, why },
            Failure::Deadline => CollectError::Deadline {
                target,
                deadline: self.terms.deadline,
            },
            Failure::Lost(why) => CollectError::Unreachable { target, why },
            Failure::Answer(status, said) => CollectError::Unreachable {
                target,
                why: format!("it answers with status {status}: {said}"),
            },
            Failure::Absent | Failure::Expired | Failure::TooLarge | Failure::Malformed => {
                CollectError::Unreachable {
                    target,
                    why: "what answers there is no API server".to_owned(),
                }
            }
        }
    }
}
