//! The rule `kubernetes-access-reviews`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role asks what others may do, or tests tokens.
    ///
    /// ## Why
    /// It maps who is worth attacking, and tells whether a stolen token is good. Extension servers and operators
    /// need it.
    ///
    /// ## Fix
    /// Grant it to those servers alone: system:auth-delegator is made for them.
    pub AccessReviews: "kubernetes-access-reviews", Low,
    cluster: Some(Severity::Low),
    namespace: None,
    only: &[],
    says: "asks what others may do, or tests tokens",
    any: &[right(&["create"], "authorization.k8s.io", "subjectaccessreviews"), right(&["create"], "authentication.k8s.io", "tokenreviews")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews']}"],
    silent: ["{verbs: [create], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['subjectaccessreviews']}"],
}
