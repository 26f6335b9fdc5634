//! The rule `kafka-acl-deny-partial`.

use super::about;
use crate::authorize::Outcome;
use crate::facts::{EVERYBODY, Facts, Operation, Permission};
use foursee_core::model::Severity;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A DENY leaves what people think it takes.
    ///
    /// ## Why
    /// A DENY takes the operation that it names and no other: DENY DESCRIBE leaves READ, DENY READ leaves WRITE
    /// and the topic's metadata. ALLOWs imply operations, DENYs never do.
    ///
    /// ## Evidence
    /// The DENY, on names on which the same principal keeps another operation.
    ///
    /// ## Fix
    /// Deny ALL where the resource is meant, or remove the ALLOW that makes the DENY necessary.
    pub AclDenyPartial: "kafka-acl-deny-partial", Medium, needs ["acls"]
}

impl Rule<Facts> for AclDenyPartial {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for acl in facts.acls.iter().filter(|acl| acl.permission == Permission::Deny && acl.operation != Operation::All) {
            let (name, principal) = (facts.word(acl.name), facts.word(acl.principal));
            let alive = facts.host_rule(acl).alive(facts.quirks().blocks);
            if principal == EVERYBODY || facts.wild(acl) || facts.is_super(principal) || !alive {
                continue;
            }
            let left: Vec<&str> = acl
                .kind
                .operations()
                .iter()
                .filter(|one| **one != acl.operation && facts.outcome(principal, **one, acl.kind, name) != Outcome::Never)
                .map(|one| one.as_str(&facts.words))
                .collect();
            if left.is_empty() {
                continue;
            }
            let severity = if left.iter().all(|one| one.starts_with("DESCRIBE")) { Severity::Low } else { Severity::Medium };
            let title = format!("{} leaves {}", facts.binding(acl), left.join(", "));
            out.push(about(&Self::META, facts, acl).severity(severity).title(title));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes, found};

    const RULE: &str = "kafka-acl-deny-partial";

    #[test]
    fn what_is_left_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALL TOPIC t*", "User:a DENY READ TOPIC t1"]))]), ["ACL DENY READ on TOPIC t1 for User:a from any host"]);
    }

    #[test]
    fn all_denied_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALL TOPIC t*", "User:a DENY ALL TOPIC t1"]))]).is_empty());
    }

    #[test]
    fn its_twin_where_nothing_else_is_allowed_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW DESCRIBE TOPIC t*", "User:a DENY DESCRIBE TOPIC t1", "User:b DENY READ TOPIC t2"]))]).is_empty());
    }

    #[test]
    fn metadata_alone_is_low() {
        let all = found(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t*", "User:a DENY READ TOPIC t1"]))]);
        assert_eq!(all[0].severity.as_str(), "low");
    }
}
