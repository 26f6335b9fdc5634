//! The rule `kubernetes-leases-write`.

use super::common::permission::{Right, permission, right};
use foursee_core::model::Severity;

const fn lease(name: &'static str) -> Right {
    right(&["update", "patch", "delete"], "coordination.k8s.io", "leases").named(name)
}

permission! {
    /// A role takes over leader election or a node's heartbeat.
    ///
    /// ## Why
    /// Leases in kube-system say which controller leads, those in kube-node-lease which node is alive. An entry that is
    /// limited to names counts where it names one of the control plane's own.
    ///
    /// ## Fix
    /// Bind it in the workload's own namespace.
    pub LeasesWrite: "kubernetes-leases-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Medium),
    only: &["kube-system", "kube-node-lease"],
    says: "takes over leader election or a node's heartbeat",
    any: &[lease("kube-controller-manager"), lease("kube-scheduler"), lease("cloud-controller-manager")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: ['coordination.k8s.io'], resources: ['leases']}", "{verbs: [patch], apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [kube-scheduler]}"],
    silent: ["{verbs: [get], apiGroups: ['coordination.k8s.io'], resources: ['leases']}"],
    twin: [
        "{verbs: [update], apiGroups: [''], resources: ['leases']}",
        "{verbs: [update], apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [my-controller]}",
    ],
}
