//! The rule `kubernetes-token-request`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role requests tokens of service accounts.
    ///
    /// ## Why
    /// A token of any account there, for any audience: with sts.amazonaws.com it enters that account's cloud role
    /// from anywhere, without a pod. The lifetime is the caller's choice.
    ///
    /// ## Fix
    /// Name the accounts in `resourceNames`.
    pub TokenRequest: "kubernetes-token-request", Critical,
    cluster: Some(Severity::Critical),
    namespace: Some(Severity::High),
    only: &[],
    says: "requests tokens of service accounts",
    any: &[right(&["create"], "", "serviceaccounts/token")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['serviceaccounts/token']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['serviceaccounts']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['serviceaccounts']}"],
}
