//! A role where it is bound: its holders, and the edges that its rules make.

use super::control_plane::control_plane;
use super::joined::{OTHER_POLICY_CONDITION, enforced};
use super::rows::{rows, rung};
use super::secrets;
use super::subject_node;
use crate::authorize::pod_security::Level;
use crate::authorize::{Asker, Attributes, decide, rule_allows};
use crate::data::versions::EXEC_ASKS_CREATE;
use crate::facts::{Binding, Facts, PolicyRule, RoleKind};
use crate::reach::{Ask, Gives, TEMPLATES, Which, asks, is_admin};
use crate::techniques::*;
use crate::version;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::model::{Certainty, Kind, NodeId, Pattern, Rung};
use std::collections::BTreeMap;

/// The name of a grant node: `namespace/Kind/name`, with `*` for cluster-wide.
pub(crate) fn grant_name(namespace: &str, kind: RoleKind, name: &str) -> String {
    let namespace = if namespace.is_empty() { "*" } else { namespace };
    format!("{namespace}/{}/{name}", kind.as_str())
}

/// Under which condition a privileged pod can be made.
pub(crate) const PRIVILEGED_CONDITION: &str =
    "neither Pod Security nor another admission policy refuses a privileged pod there";
/// Under which condition a container that is added to a pod is privileged.
pub(crate) const EPHEMERAL_CONDITION: &str =
    "a pod that it may change runs there, and no admission policy refuses a privileged container in it";
/// Under which condition an attached terminal runs commands.
pub(crate) const ATTACH_CONDITION: &str = "the container's process takes commands on its terminal";
/// Under which condition a group can be impersonated.
pub(crate) const IMPERSONATE_CONDITION: &str = "it may impersonate some user or service account too";

/// Whether `get pods/exec` is enough: yes (none), under a condition, or not (`Err`).
pub(crate) fn exec_condition(facts: &Facts) -> Result<Option<&'static str>, ()> {
    match version::on(facts, &EXEC_ASKS_CREATE) {
        Some(false) => Ok(None),
        Some(true) => Err(()),
        None => Ok(Some("the API server is older than 1.35")),
    }
}

/// Under which condition a privileged pod can be made in a namespace, or ("") in some: none where Pod Security refuses it
/// in all that there are.
pub(crate) fn privileged_condition(facts: &Facts, namespace: &str) -> Option<&'static str> {
    let admits = |namespace: &str| match enforced(facts, namespace) {
        Some(Level::Privileged) => Some(OTHER_POLICY_CONDITION),
        Some(_) => None,
        None => Some(PRIVILEGED_CONDITION),
    };
    if !namespace.is_empty() {
        return admits(namespace);
    }
    let mut all = facts.namespaces.iter().filter_map(|one| admits(&one.meta.name));
    match all.next() {
        None if facts.listed("Namespace") => None,
        None => Some(PRIVILEGED_CONDITION),
        found => found,
    }
}

/// Whether somebody creates pods in a namespace, or ("") everywhere, by themselves or through a controller.
pub(crate) fn creates_workloads(facts: &Facts, who: Asker<'_>, namespace: &str) -> bool {
    TEMPLATES.iter().any(|(group, resource, _)| {
        decide(
            facts,
            who,
            &Attributes::Resource {
                verb: "create",
                group,
                resource,
                subresource: "",
                name: "",
                namespace,
            },
        )
        .allowed()
    })
}

/// The condition of an ask in a namespace: `None` where it gives nothing there.
pub(crate) fn ask_condition(
    facts: &Facts,
    ask: &Ask,
    namespace: &str,
    rules: &[&PolicyRule],
) -> Option<Option<&'static str>> {
    match ask.technique.id {
        id if id == ATTACH.id => Some(Some(ATTACH_CONDITION)),
        id if id == CREATE_PRIVILEGED.id => privileged_condition(facts, namespace).map(Some),
        id if id == EPHEMERAL_PRIVILEGED.id => {
            privileged_condition(facts, namespace).map(|_| Some(EPHEMERAL_CONDITION))
        }
        id if id == IMPERSONATE.id && ask.over.name == "group" && !names_somebody(rules) => {
            Some(Some(IMPERSONATE_CONDITION))
        }
        _ => Some(None),
    }
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let mut bound: BTreeMap<(&str, usize), Place> = BTreeMap::new();
    for (at, binding) in facts.bindings.iter().enumerate() {
        let Some(role) = facts.index.role_of(at) else {
            continue;
        };
        let namespace = &*binding.meta.namespace;
        let Some(row) = facts.roles.get(role) else {
            continue;
        };
        bound.entry((namespace, role)).or_insert(binding.meta.place);
        let grant = out.node(&GRANT, &grant_name(namespace, row.kind, &row.meta.name));
        for subject in &binding.subjects {
            if let Some((kind, name)) = subject_node(subject, namespace) {
                let holder = out.node(kind, &name);
                out.member(holder, grant, subject.place);
            }
        }
    }
    let table = asks();
    for (namespace, role) in bound.keys() {
        role_at(facts, &table, namespace, *role, out);
    }
    // Who holds the cluster, or a namespace, holds every technique there.
    let Some(first) = facts.first else { return };
    let rule = PolicyRule::everything();
    let cluster = out.node(&CLUSTER, "cluster");
    edges(facts, &table, cluster, "", &[(&rule, first)], out);
}

/// Everything that a namespace holds, for whoever gets to all of it.
pub(super) fn namespace_node(facts: &Facts, namespace: &str, place: Place, out: &mut Lowering<'_>) -> NodeId {
    let rule = PolicyRule::everything();
    let node = out.node(&NAMESPACE, namespace);
    edges(facts, &asks(), node, namespace, &[(&rule, place)], out);
    node
}

/// A role where it is bound, as a grant node.
pub(super) fn role_at(
    facts: &Facts,
    table: &[Ask],
    namespace: &str,
    role: usize,
    out: &mut Lowering<'_>,
) -> Option<NodeId> {
    let row = facts.roles.get(role)?;
    let grant = out.node(&GRANT, &grant_name(namespace, row.kind, &row.meta.name));
    let rules: Vec<(&PolicyRule, Place)> = facts.rules_of(role).collect();
    edges(facts, table, grant, namespace, &rules, out);
    let usage = facts.usage();
    let bound: Vec<&Binding> = facts
        .index
        .bindings_of_role(role)
        .filter_map(|at| facts.bindings.get(at))
        .filter(|one| *one.meta.namespace == *namespace && usage.enough())
        .collect();
    let used = |one: &PolicyRule| bound.iter().any(|binding| usage.serves(binding, one));
    for (rule, place) in rules {
        rows(grant, namespace, rule, place, &used, out);
    }
    Some(grant)
}

/// Which names of a kind are meant: in a namespace ("" for all), these names or all of them.
pub(super) fn pattern(kind: &'static Kind, namespace: &str, name: Option<&str>) -> Pattern {
    let scoped = !matches!(
        kind.name,
        "user" | "group" | "node" | "namespace" | "cluster" | "url"
    );
    match (scoped, namespace, name) {
        (false, _, None) | (true, "", None) => Pattern::Any,
        (false, _, Some(name)) => Pattern::Exact(name.into()),
        // A name is literal, and none that exists has a wildcard in it.
        (true, "", Some(name)) if name.contains(['*', '?']) => Pattern::Exact(format!("*/{name}").into()),
        (true, "", Some(name)) => Pattern::Glob(format!("*/{name}").into()),
        (true, of, None) => Pattern::Prefix(format!("{of}/").into()),
        (true, of, Some(name)) => Pattern::Exact(format!("{of}/{name}").into()),
    }
}

/// The nodes of the workloads that objects of that kind and name belong to; with "" in every namespace.
pub(crate) fn workload_patterns(facts: &Facts, kind: &str, namespace: &str, name: &str) -> Vec<Pattern> {
    if namespace.is_empty() {
        let mut found: Vec<Pattern> = facts
            .workloads
            .iter()
            .filter(|one| one.kind == kind && &*one.meta.name == name)
            .filter_map(|one| facts.groups.of_object(facts, one.kind, &one.meta.namespace, name))
            .map(|group| Pattern::Exact((&*group.name).into()))
            .collect();
        found.dedup();
        return found;
    }
    let known = TEMPLATES
        .iter()
        .any(|row| row.2 == kind)
        .then(|| facts.groups.of_object(facts, kind, namespace, name))
        .flatten()
        .map(|group| (&*group.name).into());
    vec![Pattern::Exact(
        known.unwrap_or_else(|| format!("{namespace}/{name}").into()),
    )]
}

/// Whether the workload of that name is of that kind, or has pods where the kind is Pod.
pub(crate) fn in_group_of(facts: &Facts, kind: &str, name: &str) -> bool {
    // Every workload is made of pods, seen or not.
    facts
        .groups
        .named(name)
        .is_some_and(|group| kind == "Pod" || group.kind == kind || group.kinds.contains(&kind))
}

/// The edges of some rules that stand together.
pub(super) fn edges(
    facts: &Facts,
    table: &[Ask],
    holder: NodeId,
    namespace: &str,
    rules: &[(&PolicyRule, Place)],
    out: &mut Lowering<'_>,
) {
    let cluster_wide = namespace.is_empty();
    if cluster_wide && let Some((_, place)) = rules.iter().find(|(rule, _)| is_admin(rule)) {
        let cluster = out.node(&CLUSTER, "cluster");
        if cluster != holder {
            out.edge(holder, &ADMIN, cluster, *place).rung(Rung::Unbounded);
        }
    }
    // Updating every kind of controller reaches every workload; some kinds only theirs.
    let every_kind = TEMPLATES.iter().filter(|row| row.2 != "Pod").all(|row| {
        table
            .iter()
            .filter(|ask| ask.technique.id == CHANGE_WORKLOAD.id && ask.resource == row.1)
            .all(|ask| rules.iter().any(|(rule, _)| ask.of(rule) == Some(Gives::All)))
    });
    let bare = bare(rules);
    for ask in table.iter().filter(|ask| cluster_wide || !ask.cluster) {
        let mut condition = None;
        for (rule, place) in rules {
            let Some(gives) = ask.of(rule) else { continue };
            // Asked once, and only where it is needed: it may look at every namespace.
            let Some(condition) =
                *condition.get_or_insert_with(|| ask_condition(facts, ask, namespace, &bare))
            else {
                break;
            };
            one_edge(
                facts, ask, holder, namespace, rule, condition, *place, &gives, every_kind, out,
            );
            if gives == Gives::All {
                break;
            }
        }
    }
    exec_by_get(facts, holder, namespace, rules, out);
    aws_auth_write(facts, holder, namespace, rules, out);
    secrets::tokens(facts, holder, namespace, rules, out);
    if cluster_wide {
        control_plane(facts, holder, rules, out);
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one row of the table with all that it depends on"
)]
fn one_edge(
    facts: &Facts,
    ask: &Ask,
    holder: NodeId,
    namespace: &str,
    rule: &PolicyRule,
    condition: Option<&str>,
    place: Place,
    gives: &Gives,
    every_kind: bool,
    out: &mut Lowering<'_>,
) {
    let names: Vec<Option<&str>> = match (ask.which, gives) {
        (Which::Named | Which::Workloads(_), Gives::Names(names)) => {
            names.iter().map(|name| Some(&**name)).collect()
        }
        (Which::Everything, Gives::Names(names)) if ask.technique.id == NODE_PROXY.id => {
            // The pods of the nodes that are named.
            for name in names {
                for group in facts
                    .groups
                    .all
                    .iter()
                    .filter(|group| group.nodes.iter().any(|node| **node == **name))
                {
                    let pod = out.node(&POD, &group.name);
                    out.edge(holder, ask.technique, pod, place);
                }
            }
            return;
        }
        _ => vec![None],
    };
    for name in names {
        let patterns = match (ask.which, name) {
            (Which::Workloads(kind), Some(name)) => workload_patterns(facts, kind, namespace, name),
            (Which::Named, Some(name)) if ask.over.name == "pod" => {
                workload_patterns(facts, "Pod", namespace, name)
            }
            (Which::Everything, _) => vec![Pattern::Any],
            _ => vec![pattern(ask.over, namespace, name)],
        };
        for pattern in &patterns {
            let to = out.select(Over {
                kind: ask.over,
                pattern,
                except: &[],
            });
            let condition = condition.map_or(foursee_core::model::ConditionId(0), |text| out.condition(text));
            let edge = out
                .edge(holder, ask.technique, to, place)
                .rung(rung(rule, namespace))
                .when(condition);
            if matches!(ask.which, Which::Workloads(kind) if kind != "Pod") && name.is_none() && !every_kind {
                edge.certainty(Certainty::Ask);
            }
        }
    }
}

/// Whether some of the rules impersonate a user or an account, so that a group can go with it.
pub(crate) fn names_somebody(rules: &[&PolicyRule]) -> bool {
    rules.iter().any(|rule| {
        ["users", "serviceaccounts"].iter().any(|resource| {
            let with = |name: &str| {
                rule_allows(
                    rule,
                    &Attributes::Resource {
                        verb: "impersonate",
                        group: "",
                        resource,
                        subresource: "",
                        name,
                        namespace: "",
                    },
                )
            };
            with("") || rule.names.iter().any(|name| with(name))
        })
    })
}

pub(crate) fn allows(rule: &PolicyRule, verb: &str, resource: &str, subresource: &str, name: &str) -> bool {
    rule_allows(
        rule,
        &Attributes::Resource {
            verb,
            group: "",
            resource,
            subresource,
            name,
            namespace: "",
        },
    )
}

/// get pods/exec, where a WebSocket is enough.
fn exec_by_get(
    facts: &Facts,
    holder: NodeId,
    namespace: &str,
    rules: &[(&PolicyRule, Place)],
    out: &mut Lowering<'_>,
) {
    let Ok(condition) = exec_condition(facts) else {
        return;
    };
    if rules
        .iter()
        .any(|(rule, _)| allows(rule, "create", "pods", "exec", ""))
    {
        return;
    }
    for (rule, place) in rules {
        if allows(rule, "get", "pods", "exec", "") {
            let pattern = pattern(&POD, namespace, None);
            let to = out.select(Over {
                kind: &POD,
                pattern: &pattern,
                except: &[],
            });
            let condition = condition.map_or(foursee_core::model::ConditionId(0), |text| out.condition(text));
            out.edge(holder, &EXEC, to, *place).when(condition);
            return;
        }
    }
}

pub(super) fn bare<'r>(rules: &[(&'r PolicyRule, Place)]) -> Vec<&'r PolicyRule> {
    rules.iter().map(|one| one.0).collect()
}

/// Whether rules write kube-system/aws-auth, where it is read.
pub(crate) fn aws_auth_written(facts: &Facts, namespace: &str, rules: &[&PolicyRule]) -> bool {
    !facts.aws_auth.is_empty()
        && super::aws_auth_counts(facts)
        && matches!(namespace, "" | "kube-system")
        && rules.iter().any(|rule| writes_aws_auth(rule))
}

fn writes_aws_auth(rule: &PolicyRule) -> bool {
    ["update", "patch"]
        .iter()
        .any(|verb| allows(rule, verb, "configmaps", "", "aws-auth"))
}

fn aws_auth_write(
    facts: &Facts,
    holder: NodeId,
    namespace: &str,
    rules: &[(&PolicyRule, Place)],
    out: &mut Lowering<'_>,
) {
    if !aws_auth_written(facts, namespace, &bare(rules)) {
        return;
    }
    if let Some((_, place)) = rules.iter().find(|(rule, _)| writes_aws_auth(rule)) {
        let cluster = out.node(&CLUSTER, "cluster");
        if cluster != holder {
            out.edge(holder, &AWS_AUTH, cluster, *place);
        }
    }
}
