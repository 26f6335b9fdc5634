//! What several rules ask: who is bound where, and what every cluster has by itself.

pub(in crate::rules) mod levels;
pub(in crate::rules) mod permission;

use crate::facts::{Binding, Facts, PolicyRule, Role};
use crate::lower::subject_node;
use foursee_core::document::Place;
use foursee_core::finding::{Finding, Meta};
use foursee_core::model::Rung;

/// Whether a binding of nobody in particular is one that every cluster has.
pub(crate) fn default_anonymous(binding: &Binding) -> bool {
    binding.shipped
        || (&*binding.meta.namespace == "kube-public"
            && &*binding.role_name == "kubeadm:bootstrap-signer-clusterinfo")
}

/// Whether a grant is the platform's own: a binding that Kubernetes makes by itself, of a role that is as it makes it.
pub(in crate::rules) fn platform(role: &Role, binding: &Binding) -> bool {
    binding.shipped && role.shipped
}

/// A rule of a role where it gives what somebody looks for: what to change once, and who is affected.
pub(in crate::rules) struct Cause<'f> {
    /// The role.
    pub role: &'f Role,
    /// The rule.
    pub rule: &'f PolicyRule,
    /// Where it stands.
    pub place: Place,
    /// The bindings through which it counts.
    pub bindings: Vec<&'f Binding>,
}

/// Every rule that somebody looks for, with the bindings of it that are not the platform's own.
pub(in crate::rules) fn causes<'f>(
    facts: &'f Facts,
    wanted: impl Fn(&PolicyRule, &Binding) -> bool,
) -> Vec<Cause<'f>> {
    causes_by(facts, |_| true, wanted)
}

/// The same of those rules alone that are of a form: most are not, whoever is bound to them.
pub(in crate::rules) fn causes_by<'f>(
    facts: &'f Facts,
    form: impl Fn(&PolicyRule) -> bool,
    wanted: impl Fn(&PolicyRule, &Binding) -> bool,
) -> Vec<Cause<'f>> {
    let mut found = Vec::new();
    for (at, role) in facts.roles.iter().enumerate() {
        let mut rules = facts.rules_of(at).filter(|(rule, _)| form(rule)).peekable();
        if rules.peek().is_none() {
            continue;
        }
        let bindings: Vec<&Binding> = facts
            .index
            .bindings_of_role(at)
            .filter_map(|at| facts.bindings.get(at))
            .filter(|binding| !binding.subjects.is_empty() && !platform(role, binding))
            .collect();
        if bindings.is_empty() {
            continue;
        }
        for (rule, place) in rules {
            let bindings: Vec<&Binding> = bindings
                .iter()
                .copied()
                .filter(|binding| wanted(rule, binding))
                .collect();
            if !bindings.is_empty() {
                found.push(Cause {
                    role,
                    rule,
                    place,
                    bindings,
                });
            }
        }
    }
    found
}

impl Cause<'_> {
    /// The findings of a cause: one for the rule; for a role that the API server itself keeps, one a binding, since
    /// that is what can be changed.
    pub(super) fn findings(&self, meta: &'static Meta, says: &str) -> Vec<Finding> {
        let text = rule_text(self.rule);
        let rung = |finding: Finding, namespace: &str| {
            let stands = crate::lower::rung(self.rule, namespace);
            let tightest = self
                .rule
                .resources
                .iter()
                .flat_map(|resource| {
                    let (plural, sub) = resource.split_once('/').unwrap_or((resource, ""));
                    self.rule
                        .verbs
                        .iter()
                        .map(move |verb| crate::lower::attainable(verb, plural, !sub.is_empty()))
                })
                .min()
                .unwrap_or(Rung::Narrow);
            finding.rung(stands, tightest.max(stands))
        };
        if self.role.shipped {
            return self
                .bindings
                .iter()
                .map(|binding| {
                    let name = binding_name(binding);
                    let finding = Finding::new(
                        meta,
                        format!("{name} to {}: {text}", role_name(self.role)),
                        binding.meta.place,
                        format!("roleRef: {}", role_name(self.role)),
                    )
                    .title(format!("{name} to {} {says}", role_name(self.role)))
                    .evidence(self.place, text.clone());
                    with_subjects(rung(finding, &binding.meta.namespace), binding)
                })
                .collect();
        }
        let namespace = self
            .bindings
            .iter()
            .map(|one| &*one.meta.namespace)
            .min()
            .unwrap_or_default();
        let mut finding = Finding::new(
            meta,
            format!("{}: {text}", role_name(self.role)),
            self.place,
            text.clone(),
        )
        .title(format!("{} {says}", role_name(self.role)));
        for binding in &self.bindings {
            finding = with_subjects(finding, binding).evidence(binding.meta.place, binding_name(binding));
        }
        vec![rung(finding, namespace)]
    }
}

/// A rule as text: its fields as they are written.
pub(crate) fn rule_text(rule: &PolicyRule) -> String {
    let fields = [
        ("verbs", &rule.verbs),
        ("resources", &rule.resources),
        ("apiGroups", &rule.groups),
        ("resourceNames", &rule.names),
        ("nonResourceURLs", &rule.urls),
    ];
    fields
        .iter()
        .filter(|(_, all)| !all.is_empty())
        .map(|(name, all)| {
            let all: Vec<&str> = all
                .iter()
                .map(|one| if one.is_empty() { "\"\"" } else { &**one })
                .collect();
            format!("{name}: [{}]", all.join(", "))
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// The bindings that refer to a role.
pub(in crate::rules) fn bindings_of_role(facts: &Facts, role: usize) -> impl Iterator<Item = &Binding> {
    facts
        .index
        .bindings_of_role(role)
        .filter_map(|at| facts.bindings.get(at))
}

/// Names a binding's subjects in a finding.
pub(in crate::rules) fn with_subjects(mut finding: Finding, binding: &Binding) -> Finding {
    for subject in &binding.subjects {
        if let Some((kind, name)) = subject_node(subject, &binding.meta.namespace) {
            finding = finding.identity(kind.name, &name);
        }
    }
    finding
}

/// "ClusterRoleBinding x" or "RoleBinding ns/x".
pub(in crate::rules) fn binding_name(binding: &Binding) -> String {
    format!("{} {}", binding.kind(), binding.meta.full_name())
}

/// "ClusterRole x" or "Role ns/x".
pub(in crate::rules) fn role_name(role: &Role) -> String {
    format!("{} {}", role.kind.as_str(), role.meta.full_name())
}

#[cfg(test)]
pub(crate) mod testing {
    use crate::Kubernetes;
    use foursee_core::conformance::findings;
    use foursee_core::finding::Finding;
    use foursee_core::model::Time;

    /// ClusterRole `r` with one rule, bound to service account shop/web: in a namespace, or ("") cluster-wide.
    pub(crate) fn role_and_binding(rule: &str, namespace: &str) -> String {
        let (kind, of) = if namespace.is_empty() {
            ("ClusterRoleBinding", String::new())
        } else {
            ("RoleBinding", format!(", namespace: {namespace}"))
        };
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: r}}
rules: [{rule}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: b{of}}}
roleRef: {{kind: ClusterRole, name: r}}
subjects: [{{kind: ServiceAccount, name: web, namespace: shop}}]
"
        )
    }

    /// The causes that one rule finds in a manifest.
    pub(crate) fn causes(rule: &str, manifest: &str) -> Vec<String> {
        let mut causes: Vec<String> = found(rule, manifest).into_iter().map(|one| one.cause).collect();
        causes.sort();
        causes
    }

    /// What one rule finds in a manifest.
    pub(crate) fn found(rule: &str, manifest: &str) -> Vec<Finding> {
        found_in(rule, &[manifest])
    }

    /// What one rule finds in several documents of a cluster.
    pub(crate) fn found_in(rule: &str, texts: &[&str]) -> Vec<Finding> {
        let names: Vec<String> = (0..texts.len()).map(|at| format!("{at}.yaml")).collect();
        let named: Vec<(&str, &str)> = names
            .iter()
            .map(String::as_str)
            .zip(texts.iter().copied())
            .collect();
        let (all, _) = findings(Kubernetes, &named, Time::default()).unwrap();
        all.into_iter().filter(|one| one.rule.id == rule).collect()
    }
}
