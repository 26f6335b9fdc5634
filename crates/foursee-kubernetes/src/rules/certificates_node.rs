//! The rule `kubernetes-certificates-node`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role gets certificates of nodes that nobody approves.
    ///
    /// ## Why
    /// The controller manager approves such requests by itself: the holder becomes a node, and reads the Secrets
    /// and mints the tokens of the pods there.
    ///
    /// ## Fix
    /// Grant it to bootstrap tokens' groups alone.
    pub CertificatesNode: "kubernetes-certificates-node", High,
    cluster: Some(Severity::High),
    namespace: None,
    only: &[],
    says: "gets a node's certificate without anybody's approval",
    any: &[right(&["create"], "certificates.k8s.io", "certificatesigningrequests/nodeclient"), right(&["create"], "certificates.k8s.io", "certificatesigningrequests/selfnodeclient")],
    with: &[&[right(&["create"], "certificates.k8s.io", "certificatesigningrequests")]],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/nodeclient']}, {verbs: [create], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests']}"],
    silent: ["{verbs: [create], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests']}"],
    twin: ["{verbs: [create], apiGroups: [''], resources: ['certificatesigningrequests/nodeclient']}, {verbs: [create], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests']}"],
}
