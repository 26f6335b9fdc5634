//! What the server asks its authorizers besides, which leaves no event: added from what was done.
//!
//! Source: kubernetes/kubernetes 1.37: filters/impersonation, handlers/patch.go and update.go (creates by PATCH and PUT),
//! pkg/registry/rbac (bind, escalate), plugin/pkg/admission/certificates (approve, sign, attest), storage of
//! resourceclaims (associated-node, arbitrary-node).

use super::event::User;
use crate::authorize::RBAC_GROUP;
use crate::usage::{Request, Sort};

const AUTHENTICATION: &str = "authentication.k8s.io";

/// What somebody asked who acted as another, in a mode ("" for the old one), beside what was then asked as the other.
pub(super) fn impersonating(
    other: &User<'_>,
    mode: &str,
    what: &Request,
    name: &str,
) -> Vec<(Request, String)> {
    let verb = if mode.is_empty() { "impersonate" } else { mode };
    let own = if mode.is_empty() { "" } else { AUTHENTICATION };
    let user = &*other.username;
    let mut all = Vec::new();
    let mut add = |sort: Sort, group: &str, resource: &str, sub: &str, namespace: &str, name: &str| {
        let what = Request::new(verb, group, resource, sub, namespace).sort(sort);
        all.push((what, name.to_owned()));
    };
    let account = user
        .strip_prefix("system:serviceaccount:")
        .and_then(|rest| rest.split_once(':'));
    match (account, user.strip_prefix("system:node:")) {
        (Some((namespace, account)), _) => add(Sort::Asked, own, "serviceaccounts", "", namespace, account),
        (None, Some(_)) if mode.ends_with("associated-node") => add(Sort::Asked, own, "nodes", "", "", "*"),
        (None, Some(node)) if mode.ends_with("arbitrary-node") => {
            add(Sort::Asked, own, "nodes", "", "", node)
        }
        _ => add(Sort::Asked, own, "users", "", "", user),
    }
    if !other.uid.is_empty() {
        add(Sort::Implied, AUTHENTICATION, "uids", "", "", &other.uid);
    }
    for group in other.groups.iter() {
        // The server adds these by itself; they may have been asked for too.
        let added = matches!(
            &**group,
            "system:authenticated" | "system:unauthenticated" | "system:nodes"
        ) || group.starts_with("system:serviceaccounts") && account.is_some();
        let sort = if added { Sort::Implied } else { Sort::Asked };
        add(sort, own, "groups", "", "", group);
    }
    if !mode.is_empty() {
        add(Sort::Implied, own, "groups", "", "", "*");
        add(Sort::Implied, AUTHENTICATION, "userextras", "*", "", "*");
    }
    for (key, values) in other.extra.iter().flatten() {
        for value in values.iter() {
            add(Sort::Implied, AUTHENTICATION, "userextras", key, "", value);
        }
    }
    if let Some(constraint) = mode.strip_prefix("impersonate:") {
        let on = Request {
            verb: format!("impersonate-on:{constraint}:{}", what.verb).into(),
            ..what.clone()
        };
        all.push((on, name.to_owned()));
    }
    all
}

/// What else was asked of who did this. `body` is the object's name as its body has it.
pub(super) fn checks(what: &Request, name: &str, body: &str, code: i64) -> Vec<(Request, String)> {
    let mut all = Vec::new();
    let writes = matches!(&*what.verb, "create" | "update" | "patch");
    let mut as_held = |verb: &str, group: &str, resource: &str, sub: &str| {
        let what = Request::new(verb, group, resource, sub, &what.namespace).sort(Sort::AsHeld);
        all.push((what, String::new()));
    };
    match (&*what.group, &*what.resource, &*what.subresource) {
        (RBAC_GROUP, "roles" | "clusterroles", "") if writes => {
            as_held("escalate", RBAC_GROUP, &what.resource, "");
            all.push((what.clone().sort(Sort::Passed), body.to_owned()));
        }
        (RBAC_GROUP, "rolebindings" | "clusterrolebindings", "") if writes => {
            as_held("bind", RBAC_GROUP, "roles", "");
            as_held("bind", RBAC_GROUP, "clusterroles", "");
            all.push((what.clone().sort(Sort::Passed), body.to_owned()));
        }
        ("certificates.k8s.io", "certificatesigningrequests", "approval") if writes => {
            as_held("approve", "certificates.k8s.io", "signers", "");
        }
        ("certificates.k8s.io", "certificatesigningrequests", "status") if writes => {
            as_held("sign", "certificates.k8s.io", "signers", "");
        }
        ("certificates.k8s.io", "clustertrustbundles", "") if writes => {
            as_held("attest", "certificates.k8s.io", "signers", "");
        }
        ("resource.k8s.io", "resourceclaims", "status") if writes => {
            for mode in ["associated-node", "arbitrary-node"] {
                as_held(
                    &format!("{mode}:{}", what.verb),
                    "resource.k8s.io",
                    "resourceclaims",
                    "driver",
                );
            }
        }
        // A websocket begins with GET, and is asked as a create too (1.35 on).
        ("", "pods", "exec" | "attach" | "portforward") if &*what.verb == "get" => {
            let create = Request {
                verb: "create".into(),
                sort: Sort::Implied,
                ..what.clone()
            };
            all.push((create, name.to_owned()));
        }
        _ => {}
    }
    // An applied patch, or a PUT, that made the object: its create has a name.
    if matches!(&*what.verb, "patch" | "update") && code == 201 && what.subresource.is_empty() {
        let create = Request {
            verb: "create".into(),
            ..what.clone()
        };
        all.push((create, name.to_owned()));
    }
    all
}
