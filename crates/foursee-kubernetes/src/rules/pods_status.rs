//! The rule `kubernetes-pods-status`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role writes the status of pods.
    ///
    /// ## Why
    /// Status decides which pod gets a service's traffic and what is evicted.
    ///
    /// ## Fix
    /// Only the kubelet and controllers need it: take it out.
    pub PodsStatus: "kubernetes-pods-status", Low,
    cluster: Some(Severity::Low),
    namespace: Some(Severity::Low),
    only: &[],
    says: "writes the status of pods",
    any: &[right(&["update", "patch"], "", "pods/status")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: [''], resources: ['pods/status']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['pods/status']}"],
    twin: ["{verbs: [update], apiGroups: ['apps'], resources: ['pods/status']}"],
}
