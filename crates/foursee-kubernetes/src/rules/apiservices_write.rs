//! The rule `kubernetes-apiservices-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role takes over API groups.
    ///
    /// ## Why
    /// Requests of the group go to the holder's server: their bodies, and who makes them.
    ///
    /// ## Fix
    /// Name the APIService in `resourceNames`.
    pub ApiservicesWrite: "kubernetes-apiservices-write", Critical,
    cluster: Some(Severity::Critical),
    namespace: None,
    only: &[],
    says: "takes over API groups",
    any: &[right(&["create", "update", "patch"], "apiregistration.k8s.io", "apiservices")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices']}"],
    silent: ["{verbs: [get], apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['apiservices']}"],
}
