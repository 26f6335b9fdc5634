//! Whether a listing is whole: a broker leaves out what the reader may not DESCRIBE, without a word.

use super::{Acl, CLUSTER_NAME, Facts, Operation, PatternType, ResourceType};
use crate::authorize::Outcome;

/// Who made a listing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Reader {
    /// A tool, whose print does not say it: taken for somebody who sees everything.
    Unsaid,
    /// A principal: what it may describe was listed.
    Principal(String),
    /// A client that cannot know which principal it is.
    Unknown,
}

/// A name that no ACL means, unless it means every name, or every name that begins like this one.
const UNHEARD: char = '\u{10ffff}';

impl Facts {
    /// Whether a listing of topics or groups is sure to hold all that there are of a name.
    #[must_use]
    pub fn listed_whole(&self, kind: ResourceType, pattern: PatternType, name: &str) -> bool {
        self.readers(kind).iter().any(|reader| match reader {
            Reader::Unsaid => true,
            Reader::Unknown => false,
            Reader::Principal(principal) => match pattern {
                PatternType::Literal => self.describes(principal, kind, name),
                PatternType::Prefixed => self.describes_all(principal, kind, name),
            },
        })
    }

    /// Whether a listing of a type is sure to hold all.
    #[must_use]
    pub fn listed_all(&self, kind: ResourceType) -> bool {
        self.listed_whole(kind, PatternType::Prefixed, "")
    }

    /// Who made the listings of a type.
    #[must_use]
    pub fn readers(&self, kind: ResourceType) -> &[Reader] {
        match kind {
            ResourceType::Topic => &self.topic_readers,
            ResourceType::Group => &self.group_readers,
            _ => &[],
        }
    }

    fn describes(&self, principal: &str, kind: ResourceType, name: &str) -> bool {
        self.blind(principal).is_none() && self.always(principal, kind, name)
    }

    fn always(&self, principal: &str, kind: ResourceType, name: &str) -> bool {
        let whole = kind == ResourceType::Group
            && self.outcome(
                principal,
                Operation::Describe,
                ResourceType::Cluster,
                CLUSTER_NAME,
            ) == Outcome::Always;
        whole || self.outcome(principal, Operation::Describe, kind, name) == Outcome::Always
    }

    /// Every name that begins with a prefix: one that no ACL is about, and those that some ACL is about.
    fn describes_all(&self, principal: &str, kind: ResourceType, prefix: &str) -> bool {
        if self.blind(principal).is_some() {
            return false;
        }
        let concerns = |acl: &&Acl| {
            let name = self.word(acl.name);
            acl.kind == kind && !self.wild(acl) && (name.starts_with(prefix) || prefix.starts_with(name))
        };
        let unheard = format!("{prefix}{UNHEARD}");
        self.always(principal, kind, &unheard)
            && self.acls.iter().filter(concerns).all(|acl| {
                let name = self.word(acl.name);
                match acl.pattern {
                    PatternType::Literal => !name.starts_with(prefix) || self.always(principal, kind, name),
                    PatternType::Prefixed if name.starts_with(prefix) => {
                        self.always(principal, kind, &format!("{name}{UNHEARD}"))
                    }
                    PatternType::Prefixed => true,
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::{PatternType, ResourceType};
    use crate::testing::{acls, facts};

    fn whole(lines: &[&str], settings: &str, name: &str) -> (bool, bool) {
        let topics = r#"{"clusterId":"c","readBy":"User:r","topics":[]}"#;
        let (facts, _) = facts(&[
            ("acls.json", &acls(lines)),
            ("server.properties", settings),
            ("t.json", topics),
        ]);
        let one = facts.listed_whole(ResourceType::Topic, PatternType::Literal, name);
        (one, facts.listed_all(ResourceType::Topic))
    }

    #[test]
    fn a_reader_of_all_topics_sees_all() {
        let broker = "super.users=User:s\nallow.everyone.if.no.acl.found=false\n";
        assert_eq!(
            whole(&["User:r ALLOW DESCRIBE TOPIC *"], broker, "x"),
            (true, true)
        );
        assert_eq!(whole(&["User:r ALLOW READ TOPIC *"], broker, "x"), (true, true));
        let own = "super.users=User:r\nallow.everyone.if.no.acl.found=false\n";
        assert_eq!(whole(&["User:a ALLOW READ TOPIC x"], own, "x"), (true, true));
    }

    #[test]
    fn a_deny_a_host_or_a_narrow_grant_hides_some() {
        let broker = "super.users=User:s\nallow.everyone.if.no.acl.found=false\n";
        let all = "User:r ALLOW DESCRIBE TOPIC *";
        assert_eq!(
            whole(&["User:r ALLOW DESCRIBE TOPIC x"], broker, "x"),
            (true, false)
        );
        assert_eq!(
            whole(&[all, "User:r DENY DESCRIBE TOPIC y"], broker, "x"),
            (true, false)
        );
        assert_eq!(
            whole(&[all, "User:* DENY ALL TOPIC x*"], broker, "xy"),
            (false, false)
        );
        assert_eq!(
            whole(&["User:r ALLOW DESCRIBE TOPIC * from 10.0.0.1"], broker, "x"),
            (false, false)
        );
    }

    #[test]
    fn what_is_open_to_all_until_an_acl_closes_it_hides_what_is_closed() {
        let open = "super.users=User:s\nallow.everyone.if.no.acl.found=true\n";
        assert_eq!(whole(&["User:a ALLOW READ TOPIC x"], open, "y"), (true, false));
        assert_eq!(whole(&["User:a ALLOW READ TOPIC x"], open, "x"), (false, false));
        assert_eq!(whole(&["User:a ALLOW READ GROUP x"], open, "x"), (true, true));
    }

    #[test]
    fn without_the_acls_nothing_is_sure() {
        let topics = r#"{"clusterId":"c","readBy":"User:r","topics":[]}"#;
        let (facts, _) = facts(&[("t.json", topics)]);
        assert!(!facts.listed_all(ResourceType::Topic));
    }
}
