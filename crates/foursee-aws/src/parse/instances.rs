//! `aws ec2 describe-instances`: which instance has which instance profile, and how far its metadata service answers.

use super::{broken, scope};
use crate::facts::{Facts, Instance};
use foursee_core::document::{Document, Head, Many, Notes, Str, json_texts};
use foursee_core::layer::Claim;
use foursee_core::model::{Gap, Reason};
use serde::Deserialize;

pub(super) fn claim(head: &Head<'_>) -> Option<Claim> {
    if !head.has_key("Reservations") {
        return None;
    }
    let owner = head
        .get("/Reservations/0/OwnerId")
        .filter(|owner| owner.len() == 12 && owner.bytes().all(|one| one.is_ascii_digit()));
    Some(Claim::state("instances", scope(owner.map(str::to_owned))))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Raw<'a> {
    reservations: Many<Reservation<'a>>,
    #[serde(default)]
    next_token: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Reservation<'a> {
    instances: Many<RawInstance<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct RawInstance<'a> {
    instance_id: Str<'a>,
    iam_instance_profile: Option<Profile<'a>>,
    metadata_options: Option<Options<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Profile<'a> {
    arn: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Options<'a> {
    http_tokens: Str<'a>,
    http_put_response_hop_limit: Option<u32>,
    http_endpoint: Str<'a>,
}

pub(super) fn parse(document: &Document, notes: &mut Notes, facts: &mut Facts) {
    for text in json_texts(&document.text) {
        let raw = match serde_json::from_str::<Raw<'_>>(text) {
            Ok(raw) => raw,
            Err(error) => {
                notes.gap(broken(&error, "instances", "which instance has which role"));
                continue;
            }
        };
        if !raw.next_token.is_empty() {
            notes.gap(
                Gap::new(Reason::Truncated, "further pages of aws ec2 describe-instances")
                    .hides("which instances they list, and with which roles")
                    .closes("aws ec2 describe-instances without --max-items")
                    .at(document.place(&raw.next_token)),
            );
        }
        for one in raw.reservations.iter().flat_map(|one| one.instances.iter()) {
            let Some(profile) = one
                .iam_instance_profile
                .as_ref()
                .filter(|one| !one.arn.is_empty())
            else {
                continue;
            };
            let options = one.metadata_options.as_ref();
            facts.instances.push(Instance {
                id: (*one.instance_id).into(),
                profile: (*profile.arn).into(),
                served: options.map(|one| &*one.http_endpoint != "disabled"),
                // Only an answer to a request for a token counts hops, and without tokens nobody asks for one.
                hops: options.and_then(|one| {
                    if &*one.http_tokens == "optional" {
                        Some(u32::MAX)
                    } else {
                        one.http_put_response_hop_limit
                    }
                }),
                place: document.place(&one.instance_id),
            });
        }
    }
}
