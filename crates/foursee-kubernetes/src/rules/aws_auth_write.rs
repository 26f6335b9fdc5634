//! The rule `kubernetes-aws-auth-write`.

use super::common::permission::{permission, right};
use foursee_core::model::Severity;

permission! {
    /// A role maps AWS principals into the cluster.
    ///
    /// ## Why
    /// A line of the ConfigMap kube-system/aws-auth makes any IAM role or user a member of system:masters. A cluster of
    /// authenticationMode API does not read it, and is quiet.
    ///
    /// ## Fix
    /// Use access entries (authenticationMode API), or name other ConfigMaps in `resourceNames`.
    pub AwsAuthWrite: "kubernetes-aws-auth-write", Critical,
    cluster: Some(Severity::Critical),
    namespace: Some(Severity::Critical),
    only: &["kube-system"],
    when: crate::lower::aws_auth_counts,
    says: "maps any AWS principal to system:masters",
    any: &[right(&["update", "patch"], "", "configmaps").named("aws-auth")],
    with: &[],
    given: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth, namespace: kube-system}\ndata:\n  mapRoles: |\n    - rolearn: arn:aws:iam::111122223333:role/node\n      username: node\n      groups: [nodes]\n",
    fires: ["{verbs: [patch], apiGroups: [''], resources: ['configmaps'], resourceNames: [aws-auth]}"],
    silent: ["{verbs: [get], apiGroups: [''], resources: ['configmaps'], resourceNames: [aws-auth]}", "{verbs: [patch], apiGroups: [''], resources: ['configmaps'], resourceNames: [coredns]}"],
    twin: ["{verbs: [patch], apiGroups: [''], resources: ['configmaps'], resourceNames: [aws_auth]}"],
}
