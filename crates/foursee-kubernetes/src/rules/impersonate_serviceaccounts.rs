//! The rule `kubernetes-impersonate-serviceaccounts`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role impersonates service accounts.
    ///
    /// ## Why
    /// Whoever holds it acts as any service account of the namespace, or of all: those of operators are often
    /// cluster admin.
    ///
    /// ## Fix
    /// Name the accounts in `resourceNames`, or take it out.
    pub ImpersonateServiceaccounts: "kubernetes-impersonate-serviceaccounts", Critical,
    cluster: Some(Severity::Critical),
    namespace: Some(Severity::High),
    only: &[],
    says: "impersonates service accounts",
    any: &[right(&["impersonate"], "", "serviceaccounts")],
    with: &[],
    given: "",
    fires: ["{verbs: [impersonate], apiGroups: [''], resources: ['serviceaccounts']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['serviceaccounts']}"],
    twin: ["{verbs: [impersonate], apiGroups: [''], resources: ['serviceaccounts/token']}"],
}
