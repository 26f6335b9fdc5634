//! Whether a row of the privileges table gives what is asked: `get secrets` is in `* *.*` over the cluster.

use super::Attributes;
use super::who::parse_action;
use crate::data;
use crate::techniques::{CLUSTER, NAMESPACE};
use foursee_core::layer::{Asked, Granted};

/// Whether rows with that action could be why it is allowed, whatever they are over.
pub(crate) fn concerns(action: &str, asked: &Asked<'_>) -> bool {
    let (Some((verb, what)), Some((asked_verb, _))) = (action.split_once(' '), asked.action.split_once(' '))
    else {
        return false;
    };
    // Most rows are of another verb.
    if verb != "*" && verb != asked_verb {
        return false;
    }
    let Some(Attributes::Resource {
        group: group_asked,
        resource: plural,
        subresource: subresource_asked,
        ..
    }) = parse_action(asked.action, asked.resource)
    else {
        return what == "url";
    };
    let (entry, group, subresource) = parts(what);
    // As a rule with that group and that resource allows it.
    let any = entry == "*" && (subresource.is_empty() || subresource == subresource_asked);
    let same = entry == plural && subresource == subresource_asked;
    what != "url" && (group == "*" || group == group_asked) && (any || same)
}

/// The plural, group and subresource of what a row's action is done to.
fn parts(what: &str) -> (&str, &str, &str) {
    let (base, subresource) = what.split_once('/').unwrap_or((what, ""));
    let (entry, group) = base
        .split_once('.')
        .unwrap_or_else(|| (base, data::group_of(base)));
    (entry, group, subresource)
}

/// Whether a row, whose action [`concerns`] it, could be why it is allowed.
pub(crate) fn covers(row: &Granted<'_>, asked: &Asked<'_>) -> bool {
    let (plural, namespace, name) = match parse_action(asked.action, asked.resource) {
        None => return false,
        Some(Attributes::Path { path, .. }) => return row.holds(path),
        Some(Attributes::Resource {
            resource,
            namespace,
            name,
            ..
        }) => (resource, namespace, name),
    };
    let what = row.action.split_once(' ').map_or("", |(_, what)| what);
    let (entry, ..) = parts(what);
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
