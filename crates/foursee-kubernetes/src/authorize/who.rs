//! Identities and actions in the words of the tables: "serviceaccount shop/web", "get secrets", "shop/db".

use super::Attributes;
use crate::data;

/// The groups that the token authenticator gives a service account, and system:authenticated.
#[must_use]
pub(crate) fn groups_of_account(namespace: &str) -> [String; 3] {
    [
        "system:serviceaccounts".to_owned(),
        format!("system:serviceaccounts:{namespace}"),
        "system:authenticated".to_owned(),
    ]
}

/// An action and a resource as a request: "create pods/exec" on "shop/web", "shop" or "*"; "get deployments.apps";
/// "get /metrics". None where the action is no verb and resource.
#[must_use]
pub(crate) fn parse_action<'a>(action: &'a str, resource: &'a str) -> Option<Attributes<'a>> {
    let (verb, what) = action.split_once(' ')?;
    if what.starts_with('/') {
        return Some(Attributes::Path { verb, path: what });
    }
    if what.is_empty() || verb.is_empty() {
        return None;
    }
    if resource.starts_with('/') && what == "url" {
        return Some(Attributes::Path { verb, path: resource });
    }
    let (base, subresource) = what.split_once('/').unwrap_or((what, ""));
    let (plural, group) = match base.split_once('.') {
        Some((plural, group)) => (plural, group),
        None => (base, data::group_of(base)),
    };
    let mut resource = resource;
    // "shop/configmaps/settings": the form in which objects of other kinds are named.
    let middle = format!("/{plural}/");
    let mut parts = ("", "");
    let mut three = false;
    if let Some(at) = resource.find(&middle) {
        parts = (
            resource.get(..at).unwrap_or_default(),
            resource.get(at + middle.len()..).unwrap_or_default(),
        );
        three = true;
    }
    let (namespace, name) = if three {
        parts
    } else if data::cluster_scoped(plural) {
        if let Some(rest) = resource.strip_prefix("*/") {
            resource = rest;
        }
        ("", resource)
    } else {
        resource.split_once('/').unwrap_or((resource, ""))
    };
    // What every resource is over is the cluster itself.
    let namespace = if plural == "*" && namespace == "cluster" {
        ""
    } else {
        namespace
    };
    let plain = |text: &'a str| if text == "*" { "" } else { text };
    let (namespace, name) = (plain(namespace), plain(name));
    Some(Attributes::Resource {
        verb,
        group,
        resource: plural,
        subresource,
        name,
        // A namespace is itself within its own namespace (5a).
        namespace: if plural == "namespaces"
            && group.is_empty()
            && matches!(verb, "get" | "update" | "patch" | "delete")
        {
            name
        } else {
            namespace
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_resources_are_requests() {
        let said = |action: &str, resource: &str| match parse_action(action, resource) {
            Some(Attributes::Resource {
                verb,
                group,
                resource,
                subresource,
                name,
                namespace,
            }) => format!("{verb}|{group}|{resource}|{subresource}|{namespace}|{name}"),
            Some(Attributes::Path { verb, path }) => format!("{verb}|{path}"),
            None => String::new(),
        };
        for (action, resource, want) in [
            ("get secrets", "shop/db", "get||secrets||shop|db"),
            ("get secrets", "shop", "get||secrets||shop|"),
            ("get secrets", "*", "get||secrets|||"),
            ("create pods/exec", "shop/web", "create||pods|exec|shop|web"),
            ("get deployments", "shop/web", "get|apps|deployments||shop|web"),
            (
                "get widgets.example.com/scale",
                "shop/x",
                "get|example.com|widgets|scale|shop|x",
            ),
            ("get configmaps", "shop/configmaps/a", "get||configmaps||shop|a"),
            (
                "get clusterroles",
                "*/clusterroles/a",
                "get|rbac.authorization.k8s.io|clusterroles|||a",
            ),
            ("delete nodes", "n1", "delete||nodes|||n1"),
            ("get namespaces", "shop", "get||namespaces||shop|shop"),
            ("list namespaces", "*", "list||namespaces|||"),
            ("* *.*", "cluster", "*|*|*|||"),
            ("get url", "/metrics", "get|/metrics"),
            ("get /healthz", "", "get|/healthz"),
            ("get", "x", ""),
        ] {
            assert_eq!(said(action, resource), want, "{action} on {resource}");
        }
    }
}
