//! Needs as the smallest rules that make sense, a namespace at a time.

use super::names::stable;
use super::need::{Case, Needs, as_key, as_rule, full};
use crate::authorize::missing;
use crate::facts::PolicyRule;
use std::collections::{BTreeMap, BTreeSet};

/// In more namespaces than this, what is held cluster-wide stays so.
const FEW: usize = 10;

/// Rules, by namespace, "" for cluster-wide.
pub(super) type Scoped = BTreeMap<String, Vec<PolicyRule>>;

/// A verb on a resource: (group, resource, verb).
type Right = (String, String, String);
/// The names it is used on; "" for none.
type On = BTreeSet<String>;
type Rights = BTreeMap<String, BTreeMap<Right, On>>;

/// How tight.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// Names where they are stable.
    Names,
    /// Whole types, where they are held.
    Types,
}

fn single(group: &str, resource: &str, verb: &str, names: &On) -> PolicyRule {
    PolicyRule {
        verbs: vec![verb.into()],
        groups: vec![group.into()],
        resources: vec![resource.into()],
        names: names.iter().map(|one| one.as_str().into()).collect(),
        urls: Vec::new(),
    }
}

/// The rules that give what is needed, and nothing that is not held.
pub(super) fn build(case: &Case<'_>, needs: &Needs<'_>, width: Width) -> Scoped {
    let (mut rights, mut urls): (Rights, BTreeMap<String, BTreeSet<String>>) = Default::default();
    for need in &needs.all {
        let Some(name) = need.name else { continue };
        let what = need.what;
        if what.resource.is_empty() {
            urls.entry(name.to_owned())
                .or_default()
                .insert(what.verb.to_string());
            continue;
        }
        let resource = full(&what.resource, &what.subresource);
        let mut scope = &*what.namespace;
        // A namespace is an object of the cluster, where it is held so.
        let one = On::from([name.to_owned()]);
        if &*what.resource == "namespaces"
            && case.covered("", &single(&what.group, &resource, &what.verb, &one))
        {
            scope = "";
        }
        rights
            .entry(scope.to_owned())
            .or_default()
            .entry((what.group.to_string(), resource, what.verb.to_string()))
            .or_default()
            .insert(name.to_owned());
    }
    widen(case, &mut rights);
    let mut all = Scoped::new();
    for (scope, rights) in &rights {
        all.insert(scope.clone(), merged(case, scope, rights, width));
    }
    // Paths that take the same verbs stand together.
    let mut of_verbs: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (path, verbs) in urls {
        of_verbs
            .entry(verbs.into_iter().collect())
            .or_default()
            .push(path);
    }
    for (verbs, paths) in of_verbs {
        all.entry(String::new())
            .or_default()
            .push(as_rule(&[verbs, vec![], vec![], vec![], paths]));
    }
    for (scope, _, rule) in &needs.held {
        let rule = as_rule(rule);
        let mut there: Vec<&PolicyRule> = all.get(scope).into_iter().flatten().collect();
        there.extend(all.get("").into_iter().flatten());
        if !missing(&there, std::iter::once(&rule)).is_empty() {
            all.entry(scope.clone()).or_default().push(rule);
        }
    }
    all.retain(|_, rules| !rules.is_empty());
    all
}

/// What is used in many namespaces and held cluster-wide stays cluster-wide; what is needed cluster-wide is not needed
/// in a namespace besides.
fn widen(case: &Case<'_>, rights: &mut Rights) {
    let mut spread: BTreeMap<Right, usize> = BTreeMap::new();
    for right in rights
        .iter()
        .filter(|(scope, _)| !scope.is_empty())
        .flat_map(|(_, all)| all.keys())
    {
        *spread.entry(right.clone()).or_default() += 1;
    }
    let unnamed = On::from([String::new()]);
    for (right, _) in spread.into_iter().filter(|(_, count)| *count > FEW) {
        let (group, resource, verb) = &right;
        if case.covered("", &single(group, resource, verb, &On::new())) {
            rights
                .entry(String::new())
                .or_default()
                .insert(right, unnamed.clone());
        }
    }
    let everywhere: BTreeSet<Right> = rights
        .get("")
        .into_iter()
        .flatten()
        .filter(|(_, names)| names.contains(""))
        .map(|(right, _)| right.clone())
        .collect();
    for (_, all) in rights.iter_mut().filter(|(scope, _)| !scope.is_empty()) {
        all.retain(|right, _| !everywhere.contains(right));
    }
}

/// One namespace's rights as rules.
fn merged(case: &Case<'_>, scope: &str, rights: &BTreeMap<Right, On>, width: Width) -> Vec<PolicyRule> {
    let whole = |group: &str, resource: &str, verb: &str| {
        rights
            .get(&(group.to_owned(), resource.to_owned(), verb.to_owned()))
            .is_some_and(|names| names.contains(""))
    };
    let unnamed = On::new();
    let mut atoms = Vec::new();
    for ((group, resource, verb), names) in rights {
        // Who makes objects will use others; who lists them reads them all.
        let loose = width == Width::Types
            || whole(group, resource, "create")
            || verb == "get" && (whole(group, resource, "list") || whole(group, resource, "watch"))
            || !stable(resource, names.iter().map(String::as_str));
        let any =
            names.contains("") || loose && case.covered(scope, &single(group, resource, verb, &On::new()));
        atoms.push(single(group, resource, verb, if any { &unnamed } else { names }));
    }
    joined(&atoms)
}

/// Rules that give the same as these: what has the same names, then the same verbs, then the same resources, is one rule,
/// and so are URLs that have the same verbs. Each step joins sets that are equal, so that the rules give the rights and no
/// other.
pub(super) fn joined(rules: &[PolicyRule]) -> Vec<PolicyRule> {
    let words = |all: &[Box<str>]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let paths = urls(rules);
    let mut verbs: BTreeMap<(String, String, Vec<String>), BTreeSet<String>> = BTreeMap::new();
    for rule in rules {
        for (group, resource) in rule
            .groups
            .iter()
            .flat_map(|group| rule.resources.iter().map(move |one| (group, one)))
        {
            verbs
                .entry((group.to_string(), resource.to_string(), words(&rule.names)))
                .or_default()
                .extend(words(&rule.verbs));
        }
    }
    let mut resources: BTreeMap<(String, Vec<String>, Vec<String>), Vec<String>> = BTreeMap::new();
    for ((group, resource, names), verbs) in verbs {
        resources
            .entry((group, names, verbs.into_iter().collect()))
            .or_default()
            .push(resource);
    }
    let mut groups: BTreeMap<[Vec<String>; 3], Vec<String>> = BTreeMap::new();
    for ((group, names, verbs), resources) in resources {
        groups.entry([resources, names, verbs]).or_default().push(group);
    }
    let mut rules: Vec<PolicyRule> = groups
        .into_iter()
        .map(|([resources, names, verbs], groups)| as_rule(&[verbs, groups, resources, names, vec![]]))
        .collect();
    rules.sort_by_cached_key(|rule| {
        let [verbs, groups, resources, names, _] = as_key(rule);
        (groups, resources, names, verbs)
    });
    rules.extend(paths);
    rules
}

/// The same of URLs.
fn urls(rules: &[PolicyRule]) -> impl Iterator<Item = PolicyRule> {
    let words = |all: &[Box<str>]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut verbs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in rules {
        for url in &rule.urls {
            verbs
                .entry(url.to_string())
                .or_default()
                .extend(words(&rule.verbs));
        }
    }
    let mut urls: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (url, verbs) in verbs {
        urls.entry(verbs.into_iter().collect()).or_default().push(url);
    }
    let mut all: Vec<_> = urls.into_iter().collect();
    all.sort_by(|one, other| (&one.1, &one.0).cmp(&(&other.1, &other.0)));
    all.into_iter()
        .map(|(verbs, urls)| as_rule(&[verbs, vec![], vec![], vec![], urls]))
}
