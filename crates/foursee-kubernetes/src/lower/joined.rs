//! Ways to a node, or to its identity, that need several rights, joined for one holder: round what Pod Security refuses,
//! and by certificates that nobody has to approve.

use super::control_plane::CERTIFICATES;
use super::grants::creates_workloads;
use super::identities::holders;
use crate::admission::policy;
use crate::authorize::pod_security::Level;
use crate::authorize::{Asker, Attributes, decide};
use crate::facts::{Facts, PolicyRule};
use crate::holds::as_asker;
use crate::techniques::*;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::layer::Who;
use foursee_core::model::{Pattern, Technique};

/// Under which condition such a pod can be made, once Pod Security lets it.
pub(crate) const OTHER_POLICY_CONDITION: &str = "no other admission policy refuses a privileged pod there";

/// Under which condition nodes' certificates are approved by themselves.
pub(crate) const NODE_CERTIFICATE_CONDITION: &str =
    "kube-controller-manager approves and signs certificates of nodes, as by default";

/// Under which condition a way goes.
pub(crate) fn condition(technique: &Technique) -> &'static str {
    if technique.id == NODE_CERTIFICATE.id {
        NODE_CERTIFICATE_CONDITION
    } else {
        OTHER_POLICY_CONDITION
    }
}

/// The level that a namespace enforces, where it was read and its server knows Pod Security.
pub(crate) fn enforced(facts: &Facts, namespace: &str) -> Option<Level> {
    // Pod Security is on by itself from 1.23.
    if crate::version::server(facts).is_some_and(|minor| minor < 23) {
        return None;
    }
    // INVARIANT (tables sorted): by name.
    facts
        .namespaces
        .binary_search_by(|one| (*one.meta.name).cmp(namespace))
        .ok()
        .and_then(|at| facts.namespaces.get(at))
        .map(|row| policy(&row.meta).enforce.level)
}

/// Whether a rule speaks of one of the rights that stand at the head of a way: what loosens a namespace, volumes of the
/// node's paths, certificates of nodes.
fn leads(rule: &PolicyRule) -> bool {
    let has =
        |all: &[Box<str>], words: &[&str]| all.iter().any(|one| words.contains(&&**one) || &**one == "*");
    let core = has(&rule.groups, &[""]) && has(&rule.resources, &["namespaces", "persistentvolumes"]);
    let certificates = has(&rule.groups, &[CERTIFICATES])
        && has(
            &rule.resources,
            &["certificatesigningrequests/nodeclient", "*/nodeclient"],
        );
    has(&rule.verbs, &["create", "update", "patch"]) && (core || certificates)
}

/// The ways of an identity, group or access entry, with the place of a rule that each rests on.
pub(crate) fn ways(facts: &Facts, kind: &str, name: &str) -> Vec<(&'static Technique, Place)> {
    if !matches!(kind, "serviceaccount" | "user" | "group" | "accessentry") {
        return Vec::new();
    }
    as_asker(facts, Who { kind, name }, |who| ways_of(facts, who))
}

fn ways_of(facts: &Facts, who: Asker<'_>) -> Vec<(&'static Technique, Place)> {
    let mut namespaces = facts.index.given_in(facts, who);
    let place = namespaces
        .iter()
        .flat_map(|namespace| facts.index.rules_in(facts, who, namespace))
        .find_map(|(rule, place)| leads(rule).then_some(place));
    let Some(place) = place else {
        return Vec::new();
    };
    namespaces.remove("");
    let may = |verb: &str, group: &str, resource: &str, subresource: &str, name: &str, namespace: &str| {
        decide(
            facts,
            who,
            &Attributes::Resource {
                verb,
                group,
                resource,
                subresource,
                name,
                namespace,
            },
        )
        .allowed()
    };
    let ask = |verb: &str, resource: &str, name: &str, namespace: &str| {
        may(verb, "", resource, "", name, namespace)
    };
    let opens = |namespace: &str| {
        ["update", "patch"]
            .iter()
            .any(|verb| ask(verb, "namespaces", namespace, namespace))
    };
    let volumes = ask("create", "persistentvolumes", "", "");
    let mut found = Vec::new();
    let mut push = |technique: &'static Technique| {
        if !found
            .iter()
            .any(|(one, _): &(&Technique, Place)| one.id == technique.id)
        {
            found.push((technique, place));
        }
    };
    let requests = |subresource: &str| {
        may(
            "create",
            CERTIFICATES,
            "certificatesigningrequests",
            subresource,
            "",
            "",
        )
    };
    if requests("") && requests("nodeclient") {
        push(&NODE_CERTIFICATE);
    }
    // What somebody creates in every namespace counts in all that there are.
    if creates_workloads(facts, who, "") {
        // A namespace of its own has no labels.
        if ask("create", "namespaces", "", "") {
            push(&TURN_OFF);
        }
        namespaces.extend(facts.namespaces.iter().map(|one| one.meta.name.to_string()));
    }
    for namespace in &namespaces {
        let level = enforced(facts, namespace);
        if matches!(level, None | Some(Level::Privileged)) || !creates_workloads(facts, who, namespace) {
            continue;
        }
        if opens(namespace) {
            push(&TURN_OFF);
        }
        // Restricted lets no root in, for whom the node's files would be open.
        if volumes && level == Some(Level::Baseline) && ask("create", "persistentvolumeclaims", "", namespace)
        {
            push(&NODE_VOLUME);
        }
    }
    found
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    for ((_, name), kind) in holders(facts, leads) {
        for (technique, place) in ways(facts, kind.name, &name) {
            let holder = out.node(kind, &name);
            let (kind, pattern) = if technique.id == NODE_CERTIFICATE.id {
                (&USER, Pattern::Prefix(super::nodes::kubelet_name("").into()))
            } else {
                (&NODE, Pattern::Any)
            };
            let all = out.select(Over {
                kind,
                pattern: &pattern,
                except: &[],
            });
            let condition = out.condition(condition(technique));
            out.edge(holder, technique, all, place).when(condition);
        }
    }
}
