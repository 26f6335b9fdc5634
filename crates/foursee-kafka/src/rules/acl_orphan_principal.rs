//! The rule `kafka-acl-orphan-principal`.

use super::given;
use crate::facts::{Acl, EVERYBODY, Facts};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Certainty;
use std::collections::{BTreeMap, BTreeSet};

foursee_core::rule! {
    /// ACLs are for a principal that asked for nothing.
    ///
    /// ## Why
    /// In the time that the authorizer's log covers nobody acted as this principal, not even to be refused. Its program
    /// may be gone, and the rights wait for whoever gets its password or certificate, or a new user of that name.
    ///
    /// ## Evidence
    /// An ACL of the principal; the log, which shows allowed requests, from when to when it asked nothing.
    ///
    /// ## Fix
    /// Remove the principal's ACLs and its login, after a time that covers the rare uses too.
    pub AclOrphanPrincipal: "kafka-acl-orphan-principal", Low, needs ["acls", "authorizer-log"]
}

impl Rule<Facts> for AclOrphanPrincipal {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let Some((from, to)) = facts.usage.window.as_ref().filter(|_| facts.usage.shows_allowed) else { return };
        let seen: BTreeSet<_> = facts.usage.uses.keys().map(|one| one.principal).collect();
        let mut first: BTreeMap<&str, &Acl> = BTreeMap::new();
        for one in given(facts) {
            let name = facts.word(one.acl.principal);
            // A super user's requests are not folded, for no ACL decides them.
            if name != EVERYBODY && !facts.is_super(name) && !seen.contains(&one.acl.principal) {
                first.entry(name).or_insert(one.acl);
            }
        }
        for (name, acl) in first {
            out.push(
                Finding::new(&Self::META, format!("ACLs of {name}"), acl.place, facts.binding(acl))
                    .title(format!("{name} has ACLs, and asked for nothing from {from} to {to}"))
                    // Another broker's log, or an older one, may show it.
                    .certainty(Certainty::Ask)
                    .identity("principal", name),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-orphan-principal";

    fn log(allowed: &str) -> String {
        format!("[2026-11-24 04:35:04,356] DEBUG Principal = User:a is {allowed} operation = READ from host = 10.0.0.1 on resource = Topic:LITERAL:t for request = Fetch with resourceRefCount = 1 based on rule MatchingAcl(acl=StandardAcl[]) (kafka.authorizer.logger)\n")
    }

    #[test]
    fn a_principal_that_asked_nothing_fires_once() {
        let lines = ["User:a ALLOW READ TOPIC t", "User:gone ALLOW READ TOPIC t", "User:gone ALLOW WRITE TOPIC t"];
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&lines)), ("authorizer.log", &*log("Allowed"))]), ["ACLs of User:gone"]);
    }

    #[test]
    fn who_asked_and_everybody_are_silent() {
        let lines = ["User:a ALLOW READ TOPIC t", "User:* ALLOW READ TOPIC t", "User:b DENY READ TOPIC t"];
        assert!(causes(RULE, &[("acls.json", &*acls(&lines)), ("authorizer.log", &*log("Allowed"))]).is_empty());
    }

    #[test]
    fn a_super_user_and_a_log_of_refusals_alone_are_silent() {
        let lines = ["User:root ALLOW READ TOPIC t"];
        let broker = ("server.properties", "super.users=User:root\nauthorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n");
        assert!(causes(RULE, &[("acls.json", &*acls(&lines)), broker, ("authorizer.log", &*log("Allowed"))]).is_empty());
        let gone = ["User:gone ALLOW READ TOPIC t"];
        assert!(causes(RULE, &[("acls.json", &*acls(&gone)), ("authorizer.log", &*log("Denied"))]).is_empty());
    }
}
