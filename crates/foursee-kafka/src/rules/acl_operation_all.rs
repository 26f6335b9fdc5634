//! The rule `kafka-acl-operation-all`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::{Rung, Severity};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL allows every operation.
    ///
    /// ## Why
    /// ALL includes DELETE, ALTER and ALTER_CONFIGS: whoever reads and writes a topic with it may also delete
    /// it, or set its retention to nothing. On the cluster it is administration as a whole.
    ///
    /// ## Evidence
    /// The ALLOW whose operation is ALL.
    ///
    /// ## Fix
    /// Allow the operations that are used: READ for consumers, WRITE for producers; DESCRIBE comes with either.
    pub AclOperationAll: "kafka-acl-operation-all", Medium, needs ["acls"]
}

impl Rule<Facts> for AclOperationAll {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if one.acl.operation != Operation::All {
                continue;
            }
            let severity = if one.acl.kind == ResourceType::Cluster { Severity::Critical } else { Severity::Medium };
            let title = format!("{} has every operation on {}", facts.word(one.acl.principal), facts.resource(one.acl));
            out.push(about(&Self::META, facts, one.acl).severity(severity).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes, found};

    const RULE: &str = "kafka-acl-operation-all";

    #[test]
    fn all_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALL TOPIC t"]))]), ["ACL ALLOW ALL on TOPIC t for User:a from any host"]);
    }

    #[test]
    fn named_operations_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a ALLOW WRITE TOPIC t"]))]).is_empty());
    }

    #[test]
    fn its_twins_that_give_nothing_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY ALL TOPIC t", "User:b ALLOW ALL TOPIC u", "User:b DENY ALL TOPIC u"]))]).is_empty());
    }

    #[test]
    fn the_cluster_is_critical() {
        let all = found(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALL CLUSTER kafka-cluster"]))]);
        assert_eq!(all[0].severity.as_str(), "critical");
    }
}
