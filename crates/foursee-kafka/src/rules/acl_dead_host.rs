//! The rule `kafka-acl-dead-host`.

use super::about;
use crate::authorize::host::Rule as Host;
use crate::facts::{Facts, Permission, Version};
use foursee_core::model::{Certainty, Severity};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL's host never matches a client.
    ///
    /// ## Why
    /// The authorizer compares an ACL's host with the text of the client's address. A name, `localhost`, a
    /// range, an IPv6 address in short form or an empty host matches nobody, and is stored without a word. CIDR
    /// blocks match since 4.4.0 alone: on brokers before, such an ACL is dead, and comes alive with the
    /// upgrade. A dead ALLOW is a right that somebody thinks they gave; a dead DENY is a hole.
    ///
    /// ## Evidence
    /// The ACL with that host.
    ///
    /// ## Fix
    /// Write the address as brokers print it (`10.0.0.1`, `0:0:0:0:0:0:0:1`), or `*`; or remove the ACL.
    pub AclDeadHost: "kafka-acl-dead-host", Medium, needs ["acls"]
}

impl Rule<Facts> for AclDeadHost {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let (version, said) = facts.version();
        for acl in &facts.acls {
            let (why, certainty) = match facts.host_rule(acl) {
                Host::Dead(why) => (why.says().to_owned(), Certainty::Certain),
                Host::Block(..) if said && version < Version(4, 4, 0) => {
                    (format!("CIDR blocks match since 4.4.0, and the brokers are of {version}"), Certainty::Certain)
                }
                Host::Block(..) if !said => {
                    ("CIDR blocks match since 4.4.0 alone, and the brokers' version is not known".to_owned(), Certainty::Unknown)
                }
                _ => continue,
            };
            let severity = if acl.permission == Permission::Deny { Severity::High } else { Severity::Medium };
            let matches = if certainty == Certainty::Unknown { "may match nobody" } else { "matches nobody" };
            let title = format!("{} {matches}: {why}", facts.binding(acl));
            out.push(about(&Self::META, facts, acl).severity(severity).certainty(certainty).title(title));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes, found};

    const RULE: &str = "kafka-acl-dead-host";

    #[test]
    fn a_name_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t from localhost", "User:a DENY READ TOPIC t from ::1"]))]), ["ACL ALLOW READ on TOPIC t for User:a from localhost", "ACL DENY READ on TOPIC t for User:a from ::1"]);
    }

    #[test]
    fn addresses_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a DENY READ TOPIC t from 10.0.0.1"]))]).is_empty());
    }

    #[test]
    fn its_twins_in_the_brokers_form_are_silent() {
        let list = acls(&["User:a ALLOW READ TOPIC t from 0:0:0:0:0:0:0:1", "User:a ALLOW READ TOPIC u from fe80:0:0:0:0:0:0:1"]);
        assert!(causes(RULE, &[("acls.json", &*list)]).is_empty());
    }

    #[test]
    fn blocks_depend_on_the_version() {
        let list = acls(&["User:a DENY READ TOPIC t from 10.0.0.0/8"]);
        let with = |version: &str| {
            let cluster = format!("{{\"clusterId\":\"x\",\"version\":\"{version}\"}}");
            let all = found(RULE, &[("acls.json", &*list), ("cluster.json", &cluster)]);
            all.iter().map(|one| (one.severity.as_str(), one.certainty.as_str())).collect::<Vec<_>>()
        };
        assert_eq!(with("4.3.1"), [("high", "certain")]);
        assert!(with("4.4.0").is_empty());
        let unknown = found(RULE, &[("acls.json", &*list)]);
        assert_eq!(unknown[0].certainty.as_str(), "unknown");
    }
}
