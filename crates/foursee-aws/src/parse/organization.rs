//! Organisation policies: `aws organizations list-policies` and `describe-policy` as printed, and one combined list of
//! `{"Policy": {"PolicySummary": {...}, "Content": "..."}, "Targets": [...]}`.

use super::{broken, policy_of};
use crate::facts::{Facts, OrganizationKind, OrganizationPolicy};
use foursee_core::document::{Document, Head, Many, Notes, Str, json_texts};
use foursee_core::layer::{Claim, ScopeClaim};
use foursee_core::model::{Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

pub(super) fn claim(head: &Head<'_>) -> Option<Claim> {
    let is_policy = |value: &str| value.contains(":organizations:") && value.contains(":policy/");
    let known = head
        .scalars()
        .any(|(at, value)| at.ends_with("/Arn") && is_policy(value));
    if !known {
        return None;
    }
    // The accounts that it names as targets; AWS attaches FullAWSAccess to each, so all of an organisation are named.
    // A document that names none binds whichever accounts there are.
    let mut accounts = BTreeSet::new();
    for part in head.text().split("\"TargetId\"").skip(1) {
        let id = part.split('"').nth(1).unwrap_or_default();
        if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) {
            accounts.insert(id.to_owned());
        }
    }
    let scope = ScopeClaim::Shared(accounts.into_iter().collect());
    Some(Claim::state("organization-policies", scope))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Entry<'a> {
    policy: Option<RawPolicy<'a>>,
    targets: Option<Many<Target<'a>>>,
    policies: Option<Many<&'a RawValue>>,
    // A summary, as list-policies has it.
    id: Str<'a>,
    arn: Str<'a>,
    name: Str<'a>,
    #[serde(rename = "Type")]
    kind: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct RawPolicy<'a> {
    policy_summary: Summary<'a>,
    content: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Summary<'a> {
    id: Str<'a>,
    arn: Str<'a>,
    name: Str<'a>,
    #[serde(rename = "Type")]
    kind: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Target<'a> {
    target_id: Str<'a>,
}

pub(super) fn parse(document: &Document, notes: &mut Notes, facts: &mut Facts) {
    for text in json_texts(&document.text) {
        let list: Result<Many<&RawValue>, _> = if text.starts_with('[') {
            serde_json::from_str(text).map(Many)
        } else {
            serde_json::from_str(text).map(|one| Many(vec![one]))
        };
        match list {
            Ok(list) => list.iter().enumerate().for_each(|(index, raw)| {
                if let (true, Some(at)) = (text.starts_with('['), document.offset(raw.get())) {
                    notes.landmarks.item("", index, at);
                }
                entry(raw, document, notes, facts, 0);
            }),
            Err(error) => notes.gap(broken(
                &error,
                "organization policies",
                "what the organisation forbids this account",
            )),
        }
    }
}

fn entry(raw: &RawValue, document: &Document, notes: &mut Notes, facts: &mut Facts, depth: u8) {
    let one: Entry<'_> = match serde_json::from_str(raw.get()) {
        Ok(one) => one,
        Err(error) => {
            let gap = broken(
                &error,
                "an organization policy",
                "what the organisation forbids this account",
            );
            notes.gap(gap.at(document.place(raw.get())));
            return;
        }
    };
    if let Some(list) = &one.policies {
        if depth == 0 {
            list.iter().for_each(|raw| entry(raw, document, notes, facts, 1));
        }
        return;
    }
    let targets = one.targets.map(|all| {
        all.iter()
            .map(|target| (*target.target_id).into())
            .collect::<Vec<Box<str>>>()
    });
    let (summary, content) = match one.policy {
        Some(policy) => (policy.policy_summary, policy.content),
        None => (
            Summary {
                id: one.id,
                arn: one.arn,
                name: one.name,
                kind: one.kind,
            },
            None,
        ),
    };
    let kind = match &*summary.kind {
        "SERVICE_CONTROL_POLICY" => OrganizationKind::Scp,
        "RESOURCE_CONTROL_POLICY" => OrganizationKind::Rcp,
        other => {
            notes.gap(
                Gap::new(
                    Reason::Unsupported,
                    format!("organization policy {}", &*summary.name),
                )
                .facet(format!("its type `{other}`"))
                .hides("nothing about access: such policies neither allow nor deny calls")
                .closes("nothing; it is outside what is evaluated")
                .at(document.place(raw.get())),
            );
            return;
        }
    };
    let place = match document.offset(&summary.arn) {
        Some(_) => document.place(&summary.arn),
        None => document.place(raw.get()),
    };
    let what = format!("organization policy {}", &*summary.name);
    let policy = content.map(|content| policy_of(Some(content), &what, place, document, notes));
    facts.organization.push(OrganizationPolicy {
        id: (*summary.id).into(),
        arn: (*summary.arn).into(),
        name: (*summary.name).into(),
        kind,
        policy,
        targets,
        place,
    });
}
