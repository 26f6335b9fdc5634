//! The rule `kubernetes-node-token-audiences`.

use super::common::permission::{permission, right};
use crate::data::versions::NODE_AUDIENCES;
use crate::version::may;
use foursee_core::model::Severity;

permission! {
    /// A role lets nodes mint tokens for audiences that their pods do not use.
    ///
    /// ## Why
    /// NodeRestriction limits a kubelet to the audiences that its pods' volumes name; this right lifts the limit.
    ///
    /// ## Fix
    /// Name the audience that a CSI driver really asks for.
    pub NodeTokenAudiences: "kubernetes-node-token-audiences", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    when: |facts| may(facts, &NODE_AUDIENCES),
    says: "mints tokens for further audiences",
    any: &[right(&["request-serviceaccounts-token-audience"], "", "sts.amazonaws.com"), right(&["request-serviceaccounts-token-audience"], "", "*")],
    with: &[],
    given: "",
    fires: ["{verbs: [request-serviceaccounts-token-audience], apiGroups: [''], resources: ['sts.amazonaws.com']}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['sts.amazonaws.com']}"],
    twin: ["{verbs: [request-serviceaccounts-token-audience], apiGroups: ['example.com'], resources: ['sts.amazonaws.com']}"],
}
