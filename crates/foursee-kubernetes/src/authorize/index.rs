//! The compiled form: by subject, then namespace, then binding; by role, then verb.

use super::chain::Chain;
use super::node::Nodes;
use super::{Asker, Attributes, Decision, Why, aggregate, eks, rule_allows};
use crate::facts::{Binding, Facts, Meta, PolicyRule, RoleKind};
use foursee_core::document::Place;
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The bindings of one subject: (binding, which of its subjects), in the order of bindings.
#[derive(Default)]
struct Held {
    everywhere: Vec<(u32, u32)>,
    within: HashMap<Arc<str>, Vec<(u32, u32)>>,
}

impl Held {
    fn of(&self, namespace: &str) -> &[(u32, u32)] {
        if namespace.is_empty() {
            &self.everywhere
        } else {
            self.within.get(namespace).map(Vec::as_slice).unwrap_or_default()
        }
    }
}

/// One role's rules by verb; rules with `*` stand under every verb, and under `*`.
#[derive(Default)]
struct Verbs {
    by_verb: HashMap<Box<str>, Vec<u32>>,
    wild: Vec<u32>,
}

/// The authorizer's indexes; made once, by seal.
#[derive(Default)]
pub(crate) struct Index {
    users: HashMap<Box<str>, Held>,
    groups: HashMap<Box<str>, Held>,
    /// Every role's rules as they take effect: (role, rule) of the stored tables.
    effective: Vec<Vec<(u32, u32)>>,
    verbs: Vec<Verbs>,
    roles: HashMap<(RoleKind, Box<str>), u32>,
    /// The role of every binding.
    role_of: Vec<Option<u32>>,
    /// The bindings of every role.
    of_role: Vec<Vec<u32>>,
    accounts: HashMap<Box<str>, u32>,
    /// The RoleBindings of a namespace; "" holds the ClusterRoleBindings.
    bindings: HashMap<Arc<str>, Vec<u32>>,
    /// What ties objects to nodes.
    pub(super) nodes: Nodes,
    /// Which authorizers there are.
    pub(crate) chain: Chain,
    /// Objects that two documents describe differently.
    pub(crate) conflicts: Vec<(String, Place)>,
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Sorts a table by name; of objects that are described twice the one from a server stays, else the first.
fn tidy<T: PartialEq>(
    table: &mut Vec<T>,
    kind: impl Fn(&T) -> &'static str,
    meta: impl Fn(&T) -> &Meta,
    same: impl Fn(&T, &T) -> bool,
    conflicts: &mut Vec<(String, Place)>,
) {
    let key = |one: &T| {
        let meta = meta(one);
        (
            kind(one),
            Arc::clone(&meta.namespace),
            Arc::clone(&meta.name),
            !meta.live,
        )
    };
    let sorted = table.is_sorted_by(|one, next| {
        let (a, b) = (meta(one), meta(next));
        (kind(one), &*a.namespace, &*a.name, !a.live) <= (kind(next), &*b.namespace, &*b.name, !b.live)
    });
    if !sorted {
        table.sort_by_cached_key(key);
    }
    table.shrink_to_fit();
    table.dedup_by(|later, kept| {
        let equal = kind(later) == kind(kept)
            && meta(later).namespace == meta(kept).namespace
            && meta(later).name == meta(kept).name;
        if equal && meta(later).live == meta(kept).live && !same(later, kept) {
            conflicts.push((
                format!("{} {}", kind(kept), meta(kept).full_name()),
                meta(later).place,
            ));
        }
        equal
    });
}

impl Index {
    /// Puts the facts' tables in order and builds the indexes over them.
    pub(crate) fn build(facts: &mut Facts) {
        let mut conflicts = Vec::new();
        let c = &mut conflicts;
        tidy(
            &mut facts.roles,
            |one| one.kind.as_str(),
            |one| &one.meta,
            |a, b| {
                a.rules
                    .iter()
                    .map(|one| &one.0)
                    .eq(b.rules.iter().map(|one| &one.0))
                    && a.aggregation == b.aggregation
            },
            c,
        );
        tidy(
            &mut facts.bindings,
            Binding::kind,
            |one| &one.meta,
            |a, b| {
                let who = |one: &Binding| -> Vec<(Box<str>, Box<str>, Box<str>)> {
                    one.subjects
                        .iter()
                        .map(|one| (one.kind.clone(), one.namespace.clone(), one.name.clone()))
                        .collect()
                };
                who(a) == who(b) && (&a.role_kind, &a.role_name) == (&b.role_kind, &b.role_name)
            },
            c,
        );
        tidy(
            &mut facts.accounts,
            |_| "ServiceAccount",
            |one| &one.meta,
            |a, b| a.automount == b.automount,
            c,
        );
        tidy(
            &mut facts.workloads,
            |one| one.kind,
            |one| &one.meta,
            |a, b| a.pod.account == b.pod.account,
            c,
        );
        tidy(
            &mut facts.namespaces,
            |_| "Namespace",
            |one| &one.meta,
            |a, b| a.meta.labels == b.meta.labels,
            c,
        );
        tidy(&mut facts.nodes, |_| "Node", |one| &one.meta, |_, _| true, c);
        tidy(
            &mut facts.secrets,
            |_| "Secret",
            |one| &one.meta,
            |a, b| a.sort == b.sort,
            c,
        );
        let sort = |one: &crate::facts::Service| if one.ingress { "Ingress" } else { "Service" };
        tidy(
            &mut facts.services,
            sort,
            |one| &one.meta,
            |a, b| a.selector == b.selector && a.backends == b.backends,
            c,
        );
        tidy(
            &mut facts.network_policies,
            |_| "NetworkPolicy",
            |one| &one.meta,
            |a, b| (&a.pods, &a.ingress, &a.egress) == (&b.pods, &b.ingress, &b.egress),
            c,
        );
        tidy(
            &mut facts.volumes,
            |_| "PersistentVolume",
            |one| &one.meta,
            |a, b| a.claim == b.claim && a.secrets == b.secrets,
            c,
        );
        tidy(
            &mut facts.node_objects,
            |one| one.kind,
            |one| &one.meta,
            |a, b| a.node == b.node,
            c,
        );
        facts.issuers.sort();
        facts.issuers.dedup_by(|a, b| a.0 == b.0);
        // The last of equal lines counts.
        let mut lines: Vec<crate::facts::AwsAuth> = Vec::new();
        for line in std::mem::take(&mut facts.aws_auth) {
            lines.retain(|one| one.role != line.role || !one.arn.eq_ignore_ascii_case(&line.arn));
            lines.push(line);
        }
        // Roles are asked before users.
        let roles: HashSet<String> = lines
            .iter()
            .filter(|one| one.role)
            .map(|one| one.arn.to_lowercase())
            .collect();
        lines.retain(|one| one.role || !roles.contains(&one.arn.to_lowercase()));
        facts.aws_auth = lines;

        let mut index = Self {
            conflicts,
            nodes: Nodes::new(facts),
            chain: Chain::new(facts),
            ..Self::default()
        };
        for (at, role) in facts.roles.iter().enumerate() {
            let name = role.meta.full_name().into_boxed_str();
            index.roles.insert((role.kind, name), number(at));
        }
        for (at, account) in facts.accounts.iter().enumerate() {
            index.accounts.insert(account.meta.full_name().into(), number(at));
        }
        index.effective = aggregate::effective(facts);
        index.of_role = vec![Vec::new(); facts.roles.len()];
        for role in &index.effective {
            let mut verbs = Verbs::default();
            for (at, one) in role.iter().enumerate() {
                let Some(rule) = stored(facts, *one) else { continue };
                if rule.verbs.iter().any(|verb| &**verb == "*") {
                    verbs.wild.push(number(at));
                }
                for verb in rule.verbs.iter().filter(|verb| &***verb != "*") {
                    let list = verbs.by_verb.entry(verb.clone()).or_default();
                    if list.last() != Some(&number(at)) {
                        list.push(number(at));
                    }
                }
            }
            index.verbs.push(verbs);
        }
        for (at, binding) in facts.bindings.iter().enumerate() {
            let namespace = &binding.meta.namespace;
            index
                .bindings
                .entry(Arc::clone(namespace))
                .or_default()
                .push(number(at));
            let role = RoleKind::parse(&binding.role_kind).and_then(|kind| {
                let of: &str = if kind == RoleKind::Role { namespace } else { "" };
                // A ClusterRoleBinding to a Role resolves to nothing.
                if kind == RoleKind::Role && of.is_empty() {
                    return None;
                }
                index.role(kind, of, &binding.role_name)
            });
            index.role_of.push(role.map(number));
            if let Some(list) = role.and_then(|role| index.of_role.get_mut(role)) {
                list.push(number(at));
            }
            for (which, subject) in binding.subjects.iter().enumerate() {
                let (table, name): (_, Box<str>) = match &*subject.kind {
                    "User" => (&mut index.users, subject.name.clone()),
                    "Group" => (&mut index.groups, subject.name.clone()),
                    "ServiceAccount" => match subject.account_namespace(namespace) {
                        Some(of) => (
                            &mut index.users,
                            format!("system:serviceaccount:{of}:{}", subject.name).into(),
                        ),
                        None => continue,
                    },
                    _ => continue,
                };
                let held = table.entry(name).or_default();
                let pair = (number(at), number(which));
                if namespace.is_empty() {
                    held.everywhere.push(pair);
                } else {
                    held.within.entry(Arc::clone(namespace)).or_default().push(pair);
                }
            }
        }
        facts.index = index;
    }

    /// A role by kind, namespace and name.
    pub(crate) fn role(&self, kind: RoleKind, namespace: &str, name: &str) -> Option<usize> {
        let full = crate::facts::full_name(namespace, name).into_boxed_str();
        self.roles.get(&(kind, full)).map(|at| *at as usize)
    }

    /// A ServiceAccount by namespace and name.
    pub(crate) fn account(&self, namespace: &str, name: &str) -> Option<usize> {
        self.accounts
            .get(&*format!("{namespace}/{name}"))
            .map(|at| *at as usize)
    }

    /// The role of a binding.
    pub(crate) fn role_of(&self, binding: usize) -> Option<usize> {
        self.role_of.get(binding).copied().flatten().map(|at| at as usize)
    }

    /// The RoleBindings of a namespace; of "" the ClusterRoleBindings.
    pub(crate) fn bindings_of(&self, namespace: &str) -> impl Iterator<Item = usize> + '_ {
        self.bindings
            .get(namespace)
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|at| *at as usize)
    }

    /// The bindings that refer to a role.
    pub(crate) fn bindings_of_role(&self, role: usize) -> impl Iterator<Item = usize> + '_ {
        self.of_role
            .get(role)
            .into_iter()
            .flatten()
            .map(|at| *at as usize)
    }

    /// The namespaces in which somebody is given something, by bindings or by access policies; "" for the whole cluster.
    pub(crate) fn given_in(&self, facts: &Facts, who: Asker<'_>) -> BTreeSet<String> {
        let mut all = eks::given_in(facts, who.principal);
        for held in self.held_by(who) {
            let wide = (!held.everywhere.is_empty()).then(String::new);
            all.extend(held.within.keys().map(|one| one.to_string()).chain(wide));
        }
        all
    }

    /// What somebody is given in one namespace, or ("") cluster-wide, by bindings and then by access policies.
    pub(crate) fn rules_in<'f>(
        &self,
        facts: &'f Facts,
        who: Asker<'_>,
        namespace: &str,
    ) -> Vec<(&'f PolicyRule, Place)> {
        let mut bindings: Vec<usize> = self.applying(who, namespace).collect();
        bindings.sort_unstable();
        let by_roles = bindings.into_iter().filter_map(|binding| self.role_of(binding));
        by_roles
            .flat_map(|role| facts.rules_of(role))
            .chain(eks::rules_in(facts, who.principal, namespace))
            .collect()
    }

    /// Whether a user is a subject of some binding.
    pub(crate) fn user_is_bound(&self, name: &str) -> bool {
        self.users.contains_key(name)
    }

    /// Whether a group is a subject of some binding.
    pub(crate) fn group_is_bound(&self, name: &str) -> bool {
        self.groups.contains_key(name)
    }

    /// The rules of a role as they take effect.
    pub(crate) fn rules_of<'f>(
        &'f self,
        facts: &'f Facts,
        role: usize,
    ) -> impl Iterator<Item = (&'f PolicyRule, Place)> {
        self.effective
            .get(role)
            .into_iter()
            .flatten()
            .filter_map(|(of, rule)| facts.roles.get(*of as usize)?.rules.get(*rule as usize))
            .map(|(rule, place)| (rule, *place))
    }

    /// What somebody is given as that user, and as a member of those groups.
    fn held_by<'i>(&'i self, who: Asker<'i>) -> impl Iterator<Item = &'i Held> + 'i {
        let user = self.users.get(who.user);
        let groups = who.groups.iter().filter_map(|group| self.groups.get(*group));
        user.into_iter().chain(groups)
    }

    /// The bindings that apply to somebody, in one namespace or ("") cluster-wide.
    pub(crate) fn applying<'i>(
        &'i self,
        who: Asker<'i>,
        namespace: &'i str,
    ) -> impl Iterator<Item = usize> + 'i {
        self.held_by(who)
            .flat_map(move |held| held.of(namespace))
            .map(|(binding, _)| *binding as usize)
    }

    /// The RoleBindings that apply to somebody in other namespaces than one; in no order.
    pub(super) fn applying_elsewhere<'i>(
        &'i self,
        who: Asker<'i>,
        namespace: &'i str,
    ) -> impl Iterator<Item = usize> + 'i {
        self.held_by(who)
            .flat_map(|held| &held.within)
            .filter(move |(of, _)| ***of != *namespace)
            .flat_map(|(_, pairs)| pairs.iter().map(|(binding, _)| *binding as usize))
    }

    /// Decides one request of somebody who is not of system:masters: ClusterRoleBindings first, then the
    /// RoleBindings of the request's namespace, each in the order of names.
    pub(super) fn decide(&self, facts: &Facts, who: Asker<'_>, asked: &Attributes<'_>) -> Decision {
        let namespace = asked.namespace();
        let (mut everywhere, mut within) = (None, None);
        for held in self.held_by(who) {
            self.first(facts, &held.everywhere, asked, &mut everywhere);
            if everywhere.is_none() && !namespace.is_empty() {
                self.first(facts, held.of(namespace), asked, &mut within);
            }
        }
        everywhere.or(within).map_or(Decision::No, Decision::Allowed)
    }

    /// The first of these bindings that allows a request, if it comes before the best so far.
    fn first(&self, facts: &Facts, held: &[(u32, u32)], asked: &Attributes<'_>, best: &mut Option<Why>) {
        for (binding, subject) in held {
            let (binding, subject) = (*binding as usize, *subject as usize);
            if best.is_some_and(|best| (best.binding, best.subject) <= (binding, subject)) {
                return;
            }
            let Some(role) = self.role_of(binding) else {
                continue;
            };
            if let Some(rule) = self.rule(facts, role, asked) {
                *best = Some(Why {
                    binding,
                    subject,
                    role,
                    rule,
                });
                return;
            }
        }
    }

    /// The first rule of a role that allows a request.
    pub(crate) fn rule(&self, facts: &Facts, role: usize, asked: &Attributes<'_>) -> Option<usize> {
        let verbs = self.verbs.get(role)?;
        let named = verbs
            .by_verb
            .get(asked.verb())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let rules = self.effective.get(role)?;
        let allowing = |list: &[u32]| {
            list.iter()
                .find(|at| {
                    rules
                        .get(**at as usize)
                        .and_then(|one| stored(facts, *one))
                        .is_some_and(|rule| rule_allows(rule, asked))
                })
                .copied()
        };
        match (allowing(named), allowing(&verbs.wild)) {
            (Some(a), Some(b)) => Some(a.min(b) as usize),
            (a, b) => a.or(b).map(|at| at as usize),
        }
    }

    /// The roles that bindings of somebody refer to and that do not exist, as the API server says it.
    pub(super) fn unresolved(&self, facts: &Facts, who: Asker<'_>, namespace: &str) -> Vec<String> {
        let within = Some(namespace).filter(|namespace| !namespace.is_empty());
        let mut all: Vec<usize> = std::iter::once("")
            .chain(within)
            .flat_map(|namespace| self.applying(who, namespace))
            .filter(|binding| self.role_of(*binding).is_none())
            .collect();
        all.sort_unstable();
        all.dedup();
        let mut said: Vec<String> = all
            .into_iter()
            .filter_map(|at| facts.bindings.get(at))
            .map(|binding| {
                format!(
                    "{}.rbac.authorization.k8s.io {:?} not found",
                    binding.role_kind.to_lowercase(),
                    &*binding.role_name
                )
            })
            .collect();
        let mut seen = std::collections::HashSet::new();
        said.retain(|one| seen.insert(one.clone()));
        said
    }
}

fn stored(facts: &Facts, (role, rule): (u32, u32)) -> Option<&PolicyRule> {
    facts
        .roles
        .get(role as usize)?
        .rules
        .get(rule as usize)
        .map(|one| &one.0)
}
