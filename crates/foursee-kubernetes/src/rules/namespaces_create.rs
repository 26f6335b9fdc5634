//! The rule `kubernetes-namespaces-create`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role creates namespaces, and workloads in them.
    ///
    /// ## Why
    /// A new namespace has no labels, so the cluster's default level holds there: privileged, unless somebody
    /// changed it.
    ///
    /// ## Fix
    /// Bind the workload rights in namespaces that exist, or set the cluster's default level.
    pub NamespacesCreate: "kubernetes-namespaces-create", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    says: "creates namespaces without Pod Security",
    any: &[right(&["create"], "", "namespaces")],
    with: &[&[right(&["create"], "", "pods"), right(&["create"], "apps", "deployments"), right(&["create"], "apps", "statefulsets"), right(&["create"], "apps", "daemonsets"), right(&["create"], "apps", "replicasets"), right(&["create"], "batch", "jobs"), right(&["create"], "batch", "cronjobs")]],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['namespaces']}, {verbs: [create], apiGroups: [''], resources: ['pods']}"],
    silent: ["{verbs: [create], apiGroups: [''], resources: ['namespaces']}"],
    twin: ["{verbs: [create], apiGroups: ['project.openshift.io'], resources: ['namespaces']}, {verbs: [create], apiGroups: [''], resources: ['pods']}"],
}
