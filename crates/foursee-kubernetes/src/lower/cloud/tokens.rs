//! Tokens that pods show to clouds: those that their specs project, and those that a webhook adds to new pods.
//!
//! Sources: amazon-eks-pod-identity-webhook, pkg/handler/handler.go: annotations of the account, of which the pod's own
//! win, whatever automount says; azure-workload-identity, pkg/webhook: the pod's label decides.

use super::pod_identity::AGENT;
use crate::facts::{Facts, ServiceAccount, VolumeSource, Workload};
use crate::workloads::Group;
use foursee_core::document::Place;
use std::collections::BTreeMap;

/// The audience of EKS's web identity tokens, where the annotation says none.
const STS: &str = "sts.amazonaws.com";
/// How long such a token is good, in seconds, where nothing says it.
const DAY: u64 = 86_400;
/// The audience of Azure's tokens.
const AZURE: &str = "api://AzureADTokenExchange";

/// What EKS's webhook adds to a new pod of an annotated account.
pub(crate) struct Irsa {
    /// The token's audience.
    pub audience: Box<str>,
    /// How long it is good, in seconds.
    pub seconds: u64,
    /// The account.
    pub place: Place,
}

fn account<'f>(facts: &'f Facts, group: &Group) -> Option<&'f ServiceAccount> {
    let name = group.account(facts);
    let (namespace, own) = name.split_once('/')?;
    facts.accounts.get(facts.index.account(namespace, own)?)
}

fn annotation<'f>(pod: &'f Workload, key: &str) -> Option<&'f str> {
    let found = pod.pod_annotations.iter().find(|(one, _)| **one == *key);
    found.map(|(_, value)| &**value)
}

/// Whether the webhook leaves every container of a pod alone.
fn skipped(pod: &Workload) -> bool {
    let Some(skip) = annotation(pod, "eks.amazonaws.com/skip-containers") else {
        return false;
    };
    let names: Vec<&str> = skip.split(',').map(str::trim).collect();
    !pod.pod.containers.is_empty() && pod.pod.containers.iter().all(|one| names.contains(&&*one.name))
}

/// What EKS's webhook adds to the pods of a workload, once they are made.
pub(crate) fn irsa(facts: &Facts, group: &Group) -> Option<Irsa> {
    let row = account(facts, group)?;
    let said = |key: &str| row.meta.annotation(key).filter(|value| !value.is_empty());
    said("eks.amazonaws.com/role-arn")?;
    let pod = group.rows(facts).find(|pod| !skipped(pod))?;
    let key = "eks.amazonaws.com/token-expiration";
    let number = |text: &str| text.parse::<u64>().ok();
    let seconds = annotation(pod, key)
        .and_then(number)
        .or_else(|| said(key).and_then(number));
    Some(Irsa {
        audience: said("eks.amazonaws.com/audience").unwrap_or(STS).into(),
        seconds: seconds.unwrap_or(DAY),
        place: row.meta.place,
    })
}

/// What a workload presents to clouds: (audience, what it is meant for, where).
pub(crate) fn web_identities(facts: &Facts, group: &Group) -> Vec<(Box<str>, Option<Box<str>>, Place)> {
    let mut found: BTreeMap<Box<str>, Place> = BTreeMap::new();
    let mut live = false;
    let mut azure: Option<Place> = None;
    for one in group.rows(facts) {
        live |= one.kind == "Pod" && one.meta.live;
        for volume in &one.pod.volumes {
            let VolumeSource::Tokens(tokens) = &volume.source else {
                continue;
            };
            for token in tokens.iter().filter(|token| !token.audience.is_empty()) {
                found.entry(token.audience.clone()).or_insert(volume.place);
            }
        }
        let labelled = one
            .pod_labels
            .iter()
            .any(|(key, value)| &**key == "azure.workload.identity/use" && &**value == "true");
        if labelled {
            azure.get_or_insert(one.pod.place);
        }
    }
    let irsa = irsa(facts, group);
    let row = account(facts, group);
    // What does not run yet is given its tokens when it starts.
    if !live {
        if let Some(one) = &irsa {
            found.entry(one.audience.clone()).or_insert(one.place);
        }
        if let Some(place) = azure {
            found.entry(AZURE.into()).or_insert(place);
        }
        let name = group.account(facts);
        if let Some(one) = facts.aws.pod_identities.iter().find(|one| *one.account == *name) {
            found.entry(AGENT.into()).or_insert(one.place);
        }
    }
    let role = row
        .and_then(|row| row.meta.annotation("eks.amazonaws.com/role-arn"))
        .filter(|role| !role.is_empty());
    let audience = row
        .and_then(|row| row.meta.annotation("eks.amazonaws.com/audience"))
        .filter(|audience| !audience.is_empty())
        .unwrap_or(STS);
    let client = row.and_then(|row| row.meta.annotation("azure.workload.identity/client-id"));
    found
        .into_iter()
        .map(|(one, place)| {
            let meant: Option<Box<str>> = if *one == *audience {
                role.map(Into::into)
            } else if &*one == AZURE {
                client.map(|id| format!("Azure application {id}").into())
            } else {
                None
            };
            (one, meant, place)
        })
        .collect()
}
