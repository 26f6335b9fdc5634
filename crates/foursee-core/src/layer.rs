//! What a layer and a rule are. Everything that foursee's own can do, a user's can do too.

use crate::document::{Document, Head, Notes, Place};
use crate::estate::{Estate, Lowering, Scope, Selector};
use crate::finding::{Findings, Meta};
use crate::graph::Graph;
use crate::model::{Ladder, NodeId, ScopeId, Time, glob};
use crate::rightsize::{Ask, Proposals};

/// What a platform says, exactly what it means, and what is wrong with it.
///
/// One value of `Facts` is one scope: no key inside carries a scope. Parse takes one document on any thread; core
/// merges the parts in the order of documents, seals the whole, and only reads it from then on.
pub trait Layer: Send + Sync + 'static {
    /// The layer's typed tables. No lifetimes: they outlive the call.
    type Facts: Default + Send + Sync + 'static;

    /// Its name in reports, on the command line and in rules' names: "kubernetes".
    fn id(&self) -> &'static str;

    /// Whether a document is this layer's, by its content. What its beginning does not show, further kinds and the
    /// scope, need not be looked for: `parse` says it in [`Notes::kinds`] and [`Notes::scope`], and so completes the
    /// claim. (A claim to several scopes must be made here.)
    fn recognise(&self, head: &Head<'_>) -> Option<Claim>;

    /// The facts of one document of state. Never fails: what cannot be read is a gap in the notes.
    fn parse(&self, document: &Document, notes: &mut Notes) -> Self::Facts;

    /// Takes another document's facts in. The parts come in the order of documents' names.
    fn merge(&self, into: &mut Self::Facts, part: Self::Facts);

    /// Folds one line of a document of events into counts. Lines come one by one, without their end, at most
    /// [`LONGEST_LINE`](crate::document::LONGEST_LINE) bytes long and never blank; the counts may not depend on their
    /// order, nor on which document of the scope they stand in. A line of something else is stepped over.
    ///
    /// # Errors
    /// Why a line that should be an event is not read, in fixed words: what the line says may be secret.
    fn observe(&self, _line: &str, _facts: &mut Self::Facts) -> Result<(), &'static str> {
        Err("this layer folds no events")
    }

    /// The keys under which its exports hold events in a list: "items" of a List. Where the first JSON text of a document
    /// of events has one of them at its top, or does not end in its line, what `observe` is given are the members of such
    /// lists, and JSON texts that are none, rather than lines.
    fn wraps(&self) -> &'static [&'static str] {
        &[]
    }

    /// Smaller grants for identities of this scope, from the use that `used` holds (of this scope, or of another of this
    /// layer), each proven by the authorizer: it gives nothing that is not held, and all that was used. None where the
    /// layer proposes nothing.
    fn rightsize(&self, _facts: &Self::Facts, _used: &Self::Facts, _ask: &Ask) -> Option<Proposals> {
        None
    }

    /// Builds the authorizer's indexes, after the last merge. `texts` are the scope's documents, in order, with
    /// secrets already overwritten: clone the `Arc` of a text that the facts point into. Texts of documents of events
    /// are empty.
    fn seal(&self, _facts: &mut Self::Facts, _texts: &[Document]) {}

    /// Takes every question as of a version of the platform, whatever documents say of it. Asked after the last merge
    /// and before `seal`; and once over empty facts, so that a version that is none is refused before any work.
    ///
    /// # Errors
    /// Why there is no such version, in a few words.
    fn assume(&self, _facts: &mut Self::Facts, _version: &str) -> Result<(), String> {
        Err("nothing that it says depends on a version".to_owned())
    }

    /// The scope's edges, privileges and credentials: statements, not answers.
    fn lower(&self, facts: &Self::Facts, out: &mut Lowering<'_>);

    /// Whether a hop of one of this layer's techniques, or one side of a credential, really holds.
    fn holds(&self, facts: &Self::Facts, hop: &Hop<'_>) -> Holds;

    /// Whether an identity of this scope may do an action to a resource, in the platform's own words, as the rows of
    /// the privileges table print them.
    fn may(&self, facts: &Self::Facts, who: &Who<'_>, action: &str, resource: &str) -> Holds;

    /// Whether rows of the privileges table with that action could be why what is asked is allowed, whatever they are
    /// over. Asked once for each action, so that `covers` is only asked about rows of those that could.
    fn concerns(&self, _action: &str, _asked: &Asked<'_>) -> bool {
        true
    }

    /// Whether a row of the privileges table could be why what is asked is allowed: `may` then confirms it. By itself
    /// where the row's action, `*` wild and without regard to case, is the asked one, and what it is over is of an
    /// asked kind and holds the resource's name.
    fn covers(&self, row: &Granted<'_>, asked: &Asked<'_>) -> bool {
        let kind = asked.kinds.is_empty() || asked.kinds.contains(&row.kind);
        kind && row.acts(asked.action) && row.holds(asked.resource)
    }

    /// How `may` is told of a resource of that kind: by its name, where that says enough.
    fn spell(&self, _kind: &str, name: &str) -> String {
        name.to_owned()
    }

    /// Answers one question, JSON text in the platform's own words, as JSON text without a line break.
    ///
    /// # Errors
    /// When the question is not one of this layer's.
    fn decide(&self, facts: &Self::Facts, question: &str, answer: &mut Vec<u8>) -> Result<(), QuestionError>;

    /// The layer's rules.
    fn rules(&self) -> Vec<Box<dyn Rule<Self::Facts>>>;

    /// Which of its grants stand on which rung of the spectrum, and what its platform cannot express.
    fn ladder(&self) -> Ladder {
        Ladder::NONE
    }

    /// Whether a name means the same in every scope, so that who stands in one may be let into another: AWS's ARNs.
    fn names_are_global(&self) -> bool {
        false
    }

    /// The kinds of documents that this layer can read, with the command that makes each: what a gap tells people
    /// to run.
    fn kinds(&self) -> &'static [DocumentKind];
}

/// A kind of documents, and where to get it.
#[derive(Clone, Copy, Debug)]
pub struct DocumentKind {
    /// As claimed by recognise and needed by rules: "roles".
    pub name: &'static str,
    /// The command that prints it: "kubectl get roles -A -o json".
    pub made_by: &'static str,
}

/// What a layer says of a document that it recognises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The kinds of documents it is, as listed in `kinds`; several where one export holds several.
    pub kinds: Vec<&'static str>,
    /// Whose scope it is.
    pub scope: ScopeClaim,
    /// Whether its lines are events, to be folded by `observe`, rather than state, to be held.
    pub events: bool,
}

/// Whose scope a document is, by its content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ScopeClaim {
    /// That one.
    One(String),
    /// It binds several: each gets it.
    Shared(Vec<String>),
    /// It does not say.
    Unsaid,
}

impl Claim {
    /// A document of state of that kind and scope.
    #[must_use]
    pub fn state(kind: &'static str, scope: ScopeClaim) -> Self {
        Self {
            kinds: vec![kind],
            scope,
            events: false,
        }
    }
}

/// An identity, as the tables name it.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// Its kind: "role", "serviceaccount".
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// A row of the privileges table, as a question is held against it.
#[derive(Clone, Copy, Debug)]
pub struct Granted<'a> {
    /// Its action, `*` wild.
    pub action: &'a str,
    /// The kind of what it is over.
    pub kind: &'a str,
    /// The name of what it is over, or its pattern.
    pub over: &'a str,
    pub(crate) selector: Option<&'a Selector>,
}

impl Granted<'_> {
    /// Whether its action includes an asked one, without regard to case.
    #[must_use]
    pub fn acts(&self, asked: &str) -> bool {
        acts(self.action, asked)
    }

    /// Whether it is over what has that name, or over what holds it.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        match self.selector {
            Some(selector) => selector.matches(name),
            None => crate::model::holds(self.over, name),
        }
    }
}

/// Whether a row's action, `*` wild, includes an asked one, without regard to case.
#[must_use]
pub fn acts(action: &str, asked: &str) -> bool {
    glob(&action.to_lowercase(), &asked.to_lowercase())
}

/// Who can do this, to what?
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The action, in the platform's own words.
    pub action: &'a str,
    /// The resource's name.
    pub resource: &'a str,
    /// The kinds that it may be of; none: of any.
    pub kinds: &'a [&'a str],
}

/// One hop of a path, to be confirmed by the layer whose technique it is.
#[derive(Clone, Copy, Debug)]
pub struct Hop<'a> {
    /// The technique's id; "core-presents" and "core-accepts" for the two sides of a credential.
    pub technique: &'a str,
    /// Who.
    pub from: Who<'a>,
    /// To whom or what; a member where the statement is over a selector. For a credential: see `credential`.
    pub to: Who<'a>,
    /// The statement.
    pub place: Place,
    /// For "core-presents" and "core-accepts": the credential.
    pub credential: Option<CredentialRef<'a>>,
}

/// The credential of a hop.
#[derive(Clone, Copy, Debug)]
pub struct CredentialRef<'a> {
    /// The sort: "web-identity".
    pub kind: &'a str,
    /// Where it counts.
    pub realm: &'a str,
    /// Whom it names.
    pub subject: &'a str,
    /// For whom it is made out; empty for none.
    pub audience: &'a str,
}

/// A layer's word on a hop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holds {
    /// As its authorizer decides.
    Yes,
    /// Under that condition.
    If(String),
    /// No, because.
    No(String),
    /// It waits for a gap to close: which.
    Unknown(String),
}

impl std::fmt::Display for Holds {
    /// As reports print it: "yes", "if CONDITION", "no: WHY", "unknown: GAP".
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Yes => f.write_str("yes"),
            Self::If(condition) => write!(f, "if {condition}"),
            Self::No(why) => write!(f, "no: {why}"),
            Self::Unknown(gap) => write!(f, "unknown: {gap}"),
        }
    }
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QuestionError {
    /// It is not JSON, or lacks a field.
    #[error("the question is not one of layer `{layer}`: {why}")]
    Malformed {
        /// The layer.
        layer: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// It names something that is not in the scope.
    #[error("`{what}` is not in scope `{scope}`")]
    Unknown {
        /// What it names.
        what: String,
        /// The scope.
        scope: String,
    },
    /// Several scopes could be meant.
    #[error("several scopes could be meant: {}; say which", .scopes.join(", "))]
    Ambiguous {
        /// Their names.
        scopes: Vec<String>,
    },
    /// No layer of that name.
    #[error("there is no layer `{layer}`; there are {}", .known.join(", "))]
    NoLayer {
        /// The name.
        layer: String,
        /// The layers that there are.
        known: Vec<String>,
    },
}

/// A rule. Returns findings, never errors.
///
/// One over a layer's facts (`Rule<Facts>`) looks at one scope at a time, where the documents that its [`Meta`] needs
/// were read. One over the whole graph (`Rule<()>`) looks once, at all scopes together, and always, whatever its `Meta`
/// says that it needs: no document says which others there should be. Its name begins with `core-`, as findings between
/// scopes are of no layer; and so a layer whose own facts are `()` can be given no rules by others.
pub trait Rule<F: ?Sized = ()>: Send + Sync {
    /// What is fixed about it.
    fn meta(&self) -> &'static Meta;

    /// Looks.
    fn check(&self, see: &View<'_, F>, out: &mut Findings);
}

/// What a rule sees. A layer's rule sees its scope's facts; what it asks the graph stays in its scope.
pub struct View<'a, F: ?Sized> {
    /// The scope's facts; `()` for a rule over the whole graph.
    pub facts: &'a F,
    /// The scope; none for a rule over the whole graph.
    pub scope: Option<ScopeId>,
    /// Everything that was lowered.
    pub estate: &'a Estate,
    /// The same, to be searched.
    pub graph: &'a Graph,
    /// Now.
    pub as_of: Time,
    pub(crate) layer: &'a str,
    pub(crate) confirm: &'a dyn crate::graph::Confirm,
}

impl<F: ?Sized> View<'_, F> {
    /// The scope's row.
    #[must_use]
    pub fn scope_row(&self) -> Option<&Scope> {
        self.estate.scopes.get(self.scope?.index())
    }

    /// The node of that kind and name in this scope, if lowering made it.
    #[must_use]
    pub fn node(&self, kind: &str, name: &str) -> Option<NodeId> {
        self.estate.find(self.scope?, self.layer, kind, name)
    }

    /// The way between two positions, each hop confirmed by its layer, if there is one.
    #[must_use]
    pub fn path(&self, from: crate::graph::Position, to: NodeId) -> Option<crate::graph::Path> {
        self.graph.path(self.estate, &[from], to, self.confirm)
    }
}
