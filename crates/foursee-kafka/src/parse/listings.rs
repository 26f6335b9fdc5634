//! Listings of topics, groups and the cluster's id, as the tools print them.

use crate::facts::{Facts, GroupRow, Reader, Topic, Transaction, User, Version};
use foursee_core::document::{Document, Notes};
use foursee_core::model::{Gap, Reason, Sym};

/// Whether a text is `kafka-topics --describe`, or `--list` of a cluster that has consumers.
pub(super) fn recognise_topics(text: &str) -> bool {
    let described = |line: &str| line.starts_with("Topic:") && line.contains("PartitionCount:");
    if text.lines().take(2_000).any(described) {
        return true;
    }
    // A bare list of names: only where each is a legal one and Kafka's own is among them.
    let mut own = false;
    let mut names = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(5_000);
    let legal = names.all(|line| {
        let name = line.strip_suffix(" - marked for deletion").unwrap_or(line);
        own |= matches!(
            name,
            "__consumer_offsets" | "__transaction_state" | "__share_group_state"
        );
        legal(name)
    });
    legal && own
}

/// Whether a topic could have the name (`org.apache.kafka.common.internals.Topic.validate`).
pub(crate) fn legal(name: &str) -> bool {
    let chars = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && name.len() <= 249 && name != "." && name != ".." && name.bytes().all(chars)
}

/// Files the topics.
pub(super) fn topics(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    let described = document.text.lines().any(|line| line.starts_with("Topic:"));
    let mut strange = false;
    for line in document.text.lines() {
        let name = if described {
            let Some(rest) = line.strip_prefix("Topic:") else {
                continue;
            };
            rest.trim_start().split(['\t', ' ']).next().unwrap_or_default()
        } else {
            let line = line.trim();
            line.strip_suffix(" - marked for deletion").unwrap_or(line)
        };
        if name.is_empty() {
            continue;
        }
        if !legal(name) {
            strange |= super::refusal(line).is_none();
            continue;
        }
        let name_sym = facts.words.intern(name);
        facts.topics.push(Topic {
            name: name_sym,
            place: document.place(name),
        });
        facts.topics_listed = true;
    }
    if facts.topics_listed {
        facts.topic_readers.push(Reader::Unsaid);
    }
    if strange {
        notes.gap(
            Gap::new(Reason::Malformed, "the list of topics")
                .facet("a line that is no topic")
                .hides("a topic's name")
                .closes(super::made_by(super::TOPICS)),
        );
    }
}

/// Whether a text is `kafka-consumer-groups --describe`.
pub(super) fn recognise_groups(text: &str) -> bool {
    text.lines().take(200).any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.first() == Some(&"GROUP") && words.contains(&"TOPIC") && words.contains(&"CURRENT-OFFSET")
    })
}

/// Files the groups.
pub(super) fn groups(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    let mut header: Vec<&str> = Vec::new();
    let mut strange = false;
    for line in document.text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(first) = words.first() else { continue };
        if *first == "GROUP" && words.contains(&"TOPIC") {
            header = words;
            facts.groups_listed = true;
            continue;
        }
        if let Some(rest) = line.trim().strip_prefix("Consumer group '") {
            let name = rest.rsplit_once('\'').map_or(rest, |(name, _)| name);
            file(document, facts, name, "", "");
            continue;
        }
        if header.is_empty() || super::refusal(line).is_some() {
            continue;
        }
        let of = |name: &str| {
            header
                .iter()
                .position(|one| *one == name)
                .and_then(|at| words.get(at))
                .copied()
        };
        if words.len() != header.len() {
            strange = true;
            continue;
        }
        let known = |text: Option<&'_ str>| {
            text.filter(|text| *text != "-")
                .map(str::to_owned)
                .unwrap_or_default()
        };
        let (topic, host) = (known(of("TOPIC")), known(of("HOST")));
        file(document, facts, first, &topic, host.trim_start_matches('/'));
    }
    if facts.groups_listed {
        facts.group_readers.push(Reader::Unsaid);
    }
    if strange {
        notes.gap(
            Gap::new(Reason::Malformed, "the list of groups")
                .facet("a line that has not as many words as its header")
                .hides("a group, and the topic that it reads")
                .closes(super::made_by(super::GROUPS)),
        );
    }
}

fn file(document: &Document, facts: &mut Facts, group: &str, topic: &str, host: &str) {
    let mut intern = |text: &str| -> Sym { facts.words.intern(text) };
    let row = GroupRow {
        group: intern(group),
        topic: intern(topic),
        host: intern(host),
        place: document.place(group),
    };
    facts.groups.push(row);
}

/// Whether a text says the cluster's id.
pub(super) fn recognise_cluster(text: &str) -> bool {
    cluster_id(text).is_some()
        || text
            .lines()
            .take(200)
            .any(|line| features_version(line).is_some())
}

/// The version of the brokers' program, from a line of `kafka-features describe`: the newest metadata version that all
/// of them support is named after it, whatever level is in force.
fn features_version(line: &str) -> Option<Version> {
    let rest = line.strip_prefix("Feature: metadata.version")?;
    let newest = rest.split_once("SupportedMaxVersion:")?.1;
    Version::parse(newest.split_whitespace().next()?)
}

/// The cluster's id, from `kafka-cluster cluster-id`, `kafka-metadata-quorum describe --status` or meta.properties.
pub(super) fn cluster_id(text: &str) -> Option<&str> {
    let quorum = text.contains("LeaderId:");
    let meta = text
        .lines()
        .any(|line| line.starts_with("node.id=") || line.starts_with("broker.id="));
    let id = text.lines().take(200).find_map(|line| {
        line.strip_prefix("Cluster ID:")
            .or_else(|| line.strip_prefix("ClusterId:").filter(|_| quorum))
            .or_else(|| line.strip_prefix("cluster.id=").filter(|_| meta))
    })?;
    let id = id.trim();
    (!id.is_empty() && !id.contains(char::is_whitespace)).then_some(id)
}

/// Files what else such a document says.
pub(super) fn cluster(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    for line in document.text.lines() {
        let version = line
            .strip_prefix("Kafka version:")
            .or_else(|| line.strip_prefix("kafka.version="));
        if let Some(version) = version
            .and_then(Version::parse)
            .or_else(|| features_version(line))
        {
            facts.version = facts.version.max(Some((version, document.place(line))));
        }
    }
    if facts.version.is_none()
        && cluster_id(&document.text).is_none()
        && super::refusal(&document.text).is_none()
    {
        notes.gap(
            Gap::new(Reason::Malformed, "the cluster's id")
                .hides("which cluster the documents are of")
                .closes(super::made_by(super::CLUSTER)),
        );
    }
}

const SCRAM: &str = "SCRAM credential configs for user-principal '";
const QUOTA: &str = "Quota configs for user-principal '";

/// Whether a text is `kafka-configs --entity-type users --describe`.
pub(super) fn recognise_users(text: &str) -> bool {
    text.lines()
        .take(2_000)
        .any(|line| line.starts_with(SCRAM) || line.starts_with(QUOTA))
}

/// Files the users that have a SCRAM password.
pub(super) fn users(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    for line in document.text.lines() {
        let Some(rest) = line.strip_prefix(SCRAM) else {
            continue;
        };
        match rest.rsplit_once("' are ") {
            Some((name, _)) => {
                let name_sym = facts.words.intern(name);
                facts.scram_users.push(User {
                    name: name_sym,
                    place: document.place(name),
                });
                facts.users_listed = true;
            }
            None => notes.gap(
                Gap::new(Reason::Truncated, "the list of users")
                    .facet("a line that is cut off")
                    .hides("a user with a SCRAM password")
                    .closes(super::made_by(super::USERS))
                    .at(document.place(line)),
            ),
        }
    }
}

/// Whether a line is the header of `kafka-transactions list`.
fn transactions_header(line: &str) -> bool {
    let mut words = line.split_whitespace();
    ["TransactionalId", "Coordinator", "ProducerId", "TransactionState"]
        .into_iter()
        .all(|word| words.next() == Some(word))
        && words.next().is_none()
}

/// Whether a text is `kafka-transactions list`.
pub(super) fn recognise_transactions(text: &str) -> bool {
    text.lines().take(200).any(transactions_header)
}

/// Files the transactional ids. An id may hold blanks, so a line is read from the right.
pub(super) fn transactions(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    let mut lines = document.text.lines();
    facts.transactions_listed = lines.by_ref().any(transactions_header);
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let mut rest = line.trim_end();
        let mut last = |what: fn(&str) -> bool| {
            let (before, word) = rest.rsplit_once(char::is_whitespace)?;
            rest = before.trim_end();
            what(word).then_some(())
        };
        let number = |word: &str| word.parse::<i64>().is_ok();
        let whole = last(|_| true)
            .and_then(|()| last(number))
            .and_then(|()| last(number));
        if whole.is_none() || rest.is_empty() {
            if super::refusal(line).is_none() {
                notes.gap(
                    Gap::new(Reason::Malformed, "the list of transactional ids")
                        .facet("a line that is none of its table")
                        .hides("a transactional id in use")
                        .closes(super::made_by(super::TRANSACTIONS))
                        .at(document.place(line)),
                );
            }
            continue;
        }
        let id = facts.words.intern(rest);
        facts.transactions.push(Transaction {
            id,
            place: document.place(rest),
        });
    }
}
