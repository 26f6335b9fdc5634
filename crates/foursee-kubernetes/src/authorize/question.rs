//! The questions of `decide`: a SubjectAccessReview, may-I-grant, who-can, what can somebody do, dead grants, Pod
//! Security, what to ask a server.

use super::answer::{
    FailingOut, Granted, Impersonation, Passes, RuleOut, can, dead_grants, status, subjects,
};
use super::grant::{Write, grant};
use super::impersonate::{Wanted, impersonate};
use super::pod_security::{Level, failing, parse_version};
use super::request::Request;
use super::reviews::{Reviews, reviews};
use super::selector::SelectorShape;
use super::{Asker, Attributes};
use crate::facts::Facts;
use crate::{admission, version};
use foursee_core::document::{Many, Str};
use foursee_core::layer::QuestionError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

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
    /// The ARN of the AWS principal that comes in as that user, where EKS let it in.
    #[serde(borrow)]
    principal: Str<'a>,
    #[serde(borrow)]
    request: Option<RequestShape<'a>>,
    #[serde(borrow)]
    impersonate: Option<ImpersonateShape<'a>>,
    /// The node that the asker's token is bound to.
    #[serde(borrow)]
    node: Str<'a>,
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
    /// What the authenticator says beside: EKS's names the principal.
    extra: BTreeMap<String, Vec<String>>,
}

impl Spec<'_> {
    /// The AWS principal that EKS's authenticator says.
    fn principal(&self) -> &str {
        ["canonicalArn", "arn"]
            .iter()
            .find_map(|key| self.extra.get(*key)?.first())
            .map_or("", String::as_str)
    }
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

/// Whom impersonation headers name.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ImpersonateShape<'a> {
    #[serde(borrow)]
    user: Str<'a>,
    #[serde(borrow)]
    groups: Many<Str<'a>>,
    #[serde(borrow)]
    uid: Str<'a>,
    extra: BTreeMap<String, Vec<String>>,
}

impl ImpersonateShape<'_> {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            user: &self.user,
            groups: self.groups.iter().map(|one| &**one).collect(),
            uid: &self.uid,
            extra: self
                .extra
                .iter()
                .map(|(key, values)| (key.as_str(), values.iter().map(String::as_str).collect()))
                .collect(),
        }
    }
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
            "{error}; ask a SubjectAccessReview, {{\"user\", \"groups\", \"request\": {{\"method\", \"url\"}}}}, {{\"user\", \"groups\", \"impersonate\": {{\"user\", \"groups\", \"uid\", \"extra\"}}}}, {{\"user\", \"groups\", \"write\"}}, {{\"user\", \"groups\", \"can\": {{\"namespace\"}}}}, {{\"whoCan\": resourceAttributes}}, {{\"dead\": {{}}}} {{\"pod\", \"level\", \"version\"}}, {{\"namespace\" or \"workload\", \"level\", \"version\"}} or {{\"upgrade\": {{\"from\", \"to\"}}}}"
        ))
    })?;
    if let Some(who_can) = &asked.who_can {
        return write(out, &subjects(facts, &wanted(who_can)?));
    }
    if asked.dead.is_some() {
        return write(out, &dead_grants(facts));
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
    let principal = match &asked.spec {
        Some(spec) => spec.principal(),
        None => &asked.principal,
    };
    let who = Asker {
        user,
        groups: &groups,
        principal,
    };
    if user.is_empty() && groups.is_empty() && principal.is_empty() {
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
        let attributes = request.attributes();
        if let Some(wanted) = &asked.impersonate {
            return write(
                out,
                &impersonation(facts, who, wanted, Some(&attributes), &asked.node)?,
            );
        }
        return write(out, &status(facts, who, &attributes, &fields, true));
    }
    if let Some(wanted) = &asked.impersonate {
        let attributes = match (&asked.resource_attributes, &asked.non_resource_attributes) {
            (Some(resource), _) => Some(resource.attributes()),
            (None, Some(path)) => Some(Attributes::Path {
                verb: &path.verb,
                path: &path.path,
            }),
            (None, None) => None,
        };
        return write(
            out,
            &impersonation(facts, who, wanted, attributes.as_ref(), &asked.node)?,
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
    let selector = resource.as_ref().and_then(|one| one.selector.as_ref());
    let fields = selector.map(SelectorShape::fields).unwrap_or_default();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (&**key, &**value)).collect();
    write(out, &status(facts, who, &attributes, &fields, false))
}

fn impersonation(
    facts: &Facts,
    who: Asker<'_>,
    wanted: &ImpersonateShape<'_>,
    asked: Option<&Attributes<'_>>,
    node: &str,
) -> Result<Impersonation, QuestionError> {
    if wanted.user.is_empty() {
        return Err(malformed(
            "`impersonate` names no `user`; name one: the server takes no groups, uid or extra without it",
        ));
    }
    Ok(Impersonation::new(
        impersonate(facts, who, &wanted.wanted(), asked, node),
        facts,
        who,
    ))
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

/// What a question about everybody asks for.
fn wanted<'q>(asked: &'q WhoCan<'_>) -> Result<Attributes<'q>, QuestionError> {
    Ok(
        match (&asked.resource_attributes, &asked.non_resource_attributes) {
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
        },
    )
}
