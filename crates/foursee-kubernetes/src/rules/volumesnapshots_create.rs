//! The rule `kubernetes-volumesnapshots-create`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role copies disks of other workloads.
    ///
    /// ## Why
    /// A snapshot of a claim, restored as a new one, is its data in a pod of the holder's.
    ///
    /// ## Fix
    /// Grant it to the backup's account alone.
    pub VolumesnapshotsCreate: "kubernetes-volumesnapshots-create", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Low),
    only: &[],
    says: "copies disks of other workloads",
    any: &[right(&["create"], "snapshot.storage.k8s.io", "volumesnapshots"), right(&["create", "update", "patch"], "snapshot.storage.k8s.io", "volumesnapshotcontents")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['snapshot.storage.k8s.io'], resources: ['volumesnapshots']}"],
    silent: ["{verbs: [get], apiGroups: ['snapshot.storage.k8s.io'], resources: ['volumesnapshots']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['volumesnapshots']}"],
}
