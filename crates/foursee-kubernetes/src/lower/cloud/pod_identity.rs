//! EKS Pod Identity: the role that an association gives an account's pods, with the tags of their session.
//!
//! Nothing in the cluster says it: the association names the account. A new pod of it is given a token for EKS's agent,
//! which hands out the role's credentials; a pod that runs already has it only if it shows the token. The subject says the
//! session's tags, so that the role's trust can be asked. Source: Amazon EKS User Guide, "Learn how EKS Pod Identity grants
//! pods access to AWS services", "Grant pods access to AWS resources based on tags", "Access AWS resources using EKS Pod
//! Identity target IAM roles".

use crate::facts::{Facts, PodIdentity, VolumeSource};
use crate::techniques::*;
use crate::workloads::Group;
use foursee_core::estate::{Audience, Lowering, Presented};
use foursee_core::layer::{CredentialRef, Holds, Hop};
use foursee_core::model::{Certainty, ConditionId, Foothold, NodeId, Pattern};

/// The audience of the token that EKS's agent takes.
pub(crate) const AGENT: &str = "pods.eks.amazonaws.com";
/// The kind of the credential.
const KIND: &str = "eks-pod-identity";

/// Whether the session has tags, in the word that its trust takes.
fn audience(one: &PodIdentity) -> &'static str {
    if one.tagged { "tagged" } else { "untagged" }
}

/// The session's tags as the credential's subject: cluster, namespace, account.
fn subject(facts: &Facts, one: &PodIdentity) -> String {
    let described = || {
        facts
            .eks
            .iter()
            .map(|eks| eks.arn.to_string())
            .find(|arn| !arn.is_empty())
    };
    let cluster = described()
        .or_else(|| one.cluster_arn())
        .unwrap_or_else(|| one.cluster.to_string());
    let (namespace, account) = one.account.split_once('/').unwrap_or(("", &one.account));
    format!("{cluster} namespace/{namespace} serviceaccount/{account}")
}

/// Whether a workload's pods are given the role: they show the agent's token, or will once they are made.
fn given(facts: &Facts, group: &Group) -> bool {
    let mut live = false;
    for row in group.rows(facts) {
        live |= row.kind == "Pod" && row.meta.live;
        let shows = row.pod.volumes.iter().any(|volume| {
            matches!(&volume.source, VolumeSource::Tokens(all) if all.iter().any(|token| &*token.audience == AGENT))
        });
        if shows {
            return true;
        }
    }
    !live
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    for one in &facts.aws.pod_identities {
        let Some(role) = &one.role else { continue };
        let account = out.node(&SERVICEACCOUNT, &one.account);
        present(facts, one, role, account, Foothold::Spawns, out);
        for group in facts
            .groups
            .all
            .iter()
            .filter(|group| *group.account(facts) == *one.account)
        {
            if given(facts, group) {
                let pod = out.node(&POD, &group.name);
                present(facts, one, role, pod, Foothold::Runs, out);
            }
        }
    }
}

fn present(facts: &Facts, one: &PodIdentity, role: &str, by: NodeId, at: Foothold, out: &mut Lowering<'_>) {
    let condition = match kept_back(one) {
        Some(text) => out.condition(&text),
        None => ConditionId(0),
    };
    out.present(Presented {
        by,
        at,
        kind: KIND.into(),
        realm: "aws".into(),
        subject: subject(facts, one).into(),
        audience: Audience::Named(vec![audience(one).into()]),
        towards: Some(Pattern::Exact(role.into())),
        meant_for: Some(role.into()),
        certainty: if one.target.is_some() {
            Certainty::Conditional
        } else {
            Certainty::Certain
        },
        condition,
        place: one.place,
    });
}

/// Where an association has a target role, the agent keeps the first role's credentials to itself.
fn kept_back(one: &PodIdentity) -> Option<String> {
    let target = one.target.as_ref()?;
    Some(format!(
        "on the way to {target} alone: EKS's agent hands out that role's credentials"
    ))
}

/// Whether somebody presents what an association gives.
pub(super) fn holds(facts: &Facts, hop: &Hop<'_>) -> Option<Holds> {
    let credential = hop
        .credential
        .filter(|one| hop.technique == "core-presents" && one.kind == KIND)?;
    let account = super::account_of(facts, hop, given);
    let found = facts.aws.pod_identities.iter().find(|one| {
        one.role.is_some() && account.as_deref() == Some(&*one.account) && is_of(facts, one, credential)
    });
    Some(match found.map(kept_back) {
        Some(None) => Holds::Yes,
        Some(Some(condition)) => Holds::If(condition),
        None => Holds::No("no Pod Identity association gives it that".to_owned()),
    })
}

fn is_of(facts: &Facts, one: &PodIdentity, credential: CredentialRef<'_>) -> bool {
    audience(one) == credential.audience && subject(facts, one) == credential.subject
}
