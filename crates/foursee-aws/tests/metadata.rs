//! Which instances' metadata services hand out a role, and from how far away.
#![expect(clippy::unwrap_used, reason = "a failing test should stop here")]

use foursee_aws::Aws;
use foursee_core::conformance::opened;

const PROFILE: &str = "arn:aws:iam::111122223333:instance-profile/nodes";

fn export() -> String {
    format!(
        r#"{{"UserDetailList":[],"GroupDetailList":[],"Policies":[],"RoleDetailList":[{{"Path":"/","RoleName":"nodes","RoleId":"AROAEXAMPLE",
        "Arn":"arn:aws:iam::111122223333:role/nodes","CreateDate":"2026-01-01T00:00:00Z","RolePolicyList":[],"AttachedManagedPolicies":[],"Tags":[],
        "InstanceProfileList":[{{"InstanceProfileName":"nodes","Arn":"{PROFILE}"}}],
        "AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"ec2.amazonaws.com"}},"Action":"sts:AssumeRole"}}]}}}}]}}"#
    )
}

fn instance(profile: &str, options: &str) -> String {
    format!(
        r#"{{"Reservations":[{{"OwnerId":"111122223333","Instances":[{{"InstanceId":"i-0abc","IamInstanceProfile":{{"Arn":"{profile}","Id":"AIPAEXAMPLE"}}{options}}}]}}]}}"#
    )
}

/// The audiences that the role accepts, and under which condition; and the gaps.
fn accepted(instances: &str) -> (Vec<String>, Vec<String>) {
    let (opened, mapped) = opened(Aws, &[("gaad.json", &export()), ("instances.json", instances)]).unwrap();
    let estate = &mapped.estate;
    let all = estate
        .accepted
        .iter()
        .filter(|one| &*one.kind == "instance-metadata")
        .map(|one| {
            format!(
                "{} {} {}",
                one.subject,
                one.audience.join(","),
                estate.condition(one.condition)
            )
            .trim_end()
            .to_owned()
        })
        .collect();
    let gaps = opened
        .gaps()
        .iter()
        .chain(&estate.gaps)
        .map(|gap| gap.target.clone());
    (all, gaps.collect())
}

fn options(tokens: &str, hops: u32, endpoint: &str) -> String {
    format!(
        r#","MetadataOptions":{{"HttpTokens":"{tokens}","HttpPutResponseHopLimit":{hops},"HttpEndpoint":"{endpoint}"}}"#
    )
}

#[test]
fn the_hop_limit_decides_for_containers() {
    for (tokens, hops, endpoint, want) in [
        ("required", 2, "enabled", vec!["i-0abc host,container"]),
        ("required", 1, "enabled", vec!["i-0abc host"]),
        ("optional", 1, "enabled", vec!["i-0abc host,container"]),
        ("optional", 2, "disabled", vec![]),
    ] {
        let all = accepted(&instance(PROFILE, &options(tokens, hops, endpoint))).0;
        assert_eq!(all, want, "{tokens} {hops} {endpoint}");
    }
    let unsaid = accepted(&instance(PROFILE, "")).0;
    assert!(
        unsaid[0].starts_with("i-0abc host,container the instance's metadata service"),
        "{unsaid:?}"
    );
}

#[test]
fn a_profile_that_nobody_knows_and_a_broken_page_are_gaps() {
    let (all, gaps) = accepted(&instance("arn:aws:iam::111122223333:instance-profile/other", ""));
    assert!(all.is_empty());
    assert!(
        gaps.iter().any(|gap| gap.ends_with("instance-profile/other")),
        "{gaps:?}"
    );
    let (all, gaps) = accepted(r#"{"Reservations":[],"NextToken":"abc"}"#);
    assert!(all.is_empty());
    assert!(gaps.iter().any(|gap| gap.contains("further pages")), "{gaps:?}");
    for broken in [
        r#"{"Reservations":[{"Instances":"#,
        r#"{"Reservations":[{"Instances":[{"InstanceId":7}]}]}"#,
    ] {
        let (all, gaps) = accepted(broken);
        assert!(all.is_empty());
        assert!(gaps.iter().any(|gap| gap == "instances"), "{gaps:?}");
    }
    // An instance without a profile hands out nothing.
    let none = r#"{"Reservations":[{"OwnerId":"111122223333","Instances":[{"InstanceId":"i-0abc"}]}]}"#;
    assert!(accepted(none).0.is_empty());
}
