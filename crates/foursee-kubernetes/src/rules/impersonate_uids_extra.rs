//! The rule `kubernetes-impersonate-uids-extra`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role sets the uid or extra fields of whom it impersonates.
    ///
    /// ## Why
    /// Extra fields carry scopes and a pod's node: authorizers and admission webhooks decide by them.
    ///
    /// ## Fix
    /// Take it out, or name the keys (`userextras/KEY`) and values.
    pub ImpersonateUidsExtra: "kubernetes-impersonate-uids-extra", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    says: "sets uids and extra fields of whom it impersonates",
    any: &[right(&["impersonate"], "authentication.k8s.io", "uids"), right(&["impersonate"], "authentication.k8s.io", "userextras")],
    with: &[],
    given: "",
    fires: ["{verbs: [impersonate], apiGroups: ['authentication.k8s.io'], resources: ['uids']}"],
    silent: ["{verbs: [get], apiGroups: ['authentication.k8s.io'], resources: ['uids']}"],
    twin: ["{verbs: [impersonate], apiGroups: [''], resources: ['uids']}"],
}
