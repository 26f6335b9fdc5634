//! The rule `kafka-super-user`.

use crate::facts::{ANONYMOUS, CLUSTER_NAME, EVERYBODY, Facts};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::{Rung, Severity};

foursee_core::rule! {
    /// A principal is a super user.
    ///
    /// ## Why
    /// An entry of super.users is let through before any ACL is looked at: no DENY holds it, and no list of ACLs shows
    /// it. The brokers' own principal needs this; an application or a person does not. Entries are compared as whole
    /// texts: `User:*` there is a principal of that name and no wildcard, and gives nothing to anybody else.
    ///
    /// ## Evidence
    /// The entry of super.users.
    ///
    /// ## Fix
    /// Keep the brokers' own principal alone in super.users, and give the others the ACLs that they need.
    pub SuperUser: "kafka-super-user", High, needs ["server-properties"]
}

impl Rule<Facts> for SuperUser {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let brokers: Vec<&str> =
            facts.settings.iter().flat_map(|one| &one.broker_users).map(String::as_str).collect();
        for (name, place) in facts.super_users() {
            if name == ANONYMOUS {
                continue;
            }
            let cause = format!("super.users entry {name}");
            let says = format!("super.users has {name}");
            let base = Finding::new(&Self::META, cause, place, says)
                .identity("principal", name)
                .resource("cluster", CLUSTER_NAME);
            let finding = if name.contains('*') {
                let what = if name == EVERYBODY {
                    "everybody"
                } else {
                    "a pattern"
                };
                base.severity(Severity::Info)
                    .title(format!("{name} in super.users is taken for {what}, and is only a principal of that name"))
                    .fix("Remove the entry: it is compared as text, and lets in nobody but a principal of that very name.")
            } else if !name.contains(':') {
                base.severity(Severity::Info)
                    .title(format!("{name} in super.users has no type, and matches nobody"))
                    .fix(format!(
                        "Write User:{name}, if it is to be a super user; else remove it."
                    ))
            } else if name.strip_prefix("User:").is_some_and(|user| brokers.contains(&user)) {
                base.severity(Severity::Info)
                    .title(format!("{name}, as which the brokers log in, is a super user"))
                    .fix("Nothing, as long as nobody but the brokers has its password.")
                    .rung(Rung::Unbounded, Rung::Unbounded)
            } else {
                base.title(format!("{name} is a super user: no ACL holds it"))
                    .rung(Rung::Unbounded, Rung::Narrow)
            };
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{causes, found};
    use foursee_core::model::Severity;

    const RULE: &str = "kafka-super-user";

    #[test]
    fn each_entry_fires() {
        let broker = "super.users= User:admin ;User:app;;\n";
        let want = ["super.users entry User:admin", "super.users entry User:app"];
        assert_eq!(causes(RULE, &[("server.properties", broker)]), want);
    }

    #[test]
    fn no_entry_is_silent() {
        assert!(causes(RULE, &[("server.properties", "super.users=\nnode.id=1\n")]).is_empty());
    }

    #[test]
    fn a_wildcard_is_a_misconception_and_no_super_user() {
        let all = found(RULE, &[("server.properties", "super.users=User:*;User:app\n")]);
        let severities: Vec<Severity> = all.iter().map(|one| one.severity).collect();
        assert_eq!(severities, [Severity::Info, Severity::High]);
        assert_eq!(all[0].rung, None);
    }

    #[test]
    fn the_brokers_own_principal_is_as_it_should_be() {
        let broker = "super.users=User:admin;User:app\nlistener.name.in.plain.sasl.jaas.config=x required username=\"admin\" password=\"p\" user_admin=\"p\" user_app=\"p\";\n";
        let severities: Vec<Severity> = found(RULE, &[("server.properties", broker)]).iter().map(|one| one.severity).collect();
        assert_eq!(severities, [Severity::Info, Severity::High]);
    }
}
