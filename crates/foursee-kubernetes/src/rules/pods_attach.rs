//! The rule `kubernetes-pods-attach`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role attaches to the main process of pods.
    ///
    /// ## Why
    /// An attached terminal reads what the process prints and types into it: where that is a shell, it is a command
    /// line.
    ///
    /// ## Fix
    /// Take pods/attach out; `kubectl logs` needs pods/log alone.
    pub PodsAttach: "kubernetes-pods-attach", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Low),
    only: &[],
    says: "attaches to pods",
    any: &[right(&["create"], "", "pods/attach")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['pods/attach']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['pods/log']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['pods/attachments']}"],
}
