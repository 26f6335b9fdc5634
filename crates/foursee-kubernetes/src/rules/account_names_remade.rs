//! The rule `kubernetes-account-names-remade`.

use super::common::permission::{permission, right};
use crate::facts::Facts;
use foursee_core::model::Severity;

permission! {
    /// A role makes namespaces and service accounts, whose names a cloud trusts.
    ///
    /// ## Why
    /// A cloud trusts the name of a service account (its token's `sub`), and not the account that it saw first. Whoever
    /// makes a namespace and an account of a trusted name is that identity there; on GKE equal names in all clusters of
    /// a project are one.
    ///
    /// ## Fix
    /// Take out the creation of namespaces or of accounts; let trust name only what exists, one cluster at a time.
    pub AccountNamesRemade: "kubernetes-account-names-remade", Medium,
    cluster: Some(Severity::Medium),
    namespace: None,
    only: &[],
    when: cloud,
    says: "can make again any name of an account that a cloud trusts",
    any: &[right(&["create"], "", "namespaces")],
    with: &[&[right(&["create"], "", "serviceaccounts")], &[right(&["create"], "", "pods"), right(&["create"], "", "serviceaccounts/token")]],
    given: "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s3, namespace: shop, annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::111122223333:role/s3'}}\n",
    fires: ["{verbs: [create], apiGroups: [''], resources: [namespaces, serviceaccounts, serviceaccounts/token]}", "{verbs: [create], apiGroups: [''], resources: [namespaces, serviceaccounts, pods]}"],
    silent: ["{verbs: [create], apiGroups: [''], resources: [namespaces, serviceaccounts]}", "{verbs: [create], apiGroups: [''], resources: [serviceaccounts, pods]}"],
    twin: ["{verbs: [create], apiGroups: [project.openshift.io], resources: [namespaces]}, {verbs: [create], apiGroups: [''], resources: [serviceaccounts, pods]}"],
}

/// Whether some account is meant for a cloud.
fn cloud(facts: &Facts) -> bool {
    facts.accounts.iter().any(|one| {
        ["eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account"]
            .iter()
            .any(|key| one.meta.annotation(key).is_some())
    })
}
