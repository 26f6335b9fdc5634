//! The rule `kubernetes-aws-auth-line-dead`.

use crate::facts::Facts;
use crate::lower::{aws_auth_counts, never_matches};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A line of aws-auth names a role by its path, and lets nobody in.
    ///
    /// ## Why
    /// The authenticator compares the line with the ARN of the caller's session, which has no path: the line never
    /// matches. Whoever wrote it believes that the role gets in; and a role of the same name without the path, or with
    /// another, would need a line that looks almost the same.
    ///
    /// ## Evidence
    /// The line. In a cluster whose authenticationMode is API nobody reads it, and the rule is quiet.
    ///
    /// ## Fix
    /// Write the ARN without its path, or make an access entry, whose ARN keeps it.
    pub AwsAuthLineDead: "kubernetes-aws-auth-line-dead", Low, needs []
}

impl Rule<Facts> for AwsAuthLineDead {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for line in facts.aws_auth.iter().filter(|_| aws_auth_counts(facts)) {
            if never_matches(line) {
                out.push(
                    Finding::new(
                        &Self::META,
                        format!("aws-auth {}", line.arn),
                        line.place,
                        format!("rolearn: {}", line.arn),
                    )
                    .title(format!("aws-auth maps {}, which no session is called", line.arn)),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::common::testing::causes;

    const RULE: &str = "kubernetes-aws-auth-line-dead";

    fn line(arn: &str) -> String {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: aws-auth, namespace: kube-system}}\ndata:\n  mapRoles: |\n    - rolearn: {arn}\n      username: dev\n"
        )
    }

    #[test]
    fn a_path_fires() {
        assert_eq!(
            causes(RULE, &line("arn:aws:iam::111122223333:role/team/dev")),
            ["aws-auth arn:aws:iam::111122223333:role/team/dev"]
        );
    }

    #[test]
    fn a_role_without_a_path_is_silent() {
        assert!(causes(RULE, &line("arn:aws:iam::111122223333:role/dev")).is_empty());
    }

    #[test]
    fn a_users_path_is_part_of_its_name() {
        let user = line("arn:aws:iam::111122223333:user/team/dev")
            .replace("mapRoles", "mapUsers")
            .replace("rolearn", "userarn");
        assert!(causes(RULE, &user).is_empty());
    }
}
