//! What the authorizer says over all clients: always, under a condition on the client's host, or never. And what a
//! statement leaves after denies: what lowering writes down.
//!
//! [`Facts::outcome`] answers for one name, [`Facts::left`] for all that an ACL means; both rest on the same
//! comparison of hosts, and are tested against each other and against [`Facts::decide`].

use super::{Client, Quirks, host};
use crate::facts::{Acl, Facts, Operation, PatternType, Permission, ResourceType};
use foursee_core::model::{Pattern, Sym};
use std::ops::Range;

/// The authorizer's answer over all clients.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// From every host.
    Always,
    /// From some: which, as people read it.
    If(String),
    /// From none.
    Never,
}

/// What one ALLOW leaves of one operation for one principal, after denies.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reach {
    /// The ALLOW, by its number in [`Facts::acls`].
    pub acl: usize,
    /// The names that it means.
    pub pattern: Pattern,
    /// The names that a DENY for every host takes, and those that the authorizer does not take for matched.
    pub except: Vec<Pattern>,
    /// From which hosts; empty for all.
    pub condition: String,
}

/// The condition of hosts that are allowed (none: every host) and of hosts that are denied.
fn text_of(from: &[&str], not: &[&str]) -> String {
    let mut parts = Vec::new();
    if !from.is_empty() {
        parts.push(format!("from host {}", from.join(" or ")));
    }
    if !not.is_empty() {
        parts.push(format!("not from host {}", not.join(" or ")));
    }
    parts.join(", ")
}

impl Facts {
    /// The principal's own symbol and everybody's, as far as some ACL names them.
    fn candidates(&self, principal: &str) -> impl Iterator<Item = Sym> + use<> {
        let own = self.words.find(principal);
        let everybody = self.index.everybody.filter(|sym| own != Some(*sym));
        [own, everybody].into_iter().flatten()
    }

    /// Whether an ACL's operation covers the asked one.
    fn direct(acl: &Acl, operation: Operation, quirks: Quirks) -> bool {
        acl.operation == operation || acl.operation == Operation::All && quirks.all_covers
    }

    /// The answer for one name over all clients.
    #[must_use]
    pub fn outcome(&self, principal: &str, operation: Operation, kind: ResourceType, name: &str) -> Outcome {
        let index = &self.index;
        let everyone = if index.allow_everyone {
            Outcome::Always
        } else {
            Outcome::Never
        };
        if index.no_authorizer || index.supers.contains(principal) {
            return Outcome::Always;
        }
        let Some(typed) = index.types.get(&kind) else {
            return everyone;
        };
        let quirks = self.quirks();
        let (mut found, mut allows, mut denies) = (false, Vec::new(), Vec::new());
        for rows in typed.matching(self, name) {
            found = true;
            for principal in self.candidates(principal) {
                let rows = self.of_principal(rows.clone(), principal);
                for acl in self.acls.get(rows).unwrap_or_default() {
                    let rule = self.host_rule(acl);
                    let direct = Self::direct(acl, operation, quirks);
                    if !rule.alive(quirks.blocks) {
                        continue;
                    }
                    match acl.permission {
                        Permission::Deny if direct => denies.push((rule, acl.host)),
                        Permission::Allow if direct || acl.operation.implies(operation) => {
                            allows.push((rule, acl.host))
                        }
                        _ => {}
                    }
                }
            }
        }
        if denies.iter().any(|(rule, _)| *rule == host::Rule::Any) {
            return Outcome::Never;
        }
        if typed.undefined(self, name) {
            return Outcome::Never;
        }
        let open = !found || !quirks.everyone_per_resource && allows.is_empty();
        if open {
            return match everyone {
                Outcome::Always if !denies.is_empty() => Outcome::If(self.hosts_text(&[], &denies)),
                other => other,
            };
        }
        if allows.iter().any(|(rule, _)| *rule == host::Rule::Any) {
            return if denies.is_empty() {
                Outcome::Always
            } else {
                Outcome::If(self.hosts_text(&[], &denies))
            };
        }
        allows.retain(|(rule, _)| {
            !denies
                .iter()
                .any(|(deny, _)| host::covers(*deny, *rule, quirks.blocks))
        });
        denies.retain(|(rule, _)| {
            allows
                .iter()
                .any(|(allow, _)| host::covers(*allow, *rule, quirks.blocks))
        });
        if allows.is_empty() {
            Outcome::Never
        } else {
            Outcome::If(self.hosts_text(&allows, &denies))
        }
    }

    fn hosts_text(&self, from: &[(host::Rule, Sym)], not: &[(host::Rule, Sym)]) -> String {
        let words = |all: &[(host::Rule, Sym)]| {
            let mut all: Vec<Sym> = all.iter().map(|(_, host)| *host).collect();
            all.sort_unstable();
            all.dedup();
            all.into_iter().map(|host| self.word(host)).collect::<Vec<_>>()
        };
        text_of(&words(from), &words(not))
    }

    /// What an ALLOW leaves of an operation that it names or implies, for a principal that it concerns; nothing where
    /// a DENY takes all of it, or its host never matches.
    #[must_use]
    pub fn left(&self, at: usize, principal: &str, operation: Operation) -> Option<Reach> {
        self.leaves(at, principal, &[operation])
            .pop()
            .map(|(_, reach)| reach)
    }

    /// What an ALLOW leaves of each of these operations, as [`Facts::left`] says it; those of which nothing is left are
    /// not there.
    pub(crate) fn leaves(
        &self,
        at: usize,
        principal: &str,
        operations: &[Operation],
    ) -> Vec<(Operation, Reach)> {
        let around = self.acls.get(at).map_or_else(Vec::new, |acl| self.around(acl));
        self.leaves_of(at, &around, principal, operations)
    }

    /// The same, where what is [`Facts::around`] the ALLOW is known.
    pub(crate) fn leaves_of(
        &self,
        at: usize,
        around: &[Range<usize>],
        principal: &str,
        operations: &[Operation],
    ) -> Vec<(Operation, Reach)> {
        let quirks = self.quirks();
        let Some(allow) = self.acls.get(at) else {
            return Vec::new();
        };
        let own_host = self.host_rule(allow);
        if !own_host.alive(quirks.blocks) {
            return Vec::new();
        }
        let denies: Vec<&Acl> = self
            .candidates(principal)
            .filter(|principal| self.denies(*principal, allow.kind).next().is_some())
            .flat_map(|principal| self.meeting_of(principal, allow, around))
            .filter_map(|at| self.acls.get(at))
            .filter(|acl| acl.permission == Permission::Deny && self.host_rule(acl).alive(quirks.blocks))
            .collect();
        let name = self.word(allow.name);
        let pattern = match allow.pattern {
            PatternType::Literal if self.wild(allow) => Pattern::Any,
            PatternType::Literal => Pattern::Exact(name.into()),
            PatternType::Prefixed => Pattern::Prefix(name.into()),
        };
        // The wildcard does not match a name that begins with a star; topics and principals have no such names.
        let starless = pattern == Pattern::Any
            && !matches!(
                allow.kind,
                ResourceType::Topic | ResourceType::Cluster | ResourceType::User
            );
        let from = self.word(allow.host);
        let from: &[&str] = if own_host == host::Rule::Any { &[] } else { &[from] };
        let left = |operation: Operation| {
            let mut except = Vec::new();
            if starless {
                except.push(Pattern::Prefix("*".into()));
            }
            let mut not: Vec<Sym> = Vec::new();
            for deny in denies.iter().filter(|deny| Self::direct(deny, operation, quirks)) {
                let Some(overlap) = self.overlap(allow, deny) else {
                    continue;
                };
                let rule = self.host_rule(deny);
                if host::covers(rule, own_host, quirks.blocks) {
                    match overlap {
                        Overlap::Whole => return None,
                        Overlap::Part(part) => except.push(part),
                    }
                } else if host::covers(own_host, rule, quirks.blocks) {
                    not.push(deny.host);
                }
            }
            except.sort();
            except.dedup();
            not.sort_unstable();
            not.dedup();
            let not: Vec<&str> = not.iter().map(|host| self.word(*host)).collect();
            let reach = Reach {
                acl: at,
                pattern: pattern.clone(),
                except,
                condition: text_of(from, &not),
            };
            Some((operation, reach))
        };
        operations.iter().filter_map(|one| left(*one)).collect()
    }

    /// The ranges of ACLs, whoever they are for, whose names are an ACL's or hold all of its names.
    pub(crate) fn around(&self, acl: &Acl) -> Vec<Range<usize>> {
        let typed = self.index.types.get(&acl.kind);
        typed.map_or_else(Vec::new, |typed| typed.matching_word(self, acl.name).collect())
    }

    /// The numbers of a principal's ACLs whose names may meet those of an ACL: [`Facts::overlap`] knows which do.
    pub(crate) fn meeting(&self, principal: Sym, acl: &Acl) -> Vec<usize> {
        self.meeting_of(principal, acl, &self.around(acl))
    }

    fn meeting_of(&self, principal: Sym, acl: &Acl, around: &[Range<usize>]) -> Vec<usize> {
        let own = || {
            let typed = self.index.types.get(&acl.kind)?;
            typed.named.get(typed.principals.get(&principal)?.clone())
        };
        if self.wild(acl) {
            return own().unwrap_or_default().to_vec();
        }
        let around = around.iter().cloned();
        let mut all: Vec<usize> = around
            .flat_map(|rows| self.of_principal(rows, principal))
            .collect();
        if acl.pattern == PatternType::Prefixed {
            // Those whose names begin with it.
            let (own, name) = (own().unwrap_or_default(), self.word(acl.name));
            for pattern in [PatternType::Literal, PatternType::Prefixed] {
                let key = |at: &usize| self.acls.get(*at).map(|one| (one.pattern, one.name));
                let behind = own.partition_point(|at| key(at) <= Some((pattern, acl.name)));
                let begins = |at: &&usize| {
                    key(at).is_some_and(|(of, inner)| of == pattern && self.word(inner).starts_with(name))
                };
                all.extend(own.get(behind..).into_iter().flatten().take_while(begins));
            }
        }
        all
    }

    /// All that ACLs leave of an operation for a principal, super users and `allow.everyone` left out.
    pub fn scope_of(
        &self,
        principal: &str,
        operation: Operation,
        kind: ResourceType,
    ) -> impl Iterator<Item = Reach> {
        let quirks = self.quirks();
        self.candidates(principal)
            .flat_map(move |candidate| self.rows_of(candidate, kind))
            .filter(move |at| {
                self.acls.get(*at).is_some_and(|acl| {
                    acl.permission == Permission::Allow
                        && (Self::direct(acl, operation, quirks) || acl.operation.implies(operation))
                })
            })
            .filter_map(move |at| self.left(at, principal, operation))
    }

    /// The numbers of a principal's ACLs over a type.
    pub(crate) fn rows_of(&self, principal: Sym, kind: ResourceType) -> impl Iterator<Item = usize> + '_ {
        let typed = self.index.types.get(&kind);
        let range: Range<usize> = typed
            .and_then(|typed| typed.principals.get(&principal))
            .cloned()
            .unwrap_or_default();
        typed
            .and_then(|typed| typed.order.get(range))
            .unwrap_or_default()
            .iter()
            .copied()
    }

    /// A principal's DENYs over a type: they stand before its ALLOWs.
    pub(crate) fn denies(&self, principal: Sym, kind: ResourceType) -> impl Iterator<Item = &Acl> {
        self.rows_of(principal, kind)
            .filter_map(|at| self.acls.get(at))
            .take_while(|acl| acl.permission == Permission::Deny)
    }

    /// The DENYs over a type that concern a principal: its own, then everybody's.
    pub(crate) fn denied(&self, principal: &str, kind: ResourceType) -> impl Iterator<Item = &Acl> {
        self.candidates(principal)
            .flat_map(move |candidate| self.denies(candidate, kind))
    }

    /// The ACLs of an ACL's own principal and of everybody whose names cover all of its names.
    pub(crate) fn covering(&self, acl: &Acl) -> Vec<usize> {
        let everybody = self.index.everybody.filter(|sym| acl.principal != *sym);
        let mut all = Vec::new();
        for rows in self.around(acl) {
            for principal in [Some(acl.principal), everybody].into_iter().flatten() {
                let rows = self.of_principal(rows.clone(), principal);
                all.extend(rows.filter(|at| self.covers(*at, acl)));
            }
        }
        all
    }

    /// The ACLs, whoever they are for, whose names cover all of an ACL's names.
    pub(crate) fn covering_any(&self, acl: &Acl) -> Vec<usize> {
        self.around(acl)
            .into_iter()
            .flatten()
            .filter(|at| self.covers(*at, acl))
            .collect()
    }

    fn covers(&self, at: usize, acl: &Acl) -> bool {
        self.acls
            .get(at)
            .is_some_and(|other| matches!(self.overlap(acl, other), Some(Overlap::Whole)))
    }

    /// What a second ACL's names take of a first one's.
    pub(crate) fn overlap(&self, first: &Acl, second: &Acl) -> Option<Overlap> {
        let (a, b) = (self.word(first.name), self.word(second.name));
        let whole = |whole: bool| whole.then_some(Overlap::Whole);
        match (
            (first.pattern, self.wild(first)),
            (second.pattern, self.wild(second)),
        ) {
            ((_, true), (_, true)) => Some(Overlap::Whole),
            ((_, false), (_, true)) => whole(!a.starts_with('*')),
            ((_, true), (PatternType::Prefixed, _)) => {
                // A prefix of stars takes names that the wildcard does not match.
                (!b.starts_with('*')).then(|| Overlap::Part(Pattern::Prefix(b.into())))
            }
            ((_, true), (PatternType::Literal, false)) => {
                (!b.starts_with('*')).then(|| Overlap::Part(Pattern::Exact(b.into())))
            }
            ((PatternType::Literal, false), (PatternType::Literal, false)) => whole(a == b),
            ((_, false), (PatternType::Prefixed, _)) if a.starts_with(b) => Some(Overlap::Whole),
            ((PatternType::Literal, false), (PatternType::Prefixed, _)) => None,
            ((PatternType::Prefixed, _), (PatternType::Prefixed, _)) => {
                b.starts_with(a).then(|| Overlap::Part(Pattern::Prefix(b.into())))
            }
            ((PatternType::Prefixed, _), (PatternType::Literal, false)) => {
                b.starts_with(a).then(|| Overlap::Part(Pattern::Exact(b.into())))
            }
        }
    }

    /// Whether some consumer group is readable from some host: by the broker's own question over a type.
    #[must_use]
    pub fn reads_a_group(&self, principal: &str) -> bool {
        let ask = |client: &Client| {
            self.decide_any(
                principal,
                client,
                Operation::Read,
                ResourceType::Group,
                self.quirks(),
            )
            .allowed
        };
        self.is_super(principal)
            || ask(&Client::unnamed())
            || self
                .candidates(principal)
                .flat_map(|one| self.rows_of(one, ResourceType::Group))
                .filter_map(|at| self.acls.get(at))
                .filter(|acl| acl.permission == Permission::Allow)
                .any(|acl| match self.host_rule(acl) {
                    host::Rule::Address(address) | host::Rule::Block(address, _) => {
                        ask(&Client::new(&host::java(address)))
                    }
                    _ => false,
                })
    }
}

/// How much of a first ACL's names a second one takes.
pub(crate) enum Overlap {
    /// All of them.
    Whole,
    /// These.
    Part(Pattern),
}
