//! What somebody used of what its own bindings give.

use super::subject::Key;
use crate::authorize::{Asker, Attributes, Decision, decide, missing, rule_allows};
use crate::facts::{Facts, PolicyRule, RoleKind};
use crate::usage::{Identity, Request, Seen, Sort, Usage, unseen};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Somebody's own bindings, and the days that count.
pub(super) struct Case<'c> {
    pub facts: &'c Facts,
    pub usage: &'c Usage,
    pub key: &'c Key,
    /// The bindings that may be replaced.
    pub bindings: &'c [usize],
    pub days: RangeInclusive<i32>,
}

/// One request that was used, on an object of a name; none where the names are not known.
#[derive(Clone, Copy)]
pub(super) struct Need<'c> {
    pub who: &'c Identity,
    pub what: &'c Request,
    pub seen: &'c Seen,
    pub name: Option<&'c str>,
}

/// Everything that was used of somebody's own bindings.
#[derive(Default)]
pub(super) struct Needs<'c> {
    pub all: Vec<Need<'c>>,
    /// Rules that are held, and that something was done by whose check leaves no event: (namespace, why, rule).
    pub held: BTreeSet<(String, &'static str, PolicyRuleKey)>,
    /// Whether anything was seen.
    pub seen: bool,
    /// Requests that were allowed then, and are not by what is held now.
    pub elsewhere: BTreeSet<String>,
    /// A role or binding that was written and is not there any more, or not named.
    pub gone: bool,
    /// Whether another authorizer than RBAC allowed something, as the log says.
    pub by_others: bool,
}

/// A rule as a key of sets.
pub(super) type PolicyRuleKey = [Vec<String>; 5];

pub(super) fn as_key(rule: &PolicyRule) -> PolicyRuleKey {
    let text = |all: &[Box<str>]| all.iter().map(ToString::to_string).collect();
    [
        text(&rule.verbs),
        text(&rule.groups),
        text(&rule.resources),
        text(&rule.names),
        text(&rule.urls),
    ]
}

pub(super) fn as_rule(key: &PolicyRuleKey) -> PolicyRule {
    let [verbs, groups, resources, names, urls] = key;
    let boxed = |all: &[String]| all.iter().map(|one| one.as_str().into()).collect();
    PolicyRule {
        verbs: boxed(verbs),
        groups: boxed(groups),
        resources: boxed(resources),
        names: boxed(names),
        urls: boxed(urls),
    }
}

impl<'c> Case<'c> {
    fn namespace(&self, binding: usize) -> &'c str {
        self.facts
            .bindings
            .get(binding)
            .map_or("", |binding| &binding.meta.namespace)
    }

    /// The rules that its own bindings give in a namespace, or ("") cluster-wide.
    pub fn held(&self, namespace: &str) -> Vec<&'c PolicyRule> {
        let facts = self.facts;
        self.bindings
            .iter()
            .filter(|at| matches!(self.namespace(**at), of if of.is_empty() || of == namespace))
            .filter_map(|at| facts.index.role_of(*at))
            .flat_map(|role| facts.rules_of(role).map(|(rule, _)| rule))
            .collect()
    }

    /// Whether a rule is within what its own bindings give there.
    pub fn covered(&self, namespace: &str, rule: &PolicyRule) -> bool {
        missing(&self.held(namespace), std::iter::once(rule)).is_empty()
    }

    /// Whether one of its own bindings allows a request.
    fn own(&self, asked: &Attributes<'_>) -> bool {
        let namespace = asked.namespace();
        self.bindings.iter().any(|at| {
            let of = self.namespace(*at);
            (of.is_empty() || of == namespace)
                && self
                    .facts
                    .index
                    .role_of(*at)
                    .is_some_and(|role| self.facts.index.rule(self.facts, role, asked).is_some())
        })
    }

    /// Whether what the platform itself gives everybody, or another authorizer, allows it.
    fn given(&self, who: Asker<'_>, asked: &Attributes<'_>, decision: &Decision) -> bool {
        if !matches!(decision, Decision::Allowed(_) | Decision::No) {
            return true;
        }
        let facts = self.facts;
        let within = Some(asked.namespace()).filter(|namespace| !namespace.is_empty());
        std::iter::once("")
            .chain(within)
            .flat_map(|namespace| facts.index.applying(who, namespace))
            .filter(|at| facts.bindings.get(*at).is_some_and(|binding| binding.shipped))
            .filter_map(|at| facts.index.role_of(at))
            .any(|role| facts.index.rule(facts, role, asked).is_some())
    }

    /// Whether a binding that is not replaced allows a request of somebody: a group's, or the platform's.
    pub fn otherwise(&self, need: &Need<'_>, asked: &Attributes<'_>) -> bool {
        let facts = self.facts;
        let within = Some(asked.namespace()).filter(|namespace| !namespace.is_empty());
        need.who.ask(|who| {
            std::iter::once("")
                .chain(within)
                .flat_map(|namespace| facts.index.applying(who, namespace))
                .filter(|at| !self.bindings.contains(at))
                .filter_map(|at| facts.index.role_of(at))
                .any(|role| facts.index.rule(facts, role, asked).is_some())
        })
    }

    /// What was used, on the days that count.
    pub fn needs(&self) -> Needs<'c> {
        let mut needs = Needs::default();
        for (who, requests) in self.usage.of(self.key.group, &self.key.name) {
            for (what, seen) in requests.iter().filter(|(_, seen)| seen.within(&self.days)) {
                needs.seen = true;
                let need = Need {
                    who,
                    what,
                    seen,
                    name: None,
                };
                match what.sort {
                    Sort::Elsewhere => needs.by_others = true,
                    Sort::Passed => self.passed(what, seen, &mut needs),
                    Sort::AsHeld => {
                        self.as_held(&what.namespace, what, &mut needs);
                    }
                    Sort::Asked | Sort::Implied => who.ask(|asker| self.asked(asker, need, &mut needs)),
                }
            }
        }
        self.unseen(&mut needs);
        needs
    }

    fn asked(&self, asker: Asker<'_>, need: Need<'c>, needs: &mut Needs<'c>) {
        let Some(names) = need.seen.names() else {
            if self.as_held(&need.what.namespace, need.what, needs) {
                needs.all.push(need);
            }
            return;
        };
        for (name, days) in names {
            if days.range(self.days.clone()).next().is_none() {
                continue;
            }
            let asked = need.what.attributes(name);
            let decision = decide(self.facts, asker, &asked);
            if self.given(asker, &asked, &decision) {
                continue;
            }
            if self.own(&asked) {
                needs.all.push(Need {
                    name: Some(name),
                    ..need
                });
            } else if !decision.allowed() && need.what.sort == Sort::Asked {
                needs.elsewhere.insert(say(need.what, name));
            }
        }
    }

    /// Keeps the held rules that may have given it, narrowed to it. Whether there are any.
    fn as_held(&self, namespace: &str, what: &Request, needs: &mut Needs<'c>) -> bool {
        let any = |all: &[Box<str>], one: &str| all.iter().any(|entry| **entry == *one || &**entry == "*");
        let mut some = false;
        for rule in self.held(namespace) {
            if !any(&rule.verbs, &what.verb) {
                continue;
            }
            let mut kept = PolicyRule {
                verbs: vec![what.verb.clone()],
                ..PolicyRule::default()
            };
            if what.resource.is_empty() {
                kept.urls.clone_from(&rule.urls);
            } else {
                let whole = PolicyRule {
                    names: Vec::new(),
                    ..rule.clone()
                };
                if !rule_allows(&whole, &what.attributes("")) {
                    continue;
                }
                kept.groups = vec![what.group.clone()];
                kept.resources = vec![full(&what.resource, &what.subresource).into()];
                kept.names.clone_from(&rule.names);
            }
            if kept.urls.is_empty() && kept.resources.is_empty() {
                continue;
            }
            some = true;
            needs.held.insert((namespace.to_owned(), "", as_key(&kept)));
        }
        some
    }

    /// What is asked of others than this API server, or for others, is kept where it is spelled out.
    fn unseen(&self, needs: &mut Needs<'c>) {
        for at in self.bindings {
            let namespace = self.namespace(*at);
            let Some(role) = self.facts.index.role_of(*at) else {
                continue;
            };
            for (rule, _) in self.facts.rules_of(role) {
                for atom in missing(&[], std::iter::once(rule)) {
                    let one = |all: &[Box<str>]| all.first().map(ToString::to_string).unwrap_or_default();
                    let (verb, group, resource) = (one(&atom.verbs), one(&atom.groups), one(&atom.resources));
                    let (plural, sub) = resource.split_once('/').unwrap_or((&resource, ""));
                    let metrics = atom.urls.iter().any(|url| url.starts_with("/metrics"));
                    if verb != "*" && (unseen(&verb, &group, plural, sub) || metrics) {
                        let why = "unseen";
                        needs.held.insert((namespace.to_owned(), why, as_key(&atom)));
                    }
                }
            }
        }
    }

    /// Who writes a role or a binding passes its rules on: without bind or escalate they have to be held.
    fn passed(&self, what: &Request, seen: &Seen, needs: &mut Needs<'c>) {
        let facts = self.facts;
        let role_kind = match &*what.resource {
            "roles" => Some(RoleKind::Role),
            "clusterroles" => Some(RoleKind::ClusterRole),
            _ => None,
        };
        let Some(names) = seen.names() else {
            needs.gone = true;
            return;
        };
        for name in names.keys() {
            let role = match role_kind {
                Some(kind) => facts.role(kind, &what.namespace, name),
                None => facts
                    .bindings
                    .iter()
                    .position(|one| {
                        one.meta.namespace.as_ref() == &*what.namespace && *one.meta.name == **name
                    })
                    .and_then(|at| facts.index.role_of(at)),
            };
            let Some(role) = role else {
                needs.gone = true;
                continue;
            };
            let held = self.held(&what.namespace);
            for (rule, _) in facts.rules_of(role) {
                for atom in missing(&[], std::iter::once(rule)) {
                    if missing(&held, std::iter::once(&atom)).is_empty() {
                        let why = "passed";
                        needs
                            .held
                            .insert((what.namespace.to_string(), why, as_key(&atom)));
                    }
                }
            }
        }
    }
}

/// A resource with its subresource.
pub(super) fn full(resource: &str, subresource: &str) -> String {
    if subresource.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}/{subresource}")
    }
}

/// A request, in the words of the tables.
pub(super) fn say(what: &Request, name: &str) -> String {
    if what.resource.is_empty() {
        return format!("{} {name}", what.verb);
    }
    let group = if what.group.is_empty() {
        String::new()
    } else {
        format!(".{}", what.group)
    };
    let sub = if what.subresource.is_empty() {
        String::new()
    } else {
        format!("/{}", what.subresource)
    };
    let place = match (&*what.namespace, name) {
        ("", "") => String::new(),
        ("", name) => format!(" {name}"),
        (namespace, "") => format!(" in {namespace}"),
        (namespace, name) => format!(" {namespace}/{name}"),
    };
    format!("{} {}{group}{sub}{place}", what.verb, what.resource)
}
