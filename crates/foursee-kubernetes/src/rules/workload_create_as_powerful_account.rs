//! The rule `kubernetes-workload-create-as-powerful-account`.

use super::common::{Cause, causes};
use crate::authorize::{Attributes, rule_allows};
use crate::facts::{Facts, PolicyRule, RoleKind};
use crate::lower::subject_node;
use crate::reach::{Gives, asks, is_admin};
use crate::techniques::CREATE_WORKLOAD;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use std::collections::BTreeMap;

foursee_core::rule! {
    /// Somebody may create workloads in a namespace that has a powerful service account.
    ///
    /// ## Why
    /// Whoever creates a pod chooses its service account: the right to create pods, Deployments or Jobs in a namespace
    /// is the right to act as every account there, without any right over these accounts.
    ///
    /// ## Evidence
    /// The rule entry that creates workloads, the bindings through which it counts, and the account whose power is
    /// cluster-wide: it reads every Secret, creates workloads everywhere, or may change or become others.
    ///
    /// ## Fix
    /// Move the powerful workload into a namespace where nobody else creates workloads, or narrow its account.
    pub WorkloadCreateAsPowerfulAccount: "kubernetes-workload-create-as-powerful-account", High, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings", "serviceaccounts", "pods", "controllers", "jobs"]
}

/// What a rule that is bound to the whole cluster makes an account, if it makes it powerful.
fn power(rule: &PolicyRule) -> Option<&'static str> {
    let allows = |verb: &str, group: &str, resource: &str, subresource: &str| {
        rule_allows(
            rule,
            &Attributes::Resource {
                verb,
                group,
                resource,
                subresource,
                name: "",
                namespace: "",
            },
        )
    };
    let rbac = crate::authorize::RBAC_GROUP;
    if is_admin(rule) {
        return Some("is cluster admin");
    }
    if ["get", "list", "watch"]
        .iter()
        .any(|verb| allows(verb, "", "secrets", ""))
    {
        return Some("reads every Secret");
    }
    if asks()
        .iter()
        .any(|ask| ask.technique.id == CREATE_WORKLOAD.id && ask.of(rule) == Some(Gives::All))
    {
        return Some("creates workloads in every namespace");
    }
    if allows("create", "", "pods", "exec") {
        return Some("executes commands in every pod");
    }
    if ["users", "groups", "serviceaccounts"]
        .iter()
        .any(|one| allows("impersonate", "", one, ""))
    {
        return Some("impersonates others");
    }
    if allows("create", "", "serviceaccounts", "token") {
        return Some("requests tokens of every account");
    }
    if allows("escalate", rbac, "clusterroles", "") || allows("bind", rbac, "clusterroles", "") {
        return Some("binds or escalates ClusterRoles");
    }
    None
}

/// The powerful accounts of every namespace: name, and what makes it so.
fn powerful(facts: &Facts) -> BTreeMap<String, Vec<(String, &'static str)>> {
    let mut all: BTreeMap<String, Vec<(String, &'static str)>> = BTreeMap::new();
    for (at, binding) in facts.bindings.iter().enumerate() {
        if !binding.meta.namespace.is_empty() {
            continue;
        }
        let why = facts
            .index
            .role_of(at)
            .and_then(|role| facts.rules_of(role).find_map(|(rule, _)| power(rule)));
        let Some(why) = why else { continue };
        for subject in &binding.subjects {
            if let Some((kind, name)) = subject_node(subject, "")
                && kind.name == "serviceaccount"
                && let Some((namespace, _)) = name.split_once('/')
            {
                all.entry(namespace.to_owned())
                    .or_default()
                    .push((name.clone(), why));
            }
        }
    }
    for accounts in all.values_mut() {
        accounts.sort();
        accounts.dedup_by(|a, b| a.0 == b.0);
    }
    all
}

impl Rule<Facts> for WorkloadCreateAsPowerfulAccount {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let powerful = powerful(see.facts);
        if powerful.is_empty() {
            return;
        }
        let table = asks();
        let creates = |rule: &PolicyRule| {
            table
                .iter()
                .any(|ask| ask.technique.id == CREATE_WORKLOAD.id && ask.of(rule) == Some(Gives::All))
        };
        // Creating them everywhere is a power of its own; here it is about one namespace.
        let found = causes(see.facts, |rule, binding| {
            powerful.contains_key(&*binding.meta.namespace) && creates(rule)
        });
        let mut said = std::collections::BTreeSet::new();
        for cause in found {
            // One cause a role and namespace: several of its rules may each create some kind of workload.
            let mut by_namespace: BTreeMap<&str, Vec<_>> = BTreeMap::new();
            for binding in &cause.bindings {
                by_namespace
                    .entry(&binding.meta.namespace)
                    .or_default()
                    .push(*binding);
            }
            for (namespace, bindings) in by_namespace {
                let key = (
                    cause.role.kind == RoleKind::Role,
                    cause.role.meta.full_name(),
                    namespace.to_owned(),
                );
                let Some(accounts) = powerful.get(namespace).filter(|_| said.insert(key)) else {
                    continue;
                };
                // An account gains nothing from itself.
                let gains = bindings
                    .iter()
                    .flat_map(|binding| &binding.subjects)
                    .any(|subject| {
                        subject_node(subject, namespace)
                            .is_none_or(|(_, name)| accounts.iter().any(|one| one.0 != name))
                    });
                let Some((account, why)) = accounts.first().filter(|_| gains) else {
                    continue;
                };
                let narrowed = Cause { bindings, ..cause };
                for mut finding in narrowed.findings(
                    &Self::META,
                    &format!("creates workloads in namespace {namespace}, whose account {account} {why}"),
                ) {
                    finding.cause = format!("{} in namespace {namespace}", finding.cause);
                    out.push(finding.resource("serviceaccount", account));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-workload-create-as-powerful-account";

    /// A namespace with an operator's account, bound to the whole cluster.
    fn operator(namespace: &str, rule: &str) -> String {
        format!(
            "---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: operator}}
rules: [{rule}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: operator}}
roleRef: {{kind: ClusterRole, name: operator}}
subjects: [{{kind: ServiceAccount, name: operator, namespace: {namespace}}}]
"
        )
    }

    const CREATE: &str = "{verbs: [create], apiGroups: [apps], resources: [deployments]}";
    const READS: &str = "{verbs: [list], apiGroups: [''], resources: [secrets]}";

    #[test]
    fn a_deployment_as_the_operator_fires() {
        let all = role_and_binding(CREATE, "shop") + &operator("shop", READS);
        assert_eq!(
            causes(RULE, &all),
            ["ClusterRole r: verbs: [create], resources: [deployments], apiGroups: [apps] in namespace shop"]
        );
    }

    #[test]
    fn an_operator_in_another_namespace_is_silent() {
        assert!(
            causes(
                RULE,
                &(role_and_binding(CREATE, "shop") + &operator("ops", READS))
            )
            .is_empty()
        );
    }

    #[test]
    fn an_operator_that_only_reads_pods_and_a_creator_of_configmaps_are_silent() {
        let pods = "{verbs: [list], apiGroups: [''], resources: [pods]}";
        assert!(
            causes(
                RULE,
                &(role_and_binding(CREATE, "shop") + &operator("shop", pods))
            )
            .is_empty()
        );
        let maps = "{verbs: [create], apiGroups: [''], resources: [configmaps]}";
        assert!(causes(RULE, &(role_and_binding(maps, "shop") + &operator("shop", READS))).is_empty());
    }
}
