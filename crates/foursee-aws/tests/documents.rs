//! Every form in which exports come: whole, in pages, filtered, encoded, cut off, refused.

#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use foursee_aws::{Aws, Facts};
use foursee_core::conformance;
use foursee_core::document::{Document, Head, Notes};
use foursee_core::layer::{Layer, ScopeClaim};
use foursee_core::model::{DocId, Reason, ScopeId};
use std::sync::Arc;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;

fn role(name: &str, policy: &str) -> String {
    format!(
        r#"{{"RoleName":"{name}","RoleId":"AROA{name}EXAMPLE","Arn":"arn:aws:iam::111122223333:role/{name}","AssumeRolePolicyDocument":{policy},"RolePolicyList":[{{"PolicyName":"own","PolicyDocument":{policy}}}],"AttachedManagedPolicies":[]}}"#
    )
}

fn page(roles: &[String], more: bool) -> String {
    format!(
        r#"{{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[{}],"Policies":[],"IsTruncated":{more}}}"#,
        roles.join(",")
    )
}

fn read(text: &str) -> (Facts, Notes) {
    let claim = Aws
        .recognise(&Head::new("x", text))
        .unwrap_or_else(|| panic!("not recognised: {text}"));
    let document = Document {
        id: DocId(0),
        name: "x".into(),
        scope: ScopeId(0),
        kind: claim.kinds[0],
        text: Arc::new(text.to_owned()),
    };
    let mut notes = Notes::default();
    let mut facts = Aws.parse(&document, &mut notes);
    Aws.seal(&mut facts, &[document]);
    (facts, notes)
}

fn names(facts: &Facts) -> Vec<&str> {
    facts.roles.iter().map(|role| &*role.name).collect()
}

fn claimed(text: &str) -> (&'static str, ScopeClaim) {
    let claim = Aws
        .recognise(&Head::new("x", text))
        .unwrap_or_else(|| panic!("not recognised: {text}"));
    (claim.kinds[0], claim.scope)
}

#[test]
fn policies_are_objects_strings_or_encoded() {
    let string = serde_json::to_string(POLICY).unwrap();
    let encoded: String = POLICY
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    for form in [POLICY.to_owned(), string, format!("\"{encoded}\"")] {
        let (facts, notes) = read(&page(&[role("a", &form)], false));
        assert!(notes.gaps.is_empty(), "{:?}", notes.gaps);
        assert_eq!(
            facts.roles[0].grants.inline[0].policy.statements[0].actions.list[0].text(),
            "s3:GetObject"
        );
        assert_eq!(facts.account(), Some("111122223333"));
    }
}

#[test]
fn pages_stand_one_after_the_other_in_a_list_or_alone() {
    let (first, second) = (
        page(&[role("a", POLICY)], true),
        page(&[role("b", POLICY)], false),
    );
    for text in [
        format!("{first}\n{second}"),
        format!("[{first},{second}]"),
        format!("[{},{}]", role("a", POLICY), role("b", POLICY)),
    ] {
        let (facts, notes) = read(&text);
        assert_eq!(names(&facts), ["a", "b"], "{text}");
        assert!(notes.gaps.is_empty());
    }
    let split = [("1.json", first.as_str()), ("2.json", second.as_str())];
    let whole = format!("{first}{second}");
    let nodes = |texts: &[(&str, &str)]| {
        let (_, mapped) = conformance::opened(Aws, texts).unwrap();
        mapped
            .estate
            .nodes
            .iter()
            .map(|node| node.name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(nodes(&split), nodes(&[("x.json", &whole)]));
}

#[test]
fn a_page_that_says_more_follows_is_a_gap_unless_it_does() {
    let first = page(&[role("a", POLICY)], true);
    let gaps = |texts: &[(&str, &str)]| {
        let (opened, mapped) = conformance::opened(Aws, texts).unwrap();
        opened
            .gaps()
            .iter()
            .chain(&mapped.estate.gaps)
            .filter(|gap| gap.reason == Reason::Truncated)
            .count()
    };
    assert_eq!(gaps(&[("1.json", &first)]), 1);
    assert_eq!(gaps(&[("1.json", &first), ("2.json", &page(&[], false))]), 0);
}

#[test]
fn what_comes_before_a_break_is_kept() {
    let text = page(&[role("a", POLICY), role("b", POLICY)], false);
    let cut = &text[..text.find("AROAbEXAMPLE").unwrap()];
    let (facts, notes) = read(cut);
    assert_eq!(names(&facts), ["a"]);
    assert_eq!(notes.gaps[0].reason, Reason::Truncated);
    let broken = r#"{"RoleName":7,"Arn":"arn:aws:iam::111122223333:role/x"}"#.to_owned();
    let (facts, notes) = read(&page(&[broken, role("b", POLICY)], false));
    assert_eq!(names(&facts), ["b"]);
    assert_eq!(notes.gaps[0].reason, Reason::Malformed);
    assert_eq!(notes.gaps[0].target, "arn:aws:iam::111122223333:role/x");
}

#[test]
fn a_policy_that_cannot_be_read_may_say_anything() {
    let (facts, notes) = read(&page(&[role("a", r#""%7Bnonsense""#)], false));
    assert_eq!(notes.gaps.len(), 2);
    let answer = Aws.may(
        &facts,
        &foursee_core::layer::Who {
            kind: "role",
            name: "arn:aws:iam::111122223333:role/a",
        },
        "s3:GetObject",
        "arn:aws:s3:::b/k",
    );
    assert!(
        matches!(answer, foursee_core::layer::Holds::Unknown(_)),
        "{answer:?}"
    );
}

#[test]
fn a_policy_that_the_export_left_out_is_a_gap_and_unknown() {
    let attached = role("a", POLICY).replace(
        r#""AttachedManagedPolicies":[]"#,
        r#""AttachedManagedPolicies":[{"PolicyName":"p","PolicyArn":"arn:aws:iam::111122223333:policy/p"}]"#,
    );
    let text = page(&[attached], false);
    let (opened, mapped) = conformance::opened(Aws, &[("x.json", &text)]).unwrap();
    let gap = opened
        .gaps()
        .iter()
        .chain(&mapped.estate.gaps)
        .find(|gap| gap.target == "arn:aws:iam::111122223333:policy/p");
    assert!(gap.unwrap().closes.contains("--filter"));
    let (facts, _) = read(&text);
    let who = foursee_core::layer::Who {
        kind: "role",
        name: "arn:aws:iam::111122223333:role/a",
    };
    assert!(matches!(
        Aws.may(&facts, &who, "ec2:RunInstances", "*"),
        foursee_core::layer::Holds::Unknown(_)
    ));
}

#[test]
fn the_credential_report_comes_as_csv_and_as_base64() {
    let head = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
    let csv = format!(
        "{head}\n<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,no_information,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
    );
    let table = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut base64 = String::new();
    for chunk in csv.as_bytes().chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            base64.push(if at <= chunk.len() {
                char::from(table[(bits >> (18 - 6 * at) & 63) as usize])
            } else {
                '='
            });
        }
    }
    let json = format!(
        r#"{{"Content":"{base64}","ReportFormat":"text/csv","GeneratedTime":"2026-11-25T08:00:00+00:00"}}"#
    );
    for text in [&csv, &json] {
        assert_eq!(
            claimed(text),
            ("credential-report", ScopeClaim::One("111122223333".into()))
        );
        let (facts, notes) = read(text);
        assert!(notes.gaps.is_empty());
        assert_eq!(
            (&*facts.credentials[0].arn, facts.credentials[0].mfa),
            ("arn:aws:iam::111122223333:root", true)
        );
    }
}

#[test]
fn refusals_are_gaps_and_no_policy_is_an_answer() {
    let denied = "\nAn error occurred (AccessDenied) when calling the GetAccountAuthorizationDetails operation: User: arn:aws:iam::111122223333:user/auditor is not authorized to perform: iam:GetAccountAuthorizationDetails\n";
    assert_eq!(claimed(denied), ("gaad", ScopeClaim::One("111122223333".into())));
    let (_, notes) = read(denied);
    assert_eq!(notes.gaps[0].reason, Reason::Denied);
    assert_eq!(notes.gaps[0].closes, "iam:GetAccountAuthorizationDetails");
    let none = "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: The bucket policy does not exist";
    assert_eq!(claimed(none).0, "bucket-policy");
    assert!(read(none).1.gaps.is_empty());
    assert!(
        Aws.recognise(&Head::new(
            "x",
            "An error occurred (AccessDenied) when calling the DescribeInstances operation: no"
        ))
        .is_none()
    );
}

#[test]
fn other_platforms_documents_are_left_alone() {
    for text in [
        r#"{"apiVersion":"v1","kind":"List","items":[]}"#,
        r#"[{"Id":"x","Name":"/web","HostConfig":{}}]"#,
        r#"{"Policy":"open"}"#,
        r#"{"cluster":{"arn":"arn:aws:eks:eu-west-1:111122223333:cluster/x"}}"#,
        "user,arn\n",
        "",
    ] {
        assert!(Aws.recognise(&Head::new("x", text)).is_none(), "{text}");
    }
}

#[test]
fn organization_policies_in_their_three_forms() {
    let summary = r#"{"Id":"p-1","Arn":"arn:aws:organizations::999988887777:policy/o-x/service_control_policy/p-1","Name":"one","Type":"SERVICE_CONTROL_POLICY"}"#;
    let content = serde_json::to_string(POLICY).unwrap();
    let listed = format!(r#"{{"Policies":[{summary}]}}"#);
    let described = format!(r#"{{"Policy":{{"PolicySummary":{summary},"Content":{content}}}}}"#);
    let combined = format!(
        r#"[{{"Policy":{{"PolicySummary":{summary},"Content":{content}}},"Targets":[{{"TargetId":"111122223333","Type":"ACCOUNT"}}]}}]"#
    );
    for (text, accounts) in [
        (&listed, vec![]),
        (&described, vec![]),
        (&combined, vec!["111122223333".to_owned()]),
    ] {
        assert_eq!(
            claimed(text),
            ("organization-policies", ScopeClaim::Shared(accounts))
        );
    }
    assert!(read(&listed).0.organization[0].policy.is_none());
    let (facts, _) = read(&combined);
    assert_eq!(facts.organization[0].targets.as_ref().unwrap().len(), 1);
    assert!(facts.is_management("999988887777"));
}

#[test]
fn evidence_points_at_the_statement() {
    let text = page(&[role("a", POLICY)], false);
    let (facts, notes) = read(&text);
    let place = facts.roles[0].grants.inline[0].policy.statements[0].place;
    assert!(text[place.at as usize..].starts_with(r#"{"Effect":"Allow","Action":"s3:GetObject""#));
    drop(notes);
}

/// Cut off between two rows a report is a smaller one: the users of the account tell.
#[test]
fn a_user_without_a_row_in_the_report_is_a_gap() {
    let user = |name: &str| {
        format!(
            r#"{{"UserName":"{name}","UserId":"AIDA{name}","Arn":"arn:aws:iam::111122223333:user/{name}","GroupList":[],"AttachedManagedPolicies":[]}}"#
        )
    };
    let details = format!(
        r#"{{"UserDetailList":[{},{}],"GroupDetailList":[],"RoleDetailList":[],"Policies":[],"IsTruncated":false}}"#,
        user("a"),
        user("b")
    );
    let row = |name: &str| {
        format!("{name},arn:aws:iam::111122223333:user/{name},2024-01-01T00:00:00Z,false,false,false,N/A\n")
    };
    let header = "user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_1_last_rotated\n";
    let gaps = |report: &str| {
        let texts = [("details.json", details.as_str()), ("report.csv", report)];
        let (_, mapped) = conformance::opened(Aws, &texts).unwrap();
        let of = |gap: &&foursee_core::model::Gap| gap.reason == Reason::Truncated;
        let all: Vec<String> = mapped
            .estate
            .gaps
            .iter()
            .filter(of)
            .map(|gap| gap.facet.to_string())
            .collect();
        all
    };
    assert!(gaps(&format!("{header}{}{}", row("a"), row("b"))).is_empty());
    let cut = gaps(&format!("{header}{}", row("a")));
    assert_eq!(
        cut,
        ["the row of arn:aws:iam::111122223333:user/b: it is older than they are, or cut off"]
    );
}
