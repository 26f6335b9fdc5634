//! Who there is: accounts, users, groups, nodes, secrets, namespaces; who is in which group; labels as tags.

use super::cloud::policy_holders;
use crate::authorize::MASTERS;
use crate::facts::{Facts, Meta, PolicyRule, Subject};
use crate::techniques::*;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::model::{Kind, NodeId, Pattern, Rung, Verb};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// The kind and name of the node that a binding's subject means. A User that spells an account is the account.
pub(crate) fn subject_node(subject: &Subject, binding_namespace: &str) -> Option<(&'static Kind, String)> {
    match &*subject.kind {
        "User" => Some(user_node(&subject.name)),
        "Group" => Some((&GROUP, subject.name.to_string())),
        "ServiceAccount" => subject
            .account_namespace(binding_namespace)
            .map(|of| (&SERVICEACCOUNT, format!("{of}/{}", subject.name))),
        _ => None,
    }
}

/// The node of a user name.
pub(crate) fn user_node(name: &str) -> (&'static Kind, String) {
    match name
        .strip_prefix("system:serviceaccount:")
        .and_then(|rest| rest.split_once(':'))
    {
        Some((namespace, account)) => (&SERVICEACCOUNT, format!("{namespace}/{account}")),
        None => (&USER, name.to_owned()),
    }
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let namespaces: HashMap<&str, &Meta> = facts
        .namespaces
        .iter()
        .map(|one| (&*one.meta.name, &one.meta))
        .collect();
    for one in &facts.namespaces {
        let node = out.node(&NAMESPACE, &one.meta.name);
        tags(out, node, &one.meta, None);
    }
    for one in &facts.nodes {
        let node = out.node(&NODE, &one.meta.name);
        tags(out, node, &one.meta, None);
        let user = out.node(&USER, &format!("system:node:{}", one.meta.name));
        out.edge(node, &KUBELET, user, one.meta.place);
        if facts.index.group_is_bound("system:nodes") {
            let group = out.node(&GROUP, "system:nodes");
            out.member(user, group, one.meta.place);
        }
    }
    for one in &facts.accounts {
        let node = out.node(&SERVICEACCOUNT, &one.meta.full_name());
        tags(
            out,
            node,
            &one.meta,
            namespaces.get(&*one.meta.namespace).copied(),
        );
    }
    for one in &facts.secrets {
        let node = out.node(&SECRET, &one.meta.full_name());
        tags(
            out,
            node,
            &one.meta,
            namespaces.get(&*one.meta.namespace).copied(),
        );
        if let Some(account) = one.token_of() {
            let account = out.node(&SERVICEACCOUNT, &format!("{}/{account}", one.meta.namespace));
            out.edge(node, &TOKEN_SECRET, account, one.meta.place);
        }
    }
    // Whoever holds an account's token acts as it: one statement of the platform, for all of them.
    let Some(first) = facts.first else { return };
    let accounts = |out: &mut Lowering<'_>, pattern: &Pattern| {
        out.select(Over {
            kind: &SERVICEACCOUNT,
            pattern,
            except: &[],
        })
    };
    let mut groups: Vec<(&str, Place)> = Vec::new();
    for binding in &facts.bindings {
        for subject in &binding.subjects {
            let Some((kind, name)) = subject_node(subject, &binding.meta.namespace) else {
                continue;
            };
            out.node(kind, &name);
            if &*subject.kind == "Group" {
                groups.push((&subject.name, subject.place));
            }
        }
    }
    // Every request of whoever authenticates is allowed; AlwaysAllow switches anonymous requests off.
    let always = facts.api_servers.first().filter(|_| facts.index.chain.always);
    if let Some(server) = always {
        groups.push(("system:authenticated", server.place));
        let everybody = out.node(&GROUP, "system:authenticated");
        let cluster = out.node(&CLUSTER, "cluster");
        out.edge(everybody, &ADMIN, cluster, server.place)
            .rung(Rung::Unbounded);
        out.privilege(
            everybody,
            Verb::Administer,
            "* *.*",
            cluster,
            Rung::Unbounded,
            server.place,
        )
        .attainable(Rung::Unbounded);
    }
    groups.sort();
    groups.dedup_by(|a, b| a.0 == b.0);
    let users = Over {
        kind: &USER,
        pattern: &Pattern::Any,
        except: &[Pattern::Exact("system:anonymous".into())],
    };
    for (name, place) in groups {
        let group = out.node(&GROUP, name);
        match name {
            "system:serviceaccounts" => {
                let all = accounts(out, &Pattern::Any);
                out.member(all, group, place);
            }
            "system:authenticated" => {
                let all = accounts(out, &Pattern::Any);
                out.member(all, group, place);
                let all = out.select(users);
                out.member(all, group, place);
            }
            "system:unauthenticated" => {
                let nobody = out.node(&USER, "system:anonymous");
                out.member(nobody, group, place);
            }
            _ => {
                if let Some(namespace) = name.strip_prefix("system:serviceaccounts:") {
                    let all = accounts(out, &Pattern::Prefix(format!("{namespace}/").into()));
                    out.member(all, group, place);
                }
            }
        }
    }
    let masters = out.node(&GROUP, MASTERS);
    let cluster = out.node(&CLUSTER, "cluster");
    out.edge(masters, &ADMIN, cluster, first);
    out.privilege(
        masters,
        Verb::Administer,
        "* *.*",
        cluster,
        Rung::Unbounded,
        first,
    )
    .attainable(Rung::Unbounded);
    out.prize(cluster, "cluster admin", first);
}

/// Labels and the annotations that were kept, as tags; the namespace's where the object has none of that key.
pub(super) fn tags(out: &mut Lowering<'_>, node: NodeId, own: &Meta, namespace: Option<&Meta>) {
    let of = |meta: &Meta| -> Vec<(Box<str>, Box<str>)> {
        meta.labels
            .iter()
            .chain(&meta.annotations)
            .filter(|(key, _)| told(key))
            .cloned()
            .collect()
    };
    let said = of(own);
    for (key, value) in &said {
        out.tag(node, key, value, own.place);
    }
    let Some(namespace) = namespace else { return };
    for (key, value) in of(namespace) {
        if !said.iter().any(|(own, _)| *own == key) {
            out.tag(node, &key, &value, namespace.place);
        }
    }
}

/// Whether a label says something about its object, rather than about a revision of it.
fn told(key: &str) -> bool {
    !matches!(
        key,
        "pod-template-hash"
            | "controller-revision-hash"
            | "pod-template-generation"
            | "kubernetes.io/metadata.name"
            | "controller-uid"
            | "job-name"
            | "statefulset.kubernetes.io/pod-name"
            | "apps.kubernetes.io/pod-index"
            | "rbac.authorization.kubernetes.io/autoupdate"
    ) && !key.starts_with("pod-security.kubernetes.io/")
        && !key.starts_with("batch.kubernetes.io/")
}

/// Who is bound to a role that has such a rule, by kind and name; and whoever is given access policies.
pub(super) fn holders(
    facts: &Facts,
    is_such: impl Fn(&PolicyRule) -> bool,
) -> BTreeMap<(&'static str, String), &'static Kind> {
    let roles: Vec<bool> = (0..facts.roles.len())
        .map(|role| facts.rules_of(role).any(|(rule, _)| is_such(rule)))
        .collect();
    let entries = policy_holders(facts).map(|name| ((ACCESS_ENTRY.name, name.to_owned()), &ACCESS_ENTRY));
    let mut holders: BTreeMap<_, &'static Kind> = entries.collect();
    for (at, binding) in facts.bindings.iter().enumerate() {
        let role = facts.index.role_of(at).and_then(|role| roles.get(role));
        if role != Some(&true) {
            continue;
        }
        for subject in &binding.subjects {
            if let Some((kind, name)) = subject_node(subject, &binding.meta.namespace) {
                holders.insert((kind.name, name), kind);
            }
        }
    }
    holders
}
