//! From documents to sealed facts: what is each document, whose is it, and what does it say.

use super::Library;
use super::assign::assign;
use super::confirm::Confirmer;
use super::documents::{Documents, Input};
use crate::document::{Document, Format, Head, Landmarks};
use crate::estate::Scope;
use crate::judge::Policy;
use crate::layer::{Claim, QuestionError, ScopeClaim};
use crate::model::{DocId, Gap, Reason, ScopeId, Time};
use crate::registry::{Load, Loaded, Parsed, Registry, in_order};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Documents, read: every scope's facts and its exact authorizer.
pub struct Opened {
    scopes: Vec<Scope>,
    library: Arc<Library>,
    loaded: Vec<Arc<dyn Loaded>>,
    gaps: Vec<Gap>,
    kinds: BTreeSet<(ScopeId, String)>,
    of_scope: BTreeMap<ScopeId, usize>,
    oldest: Option<Time>,
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

    /// When the oldest document was made, of those whose captures say so.
    #[must_use]
    pub fn oldest(&self) -> Option<Time> {
        self.oldest
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
        let empty = at.and_then(|at| registry.load(at, ScopeId(0), Vec::new()));
        match empty {
            Some(load) => load.loaded.decide(question, answer),
            None => Err(QuestionError::NoLayer {
                layer: layer.to_owned(),
                known: registry.layer_ids().into_iter().map(str::to_owned).collect(),
            }),
        }
    }
}

/// One document, recognised, and read unless it binds several scopes: then each reads it anew.
pub(super) struct Recognised {
    pub(super) document: Document,
    /// The scope that its capture's manifest states.
    pub(super) stated: Option<String>,
    pub(super) layer: usize,
    pub(super) claim: Claim,
    pub(super) parsed: Option<Parsed>,
}

/// Reads documents into facts, each scope sealed.
#[must_use]
pub fn open(documents: Documents, registry: &Registry, policy: &Policy, threads: usize) -> Opened {
    let Documents { mut inputs, mut gaps } = documents;
    let oldest = inputs.iter().filter_map(|input| input.made).min();
    inputs.sort_by(|a, b| (&a.name, &a.text).cmp(&(&b.name, &b.text)));
    let heads = in_order(inputs, threads, |input| {
        let claim = if u32::try_from(input.text.len()).is_ok() {
            registry.recognise(&Head::new(&input.name, &input.text))
        } else {
            None
        };
        (input, claim)
    });
    let mut claimed: Vec<Recognised> = Vec::new();
    for (input, claim) in heads {
        match claim {
            Some((layer, claim)) => claimed.push(Recognised {
                document: Document {
                    id: DocId(u32::try_from(claimed.len()).unwrap_or(u32::MAX)),
                    name: input.name.into(),
                    scope: ScopeId(u32::MAX),
                    kind: claim.kinds.first().copied().unwrap_or_default(),
                    text: Arc::new(input.text),
                },
                stated: input.scope,
                layer,
                claim,
                parsed: None,
            }),
            None => gaps.push(unrecognised(&input)),
        }
    }
    let known = in_order(claimed, threads, |one| parsed(registry, one));
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
    let mut groups: BTreeMap<ScopeId, (usize, Vec<Parsed>)> = BTreeMap::new();
    let mut unread: Vec<(Document, Landmarks)> = Vec::new();
    for (one, names) in known.into_iter().zip(&scopes_of) {
        let empty = Document {
            text: Arc::default(),
            ..one.document.clone()
        };
        unread.push((empty, Landmarks::default()));
        let mut parsed = one.parsed;
        for scope in names {
            let scope = scope_id(layer_of(one.layer), scope);
            kinds.extend(one.claim.kinds.iter().map(|kind| (scope, (*kind).to_owned())));
            *of_scope.entry(scope).or_default() += 1;
            let part = parsed
                .take()
                .or_else(|| registry.parse(one.layer, one.document.clone(), one.claim.events));
            let group = groups.entry(scope).or_insert_with(|| (one.layer, Vec::new()));
            group.1.extend(part);
        }
    }
    let groups: Vec<(ScopeId, (usize, Vec<Parsed>))> = groups.into_iter().collect();
    let loads: Vec<Option<Load>> = in_order(groups, threads, |(scope, (layer, documents))| {
        registry.load(layer, scope, documents)
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
        oldest,
    }
}

/// Reads a document of one scope, which its own text may name, and completes its claim.
fn parsed(registry: &Registry, mut one: Recognised) -> Recognised {
    if matches!(one.claim.scope, ScopeClaim::Shared(_)) {
        return one;
    }
    let text = std::mem::take(&mut one.document.text);
    let whole = Document {
        text,
        ..one.document.clone()
    };
    one.parsed = registry.parse(one.layer, whole, one.claim.events);
    if let Some(parsed) = &mut one.parsed {
        let kinds = std::mem::take(&mut parsed.notes.kinds);
        let claimed = &mut one.claim.kinds;
        claimed.extend(
            kinds
                .into_iter()
                .filter(|kind| !claimed.contains(kind))
                .collect::<Vec<_>>(),
        );
        parsed.document.kind = claimed.first().copied().unwrap_or_default();
        let scope = parsed.notes.scope.take();
        if let (ScopeClaim::Unsaid, Some(name)) = (&one.claim.scope, scope) {
            one.claim.scope = ScopeClaim::One(name);
        }
    }
    one
}

/// Why nobody reads a document. JSON that breaks off, or is none, is said to be so, with the line: what a layer would
/// have known it by may stand behind that.
fn unrecognised(input: &Input) -> Gap {
    let (reason, what) = match Head::new(&input.name, &input.text).format() {
        _ if u32::try_from(input.text.len()).is_err() => (Reason::TooLarge, "more than 4 GiB".to_owned()),
        Format::Empty => (Reason::Malformed, "an empty file".to_owned()),
        Format::JsonObject | Format::JsonArray => match broken(&input.text) {
            None => (Reason::Unsupported, "no layer recognises it".to_owned()),
            Some((true, line, column)) => (
                Reason::Truncated,
                format!("JSON that breaks off at line {line} column {column}"),
            ),
            Some((false, line, column)) => (
                Reason::Malformed,
                format!("not JSON from line {line} column {column} on, although it begins so"),
            ),
        },
        Format::Text => (Reason::Unsupported, "no layer recognises it".to_owned()),
    };
    Gap::new(reason, input.name.clone())
        .facet(what)
        .hides("whatever it says")
        .closes("an export that `foursee rules --documents` lists, or its removal")
}

/// Where the first of a document's JSON texts that is none goes wrong, and whether only its end is missing: (breaks off,
/// line, column), from 1.
fn broken(text: &str) -> Option<(bool, usize, usize)> {
    let mut texts = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let error = texts.find_map(Result::err)?;
    Some((error.is_eof(), error.line(), error.column().max(1)))
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
