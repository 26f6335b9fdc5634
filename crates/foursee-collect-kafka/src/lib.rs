//! The collector of a Kafka cluster: its id, brokers, topics, and groups with members and committed offsets, by
//! librdkafka. ACLs, users and brokers' settings are no part of it: `kafka-acls --list`, `kafka-configs` and a copy of
//! server.properties stand beside its capture.
//!
//! It asks for metadata, lists and describes groups and fetches their offsets: no more than DESCRIBE. It joins no group,
//! creates no topic (auto-creation is off in each request) and sends no client metrics. librdkafka's calls block, so
//! each runs in a thread of its own, which a dropped future does not wait for.
//!
//! What librdkafka cannot say: groups of the newer protocols (`group.protocol=consumer`, share groups) come without
//! members; where one of several brokers answers the list of groups with an error, another's answer hides it. Both are
//! gaps.
//!
//! The future runs on Tokio, with its timers on.

mod assignment;
mod client;
mod documents;
mod read;
mod settings;

use foursee_capture::{CollectError, Collecting, Collector, Permission, Sink, Terms};
use settings::Settings;

/// `kafka-topics --describe`.
pub(crate) const TOPICS: Permission = Permission::new(
    "DESCRIBE Topic:*",
    "kafka-acls --bootstrap-server HOST:PORT --add --allow-principal User:AUDITOR --operation Describe --topic '*'",
    "the topics, and what groups have committed on them",
    "which topics there are, which of them a prefix or wildcard covers, and which ACLs are for topics that are gone",
);
/// `kafka-consumer-groups --describe --all-groups`.
pub(crate) const GROUPS: Permission = Permission::new(
    "DESCRIBE Group:*",
    "kafka-acls --bootstrap-server HOST:PORT --add --allow-principal User:AUDITOR --operation Describe --group '*'",
    "the groups, their members' hosts and client ids, and their committed offsets",
    "which groups there are, which topics are consumed, by whom and from where",
);

/// All that the collector uses. The cluster's id and its brokers need nothing.
pub const PERMISSIONS: &[Permission] = &[TOPICS, GROUPS];

/// One Kafka cluster to be read.
#[derive(Clone)]
pub struct Cluster {
    settings: Settings,
}

impl Cluster {
    /// The cluster that a target names: `HOST:PORT,...`, or the path of a client's properties file (Java's names or
    /// librdkafka's). A file stands by itself, but may leave `bootstrap.servers` to `KAFKA_BOOTSTRAP_SERVERS`.
    ///
    /// With a list, and without a target, settings come from `KCAT_CONFIG` (or `~/.config/kcat.conf`), and over it from
    /// the environment: `KAFKA_` and the setting's name, `KAFKA_SASL_JAAS_CONFIG` for `sasl.jaas.config`.
    ///
    /// # Errors
    ///
    /// [`CollectError::Settings`] where the target cannot be followed.
    pub fn new(target: Option<&str>) -> Result<Self, CollectError> {
        settings::find(target).map(|settings| Self { settings })
    }
}

impl std::fmt::Debug for Cluster {
    /// Its addresses alone: its settings hold secrets.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Cluster").field(&self.settings.servers).finish()
    }
}

impl Collector for Cluster {
    fn layer(&self) -> &'static str {
        "kafka"
    }

    fn target(&self) -> String {
        self.settings.servers.clone()
    }

    fn collect<'a>(&'a self, into: &'a dyn Sink, terms: &'a Terms) -> Collecting<'a> {
        Box::pin(read::all(&self.settings, into, terms))
    }
}

/// The collector of a target; see [`Cluster::new`].
///
/// # Errors
///
/// [`CollectError::Settings`] where the target cannot be followed.
pub fn collector(target: Option<&str>) -> Result<Box<dyn Collector>, CollectError> {
    Ok(Box::new(Cluster::new(target)?))
}
