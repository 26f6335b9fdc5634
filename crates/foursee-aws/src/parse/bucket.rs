//! `aws s3api get-bucket-policy`: `{"Policy": "{...}"}`. The bucket is read from the policy's own resources, or from a
//! field `Bucket` beside it.

use super::{account_of_key, broken, policy_of, scope};
use crate::facts::{Bucket, Facts, bucket_of};
use crate::policy::ResourcePattern;
use foursee_core::document::{Document, Head, Notes, Str, json_texts};
use foursee_core::layer::Claim;
use foursee_core::model::{Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) fn claim(head: &Head<'_>) -> Option<Claim> {
    let text = head.get("/Policy");
    let string = text.is_some_and(|text| text.contains("Statement") && text.contains(":s3:::"));
    let object = text.is_none()
        && head.has_key("Policy")
        && head
            .scalars()
            .any(|(at, value)| at.starts_with("/Policy/Statement") && value.contains(":s3:::"));
    if !string && !object {
        return None;
    }
    // The principals of a policy are often of other accounts: only what names the owner says whose it is.
    let owner = head
        .get("/ExpectedBucketOwner")
        .or_else(|| head.get("/Owner"))
        .map(str::to_owned);
    Some(Claim::state(
        "bucket-policy",
        scope(owner.or_else(|| account_of_key(head.text(), "BucketOwnerArn"))),
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
struct Raw<'a> {
    policy: &'a RawValue,
    #[serde(default)]
    bucket: Str<'a>,
}

pub(super) fn parse(document: &Document, notes: &mut Notes, facts: &mut Facts) {
    for text in json_texts(&document.text) {
        let raw: Raw<'_> = match serde_json::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                notes.gap(broken(
                    &error,
                    "bucket policy",
                    "whom the bucket's own policy lets in",
                ));
                continue;
            }
        };
        let place = document.place(raw.policy.get());
        let policy = policy_of(Some(raw.policy), "bucket policy", place, document, notes);
        let resources = policy.statements.iter().filter_map(|one| one.resources.as_ref());
        let mut named: Vec<String> = resources
            .flat_map(|resources| resources.list.iter().map(ResourcePattern::text))
            .filter_map(bucket_of)
            .filter(|name| !name.contains(['*', '?', '$']))
            .map(str::to_owned)
            .collect();
        if !raw.bucket.is_empty() {
            named = vec![raw.bucket.to_string()];
        }
        named.sort();
        named.dedup();
        match named.as_slice() {
            [one] => facts.buckets.push(Bucket {
                name: one.as_str().into(),
                policy: Some(policy),
                place,
            }),
            names => notes.gap(
                Gap::new(Reason::Ambiguous, "bucket policy")
                    .facet(format!("whose it is: its resources name {} buckets", names.len()))
                    .hides("which bucket it opens or closes")
                    .closes("a field `Bucket` with the bucket's name beside `Policy`")
                    .at(place),
            ),
        }
    }
}
