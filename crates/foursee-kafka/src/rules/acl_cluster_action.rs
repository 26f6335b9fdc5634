//! The rule `kafka-acl-cluster-action`.

use super::{about, over_cluster};
use crate::facts::{Facts, Operation};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may act as a broker.
    ///
    /// ## Why
    /// CLUSTER_ACTION is what brokers ask of each other: who holds it fetches every partition as a follower,
    /// without READ on any topic, writes transaction markers and share-group state, and on the controller
    /// forges the principal of forwarded requests.
    ///
    /// ## Evidence
    /// The ALLOW on the cluster.
    ///
    /// ## Fix
    /// Leave CLUSTER_ACTION to the brokers' own principal, best as a super user.
    pub AclClusterAction: "kafka-acl-cluster-action", Critical, needs ["acls"]
}

impl Rule<Facts> for AclClusterAction {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in over_cluster(facts, Operation::ClusterAction) {
            let title = format!("{} may act as a broker, and read every topic as a follower", facts.word(one.acl.principal));
            out.push(about(&Self::META, facts, one.acl).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-cluster-action";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW CLUSTER_ACTION CLUSTER kafka-cluster", "User:b ALLOW ALL CLUSTER kafka-cluster"]))]), ["ACL ALLOW ALL on CLUSTER kafka-cluster for User:b from any host", "ACL ALLOW CLUSTER_ACTION on CLUSTER kafka-cluster for User:a from any host"]);
    }

    #[test]
    fn a_smaller_right_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE CLUSTER kafka-cluster"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW CLUSTER_ACTION TOPIC kafka-cluster", "User:b ALLOW CLUSTER_ACTION CLUSTER other", "User:c ALLOW ALL CLUSTER kafka-cluster", "User:c DENY CLUSTER_ACTION CLUSTER kafka-cluster"]))]).is_empty());
    }
}
