//! The rule `kafka-acl-listing-untrusted`.

use crate::facts::{Authorizer, CLUSTER_NAME, Facts};
use foursee_core::model::Certainty;
use foursee_core::finding::{Finding, Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An empty list of ACLs may be one that was not allowed to be seen.
    ///
    /// ## Why
    /// Some clients drop the error code of the brokers' reply: "not allowed to see" and "no authorizer" then
    /// look like "there is none". Whoever takes such a list for the truth overlooks every ACL.
    ///
    /// ## Evidence
    /// The empty list.
    ///
    /// ## Fix
    /// Read the list again as a principal with DESCRIBE on CLUSTER kafka-cluster, with `kafka-acls --list`,
    /// which prints the error.
    pub AclListingUntrusted: "kafka-acl-listing-untrusted", High, needs ["acls"]
}

impl Rule<Facts> for AclListingUntrusted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        let proven = facts.listings.iter().any(|one| one.proven);
        if !facts.acls.is_empty() || proven || matches!(facts.authorizer(), Authorizer::None(_)) {
            return;
        }
        let Some(listing) = facts.listings.iter().find(|one| one.only.is_none()) else { return };
        out.push(
            Finding::new(&Self::META, "the empty list of ACLs", listing.place, "no ACL")
                .title("The list of ACLs is empty: there may be none, or none that was allowed to be seen")
                .certainty(Certainty::Unknown)
                .resource("cluster", CLUSTER_NAME),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes, found};

    const RULE: &str = "kafka-acl-listing-untrusted";

    #[test]
    fn an_empty_list_fires() {
        assert_eq!(causes(RULE, &[("acls.json", "{\"acls\":[]}")]), ["the empty list of ACLs"]);
        assert_eq!(found(RULE, &[("kafka-acls.txt", "\n")]).len(), 1);
    }

    #[test]
    fn a_list_that_holds_some_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC t"]))]).is_empty());
    }

    #[test]
    fn its_twin_whose_reader_may_see_is_silent() {
        assert!(causes(RULE, &[("acls.json", "{\"acls\":[],\"authorizedOperations\":[\"DESCRIBE\"]}")]).is_empty());
    }
}
