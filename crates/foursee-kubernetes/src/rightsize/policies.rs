//! What EKS's access policies let somebody do too, whom a smaller role is proposed for: RBAC alone does not take it away.

use super::subject::Key;
use crate::authorize::eks::{associations, covers_namespace};
use crate::authorize::missing;
use crate::data::eks_policies;
use crate::facts::{Facts, PolicyRule};
use crate::lower::cloud;
use crate::usage::Usage;
use std::collections::BTreeSet;

/// The principals that come in as a user or member of a group: by their access entries, and as the log shows.
fn principals<'f>(facts: &'f Facts, usage: &'f Usage, key: &'f Key) -> BTreeSet<&'f str> {
    let entries = facts.aws.entries.iter().map(|one| (&*one.principal, one));
    let entered = entries
        .filter(|(_, one)| cloud::comes_as(one, key.group, &key.name))
        .map(|(arn, _)| arn);
    let seen = usage.of(key.group, &key.name).map(|(who, _)| &*who.principal);
    entered.chain(seen).filter(|arn| !arn.is_empty()).collect()
}

/// A note for each of their policies that gives some of what is lost.
pub(super) fn notes(
    facts: &Facts,
    usage: &Usage,
    key: &Key,
    lost: &[(usize, Vec<PolicyRule>)],
) -> BTreeSet<String> {
    let held = principals(facts, usage, key);
    let mut all = BTreeSet::new();
    for one in held.into_iter().flat_map(|arn| associations(facts, arn)) {
        let rules: Vec<&PolicyRule> = facts.access.rules(&one.policy).iter().collect();
        let gives = |binding: usize, rule: &PolicyRule| {
            let namespace = facts.bindings.get(binding).map_or("", |one| &one.meta.namespace);
            // What was held in every namespace is still had in some.
            (namespace.is_empty() || covers_namespace(one, namespace))
                && missing(&rules, std::iter::once(rule)).is_empty()
        };
        if lost
            .iter()
            .any(|(at, lost)| lost.iter().any(|rule| gives(*at, rule)))
        {
            let scope = match &one.within {
                None => "the cluster".to_owned(),
                Some(all) => format!("namespaces {}", all.join(", ")),
            };
            all.insert(format!(
                "{} may do some of that still, by access policy {} in {scope}: this takes away what RBAC gives alone",
                one.principal,
                eks_policies::name_of(&one.policy)
            ));
        }
    }
    all
}
