//! The rule `kafka-acl-wildcard-principal`.

use super::{about, given};
use crate::facts::{EVERYBODY, Facts, Operation, ResourceType};
use foursee_core::model::{Rung, Severity};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL allows everybody.
    ///
    /// ## Why
    /// `User:*` is every principal of every type, authenticated or not: a client of a PLAINTEXT listener too.
    /// On the cluster it gives everybody administrative rights.
    ///
    /// ## Evidence
    /// The ALLOW for `User:*`.
    ///
    /// ## Fix
    /// Replace the ACL by one for each principal that uses the resource; they show in the groups' members and
    /// in the authorizer's log.
    pub AclWildcardPrincipal: "kafka-acl-wildcard-principal", High, needs ["acls"]
}

impl Rule<Facts> for AclWildcardPrincipal {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            let acl = one.acl;
            if facts.word(acl.principal) != EVERYBODY {
                continue;
            }
            let names = matches!(acl.operation, Operation::Describe | Operation::DescribeConfigs | Operation::DescribeTokens);
            let severity = match acl.kind {
                _ if names => Severity::Low,
                ResourceType::Cluster if acl.operation == Operation::IdempotentWrite => Severity::Low,
                ResourceType::Cluster => Severity::Critical,
                _ => Severity::High,
            };
            let operation = acl.operation.as_str(&facts.words);
            let title = format!("Everybody, logged in or not, has {operation} on {}", facts.resource(acl));
            out.push(about(&Self::META, facts, acl).severity(severity).title(title).on_rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes, found};

    const RULE: &str = "kafka-acl-wildcard-principal";

    #[test]
    fn everybody_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:* ALLOW READ TOPIC orders"]))]), ["ACL ALLOW READ on TOPIC orders for User:* from any host"]);
    }

    #[test]
    fn named_principals_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders", "User:b ALLOW READ TOPIC orders"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        // A DENY is no gift, another type's star is a name, and what is denied to all again gives nothing.
        let twins = ["User:* DENY READ TOPIC a", "Group:* ALLOW READ TOPIC b", "User:* ALLOW READ TOPIC c", "User:* DENY ALL TOPIC c*"];
        assert!(causes(RULE, &[("acls.json", &*acls(&twins))]).is_empty());
    }

    #[test]
    fn the_cluster_is_critical_and_names_are_low() {
        let list = acls(&["User:* ALLOW ALTER CLUSTER kafka-cluster", "User:* ALLOW DESCRIBE TOPIC *"]);
        let all: Vec<_> = found(RULE, &[("acls.json", &*list)]).iter().map(|one| one.severity.as_str()).collect();
        assert_eq!(all, ["critical", "low"]);
    }
}
