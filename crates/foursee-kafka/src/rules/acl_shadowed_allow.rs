//! The rule `kafka-acl-shadowed-allow`.

use super::about;
use crate::facts::{EVERYBODY, Facts, Operation, Permission};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ALLOW is denied as a whole.
    ///
    /// ## Why
    /// Every request that the ALLOW matches meets a DENY: the ACL gives nothing. Whoever reads the list thinks
    /// otherwise, and whoever removes the DENY one day gives more than they know.
    ///
    /// ## Evidence
    /// The ALLOW, and a DENY that takes it.
    ///
    /// ## Fix
    /// Remove the ALLOW; and the DENY too, where nothing else makes it necessary.
    pub AclShadowedAllow: "kafka-acl-shadowed-allow", Low, needs ["acls"]
}

impl Rule<Facts> for AclShadowedAllow {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let quirks = facts.quirks();
        for (at, acl) in facts.acls.iter().enumerate().filter(|(_, acl)| acl.permission == Permission::Allow) {
            let principal = facts.word(acl.principal);
            let mut denies = facts.denied(principal, acl.kind).peekable();
            if denies.peek().is_none() || !facts.host_rule(acl).alive(quirks.blocks) {
                continue;
            }
            let asked: Vec<Operation> = match acl.operation {
                Operation::All => acl.kind.operations().to_vec(),
                own => acl.kind.operations().iter().copied().filter(|one| *one == own).collect(),
            };
            let holder = if principal == EVERYBODY { "" } else { principal };
            if asked.is_empty() || !facts.leaves(at, holder, &asked).is_empty() {
                continue;
            }
            let deny = denies.find(|deny| {
                facts.overlap(acl, deny).is_some() && asked.iter().any(|one| *one == deny.operation || deny.operation == Operation::All)
            });
            let mut finding = about(&Self::META, facts, acl).title(format!("{} is denied as a whole", facts.binding(acl)));
            if let Some(deny) = deny {
                finding = finding.evidence(deny.place, facts.binding(deny));
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-shadowed-allow";

    #[test]
    fn what_is_denied_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders", "User:* DENY ALL TOPIC o*"]))]), ["ACL ALLOW READ on TOPIC orders for User:a from any host"]);
    }

    #[test]
    fn what_is_not_denied_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders", "User:b DENY READ TOPIC orders"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders*", "User:a DENY READ TOPIC orders.eu", "User:b ALLOW READ TOPIC x", "User:b DENY READ TOPIC x from 10.0.0.1", "User:c ALLOW ALL TOPIC y", "User:c DENY READ TOPIC y"]))]).is_empty());
    }
}
