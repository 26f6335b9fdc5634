//! The rule `kubernetes-nodes-proxy`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role reaches the kubelet's own API.
    ///
    /// ## Why
    /// The kubelet runs commands in every container of its node. `get` is enough: a WebSocket begins with a GET.
    /// Admission sees none of it, and straight to port 10250 no audit log does.
    ///
    /// ## Fix
    /// For metrics grant nodes/metrics and nodes/stats; from 1.33 on nodes/pods, nodes/healthz and nodes/configz
    /// are asked first. Take nodes/proxy out.
    pub NodesProxy: "kubernetes-nodes-proxy", Critical,
    cluster: Some(Severity::Critical),
    namespace: None,
    only: &[],
    says: "runs commands in every pod of a node through its kubelet",
    any: &[right(&["get", "create", "update", "patch", "delete"], "", "nodes/proxy")],
    with: &[],
    given: "",
    fires: ["{verbs: [get], apiGroups: [''], resources: ['nodes/proxy']}", "{verbs: [create], apiGroups: [''], resources: ['nodes/proxy']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['nodes/metrics']}", "{verbs: [get, list], apiGroups: [''], resources: ['nodes']}"],
    twin: ["{verbs: [get], apiGroups: ['metrics.k8s.io'], resources: ['nodes/proxy']}"],
}
