//! The rule `aws-access-key-old-or-unused`.

use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Severity;

foursee_core::rule! {
    /// An access key is old, or nobody uses it.
    ///
    /// ## Why
    /// An access key does not expire. The longer it lives, the more places hold a copy of it; one that nobody uses can
    /// only be used by somebody who should not.
    ///
    /// ## Evidence
    /// The user's row of the credential report: the key is active, was made more than 90 days ago, or has not been used
    /// for 90 days.
    ///
    /// ## Fix
    /// Deactivate a key that nobody uses, and delete it a while later. Replace one that is used by a role that the
    /// workload assumes; where that cannot be, make a second key, move to it and delete the first.
    pub AccessKeyOldOrUnused: "aws-access-key-old-or-unused", Medium, needs ["credential-report"]
}

/// How many days a key may be old or unused.
const DAYS: i64 = 90;

impl Rule<Facts> for AccessKeyOldOrUnused {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        for row in &see.facts.credentials {
            for (key, number) in row.keys.iter().zip(1..) {
                let Some(made) = key.rotated.filter(|_| key.active) else {
                    continue;
                };
                if see.as_of.days_since(made) <= DAYS {
                    continue;
                }
                let unused = key.used.is_none_or(|used| see.as_of.days_since(used) > DAYS);
                let root = row.arn.ends_with(":root");
                let used = key
                    .used
                    .map_or_else(|| "never used".to_owned(), |used| format!("last used {used}"));
                let says = format!("active, made {made}, {used}");
                out.push(
                    Finding::new(
                        &Self::META,
                        format!("access key {number} of {}", row.arn),
                        row.place,
                        says,
                    )
                    .title(format!(
                        "Access key {number} of {} is {}",
                        row.arn,
                        if unused { "old, and nobody uses it" } else { "old" }
                    ))
                    .severity(if root {
                        Severity::Critical
                    } else {
                        Severity::Medium
                    })
                    .identity(if root { "account" } else { "user" }, &row.arn),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::found;

    const RULE: &str = "aws-access-key-old-or-unused";
    const HEAD: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

    fn report(key: &str) -> String {
        format!(
            "{HEAD}\nci,arn:aws:iam::111122223333:user/ci,2020-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,{key},false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
        )
    }

    #[test]
    fn an_old_key_fires_used_or_not() {
        for key in [
            "true,2021-06-14T00:00:00+00:00,2026-11-24T00:00:00+00:00,eu-west-1,s3",
            "true,2021-06-14T00:00:00+00:00,N/A,N/A,N/A",
        ] {
            let all = found(RULE, &[("report.csv", &report(key))]);
            assert_eq!(all.len(), 1, "{key}");
            assert_eq!(all[0].cause, "access key 1 of arn:aws:iam::111122223333:user/ci");
        }
    }

    #[test]
    fn no_key_is_silent() {
        assert!(found(RULE, &[("report.csv", &report("false,N/A,N/A,N/A,N/A"))]).is_empty());
    }

    #[test]
    fn the_twins_that_are_new_or_inactive_are_silent() {
        for key in [
            "true,2026-11-01T00:00:00+00:00,N/A,N/A,N/A",
            "false,2021-06-14T00:00:00+00:00,2026-11-24T00:00:00+00:00,eu-west-1,s3",
        ] {
            assert!(found(RULE, &[("report.csv", &report(key))]).is_empty(), "{key}");
        }
    }
}
