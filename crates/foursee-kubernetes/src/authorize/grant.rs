//! May I grant: whether somebody may write a role or a binding, beside being authorised to write it at all.
//!
//! Source: pkg/registry/rbac/escalation_check.go, */policybased. Rights from other authorizers do not count.

use super::question::malformed;
use super::{Asker, Attributes, MASTERS, RBAC_GROUP, decide, missing};
use crate::facts::{Facts, PolicyRule, RoleKind};
use crate::parse::{RoleRefShape, RuleShape, policy_rule};
use foursee_core::document::{Many, Str};
use foursee_core::layer::QuestionError;
use serde::Deserialize;

/// A Role, ClusterRole, RoleBinding or ClusterRoleBinding that somebody would write.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Write<'a> {
    #[serde(borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    metadata: WriteMeta<'a>,
    #[serde(borrow)]
    rules: Many<RuleShape<'a>>,
    aggregation_rule: Option<serde::de::IgnoredAny>,
    #[serde(borrow)]
    role_ref: RoleRefShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WriteMeta<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    namespace: Str<'a>,
}

/// What may-I-grant found.
pub(super) struct Grant {
    pub authorized: bool,
    pub escalation: bool,
    pub by: &'static str,
    pub missing: Vec<PolicyRule>,
}

/// The rules that somebody holds in a namespace, those of no use for requests too.
pub(crate) fn held<'f>(facts: &'f Facts, who: Asker<'_>, namespace: &str) -> Vec<&'f PolicyRule> {
    let within = Some(namespace).filter(|namespace| !namespace.is_empty());
    let mut bindings: Vec<usize> = std::iter::once("")
        .chain(within)
        .flat_map(|namespace| facts.index.applying(who, namespace).collect::<Vec<_>>())
        .collect();
    bindings.sort_unstable();
    bindings.dedup();
    bindings
        .into_iter()
        .filter_map(|binding| facts.index.role_of(binding))
        .flat_map(|role| facts.rules_of(role).map(|(rule, _)| rule))
        .collect()
}

fn one_rule(verb: &str, resource: &str, name: &str) -> PolicyRule {
    PolicyRule {
        verbs: vec![verb.into()],
        groups: vec![RBAC_GROUP.into()],
        resources: vec![resource.into()],
        names: if name.is_empty() {
            Vec::new()
        } else {
            vec![name.into()]
        },
        urls: Vec::new(),
    }
}

/// Whether somebody may write a role or binding: the write itself, and the escalation check.
pub(super) fn grant(
    facts: &Facts,
    who: Asker<'_>,
    object: &Write<'_>,
    verb: &str,
) -> Result<Grant, QuestionError> {
    let (resource, namespaced, is_role) = match &*object.kind {
        "Role" => ("roles", true, true),
        "ClusterRole" => ("clusterroles", false, true),
        "RoleBinding" => ("rolebindings", true, false),
        "ClusterRoleBinding" => ("clusterrolebindings", false, false),
        other => {
            return Err(malformed(format!(
                "`write` is of kind `{other}`; give a Role, ClusterRole, RoleBinding or ClusterRoleBinding"
            )));
        }
    };
    let name = &*object.metadata.name;
    let namespace = if namespaced {
        &*object.metadata.namespace
    } else {
        ""
    };
    if namespaced && namespace.is_empty() {
        return Err(malformed(
            "`write` has no metadata.namespace; give the one it is written to",
        ));
    }
    let there = if is_role {
        let kind = if namespaced {
            RoleKind::Role
        } else {
            RoleKind::ClusterRole
        };
        facts.role(kind, namespace, name).is_some()
    } else {
        facts
            .bindings
            .iter()
            .any(|one| &*one.meta.namespace == namespace && &*one.meta.name == name)
    };
    let verb = match verb {
        "" if there => "update",
        "" => "create",
        other => other,
    };
    // What a PUT or a server-side apply makes anew is asked as a create too, and that has a name.
    let creates = !there && matches!(verb, "update" | "apply");
    let verb = if verb == "apply" { "patch" } else { verb };
    // A plain create has no name.
    let asked_name = if verb == "create" { "" } else { name };
    let ask = |verb: &str, resource: &str, name: &str| {
        let attributes = Attributes::Resource {
            verb,
            group: RBAC_GROUP,
            resource,
            subresource: "",
            name,
            namespace,
        };
        decide(facts, who, &attributes).allowed()
    };
    let written = ask(verb, resource, asked_name);
    let created = !creates || ask("create", resource, name);
    let authorized = written && created;
    let mut found = Grant {
        authorized,
        escalation: true,
        by: "covers",
        missing: Vec::new(),
    };
    if !written {
        found.missing.push(one_rule(verb, resource, asked_name));
    }
    if !created {
        found.missing.push(one_rule("create", resource, name));
    }
    if who.groups.contains(&MASTERS) {
        found.by = MASTERS;
        return Ok(found);
    }
    let wanted: Vec<PolicyRule> = if is_role {
        if ask("escalate", resource, asked_name) {
            found.by = "escalate";
            return Ok(found);
        }
        let mut wanted: Vec<PolicyRule> = object.rules.iter().map(policy_rule).collect();
        let was_aggregated = facts
            .role(RoleKind::ClusterRole, "", name)
            .filter(|_| !namespaced)
            .and_then(|at| facts.roles.get(at))
            .is_some_and(|role| role.aggregation.is_some());
        if object.aggregation_rule.is_some() || was_aggregated {
            let all = || vec![Box::<str>::from("*")];
            wanted.push(PolicyRule {
                verbs: all(),
                groups: all(),
                resources: all(),
                ..PolicyRule::default()
            });
            wanted.push(PolicyRule {
                verbs: all(),
                urls: all(),
                ..PolicyRule::default()
            });
        }
        wanted
    } else {
        let Some(kind) = RoleKind::parse(&object.role_ref.kind) else {
            return Err(malformed(
                "`write.roleRef.kind` is neither `Role` nor `ClusterRole`; give one of them",
            ));
        };
        let role_name = &*object.role_ref.name;
        if ask("bind", kind.resource(), role_name) {
            found.by = "bind";
            return Ok(found);
        }
        let of = if kind == RoleKind::Role { namespace } else { "" };
        let role = facts
            .role(kind, of, role_name)
            .filter(|_| kind == RoleKind::ClusterRole || !of.is_empty());
        let Some(role) = role else {
            found.by = "role";
            found.escalation = false;
            found.missing.push(one_rule("bind", kind.resource(), role_name));
            return Ok(found);
        };
        facts.rules_of(role).map(|(rule, _)| rule.clone()).collect()
    };
    let lacking = missing(&held(facts, who, namespace), wanted.iter());
    found.escalation = lacking.is_empty();
    found.missing.extend(lacking);
    Ok(found)
}
