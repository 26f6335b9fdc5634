//! Ways through an account: who gets where, by which techniques, and what keeps them from it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use foursee_aws::Aws;
use foursee_core::conformance;
use foursee_core::graph::Position;
use foursee_core::model::{Certainty, Foothold};

const ACCOUNT: &str = "111122223333";

fn statement(text: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#)
}

fn inline(policy: &str) -> String {
    if policy.is_empty() {
        return "[]".to_owned();
    }
    format!(
        r#"[{{"PolicyName":"own","PolicyDocument":{}}}]"#,
        statement(policy)
    )
}

/// A role: name, trust, policy, further fields.
fn role(name: &str, trust: &str, policy: &str, more: &str) -> String {
    format!(
        r#"{{"RoleName":"{name}","RoleId":"AROA{}","Arn":"arn:aws:iam::{ACCOUNT}:role/{name}","AssumeRolePolicyDocument":{},"RolePolicyList":{},"AttachedManagedPolicies":[]{more}}}"#,
        name.to_uppercase(),
        statement(trust),
        inline(policy)
    )
}

fn user(name: &str, policy: &str, more: &str) -> String {
    format!(
        r#"{{"UserName":"{name}","UserId":"AIDA{}","Arn":"arn:aws:iam::{ACCOUNT}:user/{name}","UserPolicyList":{}{more}}}"#,
        name.to_uppercase(),
        inline(policy)
    )
}

fn page(users: &[String], groups: &[String], roles: &[String], policies: &[String]) -> String {
    format!(
        r#"{{"UserDetailList":[{}],"GroupDetailList":[{}],"RoleDetailList":[{}],"Policies":[{}],"IsTruncated":false}}"#,
        users.join(","),
        groups.join(","),
        roles.join(","),
        policies.join(",")
    )
}

fn trust(principal: &str, more: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"{more}}}"#)
}

fn allow(action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":{action},"Resource":{resource}}}"#)
}

/// The techniques of the best way, and how sure it is.
fn way(texts: &[(&str, &str)], from: (&str, &str), to: (&str, &str)) -> Option<(Vec<String>, Certainty)> {
    let (opened, mapped) = conformance::opened(Aws, texts).unwrap();
    let estate = &*mapped.estate;
    let find = |(kind, name): (&str, &str)| {
        estate.ids().find(|id| {
            estate
                .node(*id)
                .is_some_and(|node| !node.selector && *node.name == *name)
                && &*estate.kind(*id).unwrap().name == kind
        })
    };
    let start = Position {
        node: find(from)?,
        foothold: Foothold::Acts,
    };
    let confirm = opened.confirm();
    let path = mapped.graph.path(estate, &[start], find(to)?, &confirm)?;
    let ids = path
        .hops
        .iter()
        .map(|hop| estate.technique(hop.edge.technique).unwrap().id.to_string())
        .collect();
    Some((ids, path.certainty))
}

fn arn(rest: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{rest}")
}

#[test]
fn a_wildcard_over_roles_reaches_only_those_that_trust_the_account() {
    let own = trust(&format!(r#"{{"AWS":"{ACCOUNT}"}}"#), "");
    let text = page(
        &[user("ann", &allow(r#""sts:AssumeRole""#, r#""*""#), "")],
        &[],
        &[
            role("open", &own, "", ""),
            role("shut", &trust(r#"{"Service":"ec2.amazonaws.com"}"#, ""), "", ""),
        ],
        &[],
    );
    let texts = [("gaad.json", text.as_str())];
    let (ids, certainty) = way(&texts, ("user", &arn("user/ann")), ("role", &arn("role/open"))).unwrap();
    assert_eq!(
        (ids, certainty),
        (
            vec!["aws-assume-role".to_owned(), "core-member".to_owned()],
            Certainty::Certain
        )
    );
    assert_eq!(
        way(&texts, ("user", &arn("user/ann")), ("role", &arn("role/shut"))),
        None
    );
}

#[test]
fn a_denied_role_is_out_of_reach_and_a_second_factor_is_a_condition() {
    let own = trust(&format!(r#"{{"AWS":"{ACCOUNT}"}}"#), "");
    let mfa = trust(
        &format!(r#"{{"AWS":"{ACCOUNT}"}}"#),
        r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
    );
    let policy = format!(
        r#"{},{{"Effect":"Deny","Action":"sts:*","Resource":"{}"}}"#,
        allow(r#""sts:AssumeRole""#, r#""*""#),
        arn("role/no-*")
    );
    let text = page(
        &[user("ann", &policy, "")],
        &[],
        &[role("no-entry", &own, "", ""), role("mfa", &mfa, "", "")],
        &[],
    );
    let texts = [("gaad.json", text.as_str())];
    assert_eq!(
        way(
            &texts,
            ("user", &arn("user/ann")),
            ("role", &arn("role/no-entry"))
        ),
        None
    );
    assert_eq!(
        way(&texts, ("user", &arn("user/ann")), ("role", &arn("role/mfa")))
            .unwrap()
            .1,
        Certainty::Conditional
    );
}

#[test]
fn passing_a_role_needs_the_launch_and_the_trust() {
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#, "");
    let admin = allow(r#""*""#, r#""*""#);
    let both = allow(
        r#"["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"]"#,
        r#""*""#,
    );
    let no_launch = allow(r#"["iam:PassRole","lambda:InvokeFunction"]"#, r#""*""#);
    let to_ec2 = format!(
        r#"{},{{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{{"StringEquals":{{"iam:PassedToService":"ec2.amazonaws.com"}}}}}}"#,
        allow(r#"["lambda:CreateFunction","lambda:InvokeFunction"]"#, r#""*""#)
    );
    let users = [
        user("ann", &both, ""),
        user("ben", &no_launch, ""),
        user("cat", &to_ec2, ""),
    ];
    let text = page(&users, &[], &[role("fn", &lambda, &admin, "")], &[]);
    let texts = [("gaad.json", text.as_str())];
    let root = arn("root");
    let (ids, certainty) = way(&texts, ("user", &arn("user/ann")), ("account", &root)).unwrap();
    assert_eq!(
        ids,
        ["aws-pass-role-lambda", "core-member", "aws-is-administrator"]
    );
    assert_eq!(certainty, Certainty::Certain);
    assert_eq!(way(&texts, ("user", &arn("user/ben")), ("account", &root)), None);
    assert_eq!(way(&texts, ("user", &arn("user/cat")), ("account", &root)), None);
}

#[test]
fn an_instance_needs_a_profile() {
    let ec2 = trust(r#"{"Service":"ec2.amazonaws.com"}"#, "");
    let both = allow(r#"["iam:PassRole","ec2:RunInstances"]"#, r#""*""#);
    let profile = r#","InstanceProfileList":[{"InstanceProfileName":"box"}]"#;
    let text = page(
        &[user("ann", &both, "")],
        &[],
        &[role("box", &ec2, "", profile), role("bare", &ec2, "", "")],
        &[],
    );
    let texts = [("gaad.json", text.as_str())];
    assert!(way(&texts, ("user", &arn("user/ann")), ("role", &arn("role/box"))).is_some());
    assert!(way(&texts, ("user", &arn("user/ann")), ("role", &arn("role/bare"))).is_none());
}

#[test]
fn who_writes_its_own_policy_is_an_administrator_unless_a_boundary_holds_it() {
    let own = format!(r#""{}""#, arn("user/${aws:username}"));
    let boundary = format!(
        r#","PermissionsBoundary":{{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"{}"}}"#,
        arn("policy/edge")
    );
    let edge = format!(
        r#"{{"PolicyName":"edge","PolicyId":"ANPA1","Arn":"{}","PolicyVersionList":[{{"VersionId":"v1","IsDefaultVersion":true,"Document":{}}}]}}"#,
        arn("policy/edge"),
        statement(&allow(r#"["iam:*","s3:*"]"#, r#""*""#))
    );
    let put = allow(r#""iam:PutUserPolicy""#, &own);
    let text = page(
        &[user("ann", &put, ""), user("ben", &put, &boundary)],
        &[],
        &[],
        &[edge],
    );
    let texts = [("gaad.json", text.as_str())];
    let (ids, certainty) = way(&texts, ("user", &arn("user/ann")), ("account", &arn("root"))).unwrap();
    assert_eq!(
        (ids, certainty),
        (vec!["aws-self-admin".to_owned()], Certainty::Certain)
    );
    assert_eq!(
        way(&texts, ("user", &arn("user/ben")), ("account", &arn("root"))),
        None
    );
}

#[test]
fn writing_somebody_elses_policy_does_not_act_as_them() {
    let text = page(
        &[
            user(
                "ann",
                &allow(r#""iam:PutUserPolicy""#, &format!(r#""{}""#, arn("user/ben"))),
                "",
            ),
            user("ben", &allow(r#""*""#, r#""*""#), ""),
        ],
        &[],
        &[],
        &[],
    );
    let texts = [("gaad.json", text.as_str())];
    assert!(way(&texts, ("user", &arn("user/ann")), ("user", &arn("user/ben"))).is_some());
    assert_eq!(
        way(&texts, ("user", &arn("user/ann")), ("account", &arn("root"))),
        None
    );
}

#[test]
fn a_user_that_adds_itself_to_a_group_and_a_member_that_rewrites_its_policy() {
    let group = format!(
        r#"{{"GroupName":"ops","GroupId":"AGPA1","Arn":"{}","GroupPolicyList":[],"AttachedManagedPolicies":[{{"PolicyName":"ops","PolicyArn":"{}"}}]}}"#,
        arn("group/ops"),
        arn("policy/ops")
    );
    let ops = format!(
        r#"{{"PolicyName":"ops","PolicyId":"ANPA1","Arn":"{}","PolicyVersionList":[{{"VersionId":"v1","IsDefaultVersion":true,"Document":{}}}]}}"#,
        arn("policy/ops"),
        statement(&allow(r#""iam:CreatePolicyVersion""#, r#""*""#))
    );
    let users = [
        user("ann", &allow(r#""iam:AddUserToGroup""#, r#""*""#), ""),
        user("ben", "", r#","GroupList":["ops"]"#),
    ];
    let text = page(&users, &[group], &[], &[ops]);
    let texts = [("gaad.json", text.as_str())];
    assert_eq!(
        way(&texts, ("user", &arn("user/ann")), ("group", &arn("group/ops")))
            .unwrap()
            .0,
        ["aws-add-user-to-group"]
    );
    assert_eq!(
        way(&texts, ("user", &arn("user/ben")), ("account", &arn("root")))
            .unwrap()
            .0,
        ["aws-self-admin"]
    );
}

#[test]
fn anyone_on_github_gets_in_where_no_repository_is_named() {
    let provider =
        r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#;
    let web = |condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{provider},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}"#
        )
    };
    let any = web(r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#);
    let ours = web(r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/app:*"}}"#);
    let text = page(
        &[],
        &[],
        &[
            role("any", &any, &allow(r#""*""#, r#""*""#), ""),
            role("ours", &ours, "", ""),
        ],
        &[],
    );
    let texts = [("gaad.json", text.as_str())];
    let (ids, certainty) = way(
        &texts,
        ("outside", "anyone on github.com"),
        ("account", &arn("root")),
    )
    .unwrap();
    assert_eq!(ids, ["aws-assume-role-web-identity", "aws-is-administrator"]);
    assert_eq!(certainty, Certainty::Certain);
    let (_, mapped) = conformance::opened(Aws, &texts).unwrap();
    assert_eq!(mapped.estate.entries.len(), 1);
    let accepted = &mapped.estate.accepted;
    let subjects: Vec<String> = accepted
        .iter()
        .filter(|one| &*one.kind == "web-identity")
        .map(|one| one.subject.to_string())
        .collect();
    assert!(
        subjects.contains(&"repo:acme/app:*".to_owned()) && subjects.contains(&"*".to_owned()),
        "{subjects:?}"
    );
}

#[test]
fn another_account_gets_in_only_where_both_sides_allow() {
    let other = "444455556666";
    let accepts = trust(&format!(r#"{{"AWS":"arn:aws:iam::{other}:root"}}"#), "");
    let ours = page(&[], &[], &[role("target", &accepts, "", "")], &[]);
    let theirs = page(
        &[
            user(
                "bob",
                &allow(r#""sts:AssumeRole""#, &format!(r#""{}""#, arn("role/target"))),
                "",
            ),
            user("eve", "", ""),
        ],
        &[],
        &[],
        &[],
    )
    .replace(&format!("::{ACCOUNT}:user"), &format!("::{other}:user"));
    let texts = [("a.json", ours.as_str()), ("b.json", theirs.as_str())];
    let target = arn("role/target");
    let bob = format!("arn:aws:iam::{other}:user/bob");
    let eve = format!("arn:aws:iam::{other}:user/eve");
    let (ids, certainty) = way(&texts, ("user", &bob), ("role", &target)).unwrap();
    assert_eq!(ids, ["core-presents-acts", "core-accepts-acts"]);
    assert_eq!(certainty, Certainty::Certain);
    assert_eq!(way(&texts, ("user", &eve), ("role", &target)), None);
}

#[test]
fn buckets_by_identity_and_by_their_own_policy() {
    let none = trust(r#"{"Service":"lambda.amazonaws.com"}"#, "");
    let read = allow(r#""s3:GetObject""#, r#""arn:aws:s3:::data/*""#);
    let images = allow(r#""s3:GetObject""#, r#""arn:aws:s3:::data/images/*.jpg""#);
    let roles = [
        role("all", &none, &read, ""),
        role("images", &none, &images, ""),
        role("named", &none, "", ""),
        role("denied", &none, &read, ""),
    ];
    let text = page(&[], &[], &roles, &[]);
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}},
        {{"Effect":"Deny","Principal":{{"AWS":"{}"}},"Action":"s3:*","Resource":"arn:aws:s3:::data/*"}},
        {{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::data/*","Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}]}}"#,
        arn("role/named"),
        arn("role/denied")
    );
    let bucket = serde_json::to_string(&std::collections::BTreeMap::from([("Policy", policy)])).unwrap();
    let texts = [("gaad.json", text.as_str()), ("bucket.json", bucket.as_str())];
    let data = ("bucket", "arn:aws:s3:::data");
    let sure = |name: &str| {
        way(&texts, ("role", &arn(&format!("role/{name}"))), data)
            .map(|(ids, certainty)| (ids[0].clone(), certainty))
    };
    assert_eq!(sure("all"), Some(("aws-s3-read".to_owned(), Certainty::Certain)));
    assert_eq!(
        sure("images"),
        Some(("aws-s3-read".to_owned(), Certainty::Conditional))
    );
    assert_eq!(
        sure("named"),
        Some(("aws-s3-read".to_owned(), Certainty::Certain))
    );
    assert_eq!(sure("denied"), None);
}

#[test]
fn a_key_id_is_the_users() {
    let keys = r#"{"AccessKeyMetadata":[{"UserName":"ann","AccessKeyId":"AKIAEXAMPLE","Status":"Active","CreateDate":"2026-01-01T00:00:00Z"}]}"#;
    let text = page(&[user("ann", "", "")], &[], &[], &[]);
    let (_, mapped) = conformance::opened(Aws, &[("gaad.json", &text), ("keys.json", keys)]).unwrap();
    let found = mapped
        .estate
        .accepted
        .iter()
        .find(|one| &*one.kind == "aws-access-key")
        .unwrap();
    assert_eq!(found.subject.to_string(), "AKIAEXAMPLE");
    assert!(
        mapped
            .estate
            .presented
            .iter()
            .any(|one| &*one.kind == "aws-principal" && *one.subject == *arn("user/ann"))
    );
}

#[test]
fn the_demo_organisation_is_open_to_github_and_to_its_developers() {
    let base = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let mut all = Vec::new();
    for folder in ["aws-prod", "aws-dev", "organization"] {
        for entry in std::fs::read_dir(base.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            all.push((name, std::fs::read_to_string(path).unwrap()));
        }
    }
    let texts: Vec<(&str, &str)> = all
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let (ids, _) = way(
        &texts,
        ("outside", "anyone on github.com"),
        ("account", &arn("root")),
    )
    .unwrap();
    assert_eq!(
        ids,
        [
            "aws-assume-role-web-identity",
            "aws-pass-role-ec2",
            "core-member",
            "aws-is-administrator"
        ]
    );
    let sam = "arn:aws:iam::444455556666:user/sam";
    let (ids, _) = way(&texts, ("user", sam), ("role", &arn("role/support-readonly"))).unwrap();
    assert_eq!(
        ids,
        ["aws-assume-role", "core-presents-acts", "core-accepts-acts"]
    );
}

#[test]
fn a_bucket_of_another_account_needs_both_sides() {
    let other = "444455556666";
    let ours = page(&[user("ann", "", "")], &[], &[], &[]);
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{other}"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}}}}"#
    );
    let bucket = serde_json::to_string(&std::collections::BTreeMap::from([("Policy", policy)])).unwrap();
    let reads = allow(r#""s3:GetObject""#, r#""arn:aws:s3:::data/*""#);
    let theirs = page(&[user("bob", &reads, ""), user("eve", "", "")], &[], &[], &[]);
    let theirs = theirs.replace(&format!("::{ACCOUNT}:user"), &format!("::{other}:user"));
    let texts = [
        ("ours/a.json", ours.as_str()),
        ("ours/b.json", bucket.as_str()),
        ("theirs/a.json", theirs.as_str()),
    ];
    let (_, mapped) = conformance::opened(Aws, &texts).unwrap();
    let works: Vec<String> = mapped
        .estate
        .bonds
        .iter()
        .filter(|bond| bond.verdict.as_str() == "works")
        .map(|bond| bond.credential())
        .collect();
    assert_eq!(
        works,
        ["aws-call arn:aws:iam::444455556666:user/bob at s3:GetObject"]
    );
}

#[test]
fn a_policy_of_a_unit_that_the_account_may_not_be_in_is_a_condition_and_a_gap() {
    let content =
        serde_json::to_string(&statement(r#"{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#)).unwrap();
    let policy = format!(
        r#"[{{"Policy":{{"PolicySummary":{{"Id":"p-1","Arn":"arn:aws:organizations::999988887777:policy/o-x/service_control_policy/p-1","Name":"no-iam","Type":"SERVICE_CONTROL_POLICY"}},"Content":{content}}},"Targets":[{{"TargetId":"TARGET","Type":"X"}}]}}]"#
    );
    let text = page(
        &[user("ann", &allow(r#""iam:PutUserPolicy""#, r#""*""#), "")],
        &[],
        &[],
        &[],
    );
    let sure = |target: &str| {
        let policy = policy.replace("TARGET", target);
        let texts = [("gaad.json", text.as_str()), ("org.json", policy.as_str())];
        let (_, mapped) = conformance::opened(Aws, &texts).unwrap();
        let gap = mapped
            .estate
            .gaps
            .iter()
            .any(|gap| gap.target == "organization policy no-iam");
        (
            way(&texts, ("user", &arn("user/ann")), ("account", &arn("root"))).map(|found| found.1),
            gap,
        )
    };
    assert_eq!(sure("ou-ab12-x"), (Some(Certainty::Conditional), true));
    assert_eq!(sure(ACCOUNT), (None, false));
}

#[test]
fn other_partitions_have_the_same_ways() {
    let own = trust(&format!(r#"{{"AWS":"{ACCOUNT}"}}"#), "");
    let put = allow(
        r#"["sts:AssumeRole","iam:PutUserPolicy","s3:GetObject"]"#,
        r#""*""#,
    );
    let bucket = allow(r#""s3:PutObject""#, r#""arn:aws:s3:::data/*""#);
    let text = page(
        &[user("ann", &format!("{put},{bucket}"), "")],
        &[],
        &[role("open", &own, "", "")],
        &[],
    );
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        let text = text.replace("arn:aws:", &format!("arn:{partition}:"));
        let texts = [("gaad.json", text.as_str())];
        let name = |rest: &str| format!("arn:{partition}:iam::{ACCOUNT}:{rest}");
        let ann = name("user/ann");
        assert!(
            way(&texts, ("user", &ann), ("role", &name("role/open"))).is_some(),
            "{partition}"
        );
        assert!(
            way(&texts, ("user", &ann), ("account", &name("root"))).is_some(),
            "{partition}"
        );
        assert!(
            way(
                &texts,
                ("user", &ann),
                ("bucket", &format!("arn:{partition}:s3:::data"))
            )
            .is_some(),
            "{partition}"
        );
    }
}
