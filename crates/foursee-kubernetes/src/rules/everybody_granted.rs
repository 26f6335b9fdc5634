//! The rule `kubernetes-everybody-granted`.

use super::common::{binding_name, default_anonymous, with_subjects};
use crate::facts::{Binding, Facts};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// A role is bound to everybody: anonymous callers, all who authenticate, or all service accounts.
    ///
    /// ## Why
    /// `system:anonymous` and `system:unauthenticated` need no credential at all; `system:authenticated` is every pod,
    /// every user, and with some clouds every account of theirs; `system:serviceaccounts` is every pod.
    ///
    /// ## Evidence
    /// The binding's subject. The few such bindings that every cluster has are quiet.
    ///
    /// ## Fix
    /// Name the accounts or groups that need the role.
    pub EverybodyGranted: "kubernetes-everybody-granted", High, needs [], reads ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]
}

impl Rule<Facts> for EverybodyGranted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for binding in see
            .facts
            .bindings
            .iter()
            .filter(|binding| !default_anonymous(binding))
        {
            for subject in &binding.subjects {
                let severity = match (&*subject.kind, &*subject.name) {
                    ("User", "system:anonymous") | ("Group", "system:unauthenticated") => Severity::Critical,
                    ("Group", "system:authenticated" | "system:serviceaccounts") => Severity::High,
                    ("Group", name) if name.starts_with("system:serviceaccounts:") => Severity::Medium,
                    _ => continue,
                };
                let only = Binding {
                    subjects: vec![subject.clone()],
                    ..binding.clone()
                };
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
                ))
                .severity(severity);
                out.push(with_subjects(finding, &only));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, role_and_binding};

    const RULE: &str = "kubernetes-everybody-granted";
    const READ: &str = "{verbs: [get], apiGroups: [''], resources: [pods]}";

    fn to(kind: &str, name: &str) -> String {
        role_and_binding(READ, "").replace(
            "kind: ServiceAccount, name: web, namespace: shop",
            &format!("kind: {kind}, name: '{name}'"),
        )
    }

    #[test]
    fn nobody_in_particular_fires() {
        for (kind, name) in [
            ("User", "system:anonymous"),
            ("Group", "system:unauthenticated"),
            ("Group", "system:authenticated"),
            ("Group", "system:serviceaccounts:shop"),
        ] {
            assert_eq!(
                causes(RULE, &to(kind, name)),
                [format!("ClusterRoleBinding b for {name}")]
            );
        }
    }

    #[test]
    fn a_group_of_people_is_silent() {
        assert!(causes(RULE, &to("Group", "devs")).is_empty());
    }

    #[test]
    fn a_user_of_a_groups_name_and_the_default_binding_are_silent() {
        assert!(causes(RULE, &to("User", "system:authenticated")).is_empty());
        let default = to("Group", "system:authenticated")
            .replace("metadata: {name: b}", "metadata: {name: 'system:basic-user'}");
        assert_eq!(
            causes(RULE, &default).len(),
            1,
            "a name says nothing about the role"
        );
        let own = default.replace(
            "kind: ClusterRole, name: r",
            "kind: ClusterRole, name: 'system:basic-user'",
        );
        assert_ne!(own, default);
        assert!(causes(RULE, &own).is_empty());
    }
}
