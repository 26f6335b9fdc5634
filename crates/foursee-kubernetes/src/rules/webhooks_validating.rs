//! The rule `kubernetes-webhooks-validating`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role writes webhooks that read and refuse what is written.
    ///
    /// ## Why
    /// Its own server is sent every object that somebody writes, Secrets too, and can refuse it; a changed one lets
    /// through what policy refused.
    ///
    /// ## Fix
    /// Name the webhook in `resourceNames`.
    pub WebhooksValidating: "kubernetes-webhooks-validating", High,
    cluster: Some(Severity::High),
    namespace: None,
    only: &[],
    says: "reads and refuses whatever is written",
    any: &[right(&["create", "update", "patch"], "admissionregistration.k8s.io", "validatingwebhookconfigurations")],
    with: &[],
    given: "",
    fires: ["{verbs: [patch], apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingwebhookconfigurations']}"],
    silent: ["{verbs: [get], apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingwebhookconfigurations']}"],
    twin: ["{verbs: [patch], apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingwebhookconfigurations']}"],
}
