//! The rule `kafka-acl-cluster-describe-configs`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may read the brokers' configuration.
    ///
    /// ## Why
    /// DESCRIBE_CONFIGS on the cluster shows broker, logger and client-metrics settings and quotas: listeners,
    /// file paths and versions, if not passwords.
    ///
    /// ## Evidence
    /// The ALLOW that gives the right.
    ///
    /// ## Fix
    /// Leave it to administrators and monitoring.
    pub AclClusterDescribeConfigs: "kafka-acl-cluster-describe-configs", Low, needs ["acls"]
}

impl Rule<Facts> for AclClusterDescribeConfigs {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::Cluster || !matches!(one.acl.operation, Operation::DescribeConfigs | Operation::All) || one.acl.operation == Operation::All || !one.gives(Operation::DescribeConfigs) {
                continue;
            }
            let (principal, resource) = (facts.word(one.acl.principal), facts.resource(one.acl));
            out.push(about(&Self::META, facts, one.acl).title(format!("{principal} may read the brokers' configuration ({resource})")).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-cluster-describe-configs";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE_CONFIGS CLUSTER kafka-cluster"]))]), ["ACL ALLOW DESCRIBE_CONFIGS on CLUSTER kafka-cluster for User:a from any host"]);
    }

    #[test]
    fn other_rights_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE CLUSTER kafka-cluster"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE_CONFIGS TOPIC t", "User:b DENY DESCRIBE_CONFIGS CLUSTER kafka-cluster"]))]).is_empty());
    }
}
