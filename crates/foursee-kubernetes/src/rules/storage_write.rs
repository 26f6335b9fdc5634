//! The rule `kubernetes-storage-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes storage classes, drivers or attachments.
    ///
    /// ## Why
    /// Another tenant's volume can be attached to a node of the holder's, and new volumes made by a driver of its
    /// own.
    ///
    /// ## Fix
    /// Grant it to the storage operator alone.
    pub StorageWrite: "kubernetes-storage-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    says: "changes how volumes are made and attached",
    any: &[right(&["create", "update", "patch"], "storage.k8s.io", "storageclasses"), right(&["create", "update", "patch"], "storage.k8s.io", "csidrivers"), right(&["create", "update", "patch"], "storage.k8s.io", "volumeattachments")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['storage.k8s.io'], resources: ['volumeattachments']}"],
    silent: ["{verbs: [get], apiGroups: ['storage.k8s.io'], resources: ['storageclasses']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['storageclasses']}"],
}
