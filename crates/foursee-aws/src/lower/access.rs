//! Buckets: which there are, who reads, writes and deletes their objects, and whom their own policies let in.

use super::{Actor, BUCKET, OUTSIDE, cell_edge, trust::INTERNET};
use crate::authorize::{Caller, Cell, Decision, Meet, Region, Request, authorize, covers, meet};
use crate::facts::{Bucket, Facts, bucket_of};
use crate::policy::{Context, Effect, Principal, ResourcePattern, Statement, Tri};
use crate::techniques::BUCKET as WAYS;
use foursee_core::estate::{Accepted, Audience, Lowering, Over, Presented};
use foursee_core::model::{Certainty, ConditionId, Foothold, Pattern};
use std::collections::BTreeSet;

/// The ARN of a bucket.
fn arn_of(facts: &Facts, name: &str) -> String {
    format!("{}{name}", facts.s3())
}

/// Makes a node of every bucket that anything names, and writes what their own policies say.
pub(super) fn buckets(facts: &Facts, out: &mut Lowering<'_>) {
    let mut names: BTreeSet<String> = facts.buckets.iter().map(|one| one.name.to_string()).collect();
    let inline = facts
        .holders()
        .flat_map(|holder| holder.grants().inline.iter().map(|one| &one.policy));
    let trusts = facts.managed.iter().map(|one| &one.policy);
    for policy in inline.chain(trusts) {
        let resources = policy
            .statements
            .iter()
            .filter_map(|one| one.resources.as_ref())
            .flat_map(|all| &all.list);
        let named = resources.filter_map(|one| bucket_of(one.text()));
        names.extend(
            named
                .filter(|name| !name.contains(['*', '?', '$']))
                .map(str::to_owned),
        );
    }
    for name in &names {
        out.node(&BUCKET, &arn_of(facts, name));
    }
    for bucket in &facts.buckets {
        let Some(policy) = &bucket.policy else { continue };
        for statement in policy.statements.iter().filter(|one| one.effect == Effect::Allow) {
            for way in WAYS
                .iter()
                .filter(|way| statement.actions.matches(&way.action.to_ascii_lowercase()))
            {
                grants(facts, bucket, statement, way, out);
            }
        }
    }
}

/// The object patterns of a statement within a bucket: whether all of its objects, else which.
fn objects(header: &str, statement: &Statement, bucket: &str) -> Option<String> {
    let resources = statement.resources.as_ref().filter(|all| !all.not)?;
    let own = format!("{header}{bucket}/");
    let keys: Vec<String> = resources
        .list
        .iter()
        .filter_map(|one| {
            let (text, _) = one.loose();
            match text.strip_prefix(&*own) {
                Some(key) => Some(key.to_owned()),
                None => Pattern::from_glob(&text)
                    .matches(&format!("{own}x"))
                    .then(|| "*".to_owned()),
            }
        })
        .collect();
    match keys.as_slice() {
        [] => None,
        keys if keys.iter().any(|key| key == "*") => Some(String::new()),
        keys => Some(format!("only objects {}", keys.join(", "))),
    }
}

fn grants(
    facts: &Facts,
    bucket: &Bucket,
    statement: &Statement,
    way: &'static crate::techniques::BucketRow,
    out: &mut Lowering<'_>,
) {
    let (Some(principals), Some(only)) = (
        &statement.principals,
        objects(&facts.s3(), statement, &bucket.name),
    ) else {
        return;
    };
    let node = out.node(&BUCKET, &arn_of(facts, &bucket.name));
    let own = facts.account().unwrap_or_default();
    let sample = sample(&facts.s3(), statement, &bucket.name);
    let listed: Vec<Principal> = if principals.not {
        vec![Principal::Everyone]
    } else {
        principals.list.clone()
    };
    for principal in listed {
        let (caller, outside, subject) = match &principal {
            Principal::Everyone => (Caller::Anonymous, Some(INTERNET.to_owned()), None),
            Principal::Account(other) if **other != *own => (
                Caller::Root {
                    account: other.to_string(),
                },
                Some(format!("account {other}")),
                Some(Pattern::Prefix(facts.iam(other).into())),
            ),
            Principal::Arn(arn) => match (
                facts.holder(arn),
                crate::authorize::account_of(arn),
                Caller::parse(arn),
            ) {
                (Some(holder), _, _) => {
                    let mut layers = facts.layers(&holder);
                    facts.add_resource(way.action, &sample, &mut layers);
                    let (caller, context) = (holder.caller(), super::context_of(facts, &holder));
                    let request = Request {
                        caller: &caller,
                        action: way.action,
                        resource: &sample,
                        owner: facts.account(),
                        context: &context,
                    };
                    let answer = authorize(&request, &layers);
                    let mut text: Vec<String> = answer.conditions.clone();
                    text.extend((!only.is_empty()).then(|| only.clone()));
                    if matches!(answer.decision, Decision::Allowed | Decision::Possible) {
                        let from = super::holder_node(&holder, out);
                        let condition = out.condition(&text.join(" and "));
                        out.edge(from, way.technique, node, statement.place)
                            .when(condition);
                    }
                    continue;
                }
                (None, Some(other), Some(caller)) if other != own => (
                    caller,
                    Some(format!("account {other}")),
                    Some(Pattern::Exact((**arn).into())),
                ),
                _ => continue,
            },
            _ => continue,
        };
        let mut context = super::nobody();
        caller.describe(&mut context);
        if statement
            .conditions
            .iter()
            .any(|one| one.holds(&context, &mut BTreeSet::new()) == Tri::No)
        {
            continue;
        }
        let mut text = statement.open_conditions(&context);
        text.extend((!only.is_empty()).then(|| only.clone()));
        text.extend(denied(bucket, way.action, &caller, &context));
        let condition = out.condition(&text.join(" and "));
        let certainty = if text.is_empty() {
            Certainty::Certain
        } else {
            Certainty::Conditional
        };
        if let Some(subject) = subject {
            out.accept(Accepted {
                by: node,
                gives: way.technique.gives,
                kind: "aws-call".into(),
                realm: way.action.into(),
                subject,
                audience: Vec::new(),
                certainty,
                condition,
                place: statement.place,
            });
        }
        if let Some(name) = outside {
            let from = out.node(&OUTSIDE, &name);
            out.edge(from, way.technique, node, statement.place)
                .when(condition);
            if name == INTERNET {
                let why = format!("the policy of bucket {} lets everyone in", bucket.name);
                out.entry(from, Foothold::Acts, why, statement.place);
                // The account's own identities need no right of theirs either; only a deny can refuse them.
                for kind in [&super::ROLE, &super::USER] {
                    let all = out.select(Over {
                        kind,
                        pattern: &Pattern::Any,
                        except: &[],
                    });
                    out.edge(all, way.technique, node, statement.place)
                        .when(condition)
                        .certainty(Certainty::Ask);
                }
            }
        }
    }
}

/// An object that a statement means, to ask about.
fn sample(header: &str, statement: &Statement, bucket: &str) -> String {
    let own = format!("{header}{bucket}/");
    let resources = statement.resources.iter().flat_map(|all| &all.list);
    let found = resources
        .map(ResourcePattern::text)
        .find(|text| text.starts_with(&*own));
    found.map_or(format!("{own}object"), |text| {
        text.replace('*', "object").replace('?', "o")
    })
}

/// The conditions under which a bucket's own denies leave a caller alone.
fn denied(bucket: &Bucket, action: &str, caller: &Caller, context: &Context) -> Vec<String> {
    let lower = action.to_ascii_lowercase();
    let statements = bucket.policy.iter().flat_map(|policy| &policy.statements);
    statements
        .filter(|one| one.effect == Effect::Deny && one.actions.matches(&lower))
        .filter(|one| {
            one.principals
                .as_ref()
                .is_some_and(|all| caller.denied_by(all, false, &|_| None) != Tri::No)
        })
        .filter(|one| {
            one.conditions
                .iter()
                .all(|clause| clause.holds(context, &mut BTreeSet::new()) != Tri::No)
        })
        .map(|one| {
            let open = one.open_conditions(context);
            let text = if open.is_empty() {
                one.label()
            } else {
                open.join(" and ")
            };
            format!("not ({text})")
        })
        .collect()
}

/// What an identity may do with one action to buckets' objects, bucket policies' denies taken off: cells over the ARNs
/// of buckets.
pub(super) fn cells<'p>(facts: &'p Facts, actor: &Actor<'p>, action: &str) -> Vec<Cell<'p>> {
    let header = &*facts.s3();
    let region = Region::of(&actor.layers, action, header, &actor.context);
    let lower = action.to_ascii_lowercase();
    let guarded: Vec<&Bucket> = facts
        .buckets
        .iter()
        .filter(|bucket| {
            bucket
                .policy
                .iter()
                .flat_map(|policy| &policy.statements)
                .any(|one| one.effect == Effect::Deny && one.actions.matches(&lower))
        })
        .collect();
    let mut all = Vec::new();
    for cell in region.0 {
        // Objects alone: what means a bucket by its exact name means none of its objects.
        if matches!(&cell.pattern, Pattern::Exact(name) if !name.contains('/')) {
            continue;
        }
        let over = |bucket: &str| {
            meet(
                &cell.pattern,
                &Pattern::Prefix(format!("{header}{bucket}/").into()),
            )
        };
        for bucket in &guarded {
            if over(&bucket.name) == Meet::Nothing {
                continue;
            }
            let mut one = cell.clone();
            let whole = Pattern::Prefix(format!("{header}{}/", bucket.name).into());
            one.pattern = match over(&bucket.name) {
                Meet::This(both) => both,
                Meet::Nothing | Meet::Unsure => {
                    one.ask = true;
                    whole
                }
            };
            let mut own = Region(vec![one]);
            guard(header, bucket, actor, &lower, &mut own);
            for mut one in own.0 {
                if one.except.iter().any(|except| covers(except, &one.pattern)) {
                    continue;
                }
                let partly = one
                    .except
                    .iter()
                    .filter(|except| meet(except, &one.pattern) != Meet::Nothing);
                let partly: Vec<String> = partly.map(|except| format!("not objects of {except}")).collect();
                one.conditions.extend(partly);
                if let Some(key) = one
                    .pattern
                    .to_string()
                    .strip_prefix(&*format!("{header}{}/", bucket.name))
                    && !all_keys(key)
                {
                    one.conditions.insert(format!("only objects {key}"));
                }
                one.pattern = Pattern::Exact(arn_of(facts, &bucket.name).into());
                one.except.clear();
                all.push(one);
            }
        }
        for mut wide in project(header, &cell) {
            let named = guarded
                .iter()
                .map(|bucket| Pattern::Exact(arn_of(facts, &bucket.name).into()));
            wide.except.extend(named);
            if wide.except.iter().any(|one| covers(one, &wide.pattern)) {
                continue;
            }
            wide.except
                .retain(|one| meet(one, &wide.pattern) != Meet::Nothing);
            all.push(wide);
        }
    }
    all
}

/// Takes a bucket's own denies off.
fn guard(header: &str, bucket: &Bucket, actor: &Actor<'_>, lower: &str, region: &mut Region<'_>) {
    let caller = actor.holder.caller();
    let bounded = actor.layers.boundary.is_some();
    for one in bucket.policy.iter().flat_map(|policy| &policy.statements) {
        if one.effect != Effect::Deny || !one.actions.matches(lower) {
            continue;
        }
        let Some(principals) = &one.principals else {
            continue;
        };
        let hit = caller.denied_by(principals, bounded, &|_| None);
        let fails = one
            .conditions
            .iter()
            .any(|clause| clause.holds(&actor.context, &mut BTreeSet::new()) == Tri::No);
        if hit == Tri::No || fails {
            continue;
        }
        let open = one.open_conditions(&actor.context);
        let certain = open.is_empty() && hit == Tri::Yes;
        let text = format!(
            "not ({})",
            if open.is_empty() {
                one.label()
            } else {
                open.join(" and ")
            }
        );
        match &one.resources {
            Some(resources) if !resources.not => {
                for (pattern, unsure) in resources
                    .list
                    .iter()
                    .filter_map(|one| one.within(header, &actor.context))
                {
                    region.lose(&Pattern::from_glob(&pattern), certain, unsure, &text);
                }
            }
            _ => region.0.iter_mut().for_each(|cell| cell.ask = true),
        }
    }
}

/// From objects to their buckets: a part of a bucket is a condition.
///
/// A wildcard runs over the slash behind a bucket's name, so `*2/*` means all objects of the buckets whose names end in
/// 2, and objects of every other bucket: that is two cells.
fn project<'p>(header: &str, cell: &Cell<'p>) -> Vec<Cell<'p>> {
    let text = cell.pattern.to_string();
    let rest = text.strip_prefix(header).unwrap_or(&text);
    let mut out = cell.clone();
    out.except.clear();
    for one in &cell.except {
        let text = one.to_string();
        let rest = text.strip_prefix(header).unwrap_or(&text);
        let (name, key) = named(rest);
        match key {
            Some(key) if all_keys(key) => out.except.push(Pattern::from_glob(&format!("{header}{name}"))),
            Some(key) => drop(out.conditions.insert(format!("not objects {key}"))),
            None => {}
        }
        if crosses(rest) {
            out.conditions.insert(format!("not objects of {rest}"));
        }
    }
    out.except.sort();
    out.except.dedup();
    let mut cells = Vec::new();
    let (name, key) = named(rest);
    if let Some(key) = key {
        let mut own = out.clone();
        own.pattern = match &cell.pattern {
            Pattern::Any => Pattern::Prefix(header.into()),
            _ => Pattern::from_glob(&format!("{header}{name}")),
        };
        if !all_keys(key) {
            own.conditions.insert(format!("only objects {key}"));
        }
        cells.push(own);
    }
    if crosses(rest) {
        let fixed = rest
            .find(['*', '?'])
            .and_then(|at| rest.get(..at))
            .unwrap_or_default();
        out.pattern = Pattern::Prefix(format!("{header}{fixed}").into());
        out.conditions.insert(format!("only objects of {rest}"));
        cells.push(out);
    }
    cells
}

/// The bucket's name and the objects' keys of a pattern; no keys where it means no object of a bucket of that name.
fn named(rest: &str) -> (&str, Option<&str>) {
    match rest.split_once('/') {
        Some((name, key)) => (name, Some(key)),
        // `bucket*` runs over the slash.
        None => (rest, rest.ends_with('*').then_some("*")),
    }
}

fn all_keys(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte == b'*')
}

/// Whether a wildcard in the bucket's part means objects of buckets beside those that the part names.
fn crosses(rest: &str) -> bool {
    let name = rest.split('/').next().unwrap_or_default();
    let Some(at) = name.find(['*', '?']) else {
        return false;
    };
    // `a*` and `a*/*` run over the slash too, to objects that they mean anyway.
    !matches!(rest.get(at..), Some("*" | "*/*"))
}

/// Writes one identity's.
pub(super) fn lower(facts: &Facts, actor: &Actor<'_>, out: &mut Lowering<'_>) {
    for way in &WAYS {
        for cell in cells(facts, actor, way.action) {
            call_others(facts, actor, way, &cell, out);
            cell_edge(
                out,
                actor.node,
                way.technique,
                &BUCKET,
                &cell,
                cell.statement.place,
            );
        }
    }
}

/// The half of calls to other accounts' buckets that is this account's: S3's names say no account, so every bucket
/// whose policy was not read here may be one.
fn call_others(
    facts: &Facts,
    actor: &Actor<'_>,
    way: &'static crate::techniques::BucketRow,
    cell: &Cell<'_>,
    out: &mut Lowering<'_>,
) {
    if let Pattern::Exact(name) = &cell.pattern
        && bucket_of(name).is_some_and(|name| facts.bucket(name).is_some())
    {
        return;
    }
    let header = facts.s3();
    let everything = cell.pattern.to_string() == format!("{header}*");
    let certainty = if cell.except.is_empty() {
        cell.certainty()
    } else {
        cell.certainty().max(Certainty::Ask)
    };
    out.present(Presented {
        by: actor.node,
        at: Foothold::Acts,
        kind: "aws-call".into(),
        realm: way.action.into(),
        subject: actor.holder.arn().into(),
        audience: Audience::None,
        towards: (!everything).then(|| cell.pattern.clone()),
        meant_for: None,
        certainty,
        condition: ConditionId(0),
        place: cell.statement.place,
    });
}
