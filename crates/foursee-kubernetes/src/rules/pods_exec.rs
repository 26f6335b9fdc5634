//! The rule `kubernetes-pods-exec`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role runs commands in pods.
    ///
    /// ## Why
    /// A command runs with the pod's files, its environment and its service account's token, and leaves no trace
    /// but a line of the audit log. Up to 1.34 `get` is enough too: `kubernetes-pods-exec-by-get`.
    ///
    /// ## Fix
    /// Bind it where people debug, name the pods in `resourceNames`, and let an exception expire.
    pub PodsExec: "kubernetes-pods-exec", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Medium),
    only: &[],
    says: "runs commands in pods",
    any: &[right(&["create"], "", "pods/exec")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['pods/exec']}"],
    silent: ["{verbs: [get, list], apiGroups: [''], resources: ['pods']}", "{verbs: [create], apiGroups: [''], resources: ['pods']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['pods/*']}", "{verbs: [create], apiGroups: ['example.com'], resources: ['pods/exec']}"],
}
