//! The rule `kubernetes-nodes-kubelet-read`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role reads pods, settings or logs of a node from its kubelet.
    ///
    /// ## Why
    /// nodes/log is the host's /var/log, nodes/pods every pod's spec with its environment, a checkpoint a
    /// container's memory: across all namespaces.
    ///
    /// ## Fix
    /// Grant nodes/metrics and nodes/stats where metrics are meant.
    pub NodesKubeletRead: "kubernetes-nodes-kubelet-read", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    says: "reads a node's pods, settings or logs from its kubelet",
    any: &[right(&["get"], "", "nodes/log"), right(&["get"], "", "nodes/pods"), right(&["get"], "", "nodes/configz"), right(&["create"], "", "nodes/checkpoint")],
    with: &[],
    given: "",
    fires: ["{verbs: [get], apiGroups: [''], resources: ['nodes/pods']}", "{verbs: [create], apiGroups: [''], resources: ['nodes/checkpoint']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['nodes/stats']}"],
    twin: ["{verbs: [get], apiGroups: [''], resources: ['pods']}"],
}
