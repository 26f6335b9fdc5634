//! The credential report: the CSV itself, or the CLI's JSON with the CSV in base64.

use super::scope;
use crate::facts::{CredentialRow, Facts, KeyRow};
use crate::policy::base64;
use foursee_core::document::{Document, Head, Notes, Place, Str, json_texts};
use foursee_core::layer::Claim;
use foursee_core::model::{Gap, Reason, Time};
use serde::Deserialize;

const BEGINS: &str = "user,arn,user_creation_time";

pub(super) fn claim_csv(head: &Head<'_>) -> Option<Claim> {
    let text = head.text().trim_start();
    text.starts_with(BEGINS)
        .then(|| Claim::state("credential-report", scope(account(text))))
}

pub(super) fn claim_json(head: &Head<'_>) -> Option<Claim> {
    let content = head.get("/Content")?;
    let text = String::from_utf8(base64(content)?).ok()?;
    text.trim_start()
        .starts_with(BEGINS)
        .then(|| Claim::state("credential-report", scope(account(&text))))
}

fn account(text: &str) -> Option<String> {
    text.lines().skip(1).find_map(|line| {
        line.split(',')
            .nth(1)
            .and_then(crate::authorize::account_of)
            .map(str::to_owned)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Report<'a> {
    content: Str<'a>,
}

pub(super) fn parse(document: &Document, notes: &mut Notes, facts: &mut Facts) {
    let text = document.text.trim_start();
    if !text.starts_with('{') {
        rows(
            text,
            |at| document.at(document.text.len() - text.len() + at),
            notes,
            facts,
        );
        return;
    }
    for one in json_texts(&document.text) {
        let report: Result<Report<'_>, _> = serde_json::from_str(one);
        let content = report.ok().and_then(|report| {
            let place = document.place(&report.content);
            Some((String::from_utf8(base64(&report.content)?).ok()?, place))
        });
        match content {
            Some((csv, place)) => rows(&csv, |_| place, notes, facts),
            None => notes.gap(
                Gap::new(Reason::Malformed, "credential report")
                    .facet("its content, which is not base64 text")
                    .hides("the age and use of passwords and access keys")
                    .closes("aws iam get-credential-report")
                    .at(document.place(one)),
            ),
        }
    }
}

fn rows(text: &str, place: impl Fn(usize) -> Place, notes: &mut Notes, facts: &mut Facts) {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| headers.iter().position(|one| one.trim() == name);
    let needed = [
        "arn",
        "password_enabled",
        "mfa_active",
        "access_key_1_active",
        "access_key_1_last_rotated",
    ];
    for name in needed.iter().filter(|name| column(name).is_none()) {
        notes.gap(
            Gap::new(Reason::Unsupported, "credential report")
                .facet(format!("column {name}, which is not there"))
                .hides("what it says of each user")
                .closes("aws iam get-credential-report"),
        );
    }
    let before = facts.credentials.len();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                notes.gap(
                    Gap::new(Reason::Malformed, "credential report")
                        .facet(error.to_string())
                        .hides("what it says of a user")
                        .closes("aws iam get-credential-report"),
                );
                continue;
            }
        };
        let at = record
            .position()
            .and_then(|position| usize::try_from(position.byte()).ok())
            .unwrap_or(0);
        let field = |name: &str| {
            column(name)
                .and_then(|at| record.get(at))
                .map(str::trim)
                .unwrap_or_default()
        };
        let yes = |name: &str| field(name).eq_ignore_ascii_case("true");
        let key = |number: u8| KeyRow {
            active: yes(&format!("access_key_{number}_active")),
            rotated: Time::parse(field(&format!("access_key_{number}_last_rotated"))),
            used: Time::parse(field(&format!("access_key_{number}_last_used_date"))),
        };
        if field("arn").is_empty() || record.len() < headers.len() {
            notes.gap(
                Gap::new(
                    Reason::Truncated,
                    format!("credential report, user {}", field("user")),
                )
                .facet("the rest of its row")
                .hides("the age and use of its password and access keys")
                .closes("aws iam get-credential-report")
                .at(place(at)),
            );
            if field("arn").is_empty() {
                continue;
            }
        }
        facts.credentials.push(CredentialRow {
            arn: field("arn").into(),
            password: yes("password_enabled"),
            mfa: yes("mfa_active"),
            keys: [key(1), key(2)],
            place: place(at),
        });
    }
    if facts.credentials.len() == before {
        // Every account has at least its root user.
        notes.gap(
            Gap::new(Reason::Truncated, "credential report")
                .facet("all of its rows")
                .hides("the age and use of passwords and access keys")
                .closes("aws iam get-credential-report")
                .at(place(0)),
        );
    }
}
