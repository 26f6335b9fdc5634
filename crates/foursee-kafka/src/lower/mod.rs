//! Facts to edges, privileges and credentials: statements, not answers.
//!
//! An ALLOW that several principals hold with the same left after denies is one grant node; a DENY for every host is
//! subtracted from the names, one for some hosts is a condition. `User:*` is a group: all principals that are known are
//! its members, but those that are denied some of what it is allowed, who hold its statements on their own.

pub(crate) mod confirm;
mod gaps;
mod listeners;
pub(crate) mod plan;
mod whole;

use crate::authorize::Reach;
use crate::facts::{ANONYMOUS, CLUSTER_NAME, EVERYBODY, Facts, Operation, PatternType, ResourceType};
use crate::techniques as technique;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::model::{Class, Kind, NodeId, Pattern, Rung, Technique, Verb};
#[cfg(test)]
pub(crate) use listeners::lets_in;
pub(crate) use listeners::sasl_user;
use plan::{Holder, Statement};
use std::collections::BTreeMap;

/// A principal: whoever logs in under a name.
pub(crate) static PRINCIPAL: Kind = Kind::new("principal", Class::Identity);
/// `User:*`.
pub(crate) static EVERYONE: Kind = Kind::new("everyone", Class::Group);
/// An ALLOW that several hold, or a setting that gives to several.
pub(crate) static GRANT: Kind = Kind::new("acl", Class::Grant);
static TOPIC: Kind = Kind::new("topic", Class::Resource);
static GROUP: Kind = Kind::new("group-id", Class::Resource);
static TRANSACTIONAL_ID: Kind = Kind::new("transactional-id", Class::Resource);
static CLUSTER: Kind = Kind::new("cluster", Class::Resource);
static TOKEN: Kind = Kind::new("delegation-token", Class::Resource);
static OTHER: Kind = Kind::new("resource", Class::Resource);
/// Whoever connects without showing anything.
pub(crate) static STRANGER: Kind = Kind::new("stranger", Class::Outside);

/// The grant node of the super users.
pub(crate) const SUPER_USERS: &str = "super.users";
/// The grant node of what no ACL matches.
pub(crate) const ALLOW_EVERYONE: &str = "allow.everyone.if.no.acl.found";
/// The grant node of a cluster without authorizer.
pub(crate) const NO_AUTHORIZER: &str = "no authorizer";

/// What a condition says where a principal that reads topics can read no group.
pub(crate) const NO_GROUP: &str = "without a consumer group: none is readable";

/// The nodes' kind of a resource type.
pub(crate) fn kind_of(kind: ResourceType) -> &'static Kind {
    match kind {
        ResourceType::Topic => &TOPIC,
        ResourceType::Group => &GROUP,
        ResourceType::Cluster => &CLUSTER,
        ResourceType::TransactionalId => &TRANSACTIONAL_ID,
        ResourceType::DelegationToken => &TOKEN,
        ResourceType::User => &PRINCIPAL,
        ResourceType::Other(_) => &OTHER,
    }
}

/// Which of the verbs an operation is.
fn verb(kind: ResourceType, operation: Operation) -> Verb {
    match operation {
        Operation::Read => Verb::Read,
        Operation::Write | Operation::Create | Operation::IdempotentWrite | Operation::TwoPhaseCommit => {
            Verb::Write
        }
        Operation::Delete => Verb::Delete,
        Operation::Describe | Operation::DescribeConfigs | Operation::DescribeTokens => Verb::List,
        Operation::CreateTokens => Verb::Become,
        Operation::Alter | Operation::All if kind == ResourceType::Cluster => Verb::Delegate,
        _ => Verb::Administer,
    }
}

/// Writes the scope.
pub(crate) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    gaps::write(facts, out);
    let principals = principals(facts, out);
    for topic in &facts.topics {
        out.node(&TOPIC, facts.word(topic.name));
    }
    for row in &facts.groups {
        out.node(&GROUP, facts.word(row.group));
    }
    resources_of_acls(facts, out);
    if let Some(place) = first_place(facts) {
        let cluster = out.node(&CLUSTER, CLUSTER_NAME);
        out.prize(cluster, "whoever alters its ACLs has every topic", place);
    }
    everyone(facts, &principals, out);
    for statement in &facts.plan().statements {
        lower_statement(facts, statement, out);
    }
    whole::super_users(facts, out);
    whole::open_to_all(facts, &principals, out);
    listeners::write(facts, &principals, out);
}

fn first_place(facts: &Facts) -> Option<Place> {
    let acl = facts.acls.first().map(|acl| acl.place);
    acl.or_else(|| facts.listings.first().map(|one| one.place))
        .or_else(|| facts.settings.first()?.place)
}

/// Every principal that a document names, with where it does.
fn principals(facts: &Facts, out: &mut Lowering<'_>) -> BTreeMap<String, (NodeId, Place)> {
    let mut all: BTreeMap<String, Place> = BTreeMap::new();
    let mut note = |name: &str, place: Place| {
        all.entry(name.to_owned()).or_insert(place);
    };
    for acl in &facts.acls {
        let principal = facts.word(acl.principal);
        if principal != EVERYBODY {
            note(principal, acl.place);
        }
        if acl.kind == ResourceType::User && acl.pattern == PatternType::Literal && !facts.wild(acl) {
            note(facts.word(acl.name), acl.place);
        }
    }
    for (name, place) in facts.super_users() {
        note(name, place);
    }
    for one in &facts.settings {
        for (name, place) in &one.sasl_users {
            note(&format!("User:{name}"), *place);
        }
    }
    for user in &facts.scram_users {
        note(&format!("User:{}", facts.word(user.name)), user.place);
    }
    if let Some(open) = facts.listeners().find(|one| one.lets_anybody_in()) {
        note(ANONYMOUS, open.place);
    }
    all.into_iter()
        .map(|(name, place)| (name.clone(), (out.node(&PRINCIPAL, &name), place)))
        .collect()
}

fn resources_of_acls(facts: &Facts, out: &mut Lowering<'_>) {
    for group in facts
        .acls
        .chunk_by(|a, b| (a.kind, a.pattern, a.name) == (b.kind, b.pattern, b.name))
    {
        let Some(acl) = group.first() else { continue };
        if acl.pattern == PatternType::Literal && !facts.wild(acl) && acl.kind != ResourceType::User {
            out.node(kind_of(acl.kind), facts.word(acl.name));
        }
    }
}

fn everyone(facts: &Facts, principals: &BTreeMap<String, (NodeId, Place)>, out: &mut Lowering<'_>) {
    let own = facts.plan().statements.iter().find_map(|one| {
        let (_, acl) = one
            .holders
            .iter()
            .find(|(holder, _)| *holder == Holder::Everybody)?;
        facts.acls.get(*acl).map(|acl| acl.place)
    });
    let Some(place) = own else { return };
    let group = out.node(&EVERYONE, EVERYBODY);
    for (name, (node, _)) in principals {
        let apart = facts
            .words
            .find(name)
            .is_some_and(|sym| facts.plan().apart.contains(&sym));
        if !apart {
            out.member(*node, group, place);
        }
    }
}

fn holder_node(facts: &Facts, holder: Holder, out: &mut Lowering<'_>) -> NodeId {
    match holder {
        Holder::Everybody => out.node(&EVERYONE, EVERYBODY),
        Holder::Principal(sym) => out.node(&PRINCIPAL, facts.word(sym)),
    }
}

fn lower_statement(facts: &Facts, statement: &Statement, out: &mut Lowering<'_>) {
    let place_of = |at: usize| facts.acls.get(at).map(|acl| acl.place);
    let Some(place) = place_of(statement.acl) else {
        return;
    };
    match &statement.node {
        None => {
            for (holder, at) in &statement.holders {
                let node = holder_node(facts, *holder, out);
                grants(facts, statement, node, place_of(*at).unwrap_or(place), out);
            }
        }
        Some(name) => {
            let grant = out.node(&GRANT, name);
            for (holder, at) in &statement.holders {
                let node = holder_node(facts, *holder, out);
                out.member(node, grant, place_of(*at).unwrap_or(place));
            }
            grants(facts, statement, grant, place, out);
        }
    }
}

/// The rows and edges of a statement, for its one holder or its grant node.
fn grants(facts: &Facts, statement: &Statement, holder: NodeId, place: Place, out: &mut Lowering<'_>) {
    let Some(acl) = facts.acls.get(statement.acl) else {
        return;
    };
    let attainable = Rung::Narrow;
    // ALL that no DENY touches is one row.
    let first = statement.reaches.first().map(|(_, reach)| reach);
    let whole = acl.operation == Operation::All
        && statement.reaches.len() == acl.kind.operations().len()
        && statement.reaches.iter().all(|(_, reach)| Some(reach) == first);
    // The operations of a statement mostly leave the same names.
    let mut last: Option<(&Reach, NodeId)> = None;
    for (at, (operation, reach)) in statement.reaches.iter().enumerate() {
        let known = last.filter(|(one, _)| (&one.pattern, &one.except) == (&reach.pattern, &reach.except));
        let over = match acl.kind {
            // The cluster has one name.
            ResourceType::Cluster if reach.pattern.matches(CLUSTER_NAME) => {
                if reach.except.iter().any(|one| one.matches(CLUSTER_NAME)) {
                    continue;
                }
                out.node(&CLUSTER, CLUSTER_NAME)
            }
            kind => known.map_or_else(
                || {
                    out.select(Over {
                        kind: kind_of(kind),
                        pattern: &reach.pattern,
                        except: &reach.except,
                    })
                },
                |(_, node)| node,
            ),
        };
        last = Some((reach, over));
        let condition = out.condition(&reach.condition);
        if !whole || at == 0 {
            let action = if whole {
                "*"
            } else {
                operation.as_str(&facts.words)
            };
            let said = if whole { Operation::All } else { *operation };
            out.privilege(holder, verb(acl.kind, said), action, over, statement.rung, place)
                .certainty(facts.certainty())
                .when(condition)
                .attainable(attainable);
        }
        edges(
            facts,
            statement,
            *operation,
            holder,
            over,
            place,
            &reach.condition,
            out,
        );
    }
}

#[expect(clippy::too_many_arguments, reason = "one statement's parts, passed once")]
fn edges(
    facts: &Facts,
    statement: &Statement,
    operation: Operation,
    holder: NodeId,
    over: NodeId,
    place: Place,
    condition: &str,
    out: &mut Lowering<'_>,
) {
    let Some(acl) = facts.acls.get(statement.acl) else {
        return;
    };
    let rung = statement.rung;
    let edge = |technique: &'static Technique, to: NodeId, more: &str, out: &mut Lowering<'_>| {
        let condition = match (condition, more) {
            (one, "") | ("", one) => out.condition(one),
            (one, more) => out.condition(&format!("{one}; {more}")),
        };
        let edge = out.edge(holder, technique, to, place).rung(rung);
        edge.certainty(facts.certainty()).when(condition);
    };
    let any = |kind: &'static Kind, out: &mut Lowering<'_>| {
        out.select(Over {
            kind,
            pattern: &Pattern::Any,
            except: &[],
        })
    };
    match (acl.kind, operation) {
        (ResourceType::Topic, Operation::Read) => {
            edge(
                &technique::READ,
                over,
                if statement.group { "" } else { NO_GROUP },
                out,
            );
        }
        (ResourceType::Topic, Operation::Write) => edge(&technique::WRITE, over, "", out),
        (ResourceType::Topic, Operation::Delete) => edge(&technique::DELETE, over, "", out),
        (ResourceType::Topic, Operation::AlterConfigs) => edge(&technique::ALTER_CONFIGS, over, "", out),
        (ResourceType::User, Operation::CreateTokens) => {
            if let Some(more) = tokens(facts) {
                edge(&technique::CREATE_TOKENS, over, more, out);
            }
        }
        (ResourceType::Cluster, Operation::Alter) => {
            edge(&technique::ALTER_ACLS, over, "", out);
            if let Some(more) = scram(facts) {
                let everybody = any(&PRINCIPAL, out);
                edge(&technique::RESET_SCRAM, everybody, more, out);
            }
        }
        (ResourceType::Cluster, Operation::AlterConfigs) => edge(&technique::ALTER_CONFIGS, over, "", out),
        (ResourceType::Cluster, Operation::Delete | Operation::Create) => {
            // Brokers ask the cluster before the topic.
            let topics = any(&TOPIC, out);
            let text = out.condition(condition);
            out.privilege(
                holder,
                verb(ResourceType::Topic, operation),
                operation.as_str(&facts.words),
                topics,
                rung,
                place,
            )
            .certainty(facts.certainty())
            .when(text);
            if operation == Operation::Delete {
                edge(&technique::DELETE, topics, "", out);
            }
        }
        (ResourceType::Cluster, Operation::ClusterAction) => {
            let topics = any(&TOPIC, out);
            edge(&technique::FETCH_AS_FOLLOWER, topics, "", out);
        }
        _ => {}
    }
}

/// The condition under which a token can be made out: none, or that the setting is not known; nothing where it cannot.
pub(crate) fn tokens(facts: &Facts) -> Option<&'static str> {
    if facts.settings.is_empty() {
        return Some("delegation.token.secret.key is set on the brokers");
    }
    facts
        .settings
        .iter()
        .any(|one| one.tokens.is_some())
        .then_some("")
}

/// The condition under which a SCRAM password lets somebody in.
pub(crate) fn scram(facts: &Facts) -> Option<&'static str> {
    if facts.settings.is_empty() {
        return Some("a SCRAM mechanism is enabled on a listener");
    }
    facts.settings.iter().any(|one| one.scram).then_some("")
}

impl Facts {
    /// The names of a type that some ACL matches, whoever it is for; none where all are.
    pub(crate) fn covered(&self, kind: ResourceType) -> Option<Vec<Pattern>> {
        let mut all = Vec::new();
        for group in self
            .acls
            .chunk_by(|a, b| (a.kind, a.pattern, a.name) == (b.kind, b.pattern, b.name))
        {
            let Some(acl) = group.first().filter(|acl| acl.kind == kind) else {
                continue;
            };
            if self.wild(acl) {
                return None;
            }
            let name = self.word(acl.name);
            all.push(match acl.pattern {
                PatternType::Literal => Pattern::Exact(name.into()),
                PatternType::Prefixed => Pattern::Prefix(name.into()),
            });
        }
        Some(all)
    }
}
