//! The rule `kubernetes-coredns-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes how names are resolved.
    ///
    /// ## Why
    /// CoreDNS answers every pod: its ConfigMap sends any name anywhere.
    ///
    /// ## Fix
    /// Name other ConfigMaps in `resourceNames`.
    pub CorednsWrite: "kubernetes-coredns-write", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::High),
    only: &["kube-system"],
    says: "redirects every name in the cluster",
    any: &[right(&["update", "patch"], "", "configmaps").named("coredns"), right(&["update", "patch"], "apps", "deployments").named("coredns")],
    with: &[],
    given: "",
    fires: ["{verbs: [patch], apiGroups: [''], resources: ['configmaps'], resourceNames: [coredns]}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['configmaps'], resourceNames: [coredns]}"],
    twin: ["{verbs: [patch], apiGroups: [''], resources: ['configmaps'], resourceNames: [core-dns]}"],
}
