//! The rule `kafka-super-user-mismatch`.

use crate::facts::Facts;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A super user's entry is almost another principal.
    ///
    /// ## Why
    /// Entries of super.users are compared as whole texts. One that differs from a principal in case or in
    /// blanks only, as the names of certificates often do, makes nobody a super user, or somebody else than is
    /// meant.
    ///
    /// ## Evidence
    /// The entry, and an ACL of the principal that it is like.
    ///
    /// ## Fix
    /// Write the principal exactly as the brokers print it in the authorizer's log, or remove the entry.
    pub SuperUserMismatch: "kafka-super-user-mismatch", Medium, needs ["acls", "server-properties"]
}

impl Rule<Facts> for SuperUserMismatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let plain = |text: &str| text.chars().filter(|one| !one.is_whitespace()).flat_map(char::to_lowercase).collect::<String>();
        for (name, place) in facts.super_users() {
            let like = facts.acls.iter().find(|acl| {
                let principal = facts.word(acl.principal);
                principal != name && plain(principal) == plain(name)
            });
            let Some(acl) = like else { continue };
            let principal = facts.word(acl.principal);
            out.push(
                Finding::new(&Self::META, format!("super.users entry {name}"), place, format!("super.users has {name}"))
                    .title(format!("{name} is a super user, and {principal} is another principal"))
                    .identity("principal", name)
                    .identity("principal", principal)
                    .evidence(acl.place, facts.binding(acl)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-super-user-mismatch";

    #[test]
    fn blanks_in_a_name_fire() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:CN=a,O=b ALLOW READ TOPIC t"])), ("server.properties", "super.users=User:CN=a, O=b\n")]), ["super.users entry User:CN=a, O=b"]);
    }

    #[test]
    fn the_same_name_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:CN=a,O=b ALLOW READ TOPIC t"])), ("server.properties", "super.users=User:CN=a,O=b\n")]).is_empty());
    }

    #[test]
    fn its_twin_of_another_name_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:CN=a,O=b ALLOW READ TOPIC t"])), ("server.properties", "super.users=User:CN=a,O=c\n")]).is_empty());
    }
}
