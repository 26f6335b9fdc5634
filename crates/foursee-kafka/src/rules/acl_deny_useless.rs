//! The rule `kafka-acl-deny-useless`.

use super::about;
use crate::facts::{EVERYBODY, Facts, Operation, Permission};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A DENY denies what nobody allows.
    ///
    /// ## Why
    /// What no ALLOW gives is denied anyway. A DENY that meets no ALLOW changes no decision today, unless
    /// allow.everyone.if.no.acl.found is true; it does once somebody adds an ALLOW, which may be why it is
    /// there.
    ///
    /// ## Evidence
    /// The DENY, which meets no ALLOW.
    ///
    /// ## Fix
    /// Remove it, or write down which ALLOW it is to hold back.
    pub AclDenyUseless: "kafka-acl-deny-useless", Info, needs ["acls", "server-properties"]
}

impl Rule<Facts> for AclDenyUseless {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        if facts.settings.is_empty() || facts.allow_everyone().is_some() {
            return;
        }
        let everybody = facts.words.find(EVERYBODY);
        for deny in facts.acls.iter().filter(|acl| acl.permission == Permission::Deny) {
            // What never matches is told by another rule.
            if !facts.host_rule(deny).alive(facts.quirks().blocks) {
                continue;
            }
            let all = Some(deny.principal) == everybody;
            let meets = |allow: &crate::facts::Acl| {
                allow.permission == Permission::Allow
                    && allow.kind == deny.kind
                    && (facts.overlap(allow, deny).is_some())
                    && (allow.operation == deny.operation
                        || allow.operation == Operation::All
                        || deny.operation == Operation::All
                        || allow.operation.implies(deny.operation))
            };
            let useful = if all {
                facts.acls.iter().any(meets)
            } else {
                let principals = [Some(deny.principal), everybody];
                principals
                    .into_iter()
                    .flatten()
                    .flat_map(|one| facts.rows_of(one, deny.kind))
                    .filter_map(|at| facts.acls.get(at))
                    .any(meets)
            };
            if !useful {
                let title = format!("{} takes what no ACL gives", facts.binding(deny));
                out.push(about(&Self::META, facts, deny).title(title));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-deny-useless";

    #[test]
    fn a_deny_that_meets_nothing_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY READ TOPIC t", "User:b ALLOW READ TOPIC t"])), ("server.properties", "super.users=User:x\n")]), ["ACL DENY READ on TOPIC t for User:a from any host"]);
    }

    #[test]
    fn a_deny_that_takes_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY READ TOPIC t", "User:a ALLOW ALL TOPIC *", "User:* DENY WRITE TOPIC u", "User:b ALLOW WRITE TOPIC u*"])), ("server.properties", "super.users=User:x\n")]).is_empty());
    }

    #[test]
    fn its_twin_where_all_is_open_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY READ TOPIC t"])), ("server.properties", "allow.everyone.if.no.acl.found=true\n")]).is_empty());
    }
}
