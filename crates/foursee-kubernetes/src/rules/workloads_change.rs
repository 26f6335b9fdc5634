//! The rule `kubernetes-workloads-change`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes workloads in every namespace.
    ///
    /// ## Why
    /// Another image, account or volume in a template is other code with the workload's place, and any account of
    /// the namespace.
    ///
    /// ## Fix
    /// Bind it in the namespaces that the deployer owns, and name the workloads.
    pub WorkloadsChange: "kubernetes-workloads-change", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Low),
    only: &[],
    says: "changes workloads",
    any: &[right(&["update", "patch"], "", "replicationcontrollers"), right(&["update", "patch"], "apps", "deployments"), right(&["update", "patch"], "apps", "statefulsets"), right(&["update", "patch"], "apps", "daemonsets"), right(&["update", "patch"], "apps", "replicasets"), right(&["update", "patch"], "batch", "jobs"), right(&["update", "patch"], "batch", "cronjobs")],
    with: &[],
    given: "",
    fires: ["{verbs: [patch], apiGroups: ['apps'], resources: ['deployments']}", "{verbs: [update], apiGroups: ['batch'], resources: ['cronjobs']}"],
    silent: ["{verbs: [patch], apiGroups: ['apps'], resources: ['deployments/scale']}"],
    twin: ["{verbs: [patch], apiGroups: ['extensions'], resources: ['deployments']}"],
}
