//! The statements in the form in which they are lowered: who shares which ALLOW, with the same left after denies.
//!
//! Made once, at sealing, so that lowering and the confirmation of a hop mean the same by a grant's name.

use crate::authorize::Reach;
use crate::facts::{Acl, EVERYBODY, Facts, Operation, PatternType, Permission, ResourceType};
use foursee_core::model::{Pattern, Rung, Sym};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Who holds a statement.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Holder {
    /// Everybody, as `User:*` names them.
    Everybody,
    /// A principal.
    Principal(Sym),
}

/// One ALLOW, with those who hold it with the same left.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// The first of its ACLs.
    pub(crate) acl: usize,
    /// Its holders, each with its own ACL.
    pub(crate) holders: Vec<(Holder, usize)>,
    /// The operations that it gives, each with what is left of its names.
    pub(crate) reaches: Vec<(Operation, Reach)>,
    /// Whether its holders can read some consumer group.
    pub(crate) group: bool,
    /// Where it stands.
    pub(crate) rung: Rung,
    /// The name of the grant node, where several hold it.
    pub(crate) node: Option<String>,
}

/// All of a scope.
#[derive(Default, Debug)]
pub(crate) struct Plan {
    /// In the order of the table of ACLs.
    pub(crate) statements: Vec<Statement>,
    /// Statements by the names of their grant nodes.
    pub(crate) grants: HashMap<String, usize>,
    /// Principals that are denied some of what everybody is allowed: they hold everybody's statements on their own.
    pub(crate) apart: BTreeSet<Sym>,
}

/// What makes holders share: the statement and what is left of it.
type Key = (usize, Vec<(Operation, Reach)>, bool, Rung);

impl Plan {
    /// The plan of sealed facts.
    pub(crate) fn new(facts: &Facts) -> Self {
        let everybody = facts.words.find(EVERYBODY);
        let mut plan = Self {
            apart: apart(facts, everybody),
            ..Self::default()
        };
        let mut groups: HashMap<Sym, bool> = HashMap::new();
        let mut shared: BTreeMap<Key, Vec<(Holder, usize)>> = BTreeMap::new();
        // ACLs that say the same of several principals stand side by side but for the principal: find the first.
        let mut first: HashMap<(ResourceType, PatternType, Sym, Operation, Sym), usize> = HashMap::new();
        for (at, acl) in facts
            .acls
            .iter()
            .enumerate()
            .filter(|(_, acl)| acl.permission == Permission::Allow)
        {
            let same = *first
                .entry((acl.kind, acl.pattern, acl.name, acl.operation, acl.host))
                .or_insert(at);
            let holders: Vec<Holder> = if Some(acl.principal) == everybody {
                std::iter::once(Holder::Everybody)
                    .chain(plan.apart.iter().copied().map(Holder::Principal))
                    .collect()
            } else {
                vec![Holder::Principal(acl.principal)]
            };
            for holder in holders {
                let name = facts.holder_name(holder);
                let reaches: Vec<(Operation, Reach)> = given(facts, acl)
                    .into_iter()
                    .filter_map(|operation| Some((operation, facts.left(at, name, operation)?)))
                    .map(|(operation, reach)| (operation, Reach { acl: same, ..reach }))
                    .collect();
                if reaches.is_empty() {
                    continue;
                }
                let sym = match holder {
                    Holder::Everybody => acl.principal,
                    Holder::Principal(sym) => sym,
                };
                let group = *groups.entry(sym).or_insert_with(|| facts.reads_a_group(name));
                let key = (same, reaches, group, rung(facts, acl, name));
                shared.entry(key).or_default().push((holder, at));
            }
        }
        for ((acl, reaches, group, rung), holders) in shared {
            let node = (holders.len() > 1)
                .then(|| grant_name(facts, acl, &reaches, group, rung))
                .flatten();
            if let Some(name) = &node {
                plan.grants.insert(name.clone(), plan.statements.len());
            }
            plan.statements.push(Statement {
                acl,
                holders,
                reaches,
                group,
                rung,
                node,
            });
        }
        plan
    }
}

impl Facts {
    /// A holder's principal, as the authorizer is asked; empty for everybody, who is nobody in particular.
    pub(crate) fn holder_name(&self, holder: Holder) -> &str {
        match holder {
            Holder::Everybody => "",
            Holder::Principal(sym) => self.word(sym),
        }
    }
}

/// The principals with a DENY that takes some of what everybody is allowed.
fn apart(facts: &Facts, everybody: Option<Sym>) -> BTreeSet<Sym> {
    let Some(everybody) = everybody else {
        return BTreeSet::new();
    };
    let mut kinds: BTreeSet<ResourceType> = BTreeSet::new();
    for acl in &facts.acls {
        if acl.principal == everybody && acl.permission == Permission::Allow {
            kinds.insert(acl.kind);
        }
    }
    let blocks = facts.quirks().blocks;
    let takes = |deny: &Acl| {
        deny.permission == Permission::Deny
            && deny.principal != everybody
            && kinds.contains(&deny.kind)
            && facts.host_rule(deny).alive(blocks)
            && facts
                .rows_of(everybody, deny.kind)
                .filter_map(|at| facts.acls.get(at))
                .any(|allow| {
                    allow.permission == Permission::Allow
                        && facts.overlap(allow, deny).is_some()
                        && (deny.operation == Operation::All
                            || allow.operation == Operation::All
                            || allow.operation == deny.operation
                            || allow.operation.implies(deny.operation))
                })
    };
    facts
        .acls
        .iter()
        .filter(|acl| takes(acl))
        .map(|acl| acl.principal)
        .collect()
}

/// The operations that an ALLOW gives and that some API asks: its own, those of ALL, and those that it implies.
fn given(facts: &Facts, acl: &Acl) -> Vec<Operation> {
    let asked = acl.kind.operations();
    if asked.is_empty() {
        return vec![acl.operation];
    }
    match acl.operation {
        Operation::All if facts.quirks().all_covers => asked.to_vec(),
        Operation::Other(_) => vec![acl.operation],
        own => asked
            .iter()
            .copied()
            .filter(|one| *one == own || own.implies(*one))
            .collect(),
    }
}

/// Where an ALLOW stands for a principal.
pub(crate) fn rung(facts: &Facts, acl: &Acl, principal: &str) -> Rung {
    let all = acl.operation == Operation::All;
    if acl.kind == ResourceType::Cluster {
        return match acl.operation {
            Operation::All | Operation::Alter | Operation::ClusterAction => Rung::ServiceWide,
            Operation::Delete | Operation::Create | Operation::AlterConfigs => Rung::Broad,
            _ => Rung::Scoped,
        };
    }
    if facts.wild(acl) {
        return if all { Rung::ServiceWide } else { Rung::Broad };
    }
    if all {
        return Rung::Broad;
    }
    let one_host = matches!(facts.host_rule(acl), crate::authorize::host::Rule::Address(_));
    let narrow = acl.pattern == PatternType::Literal
        && one_host
        && (acl.kind != ResourceType::Topic
            || acl.operation != Operation::Read
            || one_group(facts, principal));
    if narrow { Rung::Narrow } else { Rung::Scoped }
}

/// Whether the groups that a principal may read are one, named as it is.
fn one_group(facts: &Facts, principal: &str) -> bool {
    let mut groups = facts
        .scope_of(principal, Operation::Read, ResourceType::Group)
        .into_iter();
    let first = groups.next();
    matches!(&first, Some(one) if matches!(one.pattern, Pattern::Exact(_)))
        && groups.all(|other| first.as_ref().is_some_and(|first| first.pattern == other.pattern))
}

fn grant_name(
    facts: &Facts,
    acl: usize,
    reaches: &[(Operation, Reach)],
    group: bool,
    rung: Rung,
) -> Option<String> {
    let acl = facts.acls.get(acl)?;
    let mut name = format!(
        "{} on {}:{}:{} from {}",
        acl.operation.as_str(&facts.words),
        acl.kind.as_str(&facts.words),
        acl.pattern.as_str(),
        facts.word(acl.name),
        facts.word(acl.host)
    );
    let mut left: Vec<String> = Vec::new();
    for (operation, reach) in reaches {
        let plain = reach.except.is_empty() && !reach.condition.contains("not from");
        if !plain {
            let except: Vec<String> = reach.except.iter().map(ToString::to_string).collect();
            let operation = operation.as_str(&facts.words);
            left.push(format!(
                "{operation} except {} {}",
                except.join(", "),
                reach.condition
            ));
        }
    }
    let given = given(facts, acl).len();
    if !left.is_empty() || given != reaches.len() {
        name.push_str(&format!(
            " (after denies: {} of {given} operations; {})",
            reaches.len(),
            left.join("; ")
        ));
        // Which operations are left is part of what tells two apart.
        let words: Vec<&str> = reaches
            .iter()
            .map(|(operation, _)| operation.as_str(&facts.words))
            .collect();
        name.push_str(&format!(" [{}]", words.join(" ")));
    }
    if acl.kind == ResourceType::Topic
        && reaches.iter().any(|(operation, _)| *operation == Operation::Read)
        && !group
    {
        name.push_str(" without a group");
    }
    if rung == Rung::Narrow {
        name.push_str(" (one group)");
    }
    Some(name)
}
