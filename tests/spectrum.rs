//! The least-privilege spectrum: one bucket, three ways to grant it, three rungs; and what no policy can say.

use foursee::core::audit::Input;
use foursee::core::judge::{Policy, Targets};
use foursee::core::model::Rung;
use foursee::core::report::{IdentityRow, Report, Status};
use foursee_aws::data::LIMITS;
use foursee_tests::report;

/// The bucket wholly; its objects by named actions; only its pictures.
const POLICIES: [(&str, &str, &str); 3] = [
    (
        "bucket-owner",
        r#""s3:*""#,
        r#"["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]"#,
    ),
    (
        "uploader",
        r#"["s3:GetObject", "s3:PutObject"]"#,
        r#""arn:aws:s3:::bucket/*""#,
    ),
    (
        "picture-uploader",
        r#"["s3:GetObject", "s3:PutObject"]"#,
        r#"["arn:aws:s3:::bucket/images/*.jpg", "arn:aws:s3:::bucket/images/*.png"]"#,
    ),
];

/// An account of a role for each of these, as `aws iam get-account-authorization-details` prints it.
fn account(policies: &[(&str, &str, &str)]) -> Vec<Input> {
    let role = |(name, action, resource): &(&str, &str, &str)| {
        format!(
            r#"{{
            "Path": "/", "RoleName": "{name}", "RoleId": "AROA{name}",
            "Arn": "arn:aws:iam::111122223333:role/{name}", "CreateDate": "2026-01-01T00:00:00+00:00",
            "AssumeRolePolicyDocument": {{ "Version": "2012-10-17", "Statement": [
                {{ "Effect": "Allow", "Principal": {{ "Service": "ec2.amazonaws.com" }}, "Action": "sts:AssumeRole" }}]}},
            "InstanceProfileList": [],
            "RolePolicyList": [{{ "PolicyName": "use-the-bucket", "PolicyDocument": {{ "Version": "2012-10-17",
                "Statement": [{{ "Effect": "Allow", "Action": {action}, "Resource": {resource} }}]}}}}],
            "AttachedManagedPolicies": [], "Tags": []
        }}"#
        )
    };
    let roles: Vec<String> = policies.iter().map(role).collect();
    let text = format!(
        r#"{{ "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [{}], "Policies": [] }}"#,
        roles.join(",")
    );
    let mut documents = foursee::core::audit::Documents::new();
    documents.push_text("account.json", text);
    documents.inputs().to_vec()
}

fn standing<'a>(report: &'a Report, role: &str) -> &'a IdentityRow {
    let name = format!("arn:aws:iam::111122223333:role/{role}");
    report
        .identities
        .iter()
        .find(|one| one.name == name)
        .unwrap_or_else(|| panic!("{name} is not among {:?}", report.identities))
}

fn asking(rung: Rung) -> Policy {
    let mut targets = Targets::default();
    targets.default = Some(rung);
    let mut policy = Policy::default();
    policy.targets.insert(String::new(), targets);
    policy
}

#[test]
fn three_policies_over_one_bucket_stand_on_three_rungs() {
    let report = report(&account(&POLICIES), &Policy::default());
    let rungs: Vec<Option<Rung>> = POLICIES
        .iter()
        .map(|(role, ..)| standing(&report, role).rung)
        .collect();
    assert_eq!(rungs, [Some(Rung::Broad), Some(Rung::Scoped), Some(Rung::Narrow)]);
    // Each could be said as tightly as the last one is.
    for (role, ..) in POLICIES {
        assert_eq!(standing(&report, role).attainable, Some(Rung::Narrow), "{role}");
    }
    assert_eq!(report.summary.rungs.values().sum::<usize>(), 3);
}

#[test]
fn a_wider_statement_beside_a_tight_one_decides() {
    let mut policies = POLICIES.to_vec();
    policies.push(("everywhere", r#"["s3:*"]"#, r#""*""#));
    policies.push(("administrator", r#""*""#, r#""*""#));
    let report = report(&account(&policies), &Policy::default());
    assert_eq!(standing(&report, "everywhere").rung, Some(Rung::ServiceWide));
    assert_eq!(standing(&report, "administrator").rung, Some(Rung::Unbounded));
    assert_eq!(standing(&report, "picture-uploader").rung, Some(Rung::Narrow));
}

#[test]
fn the_position_that_was_asked_for_is_measured_against_where_each_stands() {
    for (asked, at_target) in [(Rung::Broad, 3), (Rung::Scoped, 2), (Rung::Narrow, 1)] {
        let report = report(&account(&POLICIES), &asking(asked));
        let meets = |one: &&IdentityRow| one.name.contains(":role/") && one.rung >= one.target;
        assert_eq!(
            report.identities.iter().filter(meets).count(),
            at_target,
            "{asked:?}"
        );
        for one in &report.findings {
            if let (Some(rung), Some(target)) = (one.rung, one.target) {
                let reached = rung >= target.min(one.attainable.unwrap_or(target));
                assert_eq!(one.status == Status::AtTarget, reached, "{}", one.title);
            }
        }
    }
}

#[test]
fn the_size_of_an_object_is_beyond_what_a_policy_can_say() {
    let limit = LIMITS
        .iter()
        .find(|limit| limit.wish.contains("object's size"))
        .unwrap();
    assert_eq!(limit.actions, "s3:PutObject");
    assert!(limit.source.contains("condition keys"), "{}", limit.source);
    assert!(
        limit.instead.contains("content-length-range"),
        "{}",
        limit.instead
    );
    // The tightest of the three already stands where nothing tighter can be written.
    let report = report(&account(&POLICIES), &asking(Rung::AsUsed));
    let pictures = standing(&report, "picture-uploader");
    assert_eq!(
        (pictures.rung, pictures.attainable),
        (Some(limit.attainable), Some(limit.attainable))
    );
}
