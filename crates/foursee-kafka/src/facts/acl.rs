//! ACL bindings and their words.

use foursee_core::document::{Place, Strings};
use foursee_core::model::Sym;

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
        Some(match plain(word, &mut [0; 40]) {
            b"topic" => Self::Topic,
            b"group" | b"groupid" | b"consumergroup" => Self::Group,
            b"cluster" => Self::Cluster,
            b"transactionalid" => Self::TransactionalId,
            b"delegationtoken" => Self::DelegationToken,
            b"user" | b"principal" => Self::User,
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
        Some(match plain(word, &mut [0; 40]) {
            b"read" => Self::Read,
            b"write" => Self::Write,
            b"create" => Self::Create,
            b"delete" => Self::Delete,
            b"alter" => Self::Alter,
            b"describe" => Self::Describe,
            b"clusteraction" => Self::ClusterAction,
            b"describeconfigs" => Self::DescribeConfigs,
            b"alterconfigs" => Self::AlterConfigs,
            b"idempotentwrite" => Self::IdempotentWrite,
            b"createtokens" => Self::CreateTokens,
            b"describetokens" => Self::DescribeTokens,
            b"twophasecommit" => Self::TwoPhaseCommit,
            b"all" | b"*" => Self::All,
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
fn plain<'b>(word: &str, into: &'b mut [u8; 40]) -> &'b [u8] {
    let kept = word
        .bytes()
        .take(into.len())
        .filter(|one| !matches!(one, b'_' | b'-' | b' '));
    let mut len = 0;
    for (slot, byte) in into.iter_mut().zip(kept) {
        *slot = byte.to_ascii_lowercase();
        len += 1;
    }
    into.get(..len).unwrap_or_default()
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
        match plain(word, &mut [0; 40]) {
            b"literal" | b"" => Some(Self::Literal),
            b"prefixed" | b"prefix" => Some(Self::Prefixed),
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
        match plain(word, &mut [0; 40]) {
            b"allow" => Some(Self::Allow),
            b"deny" => Some(Self::Deny),
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
