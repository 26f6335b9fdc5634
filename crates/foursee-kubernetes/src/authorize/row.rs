//! Whether a row of the privileges table gives what is asked: `get secrets` is in `* *.*` over the cluster.

use super::who::parse_action;
use super::{Attributes, rule_allows};
use crate::data;
use crate::facts::PolicyRule;
use crate::techniques::{CLUSTER, NAMESPACE};
use foursee_core::layer::{Asked, Granted};

/// Whether a row could be why it is allowed.
pub(crate) fn covers(row: &Granted<'_>, asked: &Asked<'_>) -> bool {
    let (Some((verb, what)), Some(attributes)) = (
        row.action.split_once(' '),
        parse_action(asked.action, asked.resource),
    ) else {
        return false;
    };
    let (plural, namespace, name) = match attributes {
        Attributes::Path { path, .. } => {
            let verb = verb == "*" || asked.action.split_once(' ').is_some_and(|(one, _)| one == verb);
            return what == "url" && verb && row.holds(path);
        }
        Attributes::Resource {
            resource,
            namespace,
            name,
            ..
        } => (resource, namespace, name),
    };
    let (base, subresource) = what.split_once('/').unwrap_or((what, ""));
    let (entry, group) = base
        .split_once('.')
        .unwrap_or_else(|| (base, data::group_of(base)));
    let rule = PolicyRule {
        verbs: vec![verb.into()],
        groups: vec![group.into()],
        resources: vec![if subresource.is_empty() {
            entry.into()
        } else {
            format!("{entry}/{subresource}").into()
        }],
        ..PolicyRule::default()
    };
    if what == "url" || !rule_allows(&rule, &attributes) {
        return false;
    }
    // Every resource of a group is over what contains them: the cluster, a namespace, or its objects' names' first part.
    if entry == "*" {
        if row.kind == CLUSTER.name {
            return true;
        }
        let container = row.over.split('/').next().unwrap_or_default();
        return container == namespace || (row.kind != NAMESPACE.name && container == "*");
    }
    if !asked.kinds.is_empty() && !asked.kinds.contains(&row.kind) {
        return false;
    }
    let within = |namespace: &str| match (row.kind, namespace) {
        ("object", "") => format!("*/{plural}/{name}"),
        ("object", namespace) => format!("{namespace}/{plural}/{name}"),
        _ if data::cluster_scoped(plural) || namespace.is_empty() => name.to_owned(),
        _ => format!("{namespace}/{name}"),
    };
    row.holds(&within(namespace)) || (row.kind == "object" && row.holds(&within("")))
}
