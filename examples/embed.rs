//! foursee inside a program that holds the objects already, as a controller does: nothing is written to disk.
//! `cargo run -p foursee-examples --example embed`

use foursee::Audit;
use foursee::core::judge::{Gate, Policy, ScopePolicy, Targets};
use foursee::core::model::{Rung, Severity, Time};
use foursee::core::report::Report;
use serde::Serialize;

/// The program's own types: whatever serialises as the platform's JSON will do, of any version of kube or an AWS SDK.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List<T> {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<T>,
}

#[derive(Serialize)]
struct Meta {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RoleBinding {
    api_version: &'static str,
    kind: &'static str,
    metadata: Meta,
    role_ref: Reference,
    subjects: Vec<Reference>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterRole {
    api_version: &'static str,
    kind: &'static str,
    metadata: Meta,
    rules: Vec<PolicyRule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyRule {
    api_groups: Vec<&'static str>,
    resources: Vec<&'static str>,
    verbs: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_group: Option<&'static str>,
    kind: &'static str,
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'static str>,
}

/// An account as `aws iam get-account-authorization-details` prints it, as far as this program looks at it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    user_detail_list: Vec<()>,
    group_detail_list: Vec<()>,
    role_detail_list: Vec<Role>,
    policies: Vec<()>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Role {
    path: &'static str,
    role_name: &'static str,
    role_id: &'static str,
    arn: &'static str,
    create_date: &'static str,
    assume_role_policy_document: serde_json::Value,
    role_policy_list: Vec<InlinePolicy>,
    attached_managed_policies: Vec<()>,
    instance_profile_list: Vec<()>,
    tags: Vec<Tag>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InlinePolicy {
    policy_name: &'static str,
    policy_document: serde_json::Value,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: &'static str,
    value: &'static str,
}

const RBAC: &str = "rbac.authorization.k8s.io";
const RBAC_V1: &str = "rbac.authorization.k8s.io/v1";

/// What the controller's caches hold.
fn cluster_roles() -> List<ClusterRole> {
    let rules = vec![PolicyRule { api_groups: vec!["*"], resources: vec!["*"], verbs: vec!["*"] }];
    let metadata = Meta { name: "deployer", namespace: None };
    let role = ClusterRole { api_version: RBAC_V1, kind: "ClusterRole", metadata, rules };
    List { api_version: "v1", kind: "List", items: vec![role] }
}

fn role_bindings() -> List<RoleBinding> {
    let role_ref =
        Reference { api_group: Some(RBAC), kind: "ClusterRole", name: "deployer", namespace: None };
    let ci = Reference { api_group: None, kind: "ServiceAccount", name: "ci", namespace: Some("build") };
    let metadata = Meta { name: "ci-deploys", namespace: Some("shop") };
    let binding =
        RoleBinding { api_version: RBAC_V1, kind: "RoleBinding", metadata, role_ref, subjects: vec![ci] };
    List { api_version: "v1", kind: "List", items: vec![binding] }
}

fn account() -> Account {
    let role = Role {
        path: "/",
        role_name: "reporting",
        role_id: "AROAEXAMPLEREPORTING",
        arn: "arn:aws:iam::111122223333:role/reporting",
        create_date: "2026-01-01T00:00:00+00:00",
        assume_role_policy_document: serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" },
                            "Action": "sts:AssumeRole" }]
        }),
        role_policy_list: vec![InlinePolicy {
            policy_name: "everything",
            policy_document: serde_json::json!({
                "Version": "2012-10-17",
                "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }]
            }),
        }],
        attached_managed_policies: vec![],
        instance_profile_list: vec![],
        tags: vec![Tag { key: "team", value: "data" }],
    };
    Account {
        user_detail_list: vec![],
        group_detail_list: vec![],
        role_detail_list: vec![role],
        policies: vec![],
    }
}

/// What this organisation chose, made in code instead of read from a foursee.toml.
fn policy() -> Policy {
    let mut policy = foursee::config::default_policy();
    let mut account = ScopePolicy::default();
    account.name = "111122223333".to_owned();
    account.title = Some("shop-prod".to_owned());
    account.environment = Some("production".to_owned());
    policy.scopes = vec![account];
    let mut targets = Targets::default();
    targets.default = Some(Rung::Scoped);
    policy.targets.insert("production".to_owned(), targets);
    let mut gate = Gate::default();
    gate.fail_on = Some((Severity::High, false));
    policy.gate = gate;
    policy
}

/// Audits what the program holds, as of a time that it says itself.
fn run(as_of: Time) -> Result<Report, Box<dyn std::error::Error>> {
    let mut audit = Audit::new().policy(policy()).as_of(as_of);
    audit
        .documents()
        .push("cluster roles", &cluster_roles())?
        .push("role bindings", &role_bindings())?
        .push("account", &account())?;
    Ok(audit.run()?)
}

/// Whether the program goes on: the gate's word, and by how many findings.
fn decision(report: &Report) -> (bool, usize) {
    let outcome = &report.summary.outcome;
    (outcome.gate_passed != Some(false), outcome.gate_findings)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let report = run(foursee::now())?;
    // The worst come first. Names come from whoever could create them: `plain` takes what a terminal would obey.
    for one in report.findings.iter().take(5) {
        let scope = one.scope.as_deref().unwrap_or("");
        println!(
            "{:8} {} {}",
            one.severity.as_str(),
            foursee::report::plain(scope),
            foursee::report::plain(&one.title)
        );
    }
    println!("{} gaps", report.gaps.len());
    let (goes_on, stopped_by) = decision(&report);
    if !goes_on {
        println!("stop: {stopped_by} open findings are high or worse");
        std::process::exit(1);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audited() -> Report {
        run(Time::parse("2026-11-25").unwrap()).unwrap()
    }

    #[test]
    fn both_platforms_are_read_from_values() {
        let report = audited();
        let scopes: Vec<(&str, &str)> =
            report.scopes.iter().map(|scope| (&*scope.layer, &*scope.title)).collect();
        assert!(scopes.contains(&("aws", "shop-prod")), "{scopes:?}");
        assert!(scopes.iter().any(|(layer, _)| *layer == "kubernetes"), "{scopes:?}");
        // Nothing that was pushed went unread.
        assert_eq!(report.summary.documents, 3);
        let unread: Vec<&str> =
            report.gaps.iter().filter(|gap| gap.layer.is_empty()).map(|gap| &*gap.target).collect();
        assert!(unread.is_empty(), "{unread:?}");
    }

    #[test]
    fn the_worst_is_found_and_judged_by_the_policy_made_in_code() {
        let report = audited();
        let role = report.identities.iter().find(|one| one.name.ends_with("role/reporting")).unwrap();
        assert_eq!((role.rung, role.target), (Some(Rung::Unbounded), Some(Rung::Scoped)));
        assert_eq!(role.owner.as_ref().map(|owner| &*owner.name), Some("data"));
        let ci = report.identities.iter().find(|one| one.name == "build/ci").unwrap();
        assert!(ci.rung.unwrap() <= Rung::ServiceWide, "{ci:?}");
        let found = |layer: &str, name: &str| {
            report
                .findings
                .iter()
                .any(|one| one.layer == layer && one.identities.iter().any(|id| &*id.name == name))
        };
        assert!(found("aws", "arn:aws:iam::111122223333:role/reporting"));
        assert!(found("kubernetes", "build/ci"));
        let severities: Vec<Severity> = report.findings.iter().map(|one| one.severity).collect();
        assert!(severities.is_sorted_by(|a, b| a >= b), "the worst first");
    }

    #[test]
    fn the_gate_decides() {
        let report = audited();
        let (goes_on, stopped_by) = decision(&report);
        assert!(!goes_on && stopped_by > 0);
        let quiet = Audit::new().policy(policy()).run().unwrap();
        assert_eq!(decision(&quiet), (true, 0));
    }
}
