//! Which version the cluster is of, and what that changes.
//!
//! The table is [`crate::data::versions`]. A gate that somebody switched by hand is in no export: what is on by itself
//! counts. Without a version, what any supported version gives is reported, and a gap says so.

use crate::authorize::Attributes;
use crate::data::versions::{CHANGES, Change, Moved, NEWEST, Of};
use crate::facts::{Binding, Facts};
use crate::lower::subject_node;
use foursee_core::layer::QuestionError;
use serde::Serialize;
use std::collections::BTreeSet;

/// The API server's minor version: assumed, else as a document says it. A node says it too, no newer than the server.
pub(crate) fn server(facts: &Facts) -> Option<u32> {
    facts.assumed.or_else(|| said(facts))
}

/// The API server's minor version as documents say it.
pub(crate) fn said(facts: &Facts) -> Option<u32> {
    facts.versions.iter().map(|one| one.0).max()
}

/// The oldest kubelet's minor version: assumed, else as nodes say it, else the server's.
pub(crate) fn kubelet(facts: &Facts) -> Option<u32> {
    let nodes = facts.nodes.iter().filter_map(|one| one.kubelet).min();
    facts.assumed.or(nodes).or_else(|| server(facts))
}

/// Whether a change is on in the cluster; none where its version is not known.
pub(crate) fn on(facts: &Facts, change: &Change) -> Option<bool> {
    let minor = match change.of {
        Of::Server => server(facts),
        Of::Kubelet => kubelet(facts),
    };
    minor.map(|minor| minor >= change.on)
}

/// Whether a change may be on: it is not known to be off.
pub(crate) fn may(facts: &Facts, change: &Change) -> bool {
    on(facts, change) != Some(false)
}

/// The minor version of "1.34", "v1.34.2-eks-1" or "v1.34+".
pub(crate) fn minor(version: &str) -> Option<u32> {
    let rest = version.trim_start_matches('v').strip_prefix("1.")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Why a change is on or off in a version: its gate's stage.
pub(crate) fn stage(change: &Change, minor: u32) -> &'static str {
    let reached = |from: Option<u32>| from.is_some_and(|from| minor >= from);
    match (
        reached(change.stable),
        reached(change.beta),
        reached(change.alpha),
    ) {
        (true, ..) => "stable",
        (_, true, _) if minor >= change.on => "beta, on",
        (_, true, _) => "beta, off",
        (_, _, true) => "alpha, off",
        _ if minor >= change.on => "on",
        _ => "unknown to it",
    }
}

/// The changes between two versions: each with whether it comes on (else it goes off).
pub(crate) fn between(from: u32, to: u32) -> impl Iterator<Item = (&'static Change, bool)> {
    CHANGES.iter().filter_map(move |change| {
        let (before, after) = (from >= change.on, to >= change.on);
        (before != after).then_some((*change, after))
    })
}

type Right = (&'static str, &'static str, &'static str);

/// The bindings that give a right, in order.
fn giving<'f>(facts: &'f Facts, right: Right) -> impl Iterator<Item = &'f Binding> + 'f {
    let (verb, group, whole) = right;
    let (resource, subresource) = whole.split_once('/').unwrap_or((whole, ""));
    facts
        .bindings
        .iter()
        .enumerate()
        .filter_map(move |(at, binding)| {
            let asked = Attributes::Resource {
                verb,
                group,
                resource,
                subresource,
                name: "",
                namespace: &binding.meta.namespace,
            };
            let role = facts.index.role_of(at)?;
            facts.index.rule(facts, role, &asked)?;
            Some(binding)
        })
}

/// Holders of a right: (kind, name, namespace where it counts or "").
fn holders(facts: &Facts, right: Right) -> BTreeSet<(&'static str, String, String)> {
    giving(facts, right)
        .flat_map(|binding| {
            binding.subjects.iter().filter_map(|subject| {
                let (kind, name) = subject_node(subject, &binding.meta.namespace)?;
                Some((kind.name, name, binding.meta.namespace.to_string()))
            })
        })
        .collect()
}

/// Whom a moved right moves: who holds it, and not what makes no difference to them.
pub(crate) fn moved(facts: &Facts, moved: &Moved) -> BTreeSet<(&'static str, String, String)> {
    let all = holders(facts, moved.right);
    let Some(unless) = moved.unless else {
        return all;
    };
    let kept = holders(facts, unless);
    all.into_iter()
        .filter(|(kind, name, namespace)| {
            !kept.contains(&(kind, name.clone(), namespace.clone()))
                && !kept.contains(&(kind, name.clone(), String::new()))
        })
        .collect()
}

/// The first binding that gives the right.
pub(crate) fn given_by(facts: &Facts, right: Right) -> Option<&Binding> {
    giving(facts, right).next()
}

#[derive(Serialize)]
struct Answer {
    from: String,
    to: String,
    /// The table ends before `to`: what came since is not known.
    incomplete: bool,
    changes: Vec<Changed>,
}

#[derive(Serialize)]
struct Changed {
    change: &'static str,
    what: &'static str,
    on: bool,
    stage: &'static str,
    gains: Vec<Who>,
    loses: Vec<Who>,
}

#[derive(Serialize)]
struct Who {
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    does: &'static str,
}

/// Answers what changes between two versions, and for whom.
pub(crate) fn answer(facts: &Facts, from: &str, to: &str, out: &mut Vec<u8>) -> Result<(), QuestionError> {
    let malformed = |why: String| QuestionError::Malformed {
        layer: "kubernetes",
        why,
    };
    let read = |word: &str| {
        minor(word).ok_or_else(|| malformed(format!("a version is `{word}`; give it as `1.34`")))
    };
    let from = match from {
        "" => said(facts).ok_or_else(|| {
            malformed("no document says the server's version; give `from` as `1.34`".to_owned())
        })?,
        word => read(word)?,
    };
    let to = read(to)?;
    let changes = between(from, to)
        .map(|(change, on)| {
            let side = |gains: bool| {
                change
                    .rights
                    .iter()
                    .filter(move |right| (right.gains == on) == gains)
                    .flat_map(|right| {
                        moved(facts, right)
                            .into_iter()
                            .map(|(kind, name, namespace)| Who {
                                kind,
                                name,
                                namespace,
                                does: right.does,
                            })
                    })
                    .collect()
            };
            Changed {
                change: change.id,
                what: change.what,
                on,
                stage: stage(change, to),
                gains: side(true),
                loses: side(false),
            }
        })
        .collect();
    let answer = Answer {
        from: format!("1.{from}"),
        to: format!("1.{to}"),
        incomplete: from.max(to) > NEWEST,
        changes,
    };
    serde_json::to_writer(out, &answer).map_err(|error| malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::versions::*;
    use crate::rules::testing::role_and_binding;
    use crate::tests::{decide, read};

    #[test]
    fn the_table_is_in_order() {
        for change in CHANGES {
            let stages: Vec<u32> = [change.alpha, change.beta, change.stable]
                .into_iter()
                .flatten()
                .collect();
            assert!(stages.is_sorted(), "{}", change.id);
            assert!(
                change.on >= stages[0] && change.stable.is_none_or(|stable| stable >= change.on),
                "{}",
                change.id
            );
            assert!(change.on <= NEWEST, "{}", change.id);
        }
        let ids: BTreeSet<&str> = CHANGES.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), CHANGES.len());
        assert_eq!(stage(&MUTATING_POLICY, 34), "beta, off");
        assert_eq!(stage(&MUTATING_POLICY, 36), "stable");
        assert_eq!(stage(&EXEC_ASKS_CREATE, 34), "unknown to it");
        assert_eq!(stage(&CONSTRAINED_IMPERSONATION, 35), "alpha, off");
    }

    const VERSION: &str = r#"{"clientVersion": {"minor": "31", "gitVersion": "v1.31.0"}, "serverVersion": {"major": "1", "minor": "34+", "gitVersion": "v1.34.2-eks-1"}}"#;

    #[test]
    fn documents_say_the_version() {
        for text in [
            VERSION,
            r#"{"major": "1", "minor": "34", "gitVersion": "v1.34.2", "gitCommit": "c", "platform": "linux/amd64"}"#,
            r#"{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "status": {"nodeInfo": {"kubeletVersion": "v1.34.0"}}}"#,
        ] {
            let (facts, notes) = read(&[text]);
            assert_eq!(kubelet(&facts), Some(34), "{text}");
            assert!(notes[0].gaps.is_empty(), "{:?}", notes[0].gaps);
        }
        let (facts, _) = read(&[VERSION]);
        assert_eq!(
            (server(&facts), on(&facts, &EXEC_ASKS_CREATE)),
            (Some(34), Some(false))
        );
        let (none, _) = read(&[]);
        assert_eq!(on(&none, &EXEC_ASKS_CREATE), None);
    }

    #[test]
    fn an_upgrade_says_who_loses_and_who_gains() {
        let exec = role_and_binding(
            "{verbs: [get], apiGroups: [''], resources: [pods/exec]}, {verbs: [create], apiGroups: [admissionregistration.k8s.io], resources: [mutatingadmissionpolicies]}",
            "",
        );
        let (facts, _) = read(&[VERSION, &exec]);
        let answer = decide(&facts, r#"{"upgrade": {"to": "1.36"}}"#);
        let of = |id: &str| {
            let all = answer["changes"].as_array().unwrap();
            all.iter().find(|one| one["change"] == id).unwrap().clone()
        };
        let exec = of("AuthorizePodWebsocketUpgradeCreatePermission");
        assert_eq!(exec["loses"][0]["name"], "shop/web");
        assert_eq!(exec["gains"].as_array().unwrap().len(), 0);
        assert_eq!(
            of("MutatingAdmissionPolicy")["gains"][0]["does"],
            "rewrites whatever is created"
        );
        assert_eq!(answer["incomplete"], false);
        let back = decide(&facts, r#"{"upgrade": {"from": "1.36", "to": "1.34"}}"#);
        let exec = back["changes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["on"] == false && one["change"] == "AuthorizePodWebsocketUpgradeCreatePermission")
            .unwrap();
        assert_eq!(
            exec["gains"][0]["name"], "shop/web",
            "going back gives what going on took"
        );
    }

    #[test]
    fn who_may_create_loses_nothing() {
        let both = role_and_binding(
            "{verbs: [get, create], apiGroups: [''], resources: [pods/exec]}",
            "shop",
        );
        let (facts, _) = read(&[VERSION, &both]);
        assert!(moved(&facts, &EXEC_ASKS_CREATE.rights[0]).is_empty());
        let get = role_and_binding("{verbs: [get], apiGroups: [''], resources: [pods/exec]}", "shop");
        let (facts, _) = read(&[VERSION, &get]);
        assert_eq!(moved(&facts, &EXEC_ASKS_CREATE.rights[0]).len(), 1);
    }
}
