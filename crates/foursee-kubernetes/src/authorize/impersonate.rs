//! May somebody act as somebody else by impersonation headers, for one request.
//!
//! The constrained modes are tried first, where the server has them (1.36 on), then the old one. Source:
//! kubernetes/kubernetes 1.37, apiserver/pkg/endpoints/filters/impersonation. What a mode asks beside the user (each
//! group, uid and extra) it asks of the same authorizers as any request.

use super::{Asker, Attributes, MASTERS, decide};
use crate::data::versions::CONSTRAINED_IMPERSONATION;
use crate::facts::Facts;
use crate::version;

const AUTHENTICATION: &str = "authentication.k8s.io";
const UNAUTHENTICATED: &str = "system:unauthenticated";
/// From so many groups or extras on a constrained mode first asks for all of them at once.
const MANY: usize = 4;

/// Whom the headers name.
pub(super) struct Wanted<'a> {
    pub user: &'a str,
    pub groups: Vec<&'a str>,
    pub uid: &'a str,
    /// Keys in lower case, with their values.
    pub extra: Vec<(&'a str, Vec<&'a str>)>,
}

/// As whom the request is then authorized, and by which mode.
pub(super) struct Acting {
    pub mode: &'static str,
    pub groups: Vec<String>,
}

/// One thing that is asked: verb, group, resource, subresource, name, namespace.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub verb: String,
    pub group: String,
    pub resource: String,
    pub subresource: String,
    pub name: String,
    pub namespace: String,
    pub path: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    AssociatedNode,
    ArbitraryNode,
    ServiceAccount,
    UserInfo,
    Legacy,
}

impl Mode {
    const ALL: [Self; 5] = [
        Self::AssociatedNode,
        Self::ArbitraryNode,
        Self::ServiceAccount,
        Self::UserInfo,
        Self::Legacy,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::AssociatedNode => "associated-node",
            Self::ArbitraryNode => "arbitrary-node",
            Self::ServiceAccount => "serviceaccount",
            Self::UserInfo => "user-info",
            Self::Legacy => "legacy",
        }
    }

    fn verb(self) -> String {
        match self {
            Self::Legacy => "impersonate".to_owned(),
            other => format!("impersonate:{}", other.name()),
        }
    }

    /// Whether the mode is for that user at all. `node` is the node that the asker's own token is bound to.
    fn applies(self, who: Asker<'_>, wanted: &Wanted<'_>, node: &str) -> bool {
        let alone = wanted.uid.is_empty() && wanted.groups.is_empty() && wanted.extra.is_empty();
        let wants = node_name(wanted.user);
        match self {
            Self::AssociatedNode => {
                alone && wants.is_some_and(|name| name == node) && account(who.user).is_some()
            }
            Self::ArbitraryNode => alone && wants.is_some(),
            Self::ServiceAccount => alone && account(wanted.user).is_some(),
            Self::UserInfo => wants.is_none() && account(wanted.user).is_none() && storable(wanted),
            Self::Legacy => true,
        }
    }
}

/// What a constrained mode refuses to give whatever is granted.
fn storable(wanted: &Wanted<'_>) -> bool {
    let key = |key: &str| {
        key.split_once('/').is_some_and(|(domain, path)| {
            subdomain(domain)
                && !path.is_empty()
                && path
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte))
        }) && !key.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    !wanted
        .groups
        .iter()
        .any(|group| group.is_empty() || *group == MASTERS)
        && wanted.extra.iter().all(|(one, values)| {
            key(one) && !values.is_empty() && values.iter().all(|value| !value.is_empty())
        })
}

fn label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.bytes().all(|byte| plain(byte) || byte == b'-')
        && text.bytes().next().is_some_and(plain)
        && text.bytes().next_back().is_some_and(plain)
}

fn subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(label)
}

/// The namespace and name of a user name that spells a service account.
fn account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    (namespace.len() <= 63 && label(namespace) && subdomain(name)).then_some((namespace, name))
}

fn node_name(user: &str) -> Option<&str> {
    user.strip_prefix("system:node:").filter(|name| subdomain(name))
}

/// By which mode somebody may act as somebody; else what the old mode lacks.
pub(super) fn impersonate(
    facts: &Facts,
    who: Asker<'_>,
    wanted: &Wanted<'_>,
    asked: Option<&Attributes<'_>>,
    node: &str,
) -> Result<Acting, Vec<Check>> {
    let constrained = version::may(facts, &CONSTRAINED_IMPERSONATION);
    let mut lacking = Vec::new();
    for mode in Mode::ALL {
        if mode != Mode::Legacy && !(constrained && mode.applies(who, wanted, node)) {
            continue;
        }
        lacking.clear();
        let mut require = |check: Check| {
            if !check.allowed(facts, who) {
                lacking.push(check);
            }
        };
        if mode != Mode::Legacy {
            let Some(asked) = asked else { continue };
            require(Check::on(mode, asked));
        }
        require(user_check(mode, wanted.user));
        if !wanted.uid.is_empty() {
            require(Check::of(mode, AUTHENTICATION, "uids", "", wanted.uid));
        }
        let own = if mode == Mode::Legacy { "" } else { AUTHENTICATION };
        let all = |check: Check, many: bool| mode != Mode::Legacy && many && check.allowed(facts, who);
        if !all(
            Check::of(mode, own, "groups", "", "*"),
            wanted.groups.len() >= MANY,
        ) {
            for group in &wanted.groups {
                require(Check::of(mode, own, "groups", "", group));
            }
        }
        let values: usize = wanted.extra.iter().map(|(_, values)| values.len()).sum();
        let many = wanted.extra.len() >= MANY || values >= MANY;
        if !all(Check::of(mode, AUTHENTICATION, "userextras", "*", "*"), many) {
            for (key, values) in &wanted.extra {
                for value in values {
                    require(Check::of(mode, AUTHENTICATION, "userextras", key, value));
                }
            }
        }
        if lacking.is_empty() {
            return Ok(Acting {
                mode: mode.name(),
                groups: groups(mode, wanted),
            });
        }
    }
    Err(lacking)
}

fn user_check(mode: Mode, user: &str) -> Check {
    let group = if mode == Mode::Legacy { "" } else { AUTHENTICATION };
    if let (Some(node), true) = (node_name(user), mode != Mode::Legacy) {
        // A node of one's own is asked for as any node.
        let name = if mode == Mode::AssociatedNode { "*" } else { node };
        return Check::of(mode, group, "nodes", "", name);
    }
    match account(user) {
        Some((namespace, name)) => Check {
            namespace: namespace.to_owned(),
            ..Check::of(mode, group, "serviceaccounts", "", name)
        },
        None => Check::of(mode, group, "users", "", user),
    }
}

/// The groups that the server takes somebody impersonated to be in.
fn groups(mode: Mode, wanted: &Wanted<'_>) -> Vec<String> {
    let mut all: Vec<String> = wanted.groups.iter().map(|one| (*one).to_owned()).collect();
    if mode != Mode::Legacy && node_name(wanted.user).is_some() {
        all.push("system:nodes".to_owned());
    } else if let (Some((namespace, _)), true) = (account(wanted.user), all.is_empty()) {
        all.push("system:serviceaccounts".to_owned());
        all.push(format!("system:serviceaccounts:{namespace}"));
    }
    let has = |all: &[String], group: &str| all.iter().any(|one| one == group);
    let added = if wanted.user == "system:anonymous" {
        UNAUTHENTICATED
    } else if has(&all, UNAUTHENTICATED) {
        return all;
    } else {
        "system:authenticated"
    };
    if !has(&all, added) {
        all.push(added.to_owned());
    }
    all
}

impl Check {
    fn of(mode: Mode, group: &str, resource: &str, subresource: &str, name: &str) -> Self {
        Self {
            verb: mode.verb(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            name: name.to_owned(),
            namespace: String::new(),
            path: String::new(),
        }
    }

    /// The request itself, under the mode.
    fn on(mode: Mode, asked: &Attributes<'_>) -> Self {
        let verb = format!("impersonate-on:{}:{}", mode.name(), asked.verb());
        match *asked {
            Attributes::Resource {
                group,
                resource,
                subresource,
                name,
                namespace,
                ..
            } => Self {
                verb,
                namespace: namespace.to_owned(),
                ..Self::of(mode, group, resource, subresource, name)
            },
            Attributes::Path { path, .. } => Self {
                verb,
                path: path.to_owned(),
                ..Self::of(mode, "", "", "", "")
            },
        }
    }

    pub(super) fn attributes(&self) -> Attributes<'_> {
        if self.path.is_empty() {
            Attributes::Resource {
                verb: &self.verb,
                group: &self.group,
                resource: &self.resource,
                subresource: &self.subresource,
                name: &self.name,
                namespace: &self.namespace,
            }
        } else {
            Attributes::Path {
                verb: &self.verb,
                path: &self.path,
            }
        }
    }

    fn allowed(&self, facts: &Facts, who: Asker<'_>) -> bool {
        decide(facts, who, &self.attributes()).allowed()
    }
}
