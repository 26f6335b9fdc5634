//! Lines of aws-auth: the user names and groups that AWS principals come in with.
//!
//! A line is compared with the caller's ARN as a session says it, without case and without its role's path; roles before
//! users; and an access entry of the same principal comes first. Source: aws-iam-authenticator,
//! pkg/mapper/configmap/mapper.go:Map.

use super::entries::SESSION;
use super::template::{Names, names_of};
use crate::authorize::eks::{account_of, entries_count};
use crate::facts::{AwsAuth, Facts};
use crate::lower::user_node;
use crate::techniques::*;
use foursee_core::document::Place;
use foursee_core::estate::{Accepted, Lowering, Over};
use foursee_core::layer::{Holds, Hop};
use foursee_core::model::{Certainty, ConditionId, Foothold, Kind, NodeId, Pattern};
use std::collections::BTreeMap;

/// Under which condition the authenticator compares an `sso` item, or an ARN with a wildcard.
const MATCHING: &str = "the cluster's authenticator matches patterns of role ARNs";

/// Whether aws-auth is read at all.
pub(crate) fn aws_auth_counts(facts: &Facts) -> bool {
    !facts.eks.iter().any(|eks| &*eks.authentication_mode == "API")
}

/// The user name of a line; may be a template.
fn username(line: &AwsAuth) -> &str {
    if line.username.is_empty() {
        &line.arn
    } else {
        &line.username
    }
}

/// Whether no session is ever what a line says: a session's ARN has no path.
pub(crate) fn never_matches(line: &AwsAuth) -> bool {
    line.arn
        .split_once(":role/")
        .is_some_and(|(_, name)| name.contains('/'))
}

/// The callers that a line means, and under which condition.
fn callers(facts: &Facts, line: &AwsAuth) -> Option<(Pattern, Option<&'static str>)> {
    if never_matches(line) || (entries_count(facts) && facts.access.entry(facts, &line.arn).is_some()) {
        return None;
    }
    let lower = line.arn.to_lowercase();
    if lower.contains(['*', '?']) {
        return Some((Pattern::Glob(lower.into()), Some(MATCHING)));
    }
    Some((Pattern::Exact(lower.into()), None))
}

/// Whether lines that share a user name have other groups: the groups are the line's, and not the name's.
fn ambiguous(facts: &Facts) -> BTreeMap<&str, bool> {
    let mut groups: BTreeMap<&str, &[Box<str>]> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for line in &facts.aws_auth {
        let first = *groups.entry(username(line)).or_insert(&line.groups);
        *found.entry(username(line)).or_insert(false) |= *first != *line.groups;
    }
    found
}

fn comes_as(line: &AwsAuth) -> String {
    format!("it comes in as {}", line.arn)
}

pub(super) fn lower(facts: &Facts, out: &mut Lowering<'_>) {
    if !aws_auth_counts(facts) {
        return;
    }
    let ambiguous = ambiguous(facts);
    for line in &facts.aws_auth {
        let name = username(line);
        let account = account_of(&line.arn);
        let (kind, own) = user_node(name);
        let user = out.node(kind, &own);
        let shared = ambiguous.get(name).copied().unwrap_or(false);
        // Each group is a statement of its own: a byte of the line's ARN stands for it.
        for (at, group) in (1..).zip(&line.groups) {
            let place = Place {
                at: line.place.at.saturating_add(at),
                ..line.place
            };
            let mut conditions: Vec<String> = Vec::new();
            if shared {
                conditions.push(comes_as(line));
            }
            member(
                user,
                &GROUP,
                &names_of(group, account),
                &mut conditions,
                place,
                out,
            );
        }
        let names = names_of(name, account);
        if names != Names::One(name.to_owned()) {
            member(user, &USER, &names, &mut Vec::new(), line.place, out);
        }
        if let Some((subject, condition)) = callers(facts, line) {
            let certainty = if condition.is_some() {
                Certainty::Conditional
            } else {
                Certainty::Certain
            };
            let condition = condition.map_or(ConditionId(0), |text| out.condition(text));
            accept(
                user,
                "aws-session",
                subject,
                (certainty, condition),
                line.place,
                out,
            );
        }
    }
    accounts(facts, out);
}

/// An edge to what a template can become.
fn member(
    from: NodeId,
    kind: &'static Kind,
    names: &Names,
    conditions: &mut Vec<String>,
    place: Place,
    out: &mut Lowering<'_>,
) {
    let to = match names {
        Names::One(name) => out.node(kind, name),
        Names::Some { pattern, except } => {
            conditions.push(SESSION.to_owned());
            out.select(Over {
                kind,
                pattern,
                except,
            })
        }
    };
    if from != to {
        let condition = out.condition(&conditions.join(" and "));
        out.member(from, to, place).when(condition);
    }
}

fn accept(
    by: NodeId,
    kind: &str,
    subject: Pattern,
    (certainty, condition): (Certainty, ConditionId),
    place: Place,
    out: &mut Lowering<'_>,
) {
    out.accept(Accepted {
        by,
        gives: Foothold::Acts,
        kind: kind.into(),
        realm: "aws".into(),
        subject,
        audience: Vec::new(),
        certainty,
        condition,
        place,
    });
}

/// The principals of an account of mapAccounts that a role binding names: roles without their path.
fn principals(arn: &str) -> Vec<Pattern> {
    let mut all = vec![Pattern::Exact(arn.into())];
    if let Some((before, name)) = arn.split_once(":role/") {
        all.push(Pattern::Glob(format!("{before}:role/*/{name}").into()));
    }
    all
}

/// Whether some account of mapAccounts lets that ARN in as a user of its own name.
fn mapped(facts: &Facts, arn: &str) -> bool {
    arn.starts_with("arn:")
        && facts.aws.accounts.iter().any(|(id, _)| **id == *account_of(arn))
        && !facts
            .aws_auth
            .iter()
            .any(|line| line.arn.eq_ignore_ascii_case(arn))
        && !(entries_count(facts) && facts.access.entry(facts, arn).is_some())
}

/// Accounts of mapAccounts: everybody there is authenticated, and is what bindings give to its ARN.
fn accounts(facts: &Facts, out: &mut Lowering<'_>) {
    let sure = (Certainty::Certain, ConditionId(0));
    if facts.index.group_is_bound("system:authenticated") {
        for (account, place) in &facts.aws.accounts {
            let group = out.node(&GROUP, "system:authenticated");
            let all = Pattern::Glob(format!("arn:*:iam::{account}:*").into());
            accept(group, "aws-principal", all, sure, *place, out);
        }
    }
    let mut done: BTreeMap<&str, ()> = BTreeMap::new();
    for binding in &facts.bindings {
        for subject in binding.subjects.iter().filter(|one| &*one.kind == "User") {
            if !mapped(facts, &subject.name) || done.insert(&subject.name, ()).is_some() {
                continue;
            }
            let user = out.node(&USER, &subject.name);
            for pattern in principals(&subject.name) {
                accept(user, "aws-principal", pattern, sure, subject.place, out);
            }
        }
    }
}

/// Whether a hop of a line holds.
pub(super) fn holds(facts: &Facts, hop: &Hop<'_>) -> Option<Holds> {
    match (hop.technique, hop.credential) {
        ("core-accepts", Some(credential)) if aws_auth_counts(facts) => {
            let name = hop.to.name;
            let by_account = credential.kind == "aws-principal"
                && match hop.to.kind {
                    "user" => {
                        mapped(facts, name)
                            && principals(name).iter().any(|one| one.matches(credential.subject))
                    }
                    "group" => facts
                        .aws
                        .accounts
                        .iter()
                        .any(|(id, _)| **id == *account_of(credential.subject)),
                    _ => false,
                };
            if by_account {
                return Some(Holds::Yes);
            }
            let conditions = facts.aws_auth.iter().filter_map(|line| {
                let (pattern, condition) = callers(facts, line)?;
                let fits = credential.kind == "aws-session"
                    && user_node(username(line)).1 == name
                    && pattern.matches(credential.subject);
                fits.then_some(condition)
            });
            Some(match conditions.min() {
                Some(None) => Holds::Yes,
                Some(Some(condition)) => Holds::If(condition.to_owned()),
                None => Holds::No(format!("aws-auth does not map that principal to {name}")),
            })
        }
        ("core-member", _) if aws_auth_counts(facts) && matches!(hop.to.kind, "user" | "group") => {
            let lines = facts
                .aws_auth
                .iter()
                .filter(|line| user_node(username(line)).1 == hop.from.name);
            let ambiguous = ambiguous(facts);
            let all = lines.filter_map(|line| {
                let account = account_of(&line.arn);
                let own = |template: &str| {
                    let names = names_of(template, account);
                    names.hold(hop.to.name).then_some(names)
                };
                let (found, shared) = if hop.to.kind == "user" {
                    (own(username(line))?, false)
                } else {
                    let shared = ambiguous.get(username(line)).copied().unwrap_or(false);
                    (line.groups.iter().find_map(|group| own(group))?, shared)
                };
                Some(match (found, shared) {
                    (Names::Some { .. }, _) => Holds::If(SESSION.to_owned()),
                    (Names::One(_), true) => Holds::If(comes_as(line)),
                    (Names::One(_), false) => Holds::Yes,
                })
            });
            all.into_iter().next()
        }
        _ => None,
    }
}
