//! Techniques over identities: those that take one action of IAM, those that join several, and what an administrator is.

use super::{ACCOUNT, Actor, BUCKET, GROUP, POLICY, ROLE, USER, cell_edge, passed_kind, within};
use crate::authorize::{Cell, Layers, Region, Sources};
use crate::facts::{Facts, Holder};
use crate::policy::{Context, Effect, Tri};
use crate::techniques::{
    ADD_TO_GROUP, ADMINISTERS, IAM, IS_ADMIN, PASS, PassRow, SELF_ADMIN, SELF_GROUP, SELF_POLICY, SELF_ROLE,
    SELF_USER,
};
use foursee_core::document::Place;
use foursee_core::estate::{Lowering, Over};
use foursee_core::model::{Certainty, Kind, Pattern};
use std::collections::BTreeSet;

/// The ARN of an account's root.
pub(super) fn root_of(facts: &Facts, account: &str) -> String {
    format!("{}root", facts.iam(account))
}

fn kind_of(over: &str) -> &'static Kind {
    match over {
        "user" => &USER,
        "role" => &ROLE,
        "group" => &GROUP,
        _ => &POLICY,
    }
}

/// Writes one identity's.
pub(super) fn lower(facts: &Facts, account: &str, actor: &Actor<'_>, out: &mut Lowering<'_>) {
    let header = facts.iam(account);
    for row in IAM {
        let region = Region::of(&actor.layers, row.action, &header, &actor.context);
        for mut cell in region
            .0
            .iter()
            .filter_map(|cell| within(cell, &format!("{header}{}/", row.over)))
        {
            refine(facts, row.action, &header, &mut cell);
            let place = cell.statement.place;
            cell_edge(out, actor.node, row.technique, kind_of(row.over), &cell, place);
        }
    }
    if let Holder::User(_) = actor.holder {
        let region = Region::of(&actor.layers, "iam:AddUserToGroup", &header, &actor.context);
        for cell in region
            .0
            .iter()
            .filter_map(|cell| within(cell, &format!("{header}group/")))
        {
            cell_edge(
                out,
                actor.node,
                &ADD_TO_GROUP,
                &GROUP,
                &cell,
                cell.statement.place,
            );
        }
    }
    pass(facts, account, actor, out);
    if let Some(way) = administers(facts, account, actor) {
        let to = out.node(&ACCOUNT, &root_of(facts, account));
        let condition = out.condition(&way.condition);
        let technique = if way.is { &IS_ADMIN } else { &SELF_ADMIN };
        out.edge(actor.node, technique, to, way.place)
            .when(condition)
            .certainty(way.certainty);
        if way.is && way.certainty <= Certainty::Conditional {
            out.prize(actor.node, "administrator of the account", way.place);
        }
    }
}

/// What the platform itself asks beside the right.
fn refine(facts: &Facts, action: &str, header: &str, cell: &mut Cell<'_>) {
    match action {
        "iam:UpdateAssumeRolePolicy" | "iam:PutRolePolicy" | "iam:AttachRolePolicy" => {
            // AWS's own roles cannot be changed. Source: IAM User Guide, id_roles_create-service-linked-role.
            for path in ["role/aws-service-role/", "role/aws-reserved/"] {
                cell.except
                    .push(Pattern::Prefix(format!("{header}{path}").into()));
            }
        }
        "iam:CreateAccessKey" if !facts.credentials.is_empty() => {
            let full = facts
                .credentials
                .iter()
                .filter(|row| row.keys.iter().all(|key| key.rotated.is_some()));
            cell.except
                .extend(full.map(|row| Pattern::Exact(row.arn.to_string().into())));
        }
        "iam:CreateAccessKey" => drop(
            cell.conditions
                .insert("the user has fewer than two access keys".to_owned()),
        ),
        "iam:CreateLoginProfile" if !facts.credentials.is_empty() => {
            let with = facts.credentials.iter().filter(|row| row.password);
            cell.except
                .extend(with.map(|row| Pattern::Exact(row.arn.to_string().into())));
        }
        "iam:UpdateLoginProfile" if !facts.credentials.is_empty() => {
            let without = facts.credentials.iter().filter(|row| !row.password);
            cell.except
                .extend(without.map(|row| Pattern::Exact(row.arn.to_string().into())));
        }
        "iam:CreateLoginProfile" => drop(
            cell.conditions
                .insert("the user has no console password yet".to_owned()),
        ),
        "iam:UpdateLoginProfile" => drop(
            cell.conditions
                .insert("the user has a console password".to_owned()),
        ),
        _ => {}
    }
    // INVARIANT (exceptions of a name): a cell that names one thing, which is excepted, means nothing; the selector
    // says so, because the name no longer stands alone.
    cell.except
        .retain(|one| crate::authorize::meet(one, &cell.pattern) != crate::authorize::Meet::Nothing);
}

/// How an identity is, or makes itself, an administrator.
pub(super) struct Way {
    /// It is one already.
    pub(super) is: bool,
    pub(super) certainty: Certainty,
    pub(super) condition: String,
    pub(super) place: Place,
}

/// Whether an identity is, or makes itself, an administrator of its account.
pub(super) fn administers(facts: &Facts, account: &str, actor: &Actor<'_>) -> Option<Way> {
    // A boundary that does not allow everything keeps whoever is under it from being one, whatever it writes.
    let bounded = actor.layers.boundary.as_ref().is_some_and(|all| {
        !all.0
            .iter()
            .filter_map(|source| source.policy)
            .any(Facts::allows_everything)
    });
    if bounded {
        return None;
    }
    let denies = actor
        .layers
        .identity
        .0
        .iter()
        .filter_map(|source| source.policy)
        .any(|policy| policy.statements.iter().any(|one| one.effect == Effect::Deny));
    let limits = if denies {
        "what its own Deny statements leave"
    } else {
        ""
    };
    let everything = actor.layers.identity.0.iter().filter_map(|source| source.policy);
    for policy in everything {
        let found = policy.statements.iter().find(|one| {
            one.effect == Effect::Allow
                && one.flaws.is_empty()
                && !one.actions.not
                && one.actions.list.iter().any(crate::policy::ActionPattern::all)
                && one
                    .resources
                    .as_ref()
                    .is_some_and(|all| !all.not && all.list.iter().any(crate::policy::ResourcePattern::all))
        });
        if let Some(statement) = found {
            let mut open: Vec<String> = statement.open_conditions(&actor.context);
            let fails = statement
                .conditions
                .iter()
                .any(|one| one.holds(&actor.context, &mut BTreeSet::new()) == Tri::No);
            if fails || !policy.flaws.is_empty() {
                continue;
            }
            open.extend((!limits.is_empty()).then(|| limits.to_owned()));
            let certainty = if open.is_empty() {
                Certainty::Certain
            } else {
                Certainty::Conditional
            };
            return Some(Way {
                is: true,
                certainty,
                condition: open.join(" and "),
                place: statement.place,
            });
        }
    }
    let header = facts.iam(account);
    let own = |actions: &[&str], names: &[String]| -> Option<Way> {
        actions.iter().find_map(|action| {
            let region = Region::of(&actor.layers, action, &header, &actor.context);
            let cell = region
                .0
                .iter()
                .filter(|cell| names.iter().any(|name| cell.means(name)))
                .min_by_key(|cell| cell.certainty())?;
            let mut open: Vec<String> = cell.conditions.iter().cloned().collect();
            open.extend((!limits.is_empty()).then(|| limits.to_owned()));
            let certainty = if open.is_empty() {
                cell.certainty()
            } else {
                cell.certainty().max(Certainty::Conditional)
            };
            Some(Way {
                is: false,
                certainty,
                condition: open.join(" and "),
                place: cell.statement.place,
            })
        })
    };
    let arn = actor.holder.arn().to_owned();
    let mut policies: Vec<String> = actor
        .holder
        .grants()
        .attached
        .iter()
        .map(|one| one.arn.to_string())
        .collect();
    let found = match actor.holder {
        Holder::User(user) => {
            let groups: Vec<String> = facts.groups_of(user).map(|group| group.arn.to_string()).collect();
            policies.extend(
                facts
                    .groups_of(user)
                    .flat_map(|group| group.grants.attached.iter().map(|one| one.arn.to_string())),
            );
            own(&SELF_USER, &[arn]).or_else(|| own(&SELF_GROUP, &groups))
        }
        Holder::Role(_) if arn.contains(":role/aws-service-role/") || arn.contains(":role/aws-reserved/") => {
            None
        }
        Holder::Role(_) => own(&SELF_ROLE, &[arn]),
        Holder::Group(_) => None,
    };
    policies.retain(|policy| !policy.contains("::aws:"));
    found.or_else(|| own(&SELF_POLICY, &policies))
}

/// Whether an action is allowed on something, wherever that is: with what it depends on.
pub(super) fn anywhere(
    layers: &Layers<'_>,
    action: &str,
    context: &Context,
) -> Option<(BTreeSet<String>, Certainty)> {
    let lower = action.to_ascii_lowercase();
    let allowing = |sources: &Sources<'_>| -> Option<(BTreeSet<String>, bool)> {
        let mut best: Option<(BTreeSet<String>, bool)> = None;
        for policy in sources.0.iter().filter_map(|source| source.policy) {
            for one in policy
                .statements
                .iter()
                .filter(|one| one.effect == Effect::Allow && one.actions.matches(&lower))
            {
                let some = one.resources.as_ref().is_some_and(|all| !all.list.is_empty());
                if !some
                    || one
                        .conditions
                        .iter()
                        .any(|clause| clause.holds(context, &mut BTreeSet::new()) == Tri::No)
                {
                    continue;
                }
                let whole = one
                    .resources
                    .as_ref()
                    .is_some_and(|all| !all.not && all.list.iter().any(crate::policy::ResourcePattern::all));
                let found = (
                    one.open_conditions(context).into_iter().collect::<BTreeSet<_>>(),
                    !whole,
                );
                if best
                    .as_ref()
                    .is_none_or(|best| (found.0.len(), found.1) < (best.0.len(), best.1))
                {
                    best = Some(found);
                }
            }
        }
        best
    };
    let mut conditions = BTreeSet::new();
    let mut certainty = Certainty::Certain;
    let unread = |sources: &Sources<'_>| sources.0.iter().any(|source| source.policy.is_none());
    let mut all: Vec<&Sources<'_>> = vec![&layers.identity];
    all.extend(&layers.boundary);
    if !layers.management_account {
        all.extend(layers.scps.iter().flatten());
    }
    for sources in all {
        match allowing(sources) {
            Some((open, partial)) => {
                conditions.extend(open);
                // On some resources only: whether these are enough, its statement says, and nothing that was read.
                if partial {
                    certainty = certainty.max(Certainty::Ask);
                }
            }
            None if unread(sources) && !std::ptr::eq(sources, &layers.identity) => {
                certainty = Certainty::Unknown
            }
            None => return None,
        }
        for policy in sources.0.iter().filter_map(|source| source.policy) {
            for one in policy
                .statements
                .iter()
                .filter(|one| one.effect == Effect::Deny && one.actions.matches(&lower))
            {
                if one
                    .conditions
                    .iter()
                    .any(|clause| clause.holds(context, &mut BTreeSet::new()) == Tri::No)
                {
                    continue;
                }
                let open = one.open_conditions(context);
                let whole = one
                    .resources
                    .as_ref()
                    .is_none_or(|all| !all.not && all.list.iter().any(crate::policy::ResourcePattern::all));
                match (whole, open.is_empty()) {
                    (true, true) => return None,
                    (true, false) => drop(conditions.insert(format!("not ({})", open.join(" and ")))),
                    (false, _) => certainty = certainty.max(Certainty::Ask),
                }
            }
        }
    }
    for source in layers.unplaced.0.iter().filter(|_| !layers.management_account) {
        let statements = source.policy.iter().flat_map(|policy| &policy.statements);
        let denies =
            |one: &&crate::policy::Statement| one.effect == Effect::Deny && one.actions.matches(&lower);
        if statements.filter(denies).count() > 0 {
            conditions.insert(crate::authorize::unless_bound(source.id));
        }
    }
    if !conditions.is_empty() {
        certainty = certainty.max(Certainty::Conditional);
    }
    Some((conditions, certainty))
}

/// What launching in a service depends on, beside the role that is passed.
pub(super) fn launch(
    layers: &Layers<'_>,
    row: &PassRow,
    context: &Context,
) -> Option<(BTreeSet<String>, Certainty)> {
    let mut conditions = BTreeSet::new();
    let mut certainty = Certainty::Certain;
    for action in row.all {
        let (open, sure) = anywhere(layers, action, context)?;
        conditions.extend(open);
        certainty = certainty.max(sure);
    }
    if !row.any.is_empty() {
        let ways = row
            .any
            .iter()
            .filter_map(|action| anywhere(layers, action, context));
        let (open, sure) = ways.min_by_key(|(open, sure)| (*sure, open.len()))?;
        conditions.extend(open);
        certainty = certainty.max(sure);
    }
    Some((conditions, certainty))
}

/// The context of passing a role to a service.
pub(super) fn passing(context: &Context, service: &str) -> Context {
    let mut context = context.clone();
    context.one("iam:PassedToService", service);
    context
}

fn pass(facts: &Facts, account: &str, actor: &Actor<'_>, out: &mut Lowering<'_>) {
    let header = facts.iam(account);
    for row in &PASS {
        let context = passing(&actor.context, row.service);
        let region = Region::of(&actor.layers, "iam:PassRole", &header, &context);
        if region.0.is_empty() {
            continue;
        }
        let Some((conditions, certainty)) = launch(&actor.layers, row, &actor.context) else {
            continue;
        };
        for mut cell in region
            .0
            .iter()
            .filter_map(|cell| within(cell, &format!("{header}role/")))
        {
            cell.conditions.extend(conditions.iter().cloned());
            match certainty {
                Certainty::Ask => cell.ask = true,
                Certainty::Unknown => cell.unknown = true,
                Certainty::Certain | Certainty::Conditional => {}
            }
            if let Pattern::Exact(arn) = &cell.pattern
                && !facts.role(arn).is_some_and(|role| trusts_service(role, row))
            {
                continue;
            }
            cell_edge(
                out,
                actor.node,
                row.technique,
                passed_kind(row.service),
                &cell,
                cell.statement.place,
            );
        }
    }
}

/// Whether a role may be given to a service.
pub(super) fn trusts_service(role: &crate::facts::Role, row: &PassRow) -> bool {
    let names = role.trust.statements.iter().any(|statement| {
        let mut principals = statement.principals.iter().flat_map(|all| &all.list);
        statement.effect == Effect::Allow
            && statement.actions.matches("sts:assumerole")
            && principals
                .any(|one| matches!(one, crate::policy::Principal::Service(name) if **name == *row.service))
    });
    names && (!row.instance_profile || role.instance_profile)
}

/// Writes what an administrator has.
pub(super) fn account(facts: &Facts, account: &str, out: &mut Lowering<'_>) {
    let Some(place) = facts.first_page.filter(|_| !account.is_empty()) else {
        return;
    };
    let node = out.node(&ACCOUNT, &root_of(facts, account));
    out.prize(node, format!("administration of account {account}"), place);
    // Service control policies bind administrators too.
    let bound = facts
        .levels(crate::facts::OrganizationKind::Scp, Some(account))
        .is_some_and(|levels| {
            levels.iter().any(|level| {
                let statements = level
                    .0
                    .iter()
                    .filter_map(|source| source.policy)
                    .flat_map(|policy| &policy.statements);
                let mut statements = statements.peekable();
                let everything = level
                    .0
                    .iter()
                    .filter_map(|source| source.policy)
                    .any(Facts::allows_everything);
                !everything || statements.any(|one| one.effect == Effect::Deny)
            })
        });
    let certainty = if bound && !facts.is_management(account) {
        Certainty::Conditional
    } else {
        Certainty::Certain
    };
    let condition = out.condition(if certainty == Certainty::Certain {
        ""
    } else {
        "what the organisation's policies leave"
    });
    for kind in [&USER, &ROLE, &BUCKET] {
        let prefix = match kind.name {
            "bucket" => facts.s3(),
            name => format!("{}{name}/", facts.iam(account)),
        };
        let except = if kind.name == "role" {
            vec![Pattern::Prefix(format!("{prefix}aws-service-role/").into())]
        } else {
            Vec::new()
        };
        let to = out.select(Over {
            kind,
            pattern: &Pattern::Prefix(prefix.into()),
            except: &except,
        });
        out.edge(node, &ADMINISTERS, to, place)
            .when(condition)
            .certainty(certainty);
    }
}
