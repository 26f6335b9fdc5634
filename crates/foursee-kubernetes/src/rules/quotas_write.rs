//! The rule `kubernetes-quotas-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes quotas, limits or priorities.
    ///
    /// ## Why
    /// Its pods can starve or evict everybody else's.
    ///
    /// ## Fix
    /// Grant it to those who run the cluster.
    pub QuotasWrite: "kubernetes-quotas-write", Low,
    cluster: Some(Severity::Low),
    namespace: Some(Severity::Low),
    only: &[],
    says: "changes quotas, limits or priorities",
    any: &[right(&["create", "update", "patch", "delete"], "", "resourcequotas"), right(&["create", "update", "patch", "delete"], "", "limitranges"), right(&["create", "update", "patch", "delete"], "scheduling.k8s.io", "priorityclasses")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: [''], resources: ['resourcequotas']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['resourcequotas']}"],
    twin: ["{verbs: [update], apiGroups: ['apps'], resources: ['resourcequotas']}"],
}
