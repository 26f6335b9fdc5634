//! Whether a row of the privileges table gives what is asked: `get secrets` is in `* *.*` over the cluster.

use super::Attributes;
use super::who::parse_action;
use crate::data;
use crate::techniques::{CLUSTER, NAMESPACE};
use foursee_core::layer::{Asked, Granted};

/// Whether a row could be why it is allowed.
pub(crate) fn covers(row: &Granted<'_>, asked: &Asked<'_>) -> bool {
    let (Some((verb, what)), Some((asked_verb, _))) =
        (row.action.split_once(' '), asked.action.split_once(' '))
    else {
        return false;
    };
    // Most rows are of another verb.
    if verb != "*" && verb != asked_verb {
        return false;
    }
    let (group_asked, plural, subresource_asked, namespace, name) =
        match parse_action(asked.action, asked.resource) {
            None => return false,
            Some(Attributes::Path { path, .. }) => return what == "url" && row.holds(path),
            Some(Attributes::Resource {
                group,
                resource,
                subresource,
                namespace,
                name,
                ..
            }) => (group, resource, subresource, namespace, name),
        };
    let (base, subresource) = what.split_once('/').unwrap_or((what, ""));
    let (entry, group) = base
        .split_once('.')
        .unwrap_or_else(|| (base, data::group_of(base)));
    // As a rule with that group and that resource allows it.
    let any = entry == "*" && (subresource.is_empty() || subresource == subresource_asked);
    let same = entry == plural && subresource == subresource_asked;
    if what == "url" || !(group == "*" || group == group_asked) || !(any || same) {
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
