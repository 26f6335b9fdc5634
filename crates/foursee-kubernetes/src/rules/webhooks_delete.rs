//! The rule `kubernetes-webhooks-delete`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role deletes admission webhooks.
    ///
    /// ## Why
    /// With the webhook goes the policy that it enforces, without a word.
    ///
    /// ## Fix
    /// Name the webhooks in `resourceNames`.
    pub WebhooksDelete: "kubernetes-webhooks-delete", High,
    cluster: Some(Severity::High),
    namespace: None,
    only: &[],
    says: "deletes admission webhooks",
    any: &[right(&["delete", "deletecollection"], "admissionregistration.k8s.io", "validatingwebhookconfigurations"), right(&["delete", "deletecollection"], "admissionregistration.k8s.io", "mutatingwebhookconfigurations")],
    with: &[],
    given: "",
    fires: ["{verbs: [delete], apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingwebhookconfigurations']}"],
    silent: ["{verbs: [get], apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingwebhookconfigurations']}"],
    twin: ["{verbs: [delete], apiGroups: [''], resources: ['validatingwebhookconfigurations']}"],
}
