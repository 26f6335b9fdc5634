//! The exact authorizer: `StandardAuthorizer` of Kafka, question by question.
//!
//! Source: `metadata/.../authorizer/StandardAuthorizerData.java` of 3.9.1, 4.3.1 and 4.4.0, and what the class itself
//! answers. Its steps: super users first; then the ACLs that match the resource, whoever they are for; none of them
//! means `allow.everyone.if.no.acl.found`; then a DENY for the principal or `User:*`; then an ALLOW; else denied.
//!
//! What is compiled: the ACLs in the order of (type, pattern, name, principal), so that a name's ACLs for a principal
//! are one range; and the prefixes of a type in the order of their texts, each with the longest other one that it
//! starts with, so that all that a name starts with are found by one binary search.

mod by_type;
#[cfg(test)]
mod cases;
pub(crate) mod certificate;
pub mod host;
mod outcome;
mod question;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod slow;

pub use host::Client;
pub use outcome::{Outcome, Reach};
pub(crate) use question::{decide, may};

use crate::facts::{
    Acl, Authorizer, EVERYBODY, Facts, Operation, PatternType, Permission, ResourceType, Version,
};
use foursee_core::model::Sym;
use host::Rule;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// In what the versions differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quirks {
    /// An ACL with operation ALL covers the others (KAFKA-13697, since 3.2.0).
    pub all_covers: bool,
    /// `allow.everyone` counts only where no ACL matches the resource (KAFKA-14435, since 3.3.2); before, also where
    /// none matches the principal.
    pub everyone_per_resource: bool,
    /// A host may be a CIDR block (KIP-1276, since 4.4.0).
    pub blocks: bool,
    /// One PREFIXED ACL can hide another (KAFKA-14265, until 3.3.0): not told which.
    pub hiding: bool,
}

impl Quirks {
    /// Those of a version.
    #[must_use]
    pub fn of(version: Version) -> Self {
        Self {
            all_covers: version >= Version(3, 2, 0),
            everyone_per_resource: version >= Version(3, 3, 2),
            blocks: version >= Version(4, 4, 0),
            hiding: version < Version(3, 3, 1),
        }
    }
}

/// May this principal do that to this resource?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// `User:name`.
    pub principal: &'a str,
    /// From where.
    pub client: &'a Client,
    /// What.
    pub operation: Operation,
    /// To what type of resource.
    pub kind: ResourceType,
    /// Its name, always literal.
    pub name: &'a str,
}

/// What the authorizer says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The ACL that decided, by its number in [`Facts::acls`].
    pub acl: Option<usize>,
    /// Why.
    pub why: Why,
}

/// Why it decided so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Why {
    /// There is no authorizer.
    NoAuthorizer,
    /// The principal is in super.users.
    SuperUser,
    /// No ACL matches the resource: `allow.everyone.if.no.acl.found` decides.
    NoAclFound,
    /// A DENY.
    Denied,
    /// An ALLOW.
    Allowed,
    /// There are ACLs for the resource, and none allows it.
    NotAllowed,
    /// The platform's own lookup fails for such a name: the request ends in an error, or never.
    Undefined,
}

/// The compiled form of a scope's ACLs.
#[derive(Default)]
pub struct Index {
    types: HashMap<ResourceType, Typed>,
    supers: HashSet<String>,
    everybody: Option<Sym>,
    hosts: HashMap<Sym, Rule>,
    allow_everyone: bool,
    no_authorizer: bool,
    quirks: Option<Quirks>,
}

/// One type's ACLs.
#[derive(Default)]
struct Typed {
    /// Ranges of [`Facts::acls`], by literal name; the wildcard is not among them.
    literal: HashMap<Sym, Range<usize>>,
    wildcard: Range<usize>,
    /// In the order of their texts.
    prefixes: Vec<Prefix>,
    /// Ranges of `order`, by principal.
    principals: HashMap<Sym, Range<usize>>,
    /// Numbers of ACLs, in the order of (principal, permission, operation).
    order: Vec<usize>,
    /// Numbers of ACLs, in the order of (principal, pattern, name): the same ranges.
    named: Vec<usize>,
    /// The ACLs' names that sort before `*`, the last first: where the class looks on after the wildcard.
    low: Vec<Sym>,
}

struct Prefix {
    name: Sym,
    /// The longest other prefix of the type that this one starts with.
    parent: Option<usize>,
    rows: Range<usize>,
}

impl Index {
    /// Compiles sealed facts. INVARIANT (sorted words): symbols are in the order of their texts.
    pub(crate) fn new(facts: &Facts) -> Self {
        let mut index = Self {
            everybody: facts.words.find(EVERYBODY),
            supers: facts
                .super_users()
                .into_iter()
                .map(|(name, _)| name.to_owned())
                .collect(),
            allow_everyone: facts.allow_everyone().is_some(),
            no_authorizer: matches!(facts.authorizer(), Authorizer::None(_)),
            quirks: Some(Quirks::of(facts.version().0)),
            ..Self::default()
        };
        let mut at = 0;
        for group in facts
            .acls
            .chunk_by(|a, b| (a.kind, a.pattern, a.name) == (b.kind, b.pattern, b.name))
        {
            let range = at..at + group.len();
            at = range.end;
            let Some(first) = group.first() else { continue };
            let name = facts.word(first.name);
            let typed = index.types.entry(first.kind).or_default();
            typed.order.extend(range.clone());
            if name < "*" {
                typed.low.push(first.name);
            }
            match first.pattern {
                PatternType::Literal if name == "*" => typed.wildcard = range,
                PatternType::Literal => {
                    typed.literal.insert(first.name, range);
                }
                PatternType::Prefixed => typed.prefixes.push(Prefix {
                    name: first.name,
                    parent: None,
                    rows: range,
                }),
            }
        }
        for typed in index.types.values_mut() {
            typed.low.sort_unstable_by(|a, b| b.cmp(a));
            typed.low.dedup();
            typed.link_prefixes(facts);
            typed.sort_principals(facts);
        }
        for acl in &facts.acls {
            index
                .hosts
                .entry(acl.host)
                .or_insert_with(|| Rule::of(facts.word(acl.host)));
        }
        index
    }
}

impl Typed {
    fn link_prefixes(&mut self, facts: &Facts) {
        let mut open: Vec<usize> = Vec::new();
        for at in 0..self.prefixes.len() {
            let Some(name) = self.prefixes.get(at).map(|one| facts.word(one.name)) else {
                continue;
            };
            while let Some(last) = open.last().and_then(|last| self.prefixes.get(*last)) {
                if name.starts_with(facts.word(last.name)) {
                    break;
                }
                open.pop();
            }
            let parent = open.last().copied();
            if let Some(one) = self.prefixes.get_mut(at) {
                one.parent = parent;
            }
            open.push(at);
        }
    }

    fn sort_principals(&mut self, facts: &Facts) {
        let key = |at: &usize| {
            facts
                .acls
                .get(*at)
                .map(|acl| (acl.principal, acl.permission, acl.operation, *at))
        };
        self.order.sort_unstable_by_key(key);
        let principal = |at: &usize| facts.acls.get(*at).map(|acl| acl.principal);
        let mut begin = 0;
        for run in self.order.chunk_by(|a, b| principal(a) == principal(b)) {
            if let Some(principal) = run.first().and_then(principal) {
                self.principals.insert(principal, begin..begin + run.len());
            }
            begin += run.len();
        }
        self.named.clone_from(&self.order);
        for range in self.principals.values() {
            if let Some(own) = self.named.get_mut(range.clone()) {
                own.sort_unstable();
            }
        }
    }

    /// The ranges of ACLs that match a name: its own, the prefixes that it starts with (longest first), the wildcard.
    fn matching<'t>(&'t self, facts: &'t Facts, name: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let behind = self.prefixes.partition_point(|one| facts.word(one.name) <= name);
        self.around(facts, name, facts.words.find(name), behind)
    }

    /// The same of a name that is one of the words, which are in the order of their texts.
    fn matching_word<'t>(&'t self, facts: &'t Facts, name: Sym) -> impl Iterator<Item = Range<usize>> + 't {
        let behind = self.prefixes.partition_point(|one| one.name <= name);
        self.around(facts, facts.word(name), Some(name), behind)
    }

    /// `behind` is the number of prefixes that do not sort behind the name.
    fn around<'t>(
        &'t self,
        facts: &'t Facts,
        name: &'t str,
        word: Option<Sym>,
        behind: usize,
    ) -> impl Iterator<Item = Range<usize>> + 't {
        let literal = word.and_then(|sym| self.literal.get(&sym)).cloned();
        // The class takes a name that begins with `*` for a pattern of its own: the wildcard does not match it, unless
        // it is the wildcard's own name.
        let wild = (!name.starts_with('*') || name == "*") && !self.wildcard.is_empty();
        let mut at = behind.checked_sub(1);
        let prefixes = std::iter::from_fn(move || {
            while let Some(one) = at.and_then(|at| self.prefixes.get(at)) {
                at = one.parent;
                if name.starts_with(facts.word(one.name)) {
                    return Some(one.rows.clone());
                }
            }
            None
        });
        literal
            .into_iter()
            .chain(prefixes)
            .chain(wild.then(|| self.wildcard.clone()))
    }

    /// Whether the class's own lookup fails for a name that no DENY took. After the wildcard it looks on through the
    /// names that sort before `*`, and where it meets one that is no prefix of the asked name it goes back to as much
    /// of `*` as the two names have in common: one character is `*` itself, and it never ends; more is an error.
    fn undefined(&self, facts: &Facts, name: &str) -> bool {
        let Some(first) = name.chars().next().filter(|first| *first < '*') else {
            return false;
        };
        let starred = self
            .prefixes
            .binary_search_by(|one| facts.word(one.name).cmp("*"))
            .is_ok();
        let met = self
            .low
            .iter()
            .map(|low| facts.word(*low))
            .find(|low| !name.starts_with(low));
        !starred && met.is_some_and(|low| low.starts_with(first))
    }
}

impl Facts {
    /// The quirks of the version that decides.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        self.index.quirks.unwrap_or_else(|| Quirks::of(Version::NEWEST))
    }

    /// Whether a document names a resource: a listing, or an ACL by that very name.
    #[must_use]
    pub fn knows(&self, kind: ResourceType, name: &str) -> bool {
        let Some(sym) = self.words.find(name) else {
            return false;
        };
        let listed = match kind {
            ResourceType::Topic => self.topics.binary_search_by_key(&sym, |topic| topic.name).is_ok(),
            ResourceType::Group => self.groups.binary_search_by_key(&sym, |row| row.group).is_ok(),
            _ => false,
        };
        listed
            || self
                .index
                .types
                .get(&kind)
                .is_some_and(|typed| typed.literal.contains_key(&sym))
    }

    /// What an ACL's host means.
    #[must_use]
    pub fn host_rule(&self, acl: &Acl) -> Rule {
        self.index
            .hosts
            .get(&acl.host)
            .copied()
            .unwrap_or(Rule::Dead(host::Dead::Empty))
    }

    /// Whether a principal is in super.users: the whole text, compared as it is.
    #[must_use]
    pub fn is_super(&self, principal: &str) -> bool {
        self.index.supers.contains(principal)
    }

    /// Whether an ACL's host matches a client, on brokers of the version that decides.
    pub(crate) fn matches_host(&self, acl: &Acl, client: &Client) -> bool {
        self.concerns(acl, client, self.quirks())
    }

    /// Whether an ACL's host matches a client.
    fn concerns(&self, acl: &Acl, client: &Client, quirks: Quirks) -> bool {
        match self.host_rule(acl) {
            Rule::Any => true,
            Rule::Address(_) => self.word(acl.host) == client.text,
            Rule::Block(network, bits) => {
                quirks.blocks
                    && client
                        .address
                        .is_some_and(|address| host::within(network, bits, address))
            }
            // An address is compared as text; what is no address is compared too, in case the question names one.
            Rule::Dead(_) => !client.text.is_empty() && self.word(acl.host) == client.text,
        }
    }

    /// The authorizer's answer, by the version that the documents say.
    #[must_use]
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        self.decide_as(question, self.quirks())
    }

    /// The authorizer's answer, by another version's quirks.
    #[must_use]
    pub fn decide_as(&self, question: &Question<'_>, quirks: Quirks) -> Decision {
        let index = &self.index;
        let said = |allowed, acl, why| Decision { allowed, acl, why };
        if index.no_authorizer {
            return said(true, None, Why::NoAuthorizer);
        }
        if index.supers.contains(question.principal) {
            return said(true, None, Why::SuperUser);
        }
        let Some(typed) = index.types.get(&question.kind) else {
            return said(index.allow_everyone, None, Why::NoAclFound);
        };
        let own = self.words.find(question.principal);
        let everybody = index.everybody.filter(|sym| own != Some(*sym));
        let (mut found, mut allow) = (false, None);
        for rows in typed.matching(self, question.name) {
            found = true;
            for principal in [own, everybody].into_iter().flatten() {
                for at in self.of_principal(rows.clone(), principal) {
                    let Some(acl) = self.acls.get(at) else { continue };
                    let direct = acl.operation == question.operation
                        || acl.operation == Operation::All
                            && (quirks.all_covers || question.operation == Operation::All);
                    match acl.permission {
                        Permission::Deny if direct && self.concerns(acl, question.client, quirks) => {
                            return said(false, Some(at), Why::Denied);
                        }
                        Permission::Allow if allow.is_none() => {
                            let gives = direct || acl.operation.implies(question.operation);
                            if gives && self.concerns(acl, question.client, quirks) {
                                allow = Some(at);
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        if typed.undefined(self, question.name) {
            return said(false, None, Why::Undefined);
        }
        match allow {
            Some(at) => said(true, Some(at), Why::Allowed),
            None if !found => said(index.allow_everyone, None, Why::NoAclFound),
            None if !quirks.everyone_per_resource => said(index.allow_everyone, None, Why::NotAllowed),
            None => said(false, None, Why::NotAllowed),
        }
    }

    /// The ACLs of a principal in a range of one name's: they are in the order of principals.
    fn of_principal(&self, rows: Range<usize>, principal: Sym) -> Range<usize> {
        let Some(all) = self.acls.get(rows.clone()) else {
            return 0..0;
        };
        let begin = all.partition_point(|acl| acl.principal < principal);
        let len = all
            .get(begin..)
            .unwrap_or_default()
            .partition_point(|acl| acl.principal == principal);
        rows.start + begin..rows.start + begin + len
    }
}
