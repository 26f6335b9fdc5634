//! The rule `kubernetes-persistentvolumes-create`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role creates persistent volumes.
    ///
    /// ## Why
    /// A volume may be a hostPath of a node; Pod Security sees only the claim that a pod mounts.
    ///
    /// ## Fix
    /// Let a storage class's provisioner make volumes; take it out.
    pub PersistentvolumesCreate: "kubernetes-persistentvolumes-create", High,
    cluster: Some(Severity::High),
    namespace: None,
    only: &[],
    says: "mounts any path of any node by a volume",
    any: &[right(&["create"], "", "persistentvolumes")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['persistentvolumes']}"],
    silent: ["{verbs: [create], apiGroups: [''], resources: ['persistentvolumeclaims']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['persistentvolumes/status']}"],
}
