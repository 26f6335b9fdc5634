//! The rule `kubernetes-operator-objects-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role writes objects that an operator acts on with rights of its own.
    ///
    /// ## Why
    /// A confused deputy: the operator's service account applies what the object says, often as cluster admin. Its
    /// account's rights, and what the operator checks, decide what that is worth.
    ///
    /// ## Fix
    /// Bind it in the namespaces that the operator confines (Flux `spec.serviceAccountName`, Argo CD projects), and
    /// nowhere else.
    pub OperatorObjectsWrite: "kubernetes-operator-objects-write", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Medium),
    only: &[],
    says: "writes objects that an operator acts on",
    any: &[right(&["create", "update", "patch"], "kustomize.toolkit.fluxcd.io", "kustomizations"), right(&["create", "update", "patch"], "helm.toolkit.fluxcd.io", "helmreleases"), right(&["create", "update", "patch"], "argoproj.io", "applications"), right(&["create", "update", "patch"], "argoproj.io", "appprojects"), right(&["create", "update", "patch"], "argoproj.io", "applicationsets"), right(&["create", "update", "patch"], "external-secrets.io", "externalsecrets"), right(&["create", "update", "patch"], "external-secrets.io", "clustersecretstores"), right(&["create", "update", "patch"], "velero.io", "restores"), right(&["create", "update", "patch"], "cert-manager.io", "certificates"), right(&["create", "update", "patch"], "cert-manager.io", "clusterissuers"), right(&["create", "update", "patch"], "apiextensions.crossplane.io", "compositions"), right(&["create", "update", "patch"], "pkg.crossplane.io", "providers")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['argoproj.io'], resources: ['applications']}", "{verbs: [patch], apiGroups: ['kustomize.toolkit.fluxcd.io'], resources: ['kustomizations']}"],
    silent: ["{verbs: [get], apiGroups: ['argoproj.io'], resources: ['applications']}"],
    twin: ["{verbs: [create], apiGroups: ['example.com'], resources: ['applications']}"],
}
