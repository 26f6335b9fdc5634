//! The rule `kafka-acl-prefix-no-separator`.

use super::{about, given};
use crate::facts::{Facts, PatternType, ResourceType};
use foursee_core::model::Rung;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// A prefix ends within a word.
    ///
    /// ## Why
    /// The PREFIXED name `orders` covers `orders.eu`, and `orders-pii` and `ordersbackup` too, which may be
    /// somebody else's.
    ///
    /// ## Evidence
    /// The ALLOW with the prefix.
    ///
    /// ## Fix
    /// End the prefix in the separator that the names use (`.`, `-` or `_`), and add a LITERAL ACL for the bare
    /// name where there is one.
    pub AclPrefixNoSeparator: "kafka-acl-prefix-no-separator", Low, needs ["acls"]
}

impl Rule<Facts> for AclPrefixNoSeparator {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            let acl = one.acl;
            let named = matches!(acl.kind, ResourceType::Topic | ResourceType::Group | ResourceType::TransactionalId);
            let name = facts.word(acl.name);
            if acl.pattern == PatternType::Prefixed && named && !name.ends_with(['.', '-', '_', ':', '/', '*']) {
                let title = format!("The prefix {name} ends within a word: it covers {name}-other and {name}other");
                out.push(about(&Self::META, facts, acl).title(title).rung(one.rung, Rung::Narrow));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-prefix-no-separator";

    #[test]
    fn a_bare_prefix_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders*"]))]), ["ACL ALLOW READ on TOPIC orders* (prefixed) for User:a from any host"]);
    }

    #[test]
    fn a_separator_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders.*", "User:a ALLOW READ GROUP app-*"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders", "User:b DENY READ TOPIC orders*"]))]).is_empty());
    }
}
