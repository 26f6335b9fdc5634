//! What a pass over a kubectl export reads of each object.

use serde::Deserialize;
use std::borrow::Cow;

/// One object.
#[derive(Deserialize)]
pub struct Item<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow, default)]
    spec: Spec<'a>,
    #[serde(borrow, default)]
    rules: Vec<Rule<'a>>,
    #[serde(borrow, default)]
    subjects: Vec<Subject<'a>>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    namespace: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(borrow, default)]
    service_account_name: Cow<'a, str>,
    #[serde(borrow, default)]
    containers: Vec<Container<'a>>,
    #[serde(borrow, default)]
    template: Template<'a>,
}

#[derive(Deserialize, Default)]
struct Template<'a> {
    #[serde(borrow, default)]
    spec: Pod<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Pod<'a> {
    #[serde(borrow, default)]
    service_account_name: Cow<'a, str>,
    #[serde(borrow, default)]
    containers: Vec<Container<'a>>,
}

#[derive(Deserialize)]
struct Container<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    env: Vec<Env<'a>>,
}

#[derive(Deserialize)]
struct Env<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Rule<'a> {
    #[serde(borrow, default)]
    verbs: Vec<&'a str>,
    #[serde(borrow, default)]
    resources: Vec<&'a str>,
}

#[derive(Deserialize)]
struct Subject<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// How long its texts are.
pub fn letters(item: Item<'_>) -> usize {
    let env = |one: &Container<'_>| {
        one.env
            .iter()
            .map(|env| env.name.len() + env.value.len())
            .sum::<usize>()
    };
    let made = &item.spec.template.spec;
    let containers = item.spec.containers.iter().chain(&made.containers);
    let containers = containers.map(|one| one.name.len() + env(one));
    let rules = item
        .rules
        .iter()
        .map(|rule| rule.verbs.len() + rule.resources.len());
    let subjects = item.subjects.iter().map(|subject| subject.name.len());
    item.kind.len()
        + item.metadata.name.len()
        + item.metadata.namespace.len()
        + item.spec.service_account_name.len()
        + made.service_account_name.len()
        + containers.chain(rules).chain(subjects).sum::<usize>()
}
