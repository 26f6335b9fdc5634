//! The rule `kubernetes-workload-fails-baseline`.

use super::common::levels::failing;
use crate::authorize::pod_security::Level;
use crate::escape::powers;
use crate::facts::Facts;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// A workload's pods fail Pod Security's baseline.
    ///
    /// ## Why
    /// Baseline refuses only what is known to weaken the container: the node's network, ports and processes, paths of
    /// the node, added capabilities such as NET_ADMIN, no seccomp or AppArmor profile, unsafe sysctls. Almost no
    /// application needs any of it.
    ///
    /// ## Evidence
    /// The checks and fields, as of the server's version, in the controller's template and in its pods. Workloads that
    /// lead to their node are `kubernetes-privileged-workload`.
    ///
    /// ## Fix
    /// Drop the fields, or keep the workload in a namespace of its own whose labels say so.
    pub WorkloadFailsBaseline: "kubernetes-workload-fails-baseline", Medium, needs [], reads ["pods", "controllers", "jobs"]
}

impl Rule<Facts> for WorkloadFailsBaseline {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for one in failing(see.facts, |_| Some((Level::Baseline, u32::MAX))) {
            if powers(one.root).iter().any(|power| power.escapes()) {
                continue;
            }
            // The node agents that come with the cluster are there by intent.
            let severity = if *one.group.namespace == *"kube-system" {
                Severity::Low
            } else {
                Severity::Medium
            };
            let checks: Vec<&str> = one.failing.iter().map(|one| one.check).collect();
            out.push(
                one.finding(&Self::META, &format!("baseline: {}", checks.join(", ")))
                    .severity(severity),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::found;

    const RULE: &str = "kubernetes-workload-fails-baseline";

    fn deployment(pod: &str, context: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{template: {{spec: {{{pod}containers: [{{name: c, image: i{context}}}]}}}}}}\n"
        )
    }

    #[test]
    fn what_baseline_refuses_fires_with_its_fields() {
        for (pod, context, title) in [
            ("hostNetwork: true, ", "", "fails baseline: hostNamespaces"),
            (
                "",
                ", securityContext: {capabilities: {add: [NET_ADMIN]}}",
                "fails baseline: capabilities_baseline",
            ),
            (
                "volumes: [{name: v, hostPath: {path: /data}}], ",
                "",
                "fails baseline: hostPathVolumes",
            ),
        ] {
            let all = found(RULE, &deployment(pod, context));
            assert_eq!(all.len(), 1, "{title}");
            assert!(all[0].title.ends_with(title), "{}", all[0].title);
        }
    }

    #[test]
    fn an_ordinary_pod_is_silent() {
        assert!(found(RULE, &deployment("", "")).is_empty());
    }

    #[test]
    fn what_leads_to_the_node_is_another_rules_matter() {
        assert!(found(RULE, &deployment("", ", securityContext: {privileged: true}")).is_empty());
    }
}
