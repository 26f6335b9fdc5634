//! The rule `kubernetes-access-entry-admin`.

use crate::authorize::eks::entries_count;
use crate::facts::{Facts, PolicyRule};
use crate::reach::is_admin;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// EKS makes an AWS principal cluster admin.
    ///
    /// ## Why
    /// The access policy gives every verb on every resource, whatever RBAC says, and no binding in the cluster shows it.
    /// Whoever gets that role or user has the cluster, and with it the role of every workload. Given in some namespaces,
    /// it is everything there.
    ///
    /// ## Evidence
    /// The policy as it is associated with the principal's access entry, and its scope. Associations of a cluster that reads
    /// aws-auth alone count for nothing and are quiet.
    ///
    /// ## Fix
    /// Associate AmazonEKSEditPolicy or AmazonEKSViewPolicy with the namespaces that the principal works in, or put its
    /// entry into a group that is bound to what it uses; keep AmazonEKSClusterAdminPolicy for one role that is used in
    /// emergencies.
    pub AccessEntryAdmin: "kubernetes-access-entry-admin", High, needs []
}

impl Rule<Facts> for AccessEntryAdmin {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in facts.aws.policies.iter().filter(|_| entries_count(facts)) {
            let rules: &[PolicyRule] = facts.access.rules(&one.policy);
            if !rules.iter().any(is_admin) {
                continue;
            }
            let (scope, severity, rung) = match &one.within {
                None => ("the cluster".to_owned(), Severity::High, Rung::Unbounded),
                Some(all) => {
                    let wide = all.iter().any(|name| &**name == "*");
                    let severity = if wide { Severity::High } else { Severity::Medium };
                    (
                        format!("namespaces {}", all.join(", ")),
                        severity,
                        Rung::ServiceWide,
                    )
                }
            };
            out.push(
                Finding::new(
                    &Self::META,
                    format!("{} of {}", one.policy, one.principal),
                    one.place,
                    format!("accessScope: {scope}"),
                )
                .title(format!(
                    "{} may do everything in {scope} by {}",
                    one.principal, one.policy
                ))
                .severity(severity)
                .identity("accessentry", &one.principal)
                .rung(rung, Rung::Narrow),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, found};
    use foursee_core::model::Severity;

    const RULE: &str = "kubernetes-access-entry-admin";

    fn given(policy: &str, scope: &str) -> String {
        format!(
            r#"{{"clusterName": "prod", "principalArn": "arn:aws:iam::111122223333:role/dev", "associatedAccessPolicies": [
                {{"policyArn": "arn:aws:eks::aws:cluster-access-policy/{policy}", "accessScope": {scope}}}]}}"#
        )
    }

    const CLUSTER: &str = r#"{"type": "cluster", "namespaces": []}"#;

    #[test]
    fn the_whole_cluster_and_some_namespaces_fire() {
        let all = found(RULE, &given("AmazonEKSClusterAdminPolicy", CLUSTER));
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].severity, Severity::High);
        let some = |names: &str| {
            let scope = format!(r#"{{"type": "namespace", "namespaces": [{names}]}}"#);
            found(RULE, &given("AmazonEKSClusterAdminPolicy", &scope))[0].severity
        };
        assert_eq!(some(r#""shop", "dev-*""#), Severity::Medium);
        assert_eq!(some(r#""*""#), Severity::High);
    }

    #[test]
    fn narrower_policies_are_silent() {
        for policy in [
            "AmazonEKSAdminPolicy",
            "AmazonEKSAdminViewPolicy",
            "AmazonEKSEditPolicy",
        ] {
            assert!(causes(RULE, &given(policy, CLUSTER)).is_empty(), "{policy}");
        }
    }

    #[test]
    fn a_policy_that_is_only_called_so_is_silent() {
        assert!(causes(RULE, &given("AmazonEKSClusterAdminPolicy2", CLUSTER)).is_empty());
        assert!(causes(RULE, &given("amazoneksclusteradminpolicy", CLUSTER)).is_empty());
    }
}
