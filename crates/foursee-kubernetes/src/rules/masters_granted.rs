//! The rule `kubernetes-masters-granted`.

use super::common::binding_name;
use crate::authorize::MASTERS;
use crate::facts::Facts;
use crate::lower::aws_auth_counts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// Somebody is put into system:masters, or it is bound anew.
    ///
    /// ## Why
    /// The API server asks nothing of that group: no RBAC, no webhook, no removed binding takes its rights away, and
    /// checks against escalation are skipped for it.
    ///
    /// ## Evidence
    /// The line of aws-auth that maps an AWS principal to the group, or the binding that names it.
    ///
    /// ## Fix
    /// Map people to a group of your own that is bound to what they need; keep system:masters for a sealed
    /// break-glass certificate.
    pub MastersGranted: "kubernetes-masters-granted", High, needs [], reads ["aws-auth", "clusterrolebindings", "rolebindings"]
}

impl Rule<Facts> for MastersGranted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        if aws_auth_counts(facts) {
            for line in facts
                .aws_auth
                .iter()
                .filter(|line| line.groups.iter().any(|one| &**one == MASTERS))
            {
                out.push(
                    Finding::new(
                        &Self::META,
                        format!("aws-auth {}", line.arn),
                        line.place,
                        format!("groups: {MASTERS}"),
                    )
                    .title(format!("aws-auth makes {} a member of {MASTERS}", line.arn))
                    .identity("user", &line.username)
                    .rung(Rung::Unbounded, Rung::Narrow),
                );
            }
        }
        for binding in facts.bindings.iter().filter(|binding| !binding.shipped) {
            let Some(subject) = binding
                .subjects
                .iter()
                .find(|one| &*one.kind == "Group" && &*one.name == MASTERS)
            else {
                continue;
            };
            out.push(
                Finding::new(
                    &Self::META,
                    format!("{} for {MASTERS}", binding_name(binding)),
                    subject.place,
                    format!("subjects: Group {MASTERS}"),
                )
                .title(format!(
                    "{} names {MASTERS}, which has everything without it",
                    binding_name(binding)
                ))
                .severity(Severity::Low)
                .identity("group", MASTERS),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::{causes, found, role_and_binding};
    use foursee_core::model::Severity;

    const RULE: &str = "kubernetes-masters-granted";

    fn aws_auth(group: &str) -> String {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: aws-auth, namespace: kube-system}}\ndata:\n  mapRoles: |\n    - rolearn: arn:aws:iam::111122223333:role/admins\n      username: admin\n      groups: [{group}]\n"
        )
    }

    fn binding(group: &str) -> String {
        role_and_binding("{verbs: [get], apiGroups: [''], resources: [pods]}", "").replace(
            "{kind: ServiceAccount, name: web, namespace: shop}",
            &format!("{{kind: Group, name: '{group}'}}"),
        )
    }

    #[test]
    fn a_line_and_a_binding_fire() {
        let line = found(RULE, &aws_auth("'system:masters'"));
        assert_eq!(line[0].severity, Severity::High);
        assert_eq!(line[0].cause, "aws-auth arn:aws:iam::111122223333:role/admins");
        assert_eq!(
            causes(RULE, &binding("system:masters")),
            ["ClusterRoleBinding b for system:masters"]
        );
    }

    #[test]
    fn another_group_is_silent() {
        assert!(causes(RULE, &aws_auth("admins")).is_empty());
        assert!(causes(RULE, &binding("admins")).is_empty());
    }

    #[test]
    fn a_user_of_that_name_is_not_the_group() {
        let user = binding("x").replace("kind: Group, name: 'x'", "kind: User, name: 'system:masters'");
        assert!(causes(RULE, &user).is_empty());
    }
}
