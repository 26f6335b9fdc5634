//! Which documents are recognised, and how they are filed. Never fails: what cannot be read is a gap.

mod access_keys;
mod bucket;
mod credential_report;
mod errors;
mod gaad;
mod instances;
mod organization;

use crate::facts::Facts;
use crate::policy::{Policy, parse as parse_policy};
use foursee_core::document::{Document, Format, Head, Notes, Place};
use foursee_core::layer::{Claim, DocumentKind, ScopeClaim};
use foursee_core::model::{Gap, Reason};
use serde_json::value::RawValue;

/// The kinds of documents that are read.
pub(crate) static KINDS: [DocumentKind; 6] = [
    DocumentKind {
        name: "gaad",
        made_by: "aws iam get-account-authorization-details",
    },
    DocumentKind {
        name: "credential-report",
        made_by: "aws iam generate-credential-report && aws iam get-credential-report",
    },
    DocumentKind {
        name: "organization-policies",
        made_by: "aws organizations list-policies --filter SERVICE_CONTROL_POLICY, and describe-policy and list-targets-for-policy for each",
    },
    DocumentKind {
        name: "access-keys",
        made_by: "aws iam list-access-keys --user-name NAME",
    },
    DocumentKind {
        name: "instances",
        made_by: "aws ec2 describe-instances",
    },
    DocumentKind {
        name: "bucket-policy",
        made_by: "aws s3api get-bucket-policy --bucket NAME",
    },
];

/// Whether a document is of this layer, by its content.
pub(crate) fn recognise(head: &Head<'_>) -> Option<Claim> {
    match head.format() {
        Format::JsonObject | Format::JsonArray => {
            if let Some(claim) = organization::claim(head) {
                return Some(claim);
            }
            if let Some(claim) = gaad::claim(head) {
                return Some(claim);
            }
            let keys = || access_keys::claim(head);
            credential_report::claim_json(head)
                .or_else(keys)
                .or_else(|| instances::claim(head))
                .or_else(|| bucket::claim(head))
        }
        Format::Text => credential_report::claim_csv(head).or_else(|| errors::claim(head)),
        _ => None,
    }
}

/// One document's facts.
pub(crate) fn parse(document: &Document, notes: &mut Notes) -> Facts {
    let mut facts = Facts::default();
    let begins = document.text.trim_start().bytes().next();
    if !matches!(begins, Some(b'{' | b'[')) && errors::parse(document, notes, &mut facts) {
        return facts;
    }
    match document.kind {
        "credential-report" => credential_report::parse(document, notes, &mut facts),
        "organization-policies" => organization::parse(document, notes, &mut facts),
        "access-keys" => access_keys::parse(document, notes, &mut facts),
        "instances" => instances::parse(document, notes, &mut facts),
        "bucket-policy" => bucket::parse(document, notes, &mut facts),
        _ => gaad::parse(document, notes, &mut facts),
    }
    facts
}

/// A policy document of an export. One that cannot be read stays, as one that may say anything, beside a gap.
fn policy_of(
    raw: Option<&RawValue>,
    what: &str,
    place: Place,
    document: &Document,
    notes: &mut Notes,
) -> Policy {
    let read = match raw {
        Some(raw) => {
            parse_policy(raw.get(), Some(document), document.place(raw.get())).map_err(|flaw| flaw.0)
        }
        None => Err("the export does not hold it".to_owned()),
    };
    let place = raw.map_or(place, |raw| document.place(raw.get()));
    let (policy, reason) = match read {
        Ok(policy) if policy.flaws.is_empty() => return policy,
        Ok(policy) => {
            let why = policy.flaws.join("; ");
            (policy, why)
        }
        Err(why) => (Policy::unread(why.clone()), why),
    };
    notes.gap(
        Gap::new(Reason::Malformed, what)
            .facet(format!("its policy document: {reason}"))
            .hides("what it allows and denies; it is taken as one that may do either")
            .closes("an export in which the document is whole")
            .at(place),
    );
    policy
}

/// The gap of a JSON text that broke.
fn broken(error: &serde_json::Error, what: &str, hides: &str) -> Gap {
    let reason = if error.is_eof() {
        Reason::Truncated
    } else {
        Reason::Malformed
    };
    Gap::new(reason, what)
        .facet(format!("from line {} column {} on", error.line(), error.column()))
        .hides(hides)
        .closes("a whole export")
}

/// The first account that an ARN of the text names, under a key that names the thing itself.
fn account_of_key(text: &str, key: &str) -> Option<String> {
    let needle = format!("\"{key}\"");
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&*needle) {
        rest = after;
        let value = after
            .trim_start()
            .strip_prefix(':')
            .map(str::trim_start)
            .and_then(|value| value.strip_prefix('"'));
        let arn = value
            .and_then(|value| value.split('"').next())
            .unwrap_or_default();
        if let Some(account) = crate::authorize::account_of(arn) {
            return Some(account.to_owned());
        }
    }
    None
}

/// One account's scope, or unsaid.
fn scope(account: Option<String>) -> ScopeClaim {
    account.map_or(ScopeClaim::Unsaid, ScopeClaim::One)
}
