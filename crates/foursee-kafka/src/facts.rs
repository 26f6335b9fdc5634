//! What a Kafka cluster says, as typed tables: ACL bindings, broker settings, topics, consumer groups.
//!
//! Nothing here decides anything: see [`crate::authorize`]. Names are kept as they were written; they are chosen by
//! whoever could create them.

use crate::authorize::Index;
use crate::lower::plan::Plan;
use foursee_core::document::{Place, Strings};
use foursee_core::model::Sym;
use std::fmt;

/// The principal that stands for everybody, authenticated or not, of any type.
pub const EVERYBODY: &str = "User:*";
/// The principal of a client that did not authenticate.
pub const ANONYMOUS: &str = "User:ANONYMOUS";
/// The one name that the cluster resource has.
pub const CLUSTER_NAME: &str = "kafka-cluster";

/// What an ACL is about (`org.apache.kafka.common.resource.ResourceType`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ResourceType {
    /// A topic.
    Topic,
    /// A consumer, share or streams group.
    Group,
    /// The cluster as a whole.
    Cluster,
    /// A transactional id.
    TransactionalId,
    /// A delegation token, by its id.
    DelegationToken,
    /// A principal, for whom tokens are made out.
    User,
    /// A type that is newer than this layer, as it was written.
    Other(Sym),
}

impl ResourceType {
    /// The types that are known.
    pub const KNOWN: [Self; 6] = [
        Self::Topic,
        Self::Group,
        Self::Cluster,
        Self::TransactionalId,
        Self::DelegationToken,
        Self::User,
    ];

    /// The type of a word in any of the forms that tools print: `TRANSACTIONAL_ID`, `TransactionalId`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match &*plain(word) {
            "topic" => Self::Topic,
            "group" | "groupid" | "consumergroup" => Self::Group,
            "cluster" => Self::Cluster,
            "transactionalid" => Self::TransactionalId,
            "delegationtoken" => Self::DelegationToken,
            "user" | "principal" => Self::User,
            _ => return None,
        })
    }

    /// The platform's word.
    #[must_use]
    pub fn as_str(self, words: &Strings) -> &str {
        match self {
            Self::Topic => "TOPIC",
            Self::Group => "GROUP",
            Self::Cluster => "CLUSTER",
            Self::TransactionalId => "TRANSACTIONAL_ID",
            Self::DelegationToken => "DELEGATION_TOKEN",
            Self::User => "USER",
            Self::Other(word) => words.get(word),
        }
    }

    /// The operations that some API asks on the type, ALL left out (`AclEntry.supportedOperations`, and the cluster's
    /// DELETE, which `ControllerApis.handleDeleteTopics` asks).
    #[must_use]
    pub const fn operations(self) -> &'static [Operation] {
        use Operation::*;
        match self {
            Self::Topic => &[
                Read,
                Write,
                Create,
                Delete,
                Alter,
                Describe,
                DescribeConfigs,
                AlterConfigs,
            ],
            Self::Group => &[Read, Delete, Describe, DescribeConfigs, AlterConfigs],
            Self::Cluster => &[
                Create,
                Delete,
                Alter,
                Describe,
                ClusterAction,
                DescribeConfigs,
                AlterConfigs,
                IdempotentWrite,
            ],
            Self::TransactionalId => &[Write, Describe, TwoPhaseCommit],
            Self::DelegationToken => &[Describe],
            Self::User => &[CreateTokens, DescribeTokens],
            Self::Other(_) => &[],
        }
    }
}

/// What an ACL is about doing (`org.apache.kafka.common.acl.AclOperation`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// READ.
    Read,
    /// WRITE.
    Write,
    /// CREATE.
    Create,
    /// DELETE.
    Delete,
    /// ALTER.
    Alter,
    /// DESCRIBE.
    Describe,
    /// CLUSTER_ACTION: what brokers do.
    ClusterAction,
    /// DESCRIBE_CONFIGS.
    DescribeConfigs,
    /// ALTER_CONFIGS.
    AlterConfigs,
    /// IDEMPOTENT_WRITE.
    IdempotentWrite,
    /// CREATE_TOKENS: a delegation token for that user.
    CreateTokens,
    /// DESCRIBE_TOKENS.
    DescribeTokens,
    /// TWO_PHASE_COMMIT, of 4.x.
    TwoPhaseCommit,
    /// ALL.
    All,
    /// An operation that is newer than this layer, as it was written.
    Other(Sym),
}

impl Operation {
    /// The operation of a word in any of the forms that tools print: `DESCRIBE_CONFIGS`, `DescribeConfigs`; `*` is ALL.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match &*plain(word) {
            "read" => Self::Read,
            "write" => Self::Write,
            "create" => Self::Create,
            "delete" => Self::Delete,
            "alter" => Self::Alter,
            "describe" => Self::Describe,
            "clusteraction" => Self::ClusterAction,
            "describeconfigs" => Self::DescribeConfigs,
            "alterconfigs" => Self::AlterConfigs,
            "idempotentwrite" => Self::IdempotentWrite,
            "createtokens" => Self::CreateTokens,
            "describetokens" => Self::DescribeTokens,
            "twophasecommit" => Self::TwoPhaseCommit,
            "all" | "*" => Self::All,
            _ => return None,
        })
    }

    /// The platform's word.
    #[must_use]
    pub fn as_str(self, words: &Strings) -> &str {
        match self {
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::Create => "CREATE",
            Self::Delete => "DELETE",
            Self::Alter => "ALTER",
            Self::Describe => "DESCRIBE",
            Self::ClusterAction => "CLUSTER_ACTION",
            Self::DescribeConfigs => "DESCRIBE_CONFIGS",
            Self::AlterConfigs => "ALTER_CONFIGS",
            Self::IdempotentWrite => "IDEMPOTENT_WRITE",
            Self::CreateTokens => "CREATE_TOKENS",
            Self::DescribeTokens => "DESCRIBE_TOKENS",
            Self::TwoPhaseCommit => "TWO_PHASE_COMMIT",
            Self::All => "ALL",
            Self::Other(word) => words.get(word),
        }
    }

    /// Whether an ALLOW of this operation also allows the asked one, equality and ALL left out.
    #[must_use]
    pub const fn implies(self, asked: Self) -> bool {
        match asked {
            Self::Describe => matches!(self, Self::Read | Self::Write | Self::Delete | Self::Alter),
            Self::DescribeConfigs => matches!(self, Self::AlterConfigs),
            _ => false,
        }
    }
}

/// Lower case, without the separators in which tools differ. Short words only: nothing else is one of ours.
fn plain(word: &str) -> String {
    word.chars()
        .take(40)
        .filter(|one| !matches!(one, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// How an ACL's name is compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PatternType {
    /// That name; `*` alone is every name.
    Literal,
    /// Every name that starts so.
    Prefixed,
}

impl PatternType {
    /// The type of a word; empty is LITERAL, as in the tools.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match &*plain(word) {
            "literal" | "" => Some(Self::Literal),
            "prefixed" | "prefix" => Some(Self::Prefixed),
            _ => None,
        }
    }

    /// The platform's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Literal => "LITERAL",
            Self::Prefixed => "PREFIXED",
        }
    }
}

/// Whether an ACL gives or takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Permission {
    /// It takes, whoever gives.
    Deny,
    /// It gives.
    Allow,
}

impl Permission {
    /// The permission of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match &*plain(word) {
            "allow" => Some(Self::Allow),
            "deny" => Some(Self::Deny),
            _ => None,
        }
    }

    /// The platform's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "DENY",
            Self::Allow => "ALLOW",
        }
    }
}

/// One ACL binding. The order of the fields is the order of the table, once it is sealed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Acl {
    /// The type of what it is about.
    pub kind: ResourceType,
    /// How its name is compared.
    pub pattern: PatternType,
    /// Its name.
    pub name: Sym,
    /// For whom.
    pub principal: Sym,
    /// DENY or ALLOW.
    pub permission: Permission,
    /// Which operation.
    pub operation: Operation,
    /// From which host.
    pub host: Sym,
    /// Where it stands.
    pub place: Place,
}

impl Acl {
    /// Without its place: what makes two bindings the same.
    #[must_use]
    pub fn key(&self) -> (ResourceType, PatternType, Sym, Sym, Permission, Operation, Sym) {
        (
            self.kind,
            self.pattern,
            self.name,
            self.principal,
            self.permission,
            self.operation,
            self.host,
        )
    }
}

/// A list of ACLs that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    /// Where.
    pub place: Place,
    /// How many ACLs it holds.
    pub count: usize,
    /// The principal to whom it was narrowed; none for the whole list.
    pub only: Option<String>,
    /// Whether its reader was seen to be allowed DESCRIBE on the cluster: then an empty list is empty.
    pub proven: bool,
}

/// One broker's or controller's settings.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Settings {
    /// Where they begin.
    pub place: Option<Place>,
    /// `node.id` or `broker.id`.
    pub node: String,
    /// The entries of `super.users`.
    pub super_users: Vec<(String, Place)>,
    /// `allow.everyone.if.no.acl.found`, where it is set.
    pub allow_everyone: Option<(bool, Place)>,
    /// `authorizer.class.name`, where it is set.
    pub authorizer: Option<(String, Place)>,
    /// The listeners, as they are advertised where they are.
    pub listeners: Vec<Listener>,
    /// SASL users named in JAAS settings: those that may log in, and the broker's own.
    pub sasl_users: Vec<(String, Place)>,
    /// Whether a SCRAM mechanism is enabled on any listener.
    pub scram: bool,
    /// `delegation.token.secret.key` or its older name is set.
    pub tokens: Option<Place>,
    /// `inter.broker.protocol.version`, or another line that says the version.
    pub version: Option<(String, Place)>,
}

/// How a listener takes clients in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Protocol {
    /// In clear, without login.
    Plaintext,
    /// TLS; with a login only where client certificates are required.
    Ssl,
    /// A login in clear.
    SaslPlaintext,
    /// A login over TLS.
    SaslSsl,
    /// A name that nothing maps.
    Unknown,
}

impl Protocol {
    /// The protocol of a word.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match &*word.to_ascii_uppercase() {
            "PLAINTEXT" => Self::Plaintext,
            "SSL" => Self::Ssl,
            "SASL_PLAINTEXT" => Self::SaslPlaintext,
            "SASL_SSL" => Self::SaslSsl,
            _ => Self::Unknown,
        }
    }

    /// The platform's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
            Self::Unknown => "an unknown protocol",
        }
    }

    /// Whether clients log in by SASL.
    #[must_use]
    pub const fn sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }
}

/// One listener.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listener {
    /// Its name.
    pub name: String,
    /// Its protocol.
    pub protocol: Protocol,
    /// The host that it binds, or advertises; empty for all.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether clients are told of it.
    pub advertised: bool,
    /// Whether it is the controllers' own.
    pub controller: bool,
    /// Whether client certificates are required there.
    pub client_certificates: bool,
    /// Where it stands.
    pub place: Place,
}

impl Listener {
    /// Whether a client that shows nothing is let in, as `User:ANONYMOUS`.
    #[must_use]
    pub fn lets_anybody_in(&self) -> bool {
        self.protocol == Protocol::Plaintext || self.protocol == Protocol::Ssl && !self.client_certificates
    }

    /// Whether only programs on the same machine reach it.
    #[must_use]
    pub fn loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// "host:port", lower case.
    #[must_use]
    pub fn endpoint(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host.to_lowercase(), self.port)
        } else {
            format!("{}:{}", self.host.to_lowercase(), self.port)
        }
    }
}

/// A topic that there is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Topic {
    /// Its name.
    pub name: Sym,
    /// Where it stands.
    pub place: Place,
}

/// A consumer group, and one of the topics that it reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct GroupRow {
    /// The group.
    pub group: Sym,
    /// The topic; empty for none.
    pub topic: Sym,
    /// The host of the member that reads it; empty for none.
    pub host: Sym,
    /// Where it stands.
    pub place: Place,
}

/// A broker's version, as far as it decides anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version(pub u16, pub u16, pub u16);

impl Version {
    /// The newest one whose authorizer was compared with this one.
    pub const NEWEST: Self = Self(4, 4, 0);

    /// Reads "4.3.1", "3.9" and "3.9-IV0".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(['.', '-', '+']);
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        Some(Self(
            major,
            minor,
            parts.next().and_then(|part| part.parse().ok()).unwrap_or(0),
        ))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Who decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Authorizer {
    /// Kafka's own (`StandardAuthorizer`, `AclAuthorizer`), by its ACLs.
    Standard,
    /// Nobody: everything is allowed.
    None(Place),
    /// Another class: what it decides is not known here.
    Custom(String, Place),
}

fn named(pattern: PatternType, name: &str, there: &str) -> bool {
    match pattern {
        PatternType::Literal => there == name,
        PatternType::Prefixed => there.starts_with(name),
    }
}

/// One cluster.
#[derive(Default)]
pub struct Facts {
    /// The words. INVARIANT (sorted words): once sealed, symbols are in the order of their texts.
    pub words: Strings,
    /// The ACLs. Once sealed in the order of their fields, each once.
    pub acls: Vec<Acl>,
    /// The lists that they came from.
    pub listings: Vec<Listing>,
    /// The settings, one a document.
    pub settings: Vec<Settings>,
    /// The topics. Once sealed in the order of names, each once.
    pub topics: Vec<Topic>,
    /// Whether a list of topics was read to its end.
    pub topics_listed: bool,
    /// The groups and what they read.
    pub groups: Vec<GroupRow>,
    /// Whether a list of groups was read.
    pub groups_listed: bool,
    /// Where a tool was told that there is no authorizer.
    pub disabled: Option<Place>,
    /// The version that a document says, beside the settings.
    pub version: Option<(Version, Place)>,
    pub(crate) index: Index,
    pub(crate) plan: Plan,
}

impl Facts {
    /// A word.
    #[must_use]
    pub fn word(&self, sym: Sym) -> &str {
        self.words.get(sym)
    }

    /// An ACL as people read it, and as it stays while it is there: the name of a cause.
    #[must_use]
    pub fn binding(&self, acl: &Acl) -> String {
        format!(
            "{} {} on {} for {} from {}",
            acl.permission.as_str(),
            acl.operation.as_str(&self.words),
            self.resource(acl),
            self.word(acl.principal),
            self.host_shown(acl)
        )
    }

    /// What an ACL is about, as people read it: "TOPIC orders", "TOPIC orders* (prefix)".
    #[must_use]
    pub fn resource(&self, acl: &Acl) -> String {
        let (kind, name) = (acl.kind.as_str(&self.words), self.word(acl.name));
        match acl.pattern {
            PatternType::Literal => format!("{kind} {name}"),
            PatternType::Prefixed => format!("{kind} {name}* (prefixed)"),
        }
    }

    fn host_shown(&self, acl: &Acl) -> &str {
        match self.word(acl.host) {
            "*" => "any host",
            "" => "an empty host",
            host => host,
        }
    }

    /// Whether an ACL's name stands for every name.
    #[must_use]
    pub fn wild(&self, acl: &Acl) -> bool {
        acl.pattern == PatternType::Literal && self.word(acl.name) == "*"
    }

    /// The version that decides, and whether a document says it.
    #[must_use]
    pub fn version(&self) -> (Version, bool) {
        let said = self.version.map(|(version, _)| version);
        let set = self
            .settings
            .iter()
            .filter_map(|one| Version::parse(&one.version.as_ref()?.0))
            .max();
        let zookeeper = self
            .settings
            .iter()
            .filter_map(|one| one.authorizer.as_ref())
            .any(|(class, _)| class.starts_with("kafka.security.auth"));
        match said.or(set) {
            Some(version) => (version, true),
            // The authorizer of ZooKeeper's times went away in 4.0.
            None if zookeeper => (Version(3, 9, 0), true),
            None => (Version::NEWEST, false),
        }
    }

    /// Who decides, as far as the documents say.
    #[must_use]
    pub fn authorizer(&self) -> Authorizer {
        if let Some(place) = self.disabled {
            return Authorizer::None(place);
        }
        let named = self
            .settings
            .iter()
            .filter_map(|one| one.authorizer.as_ref())
            .find(|(class, _)| !class.is_empty());
        match named {
            Some((class, place)) => match class.rsplit('.').next() {
                Some("StandardAuthorizer" | "AclAuthorizer" | "SimpleAclAuthorizer") => Authorizer::Standard,
                _ => Authorizer::Custom(class.clone(), *place),
            },
            // A list of ACLs is only given where there is an authorizer.
            None if !self.listings.is_empty() => Authorizer::Standard,
            None => match self.settings.first() {
                Some(one)
                    if self
                        .settings
                        .iter()
                        .all(|one| one.super_users.is_empty() && one.allow_everyone.is_none()) =>
                {
                    let place = one.authorizer.as_ref().map(|(_, place)| *place).or(one.place);
                    place.map_or(Authorizer::Standard, Authorizer::None)
                }
                _ => Authorizer::Standard,
            },
        }
    }

    /// Whether `allow.everyone.if.no.acl.found` is true on any broker, and where it is said.
    #[must_use]
    pub fn allow_everyone(&self) -> Option<Place> {
        self.settings
            .iter()
            .filter_map(|one| one.allow_everyone)
            .find(|(on, _)| *on)
            .map(|(_, place)| place)
    }

    /// The entries of `super.users` on any broker, each once, in the order of texts.
    #[must_use]
    pub fn super_users(&self) -> Vec<(&str, Place)> {
        let mut all: Vec<(&str, Place)> = self
            .settings
            .iter()
            .flat_map(|one| one.super_users.iter().map(|(name, place)| (&**name, *place)))
            .collect();
        all.sort_unstable();
        all.dedup_by_key(|(name, _)| *name);
        all
    }

    /// Every listener of every node.
    pub fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.settings.iter().flat_map(|one| &one.listeners)
    }

    /// Whether there is a topic that an ACL's name means: the tables are in the order of names.
    #[must_use]
    pub fn has_topic(&self, pattern: PatternType, name: &str) -> bool {
        let at = self.topics.partition_point(|topic| self.word(topic.name) < name);
        self.topics
            .get(at)
            .is_some_and(|topic| named(pattern, name, self.word(topic.name)))
    }

    /// Whether there is a group that an ACL's name means.
    #[must_use]
    pub fn has_group(&self, pattern: PatternType, name: &str) -> bool {
        let at = self.groups.partition_point(|row| self.word(row.group) < name);
        self.groups
            .get(at)
            .is_some_and(|row| named(pattern, name, self.word(row.group)))
    }

    /// Gives every symbol another number.
    pub(crate) fn rename(&mut self, name: impl Fn(Sym) -> Sym) {
        for acl in &mut self.acls {
            acl.name = name(acl.name);
            acl.principal = name(acl.principal);
            acl.host = name(acl.host);
            if let ResourceType::Other(word) = &mut acl.kind {
                *word = name(*word);
            }
            if let Operation::Other(word) = &mut acl.operation {
                *word = name(*word);
            }
        }
        for topic in &mut self.topics {
            topic.name = name(topic.name);
        }
        for row in &mut self.groups {
            row.group = name(row.group);
            row.topic = name(row.topic);
            row.host = name(row.host);
        }
    }

    /// Takes in another document's facts.
    pub(crate) fn merge(&mut self, mut part: Self) {
        let names = self.words.absorb(&part.words);
        part.rename(|old| names.get(old));
        self.acls.append(&mut part.acls);
        self.listings.append(&mut part.listings);
        self.settings.append(&mut part.settings);
        self.topics.append(&mut part.topics);
        self.topics_listed |= part.topics_listed;
        self.groups.append(&mut part.groups);
        self.groups_listed |= part.groups_listed;
        self.disabled = self.disabled.or(part.disabled);
        self.version = self.version.max(part.version);
    }

    /// Sorts the words and the tables, drops doubles, and builds the authorizer's index.
    pub(crate) fn seal(&mut self) {
        let count = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let mut order: Vec<Sym> = (0..count).map(Sym).collect();
        order.sort_unstable_by(|a, b| self.words.get(*a).cmp(self.words.get(*b)));
        let mut sorted = Strings::default();
        let mut new = vec![Sym(0); order.len()];
        for old in order {
            if let Some(slot) = new.get_mut(old.index()) {
                *slot = sorted.intern(self.words.get(old));
            }
        }
        self.rename(|old| new.get(old.index()).copied().unwrap_or_default());
        self.words = sorted;
        self.acls.sort_unstable();
        self.acls.dedup_by_key(|acl| acl.key());
        self.topics.sort_unstable();
        self.topics.dedup_by_key(|topic| topic.name);
        self.groups.sort_unstable();
        self.groups.dedup_by_key(|row| (row.group, row.topic, row.host));
        self.index = Index::new(self);
        self.plan = Plan::new(self);
    }
}
