//! GKE: every pod of a cluster is its account in the project's pool, whatever the account is annotated with.
//!
//! The metadata server hands it out to pods that do not share their node's network. Google's side says what it may do:
//! bindings to `principal://.../subject/ns/NS/sa/NAME` of the pool, or the role workloadIdentityUser on a service account
//! for `serviceAccount:POOL[NS/NAME]`. Accounts of one name in clusters of one project are one identity. Source: Google
//! Kubernetes Engine documentation, "About Workload Identity Federation for GKE".

use crate::facts::Facts;
use crate::techniques::*;
use crate::workloads::Group;
use foursee_core::document::Place;
use foursee_core::estate::{Audience, Lowering, Presented};
use foursee_core::layer::{Holds, Hop};
use foursee_core::model::{Certainty, Foothold, Gap, NodeId, Reason};

/// The kind of the credential; its realm is the pool, its subject `ns/NS/sa/NAME`.
const KIND: &str = "gke-workload-identity";
const ANNOTATION: &str = "iam.gke.io/gcp-service-account";
const CONDITION: &str = "Workload Identity Federation is on in the cluster and on the pod's nodes";

/// The pool of a cluster, by the issuer of its tokens.
fn pool(facts: &Facts) -> Option<String> {
    facts.issuers.iter().find_map(|(issuer, _)| {
        let rest = issuer.strip_prefix("container.googleapis.com/v1/projects/")?;
        let project = rest.split('/').next().filter(|project| !project.is_empty())?;
        Some(format!("{project}.svc.id.goog"))
    })
}

fn subject(account: &str) -> String {
    let (namespace, name) = account.split_once('/').unwrap_or(("", account));
    format!("ns/{namespace}/sa/{name}")
}

/// Whether the metadata server hands a workload's pods their own identity: those on their node's network get the node's.
fn given(facts: &Facts, group: &Group) -> bool {
    group.rows(facts).any(|one| !one.pod.host_network)
}

/// What an account is annotated to act as.
fn meant<'f>(facts: &'f Facts, account: &str) -> Option<&'f str> {
    let (namespace, name) = account.split_once('/')?;
    let row = facts.accounts.get(facts.index.account(namespace, name)?)?;
    row.meta.annotation(ANNOTATION).filter(|email| !email.is_empty())
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let Some(pool) = pool(facts) else {
        let annotated = facts
            .accounts
            .iter()
            .find(|one| one.meta.annotation(ANNOTATION).is_some());
        if let Some(one) = annotated {
            out.gap(
                Gap::new(
                    Reason::NotCaptured,
                    "the project of the cluster's workload identity pool",
                )
                .hides("as which identity its pods come to Google Cloud")
                .closes("kubectl get --raw /.well-known/openid-configuration, whose issuer names the project")
                .at(one.meta.place),
            );
        }
        return;
    };
    for account in &facts.accounts {
        let name = account.meta.full_name();
        let node = out.node(&SERVICEACCOUNT, &name);
        present(
            facts,
            &pool,
            &name,
            node,
            Foothold::Spawns,
            account.meta.place,
            out,
        );
    }
    for group in facts.groups.all.iter().filter(|group| given(facts, group)) {
        let Some(root) = group.root_row(facts) else {
            continue;
        };
        let node = out.node(&POD, &group.name);
        let account = group.account(facts);
        present(facts, &pool, &account, node, Foothold::Runs, root.pod.place, out);
    }
}

fn present(
    facts: &Facts,
    pool: &str,
    account: &str,
    by: NodeId,
    at: Foothold,
    place: Place,
    out: &mut Lowering<'_>,
) {
    let meant = meant(facts, account).filter(|_| at == Foothold::Runs);
    let condition = out.condition(CONDITION);
    out.present(Presented {
        by,
        at,
        kind: KIND.into(),
        realm: pool.into(),
        subject: subject(account).into(),
        audience: Audience::None,
        towards: None,
        meant_for: meant.map(|email| format!("Google service account {email}").into()),
        certainty: Certainty::Conditional,
        condition,
        place,
    });
}

/// Whether somebody presents its identity in the pool.
pub(super) fn holds(facts: &Facts, hop: &Hop<'_>) -> Option<Holds> {
    let credential = hop
        .credential
        .filter(|one| hop.technique == "core-presents" && one.kind == KIND)?;
    let account = super::account_of(facts, hop, given);
    let presented = pool(facts).is_some_and(|pool| pool.eq_ignore_ascii_case(credential.realm))
        && account.is_some_and(|account| subject(&account) == credential.subject);
    Some(if presented {
        Holds::If(CONDITION.to_owned())
    } else {
        Holds::No("it is another identity in that pool, or in none".to_owned())
    })
}
