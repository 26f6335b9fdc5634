//! The rule `kubernetes-namespace-labels-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes namespaces, where it also creates workloads.
    ///
    /// ## Why
    /// Pod Security is labels of the namespace: without them a privileged pod is admitted, and is the node.
    ///
    /// ## Fix
    /// Take out update and patch of namespaces, or enforce the labels by an admission policy.
    pub NamespaceLabelsWrite: "kubernetes-namespace-labels-write", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::High),
    only: &[],
    says: "takes Pod Security off a namespace",
    any: &[right(&["update", "patch"], "", "namespaces")],
    with: &[&[right(&["create"], "", "pods"), right(&["create"], "", "replicationcontrollers"), right(&["create"], "apps", "deployments"), right(&["create"], "apps", "statefulsets"), right(&["create"], "apps", "daemonsets"), right(&["create"], "apps", "replicasets"), right(&["create"], "batch", "jobs"), right(&["create"], "batch", "cronjobs")]],
    given: "",
    fires: ["{verbs: [patch], apiGroups: [''], resources: ['namespaces']}, {verbs: [create], apiGroups: [''], resources: ['pods']}", "{verbs: [update], apiGroups: [''], resources: ['namespaces']}, {verbs: [create], apiGroups: ['apps'], resources: ['deployments']}"],
    silent: ["{verbs: [patch], apiGroups: [''], resources: ['namespaces']}", "{verbs: [get], apiGroups: [''], resources: ['namespaces']}, {verbs: [create], apiGroups: [''], resources: ['pods']}"],
    twin: ["{verbs: [patch], apiGroups: [''], resources: ['namespaces/finalize']}, {verbs: [create], apiGroups: [''], resources: ['pods']}"],
}
