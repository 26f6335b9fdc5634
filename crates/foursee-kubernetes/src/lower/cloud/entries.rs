//! Access entries: an AWS principal as an identity of its own, with its user name, its groups and its access policies.
//!
//! The policies belong to the principal and not to the user name: somebody who comes by the same name another way, or
//! impersonates it, does not have them. A policy where it counts is a grant as a role where it is bound is one.

use super::template::{Names, names_of};
use crate::authorize::eks::{self, account_of, entries_count, known_namespaces, namespace_pattern};
use crate::authorize::{Attributes, rule_allows};
use crate::data::eks_policies;
use crate::facts::{AccessEntry, Facts, PolicyAssociation, PolicyRule};
use crate::lower::grants;
use crate::lower::rows::{rows, rung};
use crate::lower::{exec_condition, user_node};
use crate::reach::{Ask, Gives, Which, asks};
use crate::techniques::*;
use foursee_core::document::Place;
use foursee_core::estate::{Accepted, Lowering, Over};
use foursee_core::layer::{Holds, Hop, Who};
use foursee_core::model::{Certainty, ConditionId, Foothold, NodeId, Pattern, Rung};
use std::collections::BTreeMap;

/// Between the namespace and the name of a policy's grant, where a role's has its kind.
const POLICY: &str = "AccessPolicy";

/// Under which condition a session has one of the names that a template makes.
pub(crate) const SESSION: &str = "the AWS session is called so that the name comes out";

/// The name of a policy's grant: `namespace/AccessPolicy/NAME`, with `*` for the whole cluster.
fn grant_name(namespace: &str, policy: &str) -> String {
    let namespace = if namespace.is_empty() { "*" } else { namespace };
    format!("{namespace}/{POLICY}/{}", eks_policies::name_of(policy))
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    if !entries_count(facts) {
        return;
    }
    for entry in &facts.aws.entries {
        let node = principal(&entry.principal, entry.place, out);
        identity(facts, entry, node, out);
    }
    for (arn, place) in &facts.aws.listed {
        if facts.access.entry(facts, arn).is_none() {
            principal(arn, *place, out);
        }
    }
    let known = known_namespaces(facts);
    let mut granted: BTreeMap<(String, &str), Place> = BTreeMap::new();
    for one in &facts.aws.policies {
        let node = out.node(&ACCESS_ENTRY, entry_name(facts, &one.principal));
        if facts.access.rules(&one.policy).is_empty() {
            continue;
        }
        for namespace in scopes(one) {
            let pattern = namespace_pattern(namespace);
            if let Pattern::Exact(_) = pattern {
                let grant = out.node(&GRANT, &grant_name(namespace, &one.policy));
                out.member(node, grant, one.place);
                granted
                    .entry((namespace.to_owned(), &one.policy))
                    .or_insert(one.place);
                continue;
            }
            let all = out.select(Over {
                kind: &GRANT,
                pattern: &Pattern::Glob(grant_name(namespace, &one.policy).into()),
                except: &[Pattern::Exact(grant_name("", &one.policy).into())],
            });
            out.member(node, all, one.place);
            for name in known.iter().filter(|name| pattern.matches(name)) {
                granted
                    .entry(((*name).to_owned(), &one.policy))
                    .or_insert(one.place);
            }
        }
    }
    let table = asks();
    for ((namespace, policy), place) in &granted {
        let grant = out.node(&GRANT, &grant_name(namespace, policy));
        let all = facts.access.rules(policy);
        let rules: Vec<(&PolicyRule, Place)> = all.iter().map(|rule| (rule, *place)).collect();
        let unsure = eks_policies::policy(policy).is_some_and(|one| !one.open.is_empty());
        if unsure {
            reads(facts, &table, policy, grant, namespace, *place, out);
        } else {
            grants::edges(facts, &table, grant, namespace, &rules, out);
        }
        for (rule, place) in rules {
            // What a policy lets through is counted for no rule: none of its rights stands as used.
            rows(grant, namespace, rule, place, &|_| false, out);
        }
    }
}

/// The edges of a policy that reads everything, and of which AWS says that it does not give all of its table.
fn reads(
    facts: &Facts,
    table: &[Ask],
    policy: &str,
    grant: NodeId,
    namespace: &str,
    place: Place,
    out: &mut Lowering<'_>,
) {
    let rules = facts.access.rules(policy);
    let mut edge = |ask: &Ask, certainty: Certainty| {
        let pattern = match ask.which {
            Which::Everything => Pattern::Any,
            _ => grants::pattern(ask.over, namespace, None),
        };
        let to = out.select(Over {
            kind: ask.over,
            pattern: &pattern,
            except: &[],
        });
        let stands = rules.iter().map(|rule| rung(rule, namespace)).min();
        out.edge(grant, ask.technique, to, place)
            .certainty(certainty)
            .rung(stands.unwrap_or(Rung::Narrow));
    };
    for ask in table.iter().filter(|ask| namespace.is_empty() || !ask.cluster) {
        if rules.iter().any(|rule| ask.of(rule) == Some(Gives::All)) {
            let open = eks::is_open(policy, &attributes(ask, "get"));
            edge(
                ask,
                if open {
                    Certainty::Unknown
                } else {
                    Certainty::Certain
                },
            );
        } else if ask.technique.id == EXEC.id
            && exec_condition(facts).is_ok()
            && rules
                .iter()
                .any(|rule| rule_allows(rule, &attributes(ask, "get")))
        {
            edge(ask, Certainty::Unknown);
        }
    }
}

fn attributes(ask: &Ask, verb: &'static str) -> Attributes<'static> {
    Attributes::Resource {
        verb,
        group: ask.group,
        resource: ask.resource,
        subresource: ask.subresource,
        name: "",
        namespace: "",
    }
}

/// Where an association counts: namespaces, or "" for the cluster.
fn scopes(one: &PolicyAssociation) -> impl Iterator<Item = &str> {
    let within = one.within.as_deref();
    let cluster = within.is_none().then_some("");
    let named = within.unwrap_or_default().iter().map(|name| &**name);
    named.filter(|name| !name.is_empty()).chain(cluster)
}

/// The principals that access policies are given to, by the names of their nodes.
pub(crate) fn policy_holders(facts: &Facts) -> impl Iterator<Item = &str> {
    let all = facts.aws.policies.iter().filter(|_| entries_count(facts));
    all.map(|one| entry_name(facts, &one.principal))
}

/// The name of a principal's node: as its entry spells it.
fn entry_name<'f>(facts: &'f Facts, principal: &'f str) -> &'f str {
    facts
        .access
        .entry(facts, principal)
        .map_or(principal, |entry| &entry.principal)
}

/// The node of a principal that is let in.
fn principal(arn: &str, place: Place, out: &mut Lowering<'_>) -> NodeId {
    let node = out.node(&ACCESS_ENTRY, arn);
    out.accept(Accepted {
        by: node,
        gives: Foothold::Acts,
        kind: "aws-principal".into(),
        realm: "aws".into(),
        subject: Pattern::Exact(arn.into()),
        audience: Vec::new(),
        certainty: Certainty::Certain,
        condition: ConditionId(0),
        place,
    });
    node
}

/// Its user name and groups.
fn identity(facts: &Facts, entry: &AccessEntry, node: NodeId, out: &mut Lowering<'_>) {
    match names_of(&eks::username(entry), account_of(&entry.principal)) {
        Names::One(name) => {
            let (kind, name) = user_node(&name);
            let user = out.node(kind, &name);
            out.member(node, user, entry.place);
        }
        Names::Some { pattern, except } => {
            let users = out.select(Over {
                kind: &USER,
                pattern: &pattern,
                except: &except,
            });
            let condition = out.condition(SESSION);
            out.member(node, users, entry.place).when(condition);
        }
    }
    for (group, place) in eks::groups(entry) {
        let group = out.node(&GROUP, group);
        out.member(node, group, place);
    }
    if facts.index.group_is_bound("system:authenticated") {
        let group = out.node(&GROUP, "system:authenticated");
        out.member(node, group, entry.place);
    }
}

/// The user name and groups of an entry's principal; no name where its session decides it.
pub(crate) fn asker(facts: &Facts, arn: &str) -> (String, Vec<String>) {
    let mut groups = vec!["system:authenticated".to_owned()];
    let Some(entry) = facts.access.entry(facts, arn) else {
        return (String::new(), groups);
    };
    groups.extend(eks::groups(entry).into_iter().map(|(group, _)| group.to_owned()));
    let name = match names_of(&eks::username(entry), account_of(arn)) {
        Names::One(name) => name,
        Names::Some { .. } => String::new(),
    };
    (name, groups)
}

/// Whether an entry's principal comes in as that user, or as a member of that group.
pub(crate) fn comes_as(entry: &AccessEntry, group: bool, name: &str) -> bool {
    if group {
        return eks::groups(entry).iter().any(|(group, _)| *group == name);
    }
    match names_of(&eks::username(entry), account_of(&entry.principal)) {
        Names::One(own) => own == name,
        names => names.hold(name),
    }
}

/// The rules of a policy's grant, and where they count.
pub(crate) fn policy_rules<'f>(facts: &'f Facts, from: Who<'_>) -> Option<(String, Vec<&'f PolicyRule>)> {
    if from.kind != GRANT.name {
        return None;
    }
    let (namespace, rest) = from.name.split_once('/')?;
    let name = rest.strip_prefix(POLICY)?.strip_prefix('/')?;
    let namespace = if namespace == "*" { "" } else { namespace };
    Some((namespace.to_owned(), facts.access.rules(name).iter().collect()))
}

/// Whether a hop of an entry holds.
pub(super) fn holds(facts: &Facts, hop: &Hop<'_>) -> Option<Holds> {
    let (from, to) = (hop.from, hop.to);
    let when = |holds: bool, why: &str| {
        if holds {
            Holds::Yes
        } else {
            Holds::No(why.to_owned())
        }
    };
    if hop.technique == "core-accepts" && to.kind == ACCESS_ENTRY.name {
        let credential = hop.credential?;
        let known = facts.access.entry(facts, to.name).is_some()
            || facts.aws.listed.iter().any(|(arn, _)| **arn == *to.name);
        let accepted = known
            && entries_count(facts)
            && credential.kind == "aws-principal"
            && credential.subject == to.name;
        return Some(when(accepted, "no access entry is for that principal"));
    }
    if hop.technique != "core-member" || from.kind != ACCESS_ENTRY.name {
        return open(facts, hop);
    }
    if to.kind == GRANT.name {
        let held = entries_count(facts)
            && facts
                .access
                .of(from.name)
                .filter_map(|at| facts.aws.policies.get(at))
                .any(|one| {
                    let (namespace, rest) = to.name.split_once('/').unwrap_or_default();
                    let same = rest
                        .strip_prefix(POLICY)
                        .is_some_and(|name| name.get(1..) == Some(eks_policies::name_of(&one.policy)));
                    same && match namespace {
                        "*" => one.within.is_none(),
                        name => {
                            scopes(one).any(|one| !one.is_empty() && namespace_pattern(one).matches(name))
                        }
                    }
                });
        return Some(when(held, "it is not given that access policy there"));
    }
    let Some(entry) = facts.access.entry(facts, from.name) else {
        return Some(Holds::Unknown(format!(
            "aws eks describe-access-entry --principal-arn {}",
            from.name
        )));
    };
    if to.kind == GROUP.name {
        let (_, groups) = asker(facts, from.name);
        return Some(when(
            groups.iter().any(|group| group == to.name),
            "its entry is not in that group",
        ));
    }
    let names = names_of(&eks::username(entry), account_of(&entry.principal));
    let named = match &names {
        Names::One(name) => user_node(name).1 == to.name,
        Names::Some { .. } => names.hold(to.name),
    };
    Some(match names {
        Names::Some { .. } if named => Holds::If(SESSION.to_owned()),
        _ => when(named, "it comes in by another user name"),
    })
}

/// What a policy's table gives and AWS says it does not: no hop of it is sure.
fn open(facts: &Facts, hop: &Hop<'_>) -> Option<Holds> {
    policy_rules(facts, hop.from)?;
    let policy = hop.from.name.rsplit('/').next()?;
    let ask = asks().into_iter().find(|ask| ask.technique.id == hop.technique)?;
    eks::is_open(policy, &attributes(&ask, "get")).then(|| Holds::Unknown(eks_policies::OPEN.to_owned()))
}
