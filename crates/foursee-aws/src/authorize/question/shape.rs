//! Questions as they are read, answers as they are written: the names are AWS's.

use foursee_core::document::{Many, Str};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Question<'a> {
    pub(super) policy_source_arn: Str<'a>,
    pub(super) policy_input_list: Vec<&'a RawValue>,
    pub(super) permissions_boundary_policy_input_list: Option<Vec<&'a RawValue>>,
    pub(super) resource_policy: Option<&'a RawValue>,
    pub(super) resource_owner: Str<'a>,
    pub(super) caller_arn: Str<'a>,
    pub(super) action_names: Many<Str<'a>>,
    pub(super) resource_arns: Many<Str<'a>>,
    pub(super) context_entries: Vec<Entry<'a>>,
    pub(super) ordered_organization_policy_input_list: Option<Vec<Level<'a>>>,
    pub(super) service_control_policies: Option<Vec<Vec<&'a RawValue>>>,
    pub(super) resource_control_policies: Option<Vec<Vec<&'a RawValue>>>,
    pub(super) session_policies: Option<Vec<&'a RawValue>>,
    pub(super) vpc_endpoint_policies: Option<Vec<&'a RawValue>>,
    pub(super) policy_exclusion_list: Vec<Exclusion<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Entry<'a> {
    pub(super) context_key_name: Str<'a>,
    pub(super) context_key_values: Many<Str<'a>>,
    pub(super) context_key_type: Str<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Level<'a> {
    pub(super) service_control_policy_input_list: Vec<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Exclusion<'a> {
    pub(super) policy_type: Str<'a>,
    pub(super) policy_arn: Str<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Answers<'a> {
    pub(super) evaluation_results: Vec<Result_<'a>>,
    pub(super) is_truncated: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Result_<'a> {
    pub(super) eval_action_name: &'a str,
    pub(super) eval_resource_name: &'a str,
    pub(super) eval_decision: &'static str,
    pub(super) matched_statements: Vec<Matched<'a>>,
    pub(super) missing_context_values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) organizations_decision_detail: Option<ByOrganizations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) permissions_boundary_decision_detail: Option<ByBoundary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) eval_decision_details: Option<BTreeMap<&'static str, &'static str>>,
    pub(super) resource_specific_results: Vec<Specific<'a>>,
    pub(super) decision: &'static str,
    pub(super) layers: BTreeMap<&'static str, &'static str>,
    pub(super) blocked_by: Vec<&'static str>,
    pub(super) conditions: Vec<String>,
}

#[derive(Serialize, Clone)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Specific<'a> {
    pub(super) eval_resource_name: &'a str,
    pub(super) eval_resource_decision: &'static str,
    pub(super) matched_statements: Vec<Matched<'a>>,
    pub(super) missing_context_values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) eval_decision_details: Option<BTreeMap<&'static str, &'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) permissions_boundary_decision_detail: Option<ByBoundary>,
    pub(super) decision: &'static str,
    pub(super) layers: BTreeMap<&'static str, &'static str>,
    pub(super) blocked_by: Vec<&'static str>,
    pub(super) conditions: Vec<String>,
}

#[derive(Serialize, Clone, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Matched<'a> {
    pub(super) source_policy_id: &'a str,
    pub(super) source_policy_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_position: Option<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_position: Option<Position>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) sid: &'a str,
}

/// A place in a policy of the question, from 1.
#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The texts of a question's policies, by what answers call them.
#[derive(Default)]
pub(super) struct Originals<'a>(pub(super) BTreeMap<String, Cow<'a, str>>);

impl Originals<'_> {
    pub(super) fn position(&self, id: &str, at: u32) -> Option<Position> {
        let before = self.0.get(id)?.get(..at as usize)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Some(Position { line, column })
    }
}

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ByOrganizations {
    pub(super) allowed_by_organizations: bool,
}

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ByBoundary {
    pub(super) allowed_by_permissions_boundary: bool,
}
