//! The rule `kubernetes-service-traffic-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role redirects the traffic of services.
    ///
    /// ## Why
    /// Endpoints say where a service's traffic goes: to a pod of the holder's, or to an address outside.
    ///
    /// ## Fix
    /// Only controllers need it: take it out.
    pub ServiceTrafficWrite: "kubernetes-service-traffic-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Low),
    only: &[],
    says: "redirects the traffic of services",
    any: &[right(&["create", "update", "patch"], "", "endpoints"), right(&["create", "update", "patch"], "discovery.k8s.io", "endpointslices"), right(&["update", "patch"], "", "services/status")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: ['discovery.k8s.io'], resources: ['endpointslices']}", "{verbs: [patch], apiGroups: [''], resources: ['services/status']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['endpoints']}"],
    twin: ["{verbs: [update], apiGroups: [''], resources: ['endpointslices']}"],
}
