//! The ways by which one identity uses, becomes or empowers another: rows. Each names the action that it takes.
//!
//! Who changes another identity's policies does not act as it: such techniques give the foothold `holds`, from which
//! nothing of this layer goes on; where somebody changes its own policies, `aws-self-admin` says what that gives.

use foursee_core::model::{Foothold, Technique, Verb};

const PATHS: &str = "pathfinding.cloud";

const fn row(
    id: &'static str,
    verb: Verb,
    gives: Foothold,
    says: &'static str,
    source: &'static str,
) -> Technique {
    Technique {
        id,
        verb,
        needs: Foothold::Acts,
        gives,
        says,
        source,
    }
}

/// `sts:AssumeRole`.
pub static ASSUME_ROLE: Technique = row(
    "aws-assume-role",
    Verb::Become,
    Foothold::Acts,
    "assumes",
    "AWS STS API reference, AssumeRole; pathfinding.cloud sts-001",
);
/// `sts:AssumeRoleWithWebIdentity`, for whoever a public issuer vouches for.
pub static WEB_IDENTITY: Technique = row(
    "aws-assume-role-web-identity",
    Verb::Become,
    Foothold::Acts,
    "assumes by a token of a public issuer",
    "AWS STS API reference, AssumeRoleWithWebIdentity; IAM User Guide, id_roles_create_for-idp_oidc",
);
/// `sts:AssumeRoleWithSAML`.
pub static SAML: Technique = row(
    "aws-assume-role-saml",
    Verb::Become,
    Foothold::Acts,
    "assumes by a SAML assertion",
    "AWS STS API reference, AssumeRoleWithSAML",
);
/// What an administrator of the account may become.
pub static ADMINISTERS: Technique = row(
    "aws-administers",
    Verb::Become,
    Foothold::Acts,
    "administers",
    "IAM User Guide, getting-set-up: an administrator may do everything in the account",
);
/// Every action on every resource.
pub static IS_ADMIN: Technique = row(
    "aws-is-administrator",
    Verb::Become,
    Foothold::Acts,
    "is an administrator of",
    "AWS Managed Policy Reference, AdministratorAccess",
);
/// Rights to change one's own policies.
pub static SELF_ADMIN: Technique = row(
    "aws-self-admin",
    Verb::Become,
    Foothold::Acts,
    "makes itself an administrator of",
    "pathfinding.cloud iam-001, iam-005, iam-007 to iam-011",
);
/// `iam:AddUserToGroup`, by a user that adds itself.
pub static ADD_TO_GROUP: Technique = row(
    "aws-add-user-to-group",
    Verb::Become,
    Foothold::Acts,
    "adds itself to",
    "pathfinding.cloud iam-013",
);

/// A technique over identities that takes one action of IAM.
#[derive(Clone, Copy, Debug)]
pub struct IamRow {
    /// The technique.
    pub technique: &'static Technique,
    /// The action.
    pub action: &'static str,
    /// The word in the ARN of what it is over: "user", "role", "group", "policy".
    pub over: &'static str,
}

macro_rules! iam {
    ($($name:ident $id:literal $action:literal $over:literal $verb:ident $gives:ident $says:literal $source:expr;)*) => {
        $(static $name: Technique = row($id, Verb::$verb, Foothold::$gives, $says, $source);)*
        /// The techniques that take one action of IAM.
        pub static IAM: &[IamRow] = &[$(IamRow { technique: &$name, action: $action, over: $over }),*];
    };
}

iam! {
    CREATE_ACCESS_KEY "aws-create-access-key" "iam:CreateAccessKey" "user" Become Acts "makes an access key of" "pathfinding.cloud iam-002";
    CREATE_LOGIN_PROFILE "aws-create-login-profile" "iam:CreateLoginProfile" "user" Become Acts "sets a first password of" "pathfinding.cloud iam-004";
    UPDATE_LOGIN_PROFILE "aws-update-login-profile" "iam:UpdateLoginProfile" "user" Become Acts "changes the password of" "pathfinding.cloud iam-006";
    UPDATE_TRUST "aws-update-assume-role-policy" "iam:UpdateAssumeRolePolicy" "role" Become Acts "makes itself trusted by" "pathfinding.cloud iam-012";
    PUT_USER_POLICY "aws-put-user-policy" "iam:PutUserPolicy" "user" Delegate Holds "writes policies of" PATHS;
    ATTACH_USER_POLICY "aws-attach-user-policy" "iam:AttachUserPolicy" "user" Delegate Holds "attaches policies to" PATHS;
    PUT_ROLE_POLICY "aws-put-role-policy" "iam:PutRolePolicy" "role" Delegate Holds "writes policies of" PATHS;
    ATTACH_ROLE_POLICY "aws-attach-role-policy" "iam:AttachRolePolicy" "role" Delegate Holds "attaches policies to" PATHS;
    PUT_GROUP_POLICY "aws-put-group-policy" "iam:PutGroupPolicy" "group" Delegate Holds "writes policies of" PATHS;
    ATTACH_GROUP_POLICY "aws-attach-group-policy" "iam:AttachGroupPolicy" "group" Delegate Holds "attaches policies to" PATHS;
    CREATE_POLICY_VERSION "aws-create-policy-version" "iam:CreatePolicyVersion" "policy" Delegate Holds "rewrites" PATHS;
}

/// The actions by which a user, a role, a group's member or a policy's holder makes itself an administrator.
pub(crate) const SELF_USER: [&str; 2] = ["iam:PutUserPolicy", "iam:AttachUserPolicy"];
/// The same for a role.
pub(crate) const SELF_ROLE: [&str; 2] = ["iam:PutRolePolicy", "iam:AttachRolePolicy"];
/// The same through a group that the user is in.
pub(crate) const SELF_GROUP: [&str; 2] = ["iam:PutGroupPolicy", "iam:AttachGroupPolicy"];
/// The same through a policy that it holds.
pub(crate) const SELF_POLICY: [&str; 1] = ["iam:CreatePolicyVersion"];

/// A service to which a role is passed, so that it runs code as that role.
#[derive(Clone, Copy, Debug)]
pub struct PassRow {
    /// The technique.
    pub technique: &'static Technique,
    /// The service's principal: in the role's trust, and in `iam:PassedToService`.
    pub service: &'static str,
    /// The actions of which every one is needed.
    pub all: &'static [&'static str],
    /// The actions of which one is needed; none where nothing more is.
    pub any: &'static [&'static str],
    /// The role must stand in an instance profile.
    pub instance_profile: bool,
}

static PASS_LAMBDA: Technique = row(
    "aws-pass-role-lambda",
    Verb::Become,
    Foothold::Spawns,
    "passes to a new Lambda function the role",
    "pathfinding.cloud lambda-001, lambda-002, lambda-006",
);
static PASS_EC2: Technique = row(
    "aws-pass-role-ec2",
    Verb::Become,
    Foothold::Spawns,
    "passes to a new EC2 instance the role",
    "pathfinding.cloud ec2-001",
);
static PASS_ECS: Technique = row(
    "aws-pass-role-ecs",
    Verb::Become,
    Foothold::Spawns,
    "passes to a new ECS task the role",
    "pathfinding.cloud ecs-003, ecs-004, ecs-005",
);

/// The services.
pub static PASS: [PassRow; 3] = [
    PassRow {
        technique: &PASS_LAMBDA,
        service: "lambda.amazonaws.com",
        all: &["lambda:CreateFunction"],
        any: &[
            "lambda:InvokeFunction",
            "lambda:CreateEventSourceMapping",
            "lambda:AddPermission",
        ],
        instance_profile: false,
    },
    PassRow {
        technique: &PASS_EC2,
        service: "ec2.amazonaws.com",
        all: &["ec2:RunInstances"],
        any: &[],
        instance_profile: true,
    },
    PassRow {
        technique: &PASS_ECS,
        service: "ecs-tasks.amazonaws.com",
        all: &["ecs:RegisterTaskDefinition"],
        any: &["ecs:RunTask", "ecs:StartTask", "ecs:CreateService"],
        instance_profile: false,
    },
];

/// A way to use a bucket's objects.
#[derive(Clone, Copy, Debug)]
pub struct BucketRow {
    /// The technique.
    pub technique: &'static Technique,
    /// The action.
    pub action: &'static str,
}

const S3: &str = "Service Authorization Reference, list_amazons3";
static S3_READ: Technique = row("aws-s3-read", Verb::Read, Foothold::Acts, "reads objects of", S3);
static S3_WRITE: Technique = row(
    "aws-s3-write",
    Verb::Write,
    Foothold::Holds,
    "writes objects of",
    S3,
);
static S3_DELETE: Technique = row(
    "aws-s3-delete",
    Verb::Delete,
    Foothold::Holds,
    "deletes objects of",
    S3,
);

/// The ways to use a bucket.
pub static BUCKET: [BucketRow; 3] = [
    BucketRow {
        technique: &S3_READ,
        action: "s3:GetObject",
    },
    BucketRow {
        technique: &S3_WRITE,
        action: "s3:PutObject",
    },
    BucketRow {
        technique: &S3_DELETE,
        action: "s3:DeleteObject",
    },
];

/// An issuer of tokens that anybody may have made out, by signing up there.
#[derive(Clone, Copy, Debug)]
pub struct PublicIssuer {
    /// The issuer.
    pub issuer: &'static str,
    /// Where people sign up.
    pub site: &'static str,
    /// What its subjects begin with, before the tenant's name.
    pub before: &'static str,
    /// What ends the tenant's name.
    pub after: char,
    /// Other claims that name the tenant.
    pub claims: &'static [&'static str],
}

/// The issuers that are known. Source: IAM User Guide, id_roles_providers_oidc_secure-by-default; the issuers' manuals.
pub static PUBLIC_ISSUERS: [PublicIssuer; 6] = [
    PublicIssuer {
        issuer: "token.actions.githubusercontent.com",
        site: "github.com",
        before: "repo:",
        after: '/',
        claims: &[
            "repository",
            "repository_id",
            "repository_owner",
            "repository_owner_id",
            "job_workflow_ref",
            "enterprise_id",
            "actor_id",
        ],
    },
    PublicIssuer {
        issuer: "gitlab.com",
        site: "gitlab.com",
        before: "project_path:",
        after: '/',
        claims: &["namespace_id", "project_id", "namespace_path", "project_path"],
    },
    PublicIssuer {
        issuer: "app.terraform.io",
        site: "app.terraform.io",
        before: "organization:",
        after: ':',
        claims: &["terraform_organization_id", "terraform_organization_name"],
    },
    PublicIssuer {
        issuer: "agent.buildkite.com",
        site: "buildkite.com",
        before: "organization:",
        after: ':',
        claims: &["organization_id", "pipeline_id"],
    },
    PublicIssuer {
        issuer: "accounts.google.com",
        site: "accounts.google.com",
        before: "",
        after: '\0',
        claims: &["aud", "oaud", "email"],
    },
    PublicIssuer {
        issuer: "cognito-identity.amazonaws.com",
        site: "any Cognito identity pool",
        before: "",
        after: '\0',
        claims: &["aud"],
    },
];
