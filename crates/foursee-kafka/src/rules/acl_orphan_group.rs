//! The rule `kafka-acl-orphan-group`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL is for a group that does not exist.
    ///
    /// ## Why
    /// A right that waits: whoever uses the name next is let in. Groups that have had no member for a while are
    /// forgotten by the brokers, so look before removing.
    ///
    /// ## Evidence
    /// The ALLOW, and the list of groups that does not hold its name.
    ///
    /// ## Fix
    /// Remove the ACL, if no program uses the group from time to time.
    pub AclOrphanGroup: "kafka-acl-orphan-group", Low, needs ["acls", "groups"]
}

impl Rule<Facts> for AclOrphanGroup {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        if !facts.groups_listed {
            return;
        }
        for one in given(facts) {
            let acl = one.acl;
            if acl.kind != ResourceType::Group || facts.wild(acl) || !one.gives(Operation::Read) {
                continue;
            }
            let name = facts.word(acl.name);
            if !facts.has_group(acl.pattern, name) && facts.listed_whole(acl.kind, acl.pattern, name) {
                let title = format!("{} is for a group that does not exist", facts.binding(acl));
                out.push(about(&Self::META, facts, acl).title(title).on_rung(one.rung, Rung::Narrow));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-orphan-group";

    #[test]
    fn a_group_that_is_gone_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ GROUP gone"])), ("groups.txt", include_str!("../../tests/data/groups-describe.txt"))]), ["ACL ALLOW READ on GROUP gone for User:a from any host"]);
    }

    #[test]
    fn groups_that_exist_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ GROUP app1", "User:b ALLOW READ GROUP id*"])), ("groups.txt", include_str!("../../tests/data/groups-describe.txt"))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY READ GROUP gone", "User:b ALLOW READ GROUP *", "User:c ALLOW DESCRIBE GROUP gone"])), ("groups.txt", include_str!("../../tests/data/groups-describe.txt"))]).is_empty());
    }

    #[test]
    fn what_the_reader_may_not_see_is_not_called_gone() {
        let list = r#"{"clusterId":"c","readBy":"User:r","groups":[]}"#;
        let broker = "super.users=User:s\nauthorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n";
        let with = |own: &str| causes(RULE, &[("acls.json", &*acls(&[own, "User:a ALLOW READ GROUP gone"])), ("list.json", list), ("server.properties", broker)]).iter().filter(|cause| cause.contains("gone")).count();
        assert_eq!(with("User:r ALLOW DESCRIBE GROUP other"), 0);
        assert_eq!(with("User:r ALLOW DESCRIBE GROUP *"), 1);
    }
}
