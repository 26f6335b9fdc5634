//! Evidence of use, folded from the authorizer's log (`kafka.authorizer.logger`).
//!
//! A line is one decision; what is kept is who was allowed or refused what, how often, and from when to when. At level
//! INFO the log shows refusals alone: then nothing is known of use. One ACL is named by a line where several would have
//! done, so an ACL counts as used where it could have served some decision, not only where it was named.

use crate::facts::{Acl, EVERYBODY, Facts, Operation, PatternType, ResourceType};
use foursee_core::model::Sym;
use std::collections::BTreeMap;

/// What was decided, as often as it was.
#[derive(Default, Debug)]
pub struct Usage {
    /// Decisions that an ACL made, and how often.
    pub uses: BTreeMap<Use, u64>,
    /// The first and the last time in the log, as it prints them.
    pub window: Option<(String, String)>,
    /// Whether it shows what was allowed, and not refusals alone.
    pub shows_allowed: bool,
}

/// One decision, without its time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Use {
    /// Who asked.
    pub principal: Sym,
    /// Over what type.
    pub kind: ResourceType,
    /// Which resource.
    pub name: Sym,
    /// What.
    pub operation: Operation,
    /// From where.
    pub host: Sym,
    /// Whether it was allowed.
    pub allowed: bool,
}

/// One line of the log.
struct Line<'a> {
    time: &'a str,
    principal: &'a str,
    allowed: bool,
    operation: &'a str,
    host: &'a str,
    kind: &'a str,
    name: &'a str,
    rule: &'a str,
}

/// Reads a line from the right, where nothing that clients choose can stand.
fn read(line: &str) -> Option<Line<'_>> {
    let (head, rest) = line.split_once(" Principal = ")?;
    let (rest, rule) = rest.rsplit_once(" based on rule ")?;
    let (rest, _) = rest.rsplit_once(" for request = ")?;
    let (rest, resource) = rest.rsplit_once(" on resource = ")?;
    let (rest, host) = rest.rsplit_once(" from host = ")?;
    let (rest, operation) = rest.rsplit_once(" operation = ")?;
    let (principal, allowed) = match rest.strip_suffix(" is Allowed") {
        Some(principal) => (principal, true),
        None => (rest.strip_suffix(" is Denied")?, false),
    };
    let (kind, name) = resource.split_once(':')?;
    let name = name.strip_prefix("LITERAL:").unwrap_or(name);
    let time = head.split(']').next().unwrap_or_default().trim_start_matches('[');
    Some(Line {
        time,
        principal,
        allowed,
        operation,
        host,
        kind,
        name,
        rule,
    })
}

/// Whether a text is such a log.
pub(crate) fn recognise(text: &str) -> bool {
    text.lines()
        .take(200)
        .any(|line| line.contains("kafka.authorizer.logger") || read(line).is_some())
}

/// Folds a line in. Anything else that a broker logs is stepped over; a decision that breaks off is an error.
pub(crate) fn observe(line: &str, facts: &mut Facts) -> Result<(), &'static str> {
    let Some(read) = read(line) else {
        return if line.contains(" Principal = ") {
            Err("a decision of the authorizer that does not read as one")
        } else {
            Ok(())
        };
    };
    let usage = &mut facts.usage;
    let time = read.time.to_owned();
    match &mut usage.window {
        None => usage.window = Some((time.clone(), time)),
        Some((first, last)) => {
            *first = std::mem::take(first).min(time.clone());
            *last = std::mem::take(last).max(time);
        }
    }
    usage.shows_allowed |= read.allowed;
    // A super user's decision is no ACL's.
    if !read.rule.starts_with("MatchingAcl") && read.allowed {
        return Ok(());
    }
    let mut word = |text: &str| facts.words.intern(text);
    let one = Use {
        principal: word(read.principal),
        name: word(read.name),
        host: word(read.host),
        kind: ResourceType::parse(read.kind).unwrap_or_else(|| ResourceType::Other(word(read.kind))),
        operation: Operation::parse(read.operation).unwrap_or_else(|| Operation::Other(word(read.operation))),
        allowed: read.allowed,
    };
    *facts.usage.uses.entry(one).or_default() += 1;
    Ok(())
}

impl Usage {
    pub(crate) fn rename(&mut self, name: &impl Fn(Sym) -> Sym) {
        let renamed = std::mem::take(&mut self.uses)
            .into_iter()
            .map(|(mut one, count)| {
                one.principal = name(one.principal);
                one.name = name(one.name);
                one.host = name(one.host);
                if let ResourceType::Other(word) = &mut one.kind {
                    *word = name(*word);
                }
                if let Operation::Other(word) = &mut one.operation {
                    *word = name(*word);
                }
                (one, count)
            });
        self.uses = renamed.collect();
    }

    pub(crate) fn merge(&mut self, part: Self) {
        for (one, count) in part.uses {
            *self.uses.entry(one).or_default() += count;
        }
        self.window = match (self.window.take(), part.window) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
        self.shows_allowed |= part.shows_allowed;
    }
}

impl Facts {
    /// How often something was allowed that the ALLOW could have served.
    #[must_use]
    pub fn used(&self, acl: &Acl) -> u64 {
        let everybody = self.word(acl.principal) == EVERYBODY;
        let name = self.word(acl.name);
        // An operation that is asked is used where it is asked itself: DELETE is not needed for DESCRIBE.
        let foreign = !acl.kind.operations().contains(&acl.operation);
        let serves = |one: &Use| {
            let asked = self.word(one.name);
            let named = match acl.pattern {
                PatternType::Prefixed => asked.starts_with(name),
                PatternType::Literal => asked == name || self.wild(acl) && !asked.starts_with('*'),
            };
            let client = crate::authorize::Client::new(self.word(one.host));
            one.allowed
                && one.kind == acl.kind
                && named
                && (acl.operation == one.operation
                    || acl.operation == Operation::All
                    || foreign && acl.operation.implies(one.operation))
                && self.matches_host(acl, &client)
        };
        let all = self.usage.uses.iter();
        if everybody {
            return all.filter(|(one, _)| serves(one)).map(|(_, count)| count).sum();
        }
        let first = Use {
            principal: acl.principal,
            kind: ResourceType::Topic,
            name: Sym(0),
            operation: Operation::Read,
            host: Sym(0),
            allowed: false,
        };
        let own = self
            .usage
            .uses
            .range(first..)
            .take_while(|(one, _)| one.principal == acl.principal);
        own.filter(|(one, _)| serves(one)).map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::facts;

    const LOG: &str = include_str!("../tests/data/authorizer.log");

    #[test]
    fn lines_of_both_forms_are_folded() {
        let (facts, gaps) = facts(&[("authorizer.log", LOG)]);
        assert!(gaps.is_empty());
        assert!(facts.usage.shows_allowed);
        let (first, last) = facts.usage.window.clone().unwrap();
        assert!(first < last && first.starts_with("2026-11-24"), "{first} {last}");
        let shown: Vec<(&str, &str, bool)> = facts
            .usage
            .uses
            .keys()
            .map(|one| (facts.word(one.principal), facts.word(one.name), one.allowed))
            .collect();
        assert!(shown.contains(&("User:alice", "orders", true)), "{shown:?}");
        // Super users' decisions are no ACL's.
        assert!(!shown.iter().any(|(principal, ..)| *principal == "User:admin"));
    }

    #[test]
    fn names_that_look_like_the_form_are_read_from_the_right() {
        let line = "[2026-11-24 04:35:04,356] DEBUG Principal = User:x is Allowed operation = READ from host = 1.1.1.1 on resource = Topic:LITERAL:t is Denied operation = WRITE from host = 10.0.0.1 on resource = Group:LITERAL:g for request = Fetch with resourceRefCount = 1 based on rule DefaultDeny (kafka.authorizer.logger)";
        let (facts, _) = facts(&[("authorizer.log", line)]);
        let one = facts.usage.uses.keys().next().unwrap();
        assert_eq!(
            (facts.word(one.name), facts.word(one.host), one.allowed),
            ("g", "10.0.0.1", false)
        );
        assert!(!facts.usage.shows_allowed);
    }
}
