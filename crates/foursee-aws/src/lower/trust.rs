//! Who may become a role: the role's side, and the caller's.

use super::claims::{Claims, issuer_of};
use super::pod_identity;
use super::{Actor, LAMBDA_ROLE, OUTSIDE, ROLE, TRUST, USER, cell_edge, passed_kind, within};
use crate::authorize::{Caller, Decision, Region, Request, authorize};
use crate::facts::{Facts, Role};
use crate::policy::{Context, Effect, Principal, Statement, Tri};
use crate::techniques::{ASSUME_ROLE, PASS, SAML, WEB_IDENTITY};
use foursee_core::estate::{Accepted, Audience, Lowering, Over, Presented};
use foursee_core::model::{Certainty, ConditionId, Foothold, NodeId, Pattern};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The name of whoever needs no account.
pub(super) const INTERNET: &str = "anyone on the internet";

/// Writes the side of every role's trust.
pub(super) fn lower(facts: &Facts, account: &str, out: &mut Lowering<'_>) {
    for role in &facts.roles {
        let node = out.node(&ROLE, &role.arn);
        for statement in role
            .trust
            .statements
            .iter()
            .filter(|one| one.effect == Effect::Allow)
        {
            let Some(principals) = &statement.principals else {
                continue;
            };
            if principals.not {
                continue;
            }
            for principal in &principals.list {
                one(facts, account, role, node, statement, principal, out);
            }
        }
    }
}

fn one(
    facts: &Facts,
    account: &str,
    role: &Role,
    node: NodeId,
    statement: &Statement,
    principal: &Principal,
    out: &mut Lowering<'_>,
) {
    let assume = statement.actions.matches("sts:assumerole");
    match principal {
        Principal::Everyone if assume => everyone(role, node, statement, out),
        Principal::Account(own) if **own == *account && assume => {
            let Some((condition, certainty)) = open(role, statement, "sts:assumerole", &super::nobody(), out)
            else {
                return;
            };
            let trust = out.node(&TRUST, &role.arn);
            out.member(trust, node, statement.place)
                .when(condition)
                .certainty(certainty);
        }
        Principal::Account(other) if assume => {
            foreign(
                role,
                node,
                statement,
                &Pattern::Prefix(facts.iam(other).into()),
                other,
                out,
            );
        }
        Principal::Arn(arn) if assume => match crate::authorize::account_of(arn) {
            Some(own) if own == account => named(facts, role, node, statement, arn, out),
            Some(other) => foreign(
                role,
                node,
                statement,
                &Pattern::Exact(session_role(arn).into()),
                other,
                out,
            ),
            None => {}
        },
        Principal::Id(id) if assume => {
            if let Some(arn) = facts.arn_of(id) {
                named(facts, role, node, statement, &arn, out);
            }
        }
        Principal::Service(service) if assume => {
            if **service == *pod_identity::SERVICE {
                pod_identity::accept(facts, role, node, statement, out);
            }
            for row in PASS
                .iter()
                .filter(|row| *row.service == **service && (!row.instance_profile || role.instance_profile))
            {
                let Some((condition, certainty)) =
                    open(role, statement, "sts:assumerole", &super::nobody(), out)
                else {
                    continue;
                };
                let given = out.node(passed_kind(row.service), &role.arn);
                out.member(given, node, statement.place)
                    .when(condition)
                    .certainty(certainty);
            }
        }
        Principal::Federated(provider) => federated(role, node, statement, provider, out),
        _ => {}
    }
}

/// A session's role, where an ARN names a session; the path is not in it.
fn session_role(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "sts", "", account, rest] => match rest.strip_prefix("assumed-role/") {
            Some(rest) => {
                format!(
                    "arn:{partition}:iam::{account}:role/{}",
                    rest.split('/').next().unwrap_or_default()
                )
            }
            None => arn.to_owned(),
        },
        _ => arn.to_owned(),
    }
}

/// What of a trust statement stays open, as a condition; none where it fails for certain.
pub(super) fn open(
    role: &Role,
    statement: &Statement,
    action: &str,
    context: &Context,
    out: &mut Lowering<'_>,
) -> Option<(ConditionId, Certainty)> {
    let mut ignored = BTreeSet::new();
    if statement
        .conditions
        .iter()
        .any(|clause| clause.holds(context, &mut ignored) == Tri::No)
    {
        return None;
    }
    let text = statement.open_conditions(context).join(" and ");
    let condition = out.condition(&text);
    let mut certainty = if text.is_empty() {
        Certainty::Certain
    } else {
        Certainty::Conditional
    };
    // A deny in the trust itself may take it back for some callers.
    let denies = role
        .trust
        .statements
        .iter()
        .any(|one| one.effect == Effect::Deny && one.actions.matches(action));
    if denies {
        certainty = Certainty::Ask;
    }
    if !role.trust.flaws.is_empty() || !statement.flaws.is_empty() {
        certainty = Certainty::Unknown;
    }
    Some((condition, certainty))
}

fn everyone(role: &Role, node: NodeId, statement: &Statement, out: &mut Lowering<'_>) {
    let Some((condition, certainty)) = open(role, statement, "sts:assumerole", &super::nobody(), out) else {
        return;
    };
    let internet = out.node(&OUTSIDE, INTERNET);
    out.edge(internet, &ASSUME_ROLE, node, statement.place)
        .when(condition)
        .certainty(certainty);
    out.entry(
        internet,
        Foothold::Acts,
        format!("role {} trusts everyone", role.name),
        statement.place,
    );
    // The account's own identities need no right of theirs either; only a deny of theirs can refuse.
    for kind in [&ROLE, &USER] {
        let all = out.select(Over {
            kind,
            pattern: &Pattern::Any,
            except: &[],
        });
        out.edge(all, &ASSUME_ROLE, node, statement.place)
            .when(condition)
            .certainty(certainty.max(Certainty::Ask));
    }
}

/// A user or role of the same account, named by the trust: no right of its own is needed.
fn named(facts: &Facts, role: &Role, node: NodeId, statement: &Statement, arn: &str, out: &mut Lowering<'_>) {
    let wanted = session_role(arn);
    let by_name = || {
        // A session's ARN lacks its role's path, and names of roles are unique.
        let name = wanted.rsplit('/').next()?;
        let session = arn.contains(":assumed-role/");
        let mut roles = facts.roles.iter().filter(|one| session && &*one.name == name);
        roles.next().map(crate::facts::Holder::Role)
    };
    let Some(holder) = facts.holder(&wanted).or_else(by_name) else {
        return;
    };
    if holder.arn() == &*role.arn {
        return;
    }
    let mut layers = facts.layers(&holder);
    facts.add_resource("sts:AssumeRole", &role.arn, &mut layers);
    let caller = holder.caller();
    let context = super::context_of(facts, &holder);
    let request = Request {
        caller: &caller,
        action: "sts:AssumeRole",
        resource: &role.arn,
        owner: facts.account(),
        context: &context,
    };
    let answer = authorize(&request, &layers);
    let from = super::holder_node(&holder, out);
    match answer.decision {
        Decision::Allowed => {
            out.edge(from, &ASSUME_ROLE, node, statement.place);
        }
        Decision::Possible => {
            let text = answer.conditions.join(" and ");
            let condition = out.condition(if text.is_empty() { "a named session" } else { &text });
            out.edge(from, &ASSUME_ROLE, node, statement.place)
                .when(condition);
        }
        Decision::ExplicitDeny | Decision::ImplicitDeny => {}
    }
}

/// Another account, or one of its identities: half of a grant, the other half is theirs.
fn foreign(
    role: &Role,
    node: NodeId,
    statement: &Statement,
    subject: &Pattern,
    account: &str,
    out: &mut Lowering<'_>,
) {
    let mut context = super::nobody();
    context.one("aws:PrincipalAccount", account);
    context.one("aws:PrincipalIsAWSService", "false");
    if let Pattern::Exact(arn) = subject {
        context.one("aws:PrincipalArn", arn.to_string());
    }
    let Some((condition, certainty)) = open(role, statement, "sts:assumerole", &context, out) else {
        return;
    };
    out.accept(Accepted {
        by: node,
        gives: Foothold::Acts,
        kind: "aws-call".into(),
        realm: "sts:AssumeRole".into(),
        subject: subject.clone(),
        audience: Vec::new(),
        certainty,
        condition,
        place: statement.place,
    });
    let outside = out.node(&OUTSIDE, &format!("account {account}"));
    out.edge(outside, &ASSUME_ROLE, node, statement.place)
        .when(condition)
        .certainty(certainty);
}

/// An OIDC or SAML provider.
fn federated(role: &Role, node: NodeId, statement: &Statement, provider: &str, out: &mut Lowering<'_>) {
    if provider.contains(":saml-provider/") {
        if statement.actions.matches("sts:assumerolewithsaml")
            && let Some((condition, certainty)) =
                open(role, statement, "sts:assumerolewithsaml", &super::nobody(), out)
        {
            let outside = out.node(&OUTSIDE, &format!("anyone whom {provider} vouches for"));
            out.edge(outside, &SAML, node, statement.place)
                .when(condition)
                .certainty(certainty);
        }
        return;
    }
    if !statement.actions.matches("sts:assumerolewithwebidentity") {
        return;
    }
    let claims = Claims::of(statement, issuer_of(provider));
    let Some((_, mut certainty)) = open(
        role,
        statement,
        "sts:assumerolewithwebidentity",
        &super::nobody(),
        out,
    ) else {
        return;
    };
    if certainty == Certainty::Conditional && claims.others.is_empty() {
        certainty = Certainty::Certain;
    }
    if claims.unsure {
        certainty = certainty.max(Certainty::Ask);
    }
    let condition = out.condition(&claims.others.join(" and "));
    for subject in &claims.subjects {
        out.accept(Accepted {
            by: node,
            gives: Foothold::Acts,
            kind: "web-identity".into(),
            realm: claims.issuer.as_str().into(),
            subject: subject.clone(),
            audience: claims
                .audience
                .iter()
                .map(|one| Arc::from(one.as_str()))
                .collect(),
            certainty,
            condition,
            place: statement.place,
        });
    }
    if let Some(public) = claims.anybody() {
        let outside = out.node(&OUTSIDE, &format!("anyone on {}", public.site));
        out.edge(outside, &WEB_IDENTITY, node, statement.place)
            .when(condition)
            .certainty(certainty);
        out.entry(
            outside,
            Foothold::Acts,
            format!("role {} trusts every tenant of {}", role.name, public.site),
            statement.place,
        );
    }
}

/// Writes what an identity's own policies let it assume.
pub(super) fn assume(facts: &Facts, account: &str, actor: &Actor<'_>, out: &mut Lowering<'_>) {
    let header = facts.iam(account);
    let region = Region::of(&actor.layers, "sts:AssumeRole", &header, &actor.context);
    for cell in region
        .0
        .iter()
        .filter_map(|cell| within(cell, &format!("{header}role/")))
    {
        let place = cell.statement.place;
        let Pattern::Exact(arn) = &cell.pattern else {
            cell_edge(out, actor.node, &ASSUME_ROLE, &TRUST, &cell, place);
            continue;
        };
        // One role, by name: whether it trusts the account is known, and with it what the hop depends on.
        let Some(role) = facts.role(arn).filter(|role| *role.arn != *actor.holder.arn()) else {
            continue;
        };
        let delegates = role.trust.statements.iter().any(|statement| {
            let principals = statement.principals.iter().flat_map(|all| &all.list);
            statement.effect == Effect::Allow
                && principals
                    .into_iter()
                    .any(|one| matches!(one, Principal::Account(own) if **own == *account))
        });
        if !delegates {
            continue;
        }
        let mut layers = actor.layers.clone();
        facts.add_resource("sts:AssumeRole", arn, &mut layers);
        let caller = actor.holder.caller();
        let request = Request {
            caller: &caller,
            action: "sts:AssumeRole",
            resource: arn,
            owner: Some(account),
            context: &actor.context,
        };
        let answer = authorize(&request, &layers);
        let to = out.node(&ROLE, arn);
        let text = answer.conditions.join(" and ");
        let condition = out.condition(&text);
        match answer.decision {
            Decision::Allowed => drop(out.edge(actor.node, &ASSUME_ROLE, to, place)),
            Decision::Possible if cell.unknown || text.is_empty() => {
                out.edge(actor.node, &ASSUME_ROLE, to, place)
                    .when(condition)
                    .certainty(Certainty::Unknown);
            }
            Decision::Possible => drop(out.edge(actor.node, &ASSUME_ROLE, to, place).when(condition)),
            Decision::ExplicitDeny | Decision::ImplicitDeny => {}
        }
    }
    call_others(facts, account, actor, out);
}

/// The half of cross-account calls that is this account's.
fn call_others(facts: &Facts, account: &str, actor: &Actor<'_>, out: &mut Lowering<'_>) {
    let mut headers: BTreeSet<String> = BTreeSet::new();
    for policy in actor.layers.identity.0.iter().filter_map(|source| source.policy) {
        for statement in &policy.statements {
            if statement.effect != Effect::Allow || !statement.actions.matches("sts:assumerole") {
                continue;
            }
            let Some(resources) = &statement.resources else {
                continue;
            };
            if resources.not {
                headers.insert(facts.iam("*"));
            }
            for one in resources.list.iter().filter(|_| !resources.not) {
                let (text, _) = one.loose();
                match text.split(':').nth(4) {
                    Some(own) if own == account => {}
                    Some(other) if !other.contains(['*', '?']) => {
                        headers.insert(facts.iam(other));
                    }
                    _ => {
                        headers.insert(facts.iam("*"));
                    }
                }
            }
        }
    }
    for header in headers {
        let region = Region::of(&actor.layers, "sts:AssumeRole", &header, &actor.context);
        for cell in &region.0 {
            let text = cell.pattern.to_string();
            let everything = text == "*" || text == format!("{}*", facts.iam("*"));
            let certainty = if cell.except.is_empty() {
                cell.certainty()
            } else {
                cell.certainty().max(Certainty::Ask)
            };
            out.present(Presented {
                by: actor.node,
                at: Foothold::Acts,
                kind: "aws-call".into(),
                realm: "sts:AssumeRole".into(),
                subject: actor.holder.arn().into(),
                audience: Audience::None,
                towards: (!everything).then(|| Pattern::from_glob(&text)),
                meant_for: None,
                certainty,
                condition: ConditionId(0),
                place: cell.statement.place,
            });
        }
    }
}

/// Whether a caller from outside the account, or nobody's, is let in by a role's trust.
pub(super) fn lets_in(facts: &Facts, role: &Role, caller: &Caller, action: &str, context: &Context) -> Tri {
    let mut layers = crate::authorize::Layers::default();
    facts.add_resource(action, &role.arn, &mut layers);
    let request = Request {
        caller,
        action,
        resource: &role.arn,
        owner: facts.account(),
        context,
    };
    let answer = authorize(&request, &layers);
    let said = answer.layers.iter().find(|said| said.layer == "resource");
    let rcp = answer
        .layers
        .iter()
        .find(|said| said.layer == "rcp")
        .map_or(Tri::No, |said| said.denies);
    said.map_or(Tri::No, |said| said.allows.and(said.denies.not()))
        .and(rcp.not())
}

/// Whether the kind is one of a role as a service may be given it.
pub(super) fn is_given(kind: &str) -> bool {
    PASS.iter().any(|row| passed_kind(row.service).name == kind) || kind == LAMBDA_ROLE.name
}
