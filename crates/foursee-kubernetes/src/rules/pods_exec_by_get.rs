//! The rule `kubernetes-pods-exec-by-get`.

use super::common::permission::{permission, right};
use crate::lower::exec_condition;
use foursee_core::model::Severity;

permission! {
    /// A role that only reads runs commands in pods, on API servers before 1.35.
    ///
    /// ## Why
    /// A session to `exec`, `attach` or `portforward` may begin with a GET (WebSockets), and up to 1.34 `get` alone is
    /// asked for. From 1.35 on `create` is asked too, unless the gate AuthorizePodWebsocketUpgradeCreatePermission is
    /// switched off.
    ///
    /// ## Fix
    /// Take `get` on these subresources out; nothing that only reads needs it.
    pub PodsExecByGet: "kubernetes-pods-exec-by-get", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Medium),
    only: &[],
    when: |facts| exec_condition(facts).is_ok(),
    says: "runs commands in pods by `get`, where the API server is older than 1.35",
    any: &[right(&["get"], "", "pods/exec"), right(&["get"], "", "pods/attach"), right(&["get"], "", "pods/portforward")],
    with: &[],
    given: "",
    fires: ["{verbs: [get], apiGroups: [''], resources: ['pods/exec']}", "{verbs: [get], apiGroups: [''], resources: ['pods/portforward']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: [pods]}", "{verbs: [create], apiGroups: [''], resources: ['pods/exec']}"],
    twin: ["{verbs: [get], apiGroups: [''], resources: ['pods/log']}", "{verbs: [get], apiGroups: [example.com], resources: ['pods/exec']}"],
}
