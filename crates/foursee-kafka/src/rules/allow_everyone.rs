//! The rule `kafka-allow-everyone`.

use crate::facts::{CLUSTER_NAME, Facts, ResourceType};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};
use foursee_core::model::Rung;

foursee_core::rule! {
    /// Whatever no ACL names is open to everybody.
    ///
    /// ## Why
    /// With allow.everyone.if.no.acl.found=true every resource that no ACL matches is open to every client, a client
    /// without a login included. While no ACL is on the cluster, that is the right to alter ACLs and to set SCRAM
    /// passwords; while none is on USER resources, to make out a token of a super user. One ACL on a resource, even a
    /// DENY for somebody else, closes it for all others: what works today stops when the first ACL comes.
    ///
    /// ## Evidence
    /// The setting, on the broker that has it.
    ///
    /// ## Fix
    /// Set allow.everyone.if.no.acl.found=false on every broker, after each client has the ACLs that it needs.
    pub AllowEveryone: "kafka-allow-everyone", Critical, needs ["server-properties"]
}

impl Rule<Facts> for AllowEveryone {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut places = facts
            .settings
            .iter()
            .filter_map(|one| one.allow_everyone)
            .filter(|(on, _)| *on);
        let Some((_, first)) = places.next() else { return };
        let open = |kind: ResourceType, name: &str| {
            facts
                .covered(kind)
                .is_some_and(|all| !all.iter().any(|one| one.matches(name)))
        };
        let mut what = Vec::new();
        if open(ResourceType::Cluster, CLUSTER_NAME) {
            what.push("altering ACLs");
        }
        if facts
            .covered(ResourceType::User)
            .is_some_and(|all| all.is_empty())
        {
            what.push("making out tokens of anybody");
        }
        let title = if what.is_empty() {
            "Whatever no ACL names is open to everybody".to_owned()
        } else {
            format!(
                "Whatever no ACL names is open to everybody, {} included",
                what.join(" and ")
            )
        };
        let mut finding = Finding::new(
            &Self::META,
            "allow.everyone.if.no.acl.found",
            first,
            "allow.everyone.if.no.acl.found=true",
        )
        .title(title)
        .identity("everyone", "User:*")
        .resource("cluster", CLUSTER_NAME)
        .on_rung(Rung::ServiceWide, Rung::Narrow);
        for (_, place) in places {
            finding = finding.evidence(place, "allow.everyone.if.no.acl.found=true");
        }
        out.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{ACLS_ONE, causes};

    const RULE: &str = "kafka-allow-everyone";

    #[test]
    fn the_setting_fires() {
        let broker = "authorizer.class.name=x.StandardAuthorizer\nallow.everyone.if.no.acl.found = TRUE\n";
        assert_eq!(
            causes(RULE, &[("server.properties", broker), ("acls.txt", ACLS_ONE)]),
            ["allow.everyone.if.no.acl.found"]
        );
    }

    #[test]
    fn its_default_is_silent() {
        let broker = "authorizer.class.name=x.StandardAuthorizer\n";
        assert!(causes(RULE, &[("server.properties", broker), ("acls.txt", ACLS_ONE)]).is_empty());
    }

    #[test]
    fn its_twins_that_say_no_are_silent() {
        for value in ["false", "yes", "1", ""] {
            let broker = format!(
                "authorizer.class.name=x.StandardAuthorizer\n#allow.everyone.if.no.acl.found=true\nallow.everyone.if.no.acl.found={value}\n"
            );
            assert!(
                causes(RULE, &[("server.properties", &broker)]).is_empty(),
                "{value}"
            );
        }
    }
}
