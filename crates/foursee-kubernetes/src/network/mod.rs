//! Which traffic NetworkPolicies let through, as their API says it.
//!
//! A pod is open in a direction until a policy of its namespace is for it and speaks of that direction; from then on it
//! is open to what some rule of such policies lets through. They add up, in no order, and none refuses anything. Pods on
//! their node's network are outside of it. What cannot be read of a policy is in doubt: it shuts nothing, and lets through.
//!
//! Absent on purpose: whether anything enforces them, which is the network plugin's; policies of other kinds. A `Shut` is
//! what a policy says, and never that there is no way.
//!
//! Source: networking/v1 types.go; docs/concepts/services-networking/network-policies.

mod block;
mod decide;
mod selector;
#[cfg(test)]
mod tests;

pub(crate) use decide::{Verdict, admits, numbers, sends};
pub(crate) use selector::{readable, selects};

use crate::facts::{ContainerPort, Facts, NetworkPolicy, Workload};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The policies of each namespace; made once, by seal.
#[derive(Default)]
pub(crate) struct Index(HashMap<Arc<str>, Within>);

#[derive(Default)]
struct Within {
    policies: Vec<usize>,
    /// The labels that decide which of them are for a pod.
    keys: BTreeSet<Box<str>>,
}

/// What policies may tell apart in pods of a namespace: values of labels, the node's network, ports.
type Sort<'f> = (Vec<Option<&'f str>>, bool, Vec<&'f ContainerPort>);

impl Index {
    /// Over the facts' table, in its order.
    pub(crate) fn new(facts: &Facts) -> Self {
        let mut all = Self::default();
        for (at, policy) in facts.network_policies.iter().enumerate() {
            let within = all.0.entry(Arc::clone(&policy.meta.namespace)).or_default();
            within.policies.push(at);
            within
                .keys
                .extend(policy.pods.0.iter().map(|one| one.key.clone()));
        }
        all
    }

    fn of<'f>(&'f self, facts: &'f Facts, namespace: &str) -> impl Iterator<Item = &'f NetworkPolicy> {
        let all = self.0.get(namespace).into_iter().flat_map(|one| &one.policies);
        all.filter_map(|at| facts.network_policies.get(*at))
    }

    /// Of pods, one of each sort that policies may treat differently.
    pub(crate) fn sorts<'f>(&self, rows: impl Iterator<Item = &'f Workload>) -> Vec<&'f Workload> {
        let mut seen: HashSet<Sort<'_>> = HashSet::new();
        rows.filter(|row| {
            let keys = self
                .0
                .get(&row.meta.namespace)
                .into_iter()
                .flat_map(|one| &one.keys);
            let label = |key: &str| row.pod_labels.iter().find(|one| *one.0 == *key);
            let labels = keys.map(|key| label(key).map(|one| &*one.1)).collect();
            let ports = row.pod.containers.iter().flat_map(|one| &one.ports).collect();
            seen.insert((labels, row.pod.host_network, ports))
        })
        .collect()
    }
}

/// Kinds of policies that network plugins have of their own, which are not read. One that is called as a kind of the
/// platform's is has its API group behind it.
pub(crate) fn other_kind(kind: &str) -> bool {
    matches!(
        kind,
        "CiliumNetworkPolicy"
            | "CiliumClusterwideNetworkPolicy"
            | "GlobalNetworkPolicy"
            | "StagedNetworkPolicy"
            | "StagedGlobalNetworkPolicy"
            | "AdminNetworkPolicy"
            | "BaselineAdminNetworkPolicy"
            | "ClusterNetworkPolicy"
            | "ApplicationNetworkPolicy"
    ) || kind.starts_with("NetworkPolicy.")
}
