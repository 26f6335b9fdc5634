//! `aws iam list-access-keys`: which key is whose. The keys themselves are in no document.

use super::broken;
use crate::facts::{AccessKey, Facts};
use foursee_core::document::{Document, Head, Many, Notes, Str, json_texts};
use foursee_core::layer::{Claim, ScopeClaim};
use serde::Deserialize;

pub(super) fn claim(head: &Head<'_>) -> Option<Claim> {
    // It names no account: the folder or the configuration says whose it is.
    head.has_key("AccessKeyMetadata")
        .then(|| Claim::state("access-keys", ScopeClaim::Unsaid))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Raw<'a> {
    access_key_metadata: Many<Key<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Key<'a> {
    user_name: Str<'a>,
    access_key_id: Str<'a>,
    status: Str<'a>,
}

pub(super) fn parse(document: &Document, notes: &mut Notes, facts: &mut Facts) {
    for text in json_texts(&document.text) {
        match serde_json::from_str::<Raw<'_>>(text) {
            Ok(raw) => facts
                .access_keys
                .extend(raw.access_key_metadata.iter().map(|key| AccessKey {
                    id: (*key.access_key_id).into(),
                    user: (*key.user_name).into(),
                    active: &*key.status == "Active",
                    place: document.place(&key.access_key_id),
                })),
            Err(error) => notes.gap(broken(&error, "access keys", "which access key is whose")),
        }
    }
}
