//! Why not: of the rules that somebody holds, the one that comes nearest to a request which is refused.

use super::{Asker, Attributes, resource_matches, rule_allows, url_matches};
use crate::facts::{Facts, PolicyRule};

/// The nearest rule, and all that it lacks.
pub(super) struct Nearest {
    pub binding: usize,
    pub role: usize,
    pub rule: usize,
    pub lacks: Vec<String>,
}

/// The nearest rule: one bound in another namespace that would allow it, else the one bound here that lacks least.
/// None where no rule of theirs is about what is asked for.
pub(super) fn nearest(facts: &Facts, who: Asker<'_>, asked: &Attributes<'_>) -> Option<Nearest> {
    let index = &facts.index;
    let namespace = asked.namespace();
    let mut best: Option<Nearest> = None;
    let within = Some(namespace).filter(|namespace| !namespace.is_empty());
    for of in std::iter::once("").chain(within) {
        for binding in index.applying(who, of) {
            let Some(role) = index.role_of(binding) else {
                continue;
            };
            for (rule, (one, _)) in facts.rules_of(role).enumerate() {
                let Some(lacks) = lacks(one, asked) else { continue };
                if best.as_ref().is_none_or(|best| lacks.len() < best.lacks.len()) {
                    best = Some(Nearest {
                        binding,
                        role,
                        rule,
                        lacks,
                    });
                }
            }
        }
    }
    if matches!(asked, Attributes::Path { .. }) || best.as_ref().is_some_and(|best| best.lacks.len() == 1) {
        return best;
    }
    // Elsewhere only what would allow it is near.
    let elsewhere = index.applying_elsewhere(who, namespace).find_map(|binding| {
        let role = index.role_of(binding)?;
        let rule = index.rule(facts, role, asked)?;
        let of = &facts.bindings.get(binding)?.meta.namespace;
        let lacks = if namespace.is_empty() {
            format!("it is bound in namespace `{of}`, and a RoleBinding gives nothing outside its namespace")
        } else {
            format!("it is bound in namespace `{of}`, not in `{namespace}`")
        };
        Some(Nearest {
            binding,
            role,
            rule,
            lacks: vec![lacks],
        })
    });
    elsewhere.or(best)
}

/// What a rule lacks to allow a request; none where it is about something else.
fn lacks(rule: &PolicyRule, asked: &Attributes<'_>) -> Option<Vec<String>> {
    if rule_allows(rule, asked) {
        return None;
    }
    let has = |all: &[Box<str>], one: &str| all.iter().any(|entry| **entry == *one || **entry == *"*");
    let mut lacks = Vec::new();
    let verb = asked.verb();
    match *asked {
        Attributes::Path { path, .. } => {
            if !rule.urls.iter().any(|url| url_matches(url, path)) {
                let near = rule
                    .urls
                    .iter()
                    .find(|url| url.trim_end_matches(['*', '/']) == path.trim_end_matches('/'))?;
                lacks.push(format!("`{near}` does not cover `{path}`"));
            }
        }
        Attributes::Resource {
            group,
            resource,
            subresource,
            name,
            ..
        } => {
            if !rule
                .resources
                .iter()
                .any(|entry| resource_matches(entry, resource, subresource))
            {
                let near = rule
                    .resources
                    .iter()
                    .find(|entry| entry.split('/').next() == Some(resource))?;
                let full = if subresource.is_empty() {
                    resource.to_owned()
                } else {
                    format!("{resource}/{subresource}")
                };
                lacks.push(if near.ends_with("/*") {
                    format!("`{near}` is a literal that no request has, and does not give `{full}`")
                } else {
                    format!("`{near}` does not give `{full}`")
                });
            }
            if !has(&rule.groups, group) {
                lacks.push(format!("its apiGroups do not hold `{group}`"));
            }
            if !rule.names.is_empty() && !rule.names.iter().any(|one| **one == *name) {
                lacks.push(if name.is_empty() {
                    "it is limited to resourceNames, and the request names no object".to_owned()
                } else {
                    format!("its resourceNames do not hold `{name}`")
                });
            }
        }
    }
    if !has(&rule.verbs, verb) {
        lacks.push(format!("its verbs do not hold `{verb}`"));
    }
    Some(lacks)
}
