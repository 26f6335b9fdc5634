//! What several rules ask: who is bound where, and what every cluster has by itself.

use crate::facts::{Binding, Facts, Role};
use crate::lower::subject_node;
use foursee_core::finding::Finding;

/// Whether a binding of nobody in particular is one that every cluster has.
pub(crate) fn default_anonymous(binding: &Binding) -> bool {
    (binding.meta.namespace.is_empty() && &*binding.meta.name == "system:public-info-viewer")
        || (&*binding.meta.namespace == "kube-public"
            && &*binding.role_name == "kubeadm:bootstrap-signer-clusterinfo")
}

/// Whether an object is one that the API server makes by itself at its start.
pub(super) fn bootstrapped(meta: &crate::facts::Meta) -> bool {
    meta.label("kubernetes.io/bootstrapping") == Some("rbac-defaults")
}

/// Whether a role is the platform's own: bootstrapped, or one of its control plane's.
pub(super) fn platform_role(role: &Role) -> bool {
    bootstrapped(&role.meta) || role.meta.name.starts_with("system:")
}

/// The bindings that refer to a role.
pub(super) fn bindings_of_role(facts: &Facts, role: usize) -> impl Iterator<Item = &Binding> {
    facts
        .bindings
        .iter()
        .enumerate()
        .filter(move |(at, _)| facts.index.role_of(*at) == Some(role))
        .map(|(_, binding)| binding)
}

/// Names a binding's subjects in a finding.
pub(super) fn with_subjects(mut finding: Finding, binding: &Binding) -> Finding {
    for subject in &binding.subjects {
        if let Some((kind, name)) = subject_node(subject, &binding.meta.namespace) {
            finding = finding.identity(kind.name, &name);
        }
    }
    finding
}

/// "ClusterRoleBinding x" or "RoleBinding ns/x".
pub(super) fn binding_name(binding: &Binding) -> String {
    format!("{} {}", binding.kind(), binding.meta.full_name())
}

/// "ClusterRole x" or "Role ns/x".
pub(super) fn role_name(role: &Role) -> String {
    format!("{} {}", role.kind.as_str(), role.meta.full_name())
}

#[cfg(test)]
pub(super) mod testing {
    use crate::Kubernetes;
    use foursee_core::conformance::findings;
    use foursee_core::model::Time;

    /// The causes that one rule finds in a manifest.
    pub(crate) fn causes(rule: &str, manifest: &str) -> Vec<String> {
        let (all, _) = findings(Kubernetes, &[("manifest.yaml", manifest)], Time::default()).unwrap();
        let mut causes: Vec<String> = all
            .into_iter()
            .filter(|one| one.rule.id == rule)
            .map(|one| one.cause)
            .collect();
        causes.sort();
        causes
    }
}
