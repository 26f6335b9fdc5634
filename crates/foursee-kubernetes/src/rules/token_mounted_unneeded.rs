//! The rule `kubernetes-token-mounted-unneeded`.

use crate::authorize::groups_of_account;
use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use std::collections::BTreeMap;

foursee_core::rule! {
    /// Workloads mount the token of a service account that is granted nothing.
    ///
    /// ## Why
    /// What runs there never needs the API server, but whoever breaks in holds a login to it: for everything that all
    /// accounts have, and for whatever somebody binds to the account later.
    ///
    /// ## Evidence
    /// The workloads, by the pod's own setting, else the account's; and that no binding names the account. What is
    /// granted to groups of accounts is not counted. It is reported where bindings of both kinds were listed.
    ///
    /// ## Fix
    /// Set `automountServiceAccountToken: false` on the account.
    pub TokenMountedUnneeded: "kubernetes-token-mounted-unneeded", Low, needs ["rolebindings", "clusterrolebindings"], reads ["pods", "controllers", "jobs", "serviceaccounts"]
}

impl Rule<Facts> for TokenMountedUnneeded {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        if !(facts.listed("RoleBinding") && facts.listed("ClusterRoleBinding")) {
            return;
        }
        let mut mounting: BTreeMap<String, Vec<(&str, foursee_core::document::Place)>> = BTreeMap::new();
        for group in &facts.groups.all {
            if let Some(one) = group.rows(facts).find(|one| facts.token_mounted(one)) {
                mounting
                    .entry(group.account(facts))
                    .or_default()
                    .push((&group.name, one.pod.place));
            }
        }
        for (account, workloads) in mounting {
            let (namespace, name) = account.split_once('/').unwrap_or(("", &account));
            let user = format!("system:serviceaccount:{namespace}:{name}");
            let own = groups_of_account(namespace);
            // Its namespace's group counts as its own; everybody's groups do not.
            let groups: Vec<&str> = own
                .iter()
                .map(String::as_str)
                .filter(|one| one.ends_with(&format!(":{namespace}")))
                .collect();
            let granted = facts.index.user_is_bound(&user)
                || groups.iter().any(|group| facts.index.group_is_bound(group));
            let Some((first, place)) = workloads.first().copied() else {
                continue;
            };
            if granted {
                continue;
            }
            let mut finding = Finding::new(
                &Self::META,
                format!("serviceaccount {account}"),
                place,
                format!("serviceAccountName: {name}"),
            )
            .title(match workloads.len() {
                1 => format!("pod {first} mounts a token of {account}, which is granted nothing"),
                many => format!("{many} workloads mount a token of {account}, which is granted nothing"),
            })
            .identity("serviceaccount", &account);
            for (workload, _) in &workloads {
                finding = finding.identity("pod", workload);
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::causes;

    const RULE: &str = "kubernetes-token-mounted-unneeded";

    fn world(automount: &str, account: &str) -> String {
        let meta = |name: &str, namespace: &str| format!("{{name: {name}{namespace}, uid: '1'}}");
        format!(
            "apiVersion: apps/v1
kind: Deployment
metadata: {}
spec: {{template: {{spec: {{serviceAccountName: web{automount}, containers: [{{name: c, image: i}}]}}}}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {}
roleRef: {{kind: ClusterRole, name: view}}
subjects: [{{kind: ServiceAccount, name: {account}, namespace: shop}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {}
roleRef: {{kind: ClusterRole, name: view}}
subjects: [{{kind: User, name: alice}}]
",
            meta("web", ", namespace: shop"),
            meta("b", ", namespace: billing"),
            meta("c", "")
        )
    }

    #[test]
    fn an_account_without_grants_fires() {
        assert_eq!(causes(RULE, &world("", "other")), ["serviceaccount shop/web"]);
    }

    #[test]
    fn a_grant_in_any_namespace_and_no_token_are_silent() {
        assert!(causes(RULE, &world("", "web")).is_empty());
        assert!(causes(RULE, &world(", automountServiceAccountToken: false", "other")).is_empty());
    }

    #[test]
    fn a_pod_that_says_yes_itself_fires() {
        assert_eq!(
            causes(RULE, &world(", automountServiceAccountToken: true", "other")),
            ["serviceaccount shop/web"]
        );
    }
}
