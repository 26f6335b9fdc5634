//! The rule `kafka-acl-cluster-delete`.

use super::{about, over_cluster};
use crate::facts::{Facts, Operation};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may delete every topic.
    ///
    /// ## Why
    /// The controller asks for DELETE on the cluster before it asks for the topic's: who holds it deletes any
    /// topic without any ACL on it. `kafka-acls` refuses to store it, AdminClient and REST do not, and the
    /// cluster's authorized operations do not show it.
    ///
    /// ## Evidence
    /// The ALLOW on the cluster.
    ///
    /// ## Fix
    /// Remove the ACL, and allow DELETE on the topics or the prefix that the principal owns.
    pub AclClusterDelete: "kafka-acl-cluster-delete", Critical, needs ["acls"]
}

impl Rule<Facts> for AclClusterDelete {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in over_cluster(facts, Operation::Delete) {
            let title = format!("{} may delete every topic", facts.word(one.acl.principal));
            out.push(about(&Self::META, facts, one.acl).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-cluster-delete";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DELETE CLUSTER kafka-cluster", "User:b ALLOW ALL CLUSTER kafka-cluster"]))]), ["ACL ALLOW ALL on CLUSTER kafka-cluster for User:b from any host", "ACL ALLOW DELETE on CLUSTER kafka-cluster for User:a from any host"]);
    }

    #[test]
    fn a_smaller_right_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE CLUSTER kafka-cluster"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DELETE TOPIC kafka-cluster", "User:b ALLOW DELETE CLUSTER other", "User:c ALLOW ALL CLUSTER kafka-cluster", "User:c DENY DELETE CLUSTER kafka-cluster"]))]).is_empty());
    }
}
