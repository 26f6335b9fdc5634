//! The rule `kubernetes-account-rights-unmounted`.

use super::common::binding_name;
use crate::facts::Facts;
use foursee_core::document::Place;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use std::collections::BTreeMap;

foursee_core::rule! {
    /// A service account is granted something, and none of its workloads has its token.
    ///
    /// ## Why
    /// What runs as it cannot ask the API server anything, so that none of them needs its rights; whoever may create a
    /// workload, or request a token, in its namespace has them.
    ///
    /// ## Evidence
    /// The account's workloads, by the pods' own setting, else the account's, and projected tokens; and the first binding
    /// that names the account. It is reported where the server listed pods. An account that nothing runs as is
    /// `kubernetes-account-unused`; those of kube-system are quiet.
    ///
    /// ## Fix
    /// Remove the bindings, or say who uses the account from outside.
    pub AccountRightsUnmounted: "kubernetes-account-rights-unmounted", Low, needs ["pods", "rolebindings", "clusterrolebindings"], reads ["serviceaccounts", "controllers", "jobs"]
}

impl Rule<Facts> for AccountRightsUnmounted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        if !facts.listed("Pod") {
            return;
        }
        // Accounts with their first workload and how many; none once one of them has the token.
        let mut used: BTreeMap<String, Option<(&str, Place, usize)>> = BTreeMap::new();
        for group in &facts.groups.all {
            let Some(root) = group.root_row(facts) else {
                continue;
            };
            let mounted = group.rows(facts).any(|one| facts.token_mounted(one));
            let slot = used
                .entry(group.account(facts))
                .or_insert(Some((&group.name, root.pod.place, 0)));
            match slot {
                Some(_) if mounted => *slot = None,
                Some((.., count)) => *count += 1,
                None => {}
            }
        }
        let mut bound: BTreeMap<String, &crate::facts::Binding> = BTreeMap::new();
        for binding in facts.bindings.iter().filter(|one| !one.shipped) {
            for subject in binding
                .subjects
                .iter()
                .filter(|one| &*one.kind == "ServiceAccount")
            {
                if let Some(namespace) = subject.account_namespace(&binding.meta.namespace) {
                    bound
                        .entry(format!("{namespace}/{}", subject.name))
                        .or_insert(binding);
                }
            }
        }
        for (account, found) in used {
            let (Some((first, place, count)), Some(binding)) = (found, bound.get(&account)) else {
                continue;
            };
            if account.starts_with("kube-system/") {
                continue;
            }
            let of = match count {
                1 => format!("{first}, which runs as it, has no token of it"),
                many => format!("none of the {many} workloads that run as it has a token of it"),
            };
            out.push(
                Finding::new(
                    &Self::META,
                    format!("serviceaccount {account}"),
                    place,
                    format!(
                        "serviceAccountName: {}",
                        account.split_once('/').map_or("", |one| one.1)
                    ),
                )
                .title(format!(
                    "Service account {account} has {} {}, and {of}",
                    binding.role_kind, binding.role_name
                ))
                .evidence(binding.meta.place, binding_name(binding))
                .identity("serviceaccount", &account),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-account-rights-unmounted";
    const READ: &str = "{verbs: [list], apiGroups: [''], resources: [pods]}";

    /// Pods of account web: live ones, with the volume of the token or without.
    fn world(namespace: &str, pods: &[bool]) -> String {
        let mut all =
            role_and_binding(READ, "").replace("namespace: shop", &format!("namespace: {namespace}"));
        for (number, token) in pods.iter().enumerate() {
            let volume = if *token {
                "volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t}}]}}], "
            } else {
                ""
            };
            let mount = if *token {
                ", volumeMounts: [{name: t, mountPath: /t}]"
            } else {
                ""
            };
            all += &format!(
                "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}, namespace: {namespace}, uid: u{number}}}\nspec: {{serviceAccountName: web, {volume}containers: [{{name: c{mount}}}]}}\n"
            );
        }
        all
    }

    #[test]
    fn rights_that_no_pod_can_use_fire() {
        assert_eq!(
            causes(RULE, &world("shop", &[false, false])),
            ["serviceaccount shop/web"]
        );
    }

    #[test]
    fn one_pod_with_the_token_is_enough_and_kube_system_is_quiet() {
        assert!(causes(RULE, &world("shop", &[false, true])).is_empty());
        assert!(causes(RULE, &world("shop", &[true, false])).is_empty());
        assert!(causes(RULE, &world("kube-system", &[false])).is_empty());
    }

    #[test]
    fn an_account_that_nothing_runs_as_or_that_is_granted_nothing_is_another_rules() {
        assert!(causes(RULE, &world("shop", &[])).is_empty());
        let other =
            world("shop", &[false]).replace("name: web, namespace: shop}]", "name: api, namespace: shop}]");
        assert!(causes(RULE, &other).is_empty());
    }
}
