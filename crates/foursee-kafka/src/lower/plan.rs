//! The statements in the form in which they are lowered: who shares which ALLOW, with the same left after denies.
//!
//! Made once, when it is first asked for, so that lowering and the confirmation of a hop mean the same by a grant's name.

use crate::authorize::Reach;
use crate::facts::{Acl, EVERYBODY, Facts, Operation, PatternType, Permission, ResourceType};
use foursee_core::model::{Pattern, Rung, Sym};
use std::collections::{BTreeSet, HashMap};

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
    /// The ACLs that give their own principals something, each with its statement, in the order of the table.
    pub(crate) given: Vec<(usize, usize)>,
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
        let mut one_group: HashMap<Sym, bool> = HashMap::new();
        // ACLs that say the same of several principals stand side by side but for the principal.
        let mut at = 0;
        for side in facts
            .acls
            .chunk_by(|a, b| (a.kind, a.pattern, a.name) == (b.kind, b.pattern, b.name))
        {
            let mut first: HashMap<(Operation, Sym), usize> = HashMap::new();
            let mut shared: Vec<(Key, (Holder, usize))> = Vec::new();
            let around = side.first().map_or_else(Vec::new, |acl| facts.around(acl));
            for acl in side {
                let own = at;
                at += 1;
                if acl.permission != Permission::Allow {
                    continue;
                }
                let same = *first.entry((acl.operation, acl.host)).or_insert(own);
                let operations = given(facts, acl);
                let (holder, others) = if Some(acl.principal) == everybody {
                    (Holder::Everybody, Some(&plan.apart))
                } else {
                    (Holder::Principal(acl.principal), None)
                };
                let others = others.into_iter().flatten().copied().map(Holder::Principal);
                for holder in std::iter::once(holder).chain(others) {
                    let name = facts.holder_name(holder);
                    let mut reaches = facts.leaves_of(own, &around, name, &operations);
                    if reaches.is_empty() {
                        continue;
                    }
                    for (_, reach) in &mut reaches {
                        reach.acl = same;
                    }
                    let sym = match holder {
                        Holder::Everybody => acl.principal,
                        Holder::Principal(sym) => sym,
                    };
                    let group = *groups.entry(sym).or_insert_with(|| facts.reads_a_group(name));
                    let rung = rung(facts, acl, || {
                        *one_group.entry(sym).or_insert_with(|| has_one_group(facts, name))
                    });
                    shared.push(((same, reaches, group, rung), (holder, own)));
                }
            }
            shared.sort_by(|a, b| a.0.cmp(&b.0));
            plan.share(facts, shared, everybody);
        }
        plan.given.sort_unstable();
        plan
    }

    /// Makes a statement of each run of holders with the same left.
    fn share(&mut self, facts: &Facts, shared: Vec<(Key, (Holder, usize))>, everybody: Option<Sym>) {
        let mut shared = shared.into_iter().peekable();
        while let Some((key, holder)) = shared.next() {
            let mut holders = vec![holder];
            while let Some((_, more)) = shared.next_if(|(next, _)| *next == key) {
                holders.push(more);
            }
            let (acl, reaches, group, rung) = key;
            let node = (holders.len() > 1)
                .then(|| grant_name(facts, acl, &reaches, group, rung))
                .flatten();
            let number = self.statements.len();
            if let Some(name) = &node {
                self.grants.insert(name.clone(), number);
            }
            let own = |(holder, at): &&(Holder, usize)| {
                let principal = facts.acls.get(*at).map(|acl| acl.principal);
                principal.is_some()
                    && match holder {
                        Holder::Everybody => principal == everybody,
                        Holder::Principal(sym) => principal == Some(*sym),
                    }
            };
            let own = holders.iter().filter(own).map(|(_, at)| (*at, number));
            self.given.extend(own);
            self.statements.push(Statement {
                acl,
                holders,
                reaches,
                group,
                rung,
                node,
            });
        }
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
    let blocks = facts.quirks().blocks;
    let takes = |deny: &Acl| {
        deny.permission == Permission::Deny
            && deny.principal != everybody
            && facts.host_rule(deny).alive(blocks)
            && facts
                .meeting(everybody, deny)
                .into_iter()
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

/// Where an ALLOW stands for a principal, of whom it is asked, where that counts, whether it may read one group.
fn rung(facts: &Facts, acl: &Acl, one_group: impl FnOnce() -> bool) -> Rung {
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
        && (acl.kind != ResourceType::Topic || acl.operation != Operation::Read || one_group());
    if narrow { Rung::Narrow } else { Rung::Scoped }
}

/// Whether the groups that a principal may read are one, named as it is.
fn has_one_group(facts: &Facts, principal: &str) -> bool {
    let mut groups = facts.scope_of(principal, Operation::Read, ResourceType::Group);
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
