//! What is wrong: one file a rule.

mod access_key_old_or_unused;
mod admin_wildcard_policy;
mod bucket_policy_public;
mod oidc_trust_any_repository;
mod pass_role_any;
mod trust_any_principal;

use crate::facts::{Facts, Holder};
use crate::policy::{Clause, Effect, Operator, Statement};
use foursee_core::document::Place;
use foursee_core::layer::Rule;
use foursee_core::model::glob;
use std::collections::BTreeMap;

/// The rule that looks at the policies of buckets: named by the gap of those that were not exported.
pub(crate) const BUCKET_POLICY_PUBLIC: &str = bucket_policy_public::BucketPolicyPublic::META.id;

/// All of them.
pub(crate) fn all() -> Vec<Box<dyn Rule<Facts>>> {
    vec![
        Box::new(access_key_old_or_unused::AccessKeyOldOrUnused),
        Box::new(admin_wildcard_policy::AdminWildcardPolicy),
        Box::new(bucket_policy_public::BucketPolicyPublic),
        Box::new(oidc_trust_any_repository::OidcTrustAnyRepository),
        Box::new(pass_role_any::PassRoleAny),
        Box::new(trust_any_principal::TrustAnyPrincipal),
    ]
}

/// A statement of an identity policy that allows, where it stands, and who holds it.
struct Site<'a> {
    statement: &'a Statement,
    /// The policy, as people name it.
    policy: String,
    holders: Vec<Holder<'a>>,
    /// Where the policy is attached; where it stands, for an inline one.
    attached: Vec<Place>,
}

/// Every allowing statement of every policy that somebody holds.
fn sites(facts: &Facts) -> Vec<Site<'_>> {
    let mut all = Vec::new();
    for holder in facts.holders() {
        for inline in &holder.grants().inline {
            for statement in inline
                .policy
                .statements
                .iter()
                .filter(|one| one.effect == Effect::Allow)
            {
                all.push(Site {
                    statement,
                    policy: format!("inline policy {} of {}", inline.name, holder.arn()),
                    holders: vec![holder],
                    attached: Vec::new(),
                });
            }
        }
    }
    let mut held_by: BTreeMap<&str, Vec<(Holder<'_>, Place)>> = BTreeMap::new();
    for holder in facts.holders() {
        for attached in &holder.grants().attached {
            held_by
                .entry(&attached.arn)
                .or_default()
                .push((holder, attached.place));
        }
    }
    for managed in &facts.managed {
        let held = held_by.remove(&*managed.arn).unwrap_or_default();
        if held.is_empty() {
            continue;
        }
        for statement in managed
            .policy
            .statements
            .iter()
            .filter(|one| one.effect == Effect::Allow)
        {
            all.push(Site {
                statement,
                policy: format!("policy {}", managed.arn),
                holders: held.iter().map(|(holder, _)| *holder).collect(),
                attached: held.iter().map(|(_, place)| *place).collect(),
            });
        }
    }
    all
}

/// How a finding calls a statement: by its Sid, or by what it says.
fn cause(site: &Site<'_>) -> String {
    if site.statement.sid.is_empty() {
        format!("{} in {}", site.statement.label(), site.policy)
    } else {
        format!("statement {} in {}", site.statement.sid, site.policy)
    }
}

/// Whether a boundary keeps a holder from having everything.
fn bounded(facts: &Facts, holder: &Holder<'_>) -> bool {
    let boundary = holder
        .grants()
        .boundary
        .as_ref()
        .map(|one| facts.managed_policy(&one.arn));
    boundary
        .flatten()
        .is_some_and(|found| !Facts::allows_everything(&found.policy))
}

/// Whether a condition fixes who may come: a fixed account, organisation, identity, source or network.
/// Source: Amazon S3 User Guide, access-control-block-public-access, "the meaning of public".
fn pins(clause: &Clause) -> bool {
    const FIXED: [&str; 12] = [
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpcsourceip",
        "s3:dataaccesspointaccount",
    ];
    let key = clause.key.to_ascii_lowercase();
    if clause.negated || clause.if_exists || clause.values.is_empty() {
        return false;
    }
    let values = || clause.values.iter().map(crate::policy::Template::text);
    if key == "aws:sourceip" {
        return values().all(|text| {
            let (address, prefix) = text.split_once('/').unwrap_or((text, "32"));
            let least = if address.contains(':') { 32 } else { 8 };
            prefix.parse::<u32>().is_ok_and(|prefix| prefix >= least)
        });
    }
    let text = matches!(
        clause.operator,
        Operator::StringEquals | Operator::StringEqualsIgnoreCase | Operator::StringLike | Operator::Arn
    );
    // A value that fixes no account is no pin: `arn:aws:iam::*:role/x`, `*`, `o-*`.
    let fixed = |value: &str| match key.as_str() {
        "aws:principalarn" | "aws:sourcearn" => {
            value
                .split(':')
                .nth(4)
                .is_some_and(|account| !account.contains(['*', '?']))
                && !glob(value, "arn:aws:iam::000000000000:role/x")
        }
        _ => !value.contains(['*', '?', '$']),
    };
    let open = matches!(clause.operator, Operator::StringLike | Operator::Arn);
    text && FIXED.contains(&&*key) && values().all(|value| !open || fixed(value))
}

#[cfg(test)]
pub(crate) mod testing {
    use crate::Aws;
    use foursee_core::finding::Finding;
    use foursee_core::model::Time;

    /// The findings of one rule over some documents, on 2026-11-25.
    pub(crate) fn found(rule: &str, texts: &[(&str, &str)]) -> Vec<Finding> {
        let now = Time::parse("2026-11-25").unwrap();
        let (all, _) = foursee_core::conformance::findings(Aws, texts, now).unwrap();
        all.into_iter().filter(|one| one.rule.id == rule).collect()
    }

    /// Authorization details of one role with that trust and that inline policy.
    pub(crate) fn role(trust: &str, policy: &str) -> String {
        format!(
            r#"{{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[{{"Path":"/","RoleName":"app","RoleId":"AROAEXAMPLEAPP000001",
            "Arn":"arn:aws:iam::111122223333:role/app","CreateDate":"2026-01-01T00:00:00+00:00",
            "AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{trust}]}},
            "InstanceProfileList":[],"RolePolicyList":[{{"PolicyName":"own","PolicyDocument":{{"Version":"2012-10-17","Statement":[{policy}]}}}}],
            "AttachedManagedPolicies":[],"Tags":[]}}],"Policies":[],"IsTruncated":false}}"#
        )
    }

    /// A trust that is nobody's business.
    pub(crate) const LAMBDA: &str =
        r#"{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}"#;
    /// A policy that is nobody's business.
    pub(crate) const LIST: &str =
        r#"{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}"#;

    #[test]
    fn every_file_is_a_rule_and_every_page_has_its_sections() {
        use std::collections::BTreeSet;
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned())
            })
            .filter(|stem| stem != "mod")
            .map(|stem| format!("aws-{}", stem.replace('_', "-")))
            .collect();
        let rules = super::all();
        assert_eq!(
            files,
            rules.iter().map(|rule| rule.meta().id.to_owned()).collect()
        );
        let kinds: Vec<&str> = crate::parse::KINDS.iter().map(|kind| kind.name).collect();
        for rule in &rules {
            let meta = rule.meta();
            for section in ["Why", "Evidence", "Fix"] {
                assert!(!meta.section(section).is_empty(), "{} has no {section}", meta.id);
            }
            assert!(meta.needs.iter().all(|need| kinds.contains(need)), "{}", meta.id);
        }
    }
}
