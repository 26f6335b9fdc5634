//! User names and groups with placeholders, as EKS's authenticator fills them in.
//!
//! Source: aws-iam-authenticator, pkg/server/server.go:renderTemplate. What a session is called is its caller's choice,
//! out of letters, digits and `_+=,.@-`: never a colon.

use foursee_core::model::Pattern;

/// What is filled in for each caller: a session's name, a key's id, an instance's host name.
const OPEN: &[&str] = &[
    "{{SessionNameRaw}}",
    "{{SessionName}}",
    "{{AccessKeyID}}",
    "{{EC2PrivateDNSName}}",
];

/// The names that a template can become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// One.
    One(String),
    /// Every one that matches, but for these: which, the caller's session decides.
    Some {
        /// Those that match.
        pattern: Pattern,
        /// Those among them that no session makes.
        except: Vec<Pattern>,
    },
}

impl Names {
    /// Whether the template can become that name.
    pub(crate) fn hold(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Some { pattern, except } => {
                pattern.matches(name) && !except.iter().any(|one| one.matches(name))
            }
        }
    }
}

/// The names that a template can become for callers of an account.
pub(crate) fn names_of(template: &str, account: &str) -> Names {
    let filled = template.replace("{{AccountID}}", account);
    // The literal parts around what is open.
    let mut parts: Vec<&str> = vec![&filled];
    for open in OPEN {
        parts = parts.iter().flat_map(|part| part.split(open)).collect();
    }
    if parts.len() == 1 {
        return Names::One(filled);
    }
    let with = |wide: Option<usize>| {
        let mut text = String::new();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                text.push_str(if wide == Some(at) { "*:*" } else { "*" });
            }
            text.push_str(part);
        }
        Pattern::from_glob(&text)
    };
    Names::Some {
        pattern: with(None),
        except: (1..parts.len()).map(|at| with(Some(at))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_stand_for_what_a_session_can_be_called() {
        for (template, yes, no) in [
            ("admin", "admin", "admin2"),
            ("{{AccountID}}:root", "111122223333:root", "444455556666:root"),
            ("admin:{{SessionName}}", "admin:ann", "admin:ann:x"),
            ("{{SessionNameRaw}}", "ann@example.com", "system:masters"),
            ("x:{{SessionName}}:{{AccessKeyID}}", "x:ann:AKIA1", "x:a:b:c"),
            (
                "system:node:{{EC2PrivateDNSName}}",
                "system:node:ip-10-0-0-1.ec2.internal",
                "system:nodes",
            ),
            ("{{Unknown}}", "{{Unknown}}", "anything"),
        ] {
            let names = names_of(template, "111122223333");
            assert!(names.hold(yes), "{template} {yes}");
            assert!(!names.hold(no), "{template} {no}");
        }
    }
}
