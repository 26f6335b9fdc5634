//! The rule `kubernetes-pod-certificates-request`.

use super::common::permission::{permission, right};
use crate::data::versions::POD_CERTIFICATE;
use crate::version::may;
use foursee_core::model::Severity;

permission! {
    /// A role requests certificates in the name of pods.
    ///
    /// ## Why
    /// Only NodeRestriction checks that pod, account and node fit together, and only for nodes: anybody else names
    /// what they like.
    ///
    /// ## Fix
    /// Only kubelets need it: take it out.
    pub PodCertificatesRequest: "kubernetes-pod-certificates-request", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Medium),
    only: &[],
    when: |facts| may(facts, &POD_CERTIFICATE),
    says: "requests certificates in the name of pods",
    any: &[right(&["create"], "certificates.k8s.io", "podcertificaterequests")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['certificates.k8s.io'], resources: ['podcertificaterequests']}"],
    silent: ["{verbs: [get], apiGroups: ['certificates.k8s.io'], resources: ['podcertificaterequests']}"],
    twin: ["{verbs: [create], apiGroups: ['certificates.k8s.io'], resources: ['podcertificaterequests/status']}"],
}
