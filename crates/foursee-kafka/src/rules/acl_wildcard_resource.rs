//! The rule `kafka-acl-wildcard-resource`.

use super::{about, given};
use crate::facts::{Facts, Operation, ResourceType};
use foursee_core::model::{Rung, Severity};
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL is over every name of its type.
    ///
    /// ## Why
    /// A LITERAL `*` covers every topic, group, transactional id or user that there is and that will be:
    /// `__consumer_offsets`, `__transaction_state`, `_schemas` and Connect's topics with their secrets among
    /// them.
    ///
    /// ## Evidence
    /// The ALLOW whose name is `*`.
    ///
    /// ## Fix
    /// Name the topics or groups that the principal uses, or the prefix that its team owns, with its separator.
    pub AclWildcardResource: "kafka-acl-wildcard-resource", High, needs ["acls"]
}

impl Rule<Facts> for AclWildcardResource {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for one in given(facts) {
            let acl = one.acl;
            if !facts.wild(acl) {
                continue;
            }
            let severity = match (acl.kind, acl.operation) {
                // Seen, or made anew: of the names alone.
                (_, Operation::Describe | Operation::DescribeConfigs | Operation::DescribeTokens) => continue,
                (ResourceType::Topic, Operation::Create) => Severity::Medium,
                (ResourceType::Topic | ResourceType::TransactionalId | ResourceType::User, _) => Severity::High,
                (ResourceType::Group, _) => Severity::Medium,
                _ => continue,
            };
            let (operation, kind) = (acl.operation.as_str(&facts.words), acl.kind.as_str(&facts.words));
            let title = format!("{} has {operation} on every {kind}", facts.word(acl.principal));
            out.push(about(&Self::META, facts, acl).severity(severity).title(title).rung(one.rung, Rung::Narrow));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes, found};

    const RULE: &str = "kafka-acl-wildcard-resource";

    #[test]
    fn every_topic_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC *", "User:a ALLOW READ GROUP *"]))]), ["ACL ALLOW READ on GROUP * for User:a from any host", "ACL ALLOW READ on TOPIC * for User:a from any host"]);
    }

    #[test]
    fn a_named_topic_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders", "User:a DENY READ TOPIC *"]))]).is_empty());
    }

    #[test]
    fn its_twins_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC literal:orders*", "User:a ALLOW READ TOPIC orders*", "User:a ALLOW DESCRIBE TOPIC *"]))]).is_empty());
    }

    #[test]
    fn its_rungs_are_told() {
        let all = found(RULE, &[("acls.json", &*acls(&["User:a ALLOW ALL TOPIC *", "User:b ALLOW READ TOPIC *"]))]);
        let rungs: Vec<_> = all.iter().filter_map(|one| one.rung).collect();
        assert_eq!(rungs, [foursee_core::model::Rung::ServiceWide, foursee_core::model::Rung::Broad]);
    }
}
