//! The rule `kafka-acl-anonymous`.

use super::{about, given};
use crate::facts::{ANONYMOUS, Facts};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL allows clients without a login.
    ///
    /// ## Why
    /// `User:ANONYMOUS` is whoever comes through a PLAINTEXT listener, or through a TLS listener without a
    /// client certificate: nobody in particular.
    ///
    /// ## Evidence
    /// The ALLOW for User:ANONYMOUS.
    ///
    /// ## Fix
    /// Give the clients a login on a SASL or mutual TLS listener and their own ACLs, then remove this one.
    pub AclAnonymous: "kafka-acl-anonymous", High, needs ["acls"]
}

impl Rule<Facts> for AclAnonymous {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            if facts.word(one.acl.principal) != ANONYMOUS {
                continue;
            }
            let operation = one.acl.operation.as_str(&facts.words);
            let title = format!("Clients without a login have {operation} on {}", facts.resource(one.acl));
            let mut finding = about(&Self::META, facts, one.acl).title(title).on_rung(one.rung, Rung::Narrow);
            if let Some(open) = facts.listeners().find(|listener| listener.lets_anybody_in()) {
                finding = finding.evidence(open.place, format!("listener {} asks for no login", open.name));
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-anonymous";

    #[test]
    fn anonymous_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:ANONYMOUS ALLOW READ TOPIC t"]))]), ["ACL ALLOW READ on TOPIC t for User:ANONYMOUS from any host"]);
    }

    #[test]
    fn named_principals_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:anonymous ALLOW READ TOPIC t", "User:ANONYMOUS DENY READ TOPIC t"]))]).is_empty());
    }
}
