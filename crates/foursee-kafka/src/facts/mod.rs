//! What a Kafka cluster says, as typed tables: ACL bindings, broker settings, topics, consumer groups.
//!
//! Nothing here decides anything: see [`crate::authorize`]. Names are kept as they were written; they are chosen by
//! whoever could create them.

mod acl;
mod seen;
mod settings;

pub use acl::{Acl, Listing, Operation, PatternType, Permission, ResourceType};
pub use seen::Reader;
pub use settings::{Listener, Protocol, Settings, Version};

use crate::authorize::Index;
use crate::lower::plan::Plan;
use crate::usage::Usage;
use foursee_core::document::{Place, Strings};
use foursee_core::model::{Certainty, Sym};
use std::sync::OnceLock;

/// The principal that stands for everybody, authenticated or not, of any type.
pub const EVERYBODY: &str = "User:*";
/// The principal of a client that did not authenticate.
pub const ANONYMOUS: &str = "User:ANONYMOUS";
/// The one name that the cluster resource has.
pub const CLUSTER_NAME: &str = "kafka-cluster";

/// A topic that there is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Topic {
    /// Its name.
    pub name: Sym,
    /// Where it stands.
    pub place: Place,
}

/// A user that has a SCRAM password.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct User {
    /// Its name, without a type.
    pub name: Sym,
    /// Where it stands.
    pub place: Place,
}

/// A transactional id that some producer uses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Transaction {
    /// The id.
    pub id: Sym,
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

/// Who decides.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
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
    /// Who made the lists of topics.
    pub topic_readers: Vec<Reader>,
    /// The groups and what they read.
    pub groups: Vec<GroupRow>,
    /// Whether a list of groups was read.
    pub groups_listed: bool,
    /// Who made the lists of groups.
    pub group_readers: Vec<Reader>,
    /// The transactional ids. Once sealed in the order of ids, each once.
    pub transactions: Vec<Transaction>,
    /// Whether a list of them was read.
    pub transactions_listed: bool,
    /// The users with a SCRAM password. Once sealed in the order of names, each once.
    pub scram_users: Vec<User>,
    /// Whether a list of them was read.
    pub users_listed: bool,
    /// Where a tool was told that there is no authorizer.
    pub disabled: Option<Place>,
    /// The version that a document says, beside the settings.
    pub version: Option<(Version, Place)>,
    /// What the authorizer's log shows.
    pub usage: Usage,
    pub(crate) index: Index,
    plan: OnceLock<Plan>,
}

impl Facts {
    /// The statements of sealed facts.
    pub(crate) fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| Plan::new(self))
    }

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

    /// How sure a statement of an ACL is: as sure as it is that Kafka's own authorizer decides.
    #[must_use]
    pub fn certainty(&self) -> Certainty {
        match self.authorizer() {
            Authorizer::Custom(..) => Certainty::Unknown,
            _ => Certainty::Certain,
        }
    }

    /// Why it cannot be said that a principal is not allowed something, where it cannot.
    #[must_use]
    pub fn blind(&self, principal: &str) -> Option<String> {
        if let Authorizer::Custom(class, _) = self.authorizer() {
            return Some(format!(
                "the authorizer is {class}, whose decisions are not known"
            ));
        }
        if self.listings.is_empty() {
            return Some("no list of ACLs was given".to_owned());
        }
        if self.acls.is_empty() && !self.listings.iter().any(|one| one.proven) {
            return Some("the list of ACLs is empty, which may mean \"not allowed to see\"".to_owned());
        }
        let whole = self.listings.iter().any(|one| one.only.is_none());
        let own = self
            .listings
            .iter()
            .any(|one| one.only.as_deref() == Some(principal));
        (!whole && !own).then(|| format!("the list of ACLs is not of {principal}"))
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

    /// Whether there is a transactional id that an ACL's name means.
    #[must_use]
    pub fn has_transaction(&self, pattern: PatternType, name: &str) -> bool {
        let at = self.transactions.partition_point(|one| self.word(one.id) < name);
        self.transactions
            .get(at)
            .is_some_and(|one| named(pattern, name, self.word(one.id)))
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
        for one in &mut self.transactions {
            one.id = name(one.id);
        }
        for user in &mut self.scram_users {
            user.name = name(user.name);
        }
        self.usage.rename(&name);
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
        self.topic_readers.append(&mut part.topic_readers);
        self.group_readers.append(&mut part.group_readers);
        self.groups.append(&mut part.groups);
        self.groups_listed |= part.groups_listed;
        self.transactions.append(&mut part.transactions);
        self.transactions_listed |= part.transactions_listed;
        self.scram_users.append(&mut part.scram_users);
        self.users_listed |= part.users_listed;
        self.usage.merge(part.usage);
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
        self.transactions.sort_unstable();
        self.transactions.dedup_by_key(|one| one.id);
        self.scram_users.sort_unstable();
        self.scram_users.dedup_by_key(|user| user.name);
        for readers in [&mut self.topic_readers, &mut self.group_readers] {
            readers.sort_unstable();
            readers.dedup();
        }
        self.groups.sort_unstable();
        self.groups.dedup_by_key(|row| (row.group, row.topic, row.host));
        self.index = Index::new(self);
        self.plan = OnceLock::new();
    }
}
