//! From documents to sealed facts: what is each document, whose is it, and what does it say.

use super::Library;
use super::confirm::Confirmer;
use crate::document::{Document, Format, Head, Landmarks};
use crate::estate::Scope;
use crate::judge::Policy;
use crate::layer::{Claim, QuestionError, ScopeClaim};
use crate::model::{DocId, Gap, Reason, ScopeId, glob};
use crate::registry::{Load, Loaded, Registry, in_order};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One document before anybody knows what it is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Input {
    /// Its name: '/' between folders.
    pub name: String,
    /// The text, in UTF-8 and without a byte-order mark.
    pub text: String,
    /// The scope that its capture's manifest states.
    pub scope: Option<String>,
}

/// The documents of an audit.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    inputs: Vec<Input>,
    gaps: Vec<Gap>,
}

/// A value that cannot be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{name}` as JSON: {why}")]
pub struct NotJson {
    /// The document's name.
    pub name: String,
    /// What serde said.
    pub why: String,
}

impl Documents {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a document as text.
    pub fn push_text(&mut self, name: impl Into<String>, text: impl Into<String>) -> &mut Self {
        self.inputs.push(Input {
            name: name.into(),
            text: text.into(),
            scope: None,
        });
        self
    }

    /// Adds a document whose scope is known from elsewhere.
    pub fn push_scoped(
        &mut self,
        name: impl Into<String>,
        text: impl Into<String>,
        scope: Option<String>,
    ) -> &mut Self {
        self.inputs.push(Input {
            name: name.into(),
            text: text.into(),
            scope,
        });
        self
    }

    /// Adds what a program already holds, whatever its types: anything that serialises as the platform's own JSON.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    pub fn push(
        &mut self,
        name: impl Into<String>,
        value: &impl serde::Serialize,
    ) -> Result<&mut Self, NotJson> {
        let name = name.into();
        match serde_json::to_string(value) {
            Ok(text) => Ok(self.push_text(name, text)),
            Err(error) => Err(NotJson {
                name,
                why: error.to_string(),
            }),
        }
    }

    /// Adds what could not be read.
    pub fn push_gap(&mut self, gap: Gap) -> &mut Self {
        self.gaps.push(gap);
        self
    }

    /// The documents so far.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Keeps the documents for which it says so.
    pub fn retain(&mut self, keep: impl FnMut(&Input) -> bool) {
        self.inputs.retain(keep);
    }
}

/// Documents, read: every scope's facts and its exact authorizer.
pub struct Opened {
    scopes: Vec<Scope>,
    library: Arc<Library>,
    loaded: Vec<Arc<dyn Loaded>>,
    gaps: Vec<Gap>,
    kinds: BTreeSet<(ScopeId, String)>,
    of_scope: BTreeMap<ScopeId, usize>,
}

impl Opened {
    /// The scopes, in the order of (layer, name).
    #[must_use]
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// What was loaded, by scope id.
    #[must_use]
    pub fn loaded(&self) -> &[Arc<dyn Loaded>] {
        &self.loaded
    }

    /// What could not be read.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The documents.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }

    pub(super) fn shared_library(&self) -> Arc<Library> {
        Arc::clone(&self.library)
    }

    /// Who confirms hops.
    #[must_use]
    pub fn confirm(&self) -> impl crate::graph::Confirm + '_ {
        Confirmer(&self.loaded)
    }

    /// Whether a scope has a document of that kind.
    #[must_use]
    pub fn has(&self, scope: ScopeId, kind: &str) -> bool {
        self.kinds.contains(&(scope, kind.to_owned()))
    }

    /// The kinds of documents that a scope has.
    #[must_use]
    pub fn kinds(&self, scope: ScopeId) -> Vec<String> {
        self.kinds
            .range((scope, String::new())..)
            .take_while(|(of, _)| *of == scope)
            .map(|(_, kind)| kind.clone())
            .collect()
    }

    /// How many documents spoke of a scope.
    #[must_use]
    pub fn documents_of(&self, scope: ScopeId) -> usize {
        self.of_scope.get(&scope).copied().unwrap_or(0)
    }

    /// The facts of a layer's scope, if they are of that type.
    #[must_use]
    pub fn facts<F: 'static>(&self, scope: ScopeId) -> Option<&F> {
        self.loaded.get(scope.index())?.facts().downcast_ref()
    }

    /// The scope that a question to a layer means: the named one, by name or title, or the only one.
    ///
    /// # Errors
    /// When no scope has that name, or several could be meant.
    pub fn scope_of(
        &self,
        layer: &str,
        name: Option<&str>,
    ) -> Result<Option<&Arc<dyn Loaded>>, QuestionError> {
        let of_layer: Vec<&Arc<dyn Loaded>> = self.loaded.iter().filter(|one| one.layer() == layer).collect();
        let row = |one: &Arc<dyn Loaded>| self.scopes.get(one.scope().index());
        match (name, of_layer.as_slice()) {
            (None, []) => Ok(None),
            (None, [only]) => Ok(Some(only)),
            (None, _) => Err(QuestionError::Ambiguous {
                scopes: of_layer
                    .iter()
                    .filter_map(|one| row(one))
                    .map(|scope| scope.name.to_string())
                    .collect(),
            }),
            (Some(name), _) => {
                let mut named = of_layer.iter().filter(|one| {
                    row(one).is_some_and(|scope| *scope.name == *name || *scope.title == *name)
                });
                match (named.next(), named.next()) {
                    (Some(one), None) => Ok(Some(one)),
                    (Some(_), Some(_)) => Err(QuestionError::Ambiguous {
                        scopes: vec![name.to_owned()],
                    }),
                    (None, _) => Err(QuestionError::Unknown {
                        what: name.to_owned(),
                        scope: of_layer
                            .iter()
                            .filter_map(|one| row(one))
                            .map(|s| s.name.to_string())
                            .collect::<Vec<_>>()
                            .join(", "),
                    }),
                }
            }
        }
    }

    /// Answers one question to a layer. A layer without documents answers over an empty scope.
    ///
    /// # Errors
    /// When there is no such layer, several scopes could be meant, or the question is not one of the layer's.
    pub fn decide(
        &self,
        registry: &Registry,
        layer: &str,
        scope: Option<&str>,
        question: &str,
        answer: &mut Vec<u8>,
    ) -> Result<(), QuestionError> {
        if let Some(loaded) = self.scope_of(layer, scope)? {
            return loaded.decide(question, answer);
        }
        let at = registry.layer_ids().iter().position(|id| *id == layer);
        let empty = at.and_then(|at| registry.load(at, ScopeId(0), Vec::new(), 1));
        match empty {
            Some(load) => load.loaded.decide(question, answer),
            None => Err(QuestionError::NoLayer {
                layer: layer.to_owned(),
                known: registry.layer_ids().into_iter().map(str::to_owned).collect(),
            }),
        }
    }
}

/// One document, recognised.
struct Recognised {
    input: Input,
    layer: usize,
    claim: Claim,
}

/// Reads documents into facts, each scope sealed.
#[must_use]
pub fn open(documents: Documents, registry: &Registry, policy: &Policy, threads: usize) -> Opened {
    let Documents { mut inputs, mut gaps } = documents;
    inputs.sort_by(|a, b| (&a.name, &a.text).cmp(&(&b.name, &b.text)));
    let heads = in_order(inputs, threads, |input| {
        let claim = if u32::try_from(input.text.len()).is_ok() {
            registry.recognise(&Head::new(&input.name, &input.text))
        } else {
            None
        };
        (input, claim)
    });
    let mut known: Vec<Recognised> = Vec::new();
    for (input, claim) in heads {
        match claim {
            Some((layer, claim)) => known.push(Recognised { input, layer, claim }),
            None => gaps.push(unrecognised(&input)),
        }
    }
    let ids = registry.layer_ids();
    let layer_of = |at: usize| ids.get(at).copied().unwrap_or_default();
    let scopes_of = assign(&known, policy, &layer_of, &mut gaps);

    let names: BTreeSet<(&str, &str)> = scopes_of
        .iter()
        .zip(&known)
        .flat_map(|(all, one)| all.iter().map(move |name| (layer_of(one.layer), &**name)))
        .collect();
    let scopes: Vec<Scope> = names
        .iter()
        .map(|(layer, name)| scope_row(policy, layer, name))
        .collect();
    for said in &policy.scopes {
        let there = scopes.iter().any(|scope| {
            *scope.name == *said.name && said.layer.as_deref().is_none_or(|only| *only == *scope.layer)
        });
        if !there {
            let title = said.title.as_deref().unwrap_or(&said.name);
            let mut gap = Gap::new(Reason::NotCaptured, format!("scope {title} ({})", said.name))
                .facet("the configuration names it, and no document is of it")
                .hides("everything that it says, and the ways through it")
                .closes("its exports beside the others");
            gap.layer = said.layer.as_deref().unwrap_or_default().into();
            gaps.push(gap);
        }
    }
    let scope_id = |layer: &str, name: &str| {
        let at = scopes.partition_point(|scope| (&*scope.layer, &*scope.name) < (layer, name));
        ScopeId(u32::try_from(at).unwrap_or(u32::MAX))
    };

    let mut kinds = BTreeSet::new();
    let mut of_scope: BTreeMap<ScopeId, usize> = BTreeMap::new();
    let mut groups: BTreeMap<ScopeId, (usize, Vec<Document>)> = BTreeMap::new();
    let mut unread: Vec<(Document, Landmarks)> = Vec::new();
    for (number, (one, names)) in known.into_iter().zip(&scopes_of).enumerate() {
        let text = Arc::new(one.input.text);
        let name: Arc<str> = one.input.name.into();
        let document = |scope: ScopeId, text: Arc<String>| Document {
            id: DocId(u32::try_from(number).unwrap_or(u32::MAX)),
            name: Arc::clone(&name),
            scope,
            kind: one.claim.kinds.first().copied().unwrap_or_default(),
            text,
        };
        unread.push((document(ScopeId(u32::MAX), Arc::default()), Landmarks::default()));
        for scope in names {
            let scope = scope_id(layer_of(one.layer), scope);
            kinds.extend(one.claim.kinds.iter().map(|kind| (scope, (*kind).to_owned())));
            *of_scope.entry(scope).or_default() += 1;
            groups
                .entry(scope)
                .or_insert_with(|| (one.layer, Vec::new()))
                .1
                .push(document(scope, Arc::clone(&text)));
        }
    }
    let groups: Vec<(ScopeId, (usize, Vec<Document>))> = groups.into_iter().collect();
    let within = threads.div_ceil(groups.len().max(1));
    let loads: Vec<Option<Load>> = in_order(groups, threads, |(scope, (layer, documents))| {
        registry.load(layer, scope, documents, within)
    });

    // A document that binds no scope that was read is held too, empty: places are numbered by document.
    let mut slots: Vec<(Document, Landmarks)> = unread;
    let mut loaded = Vec::new();
    for load in loads.into_iter().flatten() {
        gaps.extend(load.gaps);
        loaded.push(load.loaded);
        for (document, landmarks) in load.documents.into_iter().zip(load.landmarks) {
            let at = document.id.index();
            if let Some(slot) = slots.get_mut(at) {
                *slot = (document, landmarks);
            }
        }
    }
    let (documents, landmarks): (Vec<Document>, Vec<Landmarks>) = slots.into_iter().unzip();
    let library = Arc::new(Library::new(documents, landmarks));
    Opened {
        scopes,
        library,
        loaded,
        gaps,
        kinds,
        of_scope,
    }
}

fn unrecognised(input: &Input) -> Gap {
    let reason = match Head::new(&input.name, &input.text).format() {
        Format::Empty => Reason::Malformed,
        _ if u32::try_from(input.text.len()).is_err() => Reason::TooLarge,
        _ => Reason::Unsupported,
    };
    let what = match reason {
        Reason::Malformed => "an empty file",
        Reason::TooLarge => "more than 4 GiB",
        _ => "no layer recognises it",
    };
    Gap::new(reason, input.name.clone())
        .facet(what)
        .hides("whatever it says")
        .closes("an export that `foursee rules --documents` lists, or its removal")
}

fn scope_row(policy: &Policy, layer: &str, name: &str) -> Scope {
    let said = policy.scope(layer, name);
    Scope {
        layer: layer.into(),
        name: name.into(),
        title: said.and_then(|one| one.title.as_deref()).unwrap_or(name).into(),
        environment: said.and_then(|one| one.environment.as_deref()).map(Into::into),
        endpoints: said
            .map(|one| one.endpoints.iter().map(|one| one.as_str().into()).collect())
            .unwrap_or_default(),
    }
}

/// Whose each document is: by its content, its capture's manifest, the configuration, or the folder that holds it.
fn assign(
    known: &[Recognised],
    policy: &Policy,
    layer_of: &dyn Fn(usize) -> &'static str,
    gaps: &mut Vec<Gap>,
) -> Vec<Vec<Arc<str>>> {
    let mut names: Vec<Vec<Arc<str>>> = known
        .iter()
        .map(|one| match (&one.claim.scope, &one.input.scope) {
            (ScopeClaim::One(name), _) => vec![Arc::from(name.as_str())],
            (ScopeClaim::Shared(_), _) => Vec::new(),
            (ScopeClaim::Unsaid, Some(name)) => vec![Arc::from(name.as_str())],
            (ScopeClaim::Unsaid, None) => {
                let layer = layer_of(one.layer);
                let mut said = policy
                    .scopes
                    .iter()
                    .filter(|scope| scope.layer.as_deref().is_none_or(|only| only == layer));
                said.find(|scope| scope.files.iter().any(|file| glob(file, &one.input.name)))
                    .map(|scope| Arc::from(scope.name.as_str()))
                    .into_iter()
                    .collect()
            }
        })
        .collect();
    let layers: BTreeSet<usize> = known.iter().map(|one| one.layer).collect();
    for layer in layers {
        // Folder (and every folder above it) -> the scopes named by documents in it.
        let mut said: BTreeMap<&str, BTreeSet<Arc<str>>> = BTreeMap::new();
        for (one, names) in known.iter().zip(&names).filter(|(one, _)| one.layer == layer) {
            for name in names {
                for folder in folders(&one.input.name) {
                    said.entry(folder).or_default().insert(Arc::clone(name));
                }
            }
        }
        let mut unnamed: BTreeSet<&str> = BTreeSet::new();
        let mut waiting: Vec<(usize, &str)> = Vec::new();
        for (at, one) in known.iter().enumerate().filter(|(_, one)| one.layer == layer) {
            let open =
                matches!(one.claim.scope, ScopeClaim::Unsaid) && names.get(at).is_some_and(Vec::is_empty);
            if !open {
                continue;
            }
            let nearest = folders(&one.input.name).find_map(|folder| said.get(folder));
            match nearest {
                Some(only) if only.len() == 1 => {
                    if let Some(slot) = names.get_mut(at) {
                        slot.extend(only.iter().cloned());
                    }
                }
                _ => {
                    let folder = folders(&one.input.name).next().unwrap_or_default();
                    unnamed.insert(folder);
                    waiting.push((at, folder));
                }
            }
        }
        let lone = unnamed.len() == 1 && said.is_empty();
        for folder in &unnamed {
            let name = if lone {
                "unnamed"
            } else if folder.is_empty() {
                "."
            } else {
                folder
            };
            let files = if folder.is_empty() {
                "*".to_owned()
            } else {
                format!("{folder}/*")
            };
            let mut gap = Gap::new(Reason::Ambiguous, format!("the name of the scope of {files}"))
                .hides(if lone {
                    "how its findings compare with those of a report under its real name"
                } else {
                    "whether these documents belong to a scope that others name, and so what they say together"
                })
                .closes(format!("in foursee.toml: [scope.\"NAME\"] files = [\"{files}\"]"));
            gap.layer = layer_of(layer).into();
            gaps.push(gap);
            for (at, _) in waiting.iter().filter(|(_, of)| of == folder) {
                if let Some(slot) = names.get_mut(*at) {
                    slot.push(Arc::from(name));
                }
            }
        }
        let all: BTreeSet<Arc<str>> = known
            .iter()
            .zip(&names)
            .filter(|(one, _)| one.layer == layer)
            .flat_map(|(_, names)| names.iter().cloned())
            .collect();
        for (at, one) in known.iter().enumerate().filter(|(_, one)| one.layer == layer) {
            let ScopeClaim::Shared(bound) = &one.claim.scope else {
                continue;
            };
            // Bound scopes of which nothing else was read say nothing; a document that names none binds all.
            let binds = |name: &Arc<str>| bound.is_empty() || bound.iter().any(|one| **one == **name);
            let Some(slot) = names.get_mut(at) else {
                continue;
            };
            slot.extend(all.iter().filter(|name| binds(name)).cloned());
            if slot.is_empty() {
                let of = if bound.is_empty() {
                    "it binds".to_owned()
                } else {
                    bound.join(", ")
                };
                let mut gap = Gap::new(
                    Reason::NotCaptured,
                    format!("the scopes that {} binds", one.input.name),
                )
                .facet(of)
                .hides("whom its statements hold for")
                .closes("exports of these scopes beside it");
                gap.layer = layer_of(layer).into();
                gaps.push(gap);
            }
        }
    }
    names
}

/// The folder of a name, and those above it, nearest first; the last is "".
fn folders(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(name);
    std::iter::from_fn(move || {
        let of = rest?;
        let folder = of.rfind('/').and_then(|at| of.get(..at)).unwrap_or_default();
        rest = (!folder.is_empty()).then_some(folder);
        Some(folder)
    })
}
