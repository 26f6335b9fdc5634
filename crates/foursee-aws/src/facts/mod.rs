//! Typed tables: what the documents of one account say, before anybody judges. Read only once sealed.

mod tables;

pub use tables::ADMINISTRATOR_ACCESS;

use crate::authorize::Caller;
use crate::policy::Policy;
use foursee_core::document::Place;
use std::collections::BTreeMap;

/// What one account's documents say.
#[derive(Default, Debug)]
pub struct Facts {
    /// Users, by ARN.
    pub users: Vec<User>,
    /// Groups, by ARN.
    pub groups: Vec<Group>,
    /// Roles, by ARN.
    pub roles: Vec<Role>,
    /// Managed policies, by ARN.
    pub managed: Vec<Managed>,
    /// Buckets whose policy was given, by name.
    pub buckets: Vec<Bucket>,
    /// Organisation policies, by id.
    pub organization: Vec<OrganizationPolicy>,
    /// Rows of the credential report, by ARN.
    pub credentials: Vec<CredentialRow>,
    /// Access keys, by id.
    pub access_keys: Vec<AccessKey>,
    /// Instances that have an instance profile, by id.
    pub instances: Vec<Instance>,
    /// How many pages of authorization details there are, and how many say that nothing follows.
    pub pages: (usize, usize),
    /// The place of the first page.
    pub first_page: Option<Place>,
    ids: BTreeMap<String, String>,
    full_access: Policy,
    account: Option<String>,
    partition: Option<String>,
}

/// A tag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    /// Its key.
    pub key: Box<str>,
    /// Its value.
    pub value: Box<str>,
    /// Where it stands.
    pub place: Place,
}

/// A policy that stands inside its user, group or role.
#[derive(Clone, Debug)]
pub struct Inline {
    /// Its name.
    pub name: Box<str>,
    /// The document.
    pub policy: Policy,
    /// Where it stands.
    pub place: Place,
}

/// A managed policy that is named by ARN.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attached {
    /// The policy's ARN.
    pub arn: Box<str>,
    /// Where it is named.
    pub place: Place,
}

/// What a user, group or role holds.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Inline policies.
    pub inline: Vec<Inline>,
    /// Managed policies.
    pub attached: Vec<Attached>,
    /// The permissions boundary; groups have none.
    pub boundary: Option<Attached>,
}

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// Its ARN.
    pub arn: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// `AIDA...`
    pub id: Box<str>,
    /// What it holds itself.
    pub grants: Grants,
    /// The names of its groups.
    pub groups: Vec<Attached>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Where it stands.
    pub place: Place,
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its ARN.
    pub arn: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// What its members hold.
    pub grants: Grants,
    /// Where it stands.
    pub place: Place,
}

/// A role.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its ARN.
    pub arn: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// `AROA...`
    pub id: Box<str>,
    /// Whom it trusts.
    pub trust: Policy,
    /// What it holds.
    pub grants: Grants,
    /// It stands in an instance profile.
    pub instance_profile: bool,
    /// The ARNs of the instance profiles that it stands in.
    pub profiles: Vec<Box<str>>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Where it stands.
    pub place: Place,
}

/// A managed policy.
#[derive(Clone, Debug)]
pub struct Managed {
    /// Its ARN.
    pub arn: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Its default version.
    pub policy: Policy,
    /// Where it stands.
    pub place: Place,
}

/// A bucket's policy.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// The bucket's name.
    pub name: Box<str>,
    /// The policy; none where AWS said that there is none.
    pub policy: Option<Policy>,
    /// Where it stands.
    pub place: Place,
}

/// The sort of an organisation policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OrganizationKind {
    /// A service control policy: bounds the account's identities.
    Scp,
    /// A resource control policy: bounds the account's resources.
    Rcp,
}

/// An organisation policy.
#[derive(Clone, Debug)]
pub struct OrganizationPolicy {
    /// `p-...`
    pub id: Box<str>,
    /// Its ARN: names the management account and the organisation.
    pub arn: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Its sort.
    pub kind: OrganizationKind,
    /// The document; none where only its summary was given.
    pub policy: Option<Policy>,
    /// The ids that it is attached to; none where the document does not say.
    pub targets: Option<Vec<Box<str>>>,
    /// Where it stands.
    pub place: Place,
}

/// An access key, as `list-access-keys` names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessKey {
    /// `AKIA...`
    pub id: Box<str>,
    /// The name of its user.
    pub user: Box<str>,
    /// It is active.
    pub active: bool,
    /// Where it stands.
    pub place: Place,
}

/// An instance with an instance profile.
#[derive(Clone, Debug)]
pub struct Instance {
    /// `i-...`
    pub id: Box<str>,
    /// The ARN of its instance profile.
    pub profile: Box<str>,
    /// Whether its metadata service answers at all, where that is said.
    pub served: Option<bool>,
    /// How many hops a token of its metadata service goes, where that is said; without end where none is asked for.
    pub hops: Option<u32>,
    /// Where it stands.
    pub place: Place,
}

/// One row of the credential report.
#[derive(Clone, Debug)]
pub struct CredentialRow {
    /// The user's ARN, or `arn:aws:iam::ACCOUNT:root`.
    pub arn: Box<str>,
    /// It has a console password.
    pub password: bool,
    /// It has a second factor.
    pub mfa: bool,
    /// Its two access keys.
    pub keys: [KeyRow; 2],
    /// Where the row stands.
    pub place: Place,
}

/// One access key of the credential report.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyRow {
    /// It is active.
    pub active: bool,
    /// When it was made; none where there is no such key, or it is not said.
    pub rotated: Option<foursee_core::model::Time>,
    /// When it was last used; none where it never was.
    pub used: Option<foursee_core::model::Time>,
}

/// An identity of the tables.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    /// A user.
    User(&'a User),
    /// A role.
    Role(&'a Role),
    /// A group: no caller, but it holds policies.
    Group(&'a Group),
}

impl<'a> Holder<'a> {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> &'a str {
        match self {
            Self::User(one) => &one.arn,
            Self::Role(one) => &one.arn,
            Self::Group(one) => &one.arn,
        }
    }

    /// The kind of its node.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Role(_) => "role",
            Self::Group(_) => "group",
        }
    }

    /// What it holds itself.
    #[must_use]
    pub const fn grants(&self) -> &'a Grants {
        match self {
            Self::User(one) => &one.grants,
            Self::Role(one) => &one.grants,
            Self::Group(one) => &one.grants,
        }
    }

    /// As a caller of requests.
    #[must_use]
    pub fn caller(&self) -> Caller {
        match self {
            Self::Group(_) => Caller::Nobody,
            Self::User(_) | Self::Role(_) => Caller::parse(self.arn()).unwrap_or(Caller::Nobody),
        }
    }
}

/// The bucket of an S3 ARN.
#[must_use]
pub fn bucket_of(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "s3", "", "", rest] = parts.as_slice() else {
        return None;
    };
    rest.split('/').next().filter(|name| !name.is_empty())
}
