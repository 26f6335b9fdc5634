//! The rule `kubernetes-pods-steal`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role evicts pods and changes nodes, so that powerful pods move to a node of its own.
    ///
    /// ## Why
    /// With every other node cordoned, the evicted pod, its token and its Secrets come to the node that the holder
    /// controls.
    ///
    /// ## Fix
    /// Take out update and patch of nodes and of nodes/status.
    pub PodsSteal: "kubernetes-pods-steal", High,
    cluster: Some(Severity::High),
    namespace: None,
    only: &[],
    says: "moves powerful pods to a node of its own",
    any: &[right(&["create"], "", "pods/eviction"), right(&["delete", "deletecollection"], "", "pods")],
    with: &[&[right(&["update", "patch"], "", "nodes"), right(&["update", "patch"], "", "nodes/status")]],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['pods/eviction']}, {verbs: [patch], apiGroups: [''], resources: ['nodes']}", "{verbs: [delete], apiGroups: [''], resources: ['pods']}, {verbs: [update], apiGroups: [''], resources: ['nodes/status']}"],
    silent: ["{verbs: [create], apiGroups: [''], resources: ['pods/eviction']}", "{verbs: [patch], apiGroups: [''], resources: ['nodes']}"],
    twin: ["{verbs: [create], apiGroups: ['policy'], resources: ['pods/eviction']}, {verbs: [patch], apiGroups: [''], resources: ['nodes']}"],
}
