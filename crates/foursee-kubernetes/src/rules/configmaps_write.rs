//! The rule `kubernetes-configmaps-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes ConfigMaps of every namespace.
    ///
    /// ## Why
    /// Applications and the cluster's own components take their settings from them: aws-auth and coredns are two.
    ///
    /// ## Fix
    /// Bind it in the namespaces that its holder owns, and name the ConfigMaps.
    pub ConfigmapsWrite: "kubernetes-configmaps-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    says: "changes ConfigMaps",
    any: &[right(&["update", "patch"], "", "configmaps")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: [''], resources: ['configmaps']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['configmaps']}"],
    twin: ["{verbs: [update], apiGroups: ['example.com'], resources: ['configmaps']}"],
}
