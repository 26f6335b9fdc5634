//! Where Kafka's grants stand on the spectrum, and what an ACL cannot say.

use foursee_core::model::{Ladder, Limit, Rung, step};

/// As `lower/plan.rs` decides, ACL by ACL.
pub(crate) const LADDER: Ladder = Ladder {
    steps: &[
        step(
            Rung::Unbounded,
            "super.users; no authorizer, or everyone allowed where no ACL matches",
        ),
        step(
            Rung::ServiceWide,
            "ALL on every resource of a type; ALL, ALTER or CLUSTER_ACTION on the cluster",
        ),
        step(
            Rung::Broad,
            "ALL on a resource or a prefix, a named operation on every resource, CREATE, DELETE or ALTER_CONFIGS on the cluster",
        ),
        step(Rung::Scoped, "a named operation on a topic, a group or a prefix"),
        step(
            Rung::Narrow,
            "a named operation on one literal resource from one host; for READ of a topic, with one group",
        ),
    ],
    limits: &[
        Limit {
            id: "topic-messages",
            actions: "READ, WRITE",
            wish: "a limit to some partitions, keys or messages",
            attainable: Rung::Narrow,
            instead: "a topic of its own",
            source: "Apache Kafka documentation, Authorization and ACLs: the resource types are topic, group, cluster, transactional id, delegation token and user",
        },
        Limit {
            id: "topic-rate",
            actions: "READ, WRITE",
            wish: "a limit on how much",
            attainable: Rung::Narrow,
            instead: "client quotas, which slow down and refuse nothing",
            source: "Apache Kafka documentation, Quotas",
        },
        Limit {
            id: "cluster-operations",
            actions: "ALTER, CLUSTER_ACTION on the cluster",
            wish: "a limit to some ACLs or some users' credentials",
            attainable: Rung::ServiceWide,
            instead: "an own class of authorizer",
            source: "Apache Kafka documentation, Operations and resources on protocols: cluster operations name the cluster alone",
        },
    ],
};
