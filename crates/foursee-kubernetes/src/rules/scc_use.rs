//! The rule `kubernetes-scc-use`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role uses security context constraints of OpenShift.
    ///
    /// ## Why
    /// The constraint `privileged` admits any pod; which one is named decides what it is worth.
    ///
    /// ## Fix
    /// Name the constraint in `resourceNames`, the tightest that the workload runs with.
    pub SccUse: "kubernetes-scc-use", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::High),
    only: &[],
    says: "uses security context constraints",
    any: &[right(&["use"], "security.openshift.io", "securitycontextconstraints")],
    with: &[],
    given: "",
    fires: ["{verbs: [use], apiGroups: ['security.openshift.io'], resources: ['securitycontextconstraints']}"],
    silent: ["{verbs: [get], apiGroups: ['security.openshift.io'], resources: ['securitycontextconstraints']}"],
    twin: ["{verbs: [use], apiGroups: ['policy'], resources: ['securitycontextconstraints']}"],
}
