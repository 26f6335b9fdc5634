//! The rule `kubernetes-certificates-approve`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role approves client certificates.
    ///
    /// ## Why
    /// An approved request of the signer kubernetes.io/kube-apiserver-client is a login as the name and groups that
    /// it states (not system:masters), which nobody can revoke.
    ///
    /// ## Fix
    /// Limit `approve` to the signers that are meant, never kubernetes.io/kube-apiserver-client.
    pub CertificatesApprove: "kubernetes-certificates-approve", Critical,
    cluster: Some(Severity::Critical),
    namespace: None,
    only: &[],
    says: "approves client certificates of any name",
    any: &[right(&["update", "patch"], "certificates.k8s.io", "certificatesigningrequests/approval")],
    with: &[&[right(&["approve"], "certificates.k8s.io", "signers").named("kubernetes.io/kube-apiserver-client"), right(&["approve"], "certificates.k8s.io", "signers").named("kubernetes.io/*")]],
    given: "",
    fires: ["{verbs: [update], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval']}, {verbs: [approve], apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames: [kubernetes.io/kube-apiserver-client]}", "{verbs: [patch], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval']}, {verbs: [approve], apiGroups: ['certificates.k8s.io'], resources: ['signers']}"],
    silent: ["{verbs: [update], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval']}"],
    twin: ["{verbs: [update], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval']}, {verbs: [approve], apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames: [example.com/*]}"],
}
