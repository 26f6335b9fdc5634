//! The rule `kubernetes-webhooks-mutating`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role writes webhooks that rewrite what is admitted.
    ///
    /// ## Why
    /// Its own server is sent every object that somebody writes, Secrets too, and answers with changes to it: a
    /// sidecar in every pod.
    ///
    /// ## Fix
    /// Name the webhook in `resourceNames`; its operator needs no more.
    pub WebhooksMutating: "kubernetes-webhooks-mutating", Critical,
    cluster: Some(Severity::Critical),
    namespace: None,
    only: &[],
    says: "rewrites whatever is created",
    any: &[right(&["create", "update", "patch"], "admissionregistration.k8s.io", "mutatingwebhookconfigurations")],
    with: &[],
    given: "",
    fires: ["{verbs: [create], apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingwebhookconfigurations']}"],
    silent: ["{verbs: [get], apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingwebhookconfigurations']}"],
    twin: ["{verbs: [create], apiGroups: ['example.com'], resources: ['mutatingwebhookconfigurations']}"],
}
