//! The rule `kubernetes-impersonate-users`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role impersonates users.
    ///
    /// ## Why
    /// Whoever holds it acts as any user that RBAC names, system: users and nodes too, in no group but
    /// system:authenticated.
    ///
    /// ## Fix
    /// Name the users in `resourceNames`, or take it out.
    pub ImpersonateUsers: "kubernetes-impersonate-users", Critical,
    cluster: Some(Severity::Critical),
    namespace: None,
    only: &[],
    says: "impersonates users",
    any: &[right(&["impersonate"], "", "users")],
    with: &[],
    given: "",
    fires: ["{verbs: [impersonate], apiGroups: [''], resources: ['users']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['users']}"],
    twin: ["{verbs: [impersonate], apiGroups: ['authentication.k8s.io'], resources: ['users']}"],
}
