//! The rule `kafka-scram-user-no-acl`.

use crate::facts::{Facts, Permission};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A user has a password and no ACL.
    ///
    /// ## Why
    /// Such a user is left over from a program that has gone, or waits for one that never came. It may log in,
    /// and do whatever everybody may; whoever has the password has a foothold that nobody looks at.
    ///
    /// ## Evidence
    /// The user's SCRAM credential.
    ///
    /// ## Fix
    /// Remove the credential with `kafka-configs --alter --entity-type users --delete-config`, or give the user
    /// the ACLs that it needs.
    pub ScramUserNoAcl: "kafka-scram-user-no-acl", Low, needs ["acls", "users"]
}

impl Rule<Facts> for ScramUserNoAcl {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for user in &facts.scram_users {
            let principal = format!("User:{}", facts.word(user.name));
            let named = facts.words.find(&principal);
            let allowed = |acl: &crate::facts::Acl| acl.permission == Permission::Allow && Some(acl.principal) == named;
            if facts.is_super(&principal) || named.is_some() && facts.acls.iter().any(allowed) {
                continue;
            }
            out.push(
                Finding::new(&Self::META, format!("SCRAM user {}", facts.word(user.name)), user.place, "a SCRAM credential")
                    .title(format!("{principal} has a SCRAM password, and no ACL of its own"))
                    .identity("principal", &principal),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-scram-user-no-acl";

    #[test]
    fn a_user_without_acls_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:app ALLOW READ TOPIC t"])), ("users.txt", "SCRAM credential configs for user-principal 'app' are SCRAM-SHA-512=iterations=8192\nSCRAM credential configs for user-principal 'old' are SCRAM-SHA-512=iterations=8192\n")]), ["SCRAM user old"]);
    }

    #[test]
    fn a_user_with_acls_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:app ALLOW READ TOPIC t"])), ("users.txt", "SCRAM credential configs for user-principal 'app' are SCRAM-SHA-512=iterations=8192\n")]).is_empty());
    }

    #[test]
    fn its_twin_that_is_super_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:app ALLOW READ TOPIC t"])), ("users.txt", "SCRAM credential configs for user-principal 'app' are SCRAM-SHA-512=iterations=8192\nSCRAM credential configs for user-principal 'ops' are SCRAM-SHA-512=iterations=8192\n"), ("server.properties", "super.users=User:ops\n")]).is_empty());
    }
}
