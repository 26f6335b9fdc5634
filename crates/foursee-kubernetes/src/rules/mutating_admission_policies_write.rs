//! The rule `kubernetes-mutating-admission-policies-write`.

use super::common::permission::{permission, right};
use crate::data::versions::MUTATING_POLICY;
use crate::version::may;
use foursee_core::model::Severity;

permission! {
    /// A role writes policies that rewrite what is admitted.
    ///
    /// ## Why
    /// From 1.36 on by default: an expression rewrites every object that it matches, without a server to run.
    ///
    /// ## Fix
    /// Name the policies in `resourceNames`.
    pub MutatingAdmissionPoliciesWrite: "kubernetes-mutating-admission-policies-write", Critical,
    cluster: Some(Severity::Critical),
    namespace: None,
    only: &[],
    when: |facts| may(facts, &MUTATING_POLICY),
    says: "rewrites whatever is created",
    any: &[right(&["create", "update", "patch"], "admissionregistration.k8s.io", "mutatingadmissionpolicies"), right(&["create", "update", "patch"], "admissionregistration.k8s.io", "mutatingadmissionpolicybindings")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingadmissionpolicies']}"],
    silent: ["{verbs: [get], apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingadmissionpolicies']}"],
    twin: ["{verbs: [create], apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingadmissionpolicies']}"],
}
