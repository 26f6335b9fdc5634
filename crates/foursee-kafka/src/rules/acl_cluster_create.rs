//! The rule `kafka-acl-cluster-create`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may create topics of any name.
    ///
    /// ## Why
    /// CREATE on the cluster is CREATE on every topic's name: its holder makes the topic that somebody else's
    /// prefix or waiting ACL is for, and can fill the cluster.
    ///
    /// ## Evidence
    /// The ALLOW that gives the right.
    ///
    /// ## Fix
    /// Allow CREATE on the prefix that the principal owns, as a TOPIC resource.
    pub AclClusterCreate: "kafka-acl-cluster-create", Medium, needs ["acls"]
}

impl Rule<Facts> for AclClusterCreate {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::Cluster || !matches!(one.acl.operation, Operation::Create | Operation::All) || !one.gives(Operation::Create) {
                continue;
            }
            let (principal, resource) = (facts.word(one.acl.principal), facts.resource(one.acl));
            out.push(about(&Self::META, facts, one.acl).title(format!("{principal} may create topics of any name ({resource})")).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-cluster-create";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW CREATE CLUSTER kafka-cluster"]))]), ["ACL ALLOW CREATE on CLUSTER kafka-cluster for User:a from any host"]);
    }

    #[test]
    fn other_rights_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE CLUSTER kafka-cluster"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW CREATE TOPIC a.*", "User:b DENY CREATE CLUSTER kafka-cluster"]))]).is_empty());
    }
}
