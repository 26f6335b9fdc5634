//! The rule `kubernetes-pods-change`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes pods that run.
    ///
    /// ## Why
    /// Of a pod that runs the image can be changed: other code with the same account and security context. Labels
    /// steal a service's traffic.
    ///
    /// ## Fix
    /// Grant it to controllers alone; people change the Deployment.
    pub PodsChange: "kubernetes-pods-change", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Medium),
    only: &[],
    says: "changes pods that run",
    any: &[right(&["update", "patch"], "", "pods")],
    with: &[],
    given: "",
    fires: ["{verbs: [patch], apiGroups: [''], resources: ['pods']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['pods']}"],
    twin: ["{verbs: [patch], apiGroups: ['metrics.k8s.io'], resources: ['pods']}"],
}
