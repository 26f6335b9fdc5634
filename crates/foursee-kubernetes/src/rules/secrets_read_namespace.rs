//! The rule `kubernetes-secrets-read-namespace`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role reads every Secret of a namespace.
    ///
    /// ## Why
    /// Passwords, keys and tokens of everything that runs there. `list` and `watch` give the contents, as `get`
    /// does. The whole cluster's is `kubernetes-secrets-read-all`; those that an entry names are
    /// `kubernetes-secrets-read-named`, where they are logins.
    ///
    /// ## Fix
    /// Name the Secrets in `resourceNames` with `get` alone, or mount them.
    pub SecretsReadNamespace: "kubernetes-secrets-read-namespace", Medium,
    cluster: None,
    namespace: Some(Severity::Medium),
    only: &[],
    says: "reads the Secrets of the namespace",
    any: &[right(&["get", "list", "watch"], "", "secrets").whole()],
    with: &[],
    given: "",
    fires: ["{verbs: [get], apiGroups: [''], resources: ['secrets']}", "{verbs: [watch], apiGroups: [''], resources: ['secrets']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['configmaps']}"],
    twin: ["{verbs: [get], apiGroups: [''], resources: ['secrets/status']}", "{verbs: [get], apiGroups: [''], resources: ['secrets'], resourceNames: [db]}"],
}
