//! The rule `kubernetes-aggregated-roles-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role writes ClusterRoles, which may feed admin, edit and view.
    ///
    /// ## Why
    /// A label such as `rbac.authorization.k8s.io/aggregate-to-view` adds a ClusterRole's rights to those of everybody
    /// who holds view. Without `escalate` a writer can add only what it holds itself: it spreads its rights, and gains
    /// none. With it, `kubernetes-roles-bind-or-escalate` says so.
    ///
    /// ## Fix
    /// Name the ClusterRoles in `resourceNames`, or leave them to the pipeline that deploys them.
    pub AggregatedRolesWrite: "kubernetes-aggregated-roles-write", Low,
    cluster: Some(Severity::Low),
    namespace: None,
    only: &[],
    says: "can add the rights that it holds to admin, edit and view",
    any: &[right(&["create", "update", "patch"], "rbac.authorization.k8s.io", "clusterroles")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles']}"],
    silent: ["{verbs: [get, delete], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles']}"],
    twin: ["{verbs: [update], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles']}"],
}
