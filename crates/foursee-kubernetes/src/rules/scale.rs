//! The rule `kubernetes-scale`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role scales workloads.
    ///
    /// ## Why
    /// Scaled to nothing a workload is down; scaled up it takes the room of others.
    ///
    /// ## Fix
    /// Name the workloads that an autoscaler is for.
    pub Scale: "kubernetes-scale", Info,
    cluster: Some(Severity::Info),
    namespace: Some(Severity::Info),
    only: &[],
    says: "scales workloads",
    any: &[right(&["update", "patch"], "apps", "deployments/scale"), right(&["update", "patch"], "apps", "statefulsets/scale"), right(&["update", "patch"], "apps", "replicasets/scale")],
    with: &[],
    given: "",
    fires: ["{verbs: [patch], apiGroups: ['apps'], resources: ['deployments/scale']}"],
    silent: ["{verbs: [get], apiGroups: ['apps'], resources: ['deployments/scale']}"],
    twin: ["{verbs: [patch], apiGroups: [''], resources: ['deployments/scale']}"],
}
