//! The rule `kubernetes-pods-portforward`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role opens ports of pods.
    ///
    /// ## Why
    /// The connection comes from the node: no NetworkPolicy sees it, and what listens on localhost alone is reached
    /// too.
    ///
    /// ## Fix
    /// Bind it in the namespaces where it is used, and name the pods.
    pub PodsPortforward: "kubernetes-pods-portforward", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Low),
    only: &[],
    says: "opens ports of pods",
    any: &[right(&["create"], "", "pods/portforward")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['pods/portforward']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['pods']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['services/portforward']}"],
}
