//! The rule `kafka-acl-dead-glob`.

use super::about;
use crate::facts::{EVERYBODY, Facts, PatternType, Permission};
use foursee_core::model::Severity;
use foursee_core::finding::{Findings, Meta};
use foursee_core::layer::{Rule, View};

foursee_core::rule! {
    /// An ACL's star is no wildcard.
    ///
    /// ## Why
    /// Only a LITERAL name that is `*` as a whole, and the principal `User:*`, stand for all. Any other star is
    /// compared as a character: `orders*` as a LITERAL name is the resource of that very name, `Group:*` a
    /// principal of that name. A dead ALLOW is a right that somebody thinks they gave; a dead DENY is a hole.
    ///
    /// ## Evidence
    /// The ACL with the star.
    ///
    /// ## Fix
    /// Use patternType PREFIXED with the text before the star; name the principals one by one.
    pub AclDeadGlob: "kafka-acl-dead-glob", Medium, needs ["acls"]
}

impl Rule<Facts> for AclDeadGlob {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, see: &View<'_, Facts>, out: &mut Findings) {
        let facts = see.facts;
        for acl in &facts.acls {
            let (name, principal) = (facts.word(acl.name), facts.word(acl.principal));
            let in_name = match acl.pattern {
                PatternType::Literal => name.contains('*') && name != "*",
                PatternType::Prefixed => name.ends_with('*'),
            };
            let in_principal = principal.contains('*') && principal != EVERYBODY;
            let what = match (in_name, in_principal) {
                (true, _) => format!("the name {name}"),
                (_, true) => format!("the principal {principal}"),
                _ => continue,
            };
            let severity = if acl.permission == Permission::Deny { Severity::High } else { Severity::Medium };
            let title = format!("{} means {what} literally: its star is no wildcard", facts.binding(acl));
            out.push(about(&Self::META, facts, acl).severity(severity).title(title));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{acls, causes};

    const RULE: &str = "kafka-acl-dead-glob";

    #[test]
    fn a_star_in_a_name_fires() {
        assert_eq!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC literal:orders*", "User:a DENY READ GROUP **", "Group:* ALLOW READ TOPIC t"]))]), ["ACL ALLOW READ on TOPIC orders* for User:a from any host", "ACL ALLOW READ on TOPIC t for Group:* from any host", "ACL DENY READ on GROUP ** (prefixed) for User:a from any host"]);
    }

    #[test]
    fn the_wildcards_are_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC *", "User:* ALLOW READ TOPIC t"]))]).is_empty());
    }

    #[test]
    fn its_twin_as_a_prefix_is_silent() {
        assert!(causes(RULE, &[("acls.json", &*acls(&["User:a ALLOW READ TOPIC orders*"]))]).is_empty());
    }
}
