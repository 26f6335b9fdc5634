//! The rule `kafka-acl-dead-operation`.

use super::about;
use crate::facts::{Facts, Operation, Permission};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL's operation is never asked of its type.
    ///
    /// ## Why
    /// Brokers store any operation on any type, and ask few: nobody asks CLUSTER_ACTION of a topic, or ALTER of
    /// a transactional id's configuration. Such an ACL gives nothing; where it implies an operation that is
    /// asked (WRITE on a group gives DESCRIBE), it does, and is not told here.
    ///
    /// ## Evidence
    /// The ACL with that operation.
    ///
    /// ## Fix
    /// Use the operation that the client's request asks for, or remove the ACL.
    pub AclDeadOperation: "kafka-acl-dead-operation", Low, needs ["acls"]
}

impl Rule<Facts> for AclDeadOperation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for acl in &facts.acls {
            let asked = acl.kind.operations();
            let foreign = !asked.is_empty()
                && !matches!(acl.operation, Operation::All | Operation::Other(_))
                && !asked.contains(&acl.operation);
            let implies = acl.permission == Permission::Allow && asked.iter().any(|one| acl.operation.implies(*one));
            if foreign && !implies {
                let (operation, kind) = (acl.operation.as_str(&facts.words), acl.kind.as_str(&facts.words));
                out.push(about(&Self::META, facts, acl).title(format!("No request asks {operation} of a {kind}")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-dead-operation";

    #[test]
    fn a_foreign_operation_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW CLUSTER_ACTION TOPIC t", "User:a DENY WRITE GROUP g"]))]), ["ACL ALLOW CLUSTER_ACTION on TOPIC t for User:a from any host", "ACL DENY WRITE on GROUP g for User:a from any host"]);
    }

    #[test]
    fn operations_that_are_asked_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a ALLOW ALL GROUP g", "User:a ALLOW DELETE CLUSTER kafka-cluster"]))]).is_empty());
    }

    #[test]
    fn its_twin_that_implies_one_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW WRITE GROUP g"]))]).is_empty());
    }
}
