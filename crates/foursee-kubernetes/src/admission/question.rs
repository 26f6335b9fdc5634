//! The questions of `decide` about Pod Security in a capture: of a namespace, or of a workload.

use super::{Judge, Mode, Policy, policy, still, version_word, word};
use crate::authorize::pod_security::{Failing, Level, parse_version};
use crate::facts::Facts;
use crate::version;
use foursee_core::layer::QuestionError;
use serde::Serialize;

/// What is asked: exactly one of namespace and workload; level and version are the namespace's own where they are empty.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// A namespace.
    pub namespace: &'a str,
    /// A workload, as `namespace/name`.
    pub workload: &'a str,
    /// A level.
    pub level: &'a str,
    /// A version.
    pub version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfNamespace<'a> {
    namespace: &'a str,
    allowed: bool,
    level: &'static str,
    version: String,
    enforce: String,
    audit: String,
    warn: String,
    workloads: usize,
    failing: Vec<OfWorkload<'a>>,
    /// What somebody who may create pods there can run under what is enforced.
    could_run: Vec<&'static str>,
    /// The namespace itself was not read, so its labels are not known.
    incomplete: bool,
}

#[derive(Serialize)]
struct OfWorkload<'a> {
    workload: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    failing: Vec<FailingOut>,
}

#[derive(Serialize)]
struct FailingOut {
    check: &'static str,
    fields: Vec<String>,
}

fn malformed(why: String) -> QuestionError {
    QuestionError::Malformed {
        layer: "kubernetes",
        why,
    }
}

fn out(all: Vec<Failing>) -> Vec<FailingOut> {
    all.into_iter()
        .map(|one| FailingOut {
            check: one.check,
            fields: one.fields,
        })
        .collect()
}

/// The level and version to judge by: those asked, else those enforced.
fn asked_mode(asked: Asked<'_>, enforce: Mode) -> Result<(Level, u32), QuestionError> {
    let level = match asked.level {
        "" => enforce.level,
        word => Level::parse(word).ok_or_else(|| {
            malformed(format!(
                "`level` is `{word}`; give `privileged`, `baseline` or `restricted`"
            ))
        })?,
    };
    let minor = match (asked.version, asked.level) {
        ("", "") => enforce.minor,
        (word, _) => parse_version(word)
            .ok_or_else(|| malformed(format!("`version` is `{word}`; give `latest` or `v1.N`")))?,
    };
    Ok((level, minor))
}

/// Answers a question, as one JSON text.
pub(crate) fn answer(facts: &Facts, asked: Asked<'_>, to: &mut Vec<u8>) -> Result<(), QuestionError> {
    let written = if asked.workload.is_empty() {
        serde_json::to_writer(to, &namespace(facts, asked)?)
    } else {
        serde_json::to_writer(to, &workload(facts, asked)?)
    };
    written.map_err(|error| malformed(error.to_string()))
}

/// What a namespace asks, and whether it was read.
fn policy_of(facts: &Facts, namespace: &str) -> (Policy, bool) {
    let row = facts.namespaces.iter().find(|one| &*one.meta.name == namespace);
    match row {
        Some(row) => (policy(&row.meta), true),
        None => (Policy::default(), false),
    }
}

fn namespace<'a>(facts: &'a Facts, asked: Asked<'a>) -> Result<OfNamespace<'a>, QuestionError> {
    let (policy, read) = policy_of(facts, asked.namespace);
    let groups: Vec<_> = facts
        .groups
        .all
        .iter()
        .filter(|group| *group.namespace == *asked.namespace)
        .collect();
    if !read && groups.is_empty() {
        return Err(malformed(format!(
            "`namespace` {:?} is in no document",
            asked.namespace
        )));
    }
    let (level, minor) = asked_mode(asked, policy.enforce)?;
    let mut judge = Judge::new(facts);
    let failing: Vec<OfWorkload<'_>> = groups
        .iter()
        .filter_map(|group| {
            let failing = out(judge.group(group, level, minor));
            (!failing.is_empty()).then_some(OfWorkload {
                workload: &group.name,
                kind: &group.kind,
                allowed: None,
                level: None,
                version: None,
                failing,
            })
        })
        .collect();
    Ok(OfNamespace {
        namespace: asked.namespace,
        allowed: failing.is_empty(),
        level: word(level),
        version: version_word(minor),
        enforce: policy.enforce.text(),
        audit: policy.audit.text(),
        warn: policy.warn.text(),
        workloads: groups.len(),
        failing,
        could_run: still(policy.enforce, version::server(facts).unwrap_or(u32::MAX)),
        incomplete: !read,
    })
}

fn workload<'a>(facts: &'a Facts, asked: Asked<'a>) -> Result<OfWorkload<'a>, QuestionError> {
    let group = facts.groups.named(asked.workload).ok_or_else(|| {
        malformed(format!(
            "`workload` {:?} is in no document; give `namespace/name`",
            asked.workload
        ))
    })?;
    let (policy, _) = policy_of(facts, &group.namespace);
    let (level, minor) = asked_mode(asked, policy.enforce)?;
    let failing = Judge::new(facts).group(group, level, minor);
    Ok(OfWorkload {
        workload: &group.name,
        kind: &group.kind,
        allowed: Some(failing.is_empty()),
        level: Some(word(level)),
        version: Some(version_word(minor)),
        failing: out(failing),
    })
}

#[cfg(test)]
mod tests {
    use crate::Kubernetes;
    use crate::tests::{decide, read};
    use foursee_core::layer::Layer;

    const WORLD: &str = "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {hostNetwork: true, containers: [{name: c, image: i}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: good, namespace: shop}
spec: {template: {spec: {securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: c, image: i, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}}}
";

    #[test]
    fn a_namespace_says_what_it_enforces_and_what_stands_in_the_way() {
        let (facts, _) = read(&[WORLD]);
        let answer = decide(
            &facts,
            r#"{"namespace": "shop", "level": "restricted", "version": "latest"}"#,
        );
        assert_eq!(answer["enforce"], "baseline latest");
        assert_eq!(answer["workloads"], 2);
        assert_eq!(answer["failing"].as_array().unwrap().len(), 1);
        assert_eq!(answer["failing"][0]["workload"], "shop/web");
        assert_eq!(answer["failing"][0]["failing"][2]["check"], "hostNamespaces");
        let enforced = decide(&facts, r#"{"namespace": "shop"}"#);
        assert_eq!(enforced["level"], "baseline");
        assert_eq!(
            enforced["failing"][0]["failing"][0]["fields"][0],
            "spec.hostNetwork"
        );
        assert_eq!(enforced["couldRun"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_workload_is_judged_by_its_name() {
        let (facts, _) = read(&[WORLD]);
        let good = decide(&facts, r#"{"workload": "shop/good", "level": "restricted"}"#);
        assert_eq!(good["allowed"], true);
        let web = decide(&facts, r#"{"workload": "shop/web"}"#);
        assert_eq!(
            (&web["allowed"], &web["level"]),
            (&false.into(), &"baseline".into())
        );
        for question in [
            r#"{"workload": "shop/none"}"#,
            r#"{"namespace": "none"}"#,
            r#"{"namespace": "shop", "level": "strict"}"#,
            r#"{"namespace": "shop", "version": "1.2"}"#,
        ] {
            assert!(
                Kubernetes.decide(&facts, question, &mut Vec::new()).is_err(),
                "{question}"
            );
        }
    }
}
