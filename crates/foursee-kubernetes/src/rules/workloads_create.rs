//! The rule `kubernetes-workloads-create`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role creates workloads in every namespace.
    ///
    /// ## Why
    /// A new pod runs as any service account of its namespace and mounts any of its Secrets, ConfigMaps and claims,
    /// without a right to read them, on any node, with whatever Pod Security lets it be.
    ///
    /// ## Fix
    /// Bind it in the namespaces that the deployer owns, with Pod Security enforced there.
    pub WorkloadsCreate: "kubernetes-workloads-create", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Low),
    only: &[],
    says: "creates workloads",
    any: &[right(&["create"], "", "pods"), right(&["create"], "", "replicationcontrollers"), right(&["create"], "apps", "deployments"), right(&["create"], "apps", "statefulsets"), right(&["create"], "apps", "daemonsets"), right(&["create"], "apps", "replicasets"), right(&["create"], "batch", "jobs"), right(&["create"], "batch", "cronjobs")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['pods']}", "{verbs: [create], apiGroups: ['apps'], resources: ['deployments']}", "{verbs: [create], apiGroups: ['batch'], resources: ['cronjobs']}"],
    silent: ["{verbs: [get], apiGroups: ['apps'], resources: ['deployments']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['deployments']}", "{verbs: [create], apiGroups: ['apps'], resources: ['deployments'], resourceNames: [web]}"],
}
