//! The rule `kubernetes-default-role-changed`.

use super::common::{binding_name, role_name, with_subjects};
use crate::facts::Facts;
use crate::shipped::{Drift, binding_drift, role_drift};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// A role or binding of Kubernetes' own is not as Kubernetes makes it.
    ///
    /// ## Why
    /// Nobody looks at `system:` roles: a right or a subject that was added there is held by parts of the control plane,
    /// by every node, or by every caller, and each start of the server keeps it. What is missing comes back at the next
    /// start, unless the annotation `rbac.authorization.kubernetes.io/autoupdate` is "false".
    ///
    /// ## Evidence
    /// The role or binding, and what it has beyond the policy of its version (of any version from 1.30 on, where the
    /// server's is not known), or lacks of it. Of versions beyond the table nothing is said.
    ///
    /// ## Fix
    /// `kubectl auth reconcile` with the upstream policy and `--remove-extra-permissions --remove-extra-subjects`; give
    /// the right by a role of your own to who needs it.
    pub DefaultRoleChanged: "kubernetes-default-role-changed", High, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings", "version"]
}

/// The first of what is added, as evidence.
fn first(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one}, and {} more", rest.len()),
    }
}

fn says(name: &str, drift: &Drift) -> Option<(Severity, String, String)> {
    match (drift.added.is_empty(), drift.lacks.is_empty()) {
        (false, _) => Some((
            Severity::High,
            format!(
                "{name} has more than Kubernetes gives it: {}",
                first(&drift.added)
            ),
            drift.added.join("; "),
        )),
        (true, false) => Some((
            Severity::Low,
            format!("{name} lacks what Kubernetes gives it: {}", first(&drift.lacks)),
            drift.lacks.join("; "),
        )),
        (true, true) => None,
    }
}

impl Rule<Facts> for DefaultRoleChanged {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for (at, role) in facts.roles.iter().enumerate() {
            let name = role_name(role);
            let told = role_drift(facts, at).and_then(|drift| says(&name, &drift));
            if let Some((severity, title, evidence)) = told {
                let finding = Finding::new(&Self::META, name, role.meta.place, evidence);
                out.push(finding.title(title).severity(severity));
            }
        }
        for binding in &facts.bindings {
            let name = binding_name(binding);
            let told = binding_drift(facts, binding).and_then(|drift| says(&name, &drift));
            if let Some((severity, title, evidence)) = told {
                let finding = Finding::new(&Self::META, name, binding.meta.place, evidence);
                out.push(with_subjects(finding.title(title).severity(severity), binding));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::found;
    use foursee_core::model::Severity;

    const RULE: &str = "kubernetes-default-role-changed";

    fn role(rules: &str) -> String {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: 'system:basic-user', labels: {{kubernetes.io/bootstrapping: rbac-defaults}}}}\nrules: [{rules}]\n"
        )
    }

    const OWN: &str = "{verbs: [create], apiGroups: [authorization.k8s.io], resources: [selfsubjectaccessreviews, selfsubjectrulesreviews]}, {verbs: [create], apiGroups: [authentication.k8s.io], resources: [selfsubjectreviews]}";

    #[test]
    fn an_added_right_and_an_added_subject_fire() {
        let more = format!("{OWN}, {{verbs: [get], apiGroups: [''], resources: [secrets]}}");
        let all = found(RULE, &role(&more));
        assert_eq!(all.len(), 1);
        assert_eq!(
            all[0].title,
            "ClusterRole system:basic-user has more than Kubernetes gives it: verbs: [get], resources: [secrets], apiGroups: [\"\"]"
        );
        let binding = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: 'system:basic-user'}\nroleRef: {kind: ClusterRole, name: 'system:basic-user'}\nsubjects: [{kind: Group, name: 'system:authenticated'}, {kind: Group, name: 'system:unauthenticated'}]\n";
        let all = found(RULE, binding);
        assert!(
            all[0].title.ends_with("Group:system:unauthenticated"),
            "{}",
            all[0].title
        );
    }

    #[test]
    fn an_untouched_one_is_silent() {
        assert!(found(RULE, &role(OWN)).is_empty());
    }

    #[test]
    fn what_is_missing_is_low_and_a_role_of_another_name_is_none_of_its_matter() {
        let less = "{verbs: [create], apiGroups: [authorization.k8s.io], resources: [selfsubjectaccessreviews, selfsubjectrulesreviews]}";
        let all = found(RULE, &role(less));
        assert_eq!(all[0].severity, Severity::Low);
        let other = role("{verbs: [get], apiGroups: [''], resources: [secrets]}")
            .replace("basic-user", "basic-users");
        assert!(found(RULE, &other).is_empty());
    }

    #[test]
    fn a_label_makes_nothing_quiet() {
        let rule = "{verbs: [create], apiGroups: [''], resources: [pods/exec]}";
        let mut world = crate::rules::testing::role_and_binding(rule, "");
        world = world.replace(
            "{name: r}",
            "{name: r, labels: {kubernetes.io/bootstrapping: rbac-defaults}}",
        );
        world = world.replace(
            "{name: b}",
            "{name: b, labels: {kubernetes.io/bootstrapping: rbac-defaults}}",
        );
        assert_eq!(found("kubernetes-pods-exec", &world).len(), 1);
        let system = world
            .replace("name: r", "name: 'system:r'")
            .replace("{name: b", "{name: 'system:b'");
        assert_eq!(found("kubernetes-pods-exec", &system).len(), 1);
    }
}
