//! The rule `kubernetes-dra-admin-access`.

use super::common::permission::{permission, right};
use crate::data::versions::DRA_ADMIN_ACCESS;
use crate::version::may;
use foursee_core::model::Severity;

permission! {
    /// A role claims devices that are in use by others.
    ///
    /// ## Why
    /// In a namespace labelled resource.kubernetes.io/admin-access a claim may ask for admin access: the devices of
    /// others, for reading and changing them. The label is written by whoever changes the namespace.
    ///
    /// ## Fix
    /// Take the label, or the right to change the namespace, away.
    pub DraAdminAccess: "kubernetes-dra-admin-access", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Medium),
    only: &[],
    when: |facts| may(facts, &DRA_ADMIN_ACCESS),
    says: "claims devices that others use",
    any: &[right(&["create"], "resource.k8s.io", "resourceclaims"), right(&["create"], "resource.k8s.io", "resourceclaimtemplates")],
    with: &[&[right(&["update", "patch"], "", "namespaces")]],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['resource.k8s.io'], resources: ['resourceclaims']}, {verbs: [patch], apiGroups: [''], resources: ['namespaces']}"],
    silent: ["{verbs: [create], apiGroups: ['resource.k8s.io'], resources: ['resourceclaims']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['resourceclaims']}, {verbs: [patch], apiGroups: [''], resources: ['namespaces']}"],
}
