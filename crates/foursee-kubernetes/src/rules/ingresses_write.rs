//! The rule `kubernetes-ingresses-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role exposes services, or changes where outside traffic goes.
    ///
    /// ## Why
    /// What was inside is then reached from outside; snippets and TLS references of some controllers run code in
    /// them and read Secrets.
    ///
    /// ## Fix
    /// Bind it in the namespaces that its holder owns; switch snippets off.
    pub IngressesWrite: "kubernetes-ingresses-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: Some(Severity::Low),
    only: &[],
    says: "exposes services to the outside",
    any: &[right(&["create", "update", "patch"], "networking.k8s.io", "ingresses"), right(&["create", "update", "patch"], "gateway.networking.k8s.io", "gateways"), right(&["create", "update", "patch"], "gateway.networking.k8s.io", "httproutes"), right(&["create", "update", "patch"], "gateway.networking.k8s.io", "grpcroutes"), right(&["create", "update", "patch"], "gateway.networking.k8s.io", "tlsroutes"), right(&["create", "update", "patch"], "gateway.networking.k8s.io", "tcproutes"), right(&["create", "update", "patch"], "gateway.networking.k8s.io", "udproutes"), right(&["create", "update", "patch"], "gateway.networking.k8s.io", "listenersets"), right(&["create", "update", "patch"], "gateway.networking.x-k8s.io", "xlistenersets"), right(&["create", "update", "patch"], "gateway.networking.k8s.io", "referencegrants")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['networking.k8s.io'], resources: ['ingresses']}", "{verbs: [patch], apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes']}", "{verbs: [update], apiGroups: ['gateway.networking.k8s.io'], resources: ['tcproutes']}", "{verbs: [create], apiGroups: ['gateway.networking.k8s.io'], resources: ['referencegrants']}", "{verbs: [create], apiGroups: ['gateway.networking.x-k8s.io'], resources: ['xlistenersets']}"],
    silent: ["{verbs: [get], apiGroups: ['networking.k8s.io'], resources: ['ingresses']}", "{verbs: [list], apiGroups: ['gateway.networking.k8s.io'], resources: ['gateways']}", "{verbs: [update], apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes/status']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['ingresses']}", "{verbs: [create], apiGroups: ['networking.istio.io'], resources: ['gateways']}", "{verbs: [create], apiGroups: ['gateway.networking.k8s.io'], resources: ['xlistenersets']}"],
}
