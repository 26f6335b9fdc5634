"""A small account in moto, and its exports as `aws --output json` prints them."""

import base64
import json
import pathlib
import sys

import boto3

OUT = pathlib.Path(sys.argv[1])
iam, s3, organizations = (boto3.client(name) for name in ("iam", "s3", "organizations"))
ACCOUNT = boto3.client("sts").get_caller_identity()["Account"]
MANAGED = "arn:aws:iam::aws:policy/"


def statement(effect, action, resource, **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(**principal):
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def export(name, answer):
    """As the CLI prints an answer: no metadata, bytes in base64, times as text."""

    def plain(value):
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()

    if isinstance(answer, dict):
        answer.pop("ResponseMetadata", None)
    (OUT / name).write_text(json.dumps(answer, indent=4, default=plain) + "\n")


def make():
    for name in ("alice", "bob", "carol"):
        iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "red"}])
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn=MANAGED + "AdministratorAccess")
    iam.add_user_to_group(GroupName="admins", UserName="alice")
    iam.create_login_profile(UserName="alice", Password="only-For-Tests-1")
    iam.put_user_policy(
        UserName="bob",
        PolicyName="images",
        PolicyDocument=policy(
            statement("Allow", ["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::shop/images/*"),
            statement("Deny", "s3:PutObject", "arn:aws:s3:::shop/images/kept/*"),
        ),
    )
    iam.create_access_key(UserName="bob")
    only_tables = iam.create_policy(
        PolicyName="tables",
        PolicyDocument=policy(
            statement(
                "Allow",
                "dynamodb:*",
                f"arn:aws:dynamodb:*:{ACCOUNT}:table/orders",
                Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
            )
        ),
    )["Policy"]["Arn"]
    # Only the default version counts.
    iam.create_policy_version(
        PolicyArn=only_tables,
        PolicyDocument=policy(statement("Allow", "dynamodb:GetItem", f"arn:aws:dynamodb:*:{ACCOUNT}:table/orders")),
        SetAsDefault=True,
    )
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=trust(AWS=f"arn:aws:iam::{ACCOUNT}:user/bob"))
    iam.attach_role_policy(RoleName="app", PolicyArn=only_tables)
    iam.create_role(
        RoleName="worker",
        AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"),
        PermissionsBoundary=MANAGED + "ReadOnlyAccess",
    )
    iam.attach_role_policy(RoleName="worker", PolicyArn=MANAGED + "AmazonS3FullAccess")
    iam.create_instance_profile(InstanceProfileName="worker")
    iam.add_role_to_instance_profile(InstanceProfileName="worker", RoleName="worker")
    s3.create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    carol = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/carol"}
    s3.put_bucket_policy(
        Bucket="shop",
        Policy=policy(statement("Allow", "s3:GetObject", "arn:aws:s3:::shop/public/*", Principal=carol)),
    )
    organizations.create_organization(FeatureSet="ALL")
    base = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=base, PolicyType="SERVICE_CONTROL_POLICY")
    scp = organizations.create_policy(
        Name="no-trail-off",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=policy(statement("Deny", "cloudtrail:StopLogging", "*")),
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=scp, TargetId=ACCOUNT)


def exports():
    export("gaad.json", iam.get_account_authorization_details())
    iam.generate_credential_report()
    export("credential-report.json", iam.get_credential_report())
    export("keys.json", iam.list_access_keys(UserName="bob"))
    export("bucket.json", s3.get_bucket_policy(Bucket="shop"))
    listed = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    whole = []
    for one in listed:
        answer = organizations.describe_policy(PolicyId=one["Id"])
        targets = organizations.list_targets_for_policy(PolicyId=one["Id"])["Targets"]
        whole.append({"Policy": answer["Policy"], "Targets": targets})
    export("organization.json", whole)


make()
exports()
