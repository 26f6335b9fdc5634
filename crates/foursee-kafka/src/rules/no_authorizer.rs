//! The rule `kafka-no-authorizer`.

use crate::facts::{CLUSTER_NAME, Facts};
use foursee_core::model::Rung;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// The cluster has no authorizer.
    ///
    /// ## Why
    /// Without authorizer.class.name every client that reaches a listener may do everything, whatever
    /// super.users or older ACLs say.
    ///
    /// ## Evidence
    /// The error by which the brokers say so, or the settings that name no authorizer.
    ///
    /// ## Fix
    /// Set authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer on every broker and
    /// controller, with the brokers' own principal in super.users.
    pub NoAuthorizer: "kafka-no-authorizer", Critical, needs []
}

impl Rule<Facts> for NoAuthorizer {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let unset = facts.settings.iter().all(|one| one.authorizer.as_ref().is_none_or(|(class, _)| class.is_empty()));
        let (place, says) = match (facts.disabled, facts.settings.first()) {
            (Some(place), _) => (place, "No Authorizer is configured"),
            // A cluster that lists ACLs has one, whatever a part of its settings says.
            (None, Some(one)) if unset && facts.acls.is_empty() => {
                let Some(place) = one.authorizer.as_ref().map(|(_, place)| *place).or(one.place) else { return };
                (place, "authorizer.class.name is not set")
            }
            _ => return,
        };
        out.push(
            Finding::new(&Self::META, "authorizer.class.name", place, says)
                .title("There is no authorizer: every client may do everything")
                .identity("everyone", "User:*")
                .resource("cluster", CLUSTER_NAME)
                .on_rung(Rung::Unbounded, Rung::Narrow),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-no-authorizer";

    #[test]
    fn the_brokers_say_so() {
        let error = "Error while executing ACL command: org.apache.kafka.common.errors.SecurityDisabledException: No Authorizer is configured.\n";
        assert_eq!(causes(RULE, &[("acls.txt", error)]), ["authorizer.class.name"]);
        assert_eq!(causes(RULE, &[("server.properties", "advertised.listeners=PLAINTEXT://k:9092\n")]), ["authorizer.class.name"]);
        assert_eq!(causes(RULE, &[("server.properties", "authorizer.class.name=\nnode.id=1\n")]), ["authorizer.class.name"]);
    }

    #[test]
    fn one_that_is_set_is_silent() {
        let broker = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n";
        assert!(causes(RULE, &[("server.properties", broker)]).is_empty());
    }

    #[test]
    fn its_twin_with_acls_is_silent() {
        let list = acls(&["User:a ALLOW READ TOPIC t"]);
        assert!(causes(RULE, &[("server.properties", "super.users=User:admin\n"), ("acls.json", &*list)]).is_empty());
        let denied = "Error while executing ACL command: org.apache.kafka.common.errors.ClusterAuthorizationException: no\n";
        assert!(causes(RULE, &[("acls.txt", denied)]).is_empty());
    }
}
