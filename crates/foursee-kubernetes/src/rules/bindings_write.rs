//! The rule `kubernetes-bindings-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role writes bindings.
    ///
    /// ## Why
    /// Without `bind` the API server lets nobody give a role whose rights they do not hold all of, so this is no way to
    /// more: it spreads to others what its holders have, and those others keep it. With `bind`,
    /// `kubernetes-roles-bind-or-escalate` says how far it goes.
    ///
    /// ## Fix
    /// Nothing, where it is meant; else leave bindings to the pipeline that deploys them.
    pub BindingsWrite: "kubernetes-bindings-write", Info,
    cluster: Some(Severity::Info),
    namespace: Some(Severity::Info),
    only: &[],
    says: "gives others the roles whose rights it holds",
    any: &[right(&["create", "update", "patch"], "rbac.authorization.k8s.io", "rolebindings"), right(&["create", "update", "patch"], "rbac.authorization.k8s.io", "clusterrolebindings")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings']}", "{verbs: [patch], apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings', 'clusterrolebindings']}"],
    silent: ["{verbs: [get, list, watch, delete], apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings']}"],
    twin: ["{verbs: [create], apiGroups: ['authorization.openshift.io'], resources: ['rolebindings']}"],
}
