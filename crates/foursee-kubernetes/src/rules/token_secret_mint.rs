//! The rule `kubernetes-token-secret-mint`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role makes a Secret that the server fills with a service account's token, and reads it.
    ///
    /// ## Why
    /// A Secret of type kubernetes.io/service-account-token that names an account gets that account's token, which
    /// has no expiry.
    ///
    /// ## Fix
    /// Take out `create secrets`, or the right to read them.
    pub TokenSecretMint: "kubernetes-token-secret-mint", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::High),
    only: &[],
    says: "mints tokens that never expire",
    any: &[right(&["create"], "", "secrets")],
    with: &[&[right(&["get", "list", "watch"], "", "secrets")]],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['secrets']}, {verbs: [get], apiGroups: [''], resources: ['secrets']}"],
    silent: ["{verbs: [create], apiGroups: [''], resources: ['secrets']}", "{verbs: [get, list], apiGroups: [''], resources: ['secrets']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['secrets'], resourceNames: [a]}, {verbs: [get], apiGroups: [''], resources: ['secrets']}"],
}
