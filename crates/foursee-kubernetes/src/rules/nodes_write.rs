//! The rule `kubernetes-nodes-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes nodes.
    ///
    /// ## Why
    /// Labels and taints decide where pods go: powerful pods can be pulled to a node that the holder owns.
    ///
    /// ## Fix
    /// Only kubelets and the autoscaler need it: take it out.
    pub NodesWrite: "kubernetes-nodes-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    says: "changes nodes",
    any: &[right(&["update", "patch", "delete"], "", "nodes"), right(&["update", "patch"], "", "nodes/status")],
    with: &[],
    given: "",
    fires: ["{verbs: [patch], apiGroups: [''], resources: ['nodes']}", "{verbs: [update], apiGroups: [''], resources: ['nodes/status']}"],
    silent: ["{verbs: [get, list], apiGroups: [''], resources: ['nodes']}"],
    twin: ["{verbs: [patch], apiGroups: ['metrics.k8s.io'], resources: ['nodes']}"],
}
