//! The rule `kubernetes-pods-refused-by-namespace`.

use super::common::levels::failing;
use crate::admission::policy;
use crate::authorize::pod_security::Level;
use crate::facts::Facts;
use crate::workloads::Group;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use std::collections::BTreeMap;

foursee_core::rule! {
    /// A workload's pods fail the level that their namespace enforces.
    ///
    /// ## Why
    /// Pods that ran before the label was set stay, with what the level refuses; the next one is not made, so the
    /// workload ends with its next restart. Controllers are never refused themselves: only their events say it.
    ///
    /// ## Evidence
    /// The enforced level and version, and the checks and fields. Exemptions stand in a file of the server: none are
    /// assumed.
    ///
    /// ## Fix
    /// Change the fields, or move the workload to a namespace for its needs.
    pub PodsRefusedByNamespace: "kubernetes-pods-refused-by-namespace", Low, needs ["namespaces"], reads ["pods", "controllers", "jobs"]
}

impl Rule<Facts> for PodsRefusedByNamespace {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let enforced: BTreeMap<&str, _> = facts
            .namespaces
            .iter()
            .map(|one| (&*one.meta.name, (policy(&one.meta).enforce, one.meta.place)))
            .filter(|(_, (mode, _))| mode.level != Level::Privileged)
            .collect();
        let of = |group: &Group| enforced.get(&*group.namespace);
        for one in failing(facts, |group| of(group).map(|(mode, _)| (mode.level, mode.minor))) {
            let Some((mode, place)) = of(one.group) else {
                continue;
            };
            let text = mode.text();
            out.push(
                one.finding(&Self::META, &format!("{text}, which its namespace enforces"))
                    .evidence(*place, format!("pod-security.kubernetes.io/enforce: {text}")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{causes, found};

    const RULE: &str = "kubernetes-pods-refused-by-namespace";

    fn world(labels: &str, pod: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n---\napiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: job, namespace: shop}}\nspec: {{jobTemplate: {{spec: {{template: {{spec: {{{pod}containers: [{{name: c, image: i}}]}}}}}}}}}}\n"
        )
    }

    #[test]
    fn a_template_that_fails_fires() {
        let all = found(
            RULE,
            &world("pod-security.kubernetes.io/enforce: baseline", "hostIPC: true, "),
        );
        assert_eq!(all.len(), 1);
        assert_eq!(
            all[0].title,
            "cronjob shop/job fails baseline latest, which its namespace enforces"
        );
    }

    #[test]
    fn what_passes_is_silent() {
        assert!(causes(RULE, &world("pod-security.kubernetes.io/enforce: baseline", "")).is_empty());
        assert!(causes(RULE, &world("", "hostIPC: true, ")).is_empty());
    }

    #[test]
    fn an_older_version_refuses_less() {
        let probe = "initContainers: [{name: p, image: i, livenessProbe: {httpGet: {host: h, port: 1}}}], ";
        let pinned =
            "pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.33";
        assert!(causes(RULE, &world(pinned, probe)).is_empty());
        assert_eq!(
            causes(
                RULE,
                &world("pod-security.kubernetes.io/enforce: baseline", probe)
            )
            .len(),
            1
        );
    }
}
