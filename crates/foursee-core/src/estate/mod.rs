//! What all scopes together say: nodes, selectors, edges, privileges, credentials, gaps.
//!
//! A layer writes through [`Lowering`], which knows one scope; [`Estate::finish`] then sorts everything by text and
//! gives the final ids, so that equal input gives equal output whatever the order of the work. Nothing here judges.

mod finish;
mod lowering;
mod selector;

pub use lowering::{EdgeMut, EntryMut, Lowering, Over, PrivilegeMut};
pub(crate) use selector::runs;

use crate::document::Place;
use crate::model::{
    Certainty, Class, ConditionId, Foothold, Gap, KindId, NodeId, Pattern, Rung, ScopeId, TechniqueId, Verb,
};
use hashbrown::{DefaultHashBuilder, Equivalent, HashMap, HashSet, HashTable};
use std::sync::Arc;

/// One account, cluster, engine, database cluster or broker cluster.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Scope {
    /// The layer's id.
    pub layer: Arc<str>,
    /// Its name, as its documents or the configuration say it: an account id, a uid, a system identifier.
    pub name: Arc<str>,
    /// The name that the organisation gave it, else the same.
    pub title: Arc<str>,
    /// The environment that the configuration put it in: "production".
    pub environment: Option<Arc<str>>,
    /// Where it can be reached (host names, issuer URLs), as read or configured.
    pub endpoints: Vec<Arc<str>>,
}

/// A kind of nodes, as its layer registered it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct KindRow {
    /// The layer's id; "core" for credentials.
    pub layer: Arc<str>,
    /// The platform's word.
    pub name: Arc<str>,
    /// What it is to foursee.
    pub class: Class,
}

/// A technique, as its layer registered it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TechniqueRow {
    /// The layer's id: it confirms hops of this technique.
    pub layer: Arc<str>,
    /// Kebab-case, starts with the layer.
    pub id: Arc<str>,
    /// What it does.
    pub verb: Verb,
    /// The foothold it takes.
    pub needs: Foothold,
    /// The foothold it gives.
    pub gives: Foothold,
    /// How a hop reads.
    pub says: Arc<str>,
    /// Who says so.
    pub source: Arc<str>,
}

/// A node: an identity, a resource, a grant or a selector.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Node {
    /// Its scope.
    pub scope: ScopeId,
    /// Its kind; a selector has its members' kind.
    pub kind: KindId,
    /// Whether it stands for every name that a pattern means.
    pub selector: bool,
    /// Its name, container first: "shop/web", an ARN, "shop.public.customers".
    pub name: Arc<str>,
}

/// What a selector node stands for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Selector {
    /// The names that are meant.
    pub pattern: Pattern,
    /// The names that are not, although the pattern means them.
    pub except: Vec<Pattern>,
}

impl Selector {
    /// Whether the name is meant.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.pattern.matches(name) && !self.except.iter().any(|one| one.matches(name))
    }
}

/// One statement: who stands at `from`, with the technique's foothold, gets to `to`. 24 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edge {
    /// The holder; where it is a selector, each of its members.
    pub from: NodeId,
    /// How sure: of what starts at one node, the more certain stands first.
    pub certainty: Certainty,
    /// The target; where it is a selector, each of its members.
    pub to: NodeId,
    /// How.
    pub technique: TechniqueId,
    /// The rung of the statement, 0 to 5; 255 where it has none.
    pub rung: u8,
    /// Under which condition.
    pub condition: ConditionId,
    /// The statement.
    pub place: Place,
}

/// One row of the privileges table: a holder may do an action to something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Privilege {
    /// Who holds it: an identity, a group or a grant node.
    pub holder: NodeId,
    /// Which of the verbs.
    pub verb: Verb,
    /// The platform's own words, `*` wild: "s3:GetObject", "get secrets", "SELECT".
    pub action: Arc<str>,
    /// Over what: a node or a selector.
    pub over: NodeId,
    /// Under which condition.
    pub condition: ConditionId,
    /// How sure.
    pub certainty: Certainty,
    /// Where the statement stands.
    pub rung: Rung,
    /// The tightest rung that the platform can express for it.
    pub attainable: Rung,
    /// How it is known.
    pub basis: Basis,
    /// The statement.
    pub place: Place,
}

/// How a privilege is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Basis {
    /// A statement says so; what narrows it stands elsewhere.
    Declared,
    /// What is left after denies, boundaries and the like.
    Effective,
    /// It was seen in use.
    Observed,
}

impl Basis {
    /// The word in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Effective => "effective",
            Self::Observed => "observed",
        }
    }
}

/// A credential that an identity presents. The one shape that all layers share; see [`crate::link`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Presented {
    /// Who presents it.
    pub by: NodeId,
    /// The foothold in the presenter that has it in hand.
    pub at: Foothold,
    /// What sort of credential: "web-identity", "postgres-login", "sasl", "engine-socket". Layers agree on these words.
    pub kind: Arc<str>,
    /// Where it counts: an issuer, a host and port, a cluster's listener. Compared after lower-casing by core.
    pub realm: Arc<str>,
    /// Whom it names there.
    pub subject: Arc<str>,
    /// For whom it is made out; none is anybody who asks, `Any` is whoever the presenter chooses.
    pub audience: Audience,
    /// What the presenter's own authorizer lets it call, over the acceptors' names; none is everything.
    pub towards: Option<Pattern>,
    /// The acceptor's name that it is meant for (an annotation, an association). Never narrows.
    pub meant_for: Option<Arc<str>>,
    /// How sure; no surer than conditional where there is a condition.
    pub certainty: Certainty,
    /// Under which condition it is presented: that a container which is stopped is started.
    pub condition: ConditionId,
    /// The statement.
    pub place: Place,
}

/// For whom a presented credential is made out.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Audience {
    /// The kind of credential has no audience.
    None,
    /// Whomever the presenter asks for.
    Any,
    /// These.
    Named(Vec<Arc<str>>),
}

/// A credential that an identity accepts: who presents it becomes that identity.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Accepted {
    /// Who accepts it. Its node's name is what `towards` and `meant_for` are compared with.
    pub by: NodeId,
    /// The foothold that the presenter gets.
    pub gives: Foothold,
    /// What sort of credential.
    pub kind: Arc<str>,
    /// Where it counts.
    pub realm: Arc<str>,
    /// Whom it names.
    pub subject: Pattern,
    /// The audiences that are accepted; empty: any, and credentials without one.
    pub audience: Vec<Arc<str>>,
    /// How sure.
    pub certainty: Certainty,
    /// Under which further condition.
    pub condition: ConditionId,
    /// The statement.
    pub place: Place,
}

/// What link found of one credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// Presented and accepted.
    Works,
    /// Accepted, and nobody presents it yet.
    Dormant,
    /// Presented and meant for something that refuses it.
    Broken,
}

impl Verdict {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Dormant => "dormant",
            Self::Broken => "broken",
        }
    }
}

/// A credential's verdict. Works names both sides, dormant the accepted one, broken the presented one and, where it
/// was read, the acceptor it was meant for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Bond {
    /// The verdict.
    pub verdict: Verdict,
    /// The presenter.
    pub presenter: Option<NodeId>,
    /// The acceptor.
    pub acceptor: Option<NodeId>,
    /// The sort of credential.
    pub kind: Arc<str>,
    /// Where it counts.
    pub realm: Arc<str>,
    /// Whom it names: a name, or what is accepted as a pattern.
    pub subject: Arc<str>,
    /// The presenting statement.
    pub presented_at: Option<Place>,
    /// The accepting statement.
    pub accepted_at: Option<Place>,
}

impl Bond {
    /// The credential, as people read it.
    #[must_use]
    pub fn credential(&self) -> String {
        format!("{} {} at {}", self.kind, self.subject, self.realm)
    }
}

/// A node that somebody outside reaches, or that somebody would want: paths are looked for between these.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mark {
    /// The node.
    pub node: NodeId,
    /// For an entry, where in the node whoever comes in stands.
    pub foothold: Foothold,
    /// For an entry, under which condition somebody comes in; [`ConditionId`] 0 is none.
    pub condition: ConditionId,
    /// Why, in a few words: "internet-facing service shop/web", "tagged data-class=customer".
    pub why: String,
    /// What says so.
    pub place: Place,
}

/// A label, tag or comment of a node.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Tag {
    /// The node.
    pub node: NodeId,
    /// The key.
    pub key: Arc<str>,
    /// The value.
    pub value: Arc<str>,
    /// What says so.
    pub place: Place,
}

/// Everything that lowering said. Ids are final, and every table sorted, once [`finish`](Self::finish) has run.
#[derive(Default)]
pub struct Estate {
    /// The scopes, in the order of (layer, name).
    pub scopes: Vec<Scope>,
    /// The kinds.
    pub kinds: Vec<KindRow>,
    /// The techniques.
    pub techniques: Vec<TechniqueRow>,
    /// The conditions, as texts; the first is empty.
    pub conditions: Vec<Arc<str>>,
    /// The nodes, in the order of (scope, kind, members before selectors, name).
    pub nodes: Vec<Node>,
    /// What the selector nodes stand for.
    pub selectors: HashMap<NodeId, Selector>,
    /// The edges.
    pub edges: Vec<Edge>,
    /// The privileges.
    pub privileges: Vec<Privilege>,
    /// The credentials presented.
    pub presented: Vec<Presented>,
    /// The credentials accepted.
    pub accepted: Vec<Accepted>,
    /// What link made of them.
    pub bonds: Vec<Bond>,
    /// Where somebody outside comes in.
    pub entries: Vec<Mark>,
    /// What somebody would want.
    pub prizes: Vec<Mark>,
    /// Labels, tags and comments.
    pub tags: Vec<Tag>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    index: HashTable<NodeId>,
    condition_index: HashMap<Arc<str>, ConditionId>,
    kind_index: HashMap<(Arc<str>, Arc<str>), KindId>,
    /// The words of privileges' actions, each once.
    actions: HashSet<Arc<str>>,
    technique_index: HashMap<Arc<str>, TechniqueId>,
    endings: selector::Endings,
    hasher: DefaultHashBuilder,
}

/// A layer and a kind's name, looked up as they are.
#[derive(Hash)]
struct KindKey<'a>(&'a str, &'a str);

impl Equivalent<(Arc<str>, Arc<str>)> for KindKey<'_> {
    fn equivalent(&self, key: &(Arc<str>, Arc<str>)) -> bool {
        (self.0, self.1) == (&*key.0, &*key.1)
    }
}

impl Estate {
    /// An estate of these scopes, in the order of (layer, name).
    #[must_use]
    pub fn new(scopes: Vec<Scope>) -> Self {
        let none: Arc<str> = "".into();
        Self {
            scopes,
            conditions: vec![Arc::clone(&none)],
            condition_index: HashMap::from_iter([(none, ConditionId(0))]),
            ..Self::default()
        }
    }

    /// A node by its id.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.index())
    }

    /// A node's name; empty for an id of another estate.
    #[must_use]
    pub fn name(&self, id: NodeId) -> &str {
        self.node(id).map_or("", |node| &node.name)
    }

    /// A node's kind.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Option<&KindRow> {
        self.kinds.get(self.node(id)?.kind.index())
    }

    /// A node's scope.
    #[must_use]
    pub fn scope(&self, id: NodeId) -> Option<&Scope> {
        self.scopes.get(self.node(id)?.scope.index())
    }

    /// A technique.
    #[must_use]
    pub fn technique(&self, id: TechniqueId) -> Option<&TechniqueRow> {
        self.techniques.get(id.index())
    }

    /// A condition's text; empty for none.
    #[must_use]
    pub fn condition(&self, id: ConditionId) -> &str {
        self.conditions.get(id.index()).map_or("", |text| text)
    }

    /// Whether a node is a member of a selector.
    #[must_use]
    pub fn means(&self, selector: NodeId, member: NodeId) -> bool {
        let pattern = self.selectors.get(&selector);
        let (one, other) = (self.node(selector), self.node(member));
        matches!((pattern, one, other), (Some(pattern), Some(one), Some(other))
            if !other.selector && (one.scope, one.kind) == (other.scope, other.kind) && pattern.matches(&other.name))
    }

    /// A node by what it is.
    #[must_use]
    pub fn find(&self, scope: ScopeId, layer: &str, kind: &str, name: &str) -> Option<NodeId> {
        let kind = *self.kind_index.get(&KindKey(layer, kind))?;
        self.lookup(scope, kind, false, name)
    }

    /// The nodes of that name, selectors left out, in the order of ids.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = NodeId> + 'a {
        self.ids().filter(move |id| {
            self.node(*id)
                .is_some_and(|node| !node.selector && *node.name == *name)
        })
    }

    /// The ids of all nodes.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// How a node reads: its layer, kind and name, or "any KIND PATTERN".
    #[must_use]
    pub fn show(&self, id: NodeId) -> String {
        let (Some(node), Some(kind)) = (self.node(id), self.kind(id)) else {
            return String::new();
        };
        if node.selector {
            let except = self
                .selectors
                .get(&id)
                .map(|selector| &*selector.except)
                .unwrap_or_default();
            let but = if except.is_empty() {
                String::new()
            } else {
                format!(
                    " except {}",
                    except
                        .iter()
                        .map(Pattern::to_string)
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            };
            format!(
                "any {} {}{but}",
                kind.name,
                self.selectors
                    .get(&id)
                    .map_or(String::new(), |s| s.pattern.to_string())
            )
        } else {
            format!("{} {}", kind.name, node.name)
        }
    }
}
