//! The rule `kubernetes-bootstrap-tokens-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role creates Secrets in kube-system.
    ///
    /// ## Why
    /// A Secret of the type bootstrap.kubernetes.io/token is a login: user system:bootstrap:ID, in
    /// system:bootstrappers, to whom kubeadm and others bind the requests by which a node joins. It counts where the
    /// server runs with --enable-bootstrap-token-auth, which no export shows. The whole cluster's is
    /// `kubernetes-token-secret-mint` or `kubernetes-secrets-write`.
    ///
    /// ## Fix
    /// Let nothing but the cluster's own controllers create Secrets there.
    pub BootstrapTokensWrite: "kubernetes-bootstrap-tokens-write", High,
    cluster: None,
    namespace: Some(Severity::High),
    only: &["kube-system"],
    says: "creates tokens by which nodes join, where the server takes them",
    any: &[right(&["create"], "", "secrets")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: [''], resources: ['secrets']}"],
    silent: ["{verbs: [get, delete], apiGroups: [''], resources: ['secrets']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['secrets'], resourceNames: [a]}"],
}
