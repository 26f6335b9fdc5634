//! The rule `kubernetes-nodes-granted`.

use super::common::{binding_name, platform, with_subjects};
use crate::facts::{Binding, Facts, Subject};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A role is bound to nodes: every kubelet's identity, or one node's.
    ///
    /// ## Why
    /// Whoever breaks out of a container has its node's identity. The Node authorizer gives a kubelet what it needs
    /// about its own pods; a binding adds to that, for every node and without regard to its pods.
    ///
    /// ## Evidence
    /// The binding's subject. What kubeadm and EKS bind for joining nodes is quiet.
    ///
    /// ## Fix
    /// Give the agent on the node a service account of its own, and bind that.
    pub NodesGranted: "kubernetes-nodes-granted", High, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

fn node(subject: &Subject) -> bool {
    match &*subject.kind {
        "Group" => &*subject.name == "system:nodes",
        "User" => subject.name.starts_with("system:node:"),
        _ => false,
    }
}

/// What installers bind so that nodes can join.
fn joining(binding: &Binding) -> bool {
    ["kubeadm:", "eks:node-bootstrapper", "eks:kube-proxy"]
        .iter()
        .any(|start| binding.meta.name.starts_with(start))
}

impl Rule<Facts> for NodesGranted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for (at, binding) in see.facts.bindings.iter().enumerate() {
            let Some(subject) = binding.subjects.iter().find(|one| node(one)) else {
                continue;
            };
            let role = see.facts.index.role_of(at);
            let own = role.and_then(|role| see.facts.roles.get(role));
            if joining(binding)
                || own.is_some_and(|own| platform(own, binding))
                || role.is_some_and(|role| see.facts.rules_of(role).next().is_none())
            {
                continue;
            }
            let finding = Finding::new(
                &Self::META,
                format!("{} for {}", binding_name(binding), subject.name),
                subject.place,
                format!("subjects: {} {}", subject.kind, subject.name),
            )
            .title(format!(
                "{} gives {} {} to {}",
                binding_name(binding),
                binding.role_kind,
                binding.role_name,
                subject.name
            ));
            let only = Binding {
                subjects: vec![subject.clone()],
                ..binding.clone()
            };
            out.push(with_subjects(finding, &only));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-nodes-granted";

    fn binding(subject: &str, name: &str) -> String {
        role_and_binding("{verbs: [get], apiGroups: [''], resources: [secrets]}", "")
            .replace("{kind: ServiceAccount, name: web, namespace: shop}", subject)
            .replace("{name: b}", &format!("{{name: '{name}'}}"))
    }

    #[test]
    fn all_nodes_and_one_node_fire() {
        assert_eq!(
            causes(RULE, &binding("{kind: Group, name: 'system:nodes'}", "b")),
            ["ClusterRoleBinding b for system:nodes"]
        );
        assert_eq!(
            causes(RULE, &binding("{kind: User, name: 'system:node:n1'}", "b")),
            ["ClusterRoleBinding b for system:node:n1"]
        );
    }

    #[test]
    fn what_lets_nodes_join_is_silent() {
        let all = binding(
            "{kind: Group, name: 'system:nodes'}",
            "kubeadm:node-autoapprove-certificate-rotation",
        );
        assert!(causes(RULE, &all).is_empty());
    }

    #[test]
    fn a_user_of_the_groups_name_is_no_node() {
        assert!(causes(RULE, &binding("{kind: User, name: 'system:nodes'}", "b")).is_empty());
    }
}
