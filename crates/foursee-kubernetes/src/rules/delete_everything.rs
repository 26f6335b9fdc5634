//! The rule `kubernetes-delete-everything`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role deletes workloads, volumes or namespaces of the whole cluster.
    ///
    /// ## Why
    /// One request takes everything of a kind down; a namespace takes all that is in it.
    ///
    /// ## Fix
    /// Bind it in the namespaces that its holder owns, without deletecollection.
    pub DeleteEverything: "kubernetes-delete-everything", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    says: "deletes workloads, volumes or namespaces",
    any: &[right(&["delete", "deletecollection"], "", "namespaces"), right(&["delete", "deletecollection"], "", "persistentvolumes"), right(&["delete", "deletecollection"], "", "persistentvolumeclaims"), right(&["delete", "deletecollection"], "", "pods"), right(&["delete", "deletecollection"], "apps", "deployments"), right(&["delete", "deletecollection"], "apps", "statefulsets"), right(&["delete", "deletecollection"], "apps", "daemonsets")],
    with: &[],
    given: "",
    fires: ["{verbs: [delete], apiGroups: [''], resources: ['namespaces']}", "{verbs: [deletecollection], apiGroups: ['apps'], resources: ['deployments']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['namespaces']}"],
    twin: ["{verbs: [delete], apiGroups: [''], resources: ['replicationcontrollers/scale']}"],
}
