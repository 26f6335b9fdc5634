//! The rule `kafka-super-user-anonymous`.

use crate::facts::{ANONYMOUS, CLUSTER_NAME, Facts};
use foursee_core::model::Rung;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// Clients without a login are super users.
    ///
    /// ## Why
    /// `User:ANONYMOUS` is whoever comes through a PLAINTEXT listener, or through a TLS listener without a
    /// client certificate. As a super user it may do everything, and no ACL holds it.
    ///
    /// ## Evidence
    /// The entry of super.users.
    ///
    /// ## Fix
    /// Remove User:ANONYMOUS from super.users, and give brokers a listener on which they log in.
    pub SuperUserAnonymous: "kafka-super-user-anonymous", Critical, needs ["server-properties"]
}

impl Rule<Facts> for SuperUserAnonymous {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for (name, place) in facts.super_users() {
            if name != ANONYMOUS {
                continue;
            }
            let mut finding = Finding::new(&Self::META, format!("super.users entry {name}"), place, format!("super.users has {name}"))
                .title("Whoever connects without a login is a super user")
                .identity("principal", name)
                .resource("cluster", CLUSTER_NAME)
                .on_rung(Rung::Unbounded, Rung::Narrow);
            if let Some(open) = facts.listeners().find(|one| one.lets_anybody_in()) {
                finding = finding.evidence(open.place, format!("listener {} asks for no login", open.name));
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::causes;

    const RULE: &str = "kafka-super-user-anonymous";

    #[test]
    fn anonymous_fires() {
        assert_eq!(causes(RULE, &[("server.properties", "super.users=User:ANONYMOUS;User:a\n")]), ["super.users entry User:ANONYMOUS"]);
    }

    #[test]
    fn others_are_silent() {
        assert!(causes(RULE, &[("server.properties", "super.users=User:admin\n")]).is_empty());
    }

    #[test]
    fn its_twins_by_case_and_type_are_silent() {
        assert!(causes(RULE, &[("server.properties", "super.users=User:anonymous;Group:ANONYMOUS;ANONYMOUS\n")]).is_empty());
    }
}
