//! The documents of a capture, in the form that foursee's Kafka layer documents (its `parse::collected`).

use serde::Serialize;

/// A document: whose cluster, who read, and one list under its name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listing<'a, T> {
    pub(crate) cluster_id: Option<&'a str>,
    pub(crate) read_by: Option<&'a str>,
    #[serde(flatten)]
    pub(crate) list: T,
}

#[derive(Serialize)]
pub(crate) struct Brokers<'a> {
    pub(crate) brokers: &'a [Broker],
}

#[derive(Serialize)]
pub(crate) struct Topics<'a> {
    pub(crate) topics: &'a [Topic],
}

#[derive(Serialize)]
pub(crate) struct Groups<'a> {
    pub(crate) groups: &'a [Group],
}

#[derive(Serialize)]
pub(crate) struct Broker {
    pub(crate) id: i32,
    pub(crate) host: String,
    pub(crate) port: i32,
}

#[derive(Serialize)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) partitions: Vec<Partition>,
}

#[derive(Serialize)]
pub(crate) struct Partition {
    pub(crate) id: i32,
    pub(crate) leader: i32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) protocol_type: String,
    pub(crate) members: Vec<Member>,
    pub(crate) offsets: Vec<Offset>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) host: String,
    pub(crate) partitions: Vec<Assigned>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Assigned {
    pub(crate) topic: String,
    pub(crate) partition: i32,
}

#[derive(Serialize)]
pub(crate) struct Offset {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
}
