//! Over what an identity may do one action: the same policies as the decision, asked for a set instead of a member.
//!
//! A cell is exact for every name that it means, under its conditions, unless it says that it must be asked about.

use super::{Layers, Sources};
use crate::policy::{Context, Effect, Policy, Statement, Tri};
use foursee_core::model::{Certainty, Pattern, glob};
use std::collections::BTreeSet;

/// A part of what an action is allowed over.
#[derive(Clone, Debug)]
pub(crate) struct Cell<'p> {
    pub(crate) pattern: Pattern,
    pub(crate) except: Vec<Pattern>,
    pub(crate) conditions: BTreeSet<String>,
    /// Some names that it means may be refused: only the authorizer knows.
    pub(crate) ask: bool,
    /// A document that would decide was not read.
    pub(crate) unknown: bool,
    /// The statement that allows.
    pub(crate) statement: &'p Statement,
}

impl Cell<'_> {
    pub(crate) fn certainty(&self) -> Certainty {
        if self.unknown {
            Certainty::Unknown
        } else if self.ask {
            Certainty::Ask
        } else if self.conditions.is_empty() {
            Certainty::Certain
        } else {
            Certainty::Conditional
        }
    }

    pub(crate) fn condition(&self) -> String {
        self.conditions.iter().cloned().collect::<Vec<_>>().join(" and ")
    }

    /// Whether it means the name, as far as it can tell.
    pub(crate) fn means(&self, name: &str) -> bool {
        self.pattern.matches(name) && !self.except.iter().any(|one| one.matches(name))
    }
}

/// Over what an action is allowed.
pub(crate) struct Region<'p>(pub(crate) Vec<Cell<'p>>);

/// More parts than this are not told apart: they are asked about.
const MOST: usize = 256;

/// What two patterns have in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Meet {
    Nothing,
    This(Pattern),
    /// Something perhaps; which names cannot be said by one pattern.
    Unsure,
}

/// Whether every name that `b` means is meant by `a`, as far as it can be told.
pub(crate) fn covers(a: &Pattern, b: &Pattern) -> bool {
    match (a, b) {
        (Pattern::Any, _) => true,
        (_, Pattern::Any) => false,
        (_, Pattern::Exact(name)) => a.matches(name),
        (Pattern::Exact(_), _) => false,
        (Pattern::Prefix(short), _) => b.literal_prefix().starts_with(&**short),
        (Pattern::Glob(text), _) => {
            let other = b.to_string();
            // A `?` must not swallow the other's `*`.
            text.as_ref() == other || (!text.contains('?') && glob(text, &other))
        }
    }
}

/// What two patterns have in common.
pub(crate) fn meet(a: &Pattern, b: &Pattern) -> Meet {
    if covers(a, b) {
        return Meet::This(b.clone());
    }
    if covers(b, a) {
        return Meet::This(a.clone());
    }
    if matches!(a, Pattern::Exact(_)) || matches!(b, Pattern::Exact(_)) {
        return Meet::Nothing;
    }
    let (left, right) = (a.literal_prefix(), b.literal_prefix());
    if !left.starts_with(right) && !right.starts_with(left) {
        return Meet::Nothing;
    }
    if suffixes_differ(a, b) {
        Meet::Nothing
    } else {
        Meet::Unsure
    }
}

/// Whether what follows the last wildcard of each cannot be the end of one name.
fn suffixes_differ(a: &Pattern, b: &Pattern) -> bool {
    let suffix = |pattern: &Pattern| -> String {
        let text = pattern.to_string();
        text.rsplit(['*', '?']).next().unwrap_or_default().to_owned()
    };
    let (a, b) = (suffix(a), suffix(b));
    !a.ends_with(&b) && !b.ends_with(&a)
}

impl<'p> Region<'p> {
    /// Over what `action` is allowed by an identity's layers, among the names that begin with `header`.
    pub(crate) fn of(layers: &Layers<'p>, action: &str, header: &str, context: &Context) -> Self {
        let lower = action.to_ascii_lowercase();
        let asked = Ask {
            action: &lower,
            header,
            context,
        };
        let mut region = Self(Vec::new());
        for policy in documents(&layers.identity) {
            for statement in allows(policy, &lower) {
                region.add(statement, &asked);
            }
        }
        if region.0.is_empty() {
            return region;
        }
        let unread = layers
            .identity
            .0
            .iter()
            .any(|source| source.policy.is_none_or(|policy| !policy.flaws.is_empty()));
        region.deny(&layers.identity, &asked);
        if unread {
            region.0.iter_mut().for_each(|cell| cell.unknown = true);
        }
        if let Some(boundary) = &layers.boundary {
            region.restrict(boundary, &asked);
        }
        if !layers.management_account {
            for level in layers.scps.iter().flatten() {
                region.restrict(level, &asked);
            }
            region.deny_perhaps(&layers.unplaced, &asked);
        }
        if crate::data::rcp_binds(lower.split(':').next().unwrap_or_default()) && !layers.owner_is_management
        {
            for level in layers.rcps.iter().flatten() {
                region.deny(level, &asked);
            }
        }
        region
    }

    fn add(&mut self, statement: &'p Statement, asked: &Ask<'_>) {
        let Some((conditions, unknown)) = asked.open(statement) else {
            return;
        };
        let Some(resources) = &statement.resources else {
            return;
        };
        let cell = Cell {
            pattern: Pattern::Any,
            except: Vec::new(),
            conditions,
            ask: false,
            unknown,
            statement,
        };
        let patterns = resources
            .list
            .iter()
            .filter_map(|one| one.within(asked.header, asked.context));
        if resources.not {
            let mut cell = cell;
            cell.pattern = Pattern::Prefix(asked.header.into());
            for (text, unsure) in patterns {
                cell.ask |= unsure;
                if !unsure {
                    cell.except.push(Pattern::from_glob(&text));
                }
            }
            let gone = cell.except.iter().any(|one| covers(one, &cell.pattern));
            if !resources.list.is_empty() && !gone {
                self.0.push(cell);
            }
            return;
        }
        for (text, unsure) in patterns {
            let mut cell = cell.clone();
            cell.pattern = Pattern::from_glob(&text);
            cell.ask = unsure;
            self.0.push(cell);
        }
    }

    /// Takes away what a layer's statements deny.
    fn deny(&mut self, sources: &Sources<'p>, asked: &Ask<'_>) {
        for policy in documents(sources) {
            for statement in &policy.statements {
                if statement.effect != Effect::Deny || !statement.actions.matches(asked.action) {
                    continue;
                }
                let Some((conditions, unknown)) = asked.open(statement) else {
                    continue;
                };
                let certain = conditions.is_empty() && !unknown;
                let text = format!(
                    "not ({})",
                    conditions.into_iter().collect::<Vec<_>>().join(" and ")
                );
                let Some(resources) = &statement.resources else {
                    // A statement without resources, as RCPs and session policies never have: over everything.
                    self.lose(&Pattern::Any, certain, false, &text);
                    continue;
                };
                let patterns: Vec<(Pattern, bool)> = resources
                    .list
                    .iter()
                    .filter_map(|one| one.within(asked.header, asked.context))
                    .map(|(text, unsure)| (Pattern::from_glob(&text), unsure))
                    .collect();
                if !resources.not {
                    for (pattern, unsure) in &patterns {
                        self.lose(pattern, certain, *unsure, &text);
                    }
                } else if !resources.list.is_empty() {
                    if certain && patterns.iter().all(|(_, unsure)| !unsure) {
                        self.keep(
                            patterns
                                .iter()
                                .map(|(pattern, _)| (pattern.clone(), BTreeSet::new(), false))
                                .collect(),
                        );
                    } else {
                        for cell in &mut self.0 {
                            if !patterns
                                .iter()
                                .any(|(pattern, unsure)| !unsure && covers(pattern, &cell.pattern))
                            {
                                cell.ask |= certain;
                                cell.conditions.extend((!certain).then(|| text.clone()));
                            }
                        }
                    }
                }
            }
            if !policy.flaws.is_empty() {
                self.0.iter_mut().for_each(|cell| cell.unknown = true);
            }
        }
    }

    /// Takes away what policies deny of which it is not known whether they bind the caller.
    fn deny_perhaps(&mut self, sources: &Sources<'p>, asked: &Ask<'_>) {
        for source in &sources.0 {
            let statements = source.policy.iter().flat_map(|policy| &policy.statements);
            let mut denies = statements.filter(|one| {
                one.effect == Effect::Deny && one.actions.matches(asked.action) && asked.open(one).is_some()
            });
            if denies.any(|_| true) {
                let condition = super::unless_bound(source.id);
                for cell in &mut self.0 {
                    cell.conditions.insert(condition.clone());
                }
            }
        }
    }

    /// Takes a pattern away: for certain, or under the condition's text.
    pub(crate) fn lose(&mut self, pattern: &Pattern, certain: bool, unsure: bool, condition: &str) {
        self.0
            .retain(|cell| !(certain && !unsure && covers(pattern, &cell.pattern)));
        for cell in &mut self.0 {
            if meet(pattern, &cell.pattern) == Meet::Nothing {
                continue;
            }
            if unsure {
                cell.ask = true;
            } else if certain {
                cell.except.push(pattern.clone());
            } else if covers(pattern, &cell.pattern) {
                cell.conditions.insert(condition.to_owned());
            } else {
                // Only some of its names are refused, under a condition.
                cell.ask = true;
            }
        }
    }

    /// Keeps what a layer allows, and takes away what it denies.
    fn restrict(&mut self, sources: &Sources<'p>, asked: &Ask<'_>) {
        let mut kept: Vec<(Pattern, BTreeSet<String>, bool)> = Vec::new();
        let mut unread = false;
        for source in &sources.0 {
            let Some(policy) = source.policy else {
                unread = true;
                continue;
            };
            unread |= !policy.flaws.is_empty();
            for statement in allows(policy, asked.action) {
                let Some((conditions, unknown)) = asked.open(statement) else {
                    continue;
                };
                let Some(resources) = &statement.resources else {
                    continue;
                };
                if resources.not {
                    let mut own = self.0.clone();
                    let patterns = resources
                        .list
                        .iter()
                        .filter_map(|one| one.within(asked.header, asked.context));
                    let patterns: Vec<(Pattern, bool)> = patterns
                        .map(|(text, unsure)| (Pattern::from_glob(&text), unsure))
                        .collect();
                    own.retain(|cell| {
                        !patterns
                            .iter()
                            .any(|(one, unsure)| !unsure && covers(one, &cell.pattern))
                    });
                    for cell in own {
                        let apart = patterns
                            .iter()
                            .all(|(one, _)| meet(one, &cell.pattern) == Meet::Nothing);
                        kept.push((cell.pattern, conditions.clone(), unknown || !apart));
                    }
                    continue;
                }
                for one in &resources.list {
                    if let Some((text, unsure)) = one.within(asked.header, asked.context) {
                        kept.push((Pattern::from_glob(&text), conditions.clone(), unsure || unknown));
                    }
                }
            }
        }
        if unread {
            self.0.iter_mut().for_each(|cell| cell.unknown = true);
        } else {
            self.keep(kept);
        }
        self.deny(sources, asked);
    }

    fn keep(&mut self, kept: Vec<(Pattern, BTreeSet<String>, bool)>) {
        let mut next: Vec<Cell<'p>> = Vec::new();
        for cell in &self.0 {
            if let Some((_, _, unsure)) = kept
                .iter()
                .find(|(pattern, conditions, _)| conditions.is_empty() && covers(pattern, &cell.pattern))
            {
                let mut cell = cell.clone();
                cell.ask |= unsure;
                next.push(cell);
                continue;
            }
            for (pattern, conditions, unsure) in &kept {
                let mut part = cell.clone();
                match meet(pattern, &cell.pattern) {
                    Meet::Nothing => continue,
                    Meet::This(both) => part.pattern = both,
                    Meet::Unsure => part.ask = true,
                }
                part.ask |= unsure;
                part.conditions.extend(conditions.iter().cloned());
                next.push(part);
            }
        }
        if next.len() > MOST.max(self.0.len()) {
            self.0.iter_mut().for_each(|cell| cell.ask = true);
        } else {
            self.0 = next;
        }
    }
}

struct Ask<'a> {
    action: &'a str,
    header: &'a str,
    context: &'a Context,
}

impl Ask<'_> {
    /// The conditions of a statement that stay open, and whether it has a flaw; none where they fail for certain.
    fn open(&self, statement: &Statement) -> Option<(BTreeSet<String>, bool)> {
        let mut ignored = BTreeSet::new();
        let mut open = BTreeSet::new();
        for clause in &statement.conditions {
            match clause.holds(self.context, &mut ignored) {
                Tri::No => return None,
                Tri::Maybe => {
                    open.insert(clause.to_string());
                }
                Tri::Yes => {}
            }
        }
        Some((open, !statement.flaws.is_empty()))
    }
}

fn documents<'p>(sources: &Sources<'p>) -> impl Iterator<Item = &'p Policy> {
    sources.0.iter().filter_map(|source| source.policy)
}

fn allows<'p>(policy: &'p Policy, action: &str) -> impl Iterator<Item = &'p Statement> {
    policy
        .statements
        .iter()
        .filter(move |one| one.effect == Effect::Allow && one.actions.matches(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_meet() {
        let glob = Pattern::from_glob;
        assert_eq!(meet(&glob("a*"), &glob("ab*")), Meet::This(glob("ab*")));
        assert_eq!(meet(&glob("a*"), &glob("b*")), Meet::Nothing);
        assert_eq!(meet(&glob("a*x"), &glob("a*y")), Meet::Nothing);
        assert_eq!(meet(&glob("a*c*"), &glob("a*d*")), Meet::Unsure);
        assert_eq!(meet(&glob("a?"), &glob("ab")), Meet::This(glob("ab")));
        assert!(
            !covers(&glob("a?"), &glob("a*"))
                && covers(&glob("a*z"), &glob("a*yz"))
                && covers(&glob("*"), &glob("x?"))
        );
    }
}
