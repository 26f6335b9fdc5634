//! The rule `kafka-acl-user-no-credential`.

use crate::facts::{Acl, Facts, Permission};
use crate::lower::sasl_user;
use std::collections::BTreeMap;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// ACLs are for a user that has no password.
    ///
    /// ## Why
    /// Nobody can log in as this principal today, and whoever may create users, or gets a user of that name,
    /// has its rights with it.
    ///
    /// ## Evidence
    /// An ACL of the principal; the list of users that does not hold it.
    ///
    /// ## Fix
    /// Remove the principal's ACLs, or create the user if its program is still to come.
    pub AclUserNoCredential: "kafka-acl-user-no-credential", Low, needs ["acls", "users", "server-properties"]
}

impl Rule<Facts> for AclUserNoCredential {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        // Where users log in otherwise (Kerberos, OAUTHBEARER, certificates), the lists are not all of them.
        let listed = facts.listeners().filter(|one| one.protocol.sasl()).all(|one| one.users.is_some() || one.scram_alone);
        if !facts.users_listed || !listed {
            return;
        }
        let mut first: BTreeMap<&str, &Acl> = BTreeMap::new();
        for acl in facts.acls.iter().filter(|acl| acl.permission == Permission::Allow) {
            first.entry(facts.word(acl.principal)).or_insert(acl);
        }
        for (principal, acl) in first {
            let Some(user) = sasl_user(principal) else { continue };
            let scram = facts.scram_users.iter().any(|one| facts.word(one.name) == user);
            let plain = facts.settings.iter().flat_map(|one| &one.sasl_users).any(|(name, _)| name == user);
            if scram || plain {
                continue;
            }
            out.push(
                Finding::new(&Self::META, format!("ACLs of {principal}"), acl.place, facts.binding(acl))
                    .title(format!("{principal} has ACLs, and nobody can log in as it"))
                    .identity("principal", principal),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-user-no-credential";

    const USERS: &str = "SCRAM credential configs for user-principal 'app' are SCRAM-SHA-512=iterations=8192\n";

    fn with(mechanisms: &str, lines: &[&str]) -> Vec<String> {
        let broker = format!("listeners=SASL_SSL://k:9092\nsasl.enabled.mechanisms={mechanisms}\nsasl.jaas.config=x required user_web=\"p\";\n");
        causes(RULE, &[("acls.json", &*acls(lines)), ("users.txt", USERS), ("server.properties", &*broker)])
    }

    #[test]
    fn acls_of_nobody_fire() {
        assert_eq!(with("SCRAM-SHA-512", &["User:app ALLOW READ TOPIC t", "User:gone ALLOW READ TOPIC t"]), ["ACLs of User:gone"]);
    }

    #[test]
    fn acls_of_users_are_silent() {
        assert!(with("SCRAM-SHA-512", &["User:app ALLOW READ TOPIC t", "User:web ALLOW READ TOPIC t"]).is_empty());
    }

    #[test]
    fn its_twins_with_another_login_are_silent() {
        assert!(with("SCRAM-SHA-512,OAUTHBEARER", &["User:gone ALLOW READ TOPIC t"]).is_empty());
        assert!(with("SCRAM-SHA-512", &["User:CN=gone,O=x ALLOW READ TOPIC t", "User:* ALLOW READ TOPIC t"]).is_empty());
    }
}
