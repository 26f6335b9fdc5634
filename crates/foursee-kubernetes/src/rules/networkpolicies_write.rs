//! The rule `kubernetes-networkpolicies-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role opens the network.
    ///
    /// ## Why
    /// Policies add up: one that allows, or one that is gone, is an open way.
    ///
    /// ## Fix
    /// Bind it in the namespaces that its holder owns.
    pub NetworkpoliciesWrite: "kubernetes-networkpolicies-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Low),
    only: &[],
    says: "opens the network",
    any: &[right(&["create", "update", "patch", "delete", "deletecollection"], "networking.k8s.io", "networkpolicies")],
    with: &[],
    given: "",
    fires: ["{verbs: [delete], apiGroups: ['networking.k8s.io'], resources: ['networkpolicies']}"],
    silent: ["{verbs: [get], apiGroups: ['networking.k8s.io'], resources: ['networkpolicies']}"],
    twin: ["{verbs: [delete], apiGroups: ['policy'], resources: ['networkpolicies']}"],
}
