//! The rule `kubernetes-crds-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes custom resource definitions.
    ///
    /// ## Why
    /// A conversion webhook is sent every object of the kind and answers with another; deleting a definition
    /// deletes all of its objects.
    ///
    /// ## Fix
    /// Name the definitions in `resourceNames`.
    pub CrdsWrite: "kubernetes-crds-write", High,
    cluster: Some(Severity::High),
    namespace: None,
    only: &[],
    says: "changes custom resource definitions",
    any: &[right(&["create", "update", "patch", "delete"], "apiextensions.k8s.io", "customresourcedefinitions")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions']}"],
    silent: ["{verbs: [get], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions']}"],
    twin: ["{verbs: [update], apiGroups: [''], resources: ['customresourcedefinitions']}"],
}
