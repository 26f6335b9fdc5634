//! The rule `kubernetes-certificates-sign`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role writes certificates into signing requests.
    ///
    /// ## Why
    /// It puts any bytes where clients look for their certificate. The authority's key does not come with it.
    ///
    /// ## Fix
    /// Name the signers that its holder really runs.
    pub CertificatesSign: "kubernetes-certificates-sign", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    says: "writes certificates into signing requests",
    any: &[right(&["update", "patch"], "certificates.k8s.io", "certificatesigningrequests/status"), right(&["update", "patch"], "certificates.k8s.io", "podcertificaterequests/status")],
    with: &[&[right(&["sign"], "certificates.k8s.io", "signers").named("*")]],
    given: "",
    fires: ["{verbs: [update], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/status']}, {verbs: [sign], apiGroups: ['certificates.k8s.io'], resources: ['signers']}"],
    silent: ["{verbs: [update], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/status']}"],
    twin: ["{verbs: [update], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval']}, {verbs: [sign], apiGroups: ['certificates.k8s.io'], resources: ['signers']}"],
}
