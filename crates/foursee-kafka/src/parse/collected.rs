//! Listings as foursee's collector writes them: JSON, because the tools' texts lose facts (a group's name may hold
//! blanks) and do not say who read them.
//!
//! | kind | form |
//! | --- | --- |
//! | cluster | `{clusterId, readBy, brokers: [{id, host, port}]}` |
//! | topics | `{clusterId, readBy, topics: [{name, partitions: [{id, leader}]}]}` |
//! | groups | `{clusterId, readBy, groups: [{name, state, protocolType, members: [{id, clientId, host, partitions: [{topic, partition}]}], offsets: [{topic, partition, offset}]}]}` |
//!
//! `readBy` is the principal that read, `User:NAME`, or null where the client cannot know it. A broker leaves out what
//! the reader may not describe, without a word: [`crate::facts::Reader`].

use crate::facts::{Facts, GroupRow, Reader, Topic};
use foursee_core::document::{Document, Head, Many, Notes, Str, each};
use foursee_core::model::{Gap, Reason};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;

/// The kind of such a document.
pub(super) fn recognise(head: &Head<'_>) -> Option<&'static str> {
    if !head.has_key("readBy") || head.has_key("kind") {
        return None;
    }
    [
        ("topics", super::TOPICS),
        ("groups", super::GROUPS),
        ("brokers", super::CLUSTER),
    ]
    .into_iter()
    .find_map(|(key, kind)| head.has_key(key).then_some(kind))
}

/// Files the topics.
pub(super) fn topics(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    let reader = list(document, "topics", notes, |raw, notes| {
        let topic: TopicItem<'_> = read(
            document,
            raw,
            notes,
            "an item of the list of topics",
            "a topic's name",
        )?;
        if !super::legal_topic(&topic.name) {
            let gap = Gap::new(Reason::Malformed, "the list of topics").facet("an item that is no topic");
            let gap = gap.hides("a topic's name").closes(super::made_by(super::TOPICS));
            notes.gap(gap.at(document.place(raw)));
            return None;
        }
        let name = facts.words.intern(&topic.name);
        facts.topics.push(Topic {
            name,
            place: document.place(raw),
        });
        Some(())
    });
    facts.topics_listed |= reader.is_some();
    facts.topic_readers.extend(reader);
}

/// Files the groups.
pub(super) fn groups(document: &Document, facts: &mut Facts, notes: &mut Notes) {
    let reader = list(document, "groups", notes, |raw, notes| {
        let what = "an item of the list of groups";
        let group: GroupItem<'_> = read(
            document,
            raw,
            notes,
            what,
            "a group, and the topics that it reads",
        )?;
        let mut row = |topic: &str, host: &str| {
            facts.groups.push(GroupRow {
                group: facts.words.intern(&group.name),
                topic: facts.words.intern(topic),
                host: facts.words.intern(host),
                place: document.place(raw),
            });
        };
        let mut assigned = BTreeSet::new();
        for member in group.members.iter() {
            let host = member.host.trim_start_matches('/');
            for one in member.partitions.iter() {
                assigned.insert((&*one.topic, one.partition));
                row(&one.topic, host);
            }
            if member.partitions.is_empty() {
                row("", host);
            }
        }
        for one in group.offsets.iter() {
            if !assigned.contains(&(&*one.topic, one.partition)) {
                row(&one.topic, "");
            }
        }
        if group.members.is_empty() {
            row("", "");
        }
        Some(())
    });
    facts.groups_listed |= reader.is_some();
    facts.group_readers.extend(reader);
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TopicItem<'a> {
    #[serde(borrow)]
    name: Str<'a>,
}

#[derive(Deserialize)]
struct GroupItem<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow, default)]
    members: Many<Member<'a>>,
    #[serde(borrow, default)]
    offsets: Many<Partition<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Member<'a> {
    #[serde(borrow)]
    host: Str<'a>,
    #[serde(borrow)]
    partitions: Many<Partition<'a>>,
}

#[derive(Deserialize)]
struct Partition<'a> {
    #[serde(borrow)]
    topic: Str<'a>,
    #[serde(default)]
    partition: i64,
}

fn read<'a, T: Deserialize<'a>>(
    document: &Document,
    raw: &'a str,
    notes: &mut Notes,
    what: &str,
    hides: &str,
) -> Option<T> {
    match serde_json::from_str(raw) {
        Ok(item) => Some(item),
        Err(error) => {
            notes.gap(
                Gap::new(Reason::Malformed, what)
                    .facet(error.to_string())
                    .hides(hides)
                    .closes(super::made_by(document.kind))
                    .at(document.place(raw)),
            );
            None
        }
    }
}

/// Hands over each item of a list, and gives the reader; none where there is no such list.
fn list(
    document: &Document,
    key: &'static str,
    notes: &mut Notes,
    mut take: impl FnMut(&str, &mut Notes) -> Option<()>,
) -> Option<Reader> {
    let mut file = File {
        key,
        found: false,
        reader: Reader::Unknown,
        take: |raw: &str| {
            take(raw, notes);
        },
    };
    let read = serde_json::Deserializer::from_str(&document.text).deserialize_map(&mut file);
    let (found, reader) = (file.found, file.reader);
    if let Err(error) = read {
        let reason = if error.is_eof() {
            Reason::Truncated
        } else {
            Reason::Malformed
        };
        notes.gap(
            Gap::new(reason, format!("the list of {key}"))
                .facet("from where it breaks on")
                .hides(format!("the {key} that follow"))
                .closes(super::made_by(document.kind)),
        );
        // Who read it may stand behind the break: what is not listed may be there.
        return found.then_some(Reader::Unknown);
    }
    found.then_some(reader)
}

struct File<F> {
    key: &'static str,
    found: bool,
    reader: Reader,
    take: F,
}

impl<'de, F: FnMut(&str)> Visitor<'de> for &mut File<F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "an object with {}", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Str<'de>>()? {
            if &*key == self.key {
                self.found = true;
                let take = &mut self.take;
                map.next_value_seed(each(|raw: &RawValue| take(raw.get())))?;
            } else if &*key == "readBy" {
                self.reader = match map.next_value::<Option<Str<'de>>>()? {
                    Some(name) => Reader::Principal(name.0.into_owned()),
                    None => Reader::Unknown,
                };
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::Reader;
    use crate::testing::facts;

    #[test]
    fn topics_and_groups_are_those_of_the_tools_texts() {
        let topics = r#"{"clusterId":"c1","readBy":"User:reader","topics":[{"name":"orders","partitions":[{"id":0,"leader":1}]}]}"#;
        let groups = r#"{"clusterId":"c1","readBy":null,"groups":[
            {"name":"a group","state":"Stable","members":[{"id":"m","clientId":"c","host":"/10.0.0.1","partitions":[{"topic":"orders","partition":0}]},{"host":"/10.0.0.2"}],
             "offsets":[{"topic":"orders","partition":0,"offset":5},{"topic":"orders","partition":1,"offset":7},{"topic":"gone","partition":0,"offset":1}]},
            {"name":"idle","state":"Empty"}]}"#;
        let (facts, gaps) = facts(&[("t.json", topics), ("g.json", groups)]);
        assert!(gaps.is_empty(), "{gaps:?}");
        assert!(facts.topics_listed && facts.groups_listed);
        assert_eq!(facts.topic_readers, [Reader::Principal("User:reader".to_owned())]);
        assert_eq!(facts.group_readers, [Reader::Unknown]);
        let rows: Vec<[&str; 3]> = facts
            .groups
            .iter()
            .map(|row| [facts.word(row.group), facts.word(row.topic), facts.word(row.host)])
            .collect();
        assert_eq!(
            rows,
            [
                ["a group", "", "10.0.0.2"],
                ["a group", "gone", ""],
                ["a group", "orders", ""],
                ["a group", "orders", "10.0.0.1"],
                ["idle", "", ""]
            ]
        );
    }

    #[test]
    fn what_stands_before_a_break_stays_and_the_rest_is_a_gap() {
        let (facts, gaps) = facts(&[(
            "t.json",
            r#"{"clusterId":"c1","readBy":"User:a","topics":[{"name":"orders"},{"name":"a b"},{"name":5},{"na"#,
        )]);
        assert_eq!(facts.topics.len(), 1);
        assert_eq!(facts.topic_readers, [Reader::Unknown]);
        let shown: Vec<(&str, &str)> = gaps
            .iter()
            .map(|gap| (gap.target.as_str(), gap.reason.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("the list of topics", "malformed"),
                ("an item of the list of topics", "malformed"),
                ("the list of topics", "truncated")
            ]
        );
    }
}
