//! Manifests that do not say their namespace: `kubectl apply -n NS` does. Where bindings beside them give their accounts
//! one, it is theirs; else they are read as of `default`. A gap says either.

use crate::facts::{Facts, Meta};
use foursee_core::document::Notes;
use foursee_core::model::{Gap, Reason};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What stands for the namespace until the document is read. No object has it: names hold no such character.
pub(super) const UNSAID: &str = "\0";

fn metas(facts: &mut Facts) -> impl Iterator<Item = &mut Meta> {
    let roles = facts.roles.iter_mut().map(|one| &mut one.meta);
    let bindings = facts.bindings.iter_mut().map(|one| &mut one.meta);
    let accounts = facts.accounts.iter_mut().map(|one| &mut one.meta);
    let workloads = facts.workloads.iter_mut().map(|one| &mut one.meta);
    let secrets = facts.secrets.iter_mut().map(|one| &mut one.meta);
    let services = facts.services.iter_mut().map(|one| &mut one.meta);
    let gateways = facts.gateways.iter_mut().map(|one| &mut one.meta);
    let listener_sets = facts.listener_sets.iter_mut().map(|one| &mut one.meta);
    let routes = facts.routes.iter_mut().map(|one| &mut one.meta);
    let grants = facts.reference_grants.iter_mut().map(|one| &mut one.meta);
    let network_policies = facts.network_policies.iter_mut().map(|one| &mut one.meta);
    let node_objects = facts.node_objects.iter_mut().map(|one| &mut one.meta);
    roles
        .chain(bindings)
        .chain(accounts)
        .chain(workloads)
        .chain(secrets)
        .chain(services)
        .chain(gateways)
        .chain(listener_sets)
        .chain(routes)
        .chain(grants)
        .chain(network_policies)
        .chain(node_objects)
        .filter(|one| &*one.namespace == UNSAID)
}

/// Gives the document's objects without a namespace theirs.
pub(super) fn settle(facts: &mut Facts, notes: &mut Notes) {
    let Some(first) = metas(facts).map(|one| one.place).min() else {
        return;
    };
    let own: BTreeSet<&str> = facts
        .accounts
        .iter()
        .filter(|one| &*one.meta.namespace == UNSAID)
        .map(|one| &*one.meta.name)
        .collect();
    let mut given: BTreeSet<Arc<str>> = BTreeSet::new();
    for subject in facts.bindings.iter().flat_map(|one| &one.subjects) {
        if &*subject.kind == "ServiceAccount" && !subject.namespace.is_empty() && own.contains(&*subject.name)
        {
            given.insert((&*subject.namespace).into());
        }
    }
    let (namespace, hides) = match given.first().filter(|_| given.len() == 1) {
        Some(one) => (
            Arc::clone(one),
            format!(
                "where they are applied: they are read as of namespace {one}, which bindings beside them give their accounts"
            ),
        ),
        None => (
            Arc::from("default"),
            "where they are applied: they are read as of namespace default".to_owned(),
        ),
    };
    for meta in metas(facts) {
        meta.namespace = Arc::clone(&namespace);
    }
    notes.gap(
        Gap::new(Reason::Ambiguous, "manifests that do not say their namespace")
            .facet("metadata.namespace")
            .hides(hides)
            .closes("helm template --namespace NS with templates that print it, or an export of the cluster")
            .at(first),
    );
}

#[cfg(test)]
mod tests {
    use crate::tests::read;

    fn bundle(bound: &str) -> String {
        let subjects: Vec<String> = bound
            .split_whitespace()
            .map(|namespace| format!("{{kind: ServiceAccount, name: server, namespace: {namespace}}}"))
            .collect();
        format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: server}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{serviceAccountName: server, containers: [{{name: c}}]}}}}}}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: b}}\nroleRef: {{kind: Role, name: r}}\nsubjects: [{{kind: ServiceAccount, name: server}}]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: b}}\nroleRef: {{kind: ClusterRole, name: r}}\nsubjects: [{}]\n",
            subjects.join(", ")
        )
    }

    #[test]
    fn they_are_where_bindings_put_their_accounts() {
        for (bound, namespace) in [("argocd", "argocd"), ("", "default"), ("a b", "default")] {
            let (facts, notes) = read(&[&bundle(bound)]);
            let all = [
                &facts.accounts[0].meta,
                &facts.workloads[0].meta,
                &facts
                    .bindings
                    .iter()
                    .find(|one| !one.meta.namespace.is_empty())
                    .unwrap()
                    .meta,
            ];
            for meta in all {
                assert_eq!(&*meta.namespace, namespace, "{bound}");
            }
            let gaps: Vec<&str> = notes[0].gaps.iter().map(|gap| &*gap.hides).collect();
            assert_eq!(gaps.len(), 1);
            assert!(gaps[0].contains(&format!("of namespace {namespace}")), "{gaps:?}");
        }
    }

    #[test]
    fn somebody_elses_account_says_nothing() {
        let other = bundle("argocd").replace("name: server, namespace", "name: other, namespace");
        let (facts, _) = read(&[&other]);
        assert_eq!(&*facts.accounts[0].meta.namespace, "default");
    }
}
