//! What to ask a server about somebody: a request for each rule that they hold, and beside it some that are like it.
//!
//! The requests are samples: a wildcard stands for one that it holds. What is like a request differs in one thing, and
//! may be allowed or not: that is for whoever answers.

use super::Asker;
use crate::data;
use crate::facts::{Facts, PolicyRule};
use serde::Serialize;
use std::collections::BTreeSet;

/// What to ask a server about somebody.
#[derive(Serialize)]
pub(super) struct Reviews {
    pub(super) reviews: Vec<Review>,
}

/// The attributes of one request, as a SubjectAccessReview has them.
#[derive(Clone, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(untagged)]
pub(super) enum Review {
    #[serde(rename_all = "camelCase")]
    Resource { resource_attributes: Resource },
    #[serde(rename_all = "camelCase")]
    Path { non_resource_attributes: Path },
}

#[derive(Clone, Serialize, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Resource {
    verb: String,
    group: String,
    resource: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    subresource: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
}

#[derive(Clone, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path {
    verb: String,
    path: String,
}

/// The requests about somebody, by what they hold.
pub(super) fn reviews(facts: &Facts, who: Asker<'_>) -> Vec<Review> {
    let mut namespaces: BTreeSet<&str> = facts.bindings.iter().map(|one| &*one.meta.namespace).collect();
    namespaces.insert("");
    let mut all = Vec::new();
    for namespace in namespaces {
        let bindings: BTreeSet<usize> = facts.index.applying(who, namespace).collect();
        let roles = bindings
            .into_iter()
            .filter_map(|binding| facts.index.role_of(binding));
        for (rule, _) in roles.flat_map(|role| facts.rules_of(role)) {
            of_rule(rule, namespace, &mut all);
        }
    }
    // One that is like it behind each, so that few of them are of both sorts.
    let (mut mixed, mut rest) = (Vec::new(), Vec::new());
    for (number, one) in all.into_iter().enumerate() {
        let mut like = alike(&one);
        mixed.push(one);
        if !like.is_empty() {
            mixed.push(like.swap_remove(number % like.len()));
        }
        rest.extend(like);
    }
    mixed.extend(rest);
    let mut seen = BTreeSet::new();
    mixed.retain(|one| seen.insert(one.clone()));
    mixed
}

/// What a wildcard stands for, else the word itself.
fn sample(word: &str, of: &str) -> String {
    if word == "*" {
        of.to_owned()
    } else {
        word.to_owned()
    }
}

fn of_rule(rule: &PolicyRule, namespace: &str, all: &mut Vec<Review>) {
    let verb = rule.verbs.first().map_or("get", |verb| &**verb);
    for resource in &rule.resources {
        let group = rule.groups.first().map_or("", |group| &**group);
        let (plural, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let plural = match (plural, group) {
            ("*", "apps") => "deployments",
            ("*", _) => "secrets",
            (plural, _) => plural,
        };
        let scoped = data::cluster_scoped(plural);
        all.push(Review::Resource {
            resource_attributes: Resource {
                verb: sample(verb, "get"),
                group: sample(group, data::group_of(plural)),
                resource: plural.to_owned(),
                subresource: sample(subresource, "status"),
                namespace: match namespace {
                    "" if scoped => String::new(),
                    "" => "default".to_owned(),
                    namespace => namespace.to_owned(),
                },
                name: rule.names.first().map(ToString::to_string).unwrap_or_default(),
            },
        });
    }
    for url in &rule.urls {
        all.push(Review::Path {
            non_resource_attributes: Path {
                verb: sample(verb, "get"),
                path: url.strip_suffix('*').map_or_else(
                    || url.to_string(),
                    |start| format!("{start}/x").replace("//", "/"),
                ),
            },
        });
    }
}

/// The same with one thing changed.
fn alike(of: &Review) -> Vec<Review> {
    match of {
        Review::Resource { resource_attributes } => {
            let with = |change: &dyn Fn(&mut Resource)| {
                let mut one = resource_attributes.clone();
                change(&mut one);
                Review::Resource {
                    resource_attributes: one,
                }
            };
            vec![
                with(&|one| one.verb = "deletecollection".to_owned()),
                with(&|one| one.namespace = "kube-system".to_owned()),
                with(&|one| one.name = "another".to_owned()),
                with(&|one| one.subresource = "status".to_owned()),
            ]
        }
        Review::Path {
            non_resource_attributes,
        } => vec![Review::Path {
            non_resource_attributes: Path {
                path: format!("{}-x", non_resource_attributes.path),
                ..non_resource_attributes.clone()
            },
        }],
    }
}
