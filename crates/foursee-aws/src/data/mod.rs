//! Knowledge as rows: which actions there are, at which level, and which of them name no resource.
//!
//! An action that is newer than the rows is no error: it is matched as text, and treated as one that names resources.

use foursee_core::model::Verb;
use std::collections::HashMap;
use std::sync::OnceLock;

mod limits;

pub use limits::LIMITS;

static ACTIONS: &str = include_str!("actions.txt");
static RCP_SERVICES: &str = include_str!("rcp_services.txt");

/// What is known of an action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ActionRow {
    /// Its access level: l list, r read, w write, t tagging, p permissions management.
    pub level: char,
    /// No resource can be named for it: it is authorised over `*`.
    pub wildcard_only: bool,
}

fn rows() -> &'static HashMap<&'static str, ActionRow> {
    static ROWS: OnceLock<HashMap<&str, ActionRow>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = ACTIONS.lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| {
                let (action, flags) = line.split_once(' ')?;
                let level = flags.chars().next()?;
                Some((
                    action,
                    ActionRow {
                        level,
                        wildcard_only: flags.ends_with('*'),
                    },
                ))
            })
            .collect()
    })
}

/// What is known of an action, by its name in lower case.
#[must_use]
pub fn action(lower: &str) -> Option<ActionRow> {
    rows().get(lower).copied()
}

/// Whether no resource can be named for an action.
#[must_use]
pub fn wildcard_only(lower: &str) -> bool {
    action(lower).is_some_and(|row| row.wildcard_only)
}

/// Whether resource control policies bind a service.
#[must_use]
pub fn rcp_binds(service: &str) -> bool {
    RCP_SERVICES.lines().any(|line| line == service)
}

/// Which verb an action, or a pattern over actions, is: the gravest that it holds where it is known, else what its
/// name says.
#[must_use]
pub fn verb(pattern: &str) -> Verb {
    let lower = pattern.to_ascii_lowercase();
    let name = lower.split_once(':').map_or(&*lower, |(_, name)| name);
    if [
        "sts:assumerole",
        "sts:assumerolewithwebidentity",
        "sts:assumerolewithsaml",
        "iam:passrole",
        "iam:createaccesskey",
    ]
    .contains(&&*lower)
    {
        return Verb::Become;
    }
    // The reference lists most changes of grants as plain writes; policy_sentry promotes them by hand, and so does this.
    let grants = [
        "put", "attach", "detach", "create", "delete", "set", "add", "remove", "update",
    ];
    let about = ["policy", "usertogroup", "userfromgroup", "permissionsboundary"];
    let iam = lower.starts_with("iam:") && about.iter().any(|word| name.contains(word));
    if iam && grants.iter().any(|word| name.starts_with(word)) {
        return Verb::Delegate;
    }
    if name.starts_with("delete") || name.starts_with("terminate") {
        return Verb::Delete;
    }
    match action(&lower).map(|row| row.level) {
        Some('l') => Verb::List,
        Some('r') => Verb::Read,
        Some('p') => Verb::Delegate,
        Some('t') => Verb::Administer,
        Some(_) if name.starts_with("invoke") || name.starts_with("start") || name.starts_with("run") => {
            Verb::Execute
        }
        Some(_) => Verb::Write,
        None if name.starts_with("list") || name.starts_with("describe") => Verb::List,
        None if name.starts_with("get") || name.starts_with("batchget") || name.starts_with("head") => {
            Verb::Read
        }
        None if name.starts_with("put") || name.starts_with("create") || name.starts_with("update") => {
            Verb::Write
        }
        None => Verb::Administer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_known_by_level() {
        assert_eq!(
            action("s3:getobject"),
            Some(ActionRow {
                level: 'r',
                wildcard_only: false
            })
        );
        assert!(wildcard_only("s3:listallmybuckets") && !wildcard_only("s3:notyetthere"));
        assert!(rcp_binds("s3") && !rcp_binds("lambda") && !rcp_binds("#"));
        assert_eq!(verb("s3:GetObject"), Verb::Read);
        assert_eq!(verb("iam:PutRolePolicy"), Verb::Delegate);
        assert_eq!(verb("s3:Get*"), Verb::Read);
        assert_eq!(verb("*"), Verb::Administer);
    }
}
