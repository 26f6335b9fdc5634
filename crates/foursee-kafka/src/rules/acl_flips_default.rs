//! The rule `kafka-acl-flips-default`.

use super::resource;
use crate::facts::{Facts, Permission};
use crate::lower::kind_of;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// The first ACL on a resource shuts out everybody else.
    ///
    /// ## Why
    /// While allow.everyone.if.no.acl.found is true, a resource is open until one ACL matches it, even a DENY
    /// for somebody else: from then on whoever has no ALLOW is refused. Here all ACLs that match are for a few
    /// principals, so whoever relied on the default stopped, or will with the next such ACL.
    ///
    /// ## Evidence
    /// The setting, and the ACL.
    ///
    /// ## Fix
    /// Give every client of the resource its own ACL, then set allow.everyone.if.no.acl.found=false.
    pub AclFlipsDefault: "kafka-acl-flips-default", Medium, needs ["acls", "server-properties"]
}

impl Rule<Facts> for AclFlipsDefault {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let Some(setting) = facts.allow_everyone() else { return };
        for group in facts.acls.chunk_by(|a, b| (a.kind, a.pattern, a.name) == (b.kind, b.pattern, b.name)) {
            // Only a DENY: nobody at all is let in by it, and everybody else is shut out.
            let Some(acl) = group.first().filter(|_| group.iter().all(|acl| acl.permission == Permission::Deny)) else {
                continue;
            };
            let covered = group.iter().any(|acl| {
                facts.covering_any(acl).into_iter().filter_map(|at| facts.acls.get(at)).any(|other| other.permission == Permission::Allow)
            });
            if covered {
                continue;
            }
            let what = facts.resource(acl);
            out.push(
                Finding::new(&Self::META, format!("DENYs on {what}"), acl.place, facts.binding(acl))
                    .title(format!("The only ACLs on {what} are DENYs: they shut out everybody"))
                    .resource(kind_of(acl.kind).name, &resource(facts, acl))
                    .evidence(setting, "allow.everyone.if.no.acl.found=true"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-flips-default";

    #[test]
    fn a_lone_deny_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY READ TOPIC t"])), ("server.properties", "allow.everyone.if.no.acl.found=true\n")]), ["DENYs on TOPIC t"]);
    }

    #[test]
    fn with_the_default_off_it_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY READ TOPIC t"])), ("server.properties", "allow.everyone.if.no.acl.found=false\n")]).is_empty());
    }

    #[test]
    fn its_twins_beside_an_allow_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a DENY READ TOPIC t", "User:b ALLOW READ TOPIC t", "User:a DENY READ TOPIC u", "User:b ALLOW READ TOPIC u*"])), ("server.properties", "allow.everyone.if.no.acl.found=true\n")]).is_empty());
    }
}
