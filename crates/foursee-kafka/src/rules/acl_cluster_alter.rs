//! The rule `kafka-acl-cluster-alter`.

use super::{about, over_cluster};
use crate::facts::{Facts, Operation};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may alter the cluster: its ACLs and everybody's SCRAM password.
    ///
    /// ## Why
    /// ALTER on the cluster creates and deletes ACLs, sets the SCRAM password of any user, super users
    /// included, moves partitions, unregisters brokers, adds and removes KRaft voters and changes feature
    /// levels. Whoever holds it can become every principal.
    ///
    /// ## Evidence
    /// The ALLOW on the cluster.
    ///
    /// ## Fix
    /// Leave ALTER to an administrator's own principal, and give the others the operations that they use.
    pub AclClusterAlter: "kafka-acl-cluster-alter", Critical, needs ["acls"]
}

impl Rule<Facts> for AclClusterAlter {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in over_cluster(facts, Operation::Alter) {
            let title = format!("{} may alter ACLs and set everybody's SCRAM password", facts.word(one.acl.principal));
            out.push(about(&Self::META, facts, one.acl).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-cluster-alter";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALTER CLUSTER kafka-cluster", "User:b ALLOW ALL CLUSTER kafka-cluster"]))]), ["ACL ALLOW ALL on CLUSTER kafka-cluster for User:b from any host", "ACL ALLOW ALTER on CLUSTER kafka-cluster for User:a from any host"]);
    }

    #[test]
    fn a_smaller_right_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE CLUSTER kafka-cluster"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALTER TOPIC kafka-cluster", "User:b ALLOW ALTER CLUSTER other", "User:c ALLOW ALL CLUSTER kafka-cluster", "User:c DENY ALTER CLUSTER kafka-cluster"]))]).is_empty());
    }
}
