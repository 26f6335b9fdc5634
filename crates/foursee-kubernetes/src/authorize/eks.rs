//! EKS's own authorizer: access policies that an AWS principal is given, cluster-wide or in namespaces.
//!
//! It stands beside RBAC and only allows. A request is matched by the caller's principal, which whoever impersonates
//! somebody leaves behind, so what it gives is lost there; the checks against escalation look at RBAC alone, and the
//! server's list of somebody's rules (`kubectl auth can-i --list`) does not hold it. Source: Amazon EKS User Guide, "Create
//! access entries" and "Associate access policies"; aws/containers-roadmap#2682.

use super::{Attributes, rule_allows};
use crate::data::eks_policies::{self, AccessPolicy, TYPES};
use crate::facts::{AccessEntry, Facts, PodIdentity, PolicyAssociation, PolicyRule};
use foursee_core::document::Place;
use foursee_core::model::Pattern;
use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Why EKS allows a request: the association, by index into the facts' table, and the rule of its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EksWhy {
    /// The association.
    pub association: usize,
    /// The rule, in the order of the policy's published table.
    pub rule: usize,
}

/// What EKS says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Allowed.
    Allowed(EksWhy),
    /// What AWS publishes contradicts itself about it.
    Open(EksWhy),
    /// No policy of the principal gives it.
    No,
}

/// What is made once of the tables.
#[derive(Default)]
pub(crate) struct Index {
    /// The rules of the policies that are given to somebody.
    rules: BTreeMap<&'static str, Vec<PolicyRule>>,
    /// The associations of a principal.
    held: HashMap<String, Vec<usize>>,
    entries: HashMap<String, usize>,
    asked: HashSet<String>,
    /// What documents contradict each other about, or is of another cluster: what, which part, where.
    pub(crate) conflicts: Vec<(String, String, Place)>,
}

/// A principal as it is compared: names of roles and users are unique in an account, whatever their path and case, and a
/// session is its role.
#[must_use]
pub(crate) fn principal_key(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let key = match parts.as_slice() {
        ["arn", _, "iam", "", account, rest] => rest.split_once('/').map(|(kind, path)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            format!("{account} {kind} {name}")
        }),
        ["arn", _, "sts", "", account, rest] => rest.strip_prefix("assumed-role/").map(|rest| {
            let name = rest.split('/').next().unwrap_or(rest);
            format!("{account} role {name}")
        }),
        _ => None,
    };
    key.unwrap_or_else(|| arn.to_owned()).to_lowercase()
}

/// The account that an ARN names.
pub(crate) fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// The name of the cluster of an ARN.
fn cluster_of(arn: &str) -> &str {
    arn.split_once(":cluster/").map_or("", |(_, name)| name)
}

/// Whether access entries are asked at all: not where the cluster reads aws-auth alone.
pub(crate) fn entries_count(facts: &Facts) -> bool {
    !facts
        .eks
        .iter()
        .any(|eks| &*eks.authentication_mode == "CONFIG_MAP")
}

/// The user name that an entry's principal comes in with; may be a template.
pub(crate) fn username(entry: &AccessEntry) -> String {
    if !entry.username.is_empty() {
        return entry.username.to_string();
    }
    if let Some(known) = TYPES
        .iter()
        .find(|one| one.name.eq_ignore_ascii_case(&entry.sort))
    {
        return known.username.to_owned();
    }
    let parts: Vec<&str> = entry.principal.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "iam", "", account, rest] if rest.starts_with("role/") => {
            let name = rest.rsplit('/').next().unwrap_or(rest);
            format!("arn:{partition}:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}")
        }
        _ => entry.principal.to_string(),
    }
}

/// The groups that an entry's principal is in: what is said, else those of its type; with their places.
pub(crate) fn groups(entry: &AccessEntry) -> Vec<(&str, Place)> {
    let known = TYPES
        .iter()
        .find(|one| one.name.eq_ignore_ascii_case(&entry.sort));
    match known {
        Some(known) if entry.groups.is_empty() => {
            // Each is a statement of its own: a byte of the entry's ARN stands for it.
            let place = |at| Place {
                at: entry.place.at.saturating_add(at),
                ..entry.place
            };
            (1..)
                .zip(known.groups)
                .map(|(at, group)| (*group, place(at)))
                .collect()
        }
        _ => entry
            .groups
            .iter()
            .map(|(group, place)| (&**group, *place))
            .collect(),
    }
}

/// Puts the tables of AWS in order, and indexes them.
pub(crate) fn seal(facts: &mut Facts) {
    let mut index = Index::default();
    let mut aws = std::mem::take(&mut facts.aws);
    let own = own_cluster(facts, &aws);
    let conflicts = &mut index.conflicts;
    let mut of_own = |what: &str, cluster: &str, place: Place| {
        let own = cluster.is_empty() || own.is_empty() || cluster == own;
        if !own {
            conflicts.push((what.to_owned(), format!("it is of cluster {cluster}"), place));
        }
        own
    };
    aws.entries.retain(|one| {
        of_own(
            &format!("access entry {}", one.principal),
            &one.cluster,
            one.place,
        )
    });
    aws.policies.retain(|one| {
        of_own(
            &format!("access policy {} of {}", one.policy, one.principal),
            &one.cluster,
            one.place,
        )
    });
    aws.pod_identities.retain(|one| {
        of_own(
            &format!("Pod Identity association {}", one.arn),
            &one.cluster,
            one.place,
        )
    });
    let mut twice = |what: String, place: Place| {
        conflicts.push((what, "two documents describe it differently".to_owned(), place));
    };
    aws.entries
        .sort_by_cached_key(|one| (principal_key(&one.principal), one.clone()));
    aws.entries.dedup_by(|later, kept| {
        let same = principal_key(&later.principal) == principal_key(&kept.principal);
        let said = |one: &AccessEntry| {
            let groups: Vec<Box<str>> = one.groups.iter().map(|(group, _)| group.clone()).collect();
            (one.sort.clone(), one.username.clone(), groups)
        };
        if same && said(later) != said(kept) {
            twice(format!("access entry {}", kept.principal), later.place);
        }
        same
    });
    let key = |one: &PolicyAssociation| (principal_key(&one.principal), one.policy.clone());
    aws.policies.sort_by_cached_key(|one| (key(one), one.clone()));
    aws.policies.dedup_by(|later, kept| {
        let same = key(later) == key(kept);
        if same && later.within != kept.within {
            twice(
                format!("access policy {} of {}", kept.policy, kept.principal),
                later.place,
            );
        }
        same
    });
    // What a description says beside a listing.
    let id = |one: &PodIdentity| one.arn.rsplit('/').next().unwrap_or_default().to_owned();
    aws.pod_identities
        .sort_by_cached_key(|one| (id(one), one.role.is_none(), one.clone()));
    aws.pod_identities.dedup_by(|later, kept| {
        let same = id(later) == id(kept);
        if same && later.role.is_some() && later.role != kept.role {
            twice(format!("Pod Identity association {}", kept.arn), later.place);
        }
        same
    });
    for table in [&mut aws.listed, &mut aws.asked, &mut aws.accounts] {
        table.sort();
        table.dedup_by(|a, b| a.0 == b.0);
    }
    for (at, one) in aws.entries.iter().enumerate() {
        index.entries.insert(principal_key(&one.principal), at);
    }
    index.asked = aws.asked.iter().map(|(arn, _)| principal_key(arn)).collect();
    for (at, one) in aws.policies.iter().enumerate() {
        index
            .held
            .entry(principal_key(&one.principal))
            .or_default()
            .push(at);
        if let Some(policy) = eks_policies::policy(&one.policy) {
            index.rules.entry(policy.name).or_insert_with(|| rules_of(policy));
        }
    }
    facts.aws = aws;
    facts.access = index;
}

/// The name of the cluster that the facts are of: as EKS describes it, else the first that its documents name.
fn own_cluster(facts: &Facts, aws: &crate::facts::Aws) -> String {
    let described = facts
        .eks
        .iter()
        .map(|one| cluster_of(&one.arn))
        .find(|name| !name.is_empty());
    let named = || {
        let entries = aws.entries.iter().map(|one| &*one.cluster);
        let policies = aws.policies.iter().map(|one| &*one.cluster);
        let identities = aws.pod_identities.iter().map(|one| &*one.cluster);
        let all = entries.chain(policies).chain(identities);
        all.filter(|name| !name.is_empty()).min()
    };
    described.or_else(named).unwrap_or_default().to_owned()
}

fn rules_of(policy: &AccessPolicy) -> Vec<PolicyRule> {
    let boxed = |all: &[&str]| all.iter().map(|one| Box::from(*one)).collect::<Vec<Box<str>>>();
    policy
        .rules
        .unwrap_or_default()
        .iter()
        .map(|row| PolicyRule {
            verbs: boxed(row.verbs),
            groups: if row.urls.is_empty() {
                boxed(&[row.group])
            } else {
                Vec::new()
            },
            resources: boxed(row.resources),
            names: Vec::new(),
            urls: boxed(row.urls),
        })
        .collect()
}

/// A scope's namespace as a pattern: `*` stands for any text.
pub(crate) fn namespace_pattern(text: &str) -> Pattern {
    if text.contains('*') {
        Pattern::Glob(text.into())
    } else {
        Pattern::Exact(text.into())
    }
}

/// Whether an association counts in a namespace, or ("") for the whole cluster.
pub(crate) fn covers_namespace(association: &PolicyAssociation, namespace: &str) -> bool {
    association.within.as_ref().is_none_or(|all| {
        !namespace.is_empty() && all.iter().any(|one| namespace_pattern(one).matches(namespace))
    })
}

/// Whether an association counts for a request.
fn within(association: &PolicyAssociation, asked: &Attributes<'_>) -> bool {
    covers_namespace(association, asked.namespace())
}

/// The namespaces that are known, of the objects in them too.
pub(crate) fn known_namespaces(facts: &Facts) -> BTreeSet<&str> {
    let of_objects = facts.workloads.iter().map(|one| &*one.meta.namespace);
    let of_accounts = facts.accounts.iter().map(|one| &*one.meta.namespace);
    let of_secrets = facts.secrets.iter().map(|one| &*one.meta.namespace);
    let of_bindings = facts.bindings.iter().map(|one| &*one.meta.namespace);
    let own = facts.namespaces.iter().map(|one| &*one.meta.name);
    let all = own
        .chain(of_objects)
        .chain(of_accounts)
        .chain(of_secrets)
        .chain(of_bindings);
    all.filter(|name| !name.is_empty()).collect()
}

/// The associations of a principal that count.
pub(crate) fn associations<'f>(
    facts: &'f Facts,
    principal: &str,
) -> impl Iterator<Item = &'f PolicyAssociation> {
    let counts = !principal.is_empty() && entries_count(facts);
    let held = counts.then(|| facts.access.of(principal));
    held.into_iter()
        .flatten()
        .filter_map(|at| facts.aws.policies.get(at))
}

/// Where a principal's policies count: namespaces, of a pattern those that are known, "" for the whole cluster.
pub(super) fn given_in(facts: &Facts, principal: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for one in associations(facts, principal) {
        let Some(within) = &one.within else {
            all.insert(String::new());
            continue;
        };
        for name in within.iter().filter(|name| !name.is_empty()) {
            match namespace_pattern(name) {
                Pattern::Exact(_) => drop(all.insert(name.to_string())),
                pattern => all.extend(
                    known_namespaces(facts)
                        .into_iter()
                        .filter(|name| pattern.matches(name))
                        .map(str::to_owned),
                ),
            }
        }
    }
    all
}

/// What a principal's policies give in one namespace by their scope, or ("") in the whole cluster.
pub(super) fn rules_in<'f>(
    facts: &'f Facts,
    principal: &str,
    namespace: &str,
) -> impl Iterator<Item = (&'f PolicyRule, Place)> {
    let there = move |one: &&PolicyAssociation| match &one.within {
        None => namespace.is_empty(),
        Some(_) => covers_namespace(one, namespace),
    };
    associations(facts, principal).filter(there).flat_map(|one| {
        facts
            .access
            .rules(&one.policy)
            .iter()
            .map(move |rule| (rule, one.place))
    })
}

/// Decides one request of a principal.
pub(crate) fn decide(facts: &Facts, principal: &str, asked: &Attributes<'_>) -> Said {
    if principal.is_empty() || !entries_count(facts) {
        return Said::No;
    }
    let mut open = Said::No;
    for association in facts.access.of(principal) {
        let Some(one) = facts.aws.policies.get(association) else {
            continue;
        };
        if !within(one, asked) {
            continue;
        }
        let rules = facts.access.rules(&one.policy);
        let Some(rule) = rules.iter().position(|rule| rule_allows(rule, asked)) else {
            continue;
        };
        let why = EksWhy { association, rule };
        if !is_open(&one.policy, asked) {
            return Said::Allowed(why);
        }
        open = Said::Open(why);
    }
    open
}

/// The principals that an access policy lets do it.
pub(super) fn subjects<'f>(facts: &'f Facts, asked: &Attributes<'_>) -> impl Iterator<Item = &'f str> {
    let held = facts.aws.policies.iter().filter(|_| entries_count(facts));
    held.filter(|one| {
        within(one, asked)
            && !is_open(&one.policy, asked)
            && facts
                .access
                .rules(&one.policy)
                .iter()
                .any(|rule| rule_allows(rule, asked))
    })
    .map(|one| &*one.principal)
}

/// Whether AWS contradicts itself about a request that a policy's table gives.
pub(crate) fn is_open(policy: &str, asked: &Attributes<'_>) -> bool {
    let Attributes::Resource {
        group: "",
        resource,
        subresource,
        ..
    } = *asked
    else {
        return false;
    };
    eks_policies::policy(policy).is_some_and(|one| one.open.contains(&(resource, subresource)))
}

/// Why a no to a principal's request is none; absent where it is one.
pub(crate) fn unsure(facts: &Facts, principal: &str, asked: &Attributes<'_>) -> Option<String> {
    match decide(facts, principal, asked) {
        Said::Open(_) => Some(eks_policies::OPEN.to_owned()),
        Said::Allowed(_) | Said::No => unknown(facts, principal),
    }
}

/// What is not known of a principal's access: an answer of no waits for it.
pub(crate) fn unknown(facts: &Facts, principal: &str) -> Option<String> {
    if principal.is_empty() || !entries_count(facts) {
        return None;
    }
    let key = principal_key(principal);
    let entry = facts
        .access
        .entries
        .get(&key)
        .and_then(|at| facts.aws.entries.get(*at));
    let listed = facts.aws.listed.iter().any(|(arn, _)| principal_key(arn) == key);
    if entry.is_none() && listed {
        return Some(format!(
            "aws eks describe-access-entry --principal-arn {principal}"
        ));
    }
    if entry.is_some_and(takes_policies) && !facts.access.asked.contains(&key) {
        return Some(format!(
            "aws eks list-associated-access-policies --principal-arn {principal}"
        ));
    }
    let unread = facts.access.of(principal).find_map(|at| {
        let one = facts.aws.policies.get(at)?;
        facts.access.rules(&one.policy).is_empty().then_some(one)
    });
    unread.map(|one| format!("what {} permits, which AWS publishes no table of", one.policy))
}

/// Whether access policies can be associated with an entry.
pub(crate) fn takes_policies(entry: &AccessEntry) -> bool {
    TYPES
        .iter()
        .find(|one| one.name.eq_ignore_ascii_case(&entry.sort))
        .is_none_or(|one| one.policies)
}

/// The text of the reason, as EKS prints it. It names the principal's id, which no document shows: its ARN stands there.
pub(super) fn reason(facts: &Facts, why: EksWhy) -> String {
    let Some(one) = facts.aws.policies.get(why.association) else {
        return String::new();
    };
    let binding = if one.within.is_none() {
        "ClusterRoleBinding"
    } else {
        "RoleBinding"
    };
    format!(
        "EKS Access Policy: allowed by {binding} {:?} of ClusterRole {:?} to User {:?}",
        format!("{}+{}", one.principal, one.policy),
        &*one.policy,
        &*one.principal
    )
}

impl Index {
    /// The associations of a principal.
    pub(crate) fn of(&self, principal: &str) -> impl Iterator<Item = usize> + '_ {
        self.held
            .get(&principal_key(principal))
            .into_iter()
            .flatten()
            .copied()
    }

    /// The rules of a policy; none where AWS publishes none.
    pub(crate) fn rules(&self, policy: &str) -> &[PolicyRule] {
        self.rules
            .get(eks_policies::name_of(policy))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The entry of a principal.
    pub(crate) fn entry<'f>(&self, facts: &'f Facts, principal: &str) -> Option<&'f AccessEntry> {
        facts
            .aws
            .entries
            .get(*self.entries.get(&principal_key(principal))?)
    }

    /// Whether a principal's access policies were listed.
    pub(crate) fn was_asked(&self, principal: &str) -> bool {
        self.asked.contains(&principal_key(principal))
    }
}
