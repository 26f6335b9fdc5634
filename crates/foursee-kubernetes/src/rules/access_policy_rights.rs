//! The rule `kubernetes-access-policy-rights`.

use super::PERMISSIONS;
use super::common::permission::{Permission, right};
use super::secrets_read_all::SecretsReadAll;
use crate::authorize::eks::{associations, covers_namespace, entries_count, namespace_pattern};
use crate::authorize::held;
use crate::data::eks_policies;
use crate::facts::{Facts, PolicyAssociation, PolicyRule};
use crate::holds::as_asker;
use crate::lower::rung;
use crate::reach::is_admin;
use crate::techniques::ACCESS_ENTRY;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View, Who};
use foursee_core::model::{Pattern, Rung, Severity};
use std::cmp::Reverse;
use std::collections::BTreeMap;

foursee_core::rule! {
    /// EKS gives an AWS principal rights that no binding in the cluster shows.
    ///
    /// ## Why
    /// AmazonEKSEditPolicy and AmazonEKSAdminPolicy impersonate service accounts, run commands in pods, read and write
    /// Secrets and create workloads as any account there; AmazonEKSAdminViewPolicy and AmazonEKSSecretReaderPolicy read
    /// Secrets. RBAC, and who looks at RBAC alone, says nothing of it.
    ///
    /// ## Evidence
    /// The policy as it is associated with the principal's access entry, its scope, and the rules that report the same of
    /// a role. Severity is that of the worst of them where the policy counts: in the whole cluster, in kube-system, or in a
    /// namespace; a pattern counts as every namespace that it may name, kube-system too. What takes two rights counts
    /// where RBAC or another policy gives the principal the other one. What is low there, and what AWS contradicts itself
    /// about, is left out; AmazonEKSClusterAdminPolicy is `kubernetes-access-entry-admin`, and what AWS's own policies
    /// give nodes and controllers is a gap where AWS publishes no table.
    ///
    /// ## Fix
    /// Associate the policy with the namespaces that the principal works in, by name; or AmazonEKSViewPolicy, beside a group
    /// of the entry that a Role with what it uses is bound to.
    pub AccessPolicyRights: "kubernetes-access-policy-rights", Critical, needs []
}

/// Reading every Secret, which is no row of its own among the permissions.
const EVERY_SECRET: Permission = Permission {
    meta: &SecretsReadAll::META,
    cluster: Some(Severity::High),
    namespace: None,
    only: &[],
    says: "reads the Secrets of every namespace",
    any: &[right(&["get", "list", "watch"], "", "secrets")],
    with: &[],
    when: |_| true,
};

/// What is asked about: the whole cluster (""), namespaces by name, and a pattern as a namespace that it may name, beside
/// those that mean something by themselves.
fn scopes(one: &PolicyAssociation) -> Vec<&str> {
    let Some(within) = &one.within else {
        return vec![""];
    };
    let special = PERMISSIONS
        .iter()
        .flat_map(|one| one.only)
        .chain(&["kube-system"]);
    let special: Vec<&str> = special.copied().collect();
    let of = |name: &'_ str| match namespace_pattern(name) {
        Pattern::Exact(_) => Vec::new(),
        pattern => special
            .iter()
            .copied()
            .filter(|one| pattern.matches(one))
            .collect(),
    };
    let named = within.iter().filter(|name| !name.is_empty());
    let mut all: Vec<&str> = named
        .flat_map(|name| of(name).into_iter().chain([&**name]))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Everything that an association gives at medium or worse: by how bad, then by rule.
fn given(
    facts: &Facts,
    one: &PolicyAssociation,
) -> BTreeMap<(Reverse<Severity>, &'static str), &'static str> {
    let rules: Vec<&PolicyRule> = facts.access.rules(&one.policy).iter().collect();
    let open = eks_policies::policy(&one.policy).map_or(&[] as &[_], |known| known.open);
    let mut worst: BTreeMap<&'static str, (Severity, &'static str)> = BTreeMap::new();
    for namespace in scopes(one) {
        let who = Who {
            kind: ACCESS_ENTRY.name,
            name: &one.principal,
        };
        let mut rest = as_asker(facts, who, |who| held(facts, who, namespace));
        let others = associations(facts, &one.principal).filter(|other| other.policy != one.policy);
        rest.extend(
            others
                .filter(|other| covers_namespace(other, namespace))
                .flat_map(|other| facts.access.rules(&other.policy)),
        );
        for permission in PERMISSIONS.iter().chain([&EVERY_SECRET]) {
            let severity = permission.by_policy(facts, namespace, (&rules, open), &rest);
            if let Some(severity) = severity.filter(|one| *one >= Severity::Medium) {
                let kept = worst
                    .entry(permission.meta.id)
                    .or_insert((severity, permission.says));
                kept.0 = kept.0.max(severity);
            }
        }
    }
    worst
        .into_iter()
        .map(|(id, (severity, says))| ((Reverse(severity), id), says))
        .collect()
}

impl Rule<Facts> for AccessPolicyRights {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        const SHOWN: usize = 3;
        let facts = see.facts;
        for one in facts.aws.policies.iter().filter(|_| entries_count(facts)) {
            let rules = facts.access.rules(&one.policy);
            if rules.iter().any(is_admin) {
                continue;
            }
            let given = given(facts, one);
            let Some(((Reverse(severity), _), _)) = given.first_key_value() else {
                continue;
            };
            let scope = match &one.within {
                None => "the cluster".to_owned(),
                Some(all) => format!("namespaces {}", all.join(", ")),
            };
            let first: Vec<&str> = given.values().take(SHOWN).copied().collect();
            let more = match given.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let ids: Vec<&str> = given.keys().map(|(_, id)| *id).collect();
            let namespace = if one.within.is_none() { "" } else { "*" };
            let stands = rules.iter().map(|rule| rung(rule, namespace)).min();
            out.push(
                Finding::new(
                    &Self::META,
                    format!("{} of {}", one.policy, one.principal),
                    one.place,
                    format!("accessScope: {scope}"),
                )
                .title(format!(
                    "{} by {} in {scope}: {}{more}",
                    one.principal,
                    eks_policies::name_of(&one.policy),
                    first.join("; ")
                ))
                .evidence(
                    one.place,
                    format!("what these report of roles: {}", ids.join(", ")),
                )
                .severity(*severity)
                .identity(ACCESS_ENTRY.name, &one.principal)
                .rung(stands.unwrap_or(Rung::Broad), Rung::Narrow),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, found, found_in};
    use foursee_core::finding::Finding;
    use foursee_core::model::Severity;

    const RULE: &str = "kubernetes-access-policy-rights";
    const CLUSTER: &str = r#"{"type": "cluster", "namespaces": []}"#;
    const DEV: &str = "arn:aws:iam::111122223333:role/dev";

    fn given(policy: &str, scope: &str) -> String {
        format!(
            r#"{{"clusterName": "prod", "principalArn": "{DEV}", "associatedAccessPolicies": [
                {{"policyArn": "arn:aws:eks::aws:cluster-access-policy/{policy}", "accessScope": {scope}}}]}}"#
        )
    }

    fn within(names: &str) -> String {
        format!(r#"{{"type": "namespace", "namespaces": [{names}]}}"#)
    }

    fn one(text: &str) -> Finding {
        let mut all = found(RULE, text);
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }

    fn names(finding: &Finding, id: &str) -> bool {
        let said = &finding
            .evidence
            .iter()
            .find(|one| one.says.starts_with("what these"))
            .unwrap()
            .says;
        said.split([' ', ',']).any(|one| one == id)
    }

    #[test]
    fn edit_and_admin_are_one_finding_each_that_names_what_they_give() {
        for policy in ["AmazonEKSEditPolicy", "AmazonEKSAdminPolicy"] {
            let all = one(&given(policy, CLUSTER));
            assert_eq!(all.severity, Severity::Critical);
            for id in [
                "kubernetes-impersonate-serviceaccounts",
                "kubernetes-pods-exec",
                "kubernetes-secrets-read-all",
                "kubernetes-secrets-write",
                "kubernetes-token-secret-mint",
                "kubernetes-workloads-create",
            ] {
                assert!(names(&all, id), "{policy}: {id} in {:?}", all.evidence);
            }
            // No token requests, no nodes, no binding of more than is held.
            for id in [
                "kubernetes-token-request",
                "kubernetes-nodes-proxy",
                "kubernetes-bindings-write",
                "kubernetes-secrets-read-namespace",
            ] {
                assert!(!names(&all, id), "{policy}: {id}");
            }
        }
    }

    #[test]
    fn the_scope_decides_how_bad_it_is() {
        let severity = |names: &str| one(&given("AmazonEKSEditPolicy", &within(names))).severity;
        assert_eq!(severity(r#""shop""#), Severity::High);
        assert_eq!(severity(r#""dev-*""#), Severity::High);
        assert_eq!(severity(r#""shop", "kube-system""#), Severity::Critical);
        for pattern in [r#""*""#, r#""kube-*""#] {
            assert_eq!(severity(pattern), Severity::Critical, "{pattern}");
        }
        let secrets = |scope: &str| one(&given("AmazonEKSSecretReaderPolicy", scope));
        assert_eq!(secrets(&within(r#""shop""#)).severity, Severity::Medium);
        assert!(names(
            &secrets(&within(r#""shop""#)),
            "kubernetes-secrets-read-namespace"
        ));
        assert_eq!(secrets(CLUSTER).severity, Severity::High);
        assert!(names(&secrets(CLUSTER), "kubernetes-secrets-read-all"));
    }

    #[test]
    fn reading_everything_reads_secrets_and_what_aws_contradicts_is_left_out() {
        let all = one(&given("AmazonEKSAdminViewPolicy", CLUSTER));
        assert_eq!(all.severity, Severity::High);
        assert!(names(&all, "kubernetes-secrets-read-all"));
        for id in [
            "kubernetes-pods-exec-by-get",
            "kubernetes-nodes-proxy",
            "kubernetes-pods-exec",
        ] {
            assert!(!names(&all, id), "{id}");
        }
    }

    #[test]
    fn what_reads_no_secrets_and_what_aws_gives_its_own_is_silent() {
        for policy in [
            "AmazonEKSViewPolicy",
            "AmazonEKSHybridPolicy",
            "AmazonEKSAutoNodePolicy",
            "AmazonEKSComputePolicy",
            "AmazonEKSClusterInsightsPolicy",
            "AmazonEKSOfTomorrowPolicy",
            "amazonekseditpolicy",
        ] {
            assert!(causes(RULE, &given(policy, CLUSTER)).is_empty(), "{policy}");
        }
        // Another rule's matter.
        assert!(causes(RULE, &given("AmazonEKSClusterAdminPolicy", CLUSTER)).is_empty());
        for sort in ["EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "EC2"] {
            let entry = format!(
                r#"{{"accessEntry": {{"clusterName": "prod", "principalArn": "{DEV}", "kubernetesGroups": [], "type": "{sort}"}}}}"#
            );
            assert!(causes(RULE, &entry).is_empty(), "{sort}");
        }
    }

    #[test]
    fn a_cluster_that_reads_aws_auth_alone_is_silent() {
        let policy = given("AmazonEKSEditPolicy", CLUSTER);
        for (mode, fires) in [("CONFIG_MAP", 0), ("API_AND_CONFIG_MAP", 1)] {
            let described = format!(
                r#"{{"cluster": {{"name": "prod", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod", "accessConfig": {{"authenticationMode": "{mode}"}}}}}}"#
            );
            let all = found_in(RULE, &[&policy, &described]);
            assert_eq!(all.len(), fires, "{mode}");
        }
    }

    /// Two rights of which RBAC gives the one.
    #[test]
    fn what_takes_two_rights_counts_where_rbac_gives_the_other() {
        let entry = format!(
            r#"{{"accessEntry": {{"clusterName": "prod", "principalArn": "{DEV}", "kubernetesGroups": ["devs"], "type": "STANDARD"}}}}"#
        );
        let role = |verb: &str| {
            format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: r}}\nrules: [{{verbs: [{verb}], apiGroups: [''], resources: [namespaces]}}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: b}}\nroleRef: {{kind: ClusterRole, name: r}}\nsubjects: [{{kind: Group, name: devs}}]\n"
            )
        };
        let policy = given("AmazonEKSEditPolicy", CLUSTER);
        let fires = |verb: &str| {
            let all = found_in(RULE, &[&policy, &entry, &role(verb)]);
            names(&all[0], "kubernetes-namespace-labels-write")
        };
        assert!(fires("patch"));
        assert!(!fires("get"));
    }
}
