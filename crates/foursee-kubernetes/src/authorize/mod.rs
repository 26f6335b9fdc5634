//! The exact authorizer: RBAC as the API server's own code decides it, EKS's access policies, and the questions of `decide`.
//!
//! system:masters first, then Node and RBAC, which never deny. Webhooks and a cloud's own authorizers are in no export:
//! a "no" is final only where the API server's own arguments show that there are none. Source of each rule: kubernetes/kubernetes 1.37,
//! plugin/pkg/auth/authorizer/rbac, pkg/registry/rbac/validation, pkg/apis/rbac/v1/evaluation_helpers.go.

mod aggregate;
mod answer;
mod chain;
mod covers;
mod dead;
pub(crate) mod eks;
mod grant;
mod impersonate;
mod index;
mod nearest;
mod node;
pub mod pod_security;
mod question;
mod request;
mod reviews;
mod row;
mod selector;
mod who;

pub(crate) use covers::missing;
pub(crate) use dead::without_effect;
pub use eks::EksWhy;
pub(crate) use grant::held;
pub(crate) use index::Index;
pub(crate) use question::answer;
pub(crate) use request::Request;
pub(crate) use row::{concerns, covers};
pub(crate) use who::{groups_of_account, parse_action};

use crate::facts::{Facts, PolicyRule};

/// The group that is asked nothing.
pub const MASTERS: &str = "system:masters";
/// The API group of roles and bindings.
pub(crate) const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// Who asks: literally, without implicit groups.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The user name.
    pub user: &'a str,
    /// All groups.
    pub groups: &'a [&'a str],
    /// The ARN of the AWS principal that came in so; empty for none, and while somebody is impersonated.
    pub principal: &'a str,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attributes<'a> {
    /// A request for a resource.
    Resource {
        /// The verb: "get", "create", "bind".
        verb: &'a str,
        /// The API group; empty for core.
        group: &'a str,
        /// The resource, plural.
        resource: &'a str,
        /// The subresource, or empty.
        subresource: &'a str,
        /// The object's name; empty where the request names none.
        name: &'a str,
        /// The namespace; empty for cluster-scoped requests and for all namespaces.
        namespace: &'a str,
    },
    /// A request for a path.
    Path {
        /// The verb, lower case.
        verb: &'a str,
        /// The path.
        path: &'a str,
    },
}

impl<'a> Attributes<'a> {
    /// The verb.
    #[must_use]
    pub const fn verb(&self) -> &'a str {
        match self {
            Self::Resource { verb, .. } | Self::Path { verb, .. } => verb,
        }
    }

    /// The namespace whose RoleBindings count; empty for none.
    #[must_use]
    pub const fn namespace(&self) -> &'a str {
        match self {
            Self::Resource { namespace, .. } => namespace,
            Self::Path { .. } => "",
        }
    }
}

/// Why a request is allowed: the binding, its subject, the role and its rule, by index into the facts' tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    /// The binding.
    pub binding: usize,
    /// The subject of the binding that matched.
    pub subject: usize,
    /// The role.
    pub role: usize,
    /// The rule of the role, as it takes effect.
    pub rule: usize,
}

/// What the authorizer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Allowed, because the asker is of system:masters.
    Masters,
    /// Allowed, because the server allows everything.
    Always,
    /// Allowed by the Node authorizer.
    Node,
    /// Allowed by that rule.
    Allowed(Why),
    /// Allowed by an access policy of EKS.
    Eks(EksWhy),
    /// By none of them.
    No,
}

impl Decision {
    /// Whether it is allowed.
    #[must_use]
    pub const fn allowed(&self) -> bool {
        !matches!(self, Self::No)
    }
}

/// Whether one rule allows a request: upstream's RuleAllows.
#[must_use]
pub fn rule_allows(rule: &PolicyRule, asked: &Attributes<'_>) -> bool {
    let has = |all: &[Box<str>], one: &str| all.iter().any(|entry| **entry == *one || **entry == *"*");
    match asked {
        Attributes::Resource {
            verb,
            group,
            resource,
            subresource,
            name,
            ..
        } => {
            has(&rule.verbs, verb)
                && has(&rule.groups, group)
                && rule
                    .resources
                    .iter()
                    .any(|entry| resource_matches(entry, resource, subresource))
                && (rule.names.is_empty() || rule.names.iter().any(|one| **one == **name))
        }
        Attributes::Path { verb, path } => {
            has(&rule.verbs, verb) && rule.urls.iter().any(|url| url_matches(url, path))
        }
    }
}

/// `*`, `r`, `r/sub` or `*/sub`; `pods/*` is literal.
fn resource_matches(entry: &str, resource: &str, subresource: &str) -> bool {
    if entry == "*" {
        return true;
    }
    if subresource.is_empty() {
        return entry == resource;
    }
    let behind = |start: &str| {
        entry
            .strip_prefix(start)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|sub| sub == subresource)
    };
    behind(resource) || behind("*")
}

/// `*`, the path itself, or a prefix before trailing `*`s.
fn url_matches(url: &str, path: &str) -> bool {
    url == "*" || url == path || (url.ends_with('*') && path.starts_with(url.trim_end_matches('*')))
}

/// Decides one request.
#[must_use]
pub fn decide(facts: &Facts, who: Asker<'_>, asked: &Attributes<'_>) -> Decision {
    decide_selected(facts, who, asked, &[])
}

/// Decides one request that selects objects by fields: each field with the value that it must have. RBAC ignores them,
/// the Node authorizer does not.
#[must_use]
pub fn decide_selected(
    facts: &Facts,
    who: Asker<'_>,
    asked: &Attributes<'_>,
    fields: &[(&str, &str)],
) -> Decision {
    if who.groups.contains(&MASTERS) {
        return Decision::Masters;
    }
    let chain = facts.index.chain;
    if chain.always {
        return Decision::Always;
    }
    let node = node::identity(who).filter(|_| chain.node);
    if node.is_some_and(|node| node::allows(facts, node, asked, fields)) {
        return Decision::Node;
    }
    let by_rbac = if chain.rbac {
        facts.index.decide(facts, who, asked)
    } else {
        Decision::No
    };
    match (&by_rbac, eks::decide(facts, who.principal, asked)) {
        (Decision::No, eks::Said::Allowed(why)) => Decision::Eks(why),
        _ => by_rbac,
    }
}

/// Whether nothing outside the documents could make a decision another one.
#[must_use]
pub fn whole(facts: &Facts, who: Asker<'_>, asked: &Attributes<'_>, decision: &Decision) -> bool {
    if *decision == Decision::Masters {
        return true;
    }
    let chain = facts.index.chain;
    if !chain.whole || decision.allowed() {
        return chain.whole;
    }
    if eks::unknown(facts, who.principal).is_some() {
        return false;
    }
    let listed = |kinds: &[&str]| kinds.iter().all(|kind| facts.listed(kind));
    let within = !asked.namespace().is_empty();
    (!chain.rbac
        || (listed(&["ClusterRole", "ClusterRoleBinding"]) && (!within || listed(&["Role", "RoleBinding"]))))
        && (!chain.node || node::identity(who).is_none() || listed(node::rests_on(asked)))
}

/// The text of the reason, as the API server prints it.
#[must_use]
pub fn reason(facts: &Facts, why: Why) -> String {
    let (Some(binding), Some(role)) = (facts.bindings.get(why.binding), facts.roles.get(why.role)) else {
        return String::new();
    };
    let namespace = &*binding.meta.namespace;
    let binding_name = if namespace.is_empty() {
        binding.meta.name.to_string()
    } else {
        format!("{}/{namespace}", binding.meta.name)
    };
    let subject = binding
        .subjects
        .get(why.subject)
        .map_or(String::new(), |subject| {
            match (&*subject.kind, subject.account_namespace(namespace)) {
                ("ServiceAccount", Some(of)) => {
                    format!("ServiceAccount {:?}", format!("{}/{of}", subject.name))
                }
                _ => format!("{} {:?}", subject.kind, &*subject.name),
            }
        });
    format!(
        "RBAC: allowed by {} {binding_name:?} of {} {:?} to {subject}",
        binding.kind(),
        role.kind.as_str(),
        &*role.meta.name
    )
}
