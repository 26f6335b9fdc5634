//! To the cloud and back: whom AWS lets into the cluster, and which roles the cluster's workloads are given.

mod aws_auth;
mod entries;
mod gaps;
mod metadata;
mod pod_identity;
mod template;
mod tokens;
mod workload_identity;

pub(crate) use aws_auth::{aws_auth_counts, never_matches};
pub(crate) use entries::{asker, comes_as, policy_holders, policy_rules};
pub(crate) use tokens::{irsa, web_identities};

use crate::facts::Facts;
use crate::workloads::Group;
use foursee_core::estate::Lowering;
use foursee_core::layer::{Holds, Hop};

/// Writes what clouds say of the cluster.
pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    entries::lower(facts, out);
    aws_auth::lower(facts, out);
    pod_identity::lower(facts, out);
    workload_identity::lower(facts, out);
    metadata::lower(facts, out);
    gaps::write(facts, out);
}

/// Whether a hop of what is written here holds; none for what others write.
pub(crate) fn holds(facts: &Facts, hop: &Hop<'_>) -> Option<Holds> {
    entries::holds(facts, hop)
        .or_else(|| aws_auth::holds(facts, hop))
        .or_else(|| pod_identity::holds(facts, hop))
        .or_else(|| workload_identity::holds(facts, hop))
        .or_else(|| metadata::holds(facts, hop))
}

/// The account that presents something at the start of a hop: itself, or a workload's whose pods are given it.
fn account_of(facts: &Facts, hop: &Hop<'_>, given: impl Fn(&Facts, &Group) -> bool) -> Option<String> {
    match hop.from.kind {
        "serviceaccount" => Some(hop.from.name.to_owned()),
        "pod" => {
            let group = facts.groups.named(hop.from.name)?;
            given(facts, group).then(|| group.account(facts))
        }
        _ => None,
    }
}
