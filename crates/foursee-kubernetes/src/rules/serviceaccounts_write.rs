//! The rule `kubernetes-serviceaccounts-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes service accounts.
    ///
    /// ## Why
    /// Annotations of an account say which cloud role its pods get, and its imagePullSecrets where images come
    /// from; where a cloud trusts the name, whoever makes that name anew is that account.
    ///
    /// ## Fix
    /// Name the accounts, and keep the annotations under an admission policy.
    pub ServiceaccountsWrite: "kubernetes-serviceaccounts-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Low),
    only: &[],
    says: "changes service accounts",
    any: &[right(&["create", "update", "patch"], "", "serviceaccounts")],
    with: &[],
    given: "",
    fires: ["{verbs: [patch], apiGroups: [''], resources: ['serviceaccounts']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['serviceaccounts']}"],
    twin: ["{verbs: [patch], apiGroups: [''], resources: ['serviceaccounts/token']}"],
}
