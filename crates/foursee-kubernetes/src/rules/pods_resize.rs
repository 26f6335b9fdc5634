//! The rule `kubernetes-pods-resize`.

use super::common::permission::{permission, right};
use crate::data::versions::POD_RESIZE;
use crate::version::may;
use foursee_core::model::Severity;

permission! {
    /// A role changes the resources of running pods.
    ///
    /// ## Why
    /// From 1.33 on by default: it starves a workload, or takes a node's memory and CPU from others.
    ///
    /// ## Fix
    /// Leave it to the autoscaler, or set quotas and limit ranges.
    pub PodsResize: "kubernetes-pods-resize", Info,
    cluster: Some(Severity::Info),
    namespace: Some(Severity::Info),
    only: &[],
    when: |facts| may(facts, &POD_RESIZE),
    says: "changes the resources of running pods",
    any: &[right(&["update", "patch"], "", "pods/resize")],
    with: &[],
    given: "",
    fires: ["{verbs: [patch], apiGroups: [''], resources: ['pods/resize']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['pods/resize']}"],
    twin: ["{verbs: [patch], apiGroups: [''], resources: ['pods/status']}"],
}
