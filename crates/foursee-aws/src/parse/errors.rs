//! What the AWS CLI prints in place of an answer: a refusal is a gap, never an absence.

use super::scope;
use crate::facts::{Bucket, Facts};
use foursee_core::document::{Document, Head, Notes};
use foursee_core::layer::Claim;
use foursee_core::model::{Gap, Reason};

/// A call of the services that are read.
#[derive(Clone, Copy)]
struct Call {
    name: &'static str,
    /// The kind of documents that it makes.
    kind: &'static str,
    hides: &'static str,
    permission: &'static str,
}

/// Name, kind, what a refusal hides, the permission.
type Row = (&'static str, &'static str, &'static str, &'static str);

const CALLS: [Row; 14] = [
    (
        "GetAccountAuthorizationDetails",
        "gaad",
        "every user, group, role and policy",
        "iam:GetAccountAuthorizationDetails",
    ),
    ("ListUsers", "gaad", "the users", "iam:ListUsers"),
    ("ListRoles", "gaad", "the roles", "iam:ListRoles"),
    ("ListGroups", "gaad", "the groups", "iam:ListGroups"),
    (
        "GetPolicyVersion",
        "gaad",
        "a policy's document",
        "iam:GetPolicyVersion",
    ),
    (
        "GetCredentialReport",
        "credential-report",
        "the age and use of passwords and access keys",
        "iam:GetCredentialReport",
    ),
    (
        "GenerateCredentialReport",
        "credential-report",
        "the age and use of passwords and access keys",
        "iam:GenerateCredentialReport",
    ),
    (
        "ListPolicies",
        "organization-policies",
        "what the organisation forbids",
        "organizations:ListPolicies",
    ),
    (
        "ListPoliciesForTarget",
        "organization-policies",
        "what the organisation forbids",
        "organizations:ListPoliciesForTarget",
    ),
    (
        "DescribePolicy",
        "organization-policies",
        "what the organisation forbids",
        "organizations:DescribePolicy",
    ),
    (
        "ListTargetsForPolicy",
        "organization-policies",
        "which accounts a policy binds",
        "organizations:ListTargetsForPolicy",
    ),
    (
        "GetBucketPolicy",
        "bucket-policy",
        "whom a bucket's own policy lets in",
        "s3:GetBucketPolicy",
    ),
    (
        "ListBuckets",
        "bucket-policy",
        "which buckets there are",
        "s3:ListAllMyBuckets",
    ),
    (
        "GetPublicAccessBlock",
        "bucket-policy",
        "whether public access is blocked",
        "s3:GetBucketPublicAccessBlock",
    ),
];

/// The error's code and the call's row.
fn read(text: &str) -> Option<(&str, Call)> {
    let (_, rest) = text.split_once("An error occurred (")?;
    let (code, rest) = rest.split_once(')')?;
    let (_, rest) = rest.split_once("when calling the ")?;
    let (call, _) = rest.split_once(" operation")?;
    let (name, kind, hides, permission) = *CALLS.iter().find(|row| row.0 == call)?;
    Some((
        code,
        Call {
            name,
            kind,
            hides,
            permission,
        },
    ))
}

pub(super) fn claim(head: &Head<'_>) -> Option<Claim> {
    let (_, row) = read(
        head.text()
            .get(..head.text().len().min(4_096))
            .unwrap_or(head.text()),
    )?;
    let account = head
        .text()
        .split_whitespace()
        .find_map(|word| crate::authorize::account_of(word.trim_matches(['"', '\'', ',', '.'])));
    Some(Claim::state(row.kind, scope(account.map(str::to_owned))))
}

pub(super) fn parse(document: &Document, notes: &mut Notes, facts: &mut Facts) -> bool {
    let Some((code, call)) = read(&document.text) else {
        return false;
    };
    if code == "NoSuchBucketPolicy" {
        // An answer after all: the bucket has no policy. Its name is printed only where somebody adds it.
        let name = document
            .text
            .split_once("BucketName: ")
            .and_then(|(_, rest)| rest.split_whitespace().next());
        if let Some(name) = name {
            facts.buckets.push(Bucket {
                name: name.into(),
                policy: None,
                place: document.at(0),
            });
        }
        return true;
    }
    let denied = [
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "ExpiredToken",
        "InvalidClientTokenId",
    ];
    let reason = if denied.contains(&code) {
        Reason::Denied
    } else {
        Reason::NotCaptured
    };
    notes.gap(
        Gap::new(reason, call.name)
            .facet(format!("the answer: AWS said {code}"))
            .hides(call.hides)
            .closes(call.permission)
            .at(document.at(0)),
    );
    true
}
