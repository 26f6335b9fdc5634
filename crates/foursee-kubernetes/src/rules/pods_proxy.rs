//! The rule `kubernetes-pods-proxy`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role talks to pods and services through the API server.
    ///
    /// ## Why
    /// The verb is the HTTP method, so `get` is not read-only: it is any GET to any port, WebSockets too, from the
    /// API server's address, past NetworkPolicy.
    ///
    /// ## Fix
    /// Take it out; give the caller a Service or an Ingress with a login.
    pub PodsProxy: "kubernetes-pods-proxy", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Low),
    only: &[],
    says: "talks to pods and services through the API server",
    any: &[right(&["get", "create", "update", "patch", "delete"], "", "pods/proxy"), right(&["get", "create", "update", "patch", "delete"], "", "services/proxy")],
    with: &[],
    given: "",
    fires: ["{verbs: [get], apiGroups: [''], resources: ['pods/proxy']}", "{verbs: [create], apiGroups: [''], resources: ['services/proxy']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['services']}"],
    twin: ["{verbs: [get], apiGroups: ['metrics.k8s.io'], resources: ['pods/proxy']}"],
}
