//! How a layer writes into the estate: one scope, its own kinds, and nothing else.

use super::{
    Accepted, Basis, Edge, Estate, KindKey, KindRow, Mark, Node, Presented, Privilege, Scope, Selector, Tag,
    TechniqueRow,
};
use crate::document::Place;
use crate::model::{
    Certainty, ConditionId, Foothold, Gap, Kind, KindId, NodeId, Pattern, Rung, ScopeId, Technique,
    TechniqueId, Verb,
};
use std::hash::BuildHasher;
use std::sync::Arc;

/// The estate as one layer sees it while it lowers one scope. It cannot name another scope's nodes.
pub struct Lowering<'e> {
    estate: &'e mut Estate,
    scope: ScopeId,
    layer: Arc<str>,
}

/// What a privilege or an edge is over: a node that there is, or every name of a kind that a pattern means.
#[derive(Clone, Copy, Debug)]
pub struct Over<'a> {
    /// The members' kind.
    pub kind: &'static Kind,
    /// The names that are meant.
    pub pattern: &'a Pattern,
    /// The names that are not.
    pub except: &'a [Pattern],
}

impl<'e> Lowering<'e> {
    pub(crate) fn new(estate: &'e mut Estate, scope: ScopeId, layer: &str) -> Self {
        Self {
            estate,
            scope,
            layer: layer.into(),
        }
    }

    /// The scope that is lowered.
    #[must_use]
    pub const fn scope(&self) -> ScopeId {
        self.scope
    }

    /// What is known of that scope: its name, its environment, its endpoints.
    #[must_use]
    pub fn scope_row(&self) -> Option<&Scope> {
        self.estate.scopes.get(self.scope.index())
    }

    /// The node of that kind and name; made if it is new. Names put the container first ("shop/web").
    pub fn node(&mut self, kind: &'static Kind, name: &str) -> NodeId {
        let kind = self.estate.register_kind(&self.layer, kind);
        self.estate.intern(self.scope, kind, false, name)
    }

    /// The selector of every name of that kind that the pattern means; one exact name without exceptions is the node.
    pub fn select(&mut self, over: Over<'_>) -> NodeId {
        if let (Pattern::Exact(name), []) = (over.pattern, over.except) {
            return self.node(over.kind, &Arc::clone(name));
        }
        let kind = self.estate.register_kind(&self.layer, over.kind);
        self.estate
            .intern_selector(self.scope, kind, over.pattern, over.except)
    }

    /// A condition, as the text that people read.
    pub fn condition(&mut self, text: &str) -> ConditionId {
        self.estate.intern_condition(text)
    }

    /// An edge: who stands at `from` gets to `to` by the technique, because of what stands at `place`.
    /// Certain and unconditional unless said otherwise on what this returns.
    pub fn edge(
        &mut self,
        from: NodeId,
        technique: &'static Technique,
        to: NodeId,
        place: Place,
    ) -> EdgeMut<'_> {
        let technique = self.estate.register_technique(&self.layer, technique);
        EdgeMut(self.estate.push_edge(from, technique, to, place))
    }

    /// Whoever is `from` has all that `to` holds, without a step: a group's member, a grant's holder.
    pub fn member(&mut self, from: NodeId, to: NodeId, place: Place) -> EdgeMut<'_> {
        let technique = self.estate.register_technique("core", &crate::link::MEMBER);
        EdgeMut(self.estate.push_edge(from, technique, to, place))
    }

    /// A row of the privileges table. Declared, certain, and attainable at "narrow" unless said otherwise.
    pub fn privilege(
        &mut self,
        holder: NodeId,
        verb: Verb,
        action: &str,
        over: NodeId,
        rung: Rung,
        place: Place,
    ) -> PrivilegeMut<'_> {
        let action = self.estate.intern_action(action);
        self.estate.privileges.push(Privilege {
            holder,
            verb,
            action,
            over,
            condition: ConditionId(0),
            certainty: Certainty::Certain,
            rung,
            attainable: Rung::Narrow,
            basis: Basis::Declared,
            place,
        });
        PrivilegeMut(self.estate.privileges.last_mut())
    }

    /// A credential that an identity of this scope presents.
    pub fn present(&mut self, mut presented: Presented) {
        if presented.condition != ConditionId(0) {
            presented.certainty = presented.certainty.max(Certainty::Conditional);
        }
        self.estate.presented.push(presented);
    }

    /// A credential that an identity of this scope accepts.
    pub fn accept(&mut self, accepted: Accepted) {
        self.estate.accepted.push(accepted);
    }

    /// Somebody outside comes in here, and stands at that foothold.
    pub fn entry(
        &mut self,
        node: NodeId,
        foothold: Foothold,
        why: impl Into<String>,
        place: Place,
    ) -> EntryMut<'_> {
        self.estate.entries.push(Mark {
            node,
            foothold,
            condition: ConditionId(0),
            why: why.into(),
            place,
        });
        EntryMut(self.estate.entries.last_mut())
    }

    /// Somebody would want this: customer data, an administrator.
    pub fn prize(&mut self, node: NodeId, why: impl Into<String>, place: Place) {
        self.estate.prizes.push(Mark {
            node,
            foothold: Foothold::Acts,
            condition: ConditionId(0),
            why: why.into(),
            place,
        });
    }

    /// A label, tag or comment. Owners and prizes are read from these, under the keys that the configuration lists.
    pub fn tag(&mut self, node: NodeId, key: &str, value: &str, place: Place) {
        self.estate.tags.push(Tag {
            node,
            key: key.into(),
            value: value.into(),
            place,
        });
    }

    /// Something that cannot be known here.
    pub fn gap(&mut self, mut gap: Gap) {
        gap.layer = Arc::clone(&self.layer);
        gap.scope = Some(self.scope);
        self.estate.gaps.push(gap);
    }
}

/// An edge that was just made, to be narrowed.
pub struct EdgeMut<'a>(&'a mut Edge);

impl EdgeMut<'_> {
    /// It holds under that condition: conditional, unless it is less certain already.
    pub fn when(self, condition: ConditionId) -> Self {
        if condition != ConditionId(0) {
            self.0.condition = condition;
            self.0.certainty = self.0.certainty.max(Certainty::Conditional);
        }
        self
    }

    /// It is that certain.
    pub fn certainty(self, certainty: Certainty) -> Self {
        self.0.certainty = certainty;
        self
    }

    /// Its statement stands on that rung.
    pub fn rung(self, rung: Rung) -> Self {
        self.0.rung = rung.number();
        self
    }
}

/// An entry that was just made, to be narrowed.
pub struct EntryMut<'a>(Option<&'a mut Mark>);

impl EntryMut<'_> {
    /// Somebody comes in there under that condition: the ways that begin there are conditional.
    pub fn when(self, condition: ConditionId) {
        if let Some(mark) = self.0 {
            mark.condition = condition;
        }
    }
}

/// A privilege that was just made, to be narrowed.
pub struct PrivilegeMut<'a>(Option<&'a mut Privilege>);

impl PrivilegeMut<'_> {
    /// It holds under that condition: conditional, unless it is less certain already.
    pub fn when(mut self, condition: ConditionId) -> Self {
        if let Some(row) = self.0.as_deref_mut()
            && condition != ConditionId(0)
        {
            row.condition = condition;
            row.certainty = row.certainty.max(Certainty::Conditional);
        }
        self
    }

    /// It is that certain.
    pub fn certainty(mut self, certainty: Certainty) -> Self {
        if let Some(row) = self.0.as_deref_mut() {
            row.certainty = certainty;
        }
        self
    }

    /// The tightest rung that the platform can express for it.
    pub fn attainable(mut self, rung: Rung) -> Self {
        if let Some(row) = self.0.as_deref_mut() {
            row.attainable = rung;
        }
        self
    }

    /// How it is known.
    pub fn basis(mut self, basis: Basis) -> Self {
        if let Some(row) = self.0.as_deref_mut() {
            row.basis = basis;
        }
        self
    }
}

impl Estate {
    pub(super) fn lookup(&self, scope: ScopeId, kind: KindId, selector: bool, name: &str) -> Option<NodeId> {
        let hash = self.hasher.hash_one((scope, kind, selector, name));
        let same = |id: &NodeId| {
            self.nodes.get(id.index()).is_some_and(|node| {
                node.scope == scope && node.kind == kind && node.selector == selector && *node.name == *name
            })
        };
        self.index.find(hash, same).copied()
    }

    pub(crate) fn intern(&mut self, scope: ScopeId, kind: KindId, selector: bool, name: &str) -> NodeId {
        if let Some(found) = self.lookup(scope, kind, selector, name) {
            return found;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node {
            scope,
            kind,
            selector,
            name: name.into(),
        });
        self.index_node(id);
        id
    }

    pub(super) fn index_node(&mut self, id: NodeId) {
        let Self {
            nodes, index, hasher, ..
        } = self;
        let hash_of = |id: &NodeId| {
            nodes.get(id.index()).map_or(0, |node| {
                hasher.hash_one((node.scope, node.kind, node.selector, &*node.name))
            })
        };
        index.insert_unique(hash_of(&id), id, hash_of);
    }

    pub(crate) fn intern_selector(
        &mut self,
        scope: ScopeId,
        kind: KindId,
        pattern: &Pattern,
        except: &[Pattern],
    ) -> NodeId {
        let mut except = except.to_vec();
        except.sort();
        except.dedup();
        // The name tells patterns of different sorts apart, so that it stands for the selector as a whole.
        let name = format!("{pattern:?}{except:?}");
        let id = self.intern(scope, kind, true, &name);
        self.selectors.entry(id).or_insert_with(|| Selector {
            pattern: pattern.clone(),
            except,
        });
        id
    }

    pub(crate) fn intern_condition(&mut self, text: &str) -> ConditionId {
        if let Some(found) = self.condition_index.get(text) {
            return *found;
        }
        let id = ConditionId(u32::try_from(self.conditions.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = text.into();
        self.conditions.push(Arc::clone(&text));
        self.condition_index.insert(text, id);
        id
    }

    fn intern_action(&mut self, action: &str) -> Arc<str> {
        if let Some(known) = self.actions.get(action) {
            return Arc::clone(known);
        }
        let word: Arc<str> = action.into();
        self.actions.insert(Arc::clone(&word));
        word
    }

    pub(crate) fn register_kind(&mut self, layer: &Arc<str>, kind: &Kind) -> KindId {
        if let Some(found) = self.kind_index.get(&KindKey(layer, kind.name)) {
            return *found;
        }
        let key = (Arc::clone(layer), Arc::from(kind.name));
        let id = KindId(u16::try_from(self.kinds.len()).unwrap_or(u16::MAX));
        self.kinds.push(KindRow {
            layer: Arc::clone(layer),
            name: Arc::clone(&key.1),
            class: kind.class,
        });
        self.kind_index.insert(key, id);
        id
    }

    pub(crate) fn register_technique(&mut self, layer: &str, technique: &Technique) -> TechniqueId {
        if let Some(found) = self.technique_index.get(technique.id) {
            return *found;
        }
        let id = TechniqueId(u16::try_from(self.techniques.len()).unwrap_or(u16::MAX));
        self.techniques.push(TechniqueRow {
            layer: layer.into(),
            id: technique.id.into(),
            verb: technique.verb,
            needs: technique.needs,
            gives: technique.gives,
            says: technique.says.into(),
            source: technique.source.into(),
        });
        self.technique_index.insert(technique.id.into(), id);
        id
    }

    pub(crate) fn push_edge(
        &mut self,
        from: NodeId,
        technique: TechniqueId,
        to: NodeId,
        place: Place,
    ) -> &mut Edge {
        self.edges.push(Edge {
            from,
            to,
            technique,
            certainty: Certainty::Certain,
            rung: u8::MAX,
            condition: ConditionId(0),
            place,
        });
        let last = self.edges.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "the edge was pushed just above")]
        &mut self.edges[last]
    }
}
