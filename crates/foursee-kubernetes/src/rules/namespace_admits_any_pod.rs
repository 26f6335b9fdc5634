//! The rule `kubernetes-namespace-admits-any-pod`.

use crate::admission::{Judge, fields, policy};
use crate::authorize::pod_security::Level;
use crate::facts::Facts;
use crate::workloads::Group;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;
use std::collections::BTreeMap;

foursee_core::rule! {
    /// A namespace enforces no Pod Security level.
    ///
    /// ## Why
    /// Whoever may create pods or workloads there, or breaks into something that may, runs a privileged pod and has a
    /// node, and with it every pod of that node.
    ///
    /// ## Evidence
    /// The namespace, the strictest level that its workloads would pass today, and which of them stand in the way of
    /// the next, with their fields. A server's own defaults and other admission policies (Kyverno, Gatekeeper,
    /// ValidatingAdmissionPolicy) are not looked at. kube-system, kube-public and kube-node-lease are quiet, and so is
    /// `default` where nothing runs.
    ///
    /// ## Fix
    /// Label the namespace `pod-security.kubernetes.io/enforce` with the level that its workloads pass; label `warn` and
    /// `audit` with the next one.
    pub NamespaceAdmitsAnyPod: "kubernetes-namespace-admits-any-pod", Medium, needs ["namespaces"], reads ["pods", "controllers", "jobs"]
}

/// What stands in the way of a level: "shop/web (hostPorts: spec...)", the first few.
fn but_for(judge: &mut Judge<'_>, groups: &[&Group], level: Level) -> Vec<String> {
    groups
        .iter()
        .filter_map(|group| {
            let failing = judge.group(group, level, u32::MAX);
            (!failing.is_empty()).then(|| format!("{} ({})", group.name, fields(&failing)))
        })
        .collect()
}

fn listed(all: &[String]) -> String {
    const SHOWN: usize = 3;
    let first = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    match all.len() {
        len if len > SHOWN => format!("{first}; and {} more", len - SHOWN),
        _ => first,
    }
}

impl Rule<Facts> for NamespaceAdmitsAnyPod {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut judge = Judge::new(facts);
        let mut of: BTreeMap<&str, Vec<&Group>> = BTreeMap::new();
        for group in &facts.groups.all {
            of.entry(&group.namespace).or_default().push(group);
        }
        for namespace in &facts.namespaces {
            let name = &*namespace.meta.name;
            let mode = policy(&namespace.meta).enforce;
            if mode.level != Level::Privileged
                || matches!(name, "kube-system" | "kube-public" | "kube-node-lease")
            {
                continue;
            }
            let groups = of.get(name).map(Vec::as_slice).unwrap_or_default();
            // Every cluster has it, without labels.
            if name == "default" && groups.is_empty() {
                continue;
            }
            let baseline = but_for(&mut judge, groups, Level::Baseline);
            let restricted = but_for(&mut judge, groups, Level::Restricted);
            let (severity, says, rest) = match (groups.len(), baseline.len(), restricted.len()) {
                (0, ..) => (Severity::Low, "nothing runs there".to_owned(), Vec::new()),
                (_, _, 0) => (
                    Severity::Medium,
                    "all of its workloads would pass restricted".to_owned(),
                    Vec::new(),
                ),
                (all, 0, some) => (
                    Severity::Medium,
                    format!("its workloads would pass baseline, and restricted but for {some} of {all}"),
                    restricted,
                ),
                (all, some, _) => (
                    Severity::Medium,
                    format!("its workloads would pass baseline but for {some} of {all}"),
                    baseline,
                ),
            };
            let mut finding = Finding::new(
                &Self::META,
                format!("namespace {name}"),
                namespace.meta.place,
                "pod-security.kubernetes.io/enforce: privileged".to_owned(),
            )
            .title(format!("Namespace {name} lets any pod in; {says}"))
            .severity(severity)
            .resource("namespace", name);
            if !rest.is_empty() {
                finding = finding.evidence(namespace.meta.place, format!("but for {}", listed(&rest)));
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::found;

    const RULE: &str = "kubernetes-namespace-admits-any-pod";

    fn world(name: &str, labels: &str, pod: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: {name}}}\nspec: {{template: {{spec: {{{pod}containers: [{{name: c, image: i}}]}}}}}}\n"
        )
    }

    #[test]
    fn a_namespace_without_a_level_fires_and_says_what_it_could_enforce() {
        let plain = found(RULE, &world("shop", "", ""));
        assert_eq!(
            plain[0].title,
            "Namespace shop lets any pod in; its workloads would pass baseline, and restricted but for 1 of 1"
        );
        let host = found(
            RULE,
            &world(
                "shop",
                "pod-security.kubernetes.io/enforce: privileged",
                "hostPID: true, ",
            ),
        );
        assert!(
            host[0].title.ends_with("would pass baseline but for 1 of 1"),
            "{}",
            host[0].title
        );
        let evidence = format!("{:?}", host[0].evidence);
        assert!(
            evidence.contains("shop/web (hostNamespaces: spec.hostPID)"),
            "{evidence}"
        );
    }

    #[test]
    fn an_enforced_level_is_silent_and_so_is_kube_system() {
        for level in ["baseline", "restricted"] {
            let label = format!("pod-security.kubernetes.io/enforce: {level}");
            assert!(found(RULE, &world("shop", &label, "")).is_empty());
        }
        assert!(found(RULE, &world("kube-system", "", "")).is_empty());
        let empty = "apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n";
        assert!(found(RULE, empty).is_empty());
        assert_eq!(found(RULE, &empty.replace("default", "shop")).len(), 1);
        assert_eq!(found(RULE, &world("default", "", "")).len(), 1);
    }

    #[test]
    fn a_level_that_cannot_be_read_is_restricted() {
        let twin = "pod-security.kubernetes.io/enforce: Privileged";
        assert!(found(RULE, &world("shop", twin, "")).is_empty());
        let warn = "pod-security.kubernetes.io/warn: restricted";
        assert_eq!(
            found(RULE, &world("shop", warn, "")).len(),
            1,
            "warning refuses nothing"
        );
    }
}
