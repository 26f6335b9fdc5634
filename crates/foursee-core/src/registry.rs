//! Which layers and rules there are. All type erasure is in this file: inside `Held` everything is typed.

use crate::document::{Document, Head, Held as HeldText, Landmarks, Notes, fold};
use crate::estate::{Estate, Lowering};
use crate::finding::{Finding, Findings, Meta};
use crate::graph::{Confirm, Graph};
use crate::layer::{Asked, Claim, DocumentKind, Granted, Holds, Hop, Layer, QuestionError, Rule, View, Who};
use crate::model::{DocId, Gap, Ladder, ScopeId, Time};
use crate::rightsize::{Ask, Proposals};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The layers and rules of an audit.
#[derive(Default)]
pub struct Registry {
    layers: Vec<Box<dyn Plugged>>,
    rules: Vec<Arc<dyn Rule<()>>>,
}

/// Why a layer or rule cannot be registered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// There is a layer of that name already.
    #[error("there are two layers `{0}`")]
    TwoLayers(&'static str),
    /// There is a rule of that name already.
    #[error("there are two rules `{0}`")]
    TwoRules(&'static str),
    /// No layer has the facts that the rule is over.
    #[error("rule `{0}` is over facts that no layer has; register the layer first")]
    NoSuchFacts(&'static str),
    /// A version that a layer cannot be asked as of.
    #[error("layer `{layer}` cannot be asked as of version `{version}`: {why}")]
    NoSuchVersion {
        /// The layer.
        layer: String,
        /// The version.
        version: String,
        /// Why.
        why: String,
    },
}

impl Registry {
    /// A registry with the rules that only the graph can make, and no layer.
    #[must_use]
    pub fn new() -> Self {
        Self {
            layers: Vec::new(),
            rules: crate::rules::all(),
        }
    }

    /// Adds a layer with its rules.
    ///
    /// # Errors
    /// When its name, or one of its rules' names, is taken.
    pub fn layer<L: Layer>(mut self, layer: L) -> Result<Self, RegistryError> {
        if self.layers.iter().any(|one| one.id() == layer.id()) {
            return Err(RegistryError::TwoLayers(layer.id()));
        }
        let rules: Vec<Arc<dyn Rule<L::Facts>>> = layer.rules().into_iter().map(Arc::from).collect();
        for rule in &rules {
            self.free(rule.meta())?;
        }
        self.layers.push(Box::new(Plug {
            layer: Arc::new(layer),
            rules,
            assumed: None,
        }));
        Ok(self)
    }

    /// Adds a rule: over the facts of a layer that is registered already, or (`Rule<()>`) over the whole graph.
    ///
    /// # Errors
    /// When its name is taken, or no layer has the facts that it is over.
    pub fn rule<F: 'static>(mut self, rule: impl Rule<F> + 'static) -> Result<Self, RegistryError> {
        self.free(rule.meta())?;
        let meta = rule.meta();
        let mut erased: Option<Box<dyn Any>> = Some(Box::new(Arc::new(rule) as Arc<dyn Rule<F>>));
        if let Some(Ok(rule)) = erased
            .take_if(|any| any.is::<Arc<dyn Rule<()>>>())
            .map(|any| any.downcast())
        {
            self.rules.push(*rule);
            return Ok(self);
        }
        for layer in &mut self.layers {
            let Some(rule) = erased.take() else {
                return Ok(self);
            };
            erased = layer.take_rule(rule);
        }
        if erased.is_some() {
            Err(RegistryError::NoSuchFacts(meta.id))
        } else {
            Ok(self)
        }
    }

    /// Asks everything of a layer as of a version of its platform, whatever documents say of it.
    ///
    /// # Errors
    /// When there is no such layer, or it knows no such version.
    pub fn assume(mut self, layer: &str, version: &str) -> Result<Self, RegistryError> {
        let refused = |why: String| RegistryError::NoSuchVersion {
            layer: layer.to_owned(),
            version: version.to_owned(),
            why,
        };
        match self.layers.iter_mut().find(|one| one.id() == layer) {
            Some(one) => one.assume(version).map_err(refused)?,
            None => return Err(refused("there is no such layer".to_owned())),
        }
        Ok(self)
    }

    fn free(&self, meta: &Meta) -> Result<(), RegistryError> {
        let taken = self
            .metas()
            .iter()
            .any(|one| one.id == meta.id || one.aliases.contains(&meta.id));
        if taken {
            Err(RegistryError::TwoRules(meta.id))
        } else {
            Ok(())
        }
    }

    /// What is fixed about every rule, in the order of names.
    #[must_use]
    pub fn metas(&self) -> Vec<&'static Meta> {
        let mut all: Vec<&'static Meta> = self.layers.iter().flat_map(|layer| layer.metas()).collect();
        all.extend(self.rules.iter().map(|rule| rule.meta()));
        all.sort_by_key(|meta| meta.id);
        all
    }

    /// The layers' names, in the order of registration.
    #[must_use]
    pub fn layer_ids(&self) -> Vec<&'static str> {
        self.layers.iter().map(|layer| layer.id()).collect()
    }

    /// The kinds of documents that a layer reads.
    #[must_use]
    pub fn kinds(&self, layer: &str) -> &'static [DocumentKind] {
        self.layers
            .iter()
            .find(|one| one.id() == layer)
            .map_or(&[], |one| one.kinds())
    }

    /// A layer's rungs.
    #[must_use]
    pub fn ladder(&self, layer: &str) -> Ladder {
        self.layers
            .iter()
            .find(|one| one.id() == layer)
            .map_or(Ladder::NONE, |one| one.ladder())
    }

    pub(crate) fn graph_rules(&self) -> &[Arc<dyn Rule<()>>] {
        &self.rules
    }

    /// Which layer recognises a document, and as what. The first that does, in the order of registration.
    pub(crate) fn recognise(&self, head: &Head<'_>) -> Option<(usize, Claim)> {
        self.layers
            .iter()
            .enumerate()
            .find_map(|(at, layer)| Some((at, layer.recognise(head)?)))
    }

    /// What a document is and where it holds secrets, by the layer that recognises it; none where no layer does.
    #[must_use]
    pub fn secrets(&self, name: &str, text: &str) -> Option<Secrets> {
        u32::try_from(text.len()).ok()?;
        let (layer, claim) = self.recognise(&Head::new(name, text))?;
        let layer = self.layers.get(layer)?;
        let document = Document {
            id: DocId(0),
            name: name.into(),
            scope: ScopeId(0),
            kind: claim.kinds.first().copied().unwrap_or_default(),
            text: Arc::new(text.to_owned()),
        };
        let notes = layer.notes(&document);
        Some(Secrets {
            layer: layer.id(),
            claim,
            redact: notes.redact,
            held: notes.held,
            gaps: notes.gaps,
        })
    }

    /// Reads a document, whosever it is: one of state, or of events.
    pub(crate) fn parse(&self, layer: usize, document: Document, events: bool) -> Option<Parsed> {
        Some(self.layers.get(layer)?.parse(document, events))
    }

    /// Puts a scope's documents together.
    pub(crate) fn load(&self, layer: usize, scope: ScopeId, documents: Vec<Parsed>) -> Option<Load> {
        Some(self.layers.get(layer)?.load(scope, documents))
    }
}

/// A document with secrets overwritten, or without its text where it is one of events, and what its layer read in it.
pub(crate) struct Parsed {
    pub(crate) document: Document,
    pub(crate) notes: Notes,
    facts: Box<dyn Any + Send>,
}

/// Where a document holds secrets, and what it is.
#[derive(Debug)]
#[non_exhaustive]
pub struct Secrets {
    /// The layer that recognises it.
    pub layer: &'static str,
    /// As what.
    pub claim: Claim,
    /// Ranges that hold values of secrets.
    pub redact: Vec<std::ops::Range<u32>>,
    /// Ranges of which more is known.
    pub held: Vec<(std::ops::Range<u32>, HeldText)>,
    /// What could not be read in it.
    pub gaps: Vec<Gap>,
}

/// A scope's documents, read.
pub(crate) struct Load {
    pub(crate) loaded: Arc<dyn Loaded>,
    /// The documents again, in the same order: secrets are overwritten, and the text of events is gone.
    pub(crate) documents: Vec<Document>,
    pub(crate) landmarks: Vec<Landmarks>,
    pub(crate) gaps: Vec<Gap>,
}

/// One scope of one layer, read and sealed: what it says, and its exact authorizer.
pub trait Loaded: Send + Sync {
    /// The layer's name.
    fn layer(&self) -> &'static str;
    /// The scope.
    fn scope(&self) -> ScopeId;
    /// Writes the scope's statements.
    fn lower(&self, estate: &mut Estate);
    /// Runs the layer's rules, but those that lack a kind of documents that `has` does not know; these are returned.
    fn check(&self, see: &Seen<'_>, has: &dyn Fn(&str) -> bool, out: &mut Vec<Finding>)
    -> Vec<&'static Meta>;
    /// Whether a hop really holds.
    fn holds(&self, hop: &Hop<'_>) -> Holds;
    /// Whether an identity may do an action to a resource.
    fn may(&self, who: &Who<'_>, action: &str, resource: &str) -> Holds;
    /// Whether rows with that action could be why what is asked is allowed.
    fn concerns(&self, action: &str, asked: &Asked<'_>) -> bool;
    /// Whether a row of the privileges table could be why what is asked is allowed.
    fn covers(&self, row: &Granted<'_>, asked: &Asked<'_>) -> bool;
    /// Whether a name means the same in every scope of the layer.
    fn names_are_global(&self) -> bool;
    /// How `may` is told of a resource.
    fn spell(&self, kind: &str, name: &str) -> String;
    /// Answers one question in the platform's own words.
    ///
    /// # Errors
    /// When the question is not one of the layer's.
    fn decide(&self, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError>;
    /// Smaller grants for this scope's identities, from the use that was seen in it, or in another scope of its layer.
    /// None where the layer proposes nothing, or the other scope is another layer's.
    fn rightsize(&self, used: Option<&dyn Loaded>, ask: &Ask) -> Option<Proposals>;
    /// The layer's typed facts.
    fn facts(&self) -> &dyn Any;
}

/// What the rules of one run see beside their facts.
pub struct Seen<'a> {
    /// Everything that was lowered.
    pub estate: &'a Estate,
    /// The same, to be searched.
    pub graph: &'a Graph,
    /// Now.
    pub as_of: Time,
    /// Who confirms hops.
    pub confirm: &'a dyn Confirm,
}

/// A layer as the registry holds it.
trait Plugged: Send + Sync {
    fn id(&self) -> &'static str;
    fn kinds(&self) -> &'static [DocumentKind];
    fn ladder(&self) -> Ladder;
    fn metas(&self) -> Vec<&'static Meta>;
    fn recognise(&self, head: &Head<'_>) -> Option<Claim>;
    fn notes(&self, document: &Document) -> Notes;
    fn parse(&self, document: Document, events: bool) -> Parsed;
    fn load(&self, scope: ScopeId, documents: Vec<Parsed>) -> Load;
    /// Asks everything as of a version.
    fn assume(&mut self, version: &str) -> Result<(), String>;
    /// Takes the rule if it is over this layer's facts, else gives it back.
    fn take_rule(&mut self, rule: Box<dyn Any>) -> Option<Box<dyn Any>>;
}

struct Plug<L: Layer> {
    layer: Arc<L>,
    rules: Vec<Arc<dyn Rule<L::Facts>>>,
    /// The version that everything is asked as of, if one is assumed.
    assumed: Option<String>,
}

impl<L: Layer> Plugged for Plug<L> {
    fn id(&self) -> &'static str {
        self.layer.id()
    }

    fn kinds(&self) -> &'static [DocumentKind] {
        self.layer.kinds()
    }

    fn ladder(&self) -> Ladder {
        self.layer.ladder()
    }

    fn metas(&self) -> Vec<&'static Meta> {
        self.rules.iter().map(|rule| rule.meta()).collect()
    }

    fn recognise(&self, head: &Head<'_>) -> Option<Claim> {
        self.layer.recognise(head)
    }

    fn notes(&self, document: &Document) -> Notes {
        let mut notes = Notes::default();
        self.layer.parse(document, &mut notes);
        notes
    }

    fn parse(&self, mut document: Document, events: bool) -> Parsed {
        let mut notes = Notes::of_audit();
        let facts = if events {
            let mut facts = L::Facts::default();
            fold(&mut document, &mut notes, self.layer.wraps(), |line| {
                self.layer.observe(line, &mut facts)
            });
            facts
        } else {
            self.layer.parse(&document, &mut notes)
        };
        overwrite(&mut document, &notes.redact);
        notes.close(&document);
        notes.redact = Vec::new();
        Parsed {
            document,
            notes,
            facts: Box::new(facts),
        }
    }

    fn load(&self, scope: ScopeId, documents: Vec<Parsed>) -> Load {
        let layer = &*self.layer;
        let mut load = Load {
            loaded: Arc::new(Nothing),
            documents: Vec::new(),
            landmarks: Vec::new(),
            gaps: Vec::new(),
        };
        let mut facts: Option<L::Facts> = None;
        for Parsed {
            mut document,
            notes,
            facts: part,
        } in documents
        {
            document.scope = scope;
            let place = document.at(0);
            load.gaps.extend(notes.gaps.into_iter().map(|mut gap| {
                gap.layer = layer.id().into();
                gap.scope = Some(scope);
                gap.place.get_or_insert(place);
                gap
            }));
            load.landmarks.push(notes.landmarks);
            load.documents.push(document);
            // INVARIANT (parts): a scope's documents were parsed by its layer, so each part is of this type.
            match (&mut facts, part.downcast::<L::Facts>()) {
                (None, Ok(part)) => facts = Some(*part),
                (Some(all), Ok(part)) => layer.merge(all, *part),
                (_, Err(_)) => debug_assert!(false, "a part of another layer"),
            }
        }
        let mut facts = facts.unwrap_or_default();
        if let Some(version) = &self.assumed {
            let taken = layer.assume(&mut facts, version);
            debug_assert!(taken.is_ok(), "a version that was taken over empty facts");
        }
        layer.seal(&mut facts, &load.documents);
        load.loaded = Arc::new(Held {
            layer: Arc::clone(&self.layer),
            rules: self.rules.clone(),
            scope,
            facts,
        });
        load
    }

    fn assume(&mut self, version: &str) -> Result<(), String> {
        self.layer.assume(&mut L::Facts::default(), version)?;
        self.assumed = Some(version.to_owned());
        Ok(())
    }

    fn take_rule(&mut self, rule: Box<dyn Any>) -> Option<Box<dyn Any>> {
        match rule.downcast::<Arc<dyn Rule<L::Facts>>>() {
            Ok(rule) => {
                self.rules.push(*rule);
                None
            }
            Err(rule) => Some(rule),
        }
    }
}

/// One scope of a layer, typed.
struct Held<L: Layer> {
    layer: Arc<L>,
    rules: Vec<Arc<dyn Rule<L::Facts>>>,
    scope: ScopeId,
    facts: L::Facts,
}

impl<L: Layer> Loaded for Held<L> {
    fn layer(&self) -> &'static str {
        self.layer.id()
    }

    fn scope(&self) -> ScopeId {
        self.scope
    }

    fn lower(&self, estate: &mut Estate) {
        self.layer.lower(
            &self.facts,
            &mut Lowering::new(estate, self.scope, self.layer.id()),
        );
    }

    fn check(
        &self,
        see: &Seen<'_>,
        has: &dyn Fn(&str) -> bool,
        out: &mut Vec<Finding>,
    ) -> Vec<&'static Meta> {
        let view = View {
            facts: &self.facts,
            scope: Some(self.scope),
            estate: see.estate,
            graph: see.graph,
            as_of: see.as_of,
            layer: self.layer.id(),
            confirm: see.confirm,
        };
        let mut blind = Vec::new();
        for rule in &self.rules {
            let meta = rule.meta();
            let some =
                meta.reads.is_empty() || !meta.needs.is_empty() || meta.reads.iter().any(|kind| has(kind));
            if !some || !meta.needs.iter().all(|kind| has(kind)) {
                blind.push(rule.meta());
                continue;
            }
            let mut found = Findings::default();
            rule.check(&view, &mut found);
            out.extend(found.all.into_iter().map(|mut finding| {
                finding.scope.get_or_insert(self.scope);
                finding
            }));
        }
        blind
    }

    fn holds(&self, hop: &Hop<'_>) -> Holds {
        self.layer.holds(&self.facts, hop)
    }

    fn may(&self, who: &Who<'_>, action: &str, resource: &str) -> Holds {
        self.layer.may(&self.facts, who, action, resource)
    }

    fn concerns(&self, action: &str, asked: &Asked<'_>) -> bool {
        self.layer.concerns(action, asked)
    }

    fn covers(&self, row: &Granted<'_>, asked: &Asked<'_>) -> bool {
        self.layer.covers(row, asked)
    }

    fn names_are_global(&self) -> bool {
        self.layer.names_are_global()
    }

    fn spell(&self, kind: &str, name: &str) -> String {
        self.layer.spell(kind, name)
    }

    fn decide(&self, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError> {
        self.layer.decide(&self.facts, question, answer)
    }

    fn rightsize(&self, used: Option<&dyn Loaded>, ask: &Ask) -> Option<Proposals> {
        let used = match used {
            Some(other) => other.facts().downcast_ref()?,
            None => &self.facts,
        };
        self.layer.rightsize(&self.facts, used, ask)
    }

    fn facts(&self) -> &dyn Any {
        &self.facts
    }
}

/// What stands in a [`Load`] until its facts are sealed.
struct Nothing;

impl Loaded for Nothing {
    fn layer(&self) -> &'static str {
        ""
    }
    fn scope(&self) -> ScopeId {
        ScopeId(u32::MAX)
    }
    fn lower(&self, _: &mut Estate) {}
    fn check(&self, _: &Seen<'_>, _: &dyn Fn(&str) -> bool, _: &mut Vec<Finding>) -> Vec<&'static Meta> {
        Vec::new()
    }
    fn holds(&self, _: &Hop<'_>) -> Holds {
        Holds::Unknown(String::new())
    }
    fn may(&self, _: &Who<'_>, _: &str, _: &str) -> Holds {
        Holds::Unknown(String::new())
    }
    fn concerns(&self, _: &str, _: &Asked<'_>) -> bool {
        false
    }
    fn covers(&self, _: &Granted<'_>, _: &Asked<'_>) -> bool {
        false
    }
    fn names_are_global(&self) -> bool {
        false
    }
    fn spell(&self, _: &str, name: &str) -> String {
        name.to_owned()
    }
    fn decide(&self, _: &str, _: &mut Vec<u8>) -> Result<(), QuestionError> {
        Ok(())
    }
    fn rightsize(&self, _: Option<&dyn Loaded>, _: &Ask) -> Option<Proposals> {
        None
    }
    fn facts(&self) -> &dyn Any {
        &()
    }
}

/// Overwrites the ranges that hold values of secrets, with as many bytes as they have: only these are touched.
fn overwrite(document: &mut Document, ranges: &[std::ops::Range<u32>]) {
    if ranges.is_empty() {
        return;
    }
    let text = Arc::make_mut(&mut document.text);
    let mut stars = String::new();
    for range in ranges {
        // A range is a part of the text, and so whole characters; one that is not is widened to them.
        let end = (range.end as usize).min(text.len());
        let (begin, end) = (
            text.floor_char_boundary(range.start as usize),
            text.ceil_char_boundary(end),
        );
        while stars.len() < end.saturating_sub(begin) {
            stars.push_str("****************************************************************");
        }
        if let Some(stars) = stars
            .get(..end.saturating_sub(begin))
            .filter(|stars| !stars.is_empty())
        {
            text.replace_range(begin..end, stars);
        }
    }
}

/// Does the work for every item on up to `threads` threads; gives the results in the order of the items.
pub(crate) fn in_order<T: Send, R: Send>(
    items: Vec<T>,
    threads: usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    if threads < 2 || items.len() < 2 {
        return items.into_iter().map(work).collect();
    }
    let slots: Vec<std::sync::Mutex<Option<T>>> = items
        .into_iter()
        .map(|item| std::sync::Mutex::new(Some(item)))
        .collect();
    let next = AtomicUsize::new(0);
    let one = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = slots.get(at) else { break };
            let item = slot.lock().ok().and_then(|mut item| item.take());
            if let Some(item) = item {
                done.push((at, work(item)));
            }
        }
        done
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads.min(slots.len())).map(|_| scope.spawn(one)).collect();
        let mut done = one();
        for helper in helpers {
            match helper.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocId;

    #[test]
    fn only_what_is_secret_is_overwritten() {
        let long = "x".repeat(1_000);
        for (text, ranges, want) in [
            ("a secret b", vec![(2, 8)], "a ****** b".to_owned()),
            ("a sécrét b", vec![(2, 10)], "a ******** b".to_owned()),
            // Half of a character, an empty range, two that overlap, one that leads out of the text.
            ("é", vec![(1, 2)], "**".to_owned()),
            (
                "abc",
                vec![(1, 1), (0, 2), (1, 3), (2, 9), (7, 9)],
                "***".to_owned(),
            ),
            ("", vec![(0, 4)], String::new()),
            (&long, vec![(0, 1_000)], "*".repeat(1_000)),
        ] {
            let mut document = Document {
                id: DocId(0),
                name: "x".into(),
                scope: ScopeId(0),
                kind: "",
                text: Arc::new(text.to_owned()),
            };
            let ranges: Vec<_> = ranges.into_iter().map(|(from, to)| from..to).collect();
            overwrite(&mut document, &ranges);
            assert_eq!(*document.text, want, "{text}");
        }
    }
}
