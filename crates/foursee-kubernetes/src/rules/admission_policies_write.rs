//! The rule `kubernetes-admission-policies-write`.

use super::common::permission::{permission, right};
use crate::data::versions::VALIDATING_POLICY;
use crate::version::may;
use foursee_core::model::Severity;

permission! {
    /// A role changes or deletes validating admission policies.
    ///
    /// ## Why
    /// What the policies refuse is then allowed. A create alone only restricts more.
    ///
    /// ## Fix
    /// Name the policies in `resourceNames`.
    pub AdmissionPoliciesWrite: "kubernetes-admission-policies-write", High,
    cluster: Some(Severity::High),
    namespace: None,
    only: &[],
    when: |facts| may(facts, &VALIDATING_POLICY),
    says: "turns admission policies off",
    any: &[right(&["update", "patch", "delete", "deletecollection"], "admissionregistration.k8s.io", "validatingadmissionpolicies"), right(&["update", "patch", "delete", "deletecollection"], "admissionregistration.k8s.io", "validatingadmissionpolicybindings")],
    with: &[],
    given: "",
    fires: ["{verbs: [delete], apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingadmissionpolicybindings']}"],
    silent: ["{verbs: [create], apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingadmissionpolicies']}"],
    twin: ["{verbs: [delete], apiGroups: ['policy'], resources: ['validatingadmissionpolicies']}"],
}
