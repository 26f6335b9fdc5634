//! The rule `kubernetes-account-unused`.

use super::common::binding_name;
use crate::facts::{Binding, Facts};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use hashbrown::HashMap;
use std::collections::BTreeSet;

foursee_core::rule! {
    /// A service account that is granted something, and that no workload runs as.
    ///
    /// ## Why
    /// Nobody would miss its rights, but whoever may create a pod, or request a token, in its namespace has them. It is
    /// left over from what was uninstalled, or is used from outside by a token that somebody keeps.
    ///
    /// ## Evidence
    /// The account, and the first binding that names it. It is reported where the server listed accounts, pods and
    /// bindings. Accounts of kube-system are quiet: the control plane asks for their tokens by itself.
    ///
    /// ## Fix
    /// Remove the bindings, then the account; or say who uses it from outside.
    pub AccountUnused: "kubernetes-account-unused", Low, needs ["serviceaccounts", "pods", "rolebindings", "clusterrolebindings"], reads ["controllers", "jobs"]
}

impl Rule<Facts> for AccountUnused {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let kinds = ["ServiceAccount", "Pod", "RoleBinding", "ClusterRoleBinding"];
        if !kinds.iter().all(|kind| facts.listed(kind)) {
            return;
        }
        let used: BTreeSet<(&str, &str)> = facts
            .workloads
            .iter()
            .map(|one| (&*one.meta.namespace, &*one.pod.account))
            .collect();
        // The first binding that names an account.
        let mut granting: HashMap<(&str, &str), &Binding> = HashMap::new();
        for binding in facts.bindings.iter().filter(|one| !one.shipped) {
            let accounts = binding
                .subjects
                .iter()
                .filter(|one| &*one.kind == "ServiceAccount");
            for one in accounts {
                if let Some(namespace) = one.account_namespace(&binding.meta.namespace) {
                    granting.entry((namespace, &one.name)).or_insert(binding);
                }
            }
        }
        for account in &facts.accounts {
            let (namespace, name) = (&*account.meta.namespace, &*account.meta.name);
            if !account.meta.live || namespace == "kube-system" || used.contains(&(namespace, name)) {
                continue;
            }
            let Some(binding) = granting.get(&(namespace, name)) else {
                continue;
            };
            let full = account.meta.full_name();
            out.push(
                Finding::new(
                    &Self::META,
                    format!("serviceaccount {full}"),
                    account.meta.place,
                    format!("metadata.name: {name}"),
                )
                .title(format!(
                    "Service account {full} has {} {}, and no workload runs as it",
                    binding.role_kind, binding.role_name
                ))
                .evidence(binding.meta.place, binding_name(binding))
                .identity("serviceaccount", &full),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::causes;

    const RULE: &str = "kubernetes-account-unused";

    fn world(account: &str, uid: &str, namespace: &str) -> String {
        let binding = |kind: &str, own: &str| {
            format!(
                "- {{apiVersion: rbac.authorization.k8s.io/v1, kind: {kind}, metadata: {{name: b{own}{uid}}}, roleRef: {{kind: ClusterRole, name: r}}, subjects: [{{kind: ServiceAccount, name: web, namespace: {namespace}}}]}}\n"
            )
        };
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: ServiceAccount, metadata: {{name: web, namespace: {namespace}{uid}}}}}\n- {{apiVersion: v1, kind: Pod, metadata: {{name: p, namespace: {namespace}{uid}}}, spec: {{serviceAccountName: {account}, containers: []}}}}\n{}{}",
            binding("RoleBinding", &format!(", namespace: {namespace}")),
            binding("ClusterRoleBinding", "")
        )
    }

    #[test]
    fn a_granted_account_that_nothing_runs_as_fires() {
        assert_eq!(
            causes(RULE, &world("api", ", uid: u", "shop")),
            ["serviceaccount shop/web"]
        );
    }

    #[test]
    fn a_used_one_is_silent_and_so_is_the_control_planes() {
        assert!(causes(RULE, &world("web", ", uid: u", "shop")).is_empty());
        assert!(causes(RULE, &world("api", ", uid: u", "kube-system")).is_empty());
    }

    #[test]
    fn manifests_alone_say_nothing_about_it() {
        assert!(causes(RULE, &world("api", "", "shop")).is_empty());
    }
}
