//! Who asks, and which principals of a resource policy mean them.
//!
//! Sources: IAM User Guide, reference_policies_elements_principal and _notprincipal.

use crate::policy::{Context, Principal, Principals, Tri, Value};

/// Who makes a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Caller {
    /// Policies without anybody who holds them.
    Nobody,
    /// An account's root user.
    Root {
        /// The account.
        account: String,
    },
    /// A user, with its own keys or those of GetSessionToken.
    User {
        /// Its ARN.
        arn: String,
        /// The account.
        account: String,
    },
    /// A session of a role.
    Role {
        /// The role's ARN, where it is known: a session's ARN lacks the path.
        arn: Option<String>,
        /// The account.
        account: String,
        /// The role's name, without path.
        name: String,
        /// The session's name, where it is known.
        session: Option<String>,
    },
    /// A session of GetFederationToken.
    Federated {
        /// `arn:aws:sts::ACCOUNT:federated-user/NAME`.
        arn: String,
        /// The account.
        account: String,
        /// The ARN of the user that asked for it, where it is known.
        user: Option<String>,
    },
    /// A service, as itself.
    Service(String),
    /// Whoever comes with a token of that OIDC or SAML provider.
    Provider(String),
    /// Anybody, unsigned.
    Anonymous,
}

/// How directly a resource policy names the caller: what its grant needs beside it depends on that.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Strength {
    /// By account: it delegates only.
    Account,
    /// The user, where the caller is its federated session.
    FederatedUser,
    /// The role.
    Role,
    /// The user.
    User,
    /// The session.
    Session,
    /// The service or the provider.
    Outside,
    /// Everyone.
    Everyone,
}

impl Strength {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Account,
        Self::FederatedUser,
        Self::Role,
        Self::User,
        Self::Session,
        Self::Outside,
        Self::Everyone,
    ];
}

impl Caller {
    /// The caller of an ARN, an account number, a service's name or `*`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" || text == "anonymous" {
            return Some(Self::Anonymous);
        }
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Root {
                account: text.to_owned(),
            });
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", _, service, _, account, rest] = parts.as_slice() else {
            return text
                .ends_with(".amazonaws.com")
                .then(|| Self::Service(text.to_owned()));
        };
        let account = (*account).to_owned();
        let (sort, name) = rest.split_once('/').unwrap_or((rest, ""));
        match (*service, sort) {
            ("iam", "root") => Some(Self::Root { account }),
            ("iam", "user") => Some(Self::User {
                arn: text.to_owned(),
                account,
            }),
            ("iam", "role") => Some(Self::Role {
                arn: Some(text.to_owned()),
                account,
                name: name.rsplit('/').next().unwrap_or_default().to_owned(),
                session: None,
            }),
            ("sts", "assumed-role") => {
                let (name, session) = name
                    .split_once('/')
                    .map_or((name, None), |(a, b)| (a, Some(b.to_owned())));
                Some(Self::Role {
                    arn: None,
                    account,
                    name: name.to_owned(),
                    session,
                })
            }
            ("sts", "federated-user") => Some(Self::Federated {
                arn: text.to_owned(),
                account,
                user: None,
            }),
            _ => None,
        }
    }

    /// The caller's account.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Root { account }
            | Self::User { account, .. }
            | Self::Role { account, .. }
            | Self::Federated { account, .. } => Some(account),
            Self::Nobody | Self::Service(_) | Self::Provider(_) | Self::Anonymous => None,
        }
    }

    /// Whether policies of an account speak for it.
    #[must_use]
    pub const fn has_identity(&self) -> bool {
        !matches!(self, Self::Service(_) | Self::Provider(_) | Self::Anonymous)
    }

    /// Whether it is a service-linked role, which SCPs and RCPs do not bind.
    #[must_use]
    pub fn service_linked(&self) -> bool {
        matches!(self, Self::Role { arn: Some(arn), .. } if arn.contains(":role/aws-service-role/"))
    }

    /// Adds the keys that a request of this caller has, unless they are there.
    pub fn describe(&self, context: &mut Context) {
        let mut one = |key: &str, value: &str| context.unless_set(key, Value::One(value.to_owned()));
        if let Some(account) = self.account() {
            one("aws:PrincipalAccount", account);
            one("aws:PrincipalIsAWSService", "false");
        }
        match self {
            Self::Nobody => return,
            Self::Root { account } => {
                one("aws:PrincipalArn", &format!("arn:aws:iam::{account}:root"));
                one("aws:PrincipalType", "Account");
                one("aws:userid", account);
                context.unless_set("aws:username", Value::Absent);
            }
            Self::User { arn, .. } => {
                one("aws:PrincipalArn", arn);
                one("aws:PrincipalType", "User");
                one("aws:username", arn.rsplit('/').next().unwrap_or_default());
            }
            Self::Role { arn, .. } => {
                if let Some(arn) = arn {
                    one("aws:PrincipalArn", arn);
                }
                one("aws:PrincipalType", "AssumedRole");
                context.unless_set("aws:username", Value::Absent);
            }
            Self::Federated { arn, account, .. } => {
                one("aws:PrincipalArn", arn);
                one("aws:PrincipalType", "FederatedUser");
                one(
                    "aws:userid",
                    &format!("{account}:{}", arn.rsplit('/').next().unwrap_or_default()),
                );
                context.unless_set("aws:username", Value::Absent);
            }
            Self::Service(name) => {
                one("aws:PrincipalIsAWSService", "true");
                one("aws:PrincipalServiceName", name);
                context.unless_set("aws:username", Value::Absent);
                return;
            }
            Self::Provider(_) => return,
            Self::Anonymous => {
                one("aws:PrincipalAccount", "anonymous");
                one("aws:PrincipalType", "Anonymous");
                context.unless_set("aws:PrincipalArn", Value::Absent);
                context.unless_set("aws:PrincipalIsAWSService", Value::Absent);
                context.unless_set("aws:username", Value::Absent);
                return;
            }
        }
        context.unless_set("aws:PrincipalServiceName", Value::Absent);
    }

    /// Whether one principal means this caller, and how directly. `arn_of` gives the ARN of an id that still exists.
    #[must_use]
    pub fn meant(
        &self,
        principal: &Principal,
        arn_of: &dyn Fn(&str) -> Option<String>,
    ) -> Option<(Tri, Strength)> {
        match principal {
            Principal::Everyone => Some((Tri::Yes, Strength::Everyone)),
            Principal::Account(account) => {
                (self.account() == Some(account)).then_some((Tri::Yes, Strength::Account))
            }
            Principal::Arn(arn) => self.named(arn),
            Principal::Id(id) => self.named(&arn_of(id)?),
            Principal::Service(name) => match self {
                Self::Service(own) => {
                    (own.eq_ignore_ascii_case(name)).then_some((Tri::Yes, Strength::Outside))
                }
                _ => None,
            },
            Principal::Federated(name) => match self {
                Self::Provider(own) => (**own == **name).then_some((Tri::Yes, Strength::Outside)),
                _ => None,
            },
            Principal::Canonical(_) | Principal::Invalid(_) => None,
        }
    }

    fn named(&self, arn: &str) -> Option<(Tri, Strength)> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, service, _, account, rest] = parts.as_slice() else {
            return None;
        };
        if self.account() != Some(account) {
            return None;
        }
        let (sort, path) = rest.split_once('/')?;
        match (self, *service, sort) {
            (Self::User { arn: own, .. }, "iam", "user") => {
                (own == arn).then_some((Tri::Yes, Strength::User))
            }
            (Self::Role { arn: Some(own), .. }, "iam", "role") => {
                (own == arn).then_some((Tri::Yes, Strength::Role))
            }
            (Self::Role { arn: None, name, .. }, "iam", "role") => {
                (path.rsplit('/').next() == Some(name)).then_some((Tri::Yes, Strength::Role))
            }
            (Self::Role { name, session, .. }, "sts", "assumed-role") => {
                let (role, wanted) = path.split_once('/')?;
                if role != name {
                    return None;
                }
                match session {
                    Some(session) => (session == wanted).then_some((Tri::Yes, Strength::Session)),
                    None => Some((Tri::Maybe, Strength::Session)),
                }
            }
            (Self::Federated { arn: own, .. }, "sts", "federated-user") => {
                (own == arn).then_some((Tri::Yes, Strength::Session))
            }
            (Self::Federated { user, .. }, "iam", "user") => match user {
                Some(user) => (user == arn).then_some((Tri::Yes, Strength::FederatedUser)),
                None => Some((Tri::Maybe, Strength::FederatedUser)),
            },
            _ => None,
        }
    }

    /// Whether a statement's principals mean this caller, for an Allow: how directly, for each way.
    #[must_use]
    pub fn allowed_by(
        &self,
        principals: &Principals,
        arn_of: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<(Tri, Strength)> {
        let mut ways: Vec<(Tri, Strength)> = principals
            .list
            .iter()
            .filter_map(|one| self.meant(one, arn_of))
            .collect();
        if principals.not {
            if principals.list.is_empty() {
                return Vec::new();
            }
            // Listed by account alone: AWS does not say that its users and roles are left out for certain.
            let listed = ways.iter().map(|(tri, how)| match how {
                Strength::Account if !matches!(self, Self::Root { .. }) => (*tri).and(Tri::Maybe),
                _ => *tri,
            });
            let left = Tri::any(listed).not();
            ways = vec![(left, Strength::Everyone)];
        }
        ways.retain(|(tri, _)| *tri != Tri::No);
        ways
    }

    /// Whether a statement's principals mean this caller, for a Deny.
    #[must_use]
    pub fn denied_by(
        &self,
        principals: &Principals,
        bounded: bool,
        arn_of: &dyn Fn(&str) -> Option<String>,
    ) -> Tri {
        let ways: Vec<(Tri, Strength)> = principals
            .list
            .iter()
            .filter_map(|one| self.meant(one, arn_of))
            .collect();
        if !principals.not {
            return Tri::any(ways.iter().map(|(tri, _)| *tri));
        }
        if principals.list.is_empty() {
            return Tri::No;
        }
        if bounded {
            return Tri::Yes;
        }
        let by = |wanted: &[Strength]| {
            Tri::any(
                ways.iter()
                    .filter(|(_, how)| wanted.contains(how))
                    .map(|(tri, _)| *tri),
            )
        };
        if by(&[Strength::Everyone, Strength::Outside]) == Tri::Yes {
            return Tri::No;
        }
        let account = by(&[Strength::Account]);
        // Exempt for certain only if all of account, role or user, and session are listed.
        let parts: Vec<Tri> = match self {
            Self::Root { .. } => vec![account],
            Self::User { .. } => vec![account, by(&[Strength::User])],
            Self::Role { .. } => vec![account, by(&[Strength::Role]), by(&[Strength::Session])],
            Self::Federated { .. } => vec![account, by(&[Strength::FederatedUser]), by(&[Strength::Session])],
            Self::Nobody | Self::Service(_) | Self::Provider(_) | Self::Anonymous => Vec::new(),
        };
        if parts.iter().all(|one| *one == Tri::No) {
            Tri::Yes
        } else if parts.iter().all(|one| *one == Tri::Yes) {
            Tri::No
        } else {
            Tri::Maybe
        }
    }
}
