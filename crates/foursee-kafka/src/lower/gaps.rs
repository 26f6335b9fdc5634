//! What cannot be known of a cluster from the documents at hand.

use super::scram;
use crate::authorize::certificate::Mapping;
use crate::facts::{Authorizer, Facts, Operation, Reader, ResourceType, Version};
use crate::parse::{ACLS, GROUPS, LOG, SETTINGS, TOPICS, TRANSACTIONS, USERS, made_by};
use foursee_core::document::Place;
use foursee_core::estate::Lowering;
use foursee_core::model::{Gap, Reason};
use std::collections::BTreeMap;

/// Writes the gaps.
pub(super) fn write(facts: &Facts, out: &mut Lowering<'_>) {
    acls(facts, out);
    settings(facts, out);
    unknown_words(facts, out);
    if !facts.topics_listed {
        out.gap(
            Gap::new(Reason::NotCaptured, "topics of the cluster")
                .facet("names")
                .hides("which topics a prefix or a wildcard covers today, and which ACLs are for topics that are gone")
                .closes(made_by(TOPICS)),
        );
    }
    if !facts.groups_listed {
        out.gap(
            Gap::new(Reason::NotCaptured, "groups of the cluster")
                .facet("names, members and topics")
                .hides("which topics are consumed, by whom and from where")
                .closes(made_by(GROUPS)),
        );
    }
    partial(facts, ResourceType::Topic, "topics of the cluster", out);
    partial(facts, ResourceType::Group, "groups of the cluster", out);
    if !facts.users_listed && scram(facts).is_some() {
        out.gap(
            Gap::new(Reason::NotCaptured, "users of the cluster")
                .facet("SCRAM passwords")
                .hides("which principals have a password, and which ACLs are for nobody")
                .closes(made_by(USERS)),
        );
    }
    let transacts = facts
        .acls
        .iter()
        .any(|acl| acl.kind == ResourceType::TransactionalId);
    if !facts.transactions_listed && transacts {
        out.gap(
            Gap::new(Reason::NotCaptured, "transactional ids of the cluster")
                .facet("names")
                .hides("which ACLs are for ids that no producer uses")
                .closes(made_by(TRANSACTIONS)),
        );
    }
    if !facts.usage.shows_allowed {
        let closes = made_by(LOG);
        out.gap(
            Gap::new(Reason::NotCaptured, "use of the cluster")
                .facet("who was allowed what")
                .hides("which ACLs are used")
                .closes(closes),
        );
    }
    let (version, said) = facts.version();
    if !said {
        out.gap(
            Gap::new(Reason::NotCaptured, "brokers of the cluster")
                .facet("version")
                .hides(format!(
                    "in what the authorizer differs from {version}, as which it is read: before {}, a CIDR block as host matches nobody",
                    Version(4, 4, 0)
                ))
                .closes("kafka-features --bootstrap-server HOST:PORT describe"),
        );
    } else if facts.quirks().hiding {
        out.gap(
            Gap::new(Reason::Inherent, "brokers of the cluster")
                .facet("version")
                .hides("which PREFIXED ACLs hide others: brokers before 3.3.1 may miss some (KAFKA-14265)")
                .closes("brokers of 3.3.1 or later"),
        );
    }
}

/// A listing that its reader may not have seen in full: a broker leaves out what one may not describe.
fn partial(facts: &Facts, kind: ResourceType, target: &str, out: &mut Lowering<'_>) {
    let readers = facts.readers(kind);
    let (Some(reader), false) = (readers.first(), facts.listed_all(kind)) else {
        return;
    };
    let all = match kind {
        ResourceType::Topic => "DESCRIBE on TOPIC *",
        _ => "DESCRIBE on CLUSTER kafka-cluster",
    };
    let gap = match reader {
        Reader::Principal(name) => match facts.blind(name) {
            None => Gap::new(Reason::Denied, target)
                .facet(format!("those that {name} may not describe"))
                .closes(format!(
                    "{all} for {name}, and no DENY or host that takes it away"
                )),
            Some(why) => Gap::new(Reason::Ambiguous, target)
                .facet(format!("those that {name} may not describe"))
                .closes(format!(
                    "what shows that {name} sees all, for {why}: {}",
                    made_by(ACLS)
                )),
        },
        _ => Gap::new(Reason::Ambiguous, target)
            .facet("those that the reader may not describe")
            .closes(format!(
                "a listing by a SASL user with {all}: a client cannot know which principal its certificate is"
            )),
    };
    out.gap(
        gap.hides("names that a broker leaves out without a word where the reader has no DESCRIBE on them"),
    );
}

fn acls(facts: &Facts, out: &mut Lowering<'_>) {
    match facts.authorizer() {
        Authorizer::None(_) => return,
        Authorizer::Custom(class, place) => out.gap(
            Gap::new(Reason::Unsupported, format!("authorizer {class}"))
                .facet("its decisions")
                .hides("who may do what: ACLs are read as Kafka's own authorizer reads them")
                .closes("the rules of that authorizer")
                .at(place),
        ),
        Authorizer::Standard => {}
    }
    if facts.listings.is_empty() {
        out.gap(
            Gap::new(Reason::NotCaptured, "ACLs of the cluster")
                .facet("all")
                .hides("who may do what")
                .closes(made_by(ACLS)),
        );
        return;
    }
    let whole: Vec<_> = facts.listings.iter().filter(|one| one.only.is_none()).collect();
    if facts.acls.is_empty() && !whole.iter().any(|one| one.proven) {
        let place = facts.listings.first().map(|one| one.place);
        let mut gap = Gap::new(Reason::Denied, "ACLs of the cluster")
            .facet("all")
            .hides("who may do what: the list is empty, which may mean \"not allowed to see\" rather than \"none\"")
            .closes("the list, read by a principal with DESCRIBE on CLUSTER kafka-cluster");
        if let Some(place) = place {
            gap = gap.at(place);
        }
        out.gap(gap);
    } else if whole.is_empty() {
        let mut names: Vec<&str> = facts
            .listings
            .iter()
            .filter_map(|one| one.only.as_deref())
            .collect();
        names.sort_unstable();
        names.dedup();
        out.gap(
            Gap::new(Reason::NotCaptured, "ACLs of the cluster")
                .facet(format!("those that are not for {}", names.join(", ")))
                .hides("what others may do, and what is denied to all")
                .closes(made_by(ACLS)),
        );
    }
}

/// Words that are newer than this layer: kept, matched as text, and said.
fn unknown_words(facts: &Facts, out: &mut Lowering<'_>) {
    let mut words: BTreeMap<(&str, &str), Place> = BTreeMap::new();
    for acl in &facts.acls {
        if let ResourceType::Other(word) = acl.kind {
            words
                .entry(("resource type", facts.word(word)))
                .or_insert(acl.place);
        }
        if let Operation::Other(word) = acl.operation {
            words.entry(("operation", facts.word(word))).or_insert(acl.place);
        }
    }
    for ((what, word), place) in words {
        out.gap(
            Gap::new(Reason::Unsupported, format!("{what} {word}"))
                .facet("its meaning")
                .hides("what ACLs with it give: they are compared as text")
                .closes("a version of foursee that knows it")
                .at(place),
        );
    }
}

fn settings(facts: &Facts, out: &mut Lowering<'_>) {
    if facts.settings.is_empty() {
        out.gap(
            Gap::new(Reason::NotCaptured, "settings of the brokers")
                .facet("super.users, allow.everyone.if.no.acl.found, listeners")
                .hides("who may do everything, what is open to all, and how clients log in: brokers never show these")
                .closes(made_by(SETTINGS)),
        );
        return;
    }
    if facts.listeners().next().is_none() {
        out.gap(
            Gap::new(Reason::NotCaptured, "listeners of the brokers")
                .facet("addresses and protocols")
                .hides("where clients log in, and whether some need no login")
                .closes("a server.properties with listeners and advertised.listeners"),
        );
    }
    for (key, place) in facts.settings.iter().flat_map(|one| &one.mappings) {
        out.gap(
            Gap::new(Reason::Unsupported, format!("setting {key}"))
                .facet("as which principal a client acts")
                .hides("which login or certificate is which principal: names are taken as they are")
                .closes("the principals as the authorizer's log prints them")
                .at(*place),
        );
    }
    for (listener, rules, place) in facts.settings.iter().flat_map(|one| &one.certificates) {
        let Err(why) = Mapping::parse(rules) else { continue };
        let of = if listener.is_empty() {
            String::new()
        } else {
            format!(" of listener {listener}")
        };
        out.gap(
            Gap::new(
                Reason::Unsupported,
                format!("setting ssl.principal.mapping.rules{of}"),
            )
            .facet(format!("as which principal a client acts: {why}"))
            .hides("which certificate is which principal")
            .closes("the principals as the authorizer's log prints them")
            .at(*place),
        );
    }
    let everyone: Vec<bool> = facts
        .settings
        .iter()
        .map(|one| one.allow_everyone.is_some_and(|(on, _)| on))
        .collect();
    if everyone.iter().any(|one| Some(one) != everyone.first()) {
        out.gap(
            Gap::new(Reason::Ambiguous, "settings of the brokers")
                .facet("allow.everyone.if.no.acl.found")
                .hides("which broker answers: they differ, and the widest is taken")
                .closes("the same setting on every broker"),
        );
    }
}
