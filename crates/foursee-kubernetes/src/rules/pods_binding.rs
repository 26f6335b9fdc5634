//! The rule `kubernetes-pods-binding`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role places pods on nodes of its choice.
    ///
    /// ## Why
    /// Past the scheduler, its taints and its affinities: onto a node that the holder owns, or beside what it wants
    /// to reach.
    ///
    /// ## Fix
    /// Only a scheduler needs it: take it out.
    pub PodsBinding: "kubernetes-pods-binding", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Low),
    only: &[],
    says: "places pods on nodes of its choice",
    any: &[right(&["create"], "", "pods/binding"), right(&["create"], "", "bindings")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['pods/binding']}", "{verbs: [create], apiGroups: [''], resources: ['bindings']}"],
    silent: ["{verbs: [create], apiGroups: [''], resources: ['pods']}"],
    twin: ["{verbs: [create], apiGroups: ['scheduling.k8s.io'], resources: ['bindings']}"],
}
