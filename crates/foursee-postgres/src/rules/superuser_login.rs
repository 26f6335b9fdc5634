//! The rule `postgres-superuser-login`.

use crate::facts::Facts;
use crate::lower::ROLE;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// A superuser can log in.
    ///
    /// ## Why
    /// A superuser is asked for no grant and held by no row security; it reads every row and every password hash, and runs
    /// programs on the server's host. Whoever has its password, or a hole in a program that logs in as it, has all of
    /// that. The role that made the cluster has to be a superuser; it need not be one that applications or people use.
    ///
    /// ## Evidence
    /// The role's attributes SUPERUSER and LOGIN.
    ///
    /// ## Fix
    /// ALTER ROLE ... NOSUPERUSER, and grant what is used; for administration, a NOLOGIN superuser that few may SET ROLE to.
    pub SuperuserLogin: "postgres-superuser-login", High, needs ["catalog"]
}

/// The number of the role that made the cluster (BOOTSTRAP_SUPERUSERID).
const BOOTSTRAP: u64 = 10;

impl Rule<Facts> for SuperuserLogin {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for role in see
            .facts
            .roles
            .values()
            .filter(|role| role.superuser && role.login)
        {
            let finding = Finding::new(
                &Self::META,
                format!("role {} is SUPERUSER LOGIN", role.name),
                role.place,
                "super: true, login: true",
            )
            .identity(ROLE.name, &role.name)
            .rung(Rung::Unbounded, Rung::Narrow);
            out.push(if role.oid == BOOTSTRAP {
                finding
                    .severity(Severity::Medium)
                    .rung(Rung::Unbounded, Rung::Unbounded)
                    .title(format!(
                        "{}, which made the cluster, can log in as superuser",
                        role.name
                    ))
                    .fix("Keep this role for repairs: let it in by pg_hba.conf over the local socket alone.")
            } else {
                finding.title(format!("{} logs in as superuser", role.name))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{causes, document, found};
    use foursee_core::model::Severity;

    const RULE: &str = "postgres-superuser-login";

    #[test]
    fn a_superuser_that_logs_in_fires() {
        let text = document(|all| all["roles"][3]["super"] = true.into());
        assert_eq!(causes(RULE, &text), ["role ops is SUPERUSER LOGIN"]);
        assert_eq!(found(RULE, &text)[0].severity, Severity::High);
    }

    #[test]
    fn no_superuser_is_silent() {
        let text = document(|all| all["roles"][0]["super"] = false.into());
        assert!(causes(RULE, &text).is_empty());
    }

    /// The twin: a superuser that nobody logs in as.
    #[test]
    fn a_superuser_without_login_is_silent() {
        assert!(causes(RULE, &document(|_| {})).is_empty());
    }

    #[test]
    fn the_role_that_made_the_cluster_is_milder() {
        let text = document(|all| all["roles"][0]["login"] = true.into());
        assert_eq!(found(RULE, &text)[0].severity, Severity::Medium);
    }
}
