//! The questions of `decide`: a SubjectAccessReview, may-I-grant, who-can, Pod Security.

use super::grant::{Write, grant};
use super::pod_security::{Level, failing, parse_version};
use super::{Asker, Attributes, Decision, MASTERS, Why, decide, reason};
use crate::facts::{Facts, PolicyRule};
use crate::{admission, version};
use foursee_core::document::{Many, Str};
use foursee_core::layer::QuestionError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

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
    write: Option<Write<'a>>,
    #[serde(borrow)]
    verb: Str<'a>,
    #[serde(borrow)]
    who_can: Option<WhoCan<'a>>,
    #[serde(borrow)]
    pod: Option<&'a RawValue>,
    #[serde(borrow)]
    level: Str<'a>,
    #[serde(borrow)]
    version: Str<'a>,
    #[serde(borrow)]
    namespace: Str<'a>,
    #[serde(borrow)]
    workload: Str<'a>,
    #[serde(borrow)]
    upgrade: Option<Upgrade<'a>>,
}

/// From which version to which; without `from`, the server's.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Upgrade<'a> {
    #[serde(borrow)]
    from: Str<'a>,
    #[serde(borrow)]
    to: Str<'a>,
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
struct Status<'a> {
    allowed: bool,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleOut<'a>>,
    /// The server's other authorizers (Node, webhooks, a cloud's own) are in no export.
    incomplete: bool,
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
            "{error}; ask a SubjectAccessReview, {{\"user\", \"groups\", \"write\"}}, {{\"whoCan\": resourceAttributes}} {{\"pod\", \"level\", \"version\"}}, {{\"namespace\" or \"workload\", \"level\", \"version\"}} or {{\"upgrade\": {{\"from\", \"to\"}}}}"
        ))
    })?;
    if let Some(who_can) = &asked.who_can {
        return write(out, &subjects(facts, who_can)?);
    }
    if let Some(pod) = asked.pod {
        return pod_security(pod, &asked.level, &asked.version, out);
    }
    if let Some(upgrade) = &asked.upgrade {
        return version::answer(facts, &upgrade.from, &upgrade.to, out);
    }
    let nobody = asked.spec.is_none() && asked.user.is_empty() && asked.groups.is_empty();
    if nobody && !(asked.namespace.is_empty() && asked.workload.is_empty()) {
        let asked = admission::Asked {
            namespace: &asked.namespace,
            workload: &asked.workload,
            level: &asked.level,
            version: &asked.version,
        };
        return admission::answer(facts, asked, out);
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
    let decision = decide(facts, who, &attributes);
    let said = match &decision {
        Decision::Allowed(why) => reason(facts, *why),
        Decision::Masters => String::new(),
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
            incomplete: decision != Decision::Masters,
        },
    )
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
