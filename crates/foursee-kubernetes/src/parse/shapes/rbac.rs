//! Roles, bindings and service accounts.

use super::{MetaShape, Pairs};
use foursee_core::document::{Many, Str};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct RoleShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub rules: Many<RuleShape<'a>>,
    #[serde(borrow)]
    pub aggregation_rule: Option<AggregationShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct AggregationShape<'a> {
    #[serde(borrow)]
    pub cluster_role_selectors: Many<SelectorShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct SelectorShape<'a> {
    #[serde(borrow)]
    pub match_labels: Pairs<'a>,
    #[serde(borrow)]
    pub match_expressions: Many<RequirementShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::parse) struct RequirementShape<'a> {
    #[serde(borrow)]
    pub key: Str<'a>,
    #[serde(borrow)]
    pub operator: Str<'a>,
    #[serde(borrow)]
    pub values: Many<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RuleShape<'a> {
    #[serde(borrow)]
    pub verbs: Many<Str<'a>>,
    #[serde(borrow)]
    pub api_groups: Many<Str<'a>>,
    #[serde(borrow)]
    pub resources: Many<Str<'a>>,
    #[serde(borrow)]
    pub resource_names: Many<Str<'a>>,
    #[serde(borrow, rename = "nonResourceURLs")]
    pub non_resource_urls: Many<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct BindingShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    #[serde(borrow)]
    pub role_ref: RoleRefShape<'a>,
    #[serde(borrow)]
    pub subjects: Many<SubjectShape<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct RoleRefShape<'a> {
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct SubjectShape<'a> {
    #[serde(borrow)]
    pub kind: Str<'a>,
    #[serde(borrow)]
    pub name: Str<'a>,
    #[serde(borrow)]
    pub namespace: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::parse) struct AccountShape<'a> {
    #[serde(borrow)]
    pub metadata: MetaShape<'a>,
    pub automount_service_account_token: Option<bool>,
}
