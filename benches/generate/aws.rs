//! An account's `aws iam get-account-authorization-details`, as the command line prints it.
//!
//! Shapes: roles with a trust policy, an inline policy of three statements and two attached policies; one in ten trusts
//! a cluster's tokens, one in thirty has a condition, one in two hundred is wide; a managed policy for every tenth.

use super::Dice;
use serde_json::{Value, json};
use std::path::Path;

const ACCOUNT: &str = "111122223333";

/// Writes the document.
pub fn write(folder: &Path, roles: usize) -> std::io::Result<u64> {
    let mut dice = Dice(7);
    let mut bytes = super::list(
        &folder.join("roles.json"),
        (
            "{\n    \"RoleDetailList\": [\n",
            8,
            "    ],\n    \"IsTruncated\": false\n}\n",
        ),
        roles,
        |at| role(at, roles, &mut dice),
    )?;
    bytes += super::list(
        &folder.join("policies.json"),
        (
            "{\n    \"UserDetailList\": [],\n    \"GroupDetailList\": [],\n    \"RoleDetailList\": [],\n    \"Policies\": [\n",
            8,
            "    ],\n    \"IsTruncated\": false\n}\n",
        ),
        roles / 10 + 1,
        managed,
    )?;
    Ok(bytes)
}

fn role(at: usize, roles: usize, dice: &mut Dice) -> Value {
    let trust = match at % 10 {
        0 => {
            json!({"Effect": "Allow", "Principal": {"Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE")}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:sub": format!("system:serviceaccount:team-{}:app-{at}", at % 300)}}})
        }
        1..4 => {
            json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
        }
        _ => {
            json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:role/team-{}/app-{}", at % 300, dice.roll(roles))}, "Action": "sts:AssumeRole"})
        }
    };
    let mut second = json!({"Sid": "Queue", "Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:queue-{}", dice.roll(2_000))});
    if at.is_multiple_of(30) {
        second["Condition"] = json!({"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}, "Bool": {"aws:SecureTransport": "true"}});
    }
    let third = if at.is_multiple_of(200) {
        json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
    } else {
        json!({"Effect": "Deny", "Action": ["iam:*", "organizations:*"], "Resource": "*"})
    };
    json!({
        "Path": format!("/team-{}/", at % 300), "RoleName": format!("app-{at}"), "RoleId": format!("AROA{at:017}"),
        "Arn": format!("arn:aws:iam::{ACCOUNT}:role/team-{}/app-{at}", at % 300), "CreateDate": "2024-03-02T07:30:00+00:00",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "InstanceProfileList": [],
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
            {"Sid": "Bucket", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "Resource": [format!("arn:aws:s3:::data-{at}"), format!("arn:aws:s3:::data-{at}/*")]},
            second, third]}}],
        "AttachedManagedPolicies": [
            {"PolicyName": format!("shared-{}", at / 10), "PolicyArn": format!("arn:aws:iam::{ACCOUNT}:policy/shared-{}", at / 10)},
            {"PolicyName": "AmazonSSMManagedInstanceCore", "PolicyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}],
        "Tags": [{"Key": "owner", "Value": format!("team-{}", at % 40)}, {"Key": "environment", "Value": "production"}],
        "RoleLastUsed": {"LastUsedDate": "2026-11-25T05:02:11+00:00", "Region": "eu-west-1"}
    })
}

fn managed(at: usize) -> Value {
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": format!("arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/app/{at}:*")},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{at:08}-0000-4000-8000-000000000000")}]});
    json!({
        "PolicyName": format!("shared-{at}"), "PolicyId": format!("ANPA{at:017}"), "Arn": format!("arn:aws:iam::{ACCOUNT}:policy/shared-{at}"), "Path": "/",
        "DefaultVersionId": "v2", "AttachmentCount": 10, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true, "CreateDate": "2024-03-02T07:30:00+00:00", "UpdateDate": "2024-03-02T07:30:00+00:00",
        "PolicyVersionList": [
            {"Document": document, "VersionId": "v2", "IsDefaultVersion": true, "CreateDate": "2024-03-02T07:30:00+00:00"},
            {"Document": document, "VersionId": "v1", "IsDefaultVersion": false, "CreateDate": "2024-03-01T07:30:00+00:00"}]
    })
}
