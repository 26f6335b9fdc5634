//! The rule `kubernetes-leases-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role takes over leader election or a node's heartbeat.
    ///
    /// ## Why
    /// Leases in kube-system say which controller leads, those in kube-node-lease which node is alive.
    ///
    /// ## Fix
    /// Bind it in the workload's own namespace.
    pub LeasesWrite: "kubernetes-leases-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Medium),
    only: &["kube-system", "kube-node-lease"],
    says: "takes over leader election or a node's heartbeat",
    any: &[right(&["update", "patch", "delete"], "coordination.k8s.io", "leases")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: ['coordination.k8s.io'], resources: ['leases']}"],
    silent: ["{verbs: [get], apiGroups: ['coordination.k8s.io'], resources: ['leases']}"],
    twin: ["{verbs: [update], apiGroups: [''], resources: ['leases']}"],
}
