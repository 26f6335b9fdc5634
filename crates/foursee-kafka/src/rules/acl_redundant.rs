//! The rule `kafka-acl-redundant`.

use super::about;
use crate::authorize::host::covers;
use crate::facts::{Acl, EVERYBODY, Facts, Operation, Permission};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL gives nothing that another does not give.
    ///
    /// ## Why
    /// Another ALLOW for the same principal or for everybody covers its names, its operation and its host.
    /// Removing it changes no decision; keeping it hides who needs what, and survives when the other is
    /// withdrawn.
    ///
    /// ## Evidence
    /// The ALLOW, and the one that covers it.
    ///
    /// ## Fix
    /// Remove the ACL, or, where it is the narrower one and enough, the one that covers it.
    pub AclRedundant: "kafka-acl-redundant", Info, needs ["acls"]
}

impl Rule<Facts> for AclRedundant {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let quirks = facts.quirks();
        for (at, acl) in facts.acls.iter().enumerate().filter(|(_, acl)| acl.permission == Permission::Allow) {
            let wider = |other: &Acl| {
                let operation = other.operation == acl.operation
                    || other.operation == Operation::All && quirks.all_covers
                    || other.operation.implies(acl.operation);
                other.permission == Permission::Allow
                    && operation
                    && covers(facts.host_rule(other), facts.host_rule(acl), quirks.blocks)
                    && other.key() != acl.key()
            };
            let found = facts.covering(acl).into_iter().filter(|other| *other != at).filter_map(|at| facts.acls.get(at)).find(|other| wider(other));
            let Some(other) = found else { continue };
            let whose = if facts.word(other.principal) == EVERYBODY { "everybody's " } else { "" };
            let title = format!("{} gives nothing beside {whose}{}", facts.binding(acl), facts.binding(other));
            out.push(about(&Self::META, facts, acl).title(title).evidence(other.place, facts.binding(other)));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-redundant";

    #[test]
    fn what_another_covers_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders.eu", "User:a ALLOW ALL TOPIC orders.*"]))]), ["ACL ALLOW READ on TOPIC orders.eu for User:a from any host"]);
    }

    #[test]
    fn each_for_itself_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders.eu", "User:a ALLOW WRITE TOPIC orders.*", "User:b ALLOW ALL TOPIC orders.*"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t", "User:a ALLOW READ TOPIC t* from 10.0.0.1", "User:b ALLOW READ TOPIC u", "User:b DENY ALL TOPIC *", "User:c ALLOW READ TOPIC x*", "User:c ALLOW ALL TOPIC x"]))]).is_empty());
    }
}
