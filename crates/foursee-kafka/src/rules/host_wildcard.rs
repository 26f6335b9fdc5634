//! The rule `kafka-host-wildcard`.

use super::{about, given};
use crate::authorize::host::Rule as Host;
use crate::facts::{CLUSTER_NAME, Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// Administration is allowed from every host.
    ///
    /// ## Why
    /// Whoever has the principal's login administers the cluster from wherever a listener can be reached. Few
    /// hosts need to.
    ///
    /// ## Evidence
    /// The ALLOW, whose host is `*`.
    ///
    /// ## Fix
    /// Allow the administrators' hosts one by one, or as a CIDR block on brokers of 4.4.0 and later.
    pub HostWildcard: "kafka-host-wildcard", Info, needs ["acls"]
}

impl Rule<Facts> for HostWildcard {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let administers = [Operation::Alter, Operation::AlterConfigs, Operation::ClusterAction, Operation::Delete];
        for one in given(facts) {
            let sensitive = match one.acl.kind {
                ResourceType::Cluster => administers.iter().any(|op| one.gives_over(*op, CLUSTER_NAME)),
                ResourceType::User => one.gives(Operation::CreateTokens) && one.acl.name != one.acl.principal,
                _ => false,
            };
            if sensitive && facts.host_rule(one.acl) == Host::Any {
                let operation = one.acl.operation.as_str(&facts.words);
                let title = format!(
                    "{} has {operation} on {} from every host",
                    facts.word(one.acl.principal),
                    facts.resource(one.acl)
                );
                out.push(about(&Self::META, facts, one.acl).title(title).rung(one.rung, Rung::Narrow));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-host-wildcard";

    #[test]
    fn administration_from_everywhere_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALTER CLUSTER kafka-cluster"]))]), ["ACL ALLOW ALTER on CLUSTER kafka-cluster for User:a from any host"]);
    }

    #[test]
    fn from_a_host_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALTER CLUSTER kafka-cluster from 10.0.0.1"]))]).is_empty());
    }

    #[test]
    fn its_twin_of_a_program_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:b ALLOW IDEMPOTENT_WRITE CLUSTER kafka-cluster"]))]).is_empty());
    }
}
