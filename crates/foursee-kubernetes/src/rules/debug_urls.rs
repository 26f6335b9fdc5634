//! The rule `kubernetes-debug-urls`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role reads debug, log or metrics paths of the API server.
    ///
    /// ## Why
    /// Profiles and logs of the control plane show what others do; metrics name namespaces and objects.
    ///
    /// ## Fix
    /// List the paths: /healthz, /livez, /readyz and /version are what probes need.
    pub DebugUrls: "kubernetes-debug-urls", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    says: "reads debug, log or metrics paths",
    any: &[right(&["get"], "", "/debug/pprof/"), right(&["get"], "", "/logs/"), right(&["get"], "", "/metrics")],
    with: &[],
    given: "",
    fires: ["{verbs: [get], nonResourceURLs: ['/debug/*']}", "{verbs: [get], nonResourceURLs: ['/metrics']}", "{verbs: [get], nonResourceURLs: ['/logs/*']}"],
    silent: ["{verbs: [get], nonResourceURLs: ['/healthz']}"],
    twin: ["{verbs: [get], nonResourceURLs: ['/api/*']}"],
}
