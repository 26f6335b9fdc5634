//! The rule `kafka-acl-cluster-alter-configs`.

use super::{about, over_cluster};
use crate::facts::{Facts, Operation};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may alter the brokers' configuration.
    ///
    /// ## Why
    /// Dynamic broker settings hold the listeners' SASL and TLS settings, quotas and log levels: who alters
    /// them can let others in, shut clients out, or hide what it does.
    ///
    /// ## Evidence
    /// The ALLOW on the cluster.
    ///
    /// ## Fix
    /// Leave ALTER_CONFIGS on the cluster to an administrator's own principal.
    pub AclClusterAlterConfigs: "kafka-acl-cluster-alter-configs", High, needs ["acls"]
}

impl Rule<Facts> for AclClusterAlterConfigs {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in over_cluster(facts, Operation::AlterConfigs) {
            let title = format!("{} may alter the brokers' configuration", facts.word(one.acl.principal));
            out.push(about(&Self::META, facts, one.acl).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-cluster-alter-configs";

    #[test]
    fn it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALTER_CONFIGS CLUSTER kafka-cluster", "User:b ALLOW ALL CLUSTER kafka-cluster"]))]), ["ACL ALLOW ALL on CLUSTER kafka-cluster for User:b from any host", "ACL ALLOW ALTER_CONFIGS on CLUSTER kafka-cluster for User:a from any host"]);
    }

    #[test]
    fn a_smaller_right_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE_CONFIGS CLUSTER kafka-cluster"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALTER_CONFIGS TOPIC kafka-cluster", "User:b ALLOW ALTER_CONFIGS CLUSTER other", "User:c ALLOW ALL CLUSTER kafka-cluster", "User:c DENY ALTER_CONFIGS CLUSTER kafka-cluster"]))]).is_empty());
    }
}
