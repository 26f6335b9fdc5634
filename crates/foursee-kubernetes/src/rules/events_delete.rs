//! The rule `kubernetes-events-delete`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role deletes events.
    ///
    /// ## Why
    /// They are what shows somebody that something happened.
    ///
    /// ## Fix
    /// Nothing needs it: they expire. Take it out.
    pub EventsDelete: "kubernetes-events-delete", Low,
    cluster: Some(Severity::Low),
    namespace: Some(Severity::Low),
    only: &[],
    says: "deletes events",
    any: &[right(&["delete", "deletecollection"], "", "events"), right(&["delete", "deletecollection"], "events.k8s.io", "events")],
    with: &[],
    given: "",
    fires: ["{verbs: [delete], apiGroups: [''], resources: ['events']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['events']}"],
    twin: ["{verbs: [delete], apiGroups: [''], resources: ['pods/log']}"],
}
