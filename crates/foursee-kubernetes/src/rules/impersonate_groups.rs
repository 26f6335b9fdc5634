//! The rule `kubernetes-impersonate-groups`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role impersonates groups.
    ///
    /// ## Why
    /// With any user beside it (which is asked for too), a request in group system:masters is allowed everything,
    /// and no RBAC takes that away.
    ///
    /// ## Fix
    /// Name the groups in `resourceNames`, or take it out.
    pub ImpersonateGroups: "kubernetes-impersonate-groups", Critical,
    cluster: Some(Severity::Critical),
    namespace: None,
    only: &[],
    says: "impersonates groups, system:masters too",
    any: &[right(&["impersonate"], "", "groups")],
    with: &[&[right(&["impersonate"], "", "users").named("*"), right(&["impersonate"], "", "serviceaccounts").named("*")]],
    given: "",
    fires: ["{verbs: [impersonate], apiGroups: [''], resources: ['groups']}, {verbs: [impersonate], apiGroups: [''], resources: ['users'], resourceNames: [alice]}", "{verbs: [impersonate], apiGroups: [''], resources: ['groups']}, {verbs: [impersonate], apiGroups: [''], resources: ['serviceaccounts']}"],
    silent: ["{verbs: [impersonate], apiGroups: [''], resources: ['groups']}"],
    twin: ["{verbs: [impersonate], apiGroups: ['authentication.k8s.io'], resources: ['groups']}, {verbs: [impersonate], apiGroups: [''], resources: ['users'], resourceNames: [alice]}"],
}
