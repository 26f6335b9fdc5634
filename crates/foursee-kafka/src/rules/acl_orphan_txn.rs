//! The rule `kafka-acl-orphan-txn`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Certainty, Rung};

foursee_core::rule! {
    /// An ACL is for a transactional id that no producer uses.
    ///
    /// ## Why
    /// A right that waits: whoever's producer takes the id next can be fenced by its holder, and nobody notices that
    /// the right is there. Such ACLs are left behind when a producer gets another id.
    ///
    /// ## Evidence
    /// The ALLOW, and the list of transactional ids that does not hold its name. Brokers forget an id that was not used
    /// for `transactional.id.expiration.ms` (a week), so that a rare producer's looks the same.
    ///
    /// ## Fix
    /// Remove the ACL, if no producer uses the id from time to time.
    pub AclOrphanTxn: "kafka-acl-orphan-txn", Low, needs ["acls", "transactions"]
}

impl Rule<Facts> for AclOrphanTxn {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        if !facts.transactions_listed {
            return;
        }
        for one in given(facts) {
            let acl = one.acl;
            let writes = acl.kind == ResourceType::TransactionalId && one.gives(Operation::Write);
            if !writes || facts.wild(acl) || facts.has_transaction(acl.pattern, facts.word(acl.name)) {
                continue;
            }
            let title = format!("{} is for a transactional id that no producer uses", facts.binding(acl));
            let finding = about(&Self::META, facts, acl).title(title).certainty(Certainty::Ask);
            out.push(finding.on_rung(one.rung, Rung::AsUsed));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-orphan-txn";
    const LIST: &str = include_str!("../../tests/data/kafka-transactions-list-4.3.1.txt");

    #[test]
    fn an_id_that_is_gone_fires() {
        let lines = ["User:a ALLOW WRITE TRANSACTIONAL_ID gone", "User:b ALLOW ALL TRANSACTIONAL_ID old-*"];
        assert_eq!(
            causes(RULE, &[("acls.json", &*acls(&lines)), ("transactions.txt", LIST)]),
            ["ACL ALLOW ALL on TRANSACTIONAL_ID old-* (prefixed) for User:b from any host", "ACL ALLOW WRITE on TRANSACTIONAL_ID gone for User:a from any host"]
        );
    }

    #[test]
    fn ids_in_use_are_silent() {
        let lines = ["User:a ALLOW WRITE TRANSACTIONAL_ID billing-*", "User:b ALLOW WRITE TRANSACTIONAL_ID two words"];
        assert!(causes(RULE, &[("acls.json", &*acls(&lines)), ("transactions.txt", LIST)]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        let lines = ["User:a ALLOW DESCRIBE TRANSACTIONAL_ID gone", "User:b ALLOW WRITE TRANSACTIONAL_ID *", "User:c ALLOW READ TOPIC gone"];
        assert!(causes(RULE, &[("acls.json", &*acls(&lines)), ("transactions.txt", LIST)]).is_empty());
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW WRITE TRANSACTIONAL_ID gone"]))]).is_empty());
    }
}
