//! The rule `kubernetes-privileged-workload`.

use crate::escape::{Leads, powers};
use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};
use std::collections::BTreeSet;

foursee_core::rule! {
    /// A workload's pods have the powers of their node.
    ///
    /// ## Why
    /// A privileged container, a capability such as SYS_ADMIN, or a path of the node such as `/` or the engine's
    /// socket is a way out of the container: whoever runs code in the pod has the node, and with it every pod there
    /// and the kubelet's credential.
    ///
    /// ## Evidence
    /// The setting, in the controller's template where it was read, else in the pod, and what it leads to. A setting
    /// counts in a container that starts as root, by its image's default too, without a user namespace; where one starts
    /// as somebody else, a program of its image would have to make it root, and `allowPrivilegeEscalation: false` rules
    /// that out. A path counts where that container mounts it, below the mount's `subPath`.
    ///
    /// ## Fix
    /// Drop the setting, or mount the one path that is needed read-only; give the pods a user namespace with
    /// `hostUsers: false` where that is enough; keep node agents in namespaces of their own.
    pub PrivilegedWorkload: "kubernetes-privileged-workload", High, needs [], reads ["pods", "controllers", "jobs"]
}

impl Rule<Facts> for PrivilegedWorkload {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for group in &see.facts.groups.all {
            let Some(root) = group.root_row(see.facts) else {
                continue;
            };
            let mut seen = BTreeSet::new();
            let kind = root.kind.to_lowercase();
            for power in powers(root).into_iter().filter(|power| power.escapes()) {
                let of = if power.container.is_empty() {
                    String::new()
                } else {
                    format!(" container {}", power.container)
                };
                let cause = format!("pod {}{of}: {}", group.name, power.setting);
                if !seen.insert(cause.clone()) {
                    continue;
                }
                // The node agents that come with the cluster are there by intent.
                let severity = match power.condition {
                    None if *group.namespace != *"kube-system" => Severity::High,
                    _ => Severity::Medium,
                };
                let says = match power.leads {
                    Leads::Kubelet => "reads its node's credential",
                    Leads::Tokens => "reads what is mounted into its node's pods",
                    _ => "has its node's powers",
                };
                let only = power
                    .condition
                    .map(|one| format!(", where {one}"))
                    .unwrap_or_default();
                out.push(
                    Finding::new(&Self::META, cause, power.place, power.setting.clone())
                        .title(format!(
                            "{kind} {}{of} {says}: {}{only}",
                            group.name, power.setting
                        ))
                        .severity(severity)
                        .identity("pod", &group.name)
                        .rung(Rung::Unbounded, Rung::Narrow),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, found};

    const RULE: &str = "kubernetes-privileged-workload";

    fn deployment(pod: &str, container: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  template:\n    spec: {{{pod}containers: [{{name: c, image: i{container}}}]}}\n"
        )
    }

    #[test]
    fn settings_that_lead_to_the_node_fire() {
        for (pod, container, setting) in [
            ("", ", securityContext: {privileged: true}", "privileged: true"),
            (
                "",
                ", securityContext: {capabilities: {add: [sys_module]}}",
                "capability SYS_MODULE",
            ),
            (
                "volumes: [{name: v, hostPath: {path: /var/run/docker.sock}}], ",
                ", volumeMounts: [{name: v, mountPath: /s, readOnly: true}]",
                "hostPath /var/run/docker.sock",
            ),
        ] {
            assert_eq!(
                causes(RULE, &deployment(pod, container)),
                [format!("pod shop/web container c: {setting}")]
            );
        }
    }

    #[test]
    fn an_ordinary_pod_is_silent() {
        assert!(
            causes(
                RULE,
                &deployment("", ", securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}")
            )
            .is_empty()
        );
    }

    #[test]
    fn it_says_what_the_setting_leads_to_and_where_only() {
        use foursee_core::model::Severity;
        for (pod, container, severity, title) in [
            (
                "volumes: [{name: v, hostPath: {path: /var/lib/kubelet/pods/}}], ",
                ", volumeMounts: [{name: v, mountPath: /p, readOnly: true}]",
                Severity::High,
                "deployment shop/web container c reads what is mounted into its node's pods: hostPath /var/lib/kubelet/pods",
            ),
            (
                "volumes: [{name: v, hostPath: {path: /var/lib/kubelet}}], ",
                ", volumeMounts: [{name: v, mountPath: /p, readOnly: true, subPath: pki}]",
                Severity::High,
                "deployment shop/web container c reads its node's credential: hostPath /var/lib/kubelet/pki",
            ),
            (
                "",
                ", securityContext: {privileged: true, runAsUser: 1000}",
                Severity::Medium,
                "deployment shop/web container c has its node's powers: privileged: true, where a program of its image makes its user root",
            ),
            (
                "securityContext: {windowsOptions: {hostProcess: true}}, ",
                "",
                Severity::High,
                "deployment shop/web container c has its node's powers: hostProcess: true",
            ),
        ] {
            let all = found(RULE, &deployment(pod, container));
            assert_eq!((all[0].severity, all[0].title.as_str()), (severity, title));
        }
    }

    #[test]
    fn a_user_namespace_an_unmounted_path_and_a_read_only_log_are_silent() {
        for (pod, container) in [
            ("hostUsers: false, ", ", securityContext: {privileged: true}"),
            ("volumes: [{name: v, hostPath: {path: /}}], ", ""),
            (
                "volumes: [{name: v, hostPath: {path: /}}], ",
                ", volumeMounts: [{name: v, mountPath: /h}], securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false}",
            ),
            ("hostPID: true, ", ""),
            (
                "volumes: [{name: v, hostPath: {path: /var/log}}], ",
                ", volumeMounts: [{name: v, mountPath: /l, readOnly: true}]",
            ),
        ] {
            assert!(causes(RULE, &deployment(pod, container)).is_empty(), "{pod}");
        }
    }
}
