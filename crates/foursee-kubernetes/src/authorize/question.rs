//! The questions of `decide`: a SubjectAccessReview, may-I-grant, who-can, what can somebody do, dead grants, Pod
//! Security, what to ask a server.

use super::dead::dead;
use super::grant::{Write, grant};
use super::nearest::nearest;
use super::pod_security::{Level, failing, parse_version};
use super::reviews::{Review, reviews};
use super::{Asker, Attributes, Decision, MASTERS, Why, decide_selected, node, reason, whole};
use crate::facts::{Facts, PolicyRule};
use foursee_core::document::{Many, Str};
use foursee_core::layer::QuestionError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::request::Request;
use super::selector::SelectorShape;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Question<'a> {
    #[serde(borrow)]
    spec: Option<Spec<'a>>,
    #[serde(borrow)]
    resource_attributes: Option<ResourceShape<'a>>,
    #[serde(borrow)]
    non_resource_attributes: Option<PathShape<'a>>,
    #[serde(borrow)]
    user: Str<'a>,
    #[serde(borrow)]
    groups: Many<Str<'a>>,
    #[serde(borrow)]
    request: Option<RequestShape<'a>>,
    #[serde(borrow)]
    write: Option<Write<'a>>,
    #[serde(borrow)]
    verb: Str<'a>,
    #[serde(borrow)]
    who_can: Option<WhoCan<'a>>,
    #[serde(borrow)]
    can: Option<Within<'a>>,
    dead: Option<serde::de::IgnoredAny>,
    #[serde(borrow)]
    pod: Option<&'a RawValue>,
    #[serde(borrow)]
    level: Str<'a>,
    #[serde(borrow)]
    version: Str<'a>,
    /// What to ask a server about `user` and `groups`.
    reviews: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Spec<'a> {
    #[serde(borrow)]
    resource_attributes: Option<ResourceShape<'a>>,
    #[serde(borrow)]
    non_resource_attributes: Option<PathShape<'a>>,
    #[serde(borrow)]
    user: Str<'a>,
    #[serde(borrow)]
    groups: Many<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ResourceShape<'a> {
    #[serde(borrow)]
    namespace: Str<'a>,
    #[serde(borrow)]
    verb: Str<'a>,
    #[serde(borrow)]
    group: Str<'a>,
    #[serde(borrow)]
    resource: Str<'a>,
    #[serde(borrow)]
    subresource: Str<'a>,
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow, rename = "fieldSelector")]
    selector: Option<SelectorShape<'a>>,
}

/// A request as a client sends it: `GET`, `/api/v1/pods?watch=1`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct RequestShape<'a> {
    #[serde(borrow)]
    method: Str<'a>,
    #[serde(borrow)]
    url: Str<'a>,
}

/// `{namespace}`: "" for everywhere.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Within<'a> {
    #[serde(borrow)]
    namespace: Str<'a>,
}

impl ResourceShape<'_> {
    fn attributes(&self) -> Attributes<'_> {
        Attributes::Resource {
            verb: &self.verb,
            group: &self.group,
            resource: &self.resource,
            subresource: &self.subresource,
            name: &self.name,
            namespace: &self.namespace,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PathShape<'a> {
    #[serde(borrow)]
    path: Str<'a>,
    #[serde(borrow)]
    verb: Str<'a>,
}

/// resourceAttributes, or `{path, verb}`, or either under its own key.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WhoCan<'a> {
    #[serde(borrow)]
    resource_attributes: Option<ResourceShape<'a>>,
    #[serde(borrow)]
    non_resource_attributes: Option<PathShape<'a>>,
    #[serde(borrow)]
    namespace: Str<'a>,
    #[serde(borrow)]
    verb: Str<'a>,
    #[serde(borrow)]
    group: Str<'a>,
    #[serde(borrow)]
    resource: Str<'a>,
    #[serde(borrow)]
    subresource: Str<'a>,
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    path: Str<'a>,
}

/// The status of a SubjectAccessReview, and what decided.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    allowed: bool,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleOut<'a>>,
    /// "Node" or "AlwaysAllow", where it was not RBAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<&'static str>,
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
struct Can<'a> {
    /// Everything: they are of system:masters, or the server allows everything.
    everything: bool,
    /// The node whose own objects the Node authorizer gives beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'a str>,
    rules: Vec<GrantOut<'a>>,
    incomplete: bool,
}

#[derive(Serialize)]
struct DeadGrants<'a> {
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
struct RuleOut<'a> {
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

/// What to ask a server about somebody.
#[derive(Serialize)]
struct Reviews {
    reviews: Vec<Review>,
}

/// May somebody write that role or binding?
#[derive(Serialize)]
struct Granted<'a> {
    /// Both of the two below.
    allowed: bool,
    /// Whether the write itself is authorised.
    authorized: bool,
    /// Whether the escalation check passes.
    escalation: bool,
    /// By what it passes: "system:masters", "escalate", "bind", "covers"; or what it lacks.
    by: &'static str,
    /// What is not held, one atom each.
    missing: Vec<RuleOut<'a>>,
}

/// Whether a pod passes, and what it fails.
#[derive(Serialize)]
struct Passes {
    allowed: bool,
    failing: Vec<FailingOut>,
}

#[derive(Serialize)]
struct FailingOut {
    check: &'static str,
    fields: Vec<String>,
}

#[derive(Serialize)]
struct Subjects<'a> {
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

pub(super) fn malformed(why: impl Into<String>) -> QuestionError {
    QuestionError::Malformed {
        layer: "kubernetes",
        why: why.into(),
    }
}

/// Answers one question.
pub(crate) fn answer(facts: &Facts, question: &str, out: &mut Vec<u8>) -> Result<(), QuestionError> {
    let asked: Question<'_> = serde_json::from_str(question).map_err(|error| {
        malformed(format!(
            "{error}; ask a SubjectAccessReview, {{\"user\", \"groups\", \"request\": {{\"method\", \"url\"}}}}, {{\"user\", \"groups\", \"write\"}}, {{\"user\", \"groups\", \"can\": {{\"namespace\"}}}}, {{\"whoCan\": resourceAttributes}}, {{\"dead\": {{}}}} or {{\"pod\", \"level\", \"version\"}}"
        ))
    })?;
    if let Some(who_can) = &asked.who_can {
        return write(out, &subjects(facts, who_can)?);
    }
    if asked.dead.is_some() {
        return write(out, &dead_grants(facts));
    }
    if let Some(pod) = asked.pod {
        return pod_security(pod, &asked.level, &asked.version, out);
    }
    let (user, groups) = match &asked.spec {
        Some(spec) => (&spec.user, &spec.groups),
        None => (&asked.user, &asked.groups),
    };
    let groups: Vec<&str> = groups.iter().map(|group| &**group).collect();
    let who = Asker {
        user,
        groups: &groups,
    };
    if user.is_empty() && groups.is_empty() {
        return Err(malformed(
            "it names neither `user` nor `groups`; name at least one",
        ));
    }
    if let Some(within) = &asked.can {
        return write(out, &can(facts, who, &within.namespace));
    }
    if asked.reviews {
        return write(
            out,
            &Reviews {
                reviews: reviews(facts, who),
            },
        );
    }
    if let Some(object) = &asked.write {
        let granted = grant(facts, who, object, &asked.verb)?;
        return write(
            out,
            &Granted {
                allowed: granted.authorized && granted.escalation,
                authorized: granted.authorized,
                escalation: granted.escalation,
                by: granted.by,
                missing: granted.missing.iter().map(RuleOut::from).collect(),
            },
        );
    }
    if let Some(request) = &asked.request {
        let request = Request::parse(&request.method, &request.url).ok_or_else(|| {
            malformed("`request.url` is no path of the API; give one as in `/api/v1/namespaces/NS/pods`")
        })?;
        let fields: Vec<(&str, &str)> = request
            .fields
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        return status(facts, who, &request.attributes(), &fields, true, out);
    }
    let (resource, path) = match &asked.spec {
        Some(spec) => (&spec.resource_attributes, &spec.non_resource_attributes),
        None => (&asked.resource_attributes, &asked.non_resource_attributes),
    };
    let attributes = match (resource, path) {
        (Some(resource), None) => resource.attributes(),
        (None, Some(path)) => Attributes::Path {
            verb: &path.verb,
            path: &path.path,
        },
        _ => {
            return Err(malformed(
                "it has neither or both of `resourceAttributes` and `nonResourceAttributes`; give exactly one",
            ));
        }
    };
    let selector = resource.as_ref().and_then(|one| one.selector.as_ref());
    let fields = selector.map(SelectorShape::fields).unwrap_or_default();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (&**key, &**value)).collect();
    status(facts, who, &attributes, &fields, false, out)
}

/// Answers a request; `say` what was asked where the question did not.
fn status(
    facts: &Facts,
    who: Asker<'_>,
    attributes: &Attributes<'_>,
    fields: &[(&str, &str)],
    say: bool,
    out: &mut Vec<u8>,
) -> Result<(), QuestionError> {
    let decision = decide_selected(facts, who, attributes, fields);
    let said = match &decision {
        Decision::Allowed(why) => reason(facts, *why),
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
    write(
        out,
        &Status {
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
                _ => None,
            },
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
        },
    )
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
fn can<'f>(facts: &'f Facts, who: Asker<'f>, namespace: &str) -> Can<'f> {
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
        incomplete: !masters && !chain.whole,
    }
}

/// The grants that no request can use.
fn dead_grants(facts: &Facts) -> DeadGrants<'_> {
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

/// Whether a pod passes a level of the Pod Security Standards.
fn pod_security(pod: &RawValue, level: &str, version: &str, out: &mut Vec<u8>) -> Result<(), QuestionError> {
    let level = Level::parse(level).ok_or_else(|| {
        malformed(format!(
            "`level` is `{level}`; give `privileged`, `baseline` or `restricted`"
        ))
    })?;
    let minor = parse_version(version)
        .ok_or_else(|| malformed(format!("`version` is `{version}`; give `latest` or `v1.N`")))?;
    let pod: serde_json::Value =
        serde_json::from_str(pod.get()).map_err(|error| malformed(error.to_string()))?;
    if !pod.get("spec").is_some_and(serde_json::Value::is_object) {
        return Err(malformed("`pod` has no `spec`; give a whole Pod"));
    }
    let failing: Vec<FailingOut> = failing(&pod, level, minor)
        .into_iter()
        .map(|one| FailingOut {
            check: one.check,
            fields: one.fields,
        })
        .collect();
    write(
        out,
        &Passes {
            allowed: failing.is_empty(),
            failing,
        },
    )
}

fn write(out: &mut Vec<u8>, answer: &impl Serialize) -> Result<(), QuestionError> {
    serde_json::to_writer(out, answer).map_err(|error| malformed(error.to_string()))
}

/// Who can: system:masters, then the subjects of every binding that gives it.
fn subjects<'f>(facts: &'f Facts, asked: &WhoCan<'_>) -> Result<Subjects<'f>, QuestionError> {
    let attributes = match (&asked.resource_attributes, &asked.non_resource_attributes) {
        (Some(resource), None) => resource.attributes(),
        (None, Some(path)) => Attributes::Path {
            verb: &path.verb,
            path: &path.path,
        },
        (None, None) if !asked.path.is_empty() => Attributes::Path {
            verb: &asked.verb,
            path: &asked.path,
        },
        (None, None) if !asked.resource.is_empty() => Attributes::Resource {
            verb: &asked.verb,
            group: &asked.group,
            resource: &asked.resource,
            subresource: &asked.subresource,
            name: &asked.name,
            namespace: &asked.namespace,
        },
        _ => {
            return Err(malformed(
                "`whoCan` has neither `resource` nor `path`; give resourceAttributes",
            ));
        }
    };
    let mut all = vec![SubjectOut {
        kind: "Group",
        namespace: "",
        name: MASTERS,
    }];
    let within = Some(attributes.namespace()).filter(|namespace| !namespace.is_empty());
    for namespace in std::iter::once("").chain(within) {
        for at in facts.index.bindings_of(namespace) {
            let allowing = facts
                .index
                .role_of(at)
                .and_then(|role| facts.index.rule(facts, role, &attributes));
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
    all.sort();
    all.dedup();
    Ok(Subjects {
        subjects: all,
        incomplete: true,
    })
}
