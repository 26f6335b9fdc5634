//! What is asked of a cluster, in which order, and what becomes a gap.

use crate::client::{self, Client, Shared, apart};
use crate::documents::{Broker, Brokers, Group, Groups, Listing, Member, Offset, Partition, Topic, Topics};
use crate::settings::Settings;
use crate::{GROUPS, TOPICS, assignment};
use foursee_capture::manifest::NotCollected;
use foursee_capture::{CollectError, Collected, Sink, Step, Terms};
use futures_util::StreamExt;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::metadata::Metadata;
use rdkafka::topic_partition_list::Offset as At;
use serde::Serialize;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Kafka's own topic of groups and their offsets: where there is a group there is this.
const OFFSETS: &str = "__consumer_offsets";
/// How many names a gap lists.
const NAMED: usize = 20;

/// Reads one cluster.
pub(crate) async fn all(settings: &Settings, into: &dyn Sink, terms: &Terms) -> Result<(), CollectError> {
    let deadline = Instant::now() + terms.deadline;
    let own = settings.clone();
    let connected = apart(move || {
        client::connect(&own, deadline).map(|(client, metadata)| {
            let id = client.client().fetch_cluster_id(Duration::from_secs(1));
            (Arc::new(client), brokers(&metadata), topics(&metadata), id)
        })
    });
    let (client, brokers, (topics, unread), id) = match connected.await {
        Some(Err(CollectError::Deadline { target, .. })) => {
            return Err(CollectError::Deadline {
                target,
                deadline: terms.deadline,
            });
        }
        Some(connected) => connected?,
        None => {
            return Err(CollectError::Unreachable {
                target: settings.servers.clone(),
                why: "its metadata cannot be read: a name in it is not UTF-8".to_owned(),
            });
        }
    };
    let run = Run {
        settings,
        into,
        id,
        deadline,
        concurrency: terms.concurrency.get(),
    };
    run.put("kafka/brokers.json", "cluster", Brokers { brokers: &brokers })?;
    into.step(Step::new(
        "topics",
        topics.len() as u64,
        Some(topics.len() as u64),
    ));
    run.put("kafka/topics.json", "topics", Topics { topics: &topics })?;
    if !unread.is_empty() {
        run.gap(
            "topics of the cluster",
            &format!("partitions of {}", names(&unread)),
            "not-captured",
            "what groups have committed on them: the broker gave an error for each",
            "a capture when the cluster is well",
        );
    }
    if brokers.len() > 1 {
        run.gap(
            "groups of the cluster",
            "those of a broker that answers with an error",
            "ambiguous",
            "groups whose coordinator was not ready: librdkafka keeps the last broker's error alone, and another's answer hides it",
            "kafka-consumer-groups --bootstrap-server HOST:PORT --describe --all-groups",
        );
    }
    let groups = run.groups(client, Arc::new(topics)).await?;
    run.put("kafka/groups.json", "groups", Groups { groups: &groups })
}

fn brokers(metadata: &Metadata) -> Vec<Broker> {
    let mut all: Vec<Broker> = metadata
        .brokers()
        .iter()
        .map(|one| Broker {
            id: one.id(),
            host: one.host().to_owned(),
            port: one.port(),
        })
        .collect();
    all.sort_by_key(|one| one.id);
    all
}

/// The topics in the order of names, and the names of those that came with an error.
fn topics(metadata: &Metadata) -> (Vec<Topic>, Vec<String>) {
    let mut unread = Vec::new();
    let mut all: Vec<Topic> = metadata
        .topics()
        .iter()
        .map(|topic| {
            let mut partitions: Vec<Partition> = topic
                .partitions()
                .iter()
                .map(|one| Partition {
                    id: one.id(),
                    leader: one.leader(),
                })
                .collect();
            partitions.sort_by_key(|one| one.id);
            if topic.error().is_some() {
                unread.push(topic.name().to_owned());
            }
            Topic {
                name: topic.name().to_owned(),
                partitions,
            }
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    unread.sort_unstable();
    (all, unread)
}

struct Run<'r> {
    settings: &'r Settings,
    into: &'r dyn Sink,
    id: Option<String>,
    deadline: Instant,
    concurrency: usize,
}

/// Why a group's offsets are not there.
enum Unread {
    Late,
    Denied,
    Other(String),
}

impl Run<'_> {
    fn put<T: Serialize>(&self, file: &str, kind: &str, list: T) -> Result<(), CollectError> {
        let document = Listing {
            cluster_id: self.id.as_deref(),
            read_by: self.settings.principal.as_deref(),
            list,
        };
        let text = serde_json::to_string(&document).map_err(|error| foursee_capture::SinkError {
            file: file.to_owned(),
            why: error.to_string(),
        })?;
        let mut document = Collected::new(file, kind, text).context(&self.settings.servers);
        if let Some(id) = &self.id {
            document = document.scope(id);
        }
        Ok(self.into.document(document)?)
    }

    fn gap(&self, target: &str, facet: &str, reason: &str, hides: &str, closes: &str) {
        let mut gap = NotCollected::default();
        gap.layer = "kafka".to_owned();
        gap.scope = self.id.clone();
        gap.target = target.to_owned();
        gap.facet = facet.to_owned();
        gap.reason = reason.to_owned();
        gap.hides = hides.to_owned();
        gap.closes = closes.to_owned();
        self.into.gap(gap);
    }

    fn reader(&self) -> &str {
        self.settings.principal.as_deref().unwrap_or("the reader")
    }

    /// The groups, each with its offsets.
    async fn groups(&self, client: Shared, topics: Arc<Vec<Topic>>) -> Result<Vec<Group>, CollectError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let asked = client.clone();
        let listed = apart(move || listed(&asked, left)).await;
        let mut groups = match listed {
            Some(Ok(groups)) => groups,
            Some(Err(error)) => {
                let said = client.context().clean(&error.to_string());
                let why = client
                    .context()
                    .lost()
                    .map_or(said.clone(), |lost| format!("{said}: {lost}"));
                self.no_groups(&why);
                return Ok(Vec::new());
            }
            None => {
                self.no_groups("a name in the list is not UTF-8");
                return Ok(Vec::new());
            }
        };
        if !groups.is_empty() && !topics.iter().any(|topic| topic.name == OFFSETS) {
            self.gap(
                "topics of the cluster",
                &format!("those that {} may not describe", self.reader()),
                "denied",
                "some topics: there are groups, but not their topic __consumer_offsets",
                TOPICS.grant,
            );
        }
        let refused: Vec<String> = named(&groups, |group| group.state.is_empty());
        if !refused.is_empty() {
            self.gap(
                "groups of the cluster",
                &format!("members and offsets of {}", names(&refused)),
                "denied",
                "which topics they consume, by whom and from where",
                GROUPS.grant,
            );
        }
        let newer: Vec<String> = named(&groups, |group| group.state == "Dead");
        if !newer.is_empty() {
            self.gap(
                "groups of the cluster",
                &format!("members of {}", names(&newer)),
                "unsupported",
                "who consumes in them and from where: librdkafka describes groups of the classic protocol alone",
                "kafka-consumer-groups --bootstrap-server HOST:PORT --describe --all-groups",
            );
        }
        self.offsets(&mut groups, topics).await;
        Ok(groups)
    }

    fn no_groups(&self, why: &str) {
        self.gap(
            "groups of the cluster",
            "all",
            "not-captured",
            &format!("{}: {why}", GROUPS.hides),
            "a capture that reaches every broker at its advertised address",
        );
    }

    /// Adds the committed offsets, some groups at a time.
    async fn offsets(&self, groups: &mut [Group], topics: Arc<Vec<Topic>>) {
        let wanted: Vec<(usize, String)> = groups
            .iter()
            .enumerate()
            .filter(|(_, group)| !group.state.is_empty() && !topics.is_empty())
            .map(|(at, group)| (at, group.name.clone()))
            .collect();
        let of = wanted.len() as u64;
        let mut done = 0;
        let mut reading = futures_util::stream::iter(wanted)
            .map(|(at, name)| {
                let (settings, topics, deadline) = (self.settings.clone(), topics.clone(), self.deadline);
                async move {
                    let read = apart(move || committed(&settings, &name, &topics, deadline)).await;
                    (
                        at,
                        read.unwrap_or_else(|| Err(Unread::Other("a name that is not UTF-8".to_owned()))),
                    )
                }
            })
            .buffer_unordered(self.concurrency);
        let (mut late, mut denied, mut other) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((at, read)) = reading.next().await {
            done += 1;
            self.into.step(Step::new("groups", done, Some(of)));
            let Some(group) = groups.get_mut(at) else { continue };
            match read {
                Ok(offsets) => group.offsets = offsets,
                Err(Unread::Late) => late.push(group.name.clone()),
                Err(Unread::Denied) => denied.push(group.name.clone()),
                Err(Unread::Other(why)) => other.push(format!("{} ({why})", group.name)),
            }
        }
        let hides = "which topics they have consumed";
        for (mut unread, reason, closes) in [
            (late, "not-captured", "a longer deadline"),
            (denied, "denied", GROUPS.grant),
            (other, "not-captured", "a capture when the cluster is well"),
        ] {
            if !unread.is_empty() {
                unread.sort_unstable();
                let facet = format!("offsets of {}", names(&unread));
                self.gap("groups of the cluster", &facet, reason, hides, closes);
            }
        }
    }
}

fn named(groups: &[Group], which: impl Fn(&Group) -> bool) -> Vec<String> {
    groups
        .iter()
        .filter(|group| which(group))
        .map(|group| group.name.clone())
        .collect()
}

/// Some names, and how many more.
fn names(all: &[String]) -> String {
    let shown = all
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match all.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// The groups in the order of names. One that could not be described has no state: it is asked for again, once, for
/// its coordinator may just be loading.
fn listed(client: &Client, left: Duration) -> Result<Vec<Group>, KafkaError> {
    let ask = |left: Duration| {
        let list = client.fetch_group_list(None, left)?;
        Ok::<_, KafkaError>(list.groups().iter().map(group).collect::<Vec<_>>())
    };
    let began = Instant::now();
    let mut groups = ask(left)?;
    let pause = Duration::from_millis(500);
    if groups.iter().any(|group| group.state.is_empty()) && left > began.elapsed() + 2 * pause {
        std::thread::sleep(pause);
        groups = ask(left.saturating_sub(began.elapsed())).unwrap_or(groups);
    }
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(groups)
}

fn group(info: &rdkafka::groups::GroupInfo) -> Group {
    let consumers = info.protocol_type() == "consumer";
    let members = info.members().iter().map(|one| Member {
        id: one.id().to_owned(),
        client_id: one.client_id().to_owned(),
        host: one.client_host().trim_start_matches('/').to_owned(),
        // Other protocols (Connect's workers) put something else there.
        partitions: one
            .assignment()
            .filter(|_| consumers)
            .and_then(assignment::read)
            .unwrap_or_default(),
    });
    Group {
        name: info.name().to_owned(),
        state: info.state().to_owned(),
        protocol_type: info.protocol_type().to_owned(),
        members: members.collect(),
        offsets: Vec::new(),
    }
}

/// What a group has committed on the topics that the reader sees.
fn committed(
    settings: &Settings,
    group: &str,
    topics: &[Topic],
    deadline: Instant,
) -> Result<Vec<Offset>, Unread> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Unread::Late);
    }
    let client = client::client(settings, Some(group)).map_err(|error| Unread::Other(error.to_string()))?;
    let mut wanted = TopicPartitionList::new();
    for topic in topics {
        for partition in &topic.partitions {
            wanted.add_partition(&topic.name, partition.id);
        }
    }
    let found = client
        .committed_offsets(wanted, left)
        .map_err(|error| match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::GroupAuthorizationFailed) => Unread::Denied,
            Some(RDKafkaErrorCode::OperationTimedOut) => Unread::Late,
            _ => Unread::Other(client.context().clean(&error.to_string())),
        })?;
    let mut offsets: Vec<Offset> = found
        .elements()
        .iter()
        .filter_map(|one| match one.offset() {
            At::Offset(offset) => Some(Offset {
                topic: one.topic().to_owned(),
                partition: one.partition(),
                offset,
            }),
            _ => None,
        })
        .collect();
    offsets.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    Ok(offsets)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_gap_names_some_and_counts_the_rest() {
        let all: Vec<String> = (0..22).map(|at| at.to_string()).collect();
        assert_eq!(names(&all[..2]), "0, 1");
        assert!(names(&all).ends_with("19 and 2 more"));
    }
}
