//! The rule `kafka-acl-deny-host-only`.

use super::about;
use crate::authorize::host::Rule as Host;
use crate::facts::{Facts, Operation, Permission};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A DENY for some hosts is easy to avoid.
    ///
    /// ## Why
    /// The principal is allowed from every host and denied from a few: whoever holds its login connects from
    /// another one.
    ///
    /// ## Evidence
    /// The DENY, and the ALLOW for every host.
    ///
    /// ## Fix
    /// Allow the hosts that the principal uses, and drop the DENY; or deny every host.
    pub AclDenyHostOnly: "kafka-acl-deny-host-only", Low, needs ["acls"]
}

impl Rule<Facts> for AclDenyHostOnly {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for deny in facts.acls.iter().filter(|acl| acl.permission == Permission::Deny) {
            let rule = facts.host_rule(deny);
            if rule == Host::Any || !rule.alive(facts.quirks().blocks) {
                continue;
            }
            let allow = facts.rows_of(deny.principal, deny.kind).filter_map(|at| facts.acls.get(at)).find(|allow| {
                allow.permission == Permission::Allow
                    && facts.host_rule(allow) == Host::Any
                    && facts.overlap(allow, deny).is_some()
                    && (allow.operation == deny.operation
                        || allow.operation == Operation::All
                        || deny.operation == Operation::All
                        || allow.operation.implies(deny.operation))
            });
            if let Some(allow) = allow {
                let title = format!("{} is avoided from any other host", facts.binding(deny));
                out.push(about(&Self::META, facts, deny).title(title).evidence(allow.place, facts.binding(allow)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-deny-host-only";

    #[test]
    fn a_host_that_is_denied_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a DENY READ TOPIC t from 10.0.0.1"]))]), ["ACL DENY READ on TOPIC t for User:a from 10.0.0.1"]);
    }

    #[test]
    fn a_host_that_is_allowed_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t from 10.0.0.1"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a DENY READ TOPIC t", "User:b ALLOW READ TOPIC u from 10.0.0.2", "User:b DENY READ TOPIC u from 10.0.0.1", "User:c ALLOW READ TOPIC v", "User:c DENY WRITE TOPIC v from 10.0.0.1"]))]).is_empty());
    }
}
