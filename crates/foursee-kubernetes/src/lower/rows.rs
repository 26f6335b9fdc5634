//! A rule as rows of the privileges table, and where it stands on the spectrum.

use super::grants::pattern;
use crate::data;
use crate::facts::PolicyRule;
use crate::techniques::*;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::model::{Kind, NodeId, Pattern, Rung, Verb};

/// Where a rule stands on the spectrum, bound in a namespace or ("") cluster-wide.
pub(crate) fn rung(rule: &PolicyRule, namespace: &str) -> Rung {
    let wild = |all: &[Box<str>]| all.iter().any(|one| &**one == "*");
    let (verbs, resources, groups) = (wild(&rule.verbs), wild(&rule.resources), wild(&rule.groups));
    let cluster_wide = namespace.is_empty();
    if rule.resources.is_empty() {
        return match (verbs, wild(&rule.urls)) {
            (true, true) => Rung::ServiceWide,
            (false, true) => Rung::Broad,
            (true, false) => Rung::Scoped,
            // Paths are names.
            (false, false) => Rung::Narrow,
        };
    }
    // What one asks about oneself, as everybody may.
    if !verbs && rule.resources.iter().all(|one| one.starts_with("selfsubject")) {
        return Rung::Narrow;
    }
    if !rule.names.is_empty() {
        return if verbs { Rung::Scoped } else { Rung::Narrow };
    }
    match (verbs, resources, groups, cluster_wide) {
        (true, true, true, true) => Rung::Unbounded,
        (true, true, ..) => Rung::ServiceWide,
        (true, false, ..) | (false, true, ..) | (false, false, _, true) => Rung::Broad,
        (false, false, _, false) => Rung::Scoped,
    }
}

/// The tightest rung that RBAC can express for a verb on a resource.
pub(crate) fn attainable(verb: &str, resource: &str, subresource: bool) -> Rung {
    let unnamed =
        matches!(verb, "create" | "deletecollection") && !subresource || matches!(verb, "list" | "watch");
    match (unnamed, data::cluster_scoped(resource)) {
        (false, _) => Rung::Narrow,
        (true, false) => Rung::Scoped,
        (true, true) => Rung::Broad,
    }
}

fn verb_of(verb: &str, resource: &str) -> Verb {
    let rbac = matches!(
        resource,
        "roles" | "clusterroles" | "rolebindings" | "clusterrolebindings"
    );
    match verb {
        "list" | "watch" if resource == "secrets" => Verb::Read,
        "list" | "watch" => Verb::List,
        "get" => Verb::Read,
        "bind" | "escalate" | "approve" | "sign" => Verb::Delegate,
        "create" | "update" | "patch" if rbac => Verb::Delegate,
        "create"
            if matches!(
                resource,
                "pods/exec" | "pods/attach" | "pods/portforward" | "pods/proxy" | "nodes/proxy"
            ) =>
        {
            Verb::Execute
        }
        "create" if resource == "serviceaccounts/token" => Verb::Become,
        "create" | "update" | "patch" => Verb::Write,
        "delete" | "deletecollection" => Verb::Delete,
        "*" => Verb::Administer,
        other if other.starts_with("impersonate") => Verb::Become,
        _ => Verb::Execute,
    }
}

/// A rule's rows: one a verb, group, resource and name. What is as narrow as can be said, and used by a holder, stands as
/// used; `used` knows nothing where evidence of use is too little, and then it stays narrow.
pub(super) fn rows(
    holder: NodeId,
    namespace: &str,
    rule: &PolicyRule,
    place: Place,
    used: &dyn Fn(&PolicyRule) -> bool,
    out: &mut Lowering<'_>,
) {
    let rule_stands = rung(rule, namespace);
    // The row is written out for that question alone.
    let stands_as = |row: &dyn Fn() -> PolicyRule| match rule_stands {
        Rung::Narrow if used(&row()) => Rung::AsUsed,
        other => other,
    };
    let rule_names: Vec<Option<&str>> = if rule.names.is_empty() {
        vec![None]
    } else {
        rule.names.iter().map(|name| Some(&**name)).collect()
    };
    for group in &rule.groups {
        for resource in &rule.resources {
            let (plural, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            // What is cluster-scoped is dead in a RoleBinding, but for the namespace itself.
            if !namespace.is_empty() && data::cluster_scoped(plural) && plural != "namespaces" {
                continue;
            }
            let said = match (&**group, data::group_of(plural)) {
                (group, known) if group == known => resource.to_string(),
                ("", _) => resource.to_string(),
                (group, _) if subresource.is_empty() => format!("{plural}.{group}"),
                (group, _) => format!("{plural}.{group}/{subresource}"),
            };
            for name in &rule_names {
                let over = over(plural, group, namespace, *name, out);
                for verb in &rule.verbs {
                    let dead = matches!(&**verb, "create" | "deletecollection")
                        && subresource.is_empty()
                        && name.is_some();
                    if dead && !(&**verb == "create" && rule.verbs.iter().any(|verb| &**verb == "patch")) {
                        continue;
                    }
                    let stands = stands_as(&|| PolicyRule {
                        verbs: vec![verb.clone()],
                        groups: vec![group.clone()],
                        resources: vec![resource.clone()],
                        names: name.iter().map(|name| Box::from(*name)).collect(),
                        urls: Vec::new(),
                    });
                    let tightest = attainable(verb, plural, !subresource.is_empty()).max(stands);
                    out.privilege(
                        holder,
                        verb_of(verb, resource),
                        &format!("{verb} {said}"),
                        over,
                        stands,
                        place,
                    )
                    .attainable(tightest);
                }
            }
        }
    }
    if !namespace.is_empty() {
        return;
    }
    for url in &rule.urls {
        let pattern = match url.strip_suffix('*') {
            Some(_) => {
                let start = url.trim_end_matches('*');
                if start.is_empty() {
                    Pattern::Any
                } else {
                    Pattern::Prefix(start.into())
                }
            }
            None => Pattern::Exact((&**url).into()),
        };
        let over = out.select(Over {
            kind: &URL,
            pattern: &pattern,
            except: &[],
        });
        for verb in &rule.verbs {
            let stands = stands_as(&|| PolicyRule {
                verbs: vec![verb.clone()],
                urls: vec![url.clone()],
                ..PolicyRule::default()
            });
            out.privilege(
                holder,
                verb_of(verb, ""),
                &format!("{verb} url"),
                over,
                stands,
                place,
            )
            .attainable(Rung::Narrow.max(stands));
        }
    }
}

/// What a rule's resource is over.
fn over(plural: &str, group: &str, namespace: &str, name: Option<&str>, out: &mut Lowering<'_>) -> NodeId {
    let kind: &'static Kind = match (group, plural) {
        ("", "secrets") => &SECRET,
        ("", "serviceaccounts") => &SERVICEACCOUNT,
        ("", "pods") => &POD,
        ("", "nodes") => &NODE,
        ("", "namespaces") => &NAMESPACE,
        ("", "users") => &USER,
        ("", "groups") => &GROUP,
        ("*", "*") | ("", "*") => {
            if namespace.is_empty() {
                return out.node(&CLUSTER, "cluster");
            }
            return out.node(&NAMESPACE, namespace);
        }
        _ => &OBJECT,
    };
    let pattern = if kind.name == "object" {
        let container = if namespace.is_empty() { "*" } else { namespace };
        match name {
            None => Pattern::Prefix(format!("{container}/{plural}/").into()),
            Some(name) => Pattern::Exact(format!("{container}/{plural}/{name}").into()),
        }
    } else if kind.name == "namespace" && name.is_none() && !namespace.is_empty() {
        Pattern::Exact(namespace.into())
    } else {
        pattern(kind, namespace, name)
    };
    out.select(Over {
        kind,
        pattern: &pattern,
        except: &[],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(verbs: &[&str], resources: &[&str], urls: &[&str]) -> PolicyRule {
        let all = |list: &[&str]| list.iter().map(|one| Box::from(*one)).collect();
        PolicyRule {
            verbs: all(verbs),
            groups: all(&["authorization.k8s.io"]),
            resources: all(resources),
            names: Vec::new(),
            urls: all(urls),
        }
    }

    #[test]
    fn what_everybody_has_is_narrow_and_its_twins_are_not() {
        for (one, want) in [
            (
                rule(&["create"], &["selfsubjectaccessreviews"], &[]),
                Rung::Narrow,
            ),
            (rule(&["create"], &["subjectaccessreviews"], &[]), Rung::Broad),
            (rule(&["*"], &["selfsubjectaccessreviews"], &[]), Rung::Broad),
            (
                rule(
                    &["create"],
                    &["selfsubjectaccessreviews", "subjectaccessreviews"],
                    &[],
                ),
                Rung::Broad,
            ),
            (rule(&["get"], &[], &["/api", "/apis/*"]), Rung::Narrow),
            (rule(&["*"], &[], &["/metrics"]), Rung::Scoped),
            (rule(&["get"], &[], &["*"]), Rung::Broad),
            (rule(&["*"], &[], &["*"]), Rung::ServiceWide),
        ] {
            assert_eq!(rung(&one, ""), want, "{one:?}");
        }
    }
}
