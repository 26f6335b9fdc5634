//! The rule `kubernetes-extension-authentication-read`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role reads how extension servers authenticate callers.
    ///
    /// ## Why
    /// The ConfigMap extension-apiserver-authentication holds the certificate authorities of callers and the headers
    /// that a proxy sets. It is no secret; who reads it is, or means to be, an API server of its own.
    ///
    /// ## Fix
    /// Nothing, where it is an extension server.
    pub ExtensionAuthenticationRead: "kubernetes-extension-authentication-read", Info,
    cluster: None,
    namespace: Some(Severity::Info),
    only: &["kube-system"],
    says: "reads how extension servers authenticate callers",
    any: &[right(&["get", "list", "watch"], "", "configmaps").named("extension-apiserver-authentication")],
    with: &[],
    given: "",
    fires: ["{verbs: [get], apiGroups: [''], resources: [configmaps], resourceNames: [extension-apiserver-authentication]}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: [configmaps], resourceNames: [coredns]}"],
    twin: ["{verbs: [update], apiGroups: [''], resources: [configmaps], resourceNames: [extension-apiserver-authentication]}"],
}
