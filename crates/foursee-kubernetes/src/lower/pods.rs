//! Workloads: their accounts, the Secrets that they are given, their nodes, and the credentials in their environment.

use super::cloud::web_identities;
use super::identities::tags;
use crate::facts::{Facts, Meta, VolumeSource};
use crate::techniques::*;
use crate::workloads::Group;
use foursee_core::document::Place;
use foursee_core::estate::{Audience, Lowering, Presented};
use foursee_core::model::{Certainty, ConditionId, Foothold, Gap, NodeId, Reason};
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let namespaces: HashMap<&str, &Meta> = facts
        .namespaces
        .iter()
        .map(|one| (&*one.meta.name, &one.meta))
        .collect();
    let issuer: Option<Arc<str>> = facts.issuers.first().map(|one| (&*one.0).into());
    let mut used: BTreeSet<String> = BTreeSet::new();
    for group in &facts.groups.all {
        let pod = out.node(&POD, &group.name);
        let account = group.account(facts);
        let Some(root) = group.root_row(facts) else {
            continue;
        };
        tags(out, pod, &root.meta, namespaces.get(&*group.namespace).copied());
        let account_node = out.node(&SERVICEACCOUNT, &account);
        used.insert(account.clone());
        if let Some(mounting) = group.rows(facts).find(|one| facts.token_mounted(one)) {
            out.edge(pod, &POD_TOKEN, account_node, mounting.pod.place);
        }
        for name in &group.nodes {
            let node = out.node(&NODE, name);
            out.edge(node, &NODE_RUNS, pod, root.pod.place);
        }
        secrets(facts, group, pod, out);
        if let Some(issuer) = &issuer {
            for (audience, meant_for, place) in web_identities(facts, group) {
                let mut one = presented(
                    pod,
                    Foothold::Runs,
                    "web-identity",
                    issuer,
                    &subject(&account),
                    place,
                );
                one.audience = Audience::Named(vec![(&*audience).into()]);
                one.meant_for = meant_for.map(|role| (&*role).into());
                out.present(one);
            }
        }
        environment(facts, group, pod, out);
    }
    accounts(facts, issuer.as_ref(), &used, out);
}

/// `system:serviceaccount:NS:NAME` of `NS/NAME`.
pub(crate) fn subject(account: &str) -> String {
    format!("system:serviceaccount:{}", account.replacen('/', ":", 1))
}

fn presented(by: NodeId, at: Foothold, kind: &str, realm: &str, subject: &str, place: Place) -> Presented {
    Presented {
        by,
        at,
        kind: kind.into(),
        realm: realm.into(),
        subject: subject.into(),
        audience: Audience::None,
        towards: None,
        meant_for: None,
        certainty: Certainty::Certain,
        condition: ConditionId(0),
        place,
    }
}

/// Accounts: a token in hand acts as the account; a new pod, or a token that was asked for, names any audience.
fn accounts(facts: &Facts, issuer: Option<&Arc<str>>, used: &BTreeSet<String>, out: &mut Lowering<'_>) {
    let mut all: BTreeMap<String, Place> = BTreeMap::new();
    for one in &facts.accounts {
        all.insert(one.meta.full_name(), one.meta.place);
    }
    for group in &facts.groups.all {
        if let Some(root) = group.root_row(facts) {
            all.entry(group.account(facts)).or_insert(root.pod.place);
        }
    }
    for binding in &facts.bindings {
        for subject in &binding.subjects {
            if let Some((kind, name)) = super::subject_node(subject, &binding.meta.namespace)
                && kind.name == SERVICEACCOUNT.name
            {
                all.entry(name).or_insert(subject.place);
            }
        }
    }
    for (name, place) in all {
        let node = out.node(&SERVICEACCOUNT, &name);
        out.edge(node, &USE_TOKEN, node, place);
        let Some(issuer) = issuer else { continue };
        let meant = name
            .split_once('/')
            .and_then(|(namespace, own)| facts.index.account(namespace, own))
            .and_then(|at| facts.accounts.get(at))
            .and_then(|row| row.meta.annotation("eks.amazonaws.com/role-arn"))
            .filter(|_| !used.contains(&name));
        for at in [Foothold::Spawns, Foothold::Holds] {
            let mut one = presented(node, at, "web-identity", issuer, &subject(&name), place);
            one.audience = Audience::Any;
            one.meant_for = meant.filter(|_| at == Foothold::Spawns).map(Into::into);
            out.present(one);
        }
    }
}

/// Secrets that its pods are given, by environment or volume.
fn secrets(facts: &Facts, group: &Group, pod: NodeId, out: &mut Lowering<'_>) {
    for (name, place) in given(facts, group) {
        let secret = out.node(&SECRET, &format!("{}/{name}", group.namespace));
        out.edge(pod, &POD_SECRET, secret, place);
    }
}

/// The names of the Secrets that a workload's pods are given.
pub(crate) fn given(facts: &Facts, group: &Group) -> BTreeMap<String, Place> {
    let mut all = BTreeMap::new();
    for one in group.rows(facts) {
        for volume in &one.pod.volumes {
            if let VolumeSource::Secret(name) = &volume.source {
                all.entry(name.to_string()).or_insert(volume.place);
            }
        }
        for container in &one.pod.containers {
            for (name, _, at) in &container.secrets {
                all.entry(name.to_string()).or_insert_with(|| container.part(*at));
            }
        }
    }
    all.retain(|name, _| !name.is_empty());
    all
}

/// Credentials that its environment names.
fn environment(facts: &Facts, group: &Group, pod: NodeId, out: &mut Lowering<'_>) {
    let mut seen: BTreeSet<(String, String, String, Option<String>)> = BTreeSet::new();
    let mut unread: BTreeSet<(&str, &str)> = BTreeSet::new();
    for one in group.rows(facts) {
        for container in &one.pod.containers {
            for what in &container.unread {
                if !unread.insert((&container.name, what)) {
                    continue;
                }
                out.gap(
                    Gap::new(Reason::Unsupported, format!("pod {}", group.name))
                        .facet(format!("container {}: {what}", container.name))
                        .hides("which database or broker it connects to there, and as whom")
                        .closes("host and user as literal settings; values of Secrets are never read")
                        .at(container.place),
                );
            }
            for (connection, at) in &container.connections {
                let key = (
                    connection.kind.to_owned(),
                    connection.realm.clone(),
                    connection.subject.clone(),
                    connection.audience.clone(),
                );
                if !seen.insert(key) {
                    continue;
                }
                let mut row = presented(
                    pod,
                    Foothold::Runs,
                    connection.kind,
                    &connection.realm,
                    &connection.subject,
                    container.part(*at),
                );
                row.audience = match (&connection.audience, connection.kind) {
                    (Some(database), _) => Audience::Named(vec![database.as_str().into()]),
                    (None, "postgres-login") => Audience::Any,
                    (None, _) => Audience::None,
                };
                out.present(row);
            }
            for (key, at) in &container.access_keys {
                let id = (
                    "aws-access-key".to_owned(),
                    "aws".to_owned(),
                    key.to_string(),
                    None,
                );
                if seen.insert(id) {
                    out.present(presented(
                        pod,
                        Foothold::Runs,
                        "aws-access-key",
                        "aws",
                        key,
                        container.part(*at),
                    ));
                }
            }
        }
    }
}
