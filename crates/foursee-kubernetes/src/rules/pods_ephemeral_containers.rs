//! The rule `kubernetes-pods-ephemeral-containers`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role adds containers to running pods.
    ///
    /// ## Why
    /// The new container shares the pod's account and volumes and brings its own image and security context: as
    /// exec, with any tool.
    ///
    /// ## Fix
    /// Bind it where people debug with `kubectl debug`, and let an exception expire.
    pub PodsEphemeralContainers: "kubernetes-pods-ephemeral-containers", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Medium),
    only: &[],
    says: "adds containers to running pods",
    any: &[right(&["update", "patch"], "", "pods/ephemeralcontainers")],
    with: &[],
    given: "",
    fires: ["{verbs: [patch], apiGroups: [''], resources: ['pods/ephemeralcontainers']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['pods/ephemeralcontainers']}"],
    twin: ["{verbs: [patch], apiGroups: [''], resources: ['ephemeralcontainers']}"],
}
