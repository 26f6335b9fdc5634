//! The rule `kafka-acl-unused`.

use super::{about, given};
use crate::facts::Facts;
use foursee_core::model::{Certainty, Rung};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL served no request in the authorizer's log.
    ///
    /// ## Why
    /// Within the time that the log covers nothing was allowed that this ACL could have served. What is not
    /// used can be taken without anybody noticing, until somebody who should not have it does use it.
    ///
    /// ## Evidence
    /// The ALLOW; the log says from when to when it was not used.
    ///
    /// ## Fix
    /// Remove the ACL, after a time that covers the rare uses too: month ends, restores, failovers.
    pub AclUnused: "kafka-acl-unused", Low, needs ["acls", "authorizer-log"]
}

impl Rule<Facts> for AclUnused {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let Some((first, last)) = facts.usage.window.as_ref().filter(|_| facts.usage.shows_allowed) else { return };
        for one in given(facts) {
            if facts.used(one.acl) > 0 {
                continue;
            }
            let title = format!("{} served nothing from {first} to {last}", facts.binding(one.acl));
            // Another broker's log, or an older one, may show a use.
            let finding = about(&Self::META, facts, one.acl).title(title).certainty(Certainty::Ask);
            out.push(finding.on_rung(one.rung, Rung::AsUsed));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-unused";

    const LOG: &str = include_str!("../../tests/data/authorizer.log");

    #[test]
    fn what_served_nothing_fires() {
        let list = acls(&["User:alice ALLOW READ TOPIC orders", "User:alice ALLOW DELETE TOPIC orders"]);
        let all = causes(RULE, &[("acls.json", &*list), ("authorizer.log", LOG)]);
        assert_eq!(all, ["ACL ALLOW DELETE on TOPIC orders for User:alice from any host"]);
    }

    #[test]
    fn without_what_was_allowed_it_is_silent() {
        let list = acls(&["User:alice ALLOW DELETE TOPIC orders"]);
        let refused: String = LOG.lines().filter(|line| line.contains("is Denied")).map(|line| format!("{line}\n")).collect();
        assert!(!refused.is_empty());
        assert!(causes(RULE, &[("acls.json", &*list), ("authorizer.log", &refused)]).is_empty());
    }

    #[test]
    fn its_twin_that_could_have_served_is_silent() {
        // Never named by the log, but as good as the one that is.
        let list = acls(&["User:alice ALLOW ALL TOPIC ord*", "User:* ALLOW READ TOPIC orders"]);
        assert!(causes(RULE, &[("acls.json", &*list), ("authorizer.log", LOG)]).is_empty());
    }
}
