//! Which documents are Kafka's, and how each is filed.
//!
//! A document is recognised by what stands in it; its name counts only where it is empty. What cannot be read is a
//! gap, and what stands before it stays.

mod acls_json;
mod acls_text;
mod collected;
mod listings;
mod properties;

pub(crate) use listings::legal as legal_topic;

use crate::facts::Facts;
use foursee_core::document::{Document, Format, Head, Notes};
use foursee_core::layer::{Claim, DocumentKind, ScopeClaim};
use foursee_core::model::{Gap, Reason};

/// Lists of ACLs.
pub(crate) const ACLS: &str = "acls";
/// A broker's settings.
pub(crate) const SETTINGS: &str = "server-properties";
/// Lists of topics.
pub(crate) const TOPICS: &str = "topics";
/// Lists of groups.
pub(crate) const GROUPS: &str = "groups";
/// The cluster's id, and the version of its brokers.
pub(crate) const CLUSTER: &str = "cluster";

/// Transactional ids.
pub(crate) const TRANSACTIONS: &str = "transactions";
/// Users with SCRAM passwords.
pub(crate) const USERS: &str = "users";
/// The authorizer's log: events.
pub(crate) const LOG: &str = "authorizer-log";

/// The kinds of documents that the layer reads.
pub(crate) static KINDS: &[DocumentKind] = &[
    DocumentKind {
        name: ACLS,
        made_by: "kafka-acls --bootstrap-server HOST:PORT --list",
    },
    DocumentKind {
        name: SETTINGS,
        made_by: "a copy of each broker's server.properties",
    },
    DocumentKind {
        name: TOPICS,
        made_by: "kafka-topics --bootstrap-server HOST:PORT --describe",
    },
    DocumentKind {
        name: GROUPS,
        made_by: "kafka-consumer-groups --bootstrap-server HOST:PORT --describe --all-groups",
    },
    DocumentKind {
        name: CLUSTER,
        made_by: "kafka-cluster cluster-id --bootstrap-server HOST:PORT",
    },
    DocumentKind {
        name: USERS,
        made_by: "kafka-configs --bootstrap-server HOST:PORT --describe --entity-type users",
    },
    DocumentKind {
        name: TRANSACTIONS,
        made_by: "kafka-transactions --bootstrap-server HOST:PORT list",
    },
    DocumentKind {
        name: LOG,
        made_by: "a copy of a broker's kafka-authorizer.log",
    },
];

/// Says whether a document is Kafka's, and what.
pub(crate) fn recognise(head: &Head<'_>) -> Option<Claim> {
    match head.format() {
        Format::JsonObject | Format::JsonArray if !begins_with_a_time(head.text()) => json(head),
        Format::Text | Format::JsonArray if crate::usage::recognise(head.text()) => Some(Claim {
            events: true,
            ..Claim::state(LOG, ScopeClaim::Unsaid)
        }),
        Format::Text | Format::JsonArray => {
            text(head.text()).map(|kind| Claim::state(kind, scope_in_text(head.text())))
        }
        Format::Empty => by_name(head.name()).map(|kind| Claim::state(kind, ScopeClaim::Unsaid)),
        _ => None,
    }
}

/// Whether a text begins as a log's line does, "[2026-11-25 ...": no JSON, although it begins with a bracket.
fn begins_with_a_time(text: &str) -> bool {
    let digits = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year = text
        .trim_start()
        .strip_prefix('[')
        .and_then(|rest| rest.split_once('-'));
    year.is_some_and(|(year, _)| digits(year))
}

fn by_name(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    if !name.contains("kafka") {
        return None;
    }
    [
        ("acl", ACLS),
        ("topic", TOPICS),
        ("group", GROUPS),
        ("server.properties", SETTINGS),
        ("cluster", CLUSTER),
    ]
    .into_iter()
    .find(|(word, _)| name.contains(word))
    .map(|(_, kind)| kind)
}

fn json(head: &Head<'_>) -> Option<Claim> {
    let id = ["/clusterId", "/cluster_id", "/cluster/id", "/data/0/cluster_id"]
        .iter()
        .find_map(|at| head.get(at));
    let scope = || id.map_or(ScopeClaim::Unsaid, |id| ScopeClaim::One(id.to_owned()));
    if acls_json::recognise(head) {
        let mut claim = Claim::state(ACLS, scope());
        if id.is_some() {
            claim.kinds.push(CLUSTER);
        }
        return Some(claim);
    }
    if let Some(kind) = collected::recognise(head) {
        return Some(Claim::state(kind, scope()));
    }
    (head.has_key("clusterId") && !head.has_key("kind")).then(|| Claim::state(CLUSTER, scope()))
}

fn text(text: &str) -> Option<&'static str> {
    if acls_text::recognise(text) {
        Some(ACLS)
    } else if listings::recognise_cluster(text) {
        Some(CLUSTER)
    } else if listings::recognise_users(text) {
        Some(USERS)
    } else if listings::recognise_transactions(text) {
        Some(TRANSACTIONS)
    } else if properties::recognise(text) {
        Some(SETTINGS)
    } else if listings::recognise_topics(text) {
        Some(TOPICS)
    } else if listings::recognise_groups(text) {
        Some(GROUPS)
    } else {
        refusal(text).map(|refusal| refusal.of)
    }
}

fn scope_in_text(text: &str) -> ScopeClaim {
    listings::cluster_id(text).map_or(ScopeClaim::Unsaid, |id| ScopeClaim::One(id.to_owned()))
}

/// What a tool printed instead of a listing.
pub(crate) struct Refusal<'a> {
    /// The kind of documents that it stands for.
    of: &'static str,
    /// Its line.
    line: &'a str,
    /// Whether it says that there is no authorizer.
    disabled: bool,
}

/// The first line by which a tool says that it was refused, if there is one.
pub(crate) fn refusal(text: &str) -> Option<Refusal<'_>> {
    let line = text.lines().take(400).find(|line| {
        line.contains("org.apache.kafka.common.errors.")
            || line.contains("No Authorizer is configured")
            || line.starts_with("Error while executing ACL command")
            || line.starts_with("Error while executing topic command")
            || line.starts_with("Error: Executing consumer group command failed")
    })?;
    let disabled = line.contains("SecurityDisabledException") || line.contains("No Authorizer is configured");
    let of = if disabled || text.contains("ACL command") || line.contains("ClusterAuthorizationException") {
        ACLS
    } else if text.contains("topic command") || line.contains("TopicAuthorization") {
        TOPICS
    } else if text.contains("consumer group command") || line.contains("GroupAuthorization") {
        GROUPS
    } else {
        CLUSTER
    };
    Some(Refusal { of, line, disabled })
}

/// Files a document.
pub(crate) fn parse(document: &Document, notes: &mut Notes) -> Facts {
    let mut facts = Facts::default();
    let text = document.text.as_str();
    if text.trim().is_empty() {
        if document.kind == ACLS {
            facts.listings.push(empty_listing(document));
        } else {
            notes.gap(
                Gap::new(Reason::Malformed, format!("{} of the cluster", document.kind))
                    .facet("all")
                    .hides("what the document should have said: it is empty")
                    .closes(made_by(document.kind)),
            );
        }
        return facts;
    }
    let json = text.trim_start().starts_with(['{', '[']) && !begins_with_a_time(text);
    match document.kind {
        ACLS | CLUSTER if json => acls_json::parse(document, &mut facts, notes),
        TOPICS if json => collected::topics(document, &mut facts, notes),
        GROUPS if json => collected::groups(document, &mut facts, notes),
        ACLS => acls_text::parse(document, &mut facts, notes),
        CLUSTER => listings::cluster(document, &mut facts, notes),
        SETTINGS => properties::parse(document, &mut facts, notes),
        TOPICS => listings::topics(document, &mut facts, notes),
        GROUPS => listings::groups(document, &mut facts, notes),
        USERS => listings::users(document, &mut facts, notes),
        TRANSACTIONS => listings::transactions(document, &mut facts, notes),
        other => notes.gap(
            Gap::new(Reason::Unsupported, format!("a document of kind {other}"))
                .hides("what it says")
                .closes("a version of foursee that reads it"),
        ),
    }
    if !json && let Some(refused) = refusal(text) {
        note_refusal(document, &refused, &mut facts, notes);
    }
    facts
}

fn empty_listing(document: &Document) -> crate::facts::Listing {
    crate::facts::Listing {
        place: document.at(0),
        count: 0,
        only: None,
        proven: false,
    }
}

fn note_refusal(document: &Document, refused: &Refusal<'_>, facts: &mut Facts, notes: &mut Notes) {
    let place = document.place(refused.line);
    if refused.disabled {
        facts.disabled = facts.disabled.or(Some(place));
        return;
    }
    let error = refused
        .line
        .split("org.apache.kafka.common.errors.")
        .nth(1)
        .and_then(|rest| rest.split([':', ' ']).next())
        .unwrap_or("an error");
    let denied = error.contains("Authoriz") || error.contains("Authentication");
    let closes = match refused.of {
        ACLS => "DESCRIBE on CLUSTER kafka-cluster for the principal that exports",
        TOPICS => "DESCRIBE on the topics for the principal that exports",
        GROUPS => "DESCRIBE on the groups for the principal that exports",
        _ => "an export that succeeds",
    };
    notes.gap(
        Gap::new(
            if denied {
                Reason::Denied
            } else {
                Reason::NotCaptured
            },
            format!("{} of the cluster", refused.of),
        )
        .facet("all")
        .hides(format!(
            "what the listing should have said: the tool printed {error}"
        ))
        .closes(closes)
        .at(place),
    );
}

/// The command that makes a kind of documents.
pub(crate) fn made_by(kind: &str) -> &'static str {
    KINDS
        .iter()
        .find(|one| one.name == kind)
        .map_or("", |one| one.made_by)
}
