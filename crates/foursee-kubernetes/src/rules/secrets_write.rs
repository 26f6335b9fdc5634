//! The rule `kubernetes-secrets-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes Secrets.
    ///
    /// ## Why
    /// Swaps the credentials that workloads trust, the keys of their TLS, and a Helm release's state; a token
    /// Secret whose annotations name another account is filled anew with that account's token.
    ///
    /// ## Fix
    /// Name the Secrets in `resourceNames`.
    pub SecretsWrite: "kubernetes-secrets-write", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Medium),
    only: &[],
    says: "changes Secrets",
    any: &[right(&["update", "patch"], "", "secrets")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: [''], resources: ['secrets']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['secrets']}"],
    twin: ["{verbs: [update], apiGroups: ['external-secrets.io'], resources: ['secrets']}"],
}
