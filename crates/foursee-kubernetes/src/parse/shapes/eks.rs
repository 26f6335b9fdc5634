//! What the `aws eks` commands print.

use foursee_core::document::{Many, Str};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// `describe-access-entry`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct EntryDocument<'a> {
    #[serde(borrow)]
    pub access_entry: EntryShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct EntryShape<'a> {
    #[serde(borrow)]
    pub cluster_name: Str<'a>,
    #[serde(borrow)]
    pub principal_arn: Str<'a>,
    #[serde(borrow)]
    pub kubernetes_groups: Many<Str<'a>>,
    #[serde(borrow)]
    pub username: Str<'a>,
    #[serde(borrow, rename = "type")]
    pub sort: Str<'a>,
}

/// `list-access-entries`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct EntriesDocument<'a> {
    #[serde(borrow)]
    pub access_entries: Many<Str<'a>>,
    #[serde(borrow)]
    pub next_token: Str<'a>,
}

/// `list-associated-access-policies`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct PoliciesDocument<'a> {
    #[serde(borrow)]
    pub cluster_name: Str<'a>,
    #[serde(borrow)]
    pub principal_arn: Str<'a>,
    #[serde(borrow)]
    pub associated_access_policies: Many<PolicyShape<'a>>,
    #[serde(borrow)]
    pub next_token: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct PolicyShape<'a> {
    #[serde(borrow)]
    pub policy_arn: Str<'a>,
    #[serde(borrow)]
    pub access_scope: ScopeShape<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct ScopeShape<'a> {
    #[serde(borrow, rename = "type")]
    pub sort: Str<'a>,
    #[serde(borrow)]
    pub namespaces: Many<Str<'a>>,
}

/// `list-pod-identity-associations` and `describe-pod-identity-association`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct AssociationsDocument<'a> {
    #[serde(borrow)]
    pub associations: Many<AssociationShape<'a>>,
    #[serde(borrow)]
    pub association: Option<AssociationShape<'a>>,
    #[serde(borrow)]
    pub next_token: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct AssociationShape<'a> {
    #[serde(borrow)]
    pub cluster_name: Str<'a>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
    #[serde(borrow)]
    pub service_account: Str<'a>,
    #[serde(borrow)]
    pub role_arn: Str<'a>,
    #[serde(borrow)]
    pub association_arn: Str<'a>,
    #[serde(borrow)]
    pub association_id: Str<'a>,
    #[serde(borrow)]
    pub target_role_arn: Str<'a>,
    pub disable_session_tags: Option<bool>,
    pub policy: Option<IgnoredAny>,
}
