//! What `decide` answers, in the words of a SubjectAccessReview's status.

use super::dead::dead;
use super::impersonate::{Acting, Check};
use super::nearest::nearest;
use super::{Asker, Attributes, Decision, MASTERS, Why, decide_selected, eks, node, reason, whole};
use crate::facts::{Facts, PolicyRule};
use serde::Serialize;

/// The status of a SubjectAccessReview, and what decided.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status<'a> {
    allowed: bool,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleOut<'a>>,
    /// "Node", "AlwaysAllow" or "EKS", where it was not RBAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<&'static str>,
    /// The access policy of EKS that allows it, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_policy: Option<AccessPolicyOut<'a>>,
    /// What is not known of the AWS principal's access, without which a no is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<String>,
    /// What NodeRestriction leaves of it, and whether that is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    node_restriction: Option<NodeRestriction>,
    /// Of the rules that are held, the one that comes nearest.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<NearestOut<'a>>,
    /// An authorizer that is in no document, or a kind that was not listed, could make it another answer.
    incomplete: bool,
    /// What the request asked of the authorizers, where it was given as a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<AskedOut<'a>>,
}

/// A request's attributes, as a SubjectAccessReview names them.
#[derive(Serialize, Default)]
struct AskedOut<'a> {
    verb: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    group: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    resource: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    subresource: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'a str,
}

impl<'a> From<&Attributes<'a>> for AskedOut<'a> {
    fn from(asked: &Attributes<'a>) -> Self {
        match *asked {
            Attributes::Resource {
                verb,
                group,
                resource,
                subresource,
                name,
                namespace,
            } => Self {
                verb,
                group,
                resource,
                subresource,
                name,
                namespace,
                path: "",
            },
            Attributes::Path { verb, path } => Self {
                verb,
                path,
                ..Self::default()
            },
        }
    }
}

#[derive(Serialize)]
struct NodeRestriction {
    /// Absent where no document says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    leaves: &'static str,
}

#[derive(Serialize)]
struct NearestOut<'a> {
    #[serde(flatten)]
    grant: GrantOut<'a>,
    lacks: Vec<String>,
}

/// An access policy of EKS that a principal is given.
#[derive(Serialize)]
struct AccessPolicyOut<'a> {
    principal: &'a str,
    policy: &'a str,
    /// Absent for the whole cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespaces: Option<&'a [Box<str>]>,
}

/// A rule where it is bound.
#[derive(Serialize)]
struct GrantOut<'a> {
    binding: Named<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleOut<'a>>,
}

/// What somebody can do: every rule that they hold.
#[derive(Serialize)]
pub(super) struct Can<'a> {
    /// Everything: they are of system:masters, or the server allows everything.
    everything: bool,
    /// The node whose own objects the Node authorizer gives beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'a str>,
    rules: Vec<GrantOut<'a>>,
    /// The access policies of EKS that the principal is given: the server's own list of rules does not hold them.
    #[serde(rename = "accessPolicies", skip_serializing_if = "Vec::is_empty")]
    access_policies: Vec<AccessPolicyOut<'a>>,
    incomplete: bool,
}

#[derive(Serialize)]
pub(super) struct DeadGrants<'a> {
    dead: Vec<DeadOut<'a>>,
}

#[derive(Serialize)]
struct DeadOut<'a> {
    #[serde(flatten)]
    grant: GrantOut<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<SubjectOut<'a>>,
    why: &'static str,
}

#[derive(Serialize)]
struct Named<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleOut<'a> {
    #[serde(skip_serializing_if = "is_empty")]
    api_groups: &'a [Box<str>],
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "is_empty")]
    urls: &'a [Box<str>],
    #[serde(skip_serializing_if = "is_empty")]
    resource_names: &'a [Box<str>],
    #[serde(skip_serializing_if = "is_empty")]
    resources: &'a [Box<str>],
    verbs: &'a [Box<str>],
}

fn is_empty(all: &&[Box<str>]) -> bool {
    all.is_empty()
}

impl<'a> From<&'a PolicyRule> for RuleOut<'a> {
    fn from(rule: &'a PolicyRule) -> Self {
        Self {
            api_groups: &rule.groups,
            urls: &rule.urls,
            resource_names: &rule.names,
            resources: &rule.resources,
            verbs: &rule.verbs,
        }
    }
}

/// May somebody write that role or binding?
#[derive(Serialize)]
pub(super) struct Granted<'a> {
    /// Both of the two below.
    pub allowed: bool,
    /// Whether the write itself is authorised.
    pub authorized: bool,
    /// Whether the escalation check passes.
    pub escalation: bool,
    /// By what it passes: "system:masters", "escalate", "bind", "covers"; or what it lacks.
    pub by: &'static str,
    /// What is not held, one atom each.
    pub missing: Vec<RuleOut<'a>>,
}

/// May somebody act as somebody else?
#[derive(Serialize)]
pub(super) struct Impersonation {
    allowed: bool,
    /// By which mode, and the groups that the request is then authorized with.
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    /// What the old mode asks for and is not held.
    missing: Vec<CheckOut>,
    incomplete: bool,
}

#[derive(Serialize)]
struct CheckOut {
    verb: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    group: String,
    resource: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    subresource: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
}

impl Impersonation {
    pub(super) fn new(found: Result<Acting, Vec<Check>>, facts: &Facts, who: Asker<'_>) -> Self {
        let chain = facts.index.chain;
        let incomplete = !chain.whole && !who.groups.contains(&MASTERS);
        match found {
            Ok(acting) => Self {
                allowed: true,
                mode: Some(acting.mode),
                groups: acting.groups,
                missing: Vec::new(),
                incomplete,
            },
            Err(missing) => Self {
                allowed: false,
                mode: None,
                groups: Vec::new(),
                missing: missing
                    .into_iter()
                    .map(|one| CheckOut {
                        verb: one.verb,
                        group: one.group,
                        resource: one.resource,
                        subresource: one.subresource,
                        name: one.name,
                        namespace: one.namespace,
                    })
                    .collect(),
                incomplete,
            },
        }
    }
}

/// Whether a pod passes, and what it fails.
#[derive(Serialize)]
pub(super) struct Passes {
    pub allowed: bool,
    pub failing: Vec<FailingOut>,
}

#[derive(Serialize)]
pub(super) struct FailingOut {
    pub check: &'static str,
    pub fields: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Subjects<'a> {
    subjects: Vec<SubjectOut<'a>>,
    incomplete: bool,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct SubjectOut<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    name: &'a str,
}

/// Answers a request; `say` what was asked where the question did not.
pub(super) fn status<'a>(
    facts: &'a Facts,
    who: Asker<'_>,
    attributes: &Attributes<'a>,
    fields: &[(&str, &str)],
    say: bool,
) -> Status<'a> {
    let decision = decide_selected(facts, who, attributes, fields);
    let said = match &decision {
        Decision::Allowed(why) => reason(facts, *why),
        Decision::Eks(why) => eks::reason(facts, *why),
        Decision::Masters | Decision::Always | Decision::Node => String::new(),
        Decision::No => {
            let lacking = facts.index.unresolved(facts, who, attributes.namespace());
            match lacking.as_slice() {
                [] => String::new(),
                [one] => format!("RBAC: {one}"),
                all => format!("RBAC: [{}]", all.join(", ")),
            }
        }
    };
    let why: Option<Why> = match decision {
        Decision::Allowed(why) => Some(why),
        _ => None,
    };
    let binding = why.and_then(|why| facts.bindings.get(why.binding));
    let role = why.and_then(|why| facts.roles.get(why.role));
    Status {
        allowed: decision.allowed(),
        reason: said,
        binding: binding.map(|one| Named {
            kind: one.kind(),
            namespace: &one.meta.namespace,
            name: &one.meta.name,
        }),
        role: role.map(|one| Named {
            kind: one.kind.as_str(),
            namespace: &one.meta.namespace,
            name: &one.meta.name,
        }),
        rule: why
            .and_then(|why| facts.rules_of(why.role).nth(why.rule))
            .map(|(rule, _)| RuleOut::from(rule)),
        authorizer: match decision {
            Decision::Node => Some("Node"),
            Decision::Always => Some("AlwaysAllow"),
            Decision::Eks(_) => Some("EKS"),
            _ => None,
        },
        access_policy: match decision {
            Decision::Eks(why) => access_policy_out(facts, why.association),
            _ => None,
        },
        unknown: (decision == Decision::No)
            .then(|| eks::unsure(facts, who.principal, attributes))
            .flatten(),
        node_restriction: node::identity(who)
            .filter(|_| decision.allowed())
            .and_then(|_| node::narrowed(attributes))
            .map(|leaves| NodeRestriction {
                enabled: facts.index.chain.node_restriction,
                leaves,
            }),
        nearest: (decision == Decision::No)
            .then(|| nearest(facts, who, attributes))
            .flatten()
            .and_then(|one| {
                Some(NearestOut {
                    grant: grant_out(facts, one.binding, Some((one.role, one.rule)))?,
                    lacks: one.lacks,
                })
            }),
        incomplete: !whole(facts, who, attributes, &decision),
        attributes: say.then(|| AskedOut::from(attributes)),
    }
}

fn access_policy_out(facts: &Facts, association: usize) -> Option<AccessPolicyOut<'_>> {
    let one = facts
        .aws
        .policies
        .get(association)
        .filter(|_| eks::entries_count(facts))?;
    Some(AccessPolicyOut {
        principal: &one.principal,
        policy: &one.policy,
        namespaces: one.within.as_deref(),
    })
}

fn grant_out(facts: &Facts, binding: usize, rule: Option<(usize, usize)>) -> Option<GrantOut<'_>> {
    let binding = facts.bindings.get(binding)?;
    Some(GrantOut {
        binding: Named {
            kind: binding.kind(),
            namespace: &binding.meta.namespace,
            name: &binding.meta.name,
        },
        role: rule.and_then(|(role, _)| facts.roles.get(role)).map(|one| Named {
            kind: one.kind.as_str(),
            namespace: &one.meta.namespace,
            name: &one.meta.name,
        }),
        rule: rule
            .and_then(|(role, rule)| facts.rules_of(role).nth(rule))
            .map(|(rule, _)| RuleOut::from(rule)),
    })
}

/// Every rule that somebody holds: cluster-wide, and in one namespace or all.
pub(super) fn can<'f>(facts: &'f Facts, who: Asker<'f>, namespace: &str) -> Can<'f> {
    let chain = facts.index.chain;
    let mut bindings: Vec<usize> = facts.index.applying(who, "").collect();
    if namespace.is_empty() {
        bindings.extend(facts.index.applying_elsewhere(who, ""));
    } else {
        bindings.extend(facts.index.applying(who, namespace));
    }
    bindings.sort_unstable();
    bindings.dedup();
    let rules = bindings.into_iter().filter(|_| chain.rbac).flat_map(|binding| {
        let role = facts.index.role_of(binding);
        let rules = role.map_or(0, |role| facts.rules_of(role).count());
        (0..rules).filter_map(move |rule| grant_out(facts, binding, Some((role?, rule))))
    });
    let masters = who.groups.contains(&MASTERS);
    Can {
        everything: masters || chain.always,
        node: node::identity(who).filter(|_| chain.node),
        rules: rules.collect(),
        access_policies: facts
            .access
            .of(who.principal)
            .filter_map(|at| access_policy_out(facts, at))
            .collect(),
        incomplete: !masters && !chain.whole,
    }
}

/// The grants that no request can use.
pub(super) fn dead_grants(facts: &Facts) -> DeadGrants<'_> {
    let all = dead(facts).into_iter().filter_map(|one| {
        let subject = one
            .subject
            .and_then(|at| facts.bindings.get(one.binding)?.subjects.get(at));
        Some(DeadOut {
            grant: grant_out(facts, one.binding, one.rule)?,
            subject: subject.map(|one| SubjectOut {
                kind: &one.kind,
                namespace: &one.namespace,
                name: &one.name,
            }),
            why: one.why,
        })
    });
    DeadGrants { dead: all.collect() }
}

/// Who can: system:masters, then the subjects of every binding that gives it. A subject that stands for nobody (of a kind
/// that RBAC does not know, an account without a namespace in a ClusterRoleBinding) can nothing; upstream's own list has
/// those, and its authorizer refuses them.
pub(super) fn subjects<'f>(facts: &'f Facts, attributes: &Attributes<'_>) -> Subjects<'f> {
    let mut all = vec![SubjectOut {
        kind: "Group",
        namespace: "",
        name: MASTERS,
    }];
    let within = Some(attributes.namespace()).filter(|namespace| !namespace.is_empty());
    for namespace in std::iter::once("").chain(within) {
        for at in facts
            .index
            .bindings_of(namespace)
            .filter(|_| facts.index.chain.rbac)
        {
            let allowing = facts
                .index
                .role_of(at)
                .and_then(|role| facts.index.rule(facts, role, attributes));
            let (Some(binding), Some(_)) = (facts.bindings.get(at), allowing) else {
                continue;
            };
            for subject in &binding.subjects {
                let namespace = match (&*subject.kind, subject.account_namespace(&binding.meta.namespace)) {
                    ("ServiceAccount", Some(of)) => of,
                    ("User" | "Group", _) => "",
                    _ => continue,
                };
                all.push(SubjectOut {
                    kind: &subject.kind,
                    namespace,
                    name: &subject.name,
                });
            }
        }
    }
    all.extend(eks::subjects(facts, attributes).map(|name| SubjectOut {
        kind: "AccessEntry",
        namespace: "",
        name,
    }));
    all.sort();
    all.dedup();
    Subjects {
        subjects: all,
        incomplete: !facts.index.chain.whole,
    }
}
