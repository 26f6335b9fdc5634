//! The rule `kafka-principal-case-twin`.

use crate::facts::{Acl, Facts};
use std::collections::{BTreeMap, HashSet};
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// Two principals differ in case or blanks only.
    ///
    /// ## Why
    /// Principals are compared as texts, case, blanks and type included. Of two that differ in these only, one
    /// is a mistake: its ACLs are for nobody, and a DENY among them stops nobody.
    ///
    /// ## Evidence
    /// An ACL of each.
    ///
    /// ## Fix
    /// Keep the principal that the brokers print in the authorizer's log, and remove the other's ACLs.
    pub PrincipalCaseTwin: "kafka-principal-case-twin", Low, needs ["acls"]
}

impl Rule<Facts> for PrincipalCaseTwin {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let mut twins: BTreeMap<String, BTreeMap<&str, &Acl>> = BTreeMap::new();
        // The first ACL of each principal.
        let mut seen = HashSet::new();
        for acl in facts.acls.iter().filter(|acl| seen.insert(acl.principal)) {
            let name = facts.word(acl.principal);
            let plain: String = name.chars().filter(|one| !one.is_whitespace()).flat_map(char::to_lowercase).collect();
            twins.entry(plain).or_default().entry(name).or_insert(acl);
        }
        for names in twins.into_values().filter(|names| names.len() > 1) {
            let all: Vec<&str> = names.keys().copied().collect();
            let Some((_, first)) = names.first_key_value() else { continue };
            let mut finding = Finding::new(&Self::META, format!("principals {}", all.join(" and ")), first.place, facts.binding(first))
                .title(format!("{} are different principals", all.join(" and ")));
            for (name, acl) in &names {
                finding = finding.identity("principal", name);
                if acl.place != first.place {
                    finding = finding.evidence(acl.place, facts.binding(acl));
                }
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-principal-case-twin";

    #[test]
    fn case_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:App ALLOW READ TOPIC t", "User:app ALLOW READ GROUP g", "user:app ALLOW READ GROUP h"]))]), ["principals User:App and User:app and user:app"]);
    }

    #[test]
    fn one_name_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:app ALLOW READ TOPIC t", "User:app ALLOW READ GROUP g"]))]).is_empty());
    }

    #[test]
    fn its_twin_of_another_letter_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:app1 ALLOW READ TOPIC t", "User:app2 ALLOW READ TOPIC t"]))]).is_empty());
    }
}
