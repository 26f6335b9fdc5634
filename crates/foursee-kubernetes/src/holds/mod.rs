//! Whether a hop really holds, and whether an identity may do something: the authorizer and the facts, asked again.

mod nodes;

use crate::authorize::eks;
use crate::authorize::{
    Asker, Attributes, Decision, MASTERS, decide, groups_of_account, parse_action, rule_allows,
};
use crate::facts::{Facts, PolicyRule, RoleKind};
use crate::lower::cloud;
use crate::lower::{
    BOOTSTRAP_CONDITION, BOOTSTRAPPERS, WEBHOOK_CONDITION, allows, ask_condition, aws_auth_counts,
    aws_auth_written, certifies, exec_condition, given, in_group_of, joined_condition, joined_ways,
    kubelet_name, makes_bootstrap_tokens, minted, refills, rewrites, rewrites_by_policy, steps, subject,
    subject_node, web_identities, workload_patterns,
};
use crate::reach::{Ask, Gives, Which, asks, is_admin};
use crate::techniques::*;
use foursee_core::layer::{CredentialRef, Holds, Hop, Who};
use nodes::NODES;

fn no(why: impl Into<String>) -> Holds {
    Holds::No(why.into())
}

fn when(holds: bool, why: impl Into<String>) -> Holds {
    if holds { Holds::Yes } else { no(why) }
}

/// Whether a hop holds.
pub(crate) fn holds(facts: &Facts, hop: &Hop<'_>) -> Holds {
    let (from, to) = (hop.from, hop.to);
    if let Some(said) = cloud::holds(facts, hop) {
        return said;
    }
    match hop.technique {
        "core-member" => when(
            member(facts, from, to),
            format!("{} is no member of {}", from.name, to.name),
        ),
        "core-presents" => match hop.credential {
            Some(credential) => when(
                presents(facts, from, credential),
                format!("{} does not present {}", from.name, credential.subject),
            ),
            None => no("no credential is named"),
        },
        "core-accepts" => no("nothing of that name is let in by that credential"),
        id if id == POD_TOKEN.id => match facts.groups.named(from.name) {
            Some(group) => when(
                group.account(facts) == to.name && group.rows(facts).any(|one| facts.token_mounted(one)),
                "the account's token is not mounted",
            ),
            None => no("there is no such workload"),
        },
        id if id == POD_SECRET.id => when(
            facts.groups.named(from.name).is_some_and(|group| {
                given(facts, group)
                    .keys()
                    .any(|name| format!("{}/{name}", group.namespace) == to.name)
            }),
            "the workload's pods are not given that Secret",
        ),
        id if id == USE_TOKEN.id => when(from.name == to.name, "a token is only its own account's"),
        id if id == TOKEN_SECRET.id => when(
            facts.secrets.iter().any(|one| {
                one.meta.full_name() == from.name
                    && one
                        .token_of()
                        .is_some_and(|name| format!("{}/{name}", one.meta.namespace) == to.name)
            }),
            "that Secret holds no token of the account",
        ),
        id if NODES.iter().any(|one| one.id == id) => nodes::holds(facts, id, from, to),
        id if id == READ_SECRET.id && from.kind == "user" => nodes::reads_secret(facts, from, to),
        id if id == TURN_OFF.id || id == NODE_VOLUME.id || id == NODE_CERTIFICATE.id => {
            let there = id != NODE_CERTIFICATE.id || to.name.starts_with(&kubelet_name(""));
            joined_ways(facts, from.kind, from.name)
                .iter()
                .find(|(one, _)| one.id == id && there)
                .map_or_else(
                    || {
                        no(format!(
                            "{} lacks one of the rights that it needs together",
                            from.name
                        ))
                    },
                    |(one, _)| Holds::If(joined_condition(one).to_owned()),
                )
        }
        id if id == BOOTSTRAP.id => {
            let admin = PolicyRule::everything();
            let (namespace, rules) = rules_at(facts, from, &admin).unwrap_or_default();
            if to.name.starts_with(BOOTSTRAPPERS) && makes_bootstrap_tokens(&namespace, &rules) {
                Holds::If(BOOTSTRAP_CONDITION.to_owned())
            } else {
                no(format!("{} creates no Secrets in kube-system", from.name))
            }
        }
        id if id == BIND.id || id == ESCALATE.id => when(
            steps(facts, from.kind, from.name)
                .iter()
                .any(|step| step.technique.id == id && step.leads_to(to.kind, to.name)),
            format!(
                "{} may not, by bind or escalate with the write that it needs",
                from.name
            ),
        ),
        id if id == ADMIN.id && from.kind == "group" => when(
            from.name == MASTERS || (facts.index.chain.always && from.name == "system:authenticated"),
            "only system:masters",
        ),
        id => by_rules(facts, id, from, to),
    }
}

/// The rules of a grant, cluster or namespace node, and where they count.
fn rules_at<'f>(
    facts: &'f Facts,
    from: Who<'_>,
    admin: &'f PolicyRule,
) -> Option<(String, Vec<&'f PolicyRule>)> {
    if let Some(given) = cloud::policy_rules(facts, from) {
        return Some(given);
    }
    match from.kind {
        "cluster" => Some((String::new(), vec![admin])),
        "namespace" => Some((from.name.to_owned(), vec![admin])),
        "grant" => {
            let (namespace, kind, name) = grant_parts(from.name)?;
            let of = if kind == RoleKind::Role { namespace } else { "" };
            let role = facts.role(kind, of, name)?;
            Some((
                namespace.to_owned(),
                facts.rules_of(role).map(|(rule, _)| rule).collect(),
            ))
        }
        _ => None,
    }
}

/// A grant node's name, in parts; cluster-wide is "".
fn grant_parts(name: &str) -> Option<(&str, RoleKind, &str)> {
    let (namespace, rest) = name.split_once('/')?;
    let (kind, name) = rest.split_once('/')?;
    let namespace = if namespace == "*" { "" } else { namespace };
    Some((namespace, RoleKind::parse(kind)?, name))
}

/// A hop that rules of a role give.
fn by_rules(facts: &Facts, id: &str, from: Who<'_>, to: Who<'_>) -> Holds {
    let admin = PolicyRule::everything();
    let Some((namespace, rules)) = rules_at(facts, from, &admin) else {
        return no(format!("{} {} has no rules of its own", from.kind, from.name));
    };
    let refused = || no(format!("no rule of {} gives it", from.name));
    if id == ADMIN.id {
        return when(
            namespace.is_empty() && rules.iter().any(|rule| is_admin(rule)),
            "not every verb on everything",
        );
    }
    if id == AWS_AUTH.id {
        return when(
            aws_auth_written(facts, &namespace, &rules),
            "aws-auth is out of its reach",
        );
    }
    if id == MINT_TOKEN.id {
        let there = namespace.is_empty() || to.name.starts_with(&format!("{namespace}/"));
        let of = to.name.split_once('/').map_or("", |one| one.0);
        return when(
            there && (minted(&rules) || refills(facts, of, &rules)),
            "it may not create, or change, a token Secret there and read it",
        );
    }
    if id == APPROVE.id {
        let masters = to.kind == "group" && to.name == MASTERS;
        return when(
            namespace.is_empty() && !masters && certifies(&rules),
            "it cannot create and approve client certificates; none is ever made out for system:masters",
        );
    }
    if id == WEBHOOK.id {
        return if namespace.is_empty() && rules.iter().any(|rule| rewrites(rule)) {
            Holds::If(WEBHOOK_CONDITION.to_owned())
        } else {
            refused()
        };
    }
    if id == MUTATING.id {
        return match rewrites_by_policy(facts, &rules) {
            Some(condition) if namespace.is_empty() => Holds::If(condition.to_owned()),
            _ => refused(),
        };
    }
    let mut best = refused();
    for ask in asks() {
        if ask.technique.id != id || ask.over.name != to.kind || (ask.cluster && !namespace.is_empty()) {
            continue;
        }
        if !rules
            .iter()
            .any(|rule| reaches(facts, &ask, rule, &namespace, to.name))
        {
            continue;
        }
        let Some(condition) = ask_condition(facts, &ask, &namespace, &rules) else {
            continue;
        };
        match condition {
            None => return Holds::Yes,
            Some(condition) => best = Holds::If(condition.to_owned()),
        }
    }
    if id == EXEC.id
        && matches!(best, Holds::No(_))
        && (namespace.is_empty() || to.name.starts_with(&format!("{namespace}/")))
        && rules.iter().any(|rule| allows(rule, "get", "pods", "exec", ""))
    {
        best = match exec_condition(facts) {
            Ok(None) => Holds::Yes,
            Ok(Some(condition)) => Holds::If(condition.to_owned()),
            Err(()) => refused(),
        };
    }
    best
}

/// Whether a rule, where it counts, reaches that member.
fn reaches(facts: &Facts, ask: &Ask, rule: &PolicyRule, namespace: &str, name: &str) -> bool {
    let Some(gives) = ask.of(rule) else { return false };
    let scoped = !matches!(ask.over.name, "user" | "group" | "node");
    let within = !scoped
        || namespace.is_empty()
        || name
            .strip_prefix(namespace)
            .is_some_and(|rest| rest.starts_with('/'));
    if !within && ask.which != Which::Everything {
        return false;
    }
    match (&gives, ask.which) {
        (Gives::All, Which::Workloads(kind)) => in_group_of(facts, kind, name),
        (Gives::All, _) | (Gives::Names(_), Which::Namespace | Which::NamespaceByName) => true,
        (Gives::Names(names), Which::Workloads(kind)) => names.iter().any(|one| {
            workload_patterns(facts, kind, namespace, one)
                .iter()
                .any(|pattern| pattern.matches(name))
        }),
        (Gives::Names(names), Which::Everything) => {
            ask.technique.id != NODE_PROXY.id
                || facts.groups.named(name).is_some_and(|group| {
                    group
                        .nodes
                        .iter()
                        .any(|node| names.iter().any(|one| **one == **node))
                })
        }
        (Gives::Names(names), Which::Named) => names.iter().any(|one| match ask.over.name {
            "pod" => workload_patterns(facts, "Pod", namespace, one)
                .iter()
                .any(|pattern| pattern.matches(name)),
            _ if scoped => name.split_once('/').is_some_and(|(_, own)| own == &**one),
            _ => name == &**one,
        }),
    }
}

/// Whether somebody is a member of a group or grant.
fn member(facts: &Facts, from: Who<'_>, to: Who<'_>) -> bool {
    if to.kind == "grant" {
        let Some((namespace, kind, role)) = grant_parts(to.name) else {
            return false;
        };
        return facts
            .index
            .bindings_of(namespace)
            .filter_map(|at| facts.bindings.get(at))
            .any(|binding| {
                *binding.role_name == *role
                    && *binding.role_kind == *kind.as_str()
                    && binding.subjects.iter().any(|one| {
                        subject_node(one, namespace)
                            .is_some_and(|(kind, name)| kind.name == from.kind && name == from.name)
                    })
            });
    }
    let (_, groups) = asker(facts, from);
    groups.iter().any(|group| group == to.name)
}

fn presents(facts: &Facts, from: Who<'_>, credential: CredentialRef<'_>) -> bool {
    let at_issuer = || {
        facts
            .issuers
            .first()
            .is_some_and(|(issuer, _)| issuer.eq_ignore_ascii_case(credential.realm))
    };
    match (from.kind, credential.kind) {
        ("serviceaccount", "web-identity") => at_issuer() && subject(from.name) == credential.subject,
        ("pod", kind) => facts.groups.named(from.name).is_some_and(|group| match kind {
            "web-identity" => {
                at_issuer()
                    && subject(&group.account(facts)) == credential.subject
                    && web_identities(facts, group).iter().any(|(audience, ..)| {
                        **audience == *credential.audience || credential.audience.is_empty()
                    })
            }
            "aws-access-key" => group
                .rows(facts)
                .flat_map(|one| &one.pod.containers)
                .any(|container| {
                    container
                        .access_keys
                        .iter()
                        .any(|(key, _)| **key == *credential.subject)
                }),
            kind => group
                .rows(facts)
                .flat_map(|one| &one.pod.containers)
                .any(|container| {
                    container.connections.iter().any(|(one, _)| {
                        one.kind == kind
                            && one.subject == credential.subject
                            && one.realm.eq_ignore_ascii_case(credential.realm)
                    })
                }),
        }),
        _ => false,
    }
}

/// Asks something as an identity: in all its groups, and of an access entry with its principal.
pub(crate) fn as_asker<T>(facts: &Facts, who: Who<'_>, ask: impl FnOnce(Asker<'_>) -> T) -> T {
    let (user, groups) = asker(facts, who);
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let entry = who.kind == ACCESS_ENTRY.name;
    ask(Asker {
        user: &user,
        groups: &groups,
        principal: if entry { who.name } else { "" },
    })
}

/// The user name and groups of an identity, implicit ones too.
pub(crate) fn asker(facts: &Facts, who: Who<'_>) -> (String, Vec<String>) {
    let authenticated = || "system:authenticated".to_owned();
    match who.kind {
        "serviceaccount" => {
            let (namespace, name) = who.name.split_once('/').unwrap_or(("", who.name));
            (
                format!("system:serviceaccount:{namespace}:{name}"),
                groups_of_account(namespace).to_vec(),
            )
        }
        "accessentry" => cloud::asker(facts, who.name),
        "group" => {
            let mut groups = vec![who.name.to_owned()];
            if who.name != "system:unauthenticated" {
                groups.push(authenticated());
            }
            (String::new(), groups)
        }
        "node" => (
            format!("system:node:{}", who.name),
            vec!["system:nodes".to_owned(), authenticated()],
        ),
        _ if who.name == "system:anonymous" => {
            (who.name.to_owned(), vec!["system:unauthenticated".to_owned()])
        }
        _ => {
            let mut groups = vec![authenticated()];
            if aws_auth_counts(facts) {
                for line in &facts.aws_auth {
                    let name = if line.username.is_empty() {
                        &line.arn
                    } else {
                        &line.username
                    };
                    if **name == *who.name {
                        groups.extend(line.groups.iter().map(|group| group.to_string()));
                    }
                }
            }
            if let Some(node) = who.name.strip_prefix("system:node:")
                && facts.nodes.iter().any(|one| *one.meta.name == *node)
            {
                groups.push("system:nodes".to_owned());
            }
            (who.name.to_owned(), groups)
        }
    }
}

/// Whether an identity may do an action to a resource.
pub(crate) fn may(facts: &Facts, who: &Who<'_>, action: &str, resource: &str) -> Holds {
    let Some(asked) = parse_action(action, resource) else {
        return no(format!(
            "`{action}` is no verb and resource, such as `get secrets` or `create pods/exec`"
        ));
    };
    let admin = PolicyRule::everything();
    if let Some((namespace, rules)) = rules_at(facts, *who, &admin) {
        let counts = namespace.is_empty() || asked.namespace() == namespace;
        return when(
            counts && rules.iter().any(|rule| rule_allows(rule, &asked)),
            format!("no rule of {} gives it", who.name),
        );
    }
    let account;
    let who = if who.kind == "pod" {
        let Some(group) = facts.groups.named(who.name) else {
            return no(format!("there is no workload {}", who.name));
        };
        if !group.rows(facts).any(|one| facts.token_mounted(one)) {
            return no("no token of its service account is mounted");
        }
        account = group.account(facts);
        Who {
            kind: "serviceaccount",
            name: &account,
        }
    } else {
        *who
    };
    as_asker(facts, who, |who| answer(facts, who, &asked))
}

fn answer(facts: &Facts, who: Asker<'_>, asked: &Attributes<'_>) -> Holds {
    match ask(facts, who, asked) {
        Decision::Masters | Decision::Always | Decision::Node | Decision::Allowed(_) | Decision::Eks(_) => {
            Holds::Yes
        }
        Decision::No => match eks::unsure(facts, who.principal, asked) {
            Some(unsure) => Holds::Unknown(unsure),
            None if facts.bindings.is_empty() || facts.roles.is_empty() => Holds::Unknown(
                "roles and bindings were not read: kubectl get roles,clusterroles,rolebindings,clusterrolebindings -A -o json"
                    .to_owned(),
            ),
            None => no("no role that is bound to it allows that; other authorizers are in no export"),
        },
    }
}

/// Decides; a workload's name stands for the names of its pods too.
fn ask(facts: &Facts, who: Asker<'_>, asked: &Attributes<'_>) -> Decision {
    let first = decide(facts, who, asked);
    let Attributes::Resource {
        verb,
        group: "",
        resource: "pods",
        subresource,
        name,
        namespace,
    } = *asked
    else {
        return first;
    };
    if first.allowed() || name.is_empty() {
        return first;
    }
    let Some(group) = facts.groups.named(&format!("{namespace}/{name}")) else {
        return first;
    };
    group
        .rows(facts)
        .filter(|one| one.kind == "Pod")
        .map(|one| {
            decide(
                facts,
                who,
                &Attributes::Resource {
                    verb,
                    group: "",
                    resource: "pods",
                    subresource,
                    name: &one.meta.name,
                    namespace,
                },
            )
        })
        .find(Decision::allowed)
        .unwrap_or(first)
}
