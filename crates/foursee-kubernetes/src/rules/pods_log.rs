//! The rule `kubernetes-pods-log`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role reads the logs of pods of every namespace.
    ///
    /// ## Why
    /// Logs hold tokens, connection strings and personal data that nobody meant to print. With a pod that mounts
    /// the node's /var/log writable, they are any file of the node.
    ///
    /// ## Fix
    /// Bind it in the namespaces whose logs are read.
    pub PodsLog: "kubernetes-pods-log", Low,
    cluster: Some(Severity::Low),
    namespace: None,
    only: &[],
    says: "reads the logs of pods",
    any: &[right(&["get"], "", "pods/log")],
    with: &[],
    given: "",
    fires: ["{verbs: [get], apiGroups: [''], resources: ['pods/log']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['pods']}"],
    twin: ["{verbs: [delete], apiGroups: [''], resources: ['pods/log']}"],
}
