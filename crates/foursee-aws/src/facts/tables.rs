//! The tables put in order, and the questions that the authorizer has for them: whose policies decide, and what is known.

use super::{
    Attached, Bucket, Facts, Grants, Group, Holder, Managed, OrganizationKind, OrganizationPolicy, Role,
    User, bucket_of,
};
use crate::authorize::{Layers, Source, Sources};
use crate::policy::{Context, Effect, Policy, Tri, Value};
use foursee_core::document::Place;

/// AdministratorAccess, which every account has: known also where an export leaves AWS's own policies out.
/// Source: AWS Managed Policy Reference, AdministratorAccess.
pub const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

impl Facts {
    /// The account, as its ARNs say it.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The partition, as its ARNs say it: `aws`, `aws-cn`, `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.partition.as_deref().unwrap_or("aws")
    }

    /// What the ARNs of an account's identities begin with.
    #[must_use]
    pub(crate) fn iam(&self, account: &str) -> String {
        format!("arn:{}:iam::{account}:", self.partition())
    }

    /// What the ARNs of buckets begin with.
    #[must_use]
    pub(crate) fn s3(&self) -> String {
        format!("arn:{}:s3:::", self.partition())
    }

    /// Takes in another document's tables.
    pub(crate) fn merge(&mut self, part: Self) {
        self.users.extend(part.users);
        self.groups.extend(part.groups);
        self.roles.extend(part.roles);
        self.managed.extend(part.managed);
        self.buckets.extend(part.buckets);
        self.organization.extend(part.organization);
        self.credentials.extend(part.credentials);
        self.access_keys.extend(part.access_keys);
        self.instances.extend(part.instances);
        self.pages = (self.pages.0 + part.pages.0, self.pages.1 + part.pages.1);
        self.first_page = self.first_page.or(part.first_page);
    }

    /// Sorts the tables; of two rows of one name the first stays.
    pub(crate) fn seal(&mut self) {
        fn order<T>(rows: &mut Vec<T>, key: impl Fn(&T) -> &str) {
            rows.sort_by(|a, b| key(a).cmp(key(b)));
            rows.dedup_by(|later, first| key(later) == key(first));
        }
        order(&mut self.users, |one| &one.arn);
        order(&mut self.groups, |one| &one.arn);
        order(&mut self.roles, |one| &one.arn);
        order(&mut self.managed, |one| &one.arn);
        order(&mut self.buckets, |one| &one.name);
        order(&mut self.credentials, |one| &one.arn);
        order(&mut self.access_keys, |one| &one.id);
        order(&mut self.instances, |one| &one.id);
        // Of a policy that is listed and described, the row that says more stays.
        self.organization.sort_by(|a, b| {
            (&a.id, a.policy.is_none(), a.targets.is_none()).cmp(&(
                &b.id,
                b.policy.is_none(),
                b.targets.is_none(),
            ))
        });
        self.organization.dedup_by(|later, first| {
            if later.id != first.id {
                return false;
            }
            if first.targets.is_none() {
                first.targets = later.targets.take();
            }
            true
        });
        let place = Place {
            doc: foursee_core::model::DocId(0),
            at: 0,
        };
        self.full_access = crate::policy::parse(EVERYTHING, None, place).unwrap_or_default();
        let attached = self.holders().find_map(|holder| {
            holder
                .grants()
                .attached
                .iter()
                .find(|one| &*one.arn == ADMINISTRATOR_ACCESS)
                .map(|one| one.place)
        });
        if let (Some(place), None) = (
            attached,
            self.managed.iter().find(|one| &*one.arn == ADMINISTRATOR_ACCESS),
        ) {
            let policy = crate::policy::parse(EVERYTHING, None, place).unwrap_or_default();
            self.managed.push(Managed {
                arn: ADMINISTRATOR_ACCESS.into(),
                name: "AdministratorAccess".into(),
                policy,
                place,
            });
            order(&mut self.managed, |one| &one.arn);
        }
        let arns = self.holders().map(|holder| holder.arn().to_owned());
        let mut all: Vec<String> = arns
            .chain(self.credentials.iter().map(|row| row.arn.to_string()))
            .collect();
        all.extend(self.managed.iter().map(|one| one.arn.to_string()));
        let own = all.iter().find(|arn| crate::authorize::account_of(arn).is_some());
        self.partition = own.and_then(|arn| arn.split(':').nth(1)).map(str::to_owned);
        self.account = all
            .iter()
            .find_map(|arn| crate::authorize::account_of(arn))
            .map(str::to_owned);
        let users = self
            .users
            .iter()
            .map(|one| (one.id.to_string(), one.arn.to_string()));
        let roles = self
            .roles
            .iter()
            .map(|one| (one.id.to_string(), one.arn.to_string()));
        self.ids = users.chain(roles).filter(|(id, _)| !id.is_empty()).collect();
    }

    /// Every user, role and group.
    pub fn holders(&self) -> impl Iterator<Item = Holder<'_>> {
        let users = self.users.iter().map(Holder::User);
        users
            .chain(self.roles.iter().map(Holder::Role))
            .chain(self.groups.iter().map(Holder::Group))
    }

    /// A role by its ARN.
    #[must_use]
    pub fn role(&self, arn: &str) -> Option<&Role> {
        let at = self.roles.binary_search_by(|one| (*one.arn).cmp(arn)).ok()?;
        self.roles.get(at)
    }

    /// A user by its ARN.
    #[must_use]
    pub fn user(&self, arn: &str) -> Option<&User> {
        let at = self.users.binary_search_by(|one| (*one.arn).cmp(arn)).ok()?;
        self.users.get(at)
    }

    /// A managed policy by its ARN.
    #[must_use]
    pub fn managed_policy(&self, arn: &str) -> Option<&Managed> {
        let at = self.managed.binary_search_by(|one| (*one.arn).cmp(arn)).ok()?;
        self.managed.get(at)
    }

    /// A bucket's policy by the bucket's name.
    #[must_use]
    pub fn bucket(&self, name: &str) -> Option<&Bucket> {
        let at = self.buckets.binary_search_by(|one| (*one.name).cmp(name)).ok()?;
        self.buckets.get(at)
    }

    /// A user, role or group by its ARN.
    #[must_use]
    pub fn holder(&self, arn: &str) -> Option<Holder<'_>> {
        if let Some(user) = self.user(arn) {
            return Some(Holder::User(user));
        }
        if let Some(role) = self.role(arn) {
            return Some(Holder::Role(role));
        }
        self.groups.iter().find(|one| &*one.arn == arn).map(Holder::Group)
    }

    /// A user's groups that were read.
    pub fn groups_of<'a>(&'a self, user: &'a User) -> impl Iterator<Item = &'a Group> {
        user.groups
            .iter()
            .filter_map(|name| self.groups.iter().find(|group| group.name == name.arn))
    }

    /// The ARN of an id (`AROA...`) that still exists.
    #[must_use]
    pub fn arn_of(&self, id: &str) -> Option<String> {
        self.ids.get(id).cloned()
    }

    /// The policies that a holder's own requests are decided by: its own and its groups'.
    #[must_use]
    pub fn identity<'a>(&'a self, holder: &Holder<'a>) -> Sources<'a> {
        let mut all = Vec::new();
        self.sources(holder.grants(), &mut all);
        if let Holder::User(user) = *holder {
            for name in &user.groups {
                match self.groups.iter().find(|group| group.name == name.arn) {
                    Some(group) => self.sources(&group.grants, &mut all),
                    None => all.push(Source {
                        id: &name.arn,
                        kind: "group",
                        policy: None,
                    }),
                }
            }
        }
        Sources(all)
    }

    fn sources<'a>(&'a self, grants: &'a Grants, all: &mut Vec<Source<'a>>) {
        all.extend(grants.inline.iter().map(|one| Source {
            id: &one.name,
            kind: "IAM Policy",
            policy: Some(&one.policy),
        }));
        all.extend(grants.attached.iter().map(|one| self.source(one)));
    }

    fn source<'a>(&'a self, attached: &'a Attached) -> Source<'a> {
        match self.managed_policy(&attached.arn) {
            Some(found) => Source {
                id: &found.name,
                kind: "IAM Policy",
                policy: Some(&found.policy),
            },
            None => Source {
                id: &attached.arn,
                kind: "IAM Policy",
                policy: None,
            },
        }
    }

    /// The layers on a holder's own side: identity, boundary, and its organisation's SCPs.
    #[must_use]
    pub fn layers<'a>(&'a self, holder: &Holder<'a>) -> Layers<'a> {
        let account = crate::authorize::account_of(holder.arn());
        Layers {
            identity: self.identity(holder),
            boundary: holder
                .grants()
                .boundary
                .as_ref()
                .map(|one| Sources(vec![self.source(one)])),
            scps: self.levels(OrganizationKind::Scp, account),
            management_account: account.is_some_and(|account| self.is_management(account)),
            unplaced: self.unplaced_denies(),
            ids: Some(&self.ids),
            ..Layers::default()
        }
    }

    /// The layers of a request for a resource of this account, whoever asks: the resource's policy, where it was
    /// read, and the organisation's RCPs.
    pub(crate) fn add_resource<'a>(&'a self, action: &str, resource: &str, layers: &mut Layers<'a>) {
        let service = action.split(':').next().unwrap_or_default().to_ascii_lowercase();
        layers.rcps = self.levels(OrganizationKind::Rcp, self.account());
        layers.owner_is_management = self.account().is_some_and(|account| self.is_management(account));
        if let ("sts", Some(role)) = (&*service, self.role(resource)) {
            layers.resource = Some(Source {
                id: &role.name,
                kind: "Resource Policy",
                policy: Some(&role.trust),
            });
        }
        if service == "s3"
            && let Some(bucket) = bucket_of(resource).and_then(|name| self.bucket(name))
            && let Some(policy) = &bucket.policy
        {
            layers.resource = Some(Source {
                id: &bucket.name,
                kind: "Resource Policy",
                policy: Some(policy),
            });
        }
    }

    /// Whether the organisation is managed from that account.
    #[must_use]
    pub fn is_management(&self, account: &str) -> bool {
        self.organization
            .iter()
            .any(|one| crate::authorize::account_of(&one.arn) == Some(account))
    }

    /// The organisation's policies of that sort, level by level: root, then units, then the account. A level of which
    /// no policy was given is not there, and one of which only denies were given has FullAWSAccess, which AWS attaches
    /// and exports leave out; a policy whose targets are not known, or that is attached to a unit that the
    /// account may not be in, is in [`Self::unplaced`] instead.
    #[must_use]
    pub fn levels(&self, kind: OrganizationKind, account: Option<&str>) -> Option<Vec<Sources<'_>>> {
        let mut root = Vec::new();
        let mut own = Vec::new();
        for one in self.organization.iter().filter(|one| one.kind == kind) {
            let source = Source {
                id: &one.name,
                kind: "SCP",
                policy: one.policy.as_ref(),
            };
            let Some(targets) = &one.targets else { continue };
            if targets.iter().any(|target| target.starts_with("r-")) {
                root.push(source);
            }
            if targets.iter().any(|target| account == Some(target)) {
                own.push(source);
            }
        }
        let levels: Vec<Sources<'_>> = [root, own]
            .into_iter()
            .filter(|level| !level.is_empty())
            .map(|mut level| {
                if allows_nothing(&level) {
                    level.push(Source {
                        id: "FullAWSAccess",
                        kind: "SCP",
                        policy: Some(&self.full_access),
                    });
                }
                Sources(level)
            })
            .collect();
        (!levels.is_empty()).then_some(levels)
    }

    /// The organisation policies of which it is not known whether they bind this account.
    pub fn unplaced(&self) -> impl Iterator<Item = &OrganizationPolicy> {
        self.organization.iter().filter(|one| {
            let aws_own = one.arn.contains("::aws:");
            !aws_own
                && one
                    .targets
                    .as_ref()
                    .is_none_or(|targets| targets.iter().any(|target| target.starts_with("ou-")))
        })
    }

    fn unplaced_denies(&self) -> Sources<'_> {
        let all = self
            .unplaced()
            .filter(|one| one.kind == OrganizationKind::Scp && one.policy.is_some());
        Sources(
            all.map(|one| Source {
                id: &one.name,
                kind: "SCP",
                policy: one.policy.as_ref(),
            })
            .collect(),
        )
    }

    /// What is known of every request of a holder.
    #[must_use]
    pub fn context(&self, holder: &Holder<'_>) -> Context {
        let mut context = Context::default();
        holder.caller().describe(&mut context);
        let tags = match holder {
            Holder::User(user) => {
                if !user.id.is_empty() {
                    context.one("aws:userid", &*user.id);
                }
                context.close("aws:PrincipalTag/");
                &user.tags
            }
            Holder::Role(role) => {
                // Session tags override the role's own; whoever may pass none leaves these as they are.
                let tagged = role.trust.statements.iter().any(|statement| {
                    statement.effect == Effect::Allow && statement.actions.matches("sts:tagsession")
                });
                if tagged {
                    return context;
                }
                context.close("aws:PrincipalTag/");
                &role.tags
            }
            Holder::Group(_) => return context,
        };
        for tag in tags {
            context.set(
                &format!("aws:PrincipalTag/{}", tag.key),
                Value::One(tag.value.to_string()),
            );
        }
        context
    }

    /// Whether a policy's document allows everything, whatever is asked.
    #[must_use]
    pub fn allows_everything(policy: &Policy) -> bool {
        policy.flaws.is_empty()
            && policy.statements.iter().any(|statement| {
                statement.effect == Effect::Allow
                    && statement.flaws.is_empty()
                    && statement.conditions.iter().all(|clause| {
                        clause.holds(&Context::default(), &mut std::collections::BTreeSet::new()) == Tri::Yes
                    })
                    && !statement.actions.not
                    && statement
                        .actions
                        .list
                        .iter()
                        .any(crate::policy::ActionPattern::all)
                    && statement.resources.as_ref().is_some_and(|resources| {
                        !resources.not && resources.list.iter().any(crate::policy::ResourcePattern::all)
                    })
            })
    }
}

/// Whether policies that were read, all of them, allow nothing at all.
fn allows_nothing(level: &[Source<'_>]) -> bool {
    level.iter().all(|source| {
        source.policy.is_some_and(|policy| {
            policy.flaws.is_empty() && policy.statements.iter().all(|one| one.effect == Effect::Deny)
        })
    })
}
