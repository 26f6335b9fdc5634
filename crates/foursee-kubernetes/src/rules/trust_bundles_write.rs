//! The rule `kubernetes-trust-bundles-write`.

use super::common::permission::{permission, right};
use crate::data::versions::TRUST_BUNDLE;
use crate::version::may;
use foursee_core::model::Severity;

permission! {
    /// A role swaps the trust anchors that pods project.
    ///
    /// ## Why
    /// Pods that project the bundle then trust whom the holder names.
    ///
    /// ## Fix
    /// Grant it to the signer's controller alone.
    pub TrustBundlesWrite: "kubernetes-trust-bundles-write", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    when: |facts| may(facts, &TRUST_BUNDLE),
    says: "swaps trust anchors of pods",
    any: &[right(&["create", "update", "patch"], "certificates.k8s.io", "clustertrustbundles")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: ['certificates.k8s.io'], resources: ['clustertrustbundles']}"],
    silent: ["{verbs: [get], apiGroups: ['certificates.k8s.io'], resources: ['clustertrustbundles']}"],
    twin: ["{verbs: [update], apiGroups: [''], resources: ['clustertrustbundles']}"],
}
