//! The rule `kafka-acl-transactional-wildcard`.

use super::{about, given};
use crate::facts::{Facts, Operation, PatternType, ResourceType};
use foursee_core::model::{Rung, Severity};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A principal may use every transactional id, or almost.
    ///
    /// ## Why
    /// WRITE on another producer's transactional id fences that producer off: its transaction is aborted and it
    /// stops. With TWO_PHASE_COMMIT a transaction can be held open for as long as its holder likes, and readers
    /// of committed records wait.
    ///
    /// ## Evidence
    /// The ALLOW that gives the right.
    ///
    /// ## Fix
    /// Allow WRITE on the ids or the prefix that the principal's own producers use.
    pub AclTransactionalWildcard: "kafka-acl-transactional-wildcard", Medium, needs ["acls"]
}

impl Rule<Facts> for AclTransactionalWildcard {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            let acl = one.acl;
            let short = acl.pattern == PatternType::Prefixed && facts.word(acl.name).chars().count() <= 2;
            let held = one.gives(Operation::TwoPhaseCommit);
            let uses = acl.kind == ResourceType::TransactionalId && (held || one.gives(Operation::Write));
            if !uses || !(facts.wild(acl) || short) {
                continue;
            }
            let severity = if held { Severity::High } else { Severity::Medium };
            let title = format!("{} may fence other producers: {}", facts.word(acl.principal), facts.resource(acl));
            out.push(about(&Self::META, facts, acl).severity(severity).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-transactional-wildcard";

    #[test]
    fn every_id_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW WRITE TRANSACTIONAL_ID *", "User:b ALLOW ALL TRANSACTIONAL_ID t*"]))]), ["ACL ALLOW ALL on TRANSACTIONAL_ID t* (prefixed) for User:b from any host", "ACL ALLOW WRITE on TRANSACTIONAL_ID * for User:a from any host"]);
    }

    #[test]
    fn ones_own_ids_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW WRITE TRANSACTIONAL_ID app-*"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE TRANSACTIONAL_ID *", "User:b ALLOW WRITE TRANSACTIONAL_ID t", "User:c ALLOW WRITE TOPIC *"]))]).is_empty());
    }
}
