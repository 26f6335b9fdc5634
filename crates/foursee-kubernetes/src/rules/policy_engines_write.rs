//! The rule `kubernetes-policy-engines-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role changes the rules of Gatekeeper or Kyverno.
    ///
    /// ## Why
    /// It turns policy off or excepts itself; a Kyverno `generate` rule creates objects with Kyverno's rights.
    ///
    /// ## Fix
    /// Grant it to those who own the policies, and name them.
    pub PolicyEnginesWrite: "kubernetes-policy-engines-write", High,
    cluster: Some(Severity::High),
    namespace: Some(Severity::Medium),
    only: &[],
    says: "changes the rules of a policy engine",
    any: &[right(&["create", "update", "patch", "delete"], "templates.gatekeeper.sh", "constrainttemplates"), right(&["create", "update", "patch", "delete"], "config.gatekeeper.sh", "configs"), right(&["create", "update", "patch", "delete"], "kyverno.io", "clusterpolicies"), right(&["create", "update", "patch", "delete"], "kyverno.io", "policies"), right(&["create", "update", "patch", "delete"], "kyverno.io", "policyexceptions")],
    with: &[],
    given: "",
    fires: ["{verbs: [update], apiGroups: ['kyverno.io'], resources: ['clusterpolicies']}", "{verbs: [create], apiGroups: ['templates.gatekeeper.sh'], resources: ['constrainttemplates']}"],
    silent: ["{verbs: [get], apiGroups: ['kyverno.io'], resources: ['clusterpolicies']}"],
    twin: ["{verbs: [update], apiGroups: ['example.io'], resources: ['clusterpolicies']}"],
}
