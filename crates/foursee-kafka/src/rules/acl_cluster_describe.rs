//! The rule `kafka-acl-cluster-describe`.

use super::{about, over_cluster};
use crate::facts::{Facts, Operation};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may see the cluster's ACLs and users.
    ///
    /// ## Why
    /// DESCRIBE on the cluster lists ACLs, SCRAM users, all groups, log directories and reassignments: a map
    /// for whoever takes the client. ALTER, DELETE, READ and WRITE on the cluster imply it.
    ///
    /// ## Evidence
    /// The ALLOW on the cluster.
    ///
    /// ## Fix
    /// Leave it to administrators and monitoring; clients need nothing on the cluster.
    pub AclClusterDescribe: "kafka-acl-cluster-describe", Low, needs ["acls"]
}

impl Rule<Facts> for AclClusterDescribe {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in over_cluster(facts, Operation::Describe) {
            // What gives more is told by the rules about that.
            if matches!(one.acl.operation, Operation::All | Operation::Alter | Operation::Delete) {
                continue;
            }
            let title = format!("{} may list ACLs, users and groups", facts.word(one.acl.principal));
            out.push(about(&Self::META, facts, one.acl).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-cluster-describe";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE CLUSTER kafka-cluster", "User:b ALLOW READ CLUSTER kafka-cluster"]))]), ["ACL ALLOW DESCRIBE on CLUSTER kafka-cluster for User:a from any host", "ACL ALLOW READ on CLUSTER kafka-cluster for User:b from any host"]);
    }

    #[test]
    fn other_rights_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW IDEMPOTENT_WRITE CLUSTER kafka-cluster", "User:b ALLOW CREATE CLUSTER kafka-cluster"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE TOPIC t", "User:b ALLOW READ CLUSTER kafka-cluster", "User:b DENY DESCRIBE CLUSTER kafka-cluster"]))]).is_empty());
    }
}
