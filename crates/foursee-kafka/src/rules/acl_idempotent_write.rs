//! The rule `kafka-acl-idempotent-write`.

use super::{about, given};
use crate::authorize::Client;
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// IDEMPOTENT_WRITE is not needed.
    ///
    /// ## Why
    /// Since 2.8 (KIP-679) brokers take WRITE on any topic for it: a producer that may write somewhere needs no
    /// right on the cluster.
    ///
    /// ## Evidence
    /// The ALLOW on the cluster.
    ///
    /// ## Fix
    /// Remove the ACL.
    pub AclIdempotentWrite: "kafka-acl-idempotent-write", Info, needs ["acls"]
}

impl Rule<Facts> for AclIdempotentWrite {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.kind != ResourceType::Cluster || one.acl.operation != Operation::IdempotentWrite {
                continue;
            }
            let principal = facts.word(one.acl.principal);
            let writes = facts.decide_any(principal, &Client::unnamed(), Operation::Write, ResourceType::Topic, facts.quirks());
            if writes.allowed {
                let title = format!("{principal} may write a topic, and needs no IDEMPOTENT_WRITE");
                out.push(about(&Self::META, facts, one.acl).title(title).rung(one.rung, Rung::Narrow));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-idempotent-write";

    #[test]
    fn a_producer_that_has_it_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW IDEMPOTENT_WRITE CLUSTER kafka-cluster", "User:a ALLOW WRITE TOPIC t"]))]), ["ACL ALLOW IDEMPOTENT_WRITE on CLUSTER kafka-cluster for User:a from any host"]);
    }

    #[test]
    fn a_producer_without_it_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW WRITE TOPIC t"]))]).is_empty());
    }

    #[test]
    fn its_twin_that_writes_no_topic_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW IDEMPOTENT_WRITE CLUSTER kafka-cluster", "User:a ALLOW READ TOPIC t"]))]).is_empty());
    }
}
