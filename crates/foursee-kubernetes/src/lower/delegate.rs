//! Changing who has what: bind and escalate, joined with the writes that they need, for one holder at a time.
//!
//! A binding write without bind gives no more than is held already (Covers), so it makes no edge.

use super::grant_name;
use super::grants::{namespace_node, role_at};
use super::identities::holders;
use crate::authorize::{Asker, Attributes, RBAC_GROUP, decide};
use crate::facts::{Facts, RoleKind};
use crate::holds::as_asker;
use crate::reach::asks;
use crate::techniques::*;
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::layer::Who;
use foursee_core::model::{Pattern, Technique};
use std::collections::BTreeSet;

/// What a holder gets to by delegation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Target {
    /// Everything.
    Cluster,
    /// Everything in a namespace.
    Namespace(String),
    /// Everything in every namespace.
    Namespaces,
    /// One role, bound in a namespace or ("") cluster-wide.
    Role(String, RoleKind, String),
    /// Every Role of a namespace, bound there.
    Roles(String),
}

/// One way to delegate.
pub(crate) struct Step {
    pub technique: &'static Technique,
    pub target: Target,
    pub place: Place,
}

impl Step {
    /// Whether the step leads to that node.
    pub(crate) fn leads_to(&self, kind: &str, name: &str) -> bool {
        match &self.target {
            Target::Cluster => kind == "cluster",
            Target::Namespace(one) => kind == "namespace" && one == name,
            Target::Namespaces => kind == "namespace",
            Target::Role(namespace, of, role) => kind == "grant" && grant_name(namespace, *of, role) == name,
            Target::Roles(namespace) => kind == "grant" && name.starts_with(&format!("{namespace}/Role/")),
        }
    }
}

/// Whether a rule speaks of bind or escalate, by name or by `*`.
pub(crate) fn delegates(rule: &crate::facts::PolicyRule) -> bool {
    rule.verbs
        .iter()
        .any(|verb| matches!(&**verb, "bind" | "escalate" | "*"))
        && rule
            .groups
            .iter()
            .any(|group| matches!(&**group, RBAC_GROUP | "*"))
        && rule
            .resources
            .iter()
            .any(|one| matches!(&**one, "roles" | "clusterroles" | "*"))
}

/// The ways in which an identity, group or access entry can change who has what.
pub(crate) fn steps(facts: &Facts, kind: &str, name: &str) -> Vec<Step> {
    if !matches!(kind, "serviceaccount" | "user" | "group" | "accessentry") {
        return Vec::new();
    }
    as_asker(facts, Who { kind, name }, |who| steps_of(facts, who))
}

fn steps_of(facts: &Facts, who: Asker<'_>) -> Vec<Step> {
    let mut namespaces = facts.index.given_in(facts, who);
    let wide = namespaces.remove("");
    let mut all = Vec::new();
    if wide {
        within(facts, who, "", &mut all);
    }
    let everywhere = all
        .iter()
        .any(|step: &Step| matches!(step.target, Target::Cluster | Target::Namespaces));
    if !everywhere {
        for namespace in namespaces {
            within(facts, who, &namespace, &mut all);
        }
    }
    all
}

/// The steps of somebody in one namespace, or ("") cluster-wide.
fn within(facts: &Facts, who: Asker<'_>, namespace: &str, all: &mut Vec<Step>) {
    // Without a rule that delegates there is nothing to ask.
    let mut rules = facts.index.rules_in(facts, who, namespace);
    rules.extend(facts.index.rules_in(facts, who, ""));
    rules.retain(|(rule, _)| delegates(rule));
    let Some(place) = rules.first().map(|one| one.1) else {
        return;
    };
    let ask = |verb: &str, resource: &str, name: &str| {
        decide(
            facts,
            who,
            &Attributes::Resource {
                verb,
                group: RBAC_GROUP,
                resource,
                subresource: "",
                name,
                namespace,
            },
        )
        .allowed()
    };
    let any = |verbs: &[&str], resource: &str, name: &str| verbs.iter().any(|verb| ask(verb, resource, name));
    let mut push = |technique, target| {
        all.push(Step {
            technique,
            target,
            place,
        });
    };
    const WRITE: &[&str] = &["create", "update", "patch"];
    const CHANGE: &[&str] = &["update", "patch"];
    let named: BTreeSet<&str> = rules
        .iter()
        .flat_map(|(rule, _)| rule.names.iter().map(|name| &**name))
        .collect();
    let cluster = namespace.is_empty();
    let whole = if cluster {
        Target::Cluster
    } else {
        Target::Namespace(namespace.to_owned())
    };
    // Bind: with a binding's write.
    let bindings = if cluster {
        "clusterrolebindings"
    } else {
        "rolebindings"
    };
    let writes = any(WRITE, bindings, "");
    let mut has_whole = false;
    if writes && ask("bind", "clusterroles", "cluster-admin") && !named.contains("cluster-admin") {
        push(&BIND, whole.clone());
        has_whole = true;
    } else if writes {
        for name in &named {
            if ask("bind", "clusterroles", name) {
                push(
                    &BIND,
                    Target::Role(namespace.to_owned(), RoleKind::ClusterRole, (*name).to_owned()),
                );
            }
        }
    }
    if writes && !cluster && !has_whole {
        if ask("bind", "roles", "") {
            push(&BIND, Target::Roles(namespace.to_owned()));
            if ask("escalate", "roles", "") && any(WRITE, "roles", "") {
                push(&ESCALATE, whole.clone());
                has_whole = true;
            }
        } else {
            for name in &named {
                if ask("bind", "roles", name) {
                    push(
                        &BIND,
                        Target::Role(namespace.to_owned(), RoleKind::Role, (*name).to_owned()),
                    );
                }
            }
        }
    }
    if !writes {
        // Bindings that it may change by name: it adds itself to them, where it may bind their role.
        for at in facts.index.bindings_of(namespace) {
            let Some(binding) = facts.bindings.get(at) else {
                continue;
            };
            let Some(kind) = RoleKind::parse(&binding.role_kind) else {
                continue;
            };
            if any(CHANGE, bindings, &binding.meta.name) && ask("bind", kind.resource(), &binding.role_name) {
                push(
                    &BIND,
                    Target::Role(namespace.to_owned(), kind, binding.role_name.to_string()),
                );
            }
        }
    }
    if cluster
        && !has_whole
        && any(WRITE, "rolebindings", "")
        && ask("bind", "clusterroles", "cluster-admin")
        && !named.contains("cluster-admin")
    {
        push(&BIND, Target::Namespaces);
    }
    // Escalate: with the write of a role that it is itself bound to.
    let roles = if cluster {
        RoleKind::ClusterRole
    } else {
        RoleKind::Role
    };
    let widens = !has_whole
        && facts
            .index
            .applying(who, namespace)
            .filter_map(|binding| facts.index.role_of(binding))
            .filter_map(|role| facts.roles.get(role))
            .filter(|role| role.kind == roles)
            .any(|role| {
                let name = &*role.meta.name;
                ask("escalate", roles.resource(), name) && any(CHANGE, roles.resource(), name)
            });
    if widens {
        push(&ESCALATE, whole);
    }
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    let mut made: BTreeSet<Target> = BTreeSet::new();
    // Only those that are bound to a role which speaks of bind or escalate.
    for ((_, name), kind) in holders(facts, delegates) {
        let holder = out.node(kind, &name);
        for step in steps(facts, kind.name, &name) {
            let new = made.insert(step.target.clone());
            let to = match &step.target {
                Target::Cluster => out.node(&CLUSTER, "cluster"),
                Target::Namespace(namespace) if new => namespace_node(facts, namespace, step.place, out),
                Target::Namespace(namespace) => out.node(&NAMESPACE, namespace),
                Target::Namespaces => {
                    if new {
                        let names: BTreeSet<&str> = facts
                            .namespaces
                            .iter()
                            .map(|one| &*one.meta.name)
                            .chain(facts.accounts.iter().map(|one| &*one.meta.namespace))
                            .collect();
                        for namespace in names {
                            if made.insert(Target::Namespace(namespace.to_owned())) {
                                namespace_node(facts, namespace, step.place, out);
                            }
                        }
                    }
                    out.select(Over {
                        kind: &NAMESPACE,
                        pattern: &Pattern::Any,
                        except: &[],
                    })
                }
                Target::Role(namespace, kind, role) => {
                    let of = if *kind == RoleKind::Role {
                        namespace.as_str()
                    } else {
                        ""
                    };
                    let row = facts.role(*kind, of, role);
                    match row.filter(|_| new) {
                        Some(row) => {
                            role_at(facts, &asks(), namespace, row, out);
                        }
                        None if row.is_none() => continue,
                        None => {}
                    }
                    out.node(&GRANT, &grant_name(namespace, *kind, role))
                }
                Target::Roles(namespace) => {
                    if new {
                        for (at, role) in facts.roles.iter().enumerate() {
                            if role.kind == RoleKind::Role && *role.meta.namespace == **namespace {
                                role_at(facts, &asks(), namespace, at, out);
                            }
                        }
                    }
                    out.select(Over {
                        kind: &GRANT,
                        pattern: &Pattern::Prefix(format!("{namespace}/Role/").into()),
                        except: &[],
                    })
                }
            };
            out.edge(holder, step.technique, to, step.place);
        }
    }
}
